"""A filter over returns as SQL on `return_request o`, with the ledger attached under the name `ledger`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from shoptui.domain.intents import TargetKind, Verb
from shoptui.domain.returns import ReturnAsk, ReturnState
from shoptui.queries.query import Query, Text, Value, looks_like_number
from shoptui.queries.return_fields import ReturnField
from shoptui.store.filter_parts import (
    Condition,
    Context,
    Sql,
    amount_in,
    any_of,
    begun_in,
    clock_in,
    condition_of,
    due,
    ends,
    ends_in,
    in_text,
    is_like,
    like_pattern,
    missed,
    on_market,
    on_region,
    on_store,
    states_in,
    word_of,
)
from shoptui.store.fulltext import match_expression
from shoptui.store.return_codes import ASK_CODE, ENDED_SQL, OURS_SQL, STATE_CODE

_BACK = f"o.state IN ({STATE_CODE[ReturnState.ON_WAY_BACK]}, {STATE_CODE[ReturnState.ARRIVED]})"
_WISH = ASK_CODE[ReturnAsk.CANCEL]

_STATUS: Mapping[str, str] = {
    "open": f"o.state NOT IN ({ENDED_SQL})",
    "ended": f"o.state IN ({ENDED_SQL})",
    "ours": f"o.state IN ({OURS_SQL})",
    "waiting": f"o.state NOT IN ({ENDED_SQL}, {OURS_SQL})",
}

# What is kept about an order holds for its returns: the ledger names it, this turns it into rows.
_OF_ORDER = """
o.row_id IN (
    SELECT r.row_id FROM ledger.{table} x
    CROSS JOIN return_request r ON r.store_id = x.store_id AND r.order_no = x.order_no WHERE {which}
)
"""
_CHECKED = """
o.row_id IN (
    SELECT r.row_id FROM ledger.return_check x
    CROSS JOIN return_request r ON r.store_id = x.store_id AND r.return_id = x.return_id
)
"""

# The newest answer that is open or not yet seen, of returns and of wishes to cancel.
ANSWERED_RETURN = f"x.target_kind = '{TargetKind.RETURN.value}' AND x.verb = '{Verb.ANSWER_RETURN.value}'"
ANSWERED_WISH = f"x.target_kind = '{TargetKind.ORDER.value}' AND x.verb = '{Verb.ANSWER_CANCEL.value}'"
_ORDERED = f"""
SELECT r.row_id FROM ledger.outbox x
CROSS JOIN return_request r ON r.store_id = x.store_id AND r.return_id = x.target_id
WHERE {ANSWERED_RETURN} AND x.acked_at IS NULL {{which}}
UNION
SELECT r.row_id FROM ledger.outbox x
CROSS JOIN return_request r ON r.store_id = x.store_id AND r.order_no = x.order_no AND r.ask = {_WISH}
WHERE {ANSWERED_WISH} AND x.acked_at IS NULL {{which}}
"""
_NEWEST = """
AND NOT EXISTS (
    SELECT 1 FROM ledger.outbox y WHERE y.store_id = x.store_id AND y.order_no = x.order_no
    AND y.target_id = x.target_id AND y.verb = x.verb AND y.intent_id > x.intent_id AND y.acked_at IS NULL
)
"""


def condition(query: Query, context: Context) -> Sql:
    """The filter as a condition on `return_request o`."""
    return condition_of(query, context, _CONDITIONS, _words)


def _words(text: Text) -> Sql:
    """A text is in the reason, the buyer's words, goods or name; what may be a number is also looked for in numbers."""
    said = in_text("return_text", match_expression(text.text, exact=text.exact))
    if text.exact or not looks_like_number(text.text):
        return said
    return any_of([said, *(ends(column, text.text) for column in ("return_id", "order_no", "tracking"))])


def _status(value: Value, context: Context) -> Sql:
    word = word_of(value)
    return Sql(_STATUS[word] if word in _STATUS else f"o.state = {STATE_CODE[ReturnState(word)]}")


def _buyer(value: Value, context: Context) -> Sql:
    return in_text("return_text", match_expression(word_of(value), exact=False, column="buyer"))


def _sku(value: Value, context: Context) -> Sql:
    """`skus` holds every line's SKU, each between line breaks."""
    return Sql("o.skus LIKE ? ESCAPE '\\'", (f"%\n{like_pattern(word_of(value))}\n%",))


def _of_order(table: str, which: str, *values: object) -> Sql:
    return Sql(_OF_ORDER.format(table=table, which=which), values)


_IS: Mapping[str, Callable[[Context], Sql]] = {
    "missed": missed,
    "mine": lambda context: _of_order("desk_claim", "x.until_at > ? AND x.operator = ?", context.now, context.operator),
    "claimed": lambda context: _of_order("desk_claim", "x.until_at > ?", context.now),
    "noted": lambda context: _of_order("desk_note", "1"),
    "tagged": lambda context: _of_order("desk_tag", "1"),
    "disputed": lambda context: Sql(f"o.disputed <> 0 OR o.state = {STATE_CODE[ReturnState.JUDGED]}"),
    "checked": lambda context: Sql(_CHECKED),
    "back": lambda context: Sql(_BACK),
    "pictured": lambda context: Sql("o.pictures > 0"),
}


_REASON = (is_like("reason"), is_like("reason_id"))


def _act(value: Value, context: Context) -> Sql:
    if word_of(value) == "none":
        return Sql(f"o.row_id NOT IN ({_ORDERED.format(which='')})")
    state = states_in("x.state", value)
    return Sql(f"o.row_id IN ({_ORDERED.format(which=f'AND {state.text} {_NEWEST}')})", (*state.values, *state.values))


_CONDITIONS: Mapping[StrEnum, Condition] = {
    ReturnField.RET: clock_in("answer_at"),
    ReturnField.DUE: due,
    ReturnField.STATUS: _status,
    ReturnField.ASK: lambda value, context: Sql(f"o.ask = {ASK_CODE[ReturnAsk(word_of(value))]}"),
    ReturnField.VALUE: amount_in("value_milli", "usd_milli"),
    ReturnField.REASON: lambda value, context: any_of([like(value, context) for like in _REASON]),
    ReturnField.STORE: on_store,
    ReturnField.REGION: on_region,
    ReturnField.MARKET: on_market,
    ReturnField.BUYER: _buyer,
    ReturnField.ORDER: ends_in("order_no"),
    ReturnField.RETURN: ends_in("return_id"),
    ReturnField.SKU: _sku,
    ReturnField.TRACK: ends_in("tracking"),
    ReturnField.ASKED: begun_in("created_at"),
    ReturnField.IS: lambda value, context: _IS[word_of(value)](context),
    ReturnField.ACT: _act,
}
