"""Reading a list that fills a place: its index chunk by chunk, changes to it, the folded line of what was missed."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.merge import Merged, SortedAs, merge_changes
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.queries.query import Query
from shoptui.queries.sorting import IndexChunk, ReturnSort, Sort, SortKey, StockSort, ThreadSort
from shoptui.widgets.columns import ClockFace
from shoptui.widgets.grid_model import GroupLine
from shoptui.words import kind_loss, kind_word

#: Rows of the missed group that are looked at for its line; with more the stores are only counted in part.
_GROUP_ROWS = 200
_STORES_NAMED = 2

#: The first rows are shown at once, then what has been read so far again and again at these sizes.
_POST_EVERY = 100_000

AnySort = Sort | ThreadSort | ReturnSort | StockSort


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list asks for. Two equal ones give the same list."""

    query: Query
    sort: AnySort
    operator: str


@dataclass(frozen=True, slots=True)
class ListPart:
    """A list as far as it has been read. `group` is the line of its missed rows, None without any."""

    ids: array[int]
    missed: int
    group: GroupLine | None
    last: bool


class MissedRow(Protocol):
    """What the line of the missed rows says of each."""

    @property
    def next_at(self) -> int | None: ...

    @property
    def next_kind(self) -> str: ...

    @property
    def last_missed_at(self) -> int | None: ...


MissedRowT = TypeVar("MissedRowT", bound=MissedRow)


class RowSource(Protocol[MissedRowT]):
    """Where a list has its rows from. Raises StoreError when they cannot be read."""

    def index(self, wanted: ListQuery, now: int) -> AsyncIterator[IndexChunk]:
        """The ids that match, in order, the missed ones first."""

    async def sort_keys(self, row_ids: Sequence[int], wanted: ListQuery, now: int) -> Sequence[SortKey]:
        """Where those of the rows that still match stand in the list."""

    async def rows(self, row_ids: Sequence[int], now: int) -> Sequence[MissedRowT]:
        """The rows with these ids; ids that are gone are left out."""

    async def row_ids(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        """The ids of rows by what they are called; unknown ones are left out."""

    def missed_kind(self, row: MissedRowT) -> str:
        """The kind of the clock a row missed last."""

    def missed_names(self, rows: Sequence[MissedRowT]) -> str:
        """Whose the missed rows are, in a few words."""


async def read_list(source: RowSource[MissedRowT], wanted: ListQuery, now: int) -> AsyncIterator[ListPart]:
    """The list in growing parts: the first rows, then every `_POST_EVERY` rows, then all of it."""
    ids = array("q")
    missed = 0
    posted = 0
    async for chunk in source.index(wanted, now):
        ids.extend(chunk.ids)
        missed += chunk.missed
        if chunk.last or not posted or len(ids) - posted >= _POST_EVERY:
            posted = len(ids) or 1
            # A list that is drawn never changes: what is read on goes into a copy.
            drawn = ids if chunk.last else array("q", ids)
            yield ListPart(drawn, missed, await group_line(source, drawn[:missed], len(drawn), now), chunk.last)


async def merge_list(
    source: RowSource[MissedRowT], wanted: ListQuery, ids: array[int], missed: int, changed: Collection[int], now: int
) -> tuple[ListPart, Merged]:
    """The list after some rows have changed, without reading all of it again."""

    async def keys_of(row_ids: Sequence[int]) -> Mapping[int, SortedAs]:
        keys = await source.sort_keys(row_ids, wanted, now)
        return {key.row_id: SortedAs(key.key, key.missed) for key in keys}

    merged = await merge_changes(ids, missed, changed, keys_of)
    group = await group_line(source, merged.ids[: merged.missed], len(merged.ids), now)
    return ListPart(merged.ids, merged.missed, group, True), merged


async def group_line(
    source: RowSource[MissedRowT], missed_ids: array[int], row_count: int, now: int
) -> GroupLine | None:
    """The folded line of the missed rows: how many, whose, and what they lose next.

    None without missed rows, and where the whole list is missed: then there is nothing they could bury.
    """
    if not missed_ids or len(missed_ids) == row_count:
        return None
    rows = await source.rows(missed_ids[:_GROUP_ROWS], now)
    return describe_group(source, rows, len(missed_ids))


def store_names(store_ids: Iterable[str]) -> str:
    """The stores that have most of some rows: `tt-th-2 12, sp-my-1 3, +2 stores`."""
    by_store = Counter(store_ids)
    named = [f"{store_id} {rows_of_store}" for store_id, rows_of_store in by_store.most_common(_STORES_NAMED)]
    if len(by_store) > _STORES_NAMED:
        named.append(_("+{count} stores").format(count=len(by_store) - _STORES_NAMED))
    return ", ".join(named)


def describe_group(source: RowSource[MissedRowT], rows: Sequence[MissedRowT], count: int) -> GroupLine:
    """The line for `count` missed rows of which `rows` are known."""
    running = sorted((row.next_at, row.next_kind) for row in rows if row.next_at is not None)
    late = sorted((row.last_missed_at, source.missed_kind(row)) for row in rows if row.last_missed_at is not None)
    if running:
        at, kind = running[0]
        loses = kind_loss(kind)
    elif late:
        at, kind = late[-1]
        loses = _("nothing else runs")
    else:
        at, kind, loses = None, "", _("nothing else runs")
    stores = source.missed_names(rows)
    return GroupLine(
        size=count,
        face=ClockFace(at, missed=True),
        kind=kind_word(kind),
        folded_text=_("{count} missed (Enter): {stores}, {loses}").format(
            count=f"{count:,}", stores=stores, loses=loses
        ),
        unfolded_text=_("{count} missed (Enter folds): {stores}").format(count=f"{count:,}", stores=stores),
    )
