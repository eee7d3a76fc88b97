"""A filter's tree as SQL over the cache, with the ledger attached under the name `ledger`.

Conditions on listed columns read `orders_by_loss` and nothing else. Conditions that live elsewhere (codes, full text,
the ledger) are sets of row ids. A filter that such a set bounds from above is `narrow`: it is answered from the set
instead of by walking the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from shoptui.domain.intents import IntentState
from shoptui.domain.orders import ShippingType, Status
from shoptui.domain.stores import Store
from shoptui.queries.fields import FLAG_WORDS, GOING
from shoptui.queries.query import And, Field, Limit, Node, Not, Or, Query, Text, Value, Word, looks_like_number
from shoptui.store.codes import (
    CLOSED_CODES,
    CODE_ORDER,
    CODE_PACKAGE,
    CODE_TRACKING,
    GROUP_MISSED,
    NEVER,
    SEPARATOR,
    SHIPPING_CODE,
    STATUS_CODE,
    code_key,
)
from shoptui.store.fulltext import match_expression

_TRUE, _FALSE = "1", "0"
_MISSED_UNKNOWN = f"o.missed_group = {GROUP_MISSED}"
_CLOSED = ", ".join(map(str, CLOSED_CODES))

#: The first character no text of ours can reach: the end of a range of keys with a common beginning.
_LAST_CHAR = chr(0x10FFFF)

# Rows of the ledger's desk and outbox name orders by store and number; this turns them into the cache's rows.
_OF = "CROSS JOIN orders t ON t.store_id = x.store_id AND t.order_no = x.order_no"

# The newest intent on an order that is open or not yet seen: what the grid's `act` column shows.
_NEWEST_SHOWN = """
NOT EXISTS (
    SELECT 1 FROM ledger.outbox y WHERE y.store_id = x.store_id AND y.order_no = x.order_no
    AND y.intent_id > x.intent_id AND y.acked_at IS NULL
)
"""


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with the values of its question marks."""

    text: str
    values: tuple[object, ...] = ()

    @property
    def always(self) -> bool:
        return self.text == _TRUE

    @property
    def never(self) -> bool:
        return self.text == _FALSE


TRUE = Sql(_TRUE)
FALSE = Sql(_FALSE)


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, when, and in a house with which stores.

    `missed` says that only rows in the missed group (True) or only others (False) are looked at, None that both are.
    `few` says that few rows are tested one by one, so that sets are better asked about each of them.
    """

    now: int
    operator: str
    stores: Sequence[Store] = field(default=())
    missed: bool | None = None
    few: bool = False


def condition(query: Query, context: Context) -> Sql:
    """The filter as a condition on `orders o`."""
    return TRUE if query.root is None else _node(query.root, context)


def row_set(query: Query, context: Context) -> Sql | None:
    """A SELECT of row ids that holds every row the filter can match, None when the filter is not narrow."""
    return None if query.root is None else _set(query.root, context)


def _node(node: Node, context: Context) -> Sql:
    if isinstance(node, Not):
        return _negated(_node(node.part, context))
    if isinstance(node, And):
        return _all([_node(part, context) for part in node.parts])
    if isinstance(node, Or):
        return _any([_node(part, context) for part in node.parts])
    if isinstance(node, Text):
        return _any([_text_condition(_expression(node), context), _number_condition(node, context)])
    return _any([_CONDITIONS[node.field](value, context) for value in node.values])


def _negated(part: Sql) -> Sql:
    if part.always:
        return FALSE
    if part.never:
        return TRUE
    return Sql(f"NOT ({part.text})", part.values)


def _all(parts: Sequence[Sql]) -> Sql:
    if any(part.never for part in parts):
        return FALSE
    return _joined([part for part in parts if not part.always], "AND", TRUE)


def _any(parts: Sequence[Sql]) -> Sql:
    if any(part.always for part in parts):
        return TRUE
    return _joined([part for part in parts if not part.never], "OR", FALSE)


def _joined(parts: Sequence[Sql], word: str, empty: Sql) -> Sql:
    if not parts:
        return empty
    if len(parts) == 1:
        return parts[0]
    text = f" {word} ".join(f"({part.text})" for part in parts)
    return Sql(text, tuple(value for part in parts for value in part.values))


# Sets of row ids


def _set(node: Node, context: Context) -> Sql | None:
    if isinstance(node, Not):
        return None
    if isinstance(node, And):
        sets = [found for part in node.parts if (found := _set(part, context)) is not None]
        return sets[0] if sets else None
    if isinstance(node, Or):
        return _union([_set(part, context) for part in node.parts])
    if isinstance(node, Text):
        words = _text_set(_expression(node))
        return _union([words, _numbers(Word(node.text), context)]) if _may_be_number(node) else words
    maker = _SETS.get(node.field)
    return None if maker is None else _union([maker(value, context) for value in node.values])


def _union(sets: Sequence[Sql | None]) -> Sql | None:
    known = [found for found in sets if found is not None]
    if len(known) < len(sets):
        return None
    text = " UNION ".join(f"SELECT * FROM ({found.text})" for found in known)
    return Sql(text, tuple(value for found in known for value in found.values))


def _in_set(found: Sql | None) -> Sql:
    return FALSE if found is None else Sql(f"o.row_id IN ({found.text})", found.values)


def _word(value: Value) -> str:
    return value.text if isinstance(value, Word) else str(value)


def _expression(node: Text) -> str:
    return match_expression(node.text, exact=node.exact)


def _may_be_number(node: Text) -> bool:
    return not node.exact and looks_like_number(node.text)


def _number_condition(node: Text, context: Context) -> Sql:
    """A bare word that may be a number finds the order with it, too."""
    return _in_set(_numbers(Word(node.text), context)) if _may_be_number(node) else FALSE


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
    return _in_set(_text_set(expression))


def _buyer_expression(value: Value) -> str:
    return match_expression(_word(value), exact=False, column="buyer")


def _code_set(*kinds: int) -> Callable[[Value, Context], Sql]:
    def make(value: Value, context: Context) -> Sql:
        key = code_key(_word(value))
        one = "SELECT row_id FROM order_code WHERE kind = ? AND code >= ? AND code < ?"
        values: list[object] = []
        for kind in kinds:
            values.extend((kind, key, key + _LAST_CHAR))
        return Sql(" UNION ".join([one] * len(kinds)), tuple(values))

    return make


def _tag_set(value: Value, context: Context) -> Sql:
    word = _word(value)
    if "*" in word or "?" in word:
        return Sql(
            f"SELECT t.row_id FROM ledger.desk_tag x {_OF} WHERE x.tag LIKE ? ESCAPE '\\'", (like_pattern(word),)
        )
    return Sql(f"SELECT t.row_id FROM ledger.desk_tag x {_OF} WHERE x.tag = ?", (word,))


def _is_set(value: Value, context: Context) -> Sql | None:
    match _word(value):
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


def _act_states(word: str) -> tuple[str, ...]:
    return tuple(state.value for state in GOING) if word == "going" else (IntentState(word).value,)


def _act_set(value: Value, context: Context) -> Sql | None:
    word = _word(value)
    if word == "none":
        return None
    states = _act_states(word)
    return Sql(
        f"""
        SELECT t.row_id FROM ledger.outbox x {_OF}
        WHERE x.acked_at IS NULL AND x.state IN ({", ".join("?" * len(states))}) AND {_NEWEST_SHOWN}
        """,
        states,
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


def _missed(context: Context) -> Sql:
    if context.missed is None:
        return Sql(_MISSED_UNKNOWN)
    return TRUE if context.missed else FALSE


def _due(value: Value, context: Context) -> Sql:
    if isinstance(value, Limit):
        edge = context.now + value.amount
        if value.below:
            # What was missed is due, whatever else comes next.
            return _any([_missed(context), Sql("o.next_at <= ?", (edge,))])
        return _all([_negated(_missed(context)), Sql(f"o.next_at > ? AND o.next_at < {NEVER}", (edge,))])
    if value.text == "missed":
        return _missed(context)
    return _all([_negated(_missed(context)), Sql(f"o.next_at = {NEVER}")])


def _clock(value: Value, context: Context) -> Sql:
    return Sql("o.next_kind = ?", (_word(value),))


def _store(value: Value, context: Context) -> Sql:
    pattern = _word(value)
    return _stores([store.store_id for store in context.stores if store_matches(pattern, store.store_id)])


def store_matches(pattern: str, store_id: str) -> bool:
    """`tt-uk-*` and `uk-*` both mean `tt-uk-1`: the marketplace in front may be left out."""
    matches = _matcher(pattern)
    _, _, behind = store_id.partition("-")
    return matches(store_id) is not None or (behind != "" and matches(behind) is not None)


def _region(value: Value, context: Context) -> Sql:
    return _stores([store.store_id for store in context.stores if store.region == _word(value)])


def _market(value: Value, context: Context) -> Sql:
    return _stores([store.store_id for store in context.stores if store.marketplace == _word(value)])


def _stores(store_ids: Sequence[str]) -> Sql:
    if not store_ids:
        return FALSE
    return Sql(f"o.store_id IN ({', '.join('?' * len(store_ids))})", tuple(store_ids))


def _status(value: Value, context: Context) -> Sql:
    word = _word(value)
    if word == "closed":
        return Sql(f"o.status IN ({_CLOSED})")
    if word == "open":
        return Sql(f"o.status NOT IN ({_CLOSED})")
    return Sql("o.status = ?", (STATUS_CODE[Status(word)],))


def like_pattern(glob: str) -> str:
    r"""A pattern of `*` and `?` for LIKE with `\` as its escape; LIKE ignores the case of ASCII letters."""
    escaped = "".join(f"\\{char}" if char in "%_\\" else char for char in glob)
    return escaped.replace("*", "%").replace("?", "_")


def _sku(value: Value, context: Context) -> Sql:
    pattern = like_pattern(_word(value))
    one = Sql("o.skus LIKE ? ESCAPE '\\'", (pattern,))
    # Several SKUs stand in one text. A pattern that starts and ends at their borders could still reach across one, so
    # that each SKU is looked at by itself; most orders have one SKU and never come here.
    several = Sql(
        f"""
        instr(o.skus, char({ord(SEPARATOR)})) AND ('{SEPARATOR}' || o.skus || '{SEPARATOR}') LIKE ? ESCAPE '\\'
        AND any_like(o.skus, ?)
        """,
        (f"%{SEPARATOR}{pattern}{SEPARATOR}%", _word(value)),
    )
    return _any([Sql(f"NOT instr(o.skus, char({ord(SEPARATOR)})) AND {one.text}", one.values), several])


def any_like(skus: str, glob: str) -> bool:
    """True when one of the SKUs matches a pattern of `*` and `?`; the function behind SQL's `any_like`."""
    matches = _matcher(glob)
    return any(matches(sku) is not None for sku in skus.split(SEPARATOR))


@lru_cache(64)
def _matcher(glob: str) -> Callable[[str], re.Match[str] | None]:
    text = re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
    # Case is ignored for ASCII letters alone, as LIKE does.
    return re.compile(text, re.IGNORECASE | re.ASCII | re.DOTALL).fullmatch


def _ship(value: Value, context: Context) -> Sql:
    return Sql("o.shipping_type = ?", (SHIPPING_CODE[ShippingType(_word(value))],))


def _carrier(value: Value, context: Context) -> Sql:
    return Sql("o.carrier LIKE ? ESCAPE '\\'", (like_pattern(_word(value)),))


def _is(value: Value, context: Context) -> Sql:
    match _word(value):
        case "open":
            return Sql(f"o.status NOT IN ({_CLOSED})")
        case "closed":
            return Sql(f"o.status IN ({_CLOSED})")
        case "missed":
            return _missed(context)
        case "blocked":
            return Sql("o.ship_block <> ''")
        case _:
            return _in_set(_is_set(value, context))


def _act(value: Value, context: Context) -> Sql:
    if _word(value) == "none":
        return Sql(f"o.row_id NOT IN (SELECT t.row_id FROM ledger.outbox x {_OF} WHERE x.acked_at IS NULL)")
    return _in_set(_act_set(value, context))


def _flag(value: Value, context: Context) -> Sql:
    return Sql("o.flags & ? <> 0", (int(FLAG_WORDS[_word(value)]),))


def _created(value: Value, context: Context) -> Sql:
    if not isinstance(value, Limit):
        return FALSE
    edge = context.now - value.amount
    return Sql("o.created_at > ?" if value.below else "o.created_at <= ?", (edge,))


def _value(value: Value, context: Context) -> Sql:
    if not isinstance(value, Limit):
        return FALSE
    amount = Sql("o.value_milli < ?" if value.below else "o.value_milli > ?", (value.amount,))
    return _all([amount, Sql("o.currency = ?", (value.unit,))]) if value.unit else amount


_CONDITIONS: Mapping[StrEnum, Callable[[Value, Context], Sql]] = {
    Field.DUE: _due,
    Field.CLOCK: _clock,
    Field.STORE: _store,
    Field.REGION: _region,
    Field.MARKET: _market,
    Field.STATUS: _status,
    Field.SKU: _sku,
    Field.BUYER: lambda value, context: _text_condition(_buyer_expression(value), context),
    Field.ORDER: lambda value, context: _in_set(_SETS[Field.ORDER](value, context)),
    Field.TRACK: lambda value, context: _in_set(_SETS[Field.TRACK](value, context)),
    Field.SHIP: _ship,
    Field.CARRIER: _carrier,
    Field.TAG: lambda value, context: _in_set(_tag_set(value, context)),
    Field.IS: _is,
    Field.ACT: _act,
    Field.FLAG: _flag,
    Field.CREATED: _created,
    Field.VALUE: _value,
}
