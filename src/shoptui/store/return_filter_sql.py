"""A filter over returns as SQL on `return_request o`, with the ledger attached under the name `ledger`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from shoptui.domain.intents import IntentState, TargetKind, Verb
from shoptui.domain.returns import ReturnAsk, ReturnState
from shoptui.queries.fields import GOING
from shoptui.queries.query import Limit, Match, Query, Text, Value, looks_like_number
from shoptui.queries.return_fields import ReturnField
from shoptui.store.codes import NEVER
from shoptui.store.filter_parts import (
    FALSE,
    TRUE,
    Context,
    Sql,
    all_of,
    any_of,
    compiled,
    due,
    like_pattern,
    missed,
    on_market,
    on_region,
    on_store,
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
    if query.root is None:
        return TRUE
    return compiled(query.root, lambda match: _match(match, context), _words)


def _match(match: Match, context: Context) -> Sql:
    return any_of([_CONDITIONS[match.field](value, context) for value in match.values])


def _words(text: Text) -> Sql:
    """A text is in the reason, the buyer's words, goods or name; what may be a number is also looked for in numbers."""
    expression = match_expression(text.text, exact=text.exact)
    said = FALSE
    if expression:
        said = Sql("o.row_id IN (SELECT rowid FROM return_text WHERE return_text MATCH ?)", (expression,))
    if text.exact or not looks_like_number(text.text):
        return said
    return any_of([said, *(_ends(column, text.text) for column in ("return_id", "order_no", "tracking"))])


def _ends(column: str, number: str) -> Sql:
    return Sql(f"o.{column} LIKE ? ESCAPE '\\'", ("%" + like_pattern(number.strip()),))


def _like(column: str, value: Value) -> Sql:
    return Sql(f"o.{column} LIKE ? ESCAPE '\\'", (like_pattern(word_of(value)),))


def _answer(value: Value, context: Context) -> Sql:
    """About the store's time to answer alone: one that ran out is due, whatever limit is asked for."""
    if isinstance(value, Limit):
        edge = context.now + value.amount
        return Sql("o.answer_at <= ?" if value.below else f"o.answer_at > ? AND o.answer_at < {NEVER}", (edge,))
    if value.text == "missed":
        return Sql("o.answer_at <= ?", (context.now,))
    return Sql(f"o.answer_at = {NEVER}")


def _status(value: Value, context: Context) -> Sql:
    word = word_of(value)
    return Sql(_STATUS[word] if word in _STATUS else f"o.state = {STATE_CODE[ReturnState(word)]}")


def _value(value: Value, context: Context) -> Sql:
    if not isinstance(value, Limit):
        return FALSE
    sign = "<" if value.below else ">"
    if value.unit == "USD":
        # What has no rate is neither small nor large.
        return Sql(f"o.usd_milli >= 0 AND o.usd_milli {sign} ?", (value.amount,))
    amount = Sql(f"o.value_milli {sign} ?", (value.amount,))
    return all_of([Sql("o.currency = ?", (value.unit,)), amount]) if value.unit else amount


def _reason(value: Value, context: Context) -> Sql:
    return any_of([_like("reason", value), _like("reason_id", value)])


def _buyer(value: Value, context: Context) -> Sql:
    expression = match_expression(word_of(value), exact=False, column="buyer")
    if not expression:
        return FALSE
    return Sql("o.row_id IN (SELECT rowid FROM return_text WHERE return_text MATCH ?)", (expression,))


def _sku(value: Value, context: Context) -> Sql:
    """`skus` holds every line's SKU, each between line breaks."""
    return Sql("o.skus LIKE ? ESCAPE '\\'", (f"%\n{like_pattern(word_of(value))}\n%",))


def _asked(value: Value, context: Context) -> Sql:
    if not isinstance(value, Limit):
        return FALSE
    return Sql("o.created_at > ?" if value.below else "o.created_at <= ?", (context.now - value.amount,))


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


def _act(value: Value, context: Context) -> Sql:
    word = word_of(value)
    if word == "none":
        return Sql(f"o.row_id NOT IN ({_ORDERED.format(which='')})")
    states = tuple(state.value for state in GOING) if word == "going" else (IntentState(word).value,)
    marks = ", ".join("?" * len(states))
    return Sql(f"o.row_id IN ({_ORDERED.format(which=f'AND x.state IN ({marks}) {_NEWEST}')})", (*states, *states))


_CONDITIONS: Mapping[StrEnum, Callable[[Value, Context], Sql]] = {
    ReturnField.RET: _answer,
    ReturnField.DUE: due,
    ReturnField.STATUS: _status,
    ReturnField.ASK: lambda value, context: Sql(f"o.ask = {ASK_CODE[ReturnAsk(word_of(value))]}"),
    ReturnField.VALUE: _value,
    ReturnField.REASON: _reason,
    ReturnField.STORE: on_store,
    ReturnField.REGION: on_region,
    ReturnField.MARKET: on_market,
    ReturnField.BUYER: _buyer,
    ReturnField.ORDER: lambda value, context: _ends("order_no", word_of(value)),
    ReturnField.RETURN: lambda value, context: _ends("return_id", word_of(value)),
    ReturnField.SKU: _sku,
    ReturnField.TRACK: lambda value, context: _ends("tracking", word_of(value)),
    ReturnField.ASKED: _asked,
    ReturnField.IS: lambda value, context: _IS[word_of(value)](context),
    ReturnField.ACT: _act,
}
