"""A filter's tree as SQL over the cache, with the ledger attached under the name `ledger`.

Conditions on listed columns read `orders_by_loss` and nothing else. Conditions that live elsewhere (codes, full text,
the ledger) are sets of row ids. A filter that such a set bounds from above is `narrow`: it is answered from the set
instead of by walking the whole list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from shoptui.domain.orders import ShippingType, Status
from shoptui.queries.fields import FLAG_WORDS
from shoptui.queries.query import Field, Match, Query, Text, Value, Word, looks_like_number
from shoptui.queries.store_names import matcher
from shoptui.store.codes import (
    CLOSED_CODES,
    CODE_ORDER,
    CODE_PACKAGE,
    CODE_TRACKING,
    SEPARATOR,
    SHIPPING_CODE,
    STATUS_CODE,
    code_key,
)
from shoptui.store.filter_parts import (
    FALSE,
    LAST_CHAR,
    Condition,
    Context,
    Sql,
    amount_in,
    any_of,
    begun_in,
    compiled_set,
    condition_of,
    due,
    in_set,
    is_like,
    like_pattern,
    missed,
    on_market,
    on_region,
    on_store,
    states_in,
    union,
    word_of,
)
from shoptui.store.fulltext import match_expression

_CLOSED = ", ".join(map(str, CLOSED_CODES))

# Rows of the ledger's desk and outbox name orders by store and number; this turns them into the cache's rows.
_OF = "CROSS JOIN orders t ON t.store_id = x.store_id AND t.order_no = x.order_no"

# The newest intent on an order that is open or not yet seen: what the grid's `act` column shows. What was said to its
# buyer is shown with the conversation: a reply that was sent must not hide a parcel that was not.
_NEWEST_SHOWN = """
NOT EXISTS (
    SELECT 1 FROM ledger.outbox y WHERE y.store_id = x.store_id AND y.order_no = x.order_no
    AND y.intent_id > x.intent_id AND y.acked_at IS NULL AND y.target_kind <> 'thread'
)
"""


def condition(query: Query, context: Context) -> Sql:
    """The filter as a condition on `orders o`."""
    return condition_of(query, context, _CONDITIONS, lambda text: _words(text, context))


def row_set(query: Query, context: Context) -> Sql | None:
    """A SELECT of row ids that holds every row the filter can match, None when the filter is not narrow."""
    if query.root is None:
        return None
    return compiled_set(query.root, lambda match: _match_set(match, context), lambda text: _word_set(text, context))


def _words(text: Text, context: Context) -> Sql:
    return any_of([_text_condition(_expression(text), context), _number_condition(text, context)])


# Sets of row ids


def _match_set(match: Match, context: Context) -> Sql | None:
    maker = _SETS.get(match.field)
    return None if maker is None else union([maker(value, context) for value in match.values])


def _word_set(text: Text, context: Context) -> Sql | None:
    words = _text_set(_expression(text))
    return union([words, _numbers(Word(text.text), context)]) if _may_be_number(text) else words


def _expression(node: Text) -> str:
    return match_expression(node.text, exact=node.exact)


def _may_be_number(node: Text) -> bool:
    return not node.exact and looks_like_number(node.text)


def _number_condition(node: Text, context: Context) -> Sql:
    """A bare word that may be a number finds the order with it, too."""
    return in_set(_numbers(Word(node.text), context)) if _may_be_number(node) else FALSE


def _text_set(expression: str) -> Sql:
    if not expression:
        return Sql("SELECT NULL WHERE 0")
    return Sql("SELECT rowid FROM order_text WHERE order_text MATCH ?", (expression,))


def _text_condition(expression: str, context: Context) -> Sql:
    if not expression:
        return FALSE
    if context.few:
        return Sql(
            "EXISTS (SELECT 1 FROM order_text WHERE order_text.rowid = o.row_id AND order_text MATCH ?)", (expression,)
        )
    return in_set(_text_set(expression))


def _buyer_expression(value: Value) -> str:
    return match_expression(word_of(value), exact=False, column="buyer")


def _code_set(*kinds: int) -> Callable[[Value, Context], Sql]:
    def make(value: Value, context: Context) -> Sql:
        key = code_key(word_of(value))
        one = "SELECT row_id FROM order_code WHERE kind = ? AND code >= ? AND code < ?"
        values: list[object] = []
        for kind in kinds:
            values.extend((kind, key, key + LAST_CHAR))
        return Sql(" UNION ".join([one] * len(kinds)), tuple(values))

    return make


def _tag_set(value: Value, context: Context) -> Sql:
    word = word_of(value)
    if "*" in word or "?" in word:
        return Sql(
            f"SELECT t.row_id FROM ledger.desk_tag x {_OF} WHERE x.tag LIKE ? ESCAPE '\\'", (like_pattern(word),)
        )
    return Sql(f"SELECT t.row_id FROM ledger.desk_tag x {_OF} WHERE x.tag = ?", (word,))


def _is_set(value: Value, context: Context) -> Sql | None:
    match word_of(value):
        case "held":
            return Sql(f"SELECT t.row_id FROM ledger.desk_hold x {_OF}")
        case "claimed":
            return Sql(f"SELECT t.row_id FROM ledger.desk_claim x {_OF} WHERE x.until_at > ?", (context.now,))
        case "mine":
            return Sql(
                f"SELECT t.row_id FROM ledger.desk_claim x {_OF} WHERE x.until_at > ? AND x.operator = ?",
                (context.now, context.operator),
            )
        case "noted":
            return Sql(f"SELECT t.row_id FROM ledger.desk_note x {_OF}")
        case "tagged":
            return Sql(f"SELECT t.row_id FROM ledger.desk_tag x {_OF}")
        case _:
            return None


def _act_set(value: Value, context: Context) -> Sql | None:
    if word_of(value) == "none":
        return None
    state = states_in("x.state", value)
    return Sql(
        f"""
        SELECT t.row_id FROM ledger.outbox x {_OF}
        WHERE x.acked_at IS NULL AND {state.text} AND x.target_kind <> 'thread' AND {_NEWEST_SHOWN}
        """,
        state.values,
    )


_numbers = _code_set(CODE_ORDER, CODE_TRACKING, CODE_PACKAGE)

_SETS: Mapping[StrEnum, Callable[[Value, Context], Sql | None]] = {
    Field.BUYER: lambda value, context: _text_set(_buyer_expression(value)),
    Field.ORDER: _code_set(CODE_ORDER),
    Field.TRACK: _code_set(CODE_TRACKING, CODE_PACKAGE),
    Field.TAG: _tag_set,
    Field.IS: _is_set,
    Field.ACT: _act_set,
}


# Conditions on columns


def _clock(value: Value, context: Context) -> Sql:
    return Sql("o.next_kind = ?", (word_of(value),))


def _status(value: Value, context: Context) -> Sql:
    word = word_of(value)
    if word == "closed":
        return Sql(f"o.status IN ({_CLOSED})")
    if word == "open":
        return Sql(f"o.status NOT IN ({_CLOSED})")
    return Sql("o.status = ?", (STATUS_CODE[Status(word)],))


def _sku(value: Value, context: Context) -> Sql:
    pattern = like_pattern(word_of(value))
    one = Sql("o.skus LIKE ? ESCAPE '\\'", (pattern,))
    # Several SKUs stand in one text. A pattern that starts and ends at their borders could still reach across one, so
    # that each SKU is looked at by itself; most orders have one SKU and never come here.
    several = Sql(
        f"""
        instr(o.skus, char({ord(SEPARATOR)})) AND ('{SEPARATOR}' || o.skus || '{SEPARATOR}') LIKE ? ESCAPE '\\'
        AND any_like(o.skus, ?)
        """,
        (f"%{SEPARATOR}{pattern}{SEPARATOR}%", word_of(value)),
    )
    return any_of([Sql(f"NOT instr(o.skus, char({ord(SEPARATOR)})) AND {one.text}", one.values), several])


def any_like(skus: str, glob: str) -> bool:
    """True when one of the SKUs matches a pattern of `*` and `?`; the function behind SQL's `any_like`."""
    matches = matcher(glob)
    return any(matches(sku) is not None for sku in skus.split(SEPARATOR))


def _ship(value: Value, context: Context) -> Sql:
    return Sql("o.shipping_type = ?", (SHIPPING_CODE[ShippingType(word_of(value))],))


def _is(value: Value, context: Context) -> Sql:
    match word_of(value):
        case "open":
            return Sql(f"o.status NOT IN ({_CLOSED})")
        case "closed":
            return Sql(f"o.status IN ({_CLOSED})")
        case "missed":
            return missed(context)
        case "blocked":
            return Sql("o.ship_block <> ''")
        case _:
            return in_set(_is_set(value, context))


def _act(value: Value, context: Context) -> Sql:
    if word_of(value) == "none":
        return Sql(
            f"o.row_id NOT IN (SELECT t.row_id FROM ledger.outbox x {_OF} "
            "WHERE x.acked_at IS NULL AND x.target_kind <> 'thread')"
        )
    return in_set(_act_set(value, context))


def _flag(value: Value, context: Context) -> Sql:
    return Sql("o.flags & ? <> 0", (int(FLAG_WORDS[word_of(value)]),))


_CONDITIONS: Mapping[StrEnum, Condition] = {
    Field.DUE: due,
    Field.CLOCK: _clock,
    Field.STORE: on_store,
    Field.REGION: on_region,
    Field.MARKET: on_market,
    Field.STATUS: _status,
    Field.SKU: _sku,
    Field.BUYER: lambda value, context: _text_condition(_buyer_expression(value), context),
    Field.ORDER: lambda value, context: in_set(_SETS[Field.ORDER](value, context)),
    Field.TRACK: lambda value, context: in_set(_SETS[Field.TRACK](value, context)),
    Field.SHIP: _ship,
    Field.CARRIER: is_like("carrier"),
    Field.TAG: lambda value, context: in_set(_tag_set(value, context)),
    Field.IS: _is,
    Field.ACT: _act,
    Field.FLAG: _flag,
    Field.CREATED: begun_in("created_at"),
    Field.VALUE: amount_in("value_milli"),
}
