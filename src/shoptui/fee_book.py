"""Loads the fee book: the packaged files, then the operator's own `fees.toml` in the data directory over them."""

from __future__ import annotations

from pathlib import Path

from shoptui.domain.fee_rules import FeeBook, FeeRuleError, parse_fee_file
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.toml_files import own_toml, packaged_toml

#: The operator's own file: its rules replace packaged ones by id, and may switch them off.
OWN_FEES_FILE = "fees.toml"


def load_fee_book(data_root: Path | None = None) -> FeeBook:
    """The rules in force; `data_root` is the house's data directory, None for the packaged ones alone.

    Raises FeeRuleError with one sentence when a file cannot be read, is no TOML, or says something the format does not
    know; nothing of a faulty file is used.
    """
    files = {name: packaged_toml(name, FeeRuleError) for name in (f"fees-{market}.toml" for market in MARKETPLACES)}
    if data_root is not None:
        own = data_root / OWN_FEES_FILE
        files[str(own)] = own_toml(own, FeeRuleError)
    return FeeBook.from_files([parse_fee_file(found, name) for name, found in files.items() if found is not None])
