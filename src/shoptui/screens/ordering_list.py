"""A list from which verbs are ordered: what a strip has confirmed goes to the engine, and what it answers is said."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoBatch
from shoptui.domain.intents import Verb
from shoptui.i18n import _, ngettext
from shoptui.queries.ordering import OrderPart, judge_requests, order_requests
from shoptui.queries.preview import Target
from shoptui.screens.row_looks import RowLooks
from shoptui.screens.rows_index import ListedRowT

if TYPE_CHECKING:
    from shoptui.screens.counted_form import CountedForm

#: More marks than this do not come back with what is taken back.
_MARKS_BACK = 100_000


class OrderingList(RowLooks[ListedRowT]):
    """A list whose rows are acted on at marketplaces."""

    def unmark_ordered(self, parts: Sequence[OrderPart]) -> None:
        """What was marked has been ordered: the marks go."""
        self.grid.clear_marks()

    def order_parts(
        self, parts: Sequence[OrderPart], *, take_over: bool = False, rule: Mapping[str, object] | None = None
    ) -> tuple[str, ...]:
        """Order what a strip has confirmed; the ids of the batches. `take_over`: it has said whose claims it passes.

        `rule` is what stock was shared out by, where that is not each pool's own.
        """
        requests = order_requests(parts, lambda: str(uuid.uuid4()))
        if take_over:
            requests = [{**request, "take_over": True} for request in requests]
        if rule is not None:
            requests = [{**request, "rule": rule} for request in requests]
        batch_ids = tuple(str(request["batch_id"]) for request in requests)
        marks = self.grid.marks
        self.session.undo.push(
            UndoBatch(batch_ids, tuple(marks) if len(marks) <= _MARKS_BACK else (), self.context.value)
        )
        for request in requests:
            batch_id = str(request["batch_id"])
            # Written down before it is asked: a lost answer is asked for again with the same id, which counts once.
            self.session.add_pending(batch_id, request)
            self.ask("order", partial(self.ordered, batch_id), **request)
        self.unmark_ordered(parts)
        return batch_ids

    def judge(self, form: CountedForm[Any, Any]) -> None:
        """Ask the engine what it would refuse, so that the strip says so before F9."""
        more = {"take_over": True} if form.preview.claimed else {}
        for targets, question in judge_requests(form.parts()):
            self.ask("judge", partial(form.judged, targets), **question, **more)

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
