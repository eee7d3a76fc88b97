"""Reads the exchange rates in force: the operator's own file in the data directory, else the packaged one."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from shoptui.domain.fx import Rates, RatesError, parse_rates

#: The name of both files; the operator's own replaces the packaged one wholly, so that all rates are of one day.
RATES_FILE = "rates.toml"


def load_rates(data_root: Path | None = None) -> Rates:
    """The house's rates; `data_root` is its data directory, None for the packaged ones.

    Raises RatesError with one sentence when the file cannot be read, is no TOML or says something wrong. Nothing of a
    faulty file is used, and the packaged rates do not silently take its place.
    """
    own = data_root / RATES_FILE if data_root is not None else None
    if own is not None:
        try:
            return _parse(own.read_bytes(), str(own))
        except FileNotFoundError:
            pass  # Without a file of their own, operators get the packaged rates.
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RatesError(f"{own}: cannot be read ({reason}); check the file and its permissions") from error
    packaged = resources.files("shoptui").joinpath("rules", RATES_FILE)
    return _parse(packaged.read_bytes(), RATES_FILE)


def _parse(content: bytes, name: str) -> Rates:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RatesError(f"{name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RatesError(f"{name}: is no valid TOML: {error}; correct that place") from error
    return parse_rates(data, name)
