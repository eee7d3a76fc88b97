"""The frame as the cockpit uses it: what it hears from house and engine, and the commands that belong to no place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType

from shoptui.client import Answer
from shoptui.cockpit import collector
from shoptui.cockpit.batch_watch import batch_views
from shoptui.cockpit.house_notices import HouseNotices
from shoptui.cockpit.link import LinkState
from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session
from shoptui.cockpit.undo import UndoBatch
from shoptui.cockpit.urgent import NOTICE_KEY as URGENT_KEY
from shoptui.cockpit.urgent import UrgentArrivals
from shoptui.command_state import CommandState, Context
from shoptui.commands import BY_ID, Command, first_keys, in_context, key_label, verbs_of
from shoptui.i18n import _, in_every_language
from shoptui.protocol import Changed
from shoptui.queries.types import OrderRow
from shoptui.screens.bars import shown_notice
from shoptui.screens.bindings import bindings
from shoptui.screens.forms import Choice, ChoiceForm, Form, MenuEntry, MenuForm
from shoptui.screens.frame import Frame
from shoptui.screens.help_topic import HelpTopic
from shoptui.screens.message_lines import MessageForm
from shoptui.screens.messages import Answered, AskWanted, Begun, HouseRead, LinkChanged, NoHouseYet, Noticed
from shoptui.screens.orders import OrdersPlace
from shoptui.screens.place import ListPlace, Place
from shoptui.screens.rows_index import RowsIndex
from shoptui.widgets.scan_app import Scanned
from shoptui.words import Said, clock_time_s, orders_count, own_words, taken_back_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Notices within this time are read together, seconds.
GATHER_S = 0.15

#: Changes beyond this many come from a first sync or a new rule: they are no arrivals.
URGENT_LOOK_MAX = 2000

#: The first rows go before counts, stores and the engine, but not by more than this, seconds.
ROWS_FIRST_S = 0.3

#: Where `g` and a letter, or F2 and a digit, lead (screens, section 2).
_GO = (
    (Context.ORDERS, "o", "2"),
    (Context.INBOX, "i", "3"),
    (Context.STOCK, "k", "4"),
    (Context.MONEY, "m", "5"),
    (Context.RETURNS, "r", "6"),
    (Context.ACTIVITY, "a", "8"),
    (Context.STORES, "e", "9"),
)

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


class CockpitFrame(Frame):
    """The frame with everything that is shared by all places."""

    def __init__(self, session: Session, first: OrdersPlace, later: Mapping[Context, Callable[[], Place]]) -> None:
        super().__init__(session, first, later)
        self.orders = first
        self.house_notices = HouseNotices(session)
        self.urgent = UrgentArrivals(session.time)
        self.help_about = HelpTopic(Context.ORDERS, CommandState(place=Context.ORDERS))
        """What the Help place shows: where it was asked for, and what worked there then."""
        self._restored = False
        self._begun = False
        self._rows_were_first = False
        self._gathering = False
        self._first_run_offered = False

    # Beginning.

    def on_begun(self, event: Begun) -> None:
        """Memory is loaded: take up where the operator was, then look for the engine."""
        self.session.memory = event.memory
        self.house_notices.away_since(event.memory.left_at)
        if event.fault:
            self.say_fault(event.fault)
        self._begun = True
        self._restore()
        if self.cockpit.house.is_open:
            self.set_timer(ROWS_FIRST_S, self._after_rows)
        else:
            self.call_after_refresh(self._after_rows)

    def on_place_state_changed(self, event: Place.StateChanged) -> None:
        super().on_place_state_changed(event)
        if self._begun and not self._rows_were_first and self.orders.first_rows_are_here:
            self.call_after_refresh(self._after_rows)

    def _after_rows(self) -> None:
        """The first rows are painted, or were waited for long enough: begin everything else."""
        if self._rows_were_first:
            return
        self._rows_were_first = True
        collector.begin()
        self.cockpit.read_house()
        self.cockpit.start_link()
        self.cockpit.prepare_places_soon()

    def _restore(self) -> None:
        if self._restored or not self._begun or not self.cockpit.house.is_open:
            return
        self._restored = True
        memory = self.session.memory
        self.orders.restore(memory.places.get(Context.ORDERS.value, PlaceMemory()))
        last = next((context for context, _letter, _digit in _GO if context.value == memory.place), Context.ORDERS)
        if self.place.context is not Context.DOCTOR:
            self.show_place(last, remember=False)

    def on_no_house_yet(self, event: NoHouseYet) -> None:
        """Nothing to read yet: say what to do and try again when the engine is there."""
        self.say(event.say)
        if not event.exists:
            self._offer_first_run()

    def _offer_first_run(self) -> None:
        """A house without stores begins with the page that tests the terminal and connects the first one."""
        if not self._first_run_offered and self.place is self.orders and not self.strip.is_open:
            self._first_run_offered = True
            self.show_place(Context.DOCTOR)

    # What the house and the engine say.

    def on_house_read(self, event: HouseRead) -> None:
        self.session.take_house(event.house)
        self._restore()
        if not event.house.stores:
            self._offer_first_run()
        self.house_notices.update()
        if self.place is self.orders:
            self.orders.grid.redraw()
        self.draw_bars()

    def on_link_changed(self, event: LinkChanged) -> None:
        was_up = self.session.link.up
        self.session.link = replace(event.link, say=own_words(event.link.say))
        if event.link.up:
            self.session.notices.withdraw("engine")
            # Whatever it said, it was said without an engine.
            self.session.notices.pass_by()
            self._ask_pending()
            self.cockpit.read_house()
            if self._restored:
                # Notices were missed while the link was down.
                self._tell_places(
                    Changed(orders=None, stores=True, counts=True, alerts=True, threads=None, returns=None, pools=None)
                )
        elif was_up or event.link.say:
            self._say_engine_gone()
        if isinstance(self.strip.form, MenuForm):
            # What works, and why it does not, depends on the engine.
            self.strip.form.renew()
        self.draw_bars()

    def _say_engine_gone(self) -> None:
        link = self.session.link
        what = _("The engine is not running: data of {time}, nothing can be sent.").format(
            time=self.session.time(link.since)
        )
        todo = link.say
        if link.tries:
            todo = _("{why} Trying again, try {count}; views and marks are kept.").format(
                why=link.say, count=link.tries
            )
        self.session.notices.post(Notice("engine", Said(what, todo.strip()), Tone.BAD, sticky=True))

    def _ask_pending(self) -> None:
        """Ask again for what was ordered when the answer was lost; the same batch id counts once."""
        for batch_id, request in self.session.memory.pending.items():
            self.cockpit.ask_engine("order", request, self._pending_answered(batch_id))

    def _pending_answered(self, batch_id: str) -> Any:
        return lambda answer: self.orders.ordered(batch_id, answer)

    def on_noticed(self, event: Noticed) -> None:
        self._look_for_urgent(event.changed.orders or ())
        self._tell_places(event.changed)
        if not self._gathering:
            self._gathering = True
            self.set_timer(GATHER_S, self._gathered)

    def _tell_places(self, changed: Changed) -> None:
        """Long lists follow also while they are out of sight; short ones are read anew when they come to the front."""
        for place in self.places.values():
            if place is self.place or isinstance(place, RowsIndex):
                place.changed(changed)

    def _look_for_urgent(self, row_ids: Sequence[int]) -> None:
        """Rows that were not in the list before: one with hardly any time left is told at once, wherever one is."""
        if not self.orders.remembers or len(row_ids) > URGENT_LOOK_MAX:
            return
        came = [row_id for row_id in row_ids if self.orders.window.position_of(row_id) is None]

        async def look() -> Callable[[], None]:
            rows = await self.cockpit.house.reader.rows(came, self.session.now)
            return lambda: self._say_urgent(rows)

        if came:
            self.orders.read(look, "urgent")

    def _say_urgent(self, rows: Sequence[OrderRow]) -> None:
        # What a first sync brings was there before: none of it has just come in.
        came = [row for row in rows if self._is_read(row.store_id)]
        notice = self.urgent.arrived(came, self.session.now)
        if notice is not None:
            self.app.bell()
            self.post_notice(notice)

    def _is_read(self, store_id: str) -> bool:
        store = self.session.store(store_id)
        return store is not None and store.feed is not None and store.feed.first_done

    def _gathered(self) -> None:
        self._gathering = False
        self.cockpit.read_house()

    def on_ask_wanted(self, event: AskWanted) -> None:
        event.stop()
        self.cockpit.ask_engine(event.do, event.fields, event.answered)

    def on_answered(self, event: Answered) -> None:
        event.answered(event.answer)
        self.draw_bars()

    def language_changed(self) -> None:
        """The operator's language is another one: every place and every message is said anew."""
        for place in self.places.values():
            place.language_changed()
        self.house_notices.update()
        self.draw_bars()

    def say_fault(self, sentence: str) -> None:
        """Something went wrong inside: it stays until it is seen."""
        self.session.notices.post(Notice("fault", Said(sentence), Tone.BAD, sticky=True))
        self.draw_bars()

    # What decides whether commands work.

    def command_state(self) -> CommandState:
        session = self.session
        last = session.undo.last
        takeable = 0
        if isinstance(last, UndoBatch):
            views = {view.batch_id: view for view in batch_views(session.house.batches)}
            takeable = sum(views[each].takeable if each in views else 1 for each in last.batch_ids)
        return replace(
            self.place.state(),
            engine_up=session.link.up,
            engine_since="" if session.link.state is LinkState.CONNECTING else session.time(session.link.since),
            takeable=takeable,
            undo_ours=last is not None and not isinstance(last, UndoBatch),
            notices=session.notices.count,
            history=len(self.came_from),
            role=session.hello.role if session.hello is not None else "",
        )

    # Commands that belong to no place.

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
            for context, letter, digit in _GO
        ]
        if by_letter:
            choices.append(Choice(("g",), "g", _("first row")))

        def go(place: int) -> None:
            if place < len(_GO):
                self.show_place(_GO[place][0], self.place.target_in(_GO[place][0]))
            else:
                self.action_command("row.first", "home")

        title = _("GO: a letter or its digit") if by_letter else _("GO: a digit or its letter")
        self.open_form(ChoiceForm(title, choices, go))

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
        if self.place.take_scan(code):
            return
        """Go to the return with that number, whose parcel may have come back, else look for it among the orders."""

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
