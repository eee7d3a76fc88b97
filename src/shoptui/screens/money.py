"""The Money place: every store's balance, what does not agree in its statements, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.money_list import MoneyRow, What
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoRequest
from shoptui.commands import Command
from shoptui.i18n import _, pgettext
from shoptui.queries.money import AnomalyRow, BalanceRow, LineRow, StatementRow
from shoptui.screens.dispute_desk import DisputeDesk
from shoptui.screens.money_list import MoneyLists
from shoptui.words import stores_count
from shoptui.words.money import statements_count

if TYPE_CHECKING:
    from shoptui.screens.money_forms import ExportForm

_AT_ONCE = 500


class MoneyPlace(MoneyLists, DisputeDesk[MoneyRow]):
    """The lists of Money with their verbs."""

    # Verified.

    def do_statement_verify(self, argument: str) -> None:
        """The open statement, the marked ones, or of the stores under the cursor or marked all that agree wholly."""
        if self.turning:
            self.session.say(_("Another list is being read: press the key again when it is there."))
            return
        if self.statement is not None:
            self._verify([self.statement])
            return
        rows = self._marked_or_here()
        if any(isinstance(row, StatementRow) for row in rows):
            self._verify([row for row in rows if isinstance(row, StatementRow)])
            return
        stores = [row.store_id for row in rows if isinstance(row, BalanceRow)]
        if not stores:
            self.session.say(_("Open a statement to verify it, or go to the balances: ◄"))
            return

        async def look() -> Callable[[], None]:
            found = [row for store_id in stores for row in await self._source().statements(store_id)]
            return lambda: self._verify_agreeing(stores, found)

        self.read(look, "verify", exclusive=True)

    def _verify_agreeing(self, stores: Sequence[str], found: Sequence[StatementRow]) -> None:
        """All that agree to the cent; what differs has to be looked at by itself."""
        open_ones = [row for row in found if not row.verified]
        agreeing = [row for row in open_ones if row.checked_at is not None and not row.stale and not row.anomalies]
        agreeing = [row for row in agreeing if not (row.mark is not None and row.mark.what == "changed")]
        if not agreeing:
            where = stores[0] if len(stores) == 1 else stores_count(len(stores))
            words = _("{stores}: no statement that agrees wholly is left to verify; Enter opens what differs.")
            self.session.say(words.format(stores=where))
            return
        self._verify(agreeing, left=len(open_ones) - len(agreeing))

    def _verify(self, rows: Sequence[StatementRow], left: int = 0) -> None:
        keys = [[row.statement.store_id, row.statement.statement_id] for row in rows if not row.verified]
        if not keys:
            mark = rows[0].mark
            who = mark.operator if mark is not None else ""
            self.session.say(_("Verified already by {who}; the menu takes the mark off.").format(who=who))
            return
        seen_at = self.shown.read_at if self.shown is not None and self.statement is not None else self.session.now
        self.ask("mark_verified", partial(self._verified, left), statements=keys, seen_at=seen_at)

    def _verified(self, left: int, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)
            return
        changed, refused = answer.body.get("changed", []), answer.body.get("refused", [])
        if changed:
            undone = _("The mark is off again.")
            self.session.undo.push(UndoRequest("withdraw_marks", {"statements": changed}, undone))
        self.grid.clear_marks()
        self.read_list("cursor")
        if refused:
            self.session.say(str(refused[0].get("say", "")), tone=Tone.BAD)
            return
        words = _("✓ {statements} verified; z takes it back.").format(statements=statements_count(len(changed)))
        if left:
            words += " " + _("{count} with differences are left: Enter.").format(count=left)
        self.session.say(words, tone=Tone.GOOD)

    def do_statement_withdraw(self, argument: str) -> None:
        rows = [self.statement] if self.statement is not None else self._marked_or_here()
        keys = [
            [row.statement.store_id, row.statement.statement_id]
            for row in rows
            if isinstance(row, StatementRow) and row.verified
        ]
        if not keys:
            self.session.say(_("There is no verified statement here."))
            return

        def answered(answer: Answer) -> None:
            if answer.ok:
                self.session.say(_("The mark is off again."), tone=Tone.GOOD)
                self.read_list("cursor")
            else:
                self.session.say(answer.say, tone=Tone.BAD)

        self.ask("withdraw_marks", answered, statements=keys)

    def label_of(self, command: Command) -> str:
        if command.id == "statement.lines" and self.what is What.LINES:
            return _("Differences")
        return pgettext("statement", "Lines") if command.id == "statement.lines" else ""

    # Rows a verb acts on.

    def _marked_or_here(self) -> list[MoneyRow]:
        return [row for row in map(self.window.row, self.listed_targets()) if row is not None]

    def _with_anomalies(self, go_on: Callable[[list[AnomalyRow]], None]) -> None:
        """Read the differences a verb acts on as they are now, then go on with them."""
        ids = self.listed_targets()

        async def read() -> Callable[[], None]:
            rows: list[AnomalyRow] = []
            for first in range(0, len(ids), _AT_ONCE):
                rows += await self.house.reader.money.anomalies(ids[first : first + _AT_ONCE])
            return lambda: go_on(rows)

        self.read(read, "targets", exclusive=True)

    # Dispute packs.

    def do_dispute_pack(self, argument: str) -> None:
        self.when_read(self._open_pack)

    def _open_pack(self) -> None:
        if self.what not in {What.ANOMALIES, What.STATEMENT}:
            self.session.say(_("Mark differences first: Enter opens a store's statement, 1 lists those of all stores."))
        else:
            self._with_anomalies(self.open_dispute)

    def disputes_changed(self) -> None:
        self.grid.clear_marks()
        self.read_list("cursor")

    def do_dispute_status(self, argument: str) -> None:
        row = self.grid.cursor_row
        if not isinstance(row, AnomalyRow) or row.dispute_id is None or row.dispute_state is None:
            self.session.say(_("There is no dispute about this line; D makes its pack."))
            return
        self.ask_dispute_state(row.dispute_id, row.dispute_state)

    # Export.

    def do_money_export(self, argument: str) -> None:
        from shoptui.screens.money_forms import ExportForm

        first = {What.ANOMALIES: "anomalies", What.STATEMENT: "anomalies", What.LINES: "lines"}.get(self.what)
        if self.what is What.STATEMENTS:
            first = "statements"
        tables = (
            ("balances", _("balances")),
            ("statements", _("statements")),
            ("lines", _("lines of statements")),
            ("anomalies", _("differences")),
        )
        stores = {row.store_id for row in self._marked_or_here() if isinstance(row, BalanceRow)}
        if self.what in {What.STATEMENT, What.LINES, What.STATEMENTS}:
            stores = {self.store_here()}
        form = ExportForm(tables, first or "balances", sorted(stores - {""}), self._export)
        if first is None and not len(self.grid.marks):
            form.all_stores = True
        self.post_message(self.FormWanted(form))

    def _export(self, form: ExportForm) -> None:
        from shoptui.cockpit.export import export_path
        from shoptui.domain.clocks import DAY_S
        from shoptui.money_files import MoneyTable, export_money
        from shoptui.queries.query import EVERYTHING
        from shoptui.queries.sheets import SheetError

        now = self.session.now
        moment = datetime.fromtimestamp(now, self.session.zone)
        path = export_path(self.session.data_dir, moment, form.table, form.ending)
        since = None if form.since_days is None else now - form.since_days * DAY_S
        asked = self.shown.asked if self.shown is not None else None
        query = asked.query if asked is not None and asked.what is What.ANOMALIES else EVERYTHING

        async def put() -> Callable[[], None]:
            book, rates = self.terms.look()
            try:
                rows = await export_money(
                    self.house.reader,
                    MoneyTable(form.table),
                    path,
                    now=now,
                    book=book,
                    rates=rates,
                    operator=self.session.operator,
                    store_ids=form.store_ids,
                    since=since,
                    query=query,
                    replace=True,
                    totals=form.with_totals,
                )
            except SheetError as error:
                said, tone = str(error), Tone.BAD
            else:
                said, tone = _("✓ {count} rows written to {path}").format(count=f"{rows:,}", path=path), Tone.GOOD
            return lambda: self.session.say(said, tone=tone)

        self.session.say(_("Writing {path} …").format(path=path))
        self.read(put, "export", exclusive=True)

    # The rest.

    def do_row_runbook(self, argument: str) -> None:
        row = self.grid.cursor_row
        if isinstance(row, AnomalyRow):
            self._explain(row)
        elif isinstance(row, BalanceRow):
            self._explain_balance(row)
        elif isinstance(row, LineRow):
            self.session.say(_("Tab shows what a line is made of; K explains differences and balances."))

    def _explain(self, row: AnomalyRow) -> None:
        async def look() -> Sequence[str]:
            from shoptui.cockpit.money_why import rule_words

            words = await rule_words(self.terms, row.anomaly, self.session.store(row.anomaly.store_id))
            return words or [_("It follows from the statement itself and needs no rule.")]

        self.explain(look)

    def _explain_balance(self, row: BalanceRow) -> None:
        async def look() -> Sequence[str]:
            from shoptui.cockpit.money_why import clock_words

            return [await clock_words(self.terms, row, self.session.store(row.store_id), self.session.now)]

        self.explain(look)

    def do_row_message(self, argument: str) -> None:
        order = self.order_here()
        if order is None:
            self.session.say(_("This belongs to no order, so there is no buyer to write to."))
            return
        self.write_to_buyer(*order)

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        order = self.order_here()
        words = order[1] if order is not None else ""
        if isinstance(row, StatementRow):
            words = row.statement.statement_id
        elif isinstance(row, BalanceRow) and row.balance is not None:
            words = row.balance.plain()
        if words:
            self.copy(words)
