"""Loads the fee book: the packaged files, then the operator's own `fees.toml` in the data directory over them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shoptui.domain.fee_rules import FeeBook, FeeFile, FeeRuleError, parse_fee_file
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.toml_files import own_toml, packaged_toml

#: The operator's own file: its rules replace packaged ones by id, and may switch them off.
OWN_FEES_FILE = "fees.toml"


def load_fee_book(data_root: Path | None = None) -> FeeBook:
    """The rules in force; `data_root` is the house's data directory, None for the packaged ones alone.

    Raises FeeRuleError with one sentence when a file cannot be read, is no TOML, or says something the format does not
    know; nothing of a faulty file is used.
    """
    own = data_root / OWN_FEES_FILE if data_root is not None else None
    found = own_toml(own, FeeRuleError) if own is not None else None
    if found is None:
        return _packaged_book()
    return FeeBook.from_files([*_packaged(), parse_fee_file(found, str(own))])


@cache
def _packaged() -> tuple[FeeFile, ...]:
    """The packaged files, which stay as they are while the program runs."""
    files = {name: packaged_toml(name, FeeRuleError) for name in (f"fees-{market}.toml" for market in MARKETPLACES)}
    return tuple(parse_fee_file(found, name) for name, found in files.items() if found is not None)


@cache
def _packaged_book() -> FeeBook:
    return FeeBook.from_files(_packaged())
