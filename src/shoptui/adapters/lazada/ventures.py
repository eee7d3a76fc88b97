"""Lazada's ventures: where each is called, and what its clocks on the wall show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Venture:
    """One country. `offset_s` is its distance from UTC, the same all year round."""

    host: str
    offset_s: int


_HOUR_S = 3600

#: Sheet, section 1.
VENTURES: Mapping[str, Venture] = MappingProxyType(
    {
        "SG": Venture("api.lazada.sg", 8 * _HOUR_S),
        "MY": Venture("api.lazada.com.my", 8 * _HOUR_S),
        "TH": Venture("api.lazada.co.th", 7 * _HOUR_S),
        "VN": Venture("api.lazada.vn", 7 * _HOUR_S),
        "PH": Venture("api.lazada.com.ph", 8 * _HOUR_S),
        "ID": Venture("api.lazada.co.id", 7 * _HOUR_S),
    }
)
#: Stands for the country in a base address that is none of Lazada's own.
COUNTRY = "{country}"

#: What calls for a store need besides tokens: how its parcels find a carrier (sheet, section 7.1).
ALLOCATION = "allocation"
LOCAL: Mapping[str, str] = MappingProxyType({})
CROSS_BORDER: Mapping[str, str] = MappingProxyType({ALLOCATION: "NTFS"})

_HOSTS = frozenset(venture.host for venture in VENTURES.values())


def base_url_for(base_url: str, region: str) -> str:
    """The address of a venture's calls.

    Lazada's own hosts differ by country. Any other address serves all countries, or has `{country}` where the two
    letters go. Every call is below `/rest` (sheet, section 1), which an address without a path is given.
    """
    venture = VENTURES.get(region)
    parts = urlsplit(base_url.replace(COUNTRY, region.lower()))
    if venture is not None and parts.hostname in _HOSTS:
        parts = parts._replace(netloc=venture.host)
    if parts.path in {"", "/"}:
        parts = parts._replace(path="/rest")
    return parts.geturl().rstrip("/")


def offset_s(region: str) -> int:
    """The venture's distance from UTC in seconds; 0 for a region Lazada does not sell in."""
    venture = VENTURES.get(region)
    return 0 if venture is None else venture.offset_s


def venture_of(word: str) -> str:
    """The region a code begins with, as in `VN344XRB8H` or `my`; "" for none of Lazada's."""
    region = word[:2].upper()
    return region if region in VENTURES else ""
