"""The frame's ears: where the operator was, what house and engine say, and what of it concerns every place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shoptui.cockpit import collector
from shoptui.cockpit.batch_watch import batch_views
from shoptui.cockpit.house_notices import HouseNotices
from shoptui.cockpit.link import LinkState
from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session
from shoptui.cockpit.undo import UndoBatch
from shoptui.cockpit.urgent import UrgentArrivals
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.types import OrderRow
from shoptui.screens.forms import MenuForm
from shoptui.screens.frame_strip import StripFrame
from shoptui.screens.help_topic import HelpTopic
from shoptui.screens.messages import Answered, AskWanted, Begun, HouseRead, LinkChanged, NoHouseYet, Noticed
from shoptui.screens.orders import OrdersPlace
from shoptui.screens.place import Place
from shoptui.screens.rows_index import RowsIndex
from shoptui.words import Said, own_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Notices within this time are read together, seconds.
GATHER_S = 0.15

#: Changes beyond this many come from a first sync or a new rule: they are no arrivals.
URGENT_LOOK_MAX = 2000

#: The first rows go before counts, stores and the engine, but not by more than this, seconds.
ROWS_FIRST_S = 0.3

#: Where `g` and a letter, or F2 and a digit, lead (screens, section 2).
GO = (
    (Context.ORDERS, "o", "2"),
    (Context.INBOX, "i", "3"),
    (Context.STOCK, "k", "4"),
    (Context.MONEY, "m", "5"),
    (Context.RETURNS, "r", "6"),
    (Context.ACTIVITY, "a", "8"),
    (Context.STORES, "e", "9"),
)


class HouseFrame(StripFrame):
    """The frame with what all places are told and what decides whether commands work."""

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
        self.cockpit.prepare_places()

    def _restore(self) -> None:
        if self._restored or not self._begun or not self.cockpit.house.is_open:
            return
        self._restored = True
        memory = self.session.memory
        self.orders.restore(memory.places.get(Context.ORDERS.value, PlaceMemory()))
        last = next((context for context, _letter, _digit in GO if context.value == memory.place), Context.ORDERS)
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
        self.place.house_changed()
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
