"""The answer to `K` in Money: by which rule, of which source and day, something differs or a clock runs."""

from __future__ import annotations

import asyncio

from shoptui.cockpit.money_list import domain_store
from shoptui.cockpit.money_terms import MoneyTerms
from shoptui.domain.anomalies import Anomaly, AnomalyKind, Terms, percent_text
from shoptui.domain.calendar import Source
from shoptui.domain.negative import day_of
from shoptui.i18n import _
from shoptui.queries.money import BalanceRow
from shoptui.queries.types import StoreRow
from shoptui.words import kind_word
from shoptui.words.money import fee_words
from shoptui.words.times import money_words


async def rule_words(terms: MoneyTerms, anomaly: Anomaly, store: StoreRow | None) -> list[str]:
    """The rule a difference was found by, and its source; [] where it follows from the statement itself."""
    if store is None:
        return []
    book, _rates = await asyncio.to_thread(terms.look)
    rules = Terms(domain_store(store), book)
    parts = []
    if anomaly.fee and (rule := next((r for kind, r in rules.fees(anomaly.at).items() if kind == anomaly.fee), None)):
        what = _("Rule {id}: {fee} {percent} % of {base}.")
        base = {"goods": _("the goods"), "paid": _("what the buyer paid"), "carriage": _("the carriage")}
        parts.append(
            what.format(
                id=rule.rule_id,
                fee=fee_words(anomaly.fee),
                percent=percent_text(rule.percent.text),
                base=base.get(rule.base.value, _("the order")),
            )
        )
        parts.append(_source(rule.source))
    elif anomaly.kind is AnomalyKind.NEVER_SETTLED and (due := rules.settlement(anomaly.at)) is not None:
        what = _("Rule {id}: settled within {days} days of completion, {delivered} of delivery.")
        parts.append(what.format(id=due.rule_id, days=due.settle_after_days, delivered=due.settle_after_delivery_days))
        parts.append(_source(due.source))
    if terms.fault:
        parts.append(terms.fault)
    return parts


async def clock_words(terms: MoneyTerms, row: BalanceRow, store: StoreRow | None, now: int) -> str:
    """What a store's next clock of money is and by which rule it runs."""
    if store is None or (row.next_at is None and not row.missed):
        return _("No clock of money runs for {store}: nothing is lost by waiting.").format(store=row.store_id)
    book, _rates = await asyncio.to_thread(terms.look)
    shop = domain_store(store)
    kind = row.next_kind if row.next_at is not None else row.last_missed_kind
    settlement = book.settlement(shop.marketplace, shop.region, day_of(shop, now))
    if kind == "neg":
        rule = book.balance(shop.marketplace, shop.region, day_of(shop, now))
        if rule is None:
            return ""
        words = _(
            "{kind}: below zero for {days} days in a row, or by more than {limit}, freezes withdrawals ({id}). {source}"
        )
        limit = money_words(rule.limit.minor, rule.limit.currency)
        return words.format(
            kind=kind_word(kind), days=rule.negative_days, limit=limit, id=rule.rule_id, source=_source(rule.source)
        )
    if settlement is None:
        return _("{kind}: the marketplace says so itself.").format(kind=kind_word(kind))
    if kind == "pay":
        words = _("{kind}: paid out {days} days after a statement's end ({id}). {source}")
        days = settlement.payout_after_days
    else:
        words = _("{kind}: a statement can be contested for {days} days after its end ({id}). {source}")
        days = settlement.verify_within_days
    missed = ""
    if row.missed:
        missed = " " + _("{count} are past that already.").format(count=row.missed)
    source = _source(settlement.source)
    return words.format(kind=kind_word(kind), days=days, id=settlement.rule_id, source=source) + missed


def _source(source: Source) -> str:
    return f"({source.who}, {source.title}, {source.seen.isoformat()})"
