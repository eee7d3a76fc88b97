"""Answering returns: agree, refund only, refuse, offer a part, and the same for goods that came back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.domain.fx import Rates, RatesError
from shoptui.domain.intents import Verb
from shoptui.domain.returns import ReturnAnswer, ReturnState
from shoptui.exchange import load_rates
from shoptui.i18n import _
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import Target
from shoptui.queries.return_offer import BadOffer, offers_of
from shoptui.queries.return_preview import AnswerPreview, answer_preview
from shoptui.queries.returns import ReturnCandidate
from shoptui.screens.forms import Choice, ChoiceForm, TextForm
from shoptui.screens.returns_view import ReturnsView
from shoptui.words.returns import answer_head, offer_wrong, returns_count

if TYPE_CHECKING:
    from shoptui.screens.counted_form import FormFacts
    from shoptui.screens.return_form import ReturnForm


#: The answer for goods that came back, by the key that answers a request.
_OF_GOODS = {ReturnAnswer.AGREE: ReturnAnswer.GOODS_OK, ReturnAnswer.REFUSE: ReturnAnswer.GOODS_REFUSED}


class ReturnsAnswers(ReturnsView):
    """The part of Returns that answers buyers. Strips are imported when they first open."""

    def do_return_agree(self, argument: str) -> None:
        self._answer(ReturnAnswer.AGREE)

    def do_return_refund(self, argument: str) -> None:
        self._answer(ReturnAnswer.REFUND_ONLY)

    def do_return_refuse(self, argument: str) -> None:
        self._answer(ReturnAnswer.REFUSE)

    def do_return_offer(self, argument: str) -> None:
        self._with_candidates(self._ask_offer)

    def _with_candidates(self, go_on: Callable[[list[ReturnCandidate], FormFacts, Rates | None], None]) -> None:
        """Read what a preview needs of the requests a verb acts on, then go on with it."""
        from shoptui.screens.counted_form import FormFacts

        ids = self.target_ids()
        out_of_sight = self.out_of_sight

        async def read_candidates() -> Callable[[], None]:
            now, me = self.session.now, self.session.operator
            found = await self.house.reader.returns.candidates(ids, now, me)
            rates = await asyncio.to_thread(_rates, self.session.data_dir.root)
            return lambda: go_on(found, FormFacts(now, self.session.zone, out_of_sight), rates)

        self.read(read_candidates, "answer", exclusive=True)

    def _answer(self, answer: ReturnAnswer) -> None:
        """Open the strip of an answer; goods that came back are answered with the same keys, each by themselves."""

        def go_on(found: list[ReturnCandidate], facts: FormFacts, rates: Rates | None) -> None:
            goods = _OF_GOODS.get(answer)
            arrived = [one for one in found if one.state is ReturnState.ARRIVED]
            if goods is None or not arrived:
                self._open(answer_preview(answer, found, facts.now, rates), found, facts, rates)
                return
            ways = [(goods, answer_preview(goods, found, facts.now, rates))]
            asked = answer_preview(answer, found, facts.now, rates)
            if asked.ready:
                ways.insert(0, (answer, asked))
            if len(ways) == 1:
                self._open(ways[0][1], found, facts, rates)
                return
            choices = [
                Choice((str(place),), str(place), f"{answer_head(way)}:", returns_count(len(preview.ready)))
                for place, (way, preview) in enumerate(ways, start=1)
            ]
            title = _("FIRST WHICH? the others stay marked")
            chosen = lambda place: self._open(ways[place][1], found, facts, rates)  # noqa: E731
            self.post_message(self.FormWanted(ChoiceForm(title, choices, chosen)))

        self._with_candidates(go_on)

    def _open(
        self,
        preview: AnswerPreview,
        found: Sequence[ReturnCandidate],
        facts: FormFacts,
        rates: Rates | None,
        offers: Mapping[int, int] | None = None,
    ) -> None:
        from shoptui.screens.return_form import ReturnForm

        def order(parts: Sequence[OrderPart]) -> None:
            self.order_parts(parts, take_over=bool(form.preview.claimed))

        form = ReturnForm(preview, found, facts, order, rates, offers)
        form.settled = lambda: self.judge(form)
        form.write = lambda: self._write_comment(form)
        form.add_picture = lambda: self._name_picture(form)
        self.post_message(self.FormWanted(form))
        self._ask_needs(form)

    def _ask_needs(self, form: ReturnForm) -> None:
        kinds = form.one_per_kind
        wishes = [target for target in kinds if target.verb is Verb.ANSWER_CANCEL]
        returns = [target for target in kinds if target.verb is Verb.ANSWER_RETURN]
        answer = form.preview.answer
        if wishes and answer is ReturnAnswer.AGREE:
            form.take_none_wanted(Verb.ANSWER_CANCEL)
        elif wishes:
            self.ask_choices(Verb.ANSWER_CANCEL, wishes, form.take_choices)
        if returns:
            targets = [[target.store_id, target.target_id] for target in returns]
            self.ask("return_needs", form.take_needs, targets=targets, answer=answer.value)
        elif wishes and answer is ReturnAnswer.AGREE:
            self.judge(form)

    def unmark_ordered(self, parts: Sequence[OrderPart]) -> None:
        """What was left out stays marked: it waits for another answer."""
        ordered = {target.row_id for part in parts for target in part.targets}
        left = [row_id for row_id in self.grid.marks if row_id not in ordered]
        self.grid.clear_marks()
        if left:
            self.grid.mark_again(left)

    # The comment.

    def _write_comment(self, form: ReturnForm) -> None:
        """Ask for the words to the buyer, then go on with the strip."""
        most = form.comment_max

        def enter(words: str) -> str | None:
            comment = words.strip()
            if len(comment) > most:
                return _("{over} characters too many: at most {limit} are taken here.").format(
                    over=len(comment) - most, limit=most
                )
            form.comment = comment
            self._back_to(form)
            return None

        title = _("COMMENT to {returns}: the buyer reads it").format(returns=returns_count(form.count))
        help_lines = [
            _("At most {limit} characters. Enter goes back to the strip; nothing is sent yet.").format(limit=most)
        ]
        left = lambda words: self._back_to(form)  # noqa: E731
        text_form = TextForm(title, ">", enter, value=form.comment, help_lines=help_lines, left=left)
        self.post_message(self.FormWanted(text_form))

    def _back_to(self, form: ReturnForm) -> None:
        self.post_message(self.FormWanted(form))

    # Pictures.

    def _name_picture(self, form: ReturnForm) -> None:
        """Ask for the path of a picture, hand it in, then go on with the strip."""
        target = form.preview.ready[0]

        def enter(words: str) -> str | None:
            path = Path(words.strip()).expanduser()
            if not words.strip():
                return _("Type or paste the path of a picture, as in ~/parcels/1.jpg")
            if not path.is_file():
                return _("There is no file {path}.").format(path=path)
            form.is_uploading = True
            self._hand_in(form, target, path)
            self._back_to(form)
            return None

        title = _("PICTURE for {number}: handed in at the marketplace now, named by the answer").format(
            number=target.target_id
        )
        left = lambda words: self._back_to(form)  # noqa: E731
        self.post_message(self.FormWanted(TextForm(title, ">", enter, left=left)))

    def _hand_in(self, form: ReturnForm, target: Target, path: Path) -> None:
        from shoptui.picture_file import BadPicture, picture_fields
        from shoptui.screens.return_needs import Picture

        def failed(words: str) -> None:
            form.is_uploading = False
            self.session.say(words, tone=Tone.BAD)
            form.changed()

        def answered(answer: Answer) -> None:
            if answer.ok:
                form.take_picture(Picture(path.name, str(answer.body["link"])))
            else:
                failed(_("{file} was not handed in: {why}").format(file=path.name, why=answer.say))

        async def read_file() -> Callable[[], None]:
            try:
                fields = await asyncio.to_thread(picture_fields, path, target.store_id, target.target_id)
            except BadPicture as bad:
                return partial(failed, str(bad))
            return lambda: self.ask("return_picture", answered, **fields)

        self.read(read_file, "picture")

    # A part of the money.

    def _ask_offer(self, found: list[ReturnCandidate], facts: FormFacts, rates: Rates | None) -> None:
        preview = answer_preview(ReturnAnswer.OFFER, found, facts.now, rates)
        if not preview.ready:
            self._open(preview, found, facts, rates)
            return
        currencies = sorted({preview.rows[target.row_id].currency for target in preview.ready})

        def enter(words: str) -> str | None:
            try:
                offer = offers_of(preview, words)
            except BadOffer as bad:
                return offer_wrong(bad.reason_id, words.strip())
            self._open(preview.without(offer.refused, rates), found, facts, rates, offer.parts)
            return None

        title = _("OFFER A PART to {returns}").format(returns=returns_count(len(preview.ready)))
        help_line = _("A percentage as in 30%, or an amount in {currency} as in 12.50; F9 comes after.").format(
            currency=", ".join(currencies)
        )
        self.post_message(self.FormWanted(TextForm(title, "=", enter, help_lines=[help_line])))


def _rates(root: Path) -> Rates | None:
    """The house's exchange rates; None when they cannot be read: then sums are in their own currencies."""
    try:
        return load_rates(root)
    except RatesError:
        return None
