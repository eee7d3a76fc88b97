"""Reads the exchange rates in force: the operator's own file in the data directory, else the packaged one."""

from __future__ import annotations

from pathlib import Path

from shoptui.domain.fx import Rates, RatesError, parse_rates
from shoptui.toml_files import own_toml, packaged_toml

#: The name of both files; the operator's own replaces the packaged one wholly, so that all rates are of one day.
RATES_FILE = "rates.toml"


def load_rates(data_root: Path | None = None) -> Rates:
    """The house's rates; `data_root` is its data directory, None for the packaged ones.

    Raises RatesError with one sentence when the file cannot be read, is no TOML or says something wrong. Nothing of a
    faulty file is used, and the packaged rates do not silently take its place.
    """
    own = data_root / RATES_FILE if data_root is not None else None
    if own is not None and (found := own_toml(own, RatesError)) is not None:
        return parse_rates(found, str(own))
    packaged = packaged_toml(RATES_FILE, RatesError)
    assert packaged is not None, "the packaged rates are part of the program"
    return parse_rates(packaged, RATES_FILE)
