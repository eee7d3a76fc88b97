"""Merges rule files into one set of rules and refuses sets that leave a deadline undecided."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from shoptui.domain.calendar import BusinessCalendar
from shoptui.domain.clocks import ClockKind
from shoptui.domain.rule_reader import nearest
from shoptui.domain.rule_types import (
    RETURN_KINDS,
    AnyEntry,
    AnyRule,
    BaseRule,
    Extension,
    RateRule,
    RuleError,
    RuleFile,
    RuleT,
    Unit,
)

#: What rates set, as said where two of them meet.
_RATE = "a response rate"


def merge(
    files: Sequence[RuleFile],
) -> tuple[list[BaseRule], list[Extension], list[BusinessCalendar], list[RateRule]]:
    """Lay later files over earlier ones: rules, extensions and rates by id, calendars by region."""
    by_id: dict[str, AnyEntry] = {}
    calendars: dict[str, BusinessCalendar] = {}
    for file in files:
        for rule_id in sorted(file.switched_off):
            if rule_id not in by_id:
                hint = nearest(rule_id, by_id) or "; remove it"
                raise RuleError(f"{file.file}: switched_off names {rule_id!r}, which no earlier file has{hint}")
            del by_id[rule_id]
        own: tuple[AnyEntry, ...] = (*file.rules, *file.extensions, *file.rates)
        for rule in own:
            # Taken out and put in again at the end, so that an ambiguity is blamed on the file that brought it.
            earlier = by_id.pop(rule.rule_id, None)
            if earlier is not None and type(earlier) is not type(rule):
                raise RuleError(
                    f"{rule.file}: {word_for(rule)} {rule.rule_id!r} has the id of {word_for(earlier)} "
                    f"{earlier.rule_id!r} in {earlier.file}; give it another id"
                )
            by_id[rule.rule_id] = rule
        calendars.update({calendar.region: calendar for calendar in file.calendars})
    rules = [rule for rule in by_id.values() if isinstance(rule, BaseRule)]
    extensions = [rule for rule in by_id.values() if isinstance(rule, Extension)]
    rates = [rule for rule in by_id.values() if isinstance(rule, RateRule)]
    return rules, extensions, list(calendars.values()), rates


def word_for(rule: AnyEntry) -> str:
    """`rule`, `extension` or `rate`, as the files call it."""
    if isinstance(rule, RateRule):
        return "rate"
    return "rule" if isinstance(rule, BaseRule) else "extension"


def check_unambiguous(rules: Sequence[RuleT]) -> None:
    """Refuse two rules that one order can meet while neither is more specific nor later."""
    for one, other in combinations(rules, 2):
        kinds = sorted(_kinds(one) & _kinds(other))
        mine, theirs = one.conditions, other.conditions
        if not kinds or mine.recency != theirs.recency or not mine.overlaps(theirs):
            continue
        if mine.narrower_than(theirs) or theirs.narrower_than(mine):
            continue
        since = f"from {mine.first_day}" if mine.first_day else "without a first_day"
        raise RuleError(
            f"{other.file}: {word_for(other)} {other.rule_id!r} and {one.rule_id!r} of {one.file} both set "
            f"{kinds[0]} for the same {mine.marketplace} {_subject(kinds[0])} {since}, and neither is more "
            "specific or later; narrow one by region, city, shipping type or priority, or give it a later first_day"
        )


def check_calendars(rules: Iterable[AnyRule], calendars: Mapping[str, BusinessCalendar]) -> None:
    """Refuse a count of business days in a region whose business days nobody knows."""
    for rule in rules:
        if rule.span.unit is not Unit.BUSINESS_DAYS:
            continue
        where = f"{rule.file}: {word_for(rule)} {rule.rule_id!r}"
        if rule.calendar:
            needed: Iterable[str] = (rule.calendar,)
        elif rule.conditions.regions is None:
            raise RuleError(f"{where}: counts business days in any region; name the one in calendar, or list regions")
        else:
            needed = sorted(rule.conditions.regions)
        for region in needed:
            if region not in calendars:
                known = ", ".join(sorted(calendars)) or "none"
                raise RuleError(
                    f"{where}: there is no calendar for {region} (known: {known}); add a [[calendar]] for it or set "
                    "calendar to a known one"
                )


def digest_of(items: Iterable[AnyEntry | BusinessCalendar]) -> str:
    """A fingerprint of the content, the same in every run (a set's own order is not)."""
    lines = sorted(_plain(item) for item in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _subject(kind: str) -> str:
    if kind in RETURN_KINDS:
        return "returns"
    return {ClockKind.REPLY.value: "conversations", _RATE: "stores"}.get(kind, "orders")


def _kinds(rule: AnyEntry) -> frozenset[str]:
    if isinstance(rule, RateRule):
        return frozenset({_RATE})
    return frozenset({rule.kind}) if isinstance(rule, BaseRule) else frozenset(rule.kinds)


def _plain(value: object) -> str:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # The file's name is where a rule stands, not what it says.
        names = [field.name for field in dataclasses.fields(value) if field.compare and field.name != "file"]
        inner = ", ".join(f"{name}={_plain(getattr(value, name))}" for name in names)
        return f"{type(value).__name__}({inner})"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(_plain(item) for item in value)) + "}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(f"{_plain(key)}: {_plain(item)}" for key, item in value.items())) + "}"
    return f"{type(value).__name__}:{value}"
