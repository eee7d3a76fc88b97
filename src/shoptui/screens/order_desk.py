"""The verbs of Orders that reach a marketplace, a printer or a file: each opens its strip, F9 orders what it says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoBatch
from shoptui.domain.intents import Verb
from shoptui.i18n import _, ngettext
from shoptui.queries.ordering import OrderPart, judge_requests, order_requests
from shoptui.queries.preview import Target, preview
from shoptui.queries.types import Candidate
from shoptui.screens.order_form import FormFacts, VerbForm
from shoptui.screens.order_print import ShipPrintForm
from shoptui.screens.order_ship import ShipForm
from shoptui.screens.orders_verbs import OrdersVerbs

#: Orders in one read of candidates with their packages, which are read in full.
_CANDIDATES_AT_ONCE = 500

Order = Callable[[Sequence[OrderPart]], None]


class OrdersDesk(OrdersVerbs):
    """What can be ordered on orders."""

    # What all verbs share.

    def with_candidates(
        self, go_on: Callable[[list[Candidate], FormFacts], None], group: str, *, parcels: bool = True
    ) -> None:
        """Read what previews need of the orders a verb acts on, then go on with it."""
        ids = self.target_ids()
        listed = len(self.grid.marks.within(self.window.index.ids)) if len(self.grid.marks) else len(ids)

        async def read_candidates() -> Callable[[], None]:
            now, reader, me = self.session.now, self.house.reader, self.session.operator
            found: list[Candidate] = []
            step = _CANDIDATES_AT_ONCE if parcels else max(1, len(ids))
            for first in range(0, len(ids), step):
                found += await reader.candidates(ids[first : first + step], now, me, parcels=parcels)
            return lambda: go_on(found, FormFacts(now, self.session.zone, len(ids) - listed))

        self.read(read_candidates, group, exclusive=True)

    def order_parts(self, parts: Sequence[OrderPart]) -> None:
        """Order what a strip has confirmed."""
        requests = order_requests(parts, lambda: str(uuid.uuid4()))
        self.session.undo.push(UndoBatch(tuple(str(request["batch_id"]) for request in requests)))
        for request in requests:
            batch_id = str(request["batch_id"])
            # Written down before it is asked: a lost answer is asked for again with the same id, which counts once.
            self.session.add_pending(batch_id, request)
            self.ask("order", partial(self.ordered, batch_id), **request)
        self.grid.clear_marks()

    def judge(self, form: VerbForm) -> None:
        """Ask the engine what it would refuse, so that the strip says so before F9."""
        for targets, question in judge_requests(form.parts()):
            self.ask("judge", partial(form.judged, targets), **question)

    def ask_choices(self, verb: Verb, targets: Sequence[Target], take: Callable[[Answer], None]) -> None:
        """Ask what may be chosen for a verb: the first order of each store speaks for it."""
        wanted = list(dict.fromkeys((target.store_id, target.order_no) for target in targets))
        self.ask("choices", take, verb=verb.value, targets=[list(pair) for pair in wanted])

    def ordered(self, batch_id: str, answer: Answer) -> None:
        """The engine has answered an order."""
        if not answer.ok and answer.reason == "no_engine":
            said = _("The engine did not answer. The order is kept and asked for again when it is back.")
            self.session.say(said, tone=Tone.ASK)
            return
        self.session.answered(batch_id)
        if not answer.ok:
            self.session.undo.drop_batch(batch_id)
            self.session.say(_("Not ordered: {why}").format(why=answer.say), tone=Tone.BAD)
            return
        refused = answer.body.get("refused", [])
        if not answer.body.get("accepted"):
            self.session.undo.drop_batch(batch_id)
        if refused:
            words = ngettext("{count} was refused: {why}", "{count} were refused, the first: {why}", len(refused))
            self.session.say(words.format(count=len(refused), why=refused[0].get("say", "")), tone=Tone.BAD)
        self.post_message(self.StateChanged())

    # Ship; ship and print.

    def do_order_ship(self, argument: str) -> None:
        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            form = ShipForm(preview((Verb.SHIP,), candidates, facts.now), candidates, facts, self.order_parts)
            self.open_ship(form)

        self.with_candidates(go_on, "ship", parcels=False)

    def open_ship(self, form: ShipForm) -> None:
        """Open a strip that ships, and ask how its parcels can be handed over."""
        self.post_message(self.FormWanted(form))
        if targets := form.handover_targets:
            self.ask("handover", form.take_handover, targets=targets)

    def do_order_print(self, argument: str) -> None:
        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            form = ShipPrintForm(
                candidates,
                facts,
                self.order_parts,
                my_printer=self.session.memory.printer,
                chosen_printer=lambda name: self.session.change_memory(printer=name),
                judge=lambda: self.judge(form),
            )
            self.open_ship(form)
            if form.preview.ready:
                self.ask_choices(Verb.LABEL, form.one_per_store, form.take_documents)
            self.ask("printers", form.take_printers)

        self.with_candidates(go_on, "print")
