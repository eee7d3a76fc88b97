"""Loads the rule book: the packaged rule files, then the operator's own over them."""

from __future__ import annotations

from pathlib import Path

from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.rule_format import parse_rule_file
from shoptui.domain.rule_types import RuleError
from shoptui.domain.rules import RuleBook
from shoptui.toml_files import packaged_toml, read_toml


def load_rule_book(extra: Path | None = None) -> RuleBook:
    """The rules in force: the packaged ones, with those of the operator's file `extra` put in their place by id.

    Raises RuleError with one sentence when a file cannot be read, is no TOML, or says something the format does not
    know; nothing of a faulty file is used.
    """
    # Holidays first, so that a marketplace's file may replace a calendar.
    named = (f"{name}.toml" for name in ("holidays", *MARKETPLACES))
    files = {name: packaged_toml(name, RuleError) for name in named}
    if extra is not None:
        files[str(extra)] = read_toml(extra, RuleError)
    return RuleBook.from_files([parse_rule_file(found, name) for name, found in files.items() if found is not None])
