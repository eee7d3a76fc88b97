"""Loads the fee book: the packaged files, then the operator's own `fees.toml` in the data directory over them."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from shoptui.domain.fee_rules import FeeBook, FeeFile, FeeRuleError, parse_fee_file
from shoptui.domain.marketplaces import MARKETPLACES

#: The operator's own file: its rules replace packaged ones by id, and may switch them off.
OWN_FEES_FILE = "fees.toml"


def load_fee_book(data_root: Path | None = None) -> FeeBook:
    """The rules in force; `data_root` is the house's data directory, None for the packaged ones alone.

    Raises FeeRuleError with one sentence when a file cannot be read, is no TOML, or says something the format does not
    know; nothing of a faulty file is used.
    """
    folder = resources.files("shoptui").joinpath("rules")
    named = (folder.joinpath(f"fees-{name}.toml") for name in MARKETPLACES)
    files = [_parse(file.read_bytes(), file.name) for file in named if file.is_file()]
    own = data_root / OWN_FEES_FILE if data_root is not None else None
    if own is not None:
        try:
            files.append(_parse(own.read_bytes(), str(own)))
        except FileNotFoundError:
            pass  # Most houses have no file of their own.
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise FeeRuleError(f"{own}: cannot be read ({reason}); check the file and its permissions") from error
    return FeeBook.from_files(files)


def _parse(content: bytes, name: str) -> FeeFile:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FeeRuleError(f"{name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise FeeRuleError(f"{name}: is no valid TOML: {error}; correct that place") from error
    return parse_fee_file(data, name)
