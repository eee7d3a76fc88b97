"""Which operator gets a conversation, and which automatic reply answers it: the house's rules applied, purely."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache

from shoptui.domain.calendar import BusinessCalendar
from shoptui.domain.clocks import HOUR_S
from shoptui.domain.inbox_rules import AssignRule, AutoReply, Matching, When
from shoptui.domain.records import dataclass
from shoptui.domain.rule_types import RuleError, zone_of
from shoptui.domain.templates import pick_text, store_serves

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A buyer's message as rules see it: in which store and language ("" unknown), its text, when (epoch s)."""

    store_id: str
    language: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When people of the house answer, in each store's own time.

    Monday is 0. Where `closes` is not after `opens` the hours run over midnight and belong to the day they begin on.
    `holidays_closed`: nobody is there on a holiday of the store's region.
    """

    opens: time
    closes: time
    days: frozenset[int]
    holidays_closed: bool = True

    def is_open(self, at: int, time_zone: str, calendar: BusinessCalendar | None) -> bool:
        """Whether somebody is there at a moment (epoch s); without a calendar no holiday is known."""
        local = datetime.fromtimestamp(at, zone_of(time_zone))
        today, now = local.date(), local.time()
        days = [today] if self.opens < self.closes else [today, today - timedelta(days=1)]
        for day in days:
            if day.weekday() not in self.days:
                continue
            if self.holidays_closed and calendar is not None and calendar.holiday_on(day):
                continue
            if self.opens < self.closes:
                return self.opens <= now < self.closes
            if (now >= self.opens) if day == today else (now < self.closes):
                return True
        return False


@dataclass(frozen=True, slots=True)
class AutoLimits:
    """How many automatic replies one conversation gets at most within so many seconds, whatever the rules say."""

    most: int = 1
    within_s: int = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class AutoAnswer:
    """What to send: the rule's name, the language of the text, and the text with its variables."""

    rule: str
    language: str
    text: str


def read_hours(opens: str, closes: str, days: str, *, holidays_closed: bool) -> WorkingHours | None:
    """Working hours from settings such as "09:00", "18:00", "mon tue wed"; None when both times are "".

    Raises RuleError with a sentence without a place.
    """
    if not opens and not closes:
        return None
    times = [
        read_time(key, text, "; give opens and closes, or neither")
        for key, text in (("opens", opens), ("closes", closes))
    ]
    words = days.casefold().replace(",", " ").split()
    for word in words:
        if word not in WEEKDAYS:
            raise RuleError(f"open_days has {word!r}, which is no day; use {' '.join(WEEKDAYS)}")
    if not words:
        raise RuleError(f"open_days is empty; name the days somebody is there, of {' '.join(WEEKDAYS)}")
    return WorkingHours(times[0], times[1], frozenset(map(WEEKDAYS.index, words)), holidays_closed)


def read_time(key: str, text: str, hint: str = "") -> time:
    """A time of day from a setting such as "18:00". Raises RuleError with a sentence that names the key."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise RuleError(f"{key} must be a time such as '09:00', not {text!r}{hint}")
    return time(int(match[1]), int(match[2]))


def matches(matching: Matching, asked: Asked) -> bool:
    """Whether a rule is for a message: every condition it has holds."""
    if matching.stores and not any(store_serves(pattern, asked.store_id) for pattern in matching.stores):
        return False
    if matching.languages and asked.language not in matching.languages:
        return False
    return not matching.keywords or any(has_keyword(asked.text, keyword) for keyword in matching.keywords)


def has_keyword(text: str, keyword: str) -> bool:
    """Whether a text has a word that begins with the keyword; scripts without blanks have it anywhere.

    Case and full-width forms make no difference.
    """
    return _keyword(keyword).search(_plain(text)) is not None


def assign_rule_for(rules: Iterable[AssignRule], asked: Asked) -> AssignRule | None:
    """The first rule that is for a message, None when the conversation stays nobody's."""
    return next((rule for rule in rules if matches(rule.matching, asked)), None)


def whose_turn(rule: AssignRule, last: str, away: Collection[str] = ()) -> str:
    """Who of a rule's operators comes after the one it chose last ("" for none yet); "" when all are away."""
    start = rule.to.index(last) + 1 if last in rule.to else 0
    turns = (*rule.to[start:], *rule.to[:start])
    return next((operator for operator in turns if operator not in away), "")


def automatic_answer(
    rules: Iterable[AutoReply],
    asked: Asked,
    *,
    sent_at: Sequence[int],
    limits: AutoLimits,
    is_open: bool,
) -> AutoAnswer | None:
    """What answers a message by itself, None when nothing does.

    `sent_at` are the moments (epoch s) of the automatic replies the conversation had; `is_open` says that somebody of
    the house is there. The first rule that is for the message decides.
    """
    if sum(asked.at - limits.within_s < at for at in sent_at) >= limits.most:
        return None
    for rule in rules:
        if rule.when is When.OUTSIDE_HOURS and is_open:
            continue
        if matches(rule.matching, asked):
            language, text = pick_text(rule.texts, (asked.language,) if asked.language else ())
            return AutoAnswer(rule.name, language, text)
    return None


@lru_cache(256)
def _keyword(keyword: str) -> re.Pattern[str]:
    plain = _plain(keyword).strip()
    spaced = plain[:1].isalnum() and unicodedata.name(plain[0], "").startswith(("LATIN", "DIGIT"))
    return re.compile((r"\b" if spaced else "") + re.escape(plain))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
