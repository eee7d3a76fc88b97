"""What marketplaces take of a sale, when they settle it and when a balance freezes: rules as data, dated, with source.

A file holds `format = 1` and any of `[[fee]]`, `[[settlement]]`, `[[balance]]` and `switched_off`. Every refusal is a
FeeRuleError whose sentence names the file, the rule and what to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar

from shoptui.domain.calendar import Source
from shoptui.domain.finance import FeeKind
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.records import dataclass
from shoptui.domain.rule_reader import TableReader, nearest
from shoptui.domain.rule_types import Conditions, RuleError, winner
from shoptui.domain.stores import REGIONS

FORMAT = 1

_RULE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,6}))?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_SCALE = 10**8
_AMOUNT_MAX = 10**15

_CONDITION_KEYS = ("marketplace", "regions", "first_day", "last_day")
_FEE_KEYS = (
    "id",
    *_CONDITION_KEYS,
    "kind",
    "of",
    "percent",
    "fixed",
    "minimum",
    "maximum",
    "tolerance_minor",
    "tolerance_percent",
    "varies",
    "source",
)
_SETTLEMENT_KEYS = (
    "id",
    *_CONDITION_KEYS,
    "settle_after_days",
    "settle_after_delivery_days",
    "payout_after_days",
    "verify_within_days",
    "tolerance_minor",
    "source",
)
_BALANCE_KEYS = ("id", *_CONDITION_KEYS, "negative_days", "limit_usd", "source")
_DAYS_MAX = 366


class FeeRuleError(RuleError):
    """A file of fee rules that cannot be used; the sentence names the file, the rule and what to do."""


class FeeBase(StrEnum):
    """What a percentage is taken of.

    `goods`: the seller's price less the seller's own discounts. `paid`: what the buyer paid, carriage included.
    `carriage`: what buyer and marketplace gave for carriage, which is the quote of the checkout. `order`: of nothing,
    for a fixed amount per order.
    """

    GOODS = "goods"
    PAID = "paid"
    CARRIAGE = "carriage"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Percent:
    """An exact percentage: `parts` of `10**8`; `text` is as written, for the screen."""

    parts: int
    text: str

    def of(self, minor: int) -> int:
        """The share of an amount in minor units, rounded half up by its size; the sign stays."""
        share = (abs(minor) * self.parts * 2 + _SCALE) // (2 * _SCALE)
        return -share if minor < 0 else share


@dataclass(frozen=True, slots=True)
class FeeRule:
    """One kind of fee in some regions and days.

    Amounts are minor units by currency; a fee is `percent` of the base plus `fixed`, then at least `minimum` and at
    most `maximum`. Differences up to `tolerance_minor`, or up to `tolerance` of the expected fee, are none. With
    `varies` the kind is known to be taken and its amount cannot be told from the order: it is not checked.
    """

    rule_id: str
    file: str
    conditions: Conditions
    kind: FeeKind
    source: Source
    base: FeeBase = FeeBase.ORDER
    percent: Percent = Percent(0, "0")
    fixed: tuple[tuple[str, int], ...] = ()
    minimum: tuple[tuple[str, int], ...] = ()
    maximum: tuple[tuple[str, int], ...] = ()
    tolerance_minor: int = 0
    tolerance: Percent | None = None
    varies: bool = False

    def expected(self, base_minor: int, currency: str) -> int:
        """The fee for a base, in minor units and positive. A base below zero is worked out as if it were zero."""
        found = self.percent.of(max(base_minor, 0))
        if self.fixed:
            found += _by_currency(self.fixed, currency, 0)
        if not (self.minimum or self.maximum):
            return found
        least = _by_currency(self.minimum, currency, None)
        most = _by_currency(self.maximum, currency, None)
        if least is not None:
            found = max(found, least)
        return found if most is None else min(found, most)

    def agrees(self, expected_minor: int, taken_minor: int) -> bool:
        """True when the fee taken is the expected one within the rule's tolerance."""
        off = abs(expected_minor - taken_minor)
        return off <= self.tolerance_minor or (
            self.tolerance is not None and off <= self.tolerance.of(abs(expected_minor))
        )


@dataclass(frozen=True, slots=True)
class SettlementRule:
    """When a marketplace pays and how long a statement can be contested; days are 24 h.

    An order not settled `settle_after_days` after its completion, or `settle_after_delivery_days` after its delivery,
    counts as forgotten. `payout_after_days` is from a statement's end to its payout, `verify_within_days` from its end
    to when it should have been looked through. `tolerance_minor` is how far what was sold may differ from what was
    settled as sold.
    """

    rule_id: str
    file: str
    conditions: Conditions
    source: Source
    settle_after_days: int
    settle_after_delivery_days: int
    payout_after_days: int
    verify_within_days: int
    tolerance_minor: int = 0


@dataclass(frozen=True, slots=True)
class BalanceRule:
    """When a balance below zero freezes withdrawals: so many days in a row, or more than so much at once."""

    rule_id: str
    file: str
    conditions: Conditions
    source: Source
    negative_days: int
    limit: Money


AnyFeeRule = FeeRule | SettlementRule | BalanceRule
_AnyT = TypeVar("_AnyT", FeeRule, SettlementRule, BalanceRule)


@dataclass(frozen=True, slots=True)
class FeeFile:
    """One parsed file. `switched_off` names rules of earlier files that shall not apply."""

    file: str
    rules: tuple[AnyFeeRule, ...] = ()
    switched_off: frozenset[str] = frozenset()


class FeeBook:
    """The rules in force. Look-ups are by the marketplace's word, the region and a day of the store's time zone."""

    def __init__(self, rules: Sequence[AnyFeeRule]) -> None:
        self._fees = [rule for rule in rules if isinstance(rule, FeeRule)]
        self._settlements = [rule for rule in rules if isinstance(rule, SettlementRule)]
        self._balances = [rule for rule in rules if isinstance(rule, BalanceRule)]
        for group in (self._fees, self._settlements, self._balances):
            _check_unambiguous(group)
        self._fees_of: dict[tuple[str, str, date], Mapping[FeeKind, FeeRule]] = {}
        self.digest = hashlib.sha256("\n".join(sorted(map(_plain, rules))).encode()).hexdigest()

    @classmethod
    def from_files(cls, files: Sequence[FeeFile]) -> FeeBook:
        """Lay later files over earlier ones, rule by rule id. Raises FeeRuleError when a fee is left undecided."""
        by_id: dict[str, AnyFeeRule] = {}
        for file in files:
            for rule_id in sorted(file.switched_off):
                if rule_id not in by_id:
                    hint = nearest(rule_id, by_id) or "; remove it"
                    raise FeeRuleError(f"{file.file}: switched_off names {rule_id!r}, which no earlier file has{hint}")
                del by_id[rule_id]
            for rule in file.rules:
                earlier = by_id.pop(rule.rule_id, None)
                if earlier is not None and type(earlier) is not type(rule):
                    raise FeeRuleError(f"{rule.file}: {rule.rule_id!r} is the id of another kind of rule; rename it")
                by_id[rule.rule_id] = rule
        return cls(list(by_id.values()))

    def fees(self, marketplace: str, region: str, day: date) -> Mapping[FeeKind, FeeRule]:
        """The rule of each kind of fee; empty where the book says nothing of that marketplace and region."""
        key = (marketplace, region, day)
        found = self._fees_of.get(key)
        if found is None:
            by_kind: dict[FeeKind, list[FeeRule]] = {}
            for rule in self._fees:
                if _meets(rule.conditions, marketplace, region, day):
                    by_kind.setdefault(rule.kind, []).append(rule)
            found = self._fees_of[key] = {
                kind: best for kind, of in by_kind.items() if (best := winner(of)) is not None
            }
        return found

    def settlement(self, marketplace: str, region: str, day: date) -> SettlementRule | None:
        """When sales are settled, None where the book does not say."""
        return self._one(self._settlements, marketplace, region, day)

    def balance(self, marketplace: str, region: str, day: date) -> BalanceRule | None:
        """When a negative balance freezes withdrawals, None where the book does not say."""
        return self._one(self._balances, marketplace, region, day)

    def _one(self, rules: Sequence[_AnyT], marketplace: str, region: str, day: date) -> _AnyT | None:
        return winner(rule for rule in rules if _meets(rule.conditions, marketplace, region, day))


def parse_fee_file(data: Mapping[str, object], file: str) -> FeeFile:
    """Read one file's mapping; `file` is the name shown in errors. Raises FeeRuleError."""
    try:
        return _parse(data, file)
    except FeeRuleError:
        raise
    except RuleError as error:
        raise FeeRuleError(str(error)) from error


def _parse(data: Mapping[str, object], file: str) -> FeeFile:
    top = TableReader(data, file, ("format", "fee", "settlement", "balance", "switched_off"))
    if (version := top.integer("format")) != FORMAT:
        raise top.error(f"format {version} is not known to this version of shoptui; write format = {FORMAT}")
    rules: list[AnyFeeRule] = [
        *_each(top, "fee", _FEE_KEYS, file, _fee),
        *_each(top, "settlement", _SETTLEMENT_KEYS, file, _settlement),
        *_each(top, "balance", _BALANCE_KEYS, file, _balance),
    ]
    seen: set[str] = set()
    for rule in rules:
        if rule.rule_id in seen:
            raise top.error(f"the id {rule.rule_id!r} is given twice; rename or remove one")
        seen.add(rule.rule_id)
    return FeeFile(file, tuple(rules), frozenset(top.texts("switched_off") or ()))


def _each(
    top: TableReader, key: str, keys: tuple[str, ...], file: str, read: Callable[[TableReader, str, str], _AnyT]
) -> list[_AnyT]:
    found = []
    for number, table in enumerate(top.tables(key), start=1):
        rule_id = table.get("id")
        if not isinstance(rule_id, str) or not _RULE_ID.fullmatch(rule_id):
            raise FeeRuleError(
                f"{file}: {key} number {number}: give it an id of lower-case letters, digits and hyphens, "
                "such as id = 'shopee-my-commission-2026'"
            )
        found.append(read(TableReader(table, f"{file}: {key} {rule_id!r}", keys), rule_id, file))
    return found


def _fee(table: TableReader, rule_id: str, file: str) -> FeeRule:
    kind = table.choice("kind", FeeKind)
    conditions, source = _conditions(table), _source(table)
    if table.flag("varies"):
        given = [key for key in ("of", "percent", "fixed", "minimum", "maximum", "tolerance_minor") if table.has(key)]
        if given:
            raise table.error(f"varies says that the amount cannot be told, so {given[0]} has no meaning; remove one")
        return FeeRule(rule_id, file, conditions, kind, source, varies=True)
    has_percent, fixed = table.has("percent"), _amounts(table, "fixed")
    if not has_percent and not fixed:
        raise table.error('says no amount; give percent = "6.00", fixed = { THB = "1.00" } or varies = true')
    base = table.choice("of", FeeBase) if has_percent or table.has("of") else FeeBase.ORDER
    if has_percent and base is FeeBase.ORDER:
        raise table.error("a percentage of the order means nothing; set of to goods, paid or carriage")
    return FeeRule(
        rule_id=rule_id,
        file=file,
        conditions=conditions,
        kind=kind,
        source=source,
        base=base,
        percent=_percent(table, "percent") if has_percent else Percent(0, "0"),
        fixed=fixed,
        minimum=_amounts(table, "minimum"),
        maximum=_amounts(table, "maximum"),
        tolerance_minor=_count(table, "tolerance_minor", 0, 10**9) if table.has("tolerance_minor") else 0,
        tolerance=_percent(table, "tolerance_percent") if table.has("tolerance_percent") else None,
    )


def _settlement(table: TableReader, rule_id: str, file: str) -> SettlementRule:
    return SettlementRule(
        rule_id=rule_id,
        file=file,
        conditions=_conditions(table),
        source=_source(table),
        settle_after_days=_count(table, "settle_after_days", 0, _DAYS_MAX),
        settle_after_delivery_days=_count(table, "settle_after_delivery_days", 0, _DAYS_MAX),
        payout_after_days=_count(table, "payout_after_days", 0, _DAYS_MAX),
        verify_within_days=_count(table, "verify_within_days", 1, _DAYS_MAX),
        tolerance_minor=_count(table, "tolerance_minor", 0, 10**9) if table.has("tolerance_minor") else 0,
    )


def _balance(table: TableReader, rule_id: str, file: str) -> BalanceRule:
    try:
        limit = Money.parse(table.text("limit_usd"), "USD")
    except MoneyError as error:
        raise table.error(f'limit_usd must be an amount in quotes, such as limit_usd = "100": {error}') from error
    if limit.minor <= 0:
        raise table.error('limit_usd must be more than nothing, such as limit_usd = "100"')
    return BalanceRule(
        rule_id=rule_id,
        file=file,
        conditions=_conditions(table),
        source=_source(table),
        negative_days=_count(table, "negative_days", 1, _DAYS_MAX),
        limit=limit,
    )


def _conditions(table: TableReader) -> Conditions:
    first_day, last_day = table.day("first_day"), table.day("last_day")
    if first_day and last_day and last_day < first_day:
        raise table.error(f"last_day {last_day} is before first_day {first_day}; swap or correct them")
    regions = table.texts_of("regions", tuple(REGIONS))
    return Conditions(
        marketplace=table.one_of("marketplace", tuple(MARKETPLACES)),
        regions=None if regions is None else frozenset(regions),
        first_day=first_day,
        last_day=last_day,
    )


def _source(table: TableReader) -> Source:
    inner = table.table("source", ("who", "title", "seen"))
    return Source(inner.text("who"), inner.text("title"), inner.day("seen") or inner.must("seen"))


def _count(table: TableReader, key: str, least: int, most: int) -> int:
    value = table.integer(key)
    if not least <= value <= most:
        raise table.error(f"{key} = {value} is not between {least} and {most}; correct it")
    return value


def _percent(table: TableReader, key: str) -> Percent:
    text = table.text(key).strip()
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise table.error(f'{key} must be a number with at most six decimals in quotes, such as "2.24", not {text!r}')
    parts = int(match[1]) * 10**6 + int((match[2] or "").ljust(6, "0"))
    if parts > _SCALE:
        raise table.error(f"{key} = {text} is more than 100; correct it")
    return Percent(parts, text)


def _amounts(table: TableReader, key: str) -> tuple[tuple[str, int], ...]:
    """Amounts by currency, empty when the key is absent."""
    if not table.has(key):
        return ()
    value = table.mapping(key)
    if not value:
        raise table.error(f'{key} is empty; give it as {key} = {{ THB = "1.00" }}')
    found = []
    for currency, text in value.items():
        if not _CURRENCY.fullmatch(currency) or not isinstance(text, str):
            raise table.error(f'{key} must be amounts in quotes by currency, such as {key} = {{ THB = "1.00" }}')
        try:
            minor = Money.parse(text, currency).minor
        except MoneyError as error:
            raise table.error(f"{key}: {error}") from error
        if not 0 <= minor <= _AMOUNT_MAX:
            raise table.error(f"{key}: {text} {currency} is no amount of a fee; write it positive")
        found.append((currency, minor))
    return tuple(sorted(found))


_DefaultT = TypeVar("_DefaultT", int, None)


def _by_currency(amounts: tuple[tuple[str, int], ...], currency: str, default: _DefaultT) -> int | _DefaultT:
    for known, minor in amounts:
        if known == currency:
            return minor
    return default


def _meets(conditions: Conditions, marketplace: str, region: str, day: date) -> bool:
    return (
        conditions.marketplace == marketplace
        and (conditions.regions is None or region in conditions.regions)
        and (conditions.first_day is None or conditions.first_day <= day)
        and (conditions.last_day is None or day <= conditions.last_day)
    )


def _subject(rule: AnyFeeRule) -> str:
    if isinstance(rule, FeeRule):
        return rule.kind.value
    return "settlement" if isinstance(rule, SettlementRule) else "balance"


def _check_unambiguous(rules: Sequence[AnyFeeRule]) -> None:
    for number, one in enumerate(rules):
        for other in rules[number + 1 :]:
            mine, theirs = one.conditions, other.conditions
            if _subject(one) != _subject(other) or mine.recency != theirs.recency or not mine.overlaps(theirs):
                continue
            if mine.narrower_than(theirs) or theirs.narrower_than(mine):
                continue
            raise FeeRuleError(
                f"{other.file}: {other.rule_id!r} and {one.rule_id!r} of {one.file} both set {_subject(one)} for the "
                f"same {mine.marketplace} orders, and neither is narrower or later; name other regions or days"
            )


def _plain(rule: AnyFeeRule) -> str:
    conditions = rule.conditions
    regions = ",".join(sorted(conditions.regions)) if conditions.regions is not None else "*"
    when = f"{conditions.first_day}/{conditions.last_day}"
    head = f"{rule.rule_id} {conditions.marketplace} {regions} {when}"
    if isinstance(rule, FeeRule):
        amounts = (rule.percent.parts, rule.fixed, rule.minimum, rule.maximum, rule.tolerance_minor, rule.tolerance)
        return f"fee {head} {rule.kind} {rule.base} {amounts} {rule.varies}"
    if isinstance(rule, SettlementRule):
        days = (rule.settle_after_days, rule.settle_after_delivery_days, rule.payout_after_days)
        return f"settlement {head} {days} {rule.verify_within_days} {rule.tolerance_minor}"
    return f"balance {head} {rule.negative_days} {rule.limit}"
