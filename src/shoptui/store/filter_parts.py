"""What the filters of all lists have in common as SQL: the tree, sets of rows, conditions every list's rows have.

The list's table has the alias `o`, with the columns `row_id`, `store_id`, `missed_group` and `next_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shoptui.domain.stores import Store
from shoptui.queries.query import And, Limit, Match, Node, Not, Or, Text, Value, Word
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
