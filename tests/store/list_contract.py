"""What every list keeps to: its filter is set algebra, keys compare as it is ordered, one covering index gives it.

A list's own tests say what is in its house and what each word of its language means, in the plainest Python there is.
"""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import pytest
from hypothesis import strategies as st

from shoptui.domain.intents import IntentState
from shoptui.paths import DataDir
from shoptui.queries.query import And, Limit, Match, Node, Not, Or, Query, Text, Value
from shoptui.queries.sorting import ColumnSort, IndexChunk
from shoptui.store.filter_parts import Context
from shoptui.store.list_reader import ListReader
from shoptui.store.plain_list import Shape
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES

STORE_OF = {store.store_id: store for store in STORES}
NEVER = 10**12


class ListedRow(Protocol):
    """What the contract asks of a row."""

    @property
    def row_id(self) -> int: ...
    @property
    def missed(self) -> int: ...
    @property
    def next_at(self) -> int | None: ...


RowT = TypeVar("RowT", bound=ListedRow)


class ListHouse(ABC, Generic[RowT]):
    """A house whose rows have the ids 1 to `count`, read back as plain rows."""

    count: ClassVar[int]
    shape: ClassVar[Shape]
    usual_sort: ClassVar[ColumnSort[Any]]
    parse: Callable[[str], Query]

    def __init__(self, seed: int) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.data_dir = DataDir(Path(self.directory.name))
        self.loop.run_until_complete(self._fill(random.Random(seed)))
        self.reader = self.loop.run_until_complete(Reader.open(self.data_dir))
        self.rows = self.loop.run_until_complete(self.read(list(range(1, self.count + 1))))

    async def _fill(self, dice: random.Random) -> None:
        async with await Writer.open(self.data_dir, NOW) as writer:
            for store in STORES:
                await writer.put_store(store)
            await self.fill(writer, dice)

    def close(self) -> None:
        self.loop.run_until_complete(self.reader.close())
        self.loop.close()
        self.directory.cleanup()

    @abstractmethod
    async def fill(self, writer: Writer, dice: random.Random) -> None:
        """Write what the house holds; its stores are there."""

    @abstractmethod
    def listed(self) -> ListReader[Any]:
        """The reader of the list."""

    @abstractmethod
    async def read(self, ids: Sequence[int]) -> list[RowT]:
        """The rows with these ids."""

    @abstractmethod
    def finds(self, row: RowT, text: str, exact: bool) -> bool:
        """Whether a bare text finds the row."""

    @abstractmethod
    def has(self, row: RowT, field: object, value: Value) -> bool:
        """Whether a field of the row has a value."""

    # What the list says.

    def ids(self, query: Query | str = "", sort: ColumnSort[Any] | None = None) -> list[int]:
        wanted = type(self).parse(query) if isinstance(query, str) else query
        reading = self.listed().index(wanted, sort or self.usual_sort, now=NOW, operator="mei")
        piece = self.loop.run_until_complete(reading)
        missed = [self.rows[row_id - 1].missed > 0 for row_id in piece.ids]
        assert missed == [place < piece.missed for place in range(len(piece.ids))]
        return list(piece.ids)

    async def _in_pieces(self, query: Query) -> list[IndexChunk]:
        return [piece async for piece in self.listed().pieces(query, self.usual_sort, now=NOW, operator="mei")]

    def plan(self, text: str) -> list[str]:
        """The steps in which the list is read by default."""
        db = sqlite3.connect(f"file:{self.data_dir.cache}?mode=ro", uri=True)
        db.execute("ATTACH DATABASE ? AS ledger", (f"file:{self.data_dir.ledger}?mode=ro",))
        try:
            query = type(self).parse(text)
            statement = self.shape.list_statement(query, self.usual_sort, Context(NOW, "mei", STORES))
            return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)]
        finally:
            db.close()

    # What it should say.

    def wanted(self, query: Query) -> set[int]:
        return {row.row_id for row in self.rows if self._holds(row, query.root)}

    def _holds(self, row: RowT, node: Node | None) -> bool:
        return holds(
            node, lambda field, value: self.has(row, field, value), lambda text, exact: self.finds(row, text, exact)
        )

    # The contract.

    def check_condition(self, text: str) -> None:
        """A condition finds what it says, and its negation the rest."""
        found = self.wanted(type(self).parse(text))
        assert set(self.ids(text)) == found
        if text:
            assert set(self.ids(f"-({text})")) == {row.row_id for row in self.rows} - found

    def check_combination(self, root: Node, sort: ColumnSort[Any]) -> None:
        """Any combination is set algebra, is counted, and its keys compare as the list is ordered."""
        query = Query(root)
        found = self.ids(query, sort)
        assert len(found) == len(set(found))
        assert set(found) == self.wanted(query)
        listed = self.listed()
        assert self.loop.run_until_complete(listed.count(query, now=NOW, operator="mei")) == len(found)
        every = [row.row_id for row in self.rows]
        keys = self.loop.run_until_complete(listed.sort_keys(every, query, sort, NOW, "mei"))
        assert [each.row_id for each in sorted(keys, key=lambda each: each.key)] == found

    def check_default_order(self, then: Callable[[RowT], tuple[object, ...]]) -> None:
        """What was missed comes first, then the nearest loss, then as `then` says."""

        def key(row: RowT) -> tuple[object, ...]:
            return (row.missed == 0, NEVER if row.next_at is None else row.next_at, *then(row), row.row_id)

        assert self.ids() == [row.row_id for row in sorted(self.rows, key=key)]
        assert any(row.missed for row in self.rows)

    def check_pieces(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        """Read piece by piece, a list is what it is in one, and its missed rows are counted alike."""
        monkeypatch.setattr("shoptui.store.reader.FIRST_CHUNK", 7)
        query = type(self).parse(text)
        pieces = self.loop.run_until_complete(self._in_pieces(query))
        assert [len(piece.ids) for piece in pieces[:1]] == [7] and [piece.last for piece in pieces] == [False, True]
        whole = self.loop.run_until_complete(self.listed().index(query, self.usual_sort, now=NOW, operator="mei"))
        assert [row_id for piece in pieces for row_id in piece.ids] == list(whole.ids)
        assert sum(piece.missed for piece in pieces) == whole.missed > 0
        assert pieces[0].missed == min(whole.missed, 7)

    def check_never_sql(self, texts: Sequence[str]) -> None:
        """Words of the language are values, whatever they look like."""
        for text in texts:
            assert self.ids(text) == []
        assert len(self.ids()) == self.count

    def check_one_index(self, text: str) -> None:
        """Listed columns are read from one covering index and never sorted."""
        assert self.plan(text) == [f"SCAN o USING COVERING INDEX {self.shape.by_loss}"]

    def check_set(self, text: str, *never_scanned: str) -> None:
        """What lives elsewhere is a set of ids: nothing is sorted, and these tables are looked up."""
        steps = self.plan(text)
        assert f"SCAN o USING COVERING INDEX {self.shape.by_loss}" in steps
        assert not [step for step in steps if step.split()[:2] in [["SCAN", table] for table in never_scanned]]
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def trees(singles: Sequence[Node | None], max_leaves: int) -> st.SearchStrategy[Any]:
    """Any combination of single conditions."""
    return st.recursive(
        st.sampled_from(singles),
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
            | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
        ),
        max_leaves=max_leaves,
    )


def holds(node: Node | None, has: Callable[[Any, Value], bool], finds: Callable[[str, bool], bool]) -> bool:
    """A filter's tree over one row; `has` judges a field's value, `finds` a bare text."""
    match node:
        case None:
            return True
        case Not(part):
            return not holds(part, has, finds)
        case And(parts):
            return all(holds(part, has, finds) for part in parts)
        case Or(parts):
            return any(holds(part, has, finds) for part in parts)
        case Text(text, exact):
            return finds(text, exact)
        case Match(field, values):
            return any(has(field, value) for value in values)


# What words mean alike in all lists.


def like(glob: str, text: str) -> bool:
    parts = ["." if char == "?" else ".*" if char == "*" else re.escape(char) for char in glob]
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL) is not None


def words_find(text: str, exact: bool, words: str) -> bool:
    """Single words, and runs of scripts without blanks, which are found inside longer runs."""
    if not text.isascii():
        return text in words
    return any(word == text if exact else word.startswith(text) for word in re.split(r"[\s-]+", words))


def at_store(field: object, word: str, store_id: str) -> bool:
    """`store:`, `region:` and `market:`."""
    if field == "store":
        return like(word, store_id) or like(word, store_id.partition("-")[2])
    store = STORE_OF[store_id]
    return (store.region if field == "region" else store.marketplace) == word


def due(row: ListedRow, value: Value) -> bool:
    """`due:`, which what was missed is, whatever comes next."""
    if not isinstance(value, Limit):
        return row.missed > 0 if value.text == "missed" else row.missed == 0 and row.next_at is None
    if value.below:
        return row.missed > 0 or ends(row.next_at, value)
    return row.missed == 0 and ends(row.next_at, value)


def ends(at: int | None, value: Value) -> bool:
    """A clock by itself: one that ran out is due, whatever limit is asked for."""
    if not isinstance(value, Limit):
        return at is None if value.text == "none" else at is not None and at <= NOW
    return at is not None and (at <= NOW + value.amount) is value.below


def act_is(word: str, state: IntentState | None) -> bool:
    if word == "none":
        return state is None
    return state in (IntentState.HELD, IntentState.QUEUED, IntentState.SENDING) if word == "going" else state == word


def compares(value: Limit, amount: int) -> bool:
    return amount < value.amount if value.below else amount > value.amount
