"""What the filters of all lists have in common as SQL: the tree, sets of rows, conditions every list's rows have.

The list's table has the alias `o`, with the columns `row_id`, `store_id`, `missed_group` and `next_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from shoptui.domain.intents import IntentState
from shoptui.domain.records import dataclass
from shoptui.domain.stores import Store
from shoptui.queries.fields import GOING
from shoptui.queries.query import And, Limit, Match, Node, Not, Or, Query, Text, Value, Word
from shoptui.queries.store_names import store_matches
from shoptui.store.codes import GROUP_MISSED, NEVER

_TRUE, _FALSE = "1", "0"

#: The first character no text of ours can reach: the end of a range of keys with a common beginning.
LAST_CHAR = chr(0x10FFFF)
_MISSED_UNKNOWN = f"o.missed_group = {GROUP_MISSED}"


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


#: What one value of a field means for the rows of a list.
Condition = Callable[[Value, Context], Sql]


def condition_of(
    query: Query, context: Context, conditions: Mapping[StrEnum, Condition], words: Callable[[Text], Sql]
) -> Sql:
    """A whole filter as a condition; `conditions` has what each field means, `words` what a bare text does."""
    if query.root is None:
        return TRUE
    return compiled(
        query.root,
        lambda match: any_of([conditions[match.field](value, context) for value in match.values]),
        words,
    )


def compiled(node: Node, on_match: Callable[[Match], Sql], on_text: Callable[[Text], Sql]) -> Sql:
    """A filter's tree as a condition, its leaves put into SQL by the two functions."""
    if isinstance(node, Not):
        return negated(compiled(node.part, on_match, on_text))
    if isinstance(node, And):
        return all_of([compiled(part, on_match, on_text) for part in node.parts])
    if isinstance(node, Or):
        return any_of([compiled(part, on_match, on_text) for part in node.parts])
    return on_text(node) if isinstance(node, Text) else on_match(node)


def negated(part: Sql) -> Sql:
    """Holds where the part does not."""
    if part.always:
        return FALSE
    if part.never:
        return TRUE
    return Sql(f"NOT ({part.text})", part.values)


def all_of(parts: Sequence[Sql]) -> Sql:
    """Holds where all parts do."""
    if any(part.never for part in parts):
        return FALSE
    return _joined([part for part in parts if not part.always], "AND", TRUE)


def any_of(parts: Sequence[Sql]) -> Sql:
    """Holds where one of the parts does."""
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


def compiled_set(
    node: Node, on_match: Callable[[Match], Sql | None], on_text: Callable[[Text], Sql | None]
) -> Sql | None:
    """A SELECT of ids that holds every row a tree can match, from the sets its leaves have; None without one."""
    if isinstance(node, Not):
        return None
    if isinstance(node, And):
        sets = [found for part in node.parts if (found := compiled_set(part, on_match, on_text)) is not None]
        return sets[0] if sets else None
    if isinstance(node, Or):
        return union([compiled_set(part, on_match, on_text) for part in node.parts])
    return on_text(node) if isinstance(node, Text) else on_match(node)


def union(sets: Sequence[Sql | None]) -> Sql | None:
    """One set of all; None when one of them is not known."""
    known = [found for found in sets if found is not None]
    if len(known) < len(sets):
        return None
    text = " UNION ".join(f"SELECT * FROM ({found.text})" for found in known)
    return Sql(text, tuple(value for found in known for value in found.values))


def in_set(found: Sql | None) -> Sql:
    """The row is in a set; None holds none."""
    return FALSE if found is None else Sql(f"o.row_id IN ({found.text})", found.values)


def word_of(value: Value) -> str:
    """What a value says, as it is compared."""
    return value.text if isinstance(value, Word) else str(value)


def on_store(value: Value, context: Context) -> Sql:
    """The row's store matches a pattern."""
    pattern = word_of(value)
    return _stores([store.store_id for store in context.stores if store_matches(pattern, store.store_id)])


def on_region(value: Value, context: Context) -> Sql:
    """The row's store sells in a region."""
    return _stores([store.store_id for store in context.stores if store.region == word_of(value)])


def on_market(value: Value, context: Context) -> Sql:
    """The row's store is on a marketplace."""
    return _stores([store.store_id for store in context.stores if store.marketplace == word_of(value)])


def _stores(store_ids: Sequence[str]) -> Sql:
    if not store_ids:
        return FALSE
    return Sql(f"o.store_id IN ({', '.join('?' * len(store_ids))})", tuple(store_ids))


def like_pattern(glob: str) -> str:
    r"""A pattern of `*` and `?` for LIKE with `\` as its escape; LIKE ignores the case of ASCII letters."""
    escaped = "".join(f"\\{char}" if char in "%_\\" else char for char in glob)
    return escaped.replace("*", "%").replace("?", "_")


def missed(context: Context) -> Sql:
    """The row has missed a clock."""
    if context.missed is None:
        return Sql(_MISSED_UNKNOWN)
    return TRUE if context.missed else FALSE


def due(value: Value, context: Context) -> Sql:
    """When the next loss comes; what was missed is due, whatever else comes next."""
    if isinstance(value, Limit):
        edge = context.now + value.amount
        if value.below:
            # What was missed is due, whatever else comes next.
            return any_of([missed(context), Sql("o.next_at <= ?", (edge,))])
        return all_of([negated(missed(context)), Sql(f"o.next_at > ? AND o.next_at < {NEVER}", (edge,))])
    if value.text == "missed":
        return missed(context)
    return all_of([negated(missed(context)), Sql(f"o.next_at = {NEVER}")])


# What many lists' columns can be asked.


def is_like(column: str) -> Condition:
    """The column is as a pattern says."""
    return lambda value, context: Sql(f"o.{column} LIKE ? ESCAPE '\\'", (like_pattern(word_of(value)),))


def ends_in(column: str) -> Condition:
    """A number in the column ends so."""
    return lambda value, context: ends(column, word_of(value))


def ends(column: str, number: str) -> Sql:
    """The column ends with a number."""
    return Sql(f"o.{column} LIKE ? ESCAPE '\\'", ("%" + like_pattern(number.strip()),))


def clock_in(column: str) -> Condition:
    """A clock by itself: one that ran out is due, whatever limit is asked for."""

    def made(value: Value, context: Context) -> Sql:
        if isinstance(value, Limit):
            edge = context.now + value.amount
            return Sql(f"o.{column} <= ?" if value.below else f"o.{column} > ? AND o.{column} < {NEVER}", (edge,))
        if value.text == "missed":
            return Sql(f"o.{column} <= ?", (context.now,))
        return Sql(f"o.{column} = {NEVER}")

    return made


def begun_in(column: str) -> Condition:
    """The moment in the column is less, or more, than so long ago."""

    def made(value: Value, context: Context) -> Sql:
        if not isinstance(value, Limit):
            return FALSE
        return Sql(f"o.{column} {'>' if value.below else '<='} ?", (context.now - value.amount,))

    return made


def amount_in(milli: str, usd_milli: str = "") -> Condition:
    """An amount in thousandths of the main unit of `currency`; with `usd_milli` also in dollars by the day's rates.

    An amount whose currency has no rate, -1 there, is neither more nor less than any dollars.
    """

    def made(value: Value, context: Context) -> Sql:
        if not isinstance(value, Limit):
            return FALSE
        sign = "<" if value.below else ">"
        if usd_milli and value.unit == "USD":
            return Sql(f"o.{usd_milli} >= 0 AND o.{usd_milli} {sign} ?", (value.amount,))
        amount = Sql(f"o.{milli} {sign} ?", (value.amount,))
        return all_of([amount, Sql("o.currency = ?", (value.unit,))]) if value.unit else amount

    return made


def in_text(table: str, expression: str) -> Sql:
    """The row's texts in a full-text table match; "" matches none."""
    if not expression:
        return FALSE
    return Sql(f"o.row_id IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)", (expression,))


def states_in(column: str, value: Value) -> Sql:
    """The state of an order given is the one `act:` says, or one of those on their way."""
    word = word_of(value)
    states = tuple(state.value for state in GOING) if word == "going" else (IntentState(word).value,)
    return Sql(f"{column} IN ({', '.join('?' * len(states))})", states)
