"""Words for stock: what a pool's problem is, why a listing gets no share, what a rule says."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.pools import WEEK_S
from shoptui.domain.shares import UNITS_MAX, ShareRule, Simulation
from shoptui.domain.stock import ListingState
from shoptui.i18n import _, ngettext
from shoptui.queries.stock import PoolRow
from shoptui.words.intents import cause_short, left_out_sentence


def pools_count(count: int) -> str:
    """`1 pool`, `1,204 pools`."""
    return ngettext("{count} pool", "{count} pools", count).format(count=f"{count:,}")


def listings_count(count: int) -> str:
    """`1 listing`, `2,000 listings`."""
    return ngettext("{count} listing", "{count} listings", count).format(count=f"{count:,}")


def units_count(count: int) -> str:
    """`1 unit`, `12 units`."""
    return ngettext("{count} unit", "{count} units", count).format(count=f"{count:,}")


def problem_words(row: PoolRow) -> str:
    """What is wrong with a pool in a few cells, "" for nothing; a write that failed is said by its sign."""
    if row.oversold:
        return _("over {units}").format(units=row.oversold)
    if row.step:
        return _("step {units}").format(units=row.step)
    if row.hand is None:
        return _("count it")
    return _("s moves {units}").format(units=row.moves) if row.moves else ""


def act_words(row: PoolRow) -> str:
    """Why the newest write to one of its listings was not done, "" when it was."""
    return cause_short(row.act_cause) if row.act_cause else ""


def state_note(state: ListingState, raw_state: str) -> str:
    """Why buyers cannot order a listing, "" where they can."""
    return {
        ListingState.LIVE: "",
        ListingState.OFF: _("taken off sale"),
        ListingState.BLOCKED: _("blocked by the marketplace"),
        ListingState.DELETED: _("deleted"),
        ListingState.UNKNOWN: raw_state,
    }[state]


def why_out_words(why: str, say: str = "") -> str:
    """Why a listing is not written, as it stands after its store."""
    words = {
        "silent": _("not answering"),
        "locked": _("nobody may write it now"),
        "not_live": _("not on sale"),
        "not_ours": _("in the marketplace's own warehouse"),
        "floor": _("a promotion holds more than there is to give"),
        "by_rule": _("left out by the rule"),
        "not_counted": _("nobody has counted it: c takes a count"),
        "write_ordered": _("a number is ordered already"),
        "unknown_listing": _("gone: read the store anew"),
        "below_floor": _("a promotion holds more"),
    }
    return words.get(why) or left_out_sentence(why, {"say": say} if say else {})


def gap_units(speed: int, gap_s: float) -> str:
    """How many sell in so many seconds at a speed in units a week, to one place: `0.3`."""
    tenths = max(1, round(speed * gap_s * 10 / WEEK_S)) if speed > 0 else 0
    return f"{tenths // 10}.{tenths % 10}"


def keep_words(rule: ShareRule) -> str:
    """What a rule keeps back, as a choice says it."""
    if rule.keep_back is None and rule.keep_back_percent is None:
        return _("as proposed")
    parts = [str(rule.keep_back)] if rule.keep_back is not None else []
    if rule.keep_back_percent is not None:
        parts.append(f"{rule.keep_back_percent} %")
    return _(" or ").join(parts)


def most_words(rule: ShareRule) -> str:
    """The most a listing shows by a rule, as a choice says it."""
    if rule.listing_max is None:
        return _("no limit")
    return _("at most {units}").format(units=rule.listing_max)


def last_words(rule: ShareRule) -> str:
    """What a rule does with the last units, as a choice says it."""
    if not rule.last_units:
        return _("shared out")
    to = rule.last_to or _("best store")
    if rule.last_units >= UNITS_MAX:
        return _("all to {store}").format(store=to)
    return _("under {units}: {store}").format(units=rule.last_units, store=to)


def rule_words(rule: ShareRule, found: Simulation, speed: int, gap_s: float) -> str:
    """What one pool is shared out by, with what sells while it is written."""
    kept = _("keep {units} back ({sold} sell in our {gap} s gap)").format(
        units=found.buffer, sold=gap_units(speed, gap_s), gap=f"{gap_s:g}"
    )
    parts = [kept, last_words(rule)]
    if rule.listing_max is not None:
        parts.append(_("at most {units} a listing").format(units=rule.listing_max))
    if rule.without:
        parts.append(_("without {stores}").format(stores=", ".join(sorted(rule.without))))
    return "; ".join(parts)


def named(names: Sequence[str], most: int = 3) -> str:
    """Some names, and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return shown if more <= 0 else _("{names} and {count} more").format(names=shown, count=more)
