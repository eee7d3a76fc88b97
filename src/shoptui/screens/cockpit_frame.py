"""The frame as the cockpit uses it: the commands that belong to no place, where messages lead, scans."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from shoptui.client import Answer
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.undo import UndoBatch
from shoptui.cockpit.urgent import NOTICE_KEY as URGENT_KEY
from shoptui.command_state import CommandState, Context
from shoptui.commands import BY_ID, Command, first_keys, in_context, key_label, verbs_of
from shoptui.i18n import _, in_every_language
from shoptui.screens.bars import shown_notice
from shoptui.screens.bindings import bindings
from shoptui.screens.forms import Choice, ChoiceForm, Form, MenuEntry, MenuForm
from shoptui.screens.frame_house import GO, HouseFrame
from shoptui.screens.help_topic import HelpTopic
from shoptui.screens.list_place import ListPlace
from shoptui.screens.message_lines import MessageForm
from shoptui.screens.place import Place
from shoptui.widgets.scan_app import Scanned
from shoptui.words import Said, clock_time_s, orders_count, taken_back_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Where the targets of messages and places lead; all others to Orders.
_PLACE_OF = {
    "batch": Context.ACTIVITY,
    "alert": Context.ACTIVITY,
    "store": Context.STORES,
    "thread": Context.INBOX,
    "write": Context.INBOX,
    "return": Context.RETURNS,
    "pool": Context.STOCK,
    "sku": Context.STOCK,
    "money": Context.MONEY,
}


class CockpitFrame(HouseFrame):
    """The frame with everything that is shared by all places."""

    _going: ChoiceForm | None = None
    """The strip that asks where to go, as it was opened last."""

    def do_app_quit(self, argument: str) -> None:
        self.cockpit.leave()

    def do_app_help(self, argument: str) -> None:
        form = self.strip.form
        if form is not None:
            self.session.say(_about_strip(form))
            return
        if self.place.context is Context.HELP:
            self.back()
        else:
            self.help_about = HelpTopic(self.place.key_context(), self.command_state())
            self.show_place(Context.HELP)

    def do_doctor_open(self, argument: str) -> None:
        self.show_place(Context.DOCTOR)

    def do_go_screen(self, argument: str) -> None:
        by_letter = argument == "g"
        choices = [
            Choice((letter, digit), letter if by_letter else digit, _(context.value.capitalize()))
            for context, letter, digit in GO
        ]
        if by_letter:
            choices.append(Choice(("g",), "g", _("first row")))

        def go(place: int) -> None:
            self._going = None
            if place < len(GO):
                self.show_place(GO[place][0], self.place.target_in(GO[place][0]))
            else:
                self.action_command("row.first", "home")

        title = _("GO: a letter or its digit") if by_letter else _("GO: a digit or its letter")
        self._going = ChoiceForm(title, choices, go)
        self.open_form(self._going)

    def leads_to(self, key: str) -> Context | None:
        """Where a key leads next, None where it leads nowhere by itself: only `g` and F2 are asked for a place."""
        form = self.strip.form
        if form is None or form is not self._going:
            return None
        return next((context for context, *keys in GO if key in keys), None)

    def do_menu_open(self, argument: str) -> None:
        context = self.key_context()
        self.open_form(MenuForm(lambda: self._menu_entries(context), self._menu_chosen))

    def _menu_entries(self, context: Context) -> list[MenuEntry]:
        """The commands of a context as they are now; the menu's own field is none."""
        state = self.command_state()
        verbs = list(verbs_of(context))
        rest = [c for c in in_context(context) if not c.verb and c.id not in {"view.pick", "begin.choose", "menu.open"}]
        return [self._menu_entry(command, state) for command in [*verbs, *rest] if command.applies(state)]

    def _menu_entry(self, command: Command, state: CommandState) -> MenuEntry:
        label = self.place.label_of(command) or _(command.label)
        keys = " ".join(map(key_label, first_keys(command, self.session.keymap)[:2]))
        return MenuEntry(
            command.id,
            label,
            keys,
            self._menu_note(command, state),
            _(command.help),
            command.why_off(state),
            # Whoever learned a name in one language finds it while the cockpit speaks the other.
            " ".join(
                (label, keys, command.id, *in_every_language(command.label), *in_every_language(command.help))
            ).casefold(),
        )

    def _menu_note(self, command: Command, state: CommandState) -> str:
        if command.verb and state.marked:
            return orders_count(state.marked) if self.place is self.orders else str(state.marked)
        return ""

    def _menu_chosen(self, command_id: str) -> None:
        self.action_command(command_id, next(iter(BY_ID[command_id].keys), ""))

    def do_sync_now(self, argument: str) -> None:
        def answered(answer: Answer) -> None:
            if answer.ok:
                self.session.say(_("Reading all stores now."), tone=Tone.GOOD)
            else:
                self.session.say(answer.say, tone=Tone.BAD)

        self.cockpit.ask_engine("sync_now", {}, answered)

    def do_notice_seen(self, argument: str) -> None:
        if self._is_covered():
            return
        notice = self.session.notices.seen()
        if notice is None:
            return
        self.house_notices.seen(notice)
        if notice.key == URGENT_KEY:
            self.urgent.seen()
        if notice.batch_id:
            self.cockpit.ask_engine("ack", {"batch_id": notice.batch_id}, self._say_refusal)
        for alert_id in notice.alert_ids:
            self.cockpit.ask_engine("see_alert", {"alert_id": alert_id}, self._say_refusal)

    def _is_covered(self) -> bool:
        """Whether the messages wait behind a hold, where nobody has read the one on top; that is said then."""
        covered = self.session.notices.count > 0 and shown_notice(self.session) is None
        if covered:
            self.session.say(_("The messages come up when the hold is over; z takes back what is held."))
        return covered

    def _say_refusal(self, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)

    def do_go_notice(self, argument: str) -> None:
        if self._is_covered():
            return
        notice = shown_notice(self.session)
        if notice is None or not (notice.goes_to or self.message_cut):
            self.session.say(_("This message leads nowhere."))
            return
        if self.strip.is_open:
            self.session.say(_("A question is open: answer it first (F9 or ◄)."))
            return
        if self.message_cut:
            self.open_form(MessageForm(notice, partial(self._go_to_notice, notice) if notice.goes_to else None))
        else:
            self._go_to_notice(notice)

    def _go_to_notice(self, notice: Notice) -> None:
        kind, _colon, what = notice.goes_to.partition(":")
        if notice.key == URGENT_KEY:
            self.session.notices.withdraw(notice.key)
            self.urgent.seen()
        if kind == "scan":
            self.session.notices.withdraw(notice.key)
            self._open_scan(what)
            return
        self._go_to(notice.goes_to)

    def _go_to(self, target: str) -> None:
        self.show_place(_PLACE_OF.get(target.partition(":")[0], Context.ORDERS), target)

    def on_place_go_wanted(self, event: Place.GoWanted) -> None:
        event.stop()
        self._go_to(event.target)

    def do_undo_last(self, argument: str) -> None:
        entry = self.session.undo.pop()
        if isinstance(entry, UndoBatch):
            answers: list[Answer] = []
            for batch_id in entry.batch_ids:
                taken_back = partial(self._taken_back, entry, answers)
                self.cockpit.ask_engine("take_back", {"batch_id": batch_id}, taken_back)
        elif entry is not None:
            say = entry.say

            def answered(answer: Answer) -> None:
                self.session.say(say if answer.ok else answer.say, tone=Tone.GOOD if answer.ok else Tone.BAD)

            self.cockpit.ask_engine(entry.do, entry.arguments, answered)

    def _taken_back(self, entry: UndoBatch, answers: list[Answer], answer: Answer) -> None:
        """One of the batches was asked back; with the last answer it is said what became of all."""
        answers.append(answer)
        if len(answers) < len(entry.batch_ids):
            return
        refused = next((each for each in answers if not each.ok), None)
        if refused is not None:
            self.session.say(refused.say, tone=Tone.BAD)
            return
        taken = sum(int(each.body["taken_targets"]) for each in answers)
        gone = sum(int(each.body["gone_targets"]) for each in answers)
        time = clock_time_s(self.session.now, self.session.zone)
        tone = Tone.GOOD if taken and not gone else Tone.ASK
        self.session.say(taken_back_line(taken, gone, time), tone=tone)
        place = next((place for place in self.places.values() if place.context.value == entry.place), None)
        if taken and entry.marks and isinstance(place, ListPlace) and not len(place.grid.marks):
            place.grid.mark_again(entry.marks)

    # Scans.

    def on_scanned(self, event: Scanned) -> None:
        """A barcode: open what it is; while a question is open it is kept for later."""
        event.stop()
        if self.strip.is_open:
            self.app.bell()
            what = _("Scan {code} is kept: a question is open.").format(code=event.text)
            todo = _("Answer it first (F9 or ◄), then ' opens the scan.")
            notice = Notice(f"scan:{event.text}", Said(what, todo), Tone.SCAN, True, f"scan:{event.text}")
            self.session.notices.post(notice)
        else:
            self._open_scan(event.text)
        self.draw_bars()

    def _open_scan(self, code: str) -> None:
        """Go to the return with that number, whose parcel may have come back, else look for it among the orders."""
        if self.place.take_scan(code):
            return

        async def look() -> Callable[[], None]:
            key = await self.cockpit.house.reader.returns.scanned(code.strip())
            return partial(self._go_to, f"return:{key[0]}/{key[1]}") if key is not None else find

        def find() -> None:
            if self.place is not self.orders:
                self.show_place(Context.ORDERS)
            self.orders.find(code, scanned=True)

        if self.cockpit.house.is_open:
            self.orders.read(look, "scan")
        else:
            find()


def _about_strip(form: Form) -> str:
    """What F9 does on this strip, or why it does nothing; the key line lists the other keys."""
    does = form.does()
    if does:
        return _("F9: {does}. ◄ or Esc leaves the strip, nothing is done. Enter never confirms.").format(does=does)
    return _("F9 does nothing yet: choose or type what the strip asks for, if anything is left that can go.")


def frame_with_keys(keymap: Mapping[str, str]) -> type[CockpitFrame]:
    """The frame's class under an operator's own keys: Textual takes bindings from the class."""
    if not keymap:
        return CockpitFrame

    class RekeyedFrame(CockpitFrame, inherit_bindings=False):
        """The frame with other keys."""

        BINDINGS: ClassVar[list[BindingType]] = list(bindings(keymap))

    return RekeyedFrame
