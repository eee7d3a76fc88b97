"""The strip of an answer to returns, by itself: reasons, comments, pictures, offers, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from shoptui.client import Answer
from shoptui.domain.intents import Verb
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnState
from shoptui.exchange import load_rates
from shoptui.queries.ordering import OrderPart
from shoptui.queries.return_offer import BadOffer, offers_of
from shoptui.queries.return_preview import answer_preview
from shoptui.queries.returns import ReturnCandidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.return_form import ReturnForm
from shoptui.screens.return_needs import Picture
from tests.ui.app_support import NOW, ZONE

RATES = load_rates()
REFUSE = ReturnAnswer.REFUSE


def candidate(number: int, store_id: str = "tt-sg-1", **changes: Any) -> ReturnCandidate:
    fields: dict[str, Any] = {
        "row_id": number, "store_id": store_id, "marketplace": "tiktok", "return_id": f"R{number}",
        "order_no": f"O{number}", "ask": ReturnAsk.REFUND, "state": ReturnState.ASKED, "value_minor": 390 + number,
        "currency": "SGD", "usd_minor": 300 + number, "next_at": NOW + 4000, "goods_come_back": False,
        "answers": frozenset(ReturnAnswer), "act": None, "claimed_by": "", "condition": None,
    }  # fmt: skip
    return ReturnCandidate(**{**fields, **changes})


class Opened:
    """A form with what it ordered."""

    def __init__(self, answer: ReturnAnswer, candidates: Sequence[ReturnCandidate]) -> None:
        self.ordered: list[Sequence[OrderPart]] = []
        self.comments_asked = self.judged = 0
        preview = answer_preview(answer, candidates, NOW, RATES)
        self.form = ReturnForm(preview, candidates, FormFacts(NOW, ZONE), self.ordered.append, RATES)
        self.form.write = self._write
        self.form.settled = self._settled

    def _write(self) -> None:
        self.comments_asked += 1

    def _settled(self) -> None:
        self.judged += 1

    def needs(self, *needs: dict[str, Any]) -> None:
        self.form.take_needs(Answer(True, {"needs": list(needs)}))

    def type(self, words: str) -> None:
        for character in words:
            self.form.key(character, character)

    @property
    def said(self) -> str:
        lines = [self.form.title(), *self.form.lines(80, NOW), *self.form.lines_below(80)]
        return "\n".join("".join(piece.text for piece in line) for line in lines)


def need(store_id: str = "tt-sg-1", **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "store_id": store_id, "ask": "refund", "state": "asked", "reasons": [], "comment_needed": False,
        "comment_max": 0, "pictures": 0, "batch": True,
    }  # fmt: skip
    return {**fields, **changes}


TWO = [{"id": "r1", "text": "Not our fault"}, {"id": "r2", "text": "Used"}]


def test_nothing_goes_before_the_marketplaces_wants_are_known_and_the_count_is_typed() -> None:
    opened = Opened(ReturnAnswer.REFUND_ONLY, [candidate(1), candidate(2)])
    assert "asking what the marketplaces want" in opened.said
    opened.type("2")
    assert not opened.form.does()
    opened.needs(need())
    opened.type("3")
    assert not opened.form.does()
    opened.form.key("backspace", None)
    opened.type("2")
    assert opened.form.does() == "refund 2"
    opened.form.do()
    ((part,),) = opened.ordered
    assert part.verb is Verb.ANSWER_RETURN
    assert [target.target_id for target in part.targets] == ["R1", "R2"]
    assert part.args(part.targets[0])["answer"] == "refund_only"


def test_agreeing_says_where_the_goods_come_back_to() -> None:
    def ask(number: int, store_id: str) -> ReturnCandidate:
        return candidate(number, store_id, ask=ReturnAsk.RETURN)

    one = Opened(ReturnAnswer.AGREE, [ask(1, "tt-sg-1")])
    one.needs(need(ask="return", ship_to="12 Jalan Teratai, Johor Bahru"))
    assert "goods to  12 Jalan Teratai, Johor Bahru" in one.said
    stores = [f"sp-my-{number}" for number in range(1, 6)]
    many = Opened(ReturnAnswer.AGREE, [ask(number, store_id) for number, store_id in enumerate(stores)])
    # Two stores share a place, one names none.
    places = ("A Street", "A Street", "B Street", "C Street", "")
    many.needs(*(need(store_id, ask="return", ship_to=to) for store_id, to in zip(stores, places, strict=True)))
    assert "sp-my-1, sp-my-2  A Street" in many.said
    assert "sp-my-3  B Street" in many.said
    assert "and 1 more address" in many.said
    # Nothing comes back where only money is paid.
    paid = Opened(ReturnAnswer.REFUND_ONLY, [candidate(1)])
    paid.needs(need())
    assert "goods to" not in paid.said


def test_a_reason_is_chosen_by_digit_and_backspace_chooses_anew() -> None:
    opened = Opened(REFUSE, [candidate(1)])
    opened.needs(need(reasons=TWO))
    assert "1 Not our fault" in opened.said
    opened.type("2")
    assert "Used" in opened.said
    assert opened.judged == 1
    opened.form.key("backspace", None)
    assert "choose the reason" in opened.said
    opened.type("1")
    opened.type("1")
    opened.form.do()
    part = opened.ordered[0][0]
    assert part.args(part.targets[0])["reason_id"] == "r1"


def test_stores_without_the_reason_are_asked_about_or_left_out() -> None:
    opened = Opened(REFUSE, [candidate(1), candidate(2, "sp-sg-1", marketplace="shopee")])
    opened.needs(need(reasons=TWO), need("sp-sg-1", reasons=[{"id": "9", "text": "Late"}]))
    opened.type("1")
    assert "for 1 store more" in opened.said
    opened.form.key("enter", None)
    assert "that reason is not offered there" in opened.said
    assert opened.form.count == 1


def test_a_comment_that_is_due_is_asked_for_and_goes_along() -> None:
    opened = Opened(REFUSE, [candidate(1)])
    opened.needs(need(reasons=TWO, comment_needed=True, comment_max=100))
    opened.type("1")
    assert opened.comments_asked == 1
    assert "due here: c writes it" in opened.said
    opened.type("1")
    assert not opened.form.does()
    opened.form.comment = "it is as shown"
    opened.type("1")
    opened.form.do()
    part = opened.ordered[0][0]
    assert part.args(part.targets[0])["comment"] == "it is as shown"


def test_what_a_marketplace_takes_one_by_one_is_left_out_of_many_and_taken_alone() -> None:
    many = Opened(REFUSE, [candidate(1), candidate(2, "lz-sg-1", marketplace="lazada")])
    many.needs(need(), need("lz-sg-1", batch=False))
    assert "refused one by one there" in many.said
    assert many.form.count == 1
    alone = Opened(REFUSE, [candidate(2, "lz-sg-1", marketplace="lazada")])
    alone.needs(need("lz-sg-1", batch=False, pictures=1))
    assert "1 more due: p names a file" in alone.said
    alone.form.take_picture(Picture("1.jpg", "https://media.invalid/1"))
    alone.type("1")
    alone.form.do()
    part = alone.ordered[0][0]
    assert part.args(part.targets[0])["pictures"] == ["https://media.invalid/1"]


def test_a_silent_store_and_no_engine_are_said() -> None:
    opened = Opened(REFUSE, [candidate(1), candidate(2, "tt-th-1")])
    no = {"store_id": "tt-th-1", "ask": "refund", "state": "asked"}
    opened.needs(need(), {**no, "no": {"reason": "unreachable", "say": "The marketplace is silent."}})
    assert "the marketplace did not answer" in opened.said
    assert opened.form.count == 1
    gone = Opened(REFUSE, [candidate(1)])
    gone.form.take_needs(Answer(False, {}, "no_engine", "The engine is away."))
    assert "The engine is away." in gone.said
    gone.type("1")
    assert not gone.form.does()


def test_sums_the_dearest_and_claims_are_said() -> None:
    rows = [candidate(1), candidate(2, claimed_by="an"), candidate(3, act=None, answers=frozenset())]
    opened = Opened(ReturnAnswer.REFUND_ONLY, rows)
    opened.needs(need())
    assert "REFUND ONLY 2 of 3 returns, 1 store, about US$" in opened.said
    assert "dearest" in opened.said and "US$ 3.02" in opened.said
    assert "1 claimed, yet included: an" in opened.said
    assert "does not take that answer here" in opened.said


def test_wishes_to_cancel_go_with_their_own_verb_in_the_same_strip() -> None:
    wish = candidate(2, return_id="cancel:O2", ask=ReturnAsk.CANCEL, answers=frozenset({ReturnAnswer.AGREE, REFUSE}))
    opened = Opened(ReturnAnswer.AGREE, [candidate(1), wish])
    opened.form.take_none_wanted(Verb.ANSWER_CANCEL)
    opened.needs(need())
    opened.type("2")
    opened.form.do()
    (parts,) = opened.ordered
    assert [(part.verb, part.targets[0].target_id) for part in parts] == [
        (Verb.ANSWER_RETURN, "R1"),
        (Verb.ANSWER_CANCEL, "O2"),
    ]
    assert parts[1].args(parts[1].targets[0])["accept"] is True


@pytest.mark.parametrize(
    ("typed", "parts", "refused"),
    [
        ("30%", {1: 117, 2: 117}, {}),
        ("3.91", {1: 391, 2: 391}, {"R1": "offer_too_much"}),
        ("1.50", {1: 150, 2: 150}, {}),
    ],
)
def test_an_offer_is_a_share_or_an_amount(typed: str, parts: dict[int, int], refused: dict[str, str]) -> None:
    preview = answer_preview(ReturnAnswer.OFFER, [candidate(1), candidate(2)], NOW, RATES)
    offer = offers_of(preview, typed)
    assert offer.parts == parts
    assert {number: why.reason_id for (_store, number), why in offer.refused.items()} == refused


@pytest.mark.parametrize("typed", ["", "lots", "-3", "0", "1.505", "nan", "1e9999999"])
def test_what_is_no_offer_is_said(typed: str) -> None:
    preview = answer_preview(ReturnAnswer.OFFER, [candidate(1)], NOW, RATES)
    with pytest.raises(BadOffer):
        offers_of(preview, typed)


def test_an_amount_is_for_one_currency() -> None:
    rows = [candidate(1), candidate(2), candidate(3, "tt-vn-1", currency="VND", value_minor=65_000)]
    offer = offers_of(answer_preview(ReturnAnswer.OFFER, rows, NOW, RATES), "1.50")
    assert {number: why.reason_id for (_store, number), why in offer.refused.items()} == {
        "R3": "offer_not_that_currency"
    }
