"""The rows of Money: which of its lists is shown, how it is read, and what stands above and beside it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.money_list import (
    USUAL_SORT,
    Asked,
    MoneyList,
    MoneyRow,
    MoneySource,
    StoreMoney,
    What,
    key_of,
)
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.session import Session
from shoptui.command_state import Context
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.money import AnomalyRow, BalanceRow, LineRow, StatementRow
from shoptui.queries.query import EVERYTHING
from shoptui.screens.id_map import IdMap
from shoptui.screens.lines import Line, RoleLines, wrap
from shoptui.screens.list_place import ListPlace
from shoptui.screens.money_columns import columns_of
from shoptui.screens.money_pane import (
    anomaly_lines,
    head_lines,
    line_lines,
    statement_lines,
    store_lines,
)
from shoptui.screens.place import PaneLines
from shoptui.screens.remembered import Remembered, RowNames
from shoptui.store.errors import StoreError
from shoptui.widgets.columns import AnyColumn
from shoptui.widgets.grid import Grid, Keep
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import RowWindow
from shoptui.widgets.roles import Role

#: Changes come by the page while statements are read: the list is read anew this long after the first, seconds.
_REREAD_S = 0.3


class MoneyRead(Message):
    """A list of Money has been read, or a part of it."""

    def __init__(self, found: MoneyList, keep: Keep) -> None:
        super().__init__()
        self.found = found
        self.keep = keep


class MoneyRows(ListPlace[MoneyRow]):
    """One grid that shows the lists of Money in turn, a statement's head above it and the pane below or beside it."""

    context = Context.MONEY
    pane_context = Context.MONEY

    DEFAULT_CSS = """
    MoneyRows #money-lists { width: 1fr; height: 1fr; }
    MoneyRows #money-head { height: 3; display: none; }
    """

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session, house)
        self.terms = house.money
        self.sort = USUAL_SORT
        self.numbers: IdMap[str] = IdMap()
        self.window: RowWindow[MoneyRow] = RowWindow(self._fetch, self._number_of, capacity=3000)
        self.wanted = Asked(What.BALANCES)
        self.shown: MoneyList | None = None
        """The list on the screen, None before the first has come."""
        self.more: StoreMoney | None = None
        self._reading = False
        self._reread_soon = False
        self._land_on: int | None = None
        self._when_read: list[Callable[[], None]] = []
        names: RowNames[MoneyRow] = RowNames(
            self._number_of, key_of, lambda row_ids: self._source().rows(self.wanted, row_ids), self._named
        )
        self.again: Remembered[MoneyRow] = Remembered(self, self.window, names)
        self._to_open = ""
        """The list that is to be open again, by name, until it has been asked for."""

    def compose(self) -> ComposeResult:
        with Vertical(id="money-lists"):
            yield RoleLines(id="money-head")
            yield self.new_grid(self.window, self._columns)
        yield PaneLines(id="money-pane")

    @property
    def turning(self) -> bool:
        """Whether another list has been asked for and is not shown yet."""
        return self.shown is None or self.shown.asked != self.wanted

    # Marks mean the list that was asked for, not the one it takes the place of.

    def when_read(self, go_on: Callable[[], None]) -> None:
        """Go on with the list that was asked for, as soon as all of it is there."""
        if self.turning:
            self._when_read.append(go_on)
        else:
            go_on()

    def do_mark_all(self, argument: str) -> None:
        self.when_read(self.grid.mark_all)

    # What is shown.

    @property
    def what(self) -> What:
        """The list on the screen."""
        return self.shown.asked.what if self.shown is not None else self.wanted.what

    @property
    def statement(self) -> StatementRow | None:
        """The statement that is open, None outside of one."""
        return self.shown.statement if self.shown is not None else None

    def key_context(self) -> Context:
        return Context.STATEMENT if self.what in {What.STATEMENT, What.LINES} else Context.MONEY

    def _columns(self, width: int) -> Sequence[AnyColumn[MoneyRow]]:
        return columns_of(self.what, self.session, width)

    def _number_of(self, row: MoneyRow) -> int:
        return self.numbers.number(row.store_id) if isinstance(row, BalanceRow) else row.row_id

    def _fetch(self, row_ids: Sequence[int]) -> None:
        asked = self.wanted
        if not self.house.is_open or asked.what is What.BALANCES:
            return

        async def fetch() -> Callable[[], None]:
            rows = await self._source().rows(asked, row_ids)
            return lambda: self._take_rows(asked, rows, row_ids)

        self.read(fetch, "rows")

    def _take_rows(self, asked: Asked, rows: Sequence[MoneyRow], row_ids: Sequence[int]) -> None:
        if self.shown is None or asked != self.shown.asked:
            return
        self.grid.rows_changed(self.window.deliver(rows, row_ids))
        if self.grid.cursor_id in row_ids:
            self.pane_soon()
            self.post_message(self.StateChanged())

    async def _named(self, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
        """The numbers of the rows of the list that have these names."""
        if self.what is What.BALANCES:
            numbers = {key: self.numbers.number(key[0]) for key in keys if not key[1]}
            return {key: number for key, number in numbers.items() if self.window.position_of(number) is not None}
        return await self._source().row_ids(keys)

    def _source(self) -> MoneySource:
        return MoneySource(self.house.reader, self.terms, self.session.operator)

    # Reading.

    def ask_for(self, asked: Asked, *, land_on: int | None = None) -> None:
        """Show a list; the one before stays until the first rows of this one are there."""
        self._to_open = ""
        self.again.forget()
        self._ask_for(asked, land_on)

    def _ask_for(self, asked: Asked, land_on: int | None = None) -> None:
        self._land_on = land_on
        self._when_read = []
        keep: Keep = "first" if self.shown is None or asked != self.shown.asked else "now"
        self.wanted = asked
        self.read_list(keep)

    def read_list(self, keep: Keep = "cursor") -> None:
        """Read the list anew."""
        if self.house.is_open:
            self._reading = True
            self.work(partial(self._read_list, self.wanted, keep), "list", exclusive=True)

    async def _read_list(self, asked: Asked, keep: Keep) -> None:
        now, stores = self.session.now, self.session.house.stores
        try:
            async for found in self._source().read(asked, now, stores):
                self.post_message(MoneyRead(found, keep))
                # Only the first part of another list begins at its first row.
                keep = "now" if keep == "first" else keep
        except StoreError as error:
            self.session.say(str(error), tone=Tone.BAD)

    def on_money_read(self, event: MoneyRead) -> None:
        """A list has come."""
        event.stop()
        found, keep = event.found, event.keep
        if found.asked != self.wanted:
            return
        self._reading = not found.last
        other = self.shown is None or self.shown.asked != found.asked
        if found.asked.within_statement and found.statement is None:
            self.session.say(_("This statement is no longer here."))
            self.ask_for(Asked(What.BALANCES))
            return
        if other:
            # Rows of one list are none of another's, whatever their numbers.
            self.window.forget()
            self.grid.clear_marks()
            keep = "first"
        before = self.shown
        self.shown = found
        if other and (before is None or before.asked.what is not found.asked.what):
            self.grid.set_columns(self._columns)
        self.window.deliver(found.rows)
        ids = found.ids
        if found.asked.what is What.BALANCES:
            ids = array("q", [self._number_of(row) for row in found.rows])
        self.grid.replace_index(RowIndex(ids), keep=keep)
        self.grid.rows_changed([self._number_of(row) for row in found.rows])
        if not other and found.asked.what is not What.BALANCES:
            self._fetch(self.window.held(self.window.index.ids[:500]))
        self._show_head()
        if found.last:
            waiting, self._when_read = self._when_read, []
            for go_on in waiting:
                go_on()
        if self._land_on is not None and self.grid.move_to(self._land_on):
            self._land_on = None
        if found.last:
            self.again.find(self._found_again)
        self.pane_soon()
        if self.in_pane and other:
            self.leave_pane()
        self.post_message(self.StateChanged())

    def _found_again(self, landed: bool) -> None:
        """The operator is back where the cursor was, if that is in the list."""
        self.remembers = True
        self.post_message(self.StateChanged())

    # The list that was open when the cockpit was left.

    def opened(self) -> str:
        """What the list within a store is called, "" for balances and differences of all stores."""
        shown = self.shown
        if shown is None or shown.asked.what in {What.BALANCES, What.ANOMALIES}:
            return self._to_open
        statement_id = shown.statement.statement.statement_id if shown.statement is not None else ""
        return f"{shown.asked.what.value} {shown.asked.store_id}/{statement_id}"

    def open_again(self, name: str, instead: Callable[[], None]) -> None:
        """Show the list of that name, or call `instead` where its statement is gone."""
        what, _blank, rest = name.partition(" ")
        store_id, _slash, statement_id = rest.partition("/")
        if not self.house.is_open or what not in {What.STATEMENTS, What.STATEMENT, What.LINES}:
            instead()
            return
        self._to_open = name

        async def look() -> Callable[[], None]:
            row_id = await self.house.reader.money.statement_row(store_id, statement_id) if statement_id else None
            return partial(show, row_id)

        def show(row_id: int | None) -> None:
            if self._to_open != name:
                return
            self._to_open = ""
            if (row_id is None) == (what == What.STATEMENTS):
                self._ask_for(Asked(What(what), EVERYTHING, self.sort, store_id, row_id))
            else:
                instead()

        self.read(look, "choose", exclusive=True)

    def changed(self, changed: Changed) -> None:
        if not (changed.money or changed.stores) or self._reread_soon or not self.display:
            # Out of sight nothing is read: all is read anew when the place comes to the front.
            return
        self._reread_soon = True
        self.set_timer(_REREAD_S, self._reread)

    def _reread(self) -> None:
        self._reread_soon = False
        self.read_list()
        self.cursor_rested()

    def entered(self) -> None:
        super().entered()
        if not self._to_open:
            self.read_list()

    def on_grid_marks_changed(self, event: Grid.MarksChanged) -> None:
        super().on_grid_marks_changed(event)
        self.again.marks_changed()

    def tick(self, now: int) -> None:
        super().tick(now)
        if self.what is What.BALANCES and any(
            isinstance(row, BalanceRow) and row.next_at is not None and row.next_at <= now
            for row in (self.shown.rows if self.shown is not None else ())
        ):
            self.read_list()

    # What stands above and beside it.

    def _show_head(self) -> None:
        shown = self.shown
        head = self.query_one("#money-head", RoleLines)
        statement = shown.statement if shown is not None else None
        head.display = statement is not None
        if statement is not None and shown is not None:
            width = self.app.size.width - (self.pane_width() + 1 if self.pane_is_side and self.pane.display else 0)
            head.show(head_lines(self.session, statement, max(0, len(shown.siblings) - 1), width))

    def arrange_place(self) -> None:
        super().arrange_place()
        lists = self.query_one("#money-lists")
        lists.display = not self.pane_is_full
        self._show_head()

    def language_changed(self) -> None:
        self._show_head()
        super().language_changed()

    def cursor_rested(self) -> None:
        row = self.grid.cursor_row
        if not isinstance(row, BalanceRow) or not self.house.is_open:
            return

        async def look() -> Callable[[], None]:
            more = await self._source().about(row.store_id, now=self.session.now)

            def take() -> None:
                self.more = more
                self.show_pane()

            return take

        self.read(look, "about", exclusive=True)

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        row = self.grid.cursor_row
        if isinstance(row, BalanceRow):
            told = self.shown.balances if self.shown is not None else None
            return store_lines(row, self.more, told, self.session, width, full=full, explained=self.explained or ())
        if isinstance(row, AnomalyRow):
            return anomaly_lines(row, self.session, width, full=full, explained=self.explained or ())
        if isinstance(row, LineRow):
            return line_lines(row, self.session, width, full=full)
        if isinstance(row, StatementRow):
            return statement_lines(row, self.session, width)
        if self.grid.cursor_id is not None or self.shown is None:
            return []
        return [(), *wrap(" " + self._empty_words(), width, Role.QUIET, 1)]

    def leave_pane(self) -> None:
        self.forget_explained()
        super().leave_pane()

    def _empty_words(self) -> str:
        if self.what is What.STATEMENT:
            return _(
                "Nothing differs in this statement. a marks it as verified, L shows its lines, ] the one before it."
            )
        if self.filter_text or self.view != "0":
            return _("Nothing of that kind. 0 shows all balances.")
        if self.what is What.BALANCES:
            return _("No store's money has been read yet.")
        return _("Nothing here.")
