"""How a list is read: the SQL of each sort, the statements of a list and of its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shoptui.domain.intents import IntentState
from shoptui.domain.records import dataclass
from shoptui.queries.query import Query
from shoptui.queries.sorting import Sort, SortBy, SortKey
from shoptui.store.codes import GROUP_AHEAD, GROUP_MISSED, NEVER
from shoptui.store.filter_parts import Context, Sql
from shoptui.store.filter_sql import condition
from shoptui.store.list_keys import key_of

_FIRST_FOR_ACT = (
    IntentState.NEEDS_PERSON,
    IntentState.FAILED,
    IntentState.NOT_DONE,
    IntentState.UNKNOWN,
    IntentState.SENDING,
    IntentState.QUEUED,
    IntentState.HELD,
    IntentState.DONE,
)
_NO_ACT = len(_FIRST_FOR_ACT)
_ACT_RANK = " ".join(f"WHEN '{state.value}' THEN {rank}" for rank, state in enumerate(_FIRST_FOR_ACT))
_ACT = f"""
coalesce((
    SELECT CASE x.state {_ACT_RANK} ELSE {_NO_ACT} END FROM ledger.outbox x
    WHERE x.store_id = o.store_id AND x.order_no = o.order_no AND x.acked_at IS NULL AND x.target_kind <> 'thread'
    ORDER BY x.intent_id DESC LIMIT 1
), {_NO_ACT})
"""
_TAGS = """
coalesce((SELECT min(x.tag) FROM ledger.desk_tag x WHERE x.store_id = o.store_id AND x.order_no = o.order_no), '')
"""
_WHO = """
coalesce((
    SELECT x.operator FROM ledger.desk_claim x
    WHERE x.store_id = o.store_id AND x.order_no = o.order_no AND x.until_at > ?
), '')
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing to sort by. Rows whose value is `empty` (a literal) come last whichever way the sort goes.

    `empty` None: every row has a value. `needs_now`: the expression has a question mark for the present moment.
    """

    expression: str
    empty: str | None = None
    needs_now: bool = False


_PARTS: Mapping[SortBy, tuple[_Part, ...]] = {
    SortBy.NEXT: (_Part("o.next_at", str(NEVER)), _Part("o.store_id"), _Part("o.skus")),
    SortBy.THEN: (_Part(f"coalesce(o.then_at, {NEVER})", str(NEVER)),),
    SortBy.STORE: (_Part("o.store_id"), _Part("o.next_at"), _Part("o.skus")),
    SortBy.ORDER: (_Part("o.order_no"),),
    SortBy.STATUS: (_Part("o.status"),),
    SortBy.ACT: (_Part(_ACT, str(_NO_ACT)),),
    SortBy.ITEMS: (_Part("o.skus", "''"), _Part("o.next_at")),
    SortBy.CARRIER: (_Part("o.carrier", "''"),),
    SortBy.TRACKING: (_Part("o.tracking", "''"),),
    SortBy.SERVICE: (_Part("o.delivery_option", "''"),),
    SortBy.BUYER: (_Part("o.buyer", "''"),),
    SortBy.PLACED: (_Part("o.created_at"),),
    SortBy.UPDATED: (_Part("o.updated_at"),),
    SortBy.VALUE: (_Part("o.value_milli"),),
    SortBy.TAGS: (_Part(_TAGS, "''"),),
    SortBy.WHO: (_Part(_WHO, "''", needs_now=True),),
}

# In the default order, rows without a clock carry NEVER and so come last by themselves: the index gives it as it is.
_PLAIN_NEXT = (_Part("o.next_at"), _Part("o.store_id"), _Part("o.skus"))

#: The index that holds what filters and the default sort look at.
_BY_LOSS = "INDEXED BY orders_by_loss"
_BY_CREATED = "INDEXED BY orders_by_created"
#: No index: rows are looked up by their id, from a set of ids.
_BY_ID = "NOT INDEXED"

#: What a long statement calls for one row in so many, so that it can be told how far it is. A call for every row would
#: cost more than the rest of the work.
LOOKED_AT = "looked_at"
LOOKED_EVERY = 1024

#: Sorts whose values are all in `orders_by_loss`.
_LISTED = frozenset({SortBy.NEXT, SortBy.STORE, SortBy.STATUS, SortBy.ITEMS, SortBy.CARRIER, SortBy.VALUE})


def _parts(sort: Sort) -> tuple[_Part, ...]:
    return _PLAIN_NEXT if sort == Sort() else _PARTS[sort.by]


def _expressions(sort: Sort, now: int) -> tuple[list[tuple[str, bool]], list[object]]:
    """What to order by, each with whether it descends, and the values of its question marks."""
    found: list[tuple[str, bool]] = []
    values: list[object] = []
    for part in _parts(sort):
        if part.empty is not None:
            found.append((f"(({part.expression}) = {part.empty})", False))
            values.extend([now] if part.needs_now else [])
        found.append((f"({part.expression})" if part.needs_now else part.expression, sort.descending))
        values.extend([now] if part.needs_now else [])
    found.append(("o.row_id", sort.descending))
    return found, values


def list_statement(
    query: Query, sort: Sort, context: Context, narrow: Sql | None, *, tells: bool = False
) -> Sql | None:
    """The row ids of one group (`context.missed`) in order; None when the filter rules the whole group out.

    `narrow` is a set of ids that bounds the answer: rows are then looked up by id instead of walking an index. With
    `tells` the connection must know the function `LOOKED_AT`.
    """
    where = condition(query, context)
    if where.never:
        return None
    expressions, sort_values = _expressions(sort, context.now)
    order = ", ".join(f"{text} DESC" if descending else text for text, descending in expressions)
    group = GROUP_MISSED if context.missed else GROUP_AHEAD
    values: list[object] = []
    conditions = [f"o.missed_group = {group}"]
    if tells:
        conditions.append(f"(o.row_id % {LOOKED_EVERY} <> 0 OR {LOOKED_AT}())")
    if narrow is not None:
        conditions.append(f"o.row_id IN ({narrow.text})")
        values.extend(narrow.values)
    if not where.always:
        conditions.append(f"({where.text})")
        values.extend(where.values)
    hint = _BY_ID if narrow is not None else _hint(sort)
    text = f"SELECT o.row_id FROM orders o {hint} WHERE {' AND '.join(conditions)} ORDER BY {order}"
    return Sql(text, (*values, *sort_values))


def _hint(sort: Sort) -> str:
    if sort.by is SortBy.PLACED:
        return _BY_CREATED
    return _BY_LOSS if sort.by in _LISTED else ""


def count_statement(query: Query, context: Context, narrow: Sql | None) -> Sql | None:
    """How many rows of one group match; None when the filter rules the whole group out."""
    listed = list_statement(query, Sort(), context, narrow)
    if listed is None:
        return None
    text = listed.text.replace("SELECT o.row_id", "SELECT count(*)", 1).partition(" ORDER BY ")[0]
    return Sql(text, listed.values)


def key_statement(query: Query, sort: Sort, context: Context, ids_json: str) -> Sql:
    """Row id, group and sort values of those of the given rows that match."""
    where = condition(query, context)
    expressions, sort_values = _expressions(sort, context.now)
    columns = ", ".join(text for text, _ in expressions)
    text = f"""
    SELECT o.row_id, o.missed_group, {columns} FROM orders o {_BY_ID}
    WHERE o.row_id IN (SELECT value FROM json_each(?)) AND ({where.text})
    """
    return Sql(text, (*sort_values, ids_json, *where.values))


def sort_key(row: Sequence[Any], sort: Sort) -> SortKey:
    """The key of a row of `key_statement`: tuples of it compare as the list is ordered."""
    return key_of(row, _expressions(sort, 0)[0])
