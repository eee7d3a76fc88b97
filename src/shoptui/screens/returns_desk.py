"""What is done about returns inside the house: check parcels in, note, write to the buyer, export."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from shoptui.client import Answer
from shoptui.cockpit.export_returns import write_returns
from shoptui.cockpit.notices import Tone
from shoptui.commands import Command
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAsk
from shoptui.i18n import _
from shoptui.queries.returns import ReturnRow
from shoptui.screens.forms import Choice, ChoiceForm, TextForm
from shoptui.screens.returns_view import ReturnsView
from shoptui.words import orders_count
from shoptui.words.returns import condition_words, returns_count

#: Requests in one question to the engine.
_TARGETS_MAX = 2000
#: Orders that get a note of ours at once: each is a request.
_NOTES_MAX = 200


class ReturnsDesk(ReturnsView):
    """The part of Returns that stays in the house."""

    def label_of(self, command: Command) -> str:
        row = self.grid.cursor_row
        if row is None or len(self.grid.marks):
            return ""
        if command.id == "row.claim" and row.claimed_by == self.session.operator:
            return _("Not mine")
        if command.id == "row.copy" and self.in_pane and row.pictures:
            return _("Copy link")
        return super().label_of(command)

    def marks_of_ours_changed(self, rows: Sequence[ReturnRow]) -> None:
        # The engine tells of the orders, which are not in this list.
        self._fetch_shown([row.row_id for row in rows])
        self.cursor_rested()

    # Check parcels in.

    def do_return_check(self, argument: str) -> None:
        """Ask what was found in the parcels, then for a note."""
        self.with_rows(self._ask_condition)

    def _ask_condition(self, found: list[ReturnRow]) -> None:
        rows = [row for row in found if row.ask is not ReturnAsk.CANCEL]
        if not rows:
            self.session.say(_("A wish to cancel has no parcel that comes back."))
            return
        conditions = list(ParcelCondition)
        choices = [
            Choice((str(number),), str(number), condition_words(condition))
            for number, condition in enumerate(conditions, start=1)
        ]
        title = _("CHECK IN {returns}: how did it come back?").format(returns=returns_count(len(rows)))
        chosen = lambda place: self._ask_check_note(rows, conditions[place])  # noqa: E731
        self.post_message(self.FormWanted(ChoiceForm(title, choices, chosen)))

    def _ask_check_note(self, rows: Sequence[ReturnRow], condition: ParcelCondition) -> None:
        def enter(words: str) -> str | None:
            targets = [[row.store_id, row.return_id] for row in rows]
            for first in range(0, len(targets), _TARGETS_MAX):
                part = targets[first : first + _TARGETS_MAX]
                answered = partial(self._checked_in, len(rows), condition)
                self.ask("check_in", answered, returns=part, condition=condition.value, note=words.strip())
            self.grid.clear_marks()
            return None

        title = _("CHECKED IN, {condition}: a note?").format(condition=condition_words(condition))
        help_lines = [
            _("Ours alone, as for a dispute: what is broken, where the pictures are. Enter without words: none.")
        ]
        self.post_message(self.FormWanted(TextForm(title, ";", enter, help_lines=help_lines)))

    def _checked_in(self, count: int, condition: ParcelCondition, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)
            return
        words = _("Checked in: {returns}, {condition}. a pays, x refuses.")
        said = words.format(returns=returns_count(count), condition=condition_words(condition))
        self.session.say(said, tone=Tone.GOOD)
        self.cursor_rested()

    # Notes.

    def do_row_note(self, argument: str) -> None:
        self.with_rows(self._ask_note)

    def _ask_note(self, rows: list[ReturnRow]) -> None:
        orders = list(dict.fromkeys((row.store_id, row.order_no) for row in rows if row.order_no))

        def enter(words: str) -> str | None:
            if not words.strip():
                return _("Write something, or leave with Esc.")
            if len(orders) > _NOTES_MAX:
                return _("At most {count} orders at once: mark fewer.").format(count=_NOTES_MAX)
            for store_id, order_no in orders:
                self.ask("note", partial(self._noted, rows), order=[store_id, order_no], text=words.strip())
            return None

        title = _("NOTE on {orders}").format(orders=orders_count(len(orders)))
        help_lines = [_("Ours alone: the buyer never sees it, and it never leaves the house.")]
        draft = f"note:{rows[0].store_id}/{rows[0].return_id}" if len(rows) == 1 else "note:returns"
        self.post_message(self.FormWanted(TextForm(title, ";", enter, help_lines=help_lines, draft=draft)))

    def _noted(self, rows: Sequence[ReturnRow], answer: Answer) -> None:
        if answer.ok:
            self.session.say(_("Noted, ours only."), tone=Tone.GOOD)
        else:
            self.session.say(answer.say, tone=Tone.BAD)
        self.marks_of_ours_changed(rows)

    # Export.

    def do_list_export(self, argument: str) -> None:
        now = self.session.now
        self.export("returns", lambda ids, path: write_returns(self.house.reader, ids, path, now))
