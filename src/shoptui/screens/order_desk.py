"""The verbs of Orders that reach a marketplace: each opens its strip, and F9 orders what the strip says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.domain.intents import Verb
from shoptui.domain.orders import BEFORE_CARRIER
from shoptui.i18n import _
from shoptui.queries.preview import Preview, Target, preview
from shoptui.queries.types import Candidate, OrderLines
from shoptui.screens.orders_verbs import OrdersVerbs
from shoptui.words import orders_count, own_words

if TYPE_CHECKING:
    from shoptui.screens.counted_form import FormFacts
    from shoptui.screens.order_reasons import ReasonForm
    from shoptui.screens.order_ship import ShipForm
    from shoptui.screens.order_tracking import Carriers, TrackingForm

#: Orders in one read of candidates with their packages, which are read in full.
_CANDIDATES_AT_ONCE = 500

#: Orders that get a note of ours at once: each is a request.
_NOTES_MAX = 200


class OrdersDesk(OrdersVerbs):
    """What can be ordered on orders. Strips are imported when they first open: the first paint needs none."""

    # What all verbs share.

    def with_candidates(
        self, go_on: Callable[[list[Candidate], FormFacts], None], group: str, *, parcels: bool = True
    ) -> None:
        """Read what previews need of the orders a verb acts on, then go on with it."""
        from shoptui.screens.counted_form import FormFacts

        ids = self.target_ids()
        out_of_sight = self.out_of_sight

        async def read_candidates() -> Callable[[], None]:
            now, reader, me = self.session.now, self.house.reader, self.session.operator
            found: list[Candidate] = []
            step = _CANDIDATES_AT_ONCE if parcels else max(1, len(ids))
            for first in range(0, len(ids), step):
                found += await reader.candidates(ids[first : first + step], now, me, parcels=parcels)
            return lambda: go_on(found, FormFacts(now, self.session.zone, out_of_sight))

        self.read(read_candidates, group, exclusive=True)

    # Ship.

    def do_order_ship(self, argument: str) -> None:
        from shoptui.screens.order_ship import ShipForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            form = ShipForm(preview((Verb.SHIP,), candidates, facts.now), candidates, facts, self.order_parts)
            self.open_ship(form)

        self.with_candidates(go_on, "ship", parcels=False)

    def open_ship(self, form: ShipForm) -> None:
        """Open a strip that ships, and ask how its parcels can be handed over."""
        self.post_message(self.FormWanted(form))
        if targets := form.handover_targets:
            self.ask("handover", form.take_handover, targets=targets)

    # Change how it ships.

    def do_order_edit(self, argument: str) -> None:
        from shoptui.screens.forms import Choice, ChoiceForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            ways = [
                ((Verb.SHIP,), _("by the marketplace: how and when it is handed over")),
                ((Verb.SHIP_OWN,), _("by own carrier: tracking numbers, typed, scanned or from a file")),
                ((Verb.CHANGE_TRACKING,), _("correct tracking numbers that were sent")),
            ]
            previews = [(preview(chain, candidates, facts.now), words) for chain, words in ways]
            open_ways = [(found, words) for found, words in previews if found.ready]
            if len(open_ways) < 2:
                # Nothing to choose: the one way, or the reasons why there is none.
                self._open_way((open_ways or [previews[0]])[0][0], candidates, facts)
                return
            choices = [
                Choice((str(number),), str(number), words, f"({found.orders:,})")
                for number, (found, words) in enumerate(open_ways, start=1)
            ]
            title = _("CHANGE HOW {orders} GO").format(orders=orders_count(len(candidates)))
            chosen = lambda place: self._open_way(open_ways[place][0], candidates, facts)  # noqa: E731
            self.post_message(self.FormWanted(ChoiceForm(title, choices, chosen)))

        self.with_candidates(go_on, "edit")

    def _open_way(self, found: Preview, candidates: list[Candidate], facts: FormFacts) -> None:
        from shoptui.screens.order_ship import ShipForm
        from shoptui.screens.order_tracking import CarrierForm, TrackingForm

        if found.chain == (Verb.SHIP,):
            self.open_ship(ShipForm(found, candidates, facts, self.order_parts, choosing=True))
            return
        changing = found.chain == (Verb.CHANGE_TRACKING,)

        def go_on(left: Preview, carriers: Carriers, carrier: str) -> None:
            form = TrackingForm(
                left,
                candidates,
                facts,
                self.order_parts,
                carriers=carriers,
                carrier=carrier,
                read_file=lambda path: self._read_numbers(path, form),
                changing=changing,
            )
            self.post_message(self.FormWanted(form))

        form = CarrierForm(found, candidates, facts, go_on)
        self.post_message(self.FormWanted(form))
        self.ask_choices(found.chain[0], form.one_per_store, form.take_carriers)

    def _read_numbers(self, path: str, form: TrackingForm) -> None:
        """Read a file of tracking numbers for the strip that wants it."""
        from shoptui.queries.tracking_file import BadTrackingFile, decode_tracking

        async def read_file() -> Callable[[], None]:
            try:
                words = decode_tracking(await asyncio.to_thread(Path(path).expanduser().read_bytes))
            except OSError as error:
                said = _("{path} cannot be read: {why}").format(path=path, why=error.strerror or error)
                return lambda: form.say_problem(said)
            except BadTrackingFile as error:
                said = own_words(str(error))
                return lambda: form.say_problem(said)
            return lambda: form.take_text(words)

        self.read(read_file, "numbers", exclusive=True)

    # Cancel, and answer buyers who ask to.

    def do_order_cancel(self, argument: str) -> None:
        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            found = preview((Verb.CANCEL,), candidates, facts.now)
            if len(candidates) == 1 and found.ready:
                self._with_lines(candidates[0], lambda lines: self._choose_lines(found, candidates[0], facts, lines))
            else:
                self._ask_cancel(found, candidates, facts, ())

        self.with_candidates(go_on, "cancel")

    def _with_lines(self, candidate: Candidate, take: Callable[[OrderLines], None]) -> None:
        async def read_lines() -> Callable[[], None]:
            found = await self.house.reader.order_lines([candidate.row_id])
            return lambda: take(found[0]) if found else None

        self.read(read_lines, "lines", exclusive=True)

    def _choose_lines(self, found: Preview, candidate: Candidate, facts: FormFacts, order: OrderLines) -> None:
        from shoptui.screens.order_reasons import LinesForm

        go_on = partial(self._ask_cancel, found, [candidate], facts)
        still = [line for line in order.lines if line.status in BEFORE_CARRIER]
        if len(still) < 2:
            go_on(())
            return
        # Units are named one by one where they have names: what a line of them is called may mean less by then.
        lines = [
            (line.unit_ids or (line.line_id,), f"{line.quantity}x {line.sku or line.product_name}") for line in still
        ]
        form = LinesForm(found, candidate, facts, lines, go_on)
        self.post_message(self.FormWanted(form))
        self.ask_choices(Verb.CANCEL, found.ready, form.take_choices)

    def _ask_cancel(
        self, found: Preview, candidates: list[Candidate], facts: FormFacts, lines: Sequence[tuple[str, ...]]
    ) -> None:
        from shoptui.screens.order_reasons import CancelForm

        def ask(targets: Sequence[Target]) -> None:
            self.ask_choices(Verb.CANCEL, targets, form.take_reasons)

        form = CancelForm(found, candidates, facts, self.order_parts, ask=ask, lines=lines)
        self._open_reasons(form, ask)

    def _open_reasons(self, form: ReasonForm, ask: Callable[[Sequence[Target]], None]) -> None:
        form.chosen = lambda: self.judge(form)
        self.post_message(self.FormWanted(form))
        if form.preview.ready:
            ask(form.one_per_store)

    def do_request_accept(self, argument: str) -> None:
        self._answer_requests(accept=True)

    def do_request_refuse(self, argument: str) -> None:
        self._answer_requests(accept=False)

    def _answer_requests(self, *, accept: bool) -> None:
        from shoptui.screens.order_reasons import AnswerForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            found = preview((Verb.ANSWER_CANCEL,), candidates, facts.now)

            def ask(targets: Sequence[Target]) -> None:
                self.ask_choices(Verb.ANSWER_CANCEL, targets, form.take_reasons)

            form = AnswerForm(found, candidates, facts, self.order_parts, ask=ask, accept=accept)
            if accept:
                self.post_message(self.FormWanted(form))
                if found.ready:
                    self.judge(form)
            else:
                self._open_reasons(form, ask)

        self.with_candidates(go_on, "answer")

    # Notes.

    def do_row_note(self, argument: str) -> None:
        from shoptui.screens.order_note import NoteForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            found = preview((Verb.NOTE,), candidates, facts.now)
            one = candidates[0] if len(candidates) == 1 else None
            draft = f"note:{one.store_id}/{one.order_no}" if one is not None else "note:marked"
            form = NoteForm(found, candidates, facts, self.order_parts, keep=self._keep_notes, draft=draft)
            self.post_message(self.FormWanted(form))
            self.ask_choices(Verb.NOTE, found.ready, form.take_choices)

        self.with_candidates(go_on, "note", parcels=False)

    def _keep_notes(self, orders: Sequence[tuple[str, str]], words: str) -> None:
        """Keep a note of ours on each order."""
        if len(orders) > _NOTES_MAX:
            self.session.say(_("At most {count} orders at once: mark fewer.").format(count=_NOTES_MAX))
            return
        kept: list[Answer] = []

        def answered(answer: Answer) -> None:
            kept.append(answer)
            refused = next((each for each in kept if not each.ok), None)
            if refused is not None:
                self.session.say(refused.say, tone=Tone.BAD)
            elif len(kept) == len(orders):
                self.session.say(_("Noted on {orders}, ours only.").format(orders=orders_count(len(orders))))
            self.cursor_rested()

        for store_id, order_no in orders:
            self.ask("note", answered, order=[store_id, order_no], text=words)

    # Parcels.

    def do_order_split(self, argument: str) -> None:
        from shoptui.screens.order_regroup import SplitForm, pieces_of

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            found = preview((Verb.SPLIT,), candidates, facts.now)

            def open_split(order: OrderLines) -> None:
                form = SplitForm(found, candidates[0], facts, self.order_parts, pieces=pieces_of(order.lines))
                self.post_message(self.FormWanted(form))
                if found.ready:
                    self.ask_choices(Verb.SPLIT, found.ready, form.take_choices)

            if self._is_one(candidates):
                self._with_lines(candidates[0], open_split)

        self.with_candidates(go_on, "split")

    def do_order_combine(self, argument: str) -> None:
        from shoptui.screens.order_regroup import CombineForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            if self._is_one(candidates):
                found = preview((Verb.COMBINE,), candidates, facts.now)
                form = CombineForm(found, candidates[0], facts, self.order_parts)
                self.post_message(self.FormWanted(form))
                if found.ready:
                    self.ask_choices(Verb.COMBINE, found.ready, form.take_choices)

        self.with_candidates(go_on, "combine")

    def _is_one(self, candidates: Sequence[Candidate]) -> bool:
        if len(candidates) != 1:
            self.session.say(_("This is done order by order: take the marks off (u) and choose one."))
        return len(candidates) == 1
