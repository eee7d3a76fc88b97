"""The Money place: every store's balance, what does not agree in its statements, and what is done about it."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.money_list import MoneyRow, What
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoRequest
from shoptui.commands import Command
from shoptui.i18n import _, language
from shoptui.queries.money import AnomalyRow, BalanceRow, LineRow, StatementRow
from shoptui.screens.forms import Choice, ChoiceForm, TextForm
from shoptui.screens.money_list import MoneyLists
from shoptui.words import stores_count
from shoptui.words.money import dispute_words, statements_count, why_said

if TYPE_CHECKING:
    from shoptui.cockpit.dispute_pack import Gathered, Written
    from shoptui.cockpit.label_files import LabelFile
    from shoptui.domain.disputes import DisputeState
    from shoptui.screens.money_forms import DisputeForm, ExportForm

_AT_ONCE = 500


class MoneyPlace(MoneyLists):
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
        return ""

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
        from shoptui.screens.money_forms import DisputeForm

        if self.what not in {What.ANOMALIES, What.STATEMENT}:
            self.session.say(_("Mark differences first: Enter opens a store's statement, 1 lists those of all stores."))
            return

        def go_on(rows: list[AnomalyRow]) -> None:
            form = DisputeForm(
                rows,
                self.session.data_dir.exports,
                self._make_packs,
                self._ask_folder,
                chinese=language().startswith("zh"),
                tracks=self.session.link.up,
            )
            self.post_message(self.FormWanted(form))

        self._with_anomalies(go_on)

    def _ask_folder(self, form: DisputeForm) -> None:
        """Another folder for the packs; the strip comes back with it."""

        def enter(words: str) -> str | None:
            path = Path(words.strip()).expanduser()
            if not words.strip() or not path.is_absolute():
                return _("Give a whole path, beginning with / or ~.")
            form.folder = path
            self.call_after_refresh(self.post_message, self.FormWanted(form))
            return None

        title = _("WHERE TO: each pack gets a folder of its own in it")
        self.post_message(self.FormWanted(TextForm(title, _("folder"), enter, value=str(form.folder))))

    def _make_packs(self, form: DisputeForm) -> None:
        from shoptui.cockpit.dispute_pack import gather

        ready = form.ready

        async def collect() -> Callable[[], None]:
            found = []
            for store_id in form.stores:
                store = self.session.store(store_id)
                if store is None:
                    continue
                rows = [row for row in form.rows if row.anomaly.store_id == store_id]
                found.append(await gather(self.house.reader, store, rows, self.session.now, self.session.operator))
            parcels = [list(parcel) for one in found for parcel in one.parcels]

            def ask_labels() -> None:
                if not form.with_labels or not parcels:
                    self._write_packs(form, found, [])
                    return
                self.ask("documents", partial(self._labels_came, form, found), targets=parcels)

            return ask_labels

        self.session.say(_("Writing {count} lines …").format(count=len(ready)))
        self.read(collect, "pack", exclusive=True)

    def _labels_came(self, form: DisputeForm, found: Sequence[Gathered], answer: Answer) -> None:
        from shoptui.cockpit.label_files import LabelFile

        try:
            documents = answer.body.get("documents", []) if answer.ok else []
            labels = [LabelFile.from_answer(entry) for entry in documents]
        except (KeyError, ValueError, binascii.Error):
            labels = []
        self._write_packs(form, found, labels)

    def _write_packs(self, form: DisputeForm, found: Sequence[Gathered], labels: Sequence[LabelFile]) -> None:
        from shoptui.cockpit.dispute_pack import write
        from shoptui.dispute_files import PackError

        async def put() -> Callable[[], None]:
            written: list[Written] = []
            fault = ""
            for one in found:
                try:
                    written.append(await write(one, labels, form.folder, form.language, self.session.now))
                except PackError as error:
                    fault = str(error)
            return lambda: self._packs_written(form, written, fault)

        self.read(put, "pack", exclusive=True)

    def _packs_written(self, form: DisputeForm, written: Sequence[Written], fault: str) -> None:
        if fault:
            self.session.say(fault, tone=Tone.BAD)
        if not written:
            return
        self.grid.clear_marks()
        where = str(written[0].folder) if len(written) == 1 else str(written[0].folder.parent)
        if not form.track:
            if not fault:
                self.session.say(_("Written to {path}.").format(path=where), tone=Tone.GOOD)
            return
        numbers: list[int] = []
        for one in written:
            fields = {
                "store_id": one.store_id,
                "anomalies": [row.row_id for row in one.rows],
                "amount_minor": one.pack.amount.minor,
                "folder": str(one.folder),
                "language": form.language.value,
            }
            self.ask("make_dispute", partial(self._tracked, where, numbers, len(written)), **fields)

    def _tracked(self, where: str, numbers: list[int], wanted: int, answer: Answer) -> None:
        if not answer.ok:
            words = _("Written to {path}, but it is not tracked: {why}").format(path=where, why=answer.say)
            self.session.say(words, tone=Tone.BAD)
            return
        numbers.append(int(answer.body["dispute_id"]))
        if len(numbers) == wanted:
            shown = ", ".join(str(number) for number in sorted(numbers))
            words = _("✓ Written to {path}; tracked as dispute {numbers}.").format(path=where, numbers=shown)
            self.session.say(words, _("Once it is handed in: menu, Dispute status."), tone=Tone.GOOD)
        self.read_list("cursor")

    def do_dispute_status(self, argument: str) -> None:
        from shoptui.domain.disputes import DISPUTE_MOVES

        row = self.grid.cursor_row
        if not isinstance(row, AnomalyRow) or row.dispute_id is None or row.dispute_state is None:
            self.session.say(_("There is no dispute about this line; D makes its pack."))
            return
        number = row.dispute_id
        states = sorted(DISPUTE_MOVES[row.dispute_state], key=lambda state: state.value)
        choices = [Choice((str(place),), str(place), dispute_words(state)) for place, state in enumerate(states, 1)]
        title = _("DISPUTE {number} is: {state}. What is it now?")

        def choose(place: int) -> None:
            self._ask_note(number, states[place])

        words = title.format(number=number, state=dispute_words(row.dispute_state))
        self.post_message(self.FormWanted(ChoiceForm(words, choices, choose)))

    def _ask_note(self, number: int, state: DisputeState) -> None:
        def enter(words: str) -> str | None:
            self.ask("set_dispute", self._dispute_set, dispute_id=number, state=state.value, note=words.strip())
            return None

        title = _("DISPUTE {number}: {state}. A note, or just Enter").format(number=number, state=dispute_words(state))
        help_line = _("The ticket's number, what they answered, what came of it.")
        form = TextForm(title, _("note"), enter, help_lines=[help_line], draft=f"dispute:{number}")
        self.post_message(self.FormWanted(form))

    def _dispute_set(self, answer: Answer) -> None:
        if answer.ok:
            self.session.say(_("Noted."), tone=Tone.GOOD)
        else:
            self.session.say(answer.say, tone=Tone.BAD)
        self.read_list("cursor")

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
        ending = "xlsx" if form.is_excel else "csv"
        path = export_path(self.session.data_dir, moment, form.table, ending)
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
        said = why_said(row.anomaly)

        async def look() -> Callable[[], None]:
            from shoptui.cockpit.money_why import rule_words

            words = await rule_words(self.terms, row.anomaly, self.session.store(row.anomaly.store_id))
            return lambda: self.session.say(f"{said.what} {words}".strip(), said.todo)

        self.read(look, "why", exclusive=True)

    def _explain_balance(self, row: BalanceRow) -> None:
        async def look() -> Callable[[], None]:
            from shoptui.cockpit.money_why import clock_words

            words = await clock_words(self.terms, row, self.session.store(row.store_id), self.session.now)
            return lambda: self.session.say(words)

        self.read(look, "why", exclusive=True)

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
