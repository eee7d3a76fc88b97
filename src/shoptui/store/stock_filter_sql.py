"""A filter over stock pools as SQL on `pool o`, with the ledger attached under the name `ledger`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shoptui.domain.clocks import DAY_S
from shoptui.domain.intents import IntentState, TargetKind, Verb
from shoptui.queries.query import Limit, Query, Text, Value
from shoptui.queries.stock_fields import StockField
from shoptui.store.codes import NEVER
from shoptui.store.filter_parts import (
    FALSE,
    Condition,
    Context,
    Sql,
    any_of,
    condition_of,
    due,
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

#: A listing's part of a write's target, which has its warehouse behind an @.
LISTING_OF_TARGET = "substr(x.target_id, 1, instr(x.target_id, '@') - 1)"
_IS_WRITE = f"x.target_kind = '{TargetKind.LISTING.value}' AND x.verb = '{Verb.SET_STOCK.value}' AND x.acked_at IS NULL"
# What the list shows of a pool's writes: the first that is not done, else done.
_ORDERED = f"""
SELECT p.row_id FROM ledger.outbox x
CROSS JOIN listing l ON l.store_id = x.store_id AND l.listing_id = {LISTING_OF_TARGET}
CROSS JOIN pool p ON p.pool_key = l.pool_key
WHERE {_IS_WRITE} AND x.state <> '{IntentState.TAKEN_BACK.value}'
"""

_OUT = f"o.listed > 0 AND o.cover_s <= {7 * DAY_S}"
_AT_RISK = f"(({_OUT}) OR o.oversold > 0 OR o.step > 0)"
_RISK: Mapping[str, str] = {
    "out": _OUT,
    "over": "o.oversold > 0",
    "step": "o.step > 0",
    "any": _AT_RISK,
    "none": f"NOT {_AT_RISK}",
}
_IS: Mapping[str, str] = {
    "counted": "o.hand IS NOT NULL",
    "uncounted": "o.hand IS NULL",
    "listed": "o.listed > 0",
    "unlisted": "o.listed = 0",
    "selling": "o.week_units > 0",
    "shared": "o.pool_key IN (SELECT l.pool_key FROM listing l GROUP BY l.pool_key HAVING count(*) > 1)",
    "ruled": "o.pool_key IN (SELECT r.pool_key FROM ledger.pool_rule r)",
}


def condition(query: Query, context: Context) -> Sql:
    """The filter as a condition on `pool o`."""
    return condition_of(query, context, _CONDITIONS, _words)


def _words(text: Text) -> Sql:
    """A text is in the code or in a listing's name; what has no blanks may also be a part of the code."""
    said = in_text("pool_text", match_expression(text.text, exact=text.exact))
    if text.exact or any(char.isspace() for char in text.text.strip()):
        return said
    return any_of([said, Sql("o.sku LIKE ? ESCAPE '\\'", (f"%{like_pattern(text.text.strip())}%",))])


def _cover(value: Value, context: Context) -> Sql:
    """How long what is left lasts; what is oversold lasts no time at all."""
    if isinstance(value, Limit):
        if value.below:
            return Sql("o.cover_s <= ?", (value.amount,))
        return Sql(f"o.cover_s > ? AND o.cover_s < {NEVER}", (value.amount,))
    return Sql(f"o.cover_s = {NEVER}")


def _units(column: str, times: int = 1) -> Condition:
    def read(value: Value, context: Context) -> Sql:
        if not isinstance(value, Limit):
            return FALSE
        return Sql(f"o.{column} {'<' if value.below else '>'} ?", (value.amount * times,))

    return read


def _at_stores(on: Condition) -> Condition:
    """Pools with a listing at one of the stores a condition names."""

    def read(value: Value, context: Context) -> Sql:
        stores = on(value, context)
        if stores.never:
            return FALSE
        text = stores.text.replace("o.store_id", "l.store_id")
        return Sql(f"o.pool_key IN (SELECT l.pool_key FROM listing l WHERE {text})", stores.values)

    return read


def _is(value: Value, context: Context) -> Sql:
    word = word_of(value)
    return missed(context) if word == "missed" else Sql(_IS[word])


def _act(value: Value, context: Context) -> Sql:
    word = word_of(value)
    if word == "none":
        return Sql(f"o.row_id NOT IN ({_ORDERED})")
    if word == IntentState.DONE:
        undone = f"SELECT row_id FROM ({_ORDERED} AND x.state <> '{IntentState.DONE.value}')"
        return Sql(f"o.row_id IN ({_ORDERED}) AND o.row_id NOT IN ({undone})")
    state = states_in("x.state", value)
    return Sql(f"o.row_id IN ({_ORDERED} AND {state.text})", state.values)


_CONDITIONS: Mapping[StrEnum, Condition] = {
    StockField.RISK: lambda value, context: Sql(_RISK[word_of(value)]),
    StockField.COVER: _cover,
    StockField.DUE: due,
    StockField.LOW: _units("left_units"),
    StockField.SOLD: _units("week_units", 7),
    StockField.SKU: is_like("sku"),
    StockField.STORE: _at_stores(on_store),
    StockField.REGION: _at_stores(on_region),
    StockField.MARKET: _at_stores(on_market),
    StockField.IS: _is,
    StockField.ACT: _act,
}
