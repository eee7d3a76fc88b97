"""Loads the rule book: the packaged rule files, then the operator's own over them."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.rule_format import parse_rule_file
from shoptui.domain.rule_types import RuleError, RuleFile
from shoptui.domain.rules import RuleBook


def load_rule_book(extra: Path | None = None) -> RuleBook:
    """The rules in force: the packaged ones, with those of the operator's file `extra` put in their place by id.

    Raises RuleError with one sentence when a file cannot be read, is no TOML, or says something the format does not
    know; nothing of a faulty file is used.
    """
    folder = resources.files("shoptui").joinpath("rules")
    # Holidays first, so that a marketplace's file may replace a calendar.
    named = (folder.joinpath(f"{name}.toml") for name in ("holidays", *MARKETPLACES))
    files = [_parse(file.read_bytes(), file.name) for file in named if file.is_file()]
    if extra is not None:
        try:
            content = extra.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RuleError(f"{extra}: cannot be read ({reason}); check the path and its permissions") from error
        files.append(_parse(content, str(extra)))
    return RuleBook.from_files(files)


def _parse(content: bytes, name: str) -> RuleFile:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RuleError(f"{name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{name}: is no valid TOML: {error}; correct that place") from error
    return parse_rule_file(data, name)
