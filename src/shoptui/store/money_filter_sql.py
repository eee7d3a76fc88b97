"""A filter over anomalies as SQL on `anomaly o`, with the ledger attached under the name `ledger`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shoptui.domain.anomalies import AnomalyKind
from shoptui.domain.disputes import DisputeState
from shoptui.queries.money_fields import MoneyField
from shoptui.queries.query import Query, Text, Value
from shoptui.store.filter_parts import (
    FALSE,
    TRUE,
    Condition,
    Context,
    Sql,
    amount_in,
    condition_of,
    ends_in,
    is_like,
    like_pattern,
    on_market,
    on_region,
    on_store,
    word_of,
)
from shoptui.store.money_codes import KIND_CODE
from shoptui.store.money_desk import VERIFIED

_KIND_WORD = " ".join(f"WHEN {code} THEN '{kind.value}'" for kind, code in KIND_CODE.items())
#: The newest dispute about an anomaly `o`: its number.
DISPUTE = f"""
(SELECT max(i.dispute_id) FROM ledger.dispute_item i WHERE i.store_id = o.store_id AND i.statement_id = o.statement_id
 AND i.kind = CASE o.kind {_KIND_WORD} END AND i.about = o.about AND i.fee = o.fee)
"""
#: What was last said of the statement of an anomaly `o`, NULL where nothing was.
MARK_OF = """
(SELECT m.what FROM ledger.statement_mark m WHERE m.store_id = o.store_id AND m.statement_id = o.statement_id
 ORDER BY m.mark_id DESC LIMIT 1)
"""


def condition(query: Query, context: Context) -> Sql:
    """The filter as a condition on `anomaly o`."""
    return condition_of(query, context, _CONDITIONS, _words)


def _words(text: Text) -> Sql:
    part = f"%{like_pattern(text.text)}%"
    return Sql(
        "o.order_no LIKE ? ESCAPE '\\' OR o.statement_id LIKE ? ESCAPE '\\' OR o.about LIKE ? ESCAPE '\\'",
        (part, part, part),
    )


def _status(value: Value, context: Context) -> Sql:
    word = word_of(value)
    match word:
        case "verified":
            return Sql(f"{MARK_OF} IS ?", (VERIFIED,))
        case "unverified":
            return Sql(f"{MARK_OF} IS NOT ?", (VERIFIED,))
        case "changed":
            return Sql(f"{MARK_OF} IS 'changed'")
        case "missing":
            return Sql("o.difference < 0")
        case "extra":
            return Sql("o.difference > 0")
        case "anomalies":
            return TRUE
        case "disputed":
            return Sql(f"{DISPUTE} IS NOT NULL")
        case "undisputed":
            return Sql(f"{DISPUTE} IS NULL")
    if word in {state.value for state in DisputeState}:
        return Sql(f"(SELECT d.state FROM ledger.dispute d WHERE d.dispute_id = {DISPUTE}) = ?", (word,))
    # What is said of balances alone.
    return FALSE


_CONDITIONS: Mapping[StrEnum, Condition] = {
    MoneyField.KIND: lambda value, context: Sql("o.kind = ?", (KIND_CODE[AnomalyKind(word_of(value))],)),
    MoneyField.STORE: on_store,
    MoneyField.REGION: on_region,
    MoneyField.MARKET: on_market,
    MoneyField.ORDER: ends_in("order_no"),
    MoneyField.STATEMENT: is_like("statement_id"),
    MoneyField.FEE: lambda value, context: Sql("o.fee = ?", (word_of(value),)),
    MoneyField.DIFF: amount_in("size_milli", "size_usd"),
    MoneyField.STATUS: _status,
}
