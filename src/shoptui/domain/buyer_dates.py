"""How a buyer is told a day or a time of day: short, in the buyer's own language and the store's zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType

#: The months as short as people write them. Languages that are not here say a day by numbers.
_MONTHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
        "ms": ("Jan", "Feb", "Mac", "Apr", "Mei", "Jun", "Jul", "Ogos", "Sep", "Okt", "Nov", "Dis"),
        "tl": ("Ene", "Peb", "Mar", "Abr", "May", "Hun", "Hul", "Ago", "Set", "Okt", "Nob", "Dis"),
        "th": ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."),
    }
)
_BY_NUMBERS: Mapping[str, str] = MappingProxyType(
    {"zh": "{month}月{day}日", "ja": "{month}月{day}日", "ko": "{month}월 {day}일", "vi": "{day}/{month}"}
)


def buyer_day(at: int, zone: tzinfo, language: str) -> str:
    """The day of a moment (epoch s) without its year: `17 Jul`, `7月17日`; in English where the language is unknown."""
    day = datetime.fromtimestamp(at, zone)
    if form := _BY_NUMBERS.get(language):
        return form.format(day=day.day, month=day.month)
    months = _MONTHS.get(language, _MONTHS["en"])
    return f"{day.day} {months[day.month - 1]}"


def buyer_time(at: int, zone: tzinfo) -> str:
    """The time of day of a moment (epoch s): `18:00`, which every language reads."""
    return datetime.fromtimestamp(at, zone).strftime("%H:%M")
