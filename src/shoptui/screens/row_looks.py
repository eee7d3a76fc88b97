"""A long list whose rows are looked for by name and looked at closely: landed on, revealed, explained, copied."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from shoptui.client import Answer
from shoptui.cockpit.export import export_path
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.notices import Tone
from shoptui.domain.clocks import MINUTE_S
from shoptui.i18n import _
from shoptui.screens.rows_index import ListedRowT
from shoptui.screens.rows_list import RowsList
from shoptui.words import marketplace_name


class RowLooks(RowsList[ListedRowT]):
    """A list with the ways to one of its rows and what the pane shows of it when asked."""

    revealed: Mapping[str, str] | None = None
    """What a reveal answered for the row in the pane, None while it is hidden."""
    _pane_drawn_at = 0

    @abstractmethod
    def filter_to(self, row: ListedRowT) -> str:
        """A filter of this list that finds a row, "" for all rows."""

    # Going to one row.

    def open_row(self, key: RowKey, then: Callable[[], None] | None = None) -> None:
        """Land on a row by what it is called, filtered out or not, and go on with `then`."""

        async def find() -> Iterable[int]:
            return (await self.source().row_ids([key])).values()

        self.open_found(find, then, self.say_missing)

    def open_found(
        self,
        find: Callable[[], Awaitable[Iterable[int]]],
        then: Callable[[], None] | None = None,
        missing: Callable[[], None] | None = None,
    ) -> None:
        """Land on the first of the rows that `find` names and go on with `then`, or with `missing` without any."""

        async def look() -> Callable[[], None]:
            rows = await self.source().rows(list(await find())[:1], self.session.now)
            if rows:
                return partial(self._land_on, rows[0], then)
            return missing or (lambda: None)

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def say_missing(self) -> None:
        """Say that what was looked for is not here."""

    def _land_on(self, row: ListedRowT, then: Callable[[], None] | None) -> None:
        if self.grid.move_to(row.row_id):
            self._landed(then)
        else:
            self.land_hidden(row, then)

    def land_hidden(self, row: ListedRowT, then: Callable[[], None] | None) -> None:
        """Show a list that has a row which the filter hides, land on it there and go on with `then`."""
        self.again.cursor = self.key_of(row)
        self._when_found = partial(self._landed, then)
        filter_text = self.filter_to(row)
        self.set_filter(filter_text)
        if filter_text:
            self.session.say(_("It was filtered out: 0 shows all again."))
        else:
            self.view = "0"
            self.session.say(_("It was filtered out: this is all of them."))

    def _landed(self, then: Callable[[], None] | None) -> None:
        self.cursor_rested()
        if then is not None:
            then()

    # The pane.

    def pane_changes_at(self, now: int) -> int:
        return self._pane_drawn_at + MINUTE_S

    def place_in_list(self, row: ListedRowT) -> str:
        """Where the row in the pane stands, while the list is out of sight; "" otherwise."""
        position = self.window.position_of(row.row_id) if self.in_pane else None
        if position is None:
            return ""
        return _("{place} of {count}").format(place=f"{position + 1:,}", count=f"{self.window.row_count:,}")

    def market_name(self, store_id: str) -> str:
        """Marketplace and country of a store, as the pane's head says them; "" for one that is gone."""
        store = self.session.store(store_id)
        return f"{marketplace_name(store.marketplace)} {store.region}" if store is not None else ""

    def forget_looks(self) -> None:
        """Hide what was revealed and explained: it belongs to one row and one look."""
        self.revealed = None
        self.forget_explained()

    def go_back(self) -> bool:
        if self.in_pane:
            self.forget_looks()
        return super().go_back()

    def reveal(self, store_id: str, order_no: str) -> None:
        """`R`: show who an order's buyer is, recorded, or hide it again."""
        row_id = self.grid.cursor_id
        if self.revealed is not None:
            self.revealed = None
            self.show_pane()
            return

        def answered(answer: Answer) -> None:
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
            elif self.grid.cursor_id == row_id:
                shown = {key: str(value) for key, value in answer.body.items() if isinstance(value, str)}
                if answer.body.get("masked"):
                    shown["note"] = _("The marketplace itself hides the rest; there is nothing more to show.")
                self.revealed = shown
                self.look_closer()

        self.ask("reveal", answered, store_id=store_id, order_no=order_no)

    def export(self, name: str, write: Callable[[Sequence[int], Path], Awaitable[str]]) -> None:
        """Write the marked rows, else the whole list, to a file of that name; `write` answers what is said then."""
        ids = self.target_ids() if len(self.grid.marks) else list(self.window.index.ids)
        moment = self.session.local(self.session.now)

        async def work() -> Callable[[], None]:
            said = await write(ids, await asyncio.to_thread(export_path, self.session.data_dir, moment, name))
            return lambda: self.session.say(said, tone=Tone.GOOD)

        self.session.say(_("Writing {rows} ...").format(rows=self.count_words(len(ids))))
        self.read(work, "export", exclusive=True)
