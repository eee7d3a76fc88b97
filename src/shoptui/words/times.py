"""Amounts, days, moments, spans and ages as operators read them, each language in its own order."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from shoptui.domain.clocks import DAY_S, HOUR_S, MINUTE_S
from shoptui.domain.money import Money
from shoptui.i18n import _

_SYMBOLS = {
    "THB": "฿",
    "MYR": "RM ",
    "SGD": "S$ ",
    "PHP": "₱",
    "VND": "₫",
    "IDR": "Rp",
    "GBP": "£",
    "USD": "US$ ",
    "EUR": "€",
    "JPY": "¥",
    "TWD": "NT$ ",
    "CNY": "CN¥",
    "BRL": "R$ ",
    "MXN": "MX$ ",
}


def money_words(minor: int, currency: str) -> str:
    """An amount with its symbol and grouping: `฿1,118.00`; dong and rupiah group with points as they do at home."""
    plain = Money(minor, currency).plain()
    sign, plain = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, point, part = plain.partition(".")
    grouped = f"{int(whole):,}"
    if currency in {"VND", "IDR"}:
        grouped = grouped.replace(",", ".")
    return f"{sign}{_SYMBOLS.get(currency, currency + ' ')}{grouped}{point}{part}"


def clock_time(at: int, zone: tzinfo) -> str:
    """`17:41` in the given zone."""
    return datetime.fromtimestamp(at, zone).strftime("%H:%M")


def clock_time_s(at: int, zone: tzinfo) -> str:
    """`17:41:08` in the given zone."""
    return datetime.fromtimestamp(at, zone).strftime("%H:%M:%S")


def moment_words(at: int, now: int, zone: tzinfo) -> str:
    """A moment as people say it today: `today 18:00`, `Thu 21:59` within a week, `18 Jun 21:59` beyond.

    In Chinese `今天 18:00`, `周四 21:59`, `6月18日 21:59`; with the year where that is another one.
    """
    then, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    time = then.strftime("%H:%M")
    if then.date() == today.date():
        return _("today {time}").format(time=time)
    if abs((then.date() - today.date()).days) < 7:
        return f"{weekday_word(then.weekday())} {time}"
    if then.year != today.year:
        return date_words(then.date(), today.date())
    # For translators: Chinese has the day as {month}{day}日.
    return _("{day} {month} {time}").format(day=then.day, month=month_word(then.month), time=time)


def date_words(day: date, today: date) -> str:
    """A day: `Sun 22 Nov` (`11月22日 周日`) in this year, `22 Nov 2027` (`2027年11月22日`) in another one."""
    month = month_word(day.month)
    if day.year != today.year:
        return _("{day} {month} {year}").format(day=day.day, month=month, year=day.year)
    return _("{weekday} {day} {month}").format(weekday=weekday_word(day.weekday()), day=day.day, month=month)


def date_short(day: date) -> str:
    """A day of this year in at most six cells: `22Nov`, ` 4Jul` (`11月22`)."""
    return _("{day:2d}{month}").format(day=day.day, month=month_word(day.month))


def weekday_word(weekday: int) -> str:
    """Three letters for a weekday, 0 = Monday."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[weekday]


def month_word(month: int) -> str:
    """Three letters for a month, 1 = January."""
    names = (
        _("Jan"),
        _("Feb"),
        _("Mar"),
        _("Apr"),
        _("May"),
        _("Jun"),
        _("Jul"),
        _("Aug"),
        _("Sep"),
        _("Oct"),
        _("Nov"),
        _("Dec"),
    )
    return names[month - 1]


#: Data younger than this is called live.
LIVE_BELOW_S = 2 * MINUTE_S


def span_words(seconds: int) -> str:
    """A length of time in one unit, rounded down: `40s`, `11m`, `2h`, `9d`."""
    seconds = max(0, seconds)
    if seconds < MINUTE_S:
        return _("{count}s").format(count=seconds)
    if seconds < HOUR_S:
        return _("{count}m").format(count=seconds // MINUTE_S)
    if seconds < DAY_S:
        return _("{count}h").format(count=seconds // HOUR_S)
    return _("{count}d").format(count=seconds // DAY_S)


def age_words(at: int | None, now: int) -> str:
    """How old something is: `live` below two minutes, then whole minutes, hours or days; `never` for None."""
    if at is None:
        return _("never")
    age_s = now - at
    return _("live") if age_s < LIVE_BELOW_S else span_words(age_s)
