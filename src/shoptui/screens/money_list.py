"""The lists of Money: views, filters and sorts, where Enter and ◄ lead, and what is said about a list."""

from __future__ import annotations

from collections.abc import Callable

from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.money_list import (
    USUAL_SORT,
    Asked,
    MoneyList,
    What,
    key_of,
    statement_to_open,
)
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _
from shoptui.queries.completion import Completion, completed
from shoptui.queries.filter import FilterError
from shoptui.queries.money import AnomalyRow, BalanceRow, LineRow, StatementRow
from shoptui.queries.money_fields import MONEY_FIELDS, parse_money
from shoptui.queries.money_views import ANOMALIES_VIEW, AnomalySort, AnomalySortBy, money_views, names_anomalies
from shoptui.queries.query import EVERYTHING
from shoptui.queries.views import View
from shoptui.screens.filter_form import FilterForm
from shoptui.screens.forms import Choice, ChoiceForm
from shoptui.screens.lines import Line, plain, text
from shoptui.screens.money_pane import converted_words, read_words
from shoptui.screens.money_rows import MoneyRows
from shoptui.screens.place import ViewLine
from shoptui.widgets.grid import Grid
from shoptui.widgets.roles import Role
from shoptui.words import stores_count
from shoptui.words.money import anomalies_count, lines_count, statements_count
from shoptui.words.times import money_words


class MoneyLists(MoneyRows):
    """The lists with the ways between them; `MoneyPlace` adds the verbs.

    Enter goes from a balance to the statement that wants looking at, from a difference or a line to its order; ◄ goes
    from a statement to all of its store's and from those to the balances.
    """

    # Views, filters, sorts.

    def views(self) -> dict[str, View]:
        return dict(money_views(self.session.memory.saved_views.get(Context.MONEY.value, {})))

    def do_view_pick(self, argument: str) -> None:
        view = self.views().get(argument)
        if view is None:
            self.say_no_view(argument)
            return
        self.view = argument
        self.set_filter(view.filter_text)

    def set_filter(self, filter_text: str) -> FilterError | None:
        """Show what a filter matches: differences where it asks for something only they have, else balances."""
        try:
            query = parse_money(filter_text)
        except FilterError as error:
            return error
        self.filter_text = filter_text
        about = self.view == ANOMALIES_VIEW or names_anomalies(query)
        self.ask_for(Asked(What.ANOMALIES if about else What.BALANCES, query, self.sort if about else USUAL_SORT))
        return None

    def do_filter_open(self, argument: str) -> None:
        help_words = "status:unverified  store:sp-*  kind:fee_rate  diff:>5usd  fee:commission  order:1J8C3T"
        form = FilterForm(
            self.filter_text,
            self.set_filter,
            self.save_view,
            help_words=help_words,
            draft="filter:money",
            complete=self._complete,
        )
        self.post_message(self.FormWanted(form))

    def _complete(self, typed: str) -> Completion:
        return completed(typed, MONEY_FIELDS, [store.store_id for store in self.session.house.stores])

    def do_list_sort(self, argument: str) -> None:
        self.when_read(self._ask_sort)

    def _ask_sort(self) -> None:
        if self.what not in {What.ANOMALIES, What.STATEMENT}:
            self.session.say(_("Only differences can be sorted; this list stands by its clocks and days."))
            return
        names = {
            AnomalySortBy.SIZE: _("size"),
            AnomalySortBy.STORE: _("store"),
            AnomalySortBy.KIND: _("kind"),
            AnomalySortBy.ORDER: _("order"),
            AnomalySortBy.BOOKED: _("booked"),
        }
        keys = "12345"
        choices = [Choice((key,), key, label) for key, label in zip(keys, names.values(), strict=True)]

        def choose(place: int) -> None:
            by = list(names)[place]
            turned = by is self.sort.by and not self.sort.descending
            down = turned if by is self.sort.by else by is AnomalySortBy.SIZE
            self.sort = AnomalySort(by, down)
            asked = self.wanted
            self.ask_for(Asked(asked.what, asked.query, self.sort, asked.store_id, asked.statement_row))

        self.post_message(self.FormWanted(ChoiceForm(_("SORT BY (again: the other way round)"), choices, choose)))

    def do_list_resort(self, argument: str) -> None:
        super().do_list_resort(argument)
        self.read_list()

    # Where Enter and ◄ lead.

    def do_row_open(self, argument: str) -> None:
        row = self.grid.cursor_row
        if isinstance(row, BalanceRow):
            self.open_store(row.store_id)
        elif isinstance(row, StatementRow):
            self.open_statement(row)
        elif isinstance(row, AnomalyRow):
            self._open_order(row.anomaly.store_id, row.anomaly.order_no, row.order_row)
        elif isinstance(row, LineRow):
            self._open_order(row.line.store_id, row.line.order_no, row.order_row)

    def on_grid_row_opened(self, event: Grid.RowOpened) -> None:
        event.stop()
        self.do_row_open("")

    def _open_order(self, store_id: str, order_no: str, order_row: int | None) -> None:
        if order_row is None:
            said = _("This order is not in the house: it is older than what was read.") if order_no else ""
            self.session.say(said or _("This belongs to no order."))
            return
        self.post_message(self.GoWanted(f"number:{store_id}/{order_no}"))

    def open_store(self, store_id: str, statement_id: str = "") -> None:
        """A store's statement: the one named, else the one that wants looking at."""

        async def choose() -> Callable[[], None]:
            rows = await self._source().statements(store_id)
            named = next((row for row in rows if row.statement.statement_id == statement_id), None)
            row = named or statement_to_open(rows)
            return lambda: self.open_statement(row) if row is not None else self._say_none(store_id)

        if self.house.is_open:
            self.read(choose, "choose", exclusive=True)

    def _say_none(self, store_id: str) -> None:
        self.session.say(_("{store} has no statement yet.").format(store=store_id))

    def open_statement(self, row: StatementRow, what: What = What.STATEMENT) -> None:
        """One statement with what does not agree, or its lines."""
        self.ask_for(Asked(what, EVERYTHING, self.sort, row.statement.store_id, row.row_id))

    def do_statement_lines(self, argument: str) -> None:
        """Between a statement's differences and its lines."""
        self.when_read(self._turn_lines)

    def _turn_lines(self) -> None:
        statement = self.statement
        if statement is None:
            row = self.grid.cursor_row
            if isinstance(row, AnomalyRow) and row.statement_row is not None:
                self.ask_for(Asked(What.LINES, EVERYTHING, self.sort, row.anomaly.store_id, row.statement_row))
                return
            if isinstance(row, BalanceRow):
                self._open_lines_of(row.store_id)
                return
            statement = row if isinstance(row, StatementRow) else None
        if statement is None:
            self.session.say(_("No statement has it, so there are no lines to show."))
            return
        self.open_statement(statement, What.STATEMENT if self.what is What.LINES else What.LINES)

    def _open_lines_of(self, store_id: str) -> None:
        """The lines of the store's statement that wants looking at."""

        async def choose() -> Callable[[], None]:
            found = statement_to_open(await self._source().statements(store_id))
            return lambda: self.open_statement(found, What.LINES) if found is not None else self._say_none(store_id)

        if self.house.is_open:
            self.read(choose, "choose", exclusive=True)

    def do_row_next(self, argument: str) -> None:
        self._sibling(1)

    def do_row_prev(self, argument: str) -> None:
        self._sibling(-1)

    def _sibling(self, step: int) -> None:
        """`]` the next older statement of the store, `[` the next newer one."""
        shown = self.shown
        if shown is None or shown.statement is None:
            return
        place = shown.siblings.index(shown.statement.row_id) if shown.statement.row_id in shown.siblings else 0
        if not 0 <= place + step < len(shown.siblings):
            self.session.say(_("This is the oldest statement.") if step > 0 else _("This is the newest statement."))
            return
        asked = shown.asked
        self.ask_for(Asked(asked.what, EVERYTHING, self.sort, asked.store_id, shown.siblings[place + step]))

    def go_back(self) -> bool:
        if super().go_back():
            return True
        asked = self.wanted
        if asked.within_statement:
            self.ask_for(Asked(What.STATEMENTS, store_id=asked.store_id), land_on=asked.statement_row)
            return True
        if asked.what is What.STATEMENTS:
            self._land_on = self.numbers.number(asked.store_id)
            land = self._land_on
            self.set_filter(self.filter_text)
            self._land_on = land
            return True
        return False

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        store_id, _slash, name = what.partition("/")
        if kind == "money" and name:
            self.open_store(store_id, name)
        elif kind == "money":
            self.view = "0"
            self.filter_text = ""
            self.ask_for(Asked(What.BALANCES), land_on=self.numbers.number(store_id))
        elif kind == "of":
            self.open_order_lines(store_id, name)

    def open_order_lines(self, store_id: str, order_no: str) -> None:
        """The newest statement that has an order, on its line; the store where no statement has it."""

        async def look() -> Callable[[], None]:
            money = self.house.reader.money
            lines = await money.lines_of_order(store_id, order_no)
            if not lines:
                return lambda: self._say_unsettled(store_id, order_no)
            newest = lines[-1]
            row_id = await money.statement_row(store_id, newest.line.statement_id)
            asked = Asked(What.LINES, EVERYTHING, self.sort, store_id, row_id)
            return lambda: self.ask_for(asked, land_on=newest.row_id)

        if self.house.is_open:
            self.read(look, "choose", exclusive=True)

    def _say_unsettled(self, store_id: str, order_no: str) -> None:
        self.session.say(_("No statement has order {number} yet.").format(number=order_no[-6:]))
        self.ask_for(Asked(What.BALANCES), land_on=self.numbers.number(store_id))

    def target_in(self, context: Context) -> str:
        order = self.order_here()
        if order is not None and context in {Context.ORDERS, Context.INBOX}:
            return f"{'number' if context is Context.ORDERS else 'of'}:{order[0]}/{order[1]}"
        store_id = self.store_here()
        return f"store:{store_id}" if context is Context.STORES and store_id else ""

    def order_here(self) -> tuple[str, str] | None:
        """Store and number of the order under the cursor, None where there is none."""
        row = self.grid.cursor_row
        if isinstance(row, AnomalyRow) and row.anomaly.order_no:
            return row.anomaly.store_id, row.anomaly.order_no
        if isinstance(row, LineRow) and row.line.order_no:
            return row.line.store_id, row.line.order_no
        return None

    def store_here(self) -> str:
        """The store of the row under the cursor, "" without a row."""
        row = self.grid.cursor_row
        if isinstance(row, BalanceRow):
            return row.store_id
        if isinstance(row, AnomalyRow):
            return row.anomaly.store_id
        if isinstance(row, LineRow):
            return row.line.store_id
        return row.statement.store_id if isinstance(row, StatementRow) else self.wanted.store_id

    # What the frame asks.

    def view_line(self, width: int) -> ViewLine:
        shown = self.shown
        if shown is None:
            return ViewLine(plain(_("reading"), Role.QUIET), ())
        left = self._view_name(shown)
        if self.filter_text and shown.asked.what in {What.BALANCES, What.ANOMALIES}:
            left = (*left, text(f"  {self.filter_text}"))
        return ViewLine(left, self._view_count(shown))

    def _view_name(self, shown: MoneyList) -> Line:
        asked = shown.asked
        if asked.within_statement and shown.statement is not None:
            name = _("statement") if asked.what is What.STATEMENT else _("lines")
            return (text(f"{asked.store_id} {name}", Role.INFO),)
        if asked.what is What.STATEMENTS:
            return (text(_("{store} statements").format(store=asked.store_id), Role.INFO),)
        view = self.views().get(self.view)
        here = view is not None and view.filter_text == self.filter_text
        name = f"{self.view} {_(view.name) if view is not None and view.name else ''}".strip() if here else _("filter")
        if asked.what is What.BALANCES and shown.balances is not None and not self.filter_text:
            count = stores_count(len(shown.balances.rows))
            return (text(name, Role.INFO), text(f"  {count}"))
        return (text(name, Role.INFO),)

    def _view_count(self, shown: MoneyList) -> Line:
        marked = len(self.grid.marks)
        pieces: Line = ()
        if marked:
            pieces = (text(_("{count} marked").format(count=f"{marked:,}") + "  ", Role.INFO),)
        if shown.asked.what is What.BALANCES and shown.balances is not None:
            return (*pieces, *self._total(shown))
        if shown.asked.what is What.STATEMENTS:
            return (*pieces, text(statements_count(len(shown.ids))))
        if shown.asked.what is What.LINES and shown.statement is not None:
            if not shown.last or not shown.statement.whole:
                expected = shown.statement.lines_expected or shown.statement.lines
                here = len(shown.ids) if shown.statement.whole else shown.statement.lines
                return (*pieces, text(read_words(here, expected), Role.INFO))
            return (*pieces, text(lines_count(len(shown.ids))))
        pieces = (*pieces, text(anomalies_count(len(shown.ids))))
        if shown.missing is not None and shown.missing.total.minor:
            total = money_words(shown.missing.total.minor, shown.missing.total.currency)
            pieces = (*pieces, text(f"  = {total}", Role.NEAR))
        return pieces

    def attention_line(self) -> Line:
        """That the house's own rates or fees are left out, and what is wrong with them."""
        return plain(f" {self.terms.fault}", Role.SOON) if self.terms.fault else ()

    def _total(self, shown: MoneyList) -> Line:
        """The converted total, which names the day of its rates."""
        told = shown.balances
        if told is None or told.converted is None or told.rates_date is None:
            return (text(_("no rates"), Role.QUIET),) if told is not None and told.rows else ()
        return (text(converted_words(told, self.session)),)

    # What is remembered.

    def memory(self) -> PlaceMemory:
        row = self.grid.cursor_row
        return PlaceMemory(
            view=self.view,
            filter_text=self.filter_text,
            sort="" if self.sort == USUAL_SORT else str(self.sort),
            cursor=key_of(row) if row is not None else None,
            marks=self.again.marked,
            pane=self.pane_size,
            opened=self.opened(),
        )

    def restore(self, memory: PlaceMemory) -> None:
        self.view = memory.view
        self.pane_size = memory.pane or self.pane_size
        try:
            self.sort = AnomalySort.parse(memory.sort) if memory.sort else USUAL_SORT
        except ValueError:
            # A column an older program had.
            self.sort = USUAL_SORT
        if memory.opened:
            self.filter_text = memory.filter_text
            self.open_again(memory.opened, lambda: self._show_again(memory))
        else:
            self._show_again(memory)
        self.again.take(memory)

    def _show_again(self, memory: PlaceMemory) -> None:
        """The list of the view and filter; of a filter that no longer reads, all balances."""
        if self.set_filter(memory.filter_text) is not None:
            self.view = "0"
            self.set_filter("")

    def state(self) -> CommandState:
        row = self.grid.cursor_row
        return CommandState(
            place=self.key_context(),
            row_count=self.window.row_count,
            has_row=self.grid.cursor_id is not None,
            marked=len(self.grid.marks),
            has_order=self.order_here() is not None,
            # While another list is being read its verbs are meant already.
            lists_money=self.wanted.what.value,
            dispute=isinstance(row, AnomalyRow) and row.dispute_id is not None,
        )
