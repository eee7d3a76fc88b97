"""What an answer would do to the marked returns before it is ordered: what it costs, what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.fx import BASE, NO_RATES, Rates
from shoptui.domain.intents import Verb
from shoptui.domain.money import Money
from shoptui.domain.parcel_check import NOT_AS_SENT
from shoptui.domain.records import dataclass
from shoptui.domain.returns import ENDED, OUR_TURN, ReturnAnswer, ReturnAsk, ReturnState
from shoptui.domain.verbs import CancelAnswer, ReturnDecision, VerbArgs
from shoptui.queries.admission import Why
from shoptui.queries.preview import Group, Reasons, Target, on_it
from shoptui.queries.returns import ReturnCandidate

#: Answers by which the store pays, or lets the marketplace pay, at once or when the goods are back.
PAYING = frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUND_ONLY, ReturnAnswer.OFFER, ReturnAnswer.GOODS_OK})


class Effect(StrEnum):
    """What follows for how many of the requests; the screens hold the sentence for each."""

    KEEP_GOODS = "keep_goods"
    """Buyers are paid and keep the goods."""
    OFFERED_GOODS = "offered_goods"
    """Of those, buyers who had offered to send the goods back."""
    PAID_AT_ONCE = "paid_at_once"
    """Buyers are paid with no goods to wait for."""
    GOODS_COME_BACK = "goods_come_back"
    """The goods come back first; buyers are paid when they are accepted."""
    REPLACED = "replaced"
    """The store sends the goods once more."""
    ORDERS_CANCELLED = "orders_cancelled"
    """Orders are cancelled as their buyers wish."""
    ORDERS_GO_ON = "orders_go_on"
    """Orders go on although their buyers wanted to cancel."""
    BUYER_DECIDES = "buyer_decides"
    """Buyers answer the offer."""
    MAY_BE_DISPUTED = "may_be_disputed"
    """Buyers may take a refusal to the marketplace."""
    NOT_AS_SENT = "not_as_sent"
    """Paid although the parcel did not come back as it was sent."""
    UNCHECKED = "unchecked"
    """Paid although nobody has checked the parcel in."""


@dataclass(frozen=True, slots=True)
class AnswerPreview:
    """What one answer to some requests would do.

    `ready` are targets in the order of the marks: wishes to cancel are ordered with the order's own verb. `left_out`
    has the largest group first. `claimed` are requests a colleague is on: they are included, and said. `sums` has what
    is paid per currency; `usd` is the converted total, `unconverted` the currencies without a rate, left out of it.
    `dearest` is the row that costs most in dollars, None where nothing is paid or nothing has a rate. `effects` counts
    requests. `first_due_at` is the earliest clock still ahead.
    """

    answer: ReturnAnswer
    ready: tuple[Target, ...]
    left_out: tuple[Group, ...]
    claimed: tuple[Group, ...]
    asked: int
    now: int
    stores: tuple[str, ...]
    by_market: Mapping[str, int]
    sums: tuple[Money, ...]
    usd: Money
    unconverted: tuple[str, ...]
    dearest: ReturnCandidate | None
    effects: Mapping[Effect, int]
    first_due_at: int | None
    rows: Mapping[int, ReturnCandidate]

    @property
    def left_out_count(self) -> int:
        """Requests left out."""
        return len({row_id for group in self.left_out for row_id in group.row_ids})

    def without(self, refused: Mapping[tuple[str, str], Why], rates: Rates | None) -> AnswerPreview:
        """The same, with the targets (store id, target id) that the engine would refuse left out for its reasons."""
        kept: list[Target] = []
        left_out = Reasons(self.left_out)
        for target in self.ready:
            why = refused.get((target.store_id, target.target_id))
            if why is None:
                kept.append(target)
            else:
                left_out.add(why, target.row_id)
        return _preview(self.answer, kept, left_out.groups(), self.rows, self.asked, self.now, rates)

    def args(self, target: Target, decision: ReturnDecision) -> VerbArgs:
        """The arguments for a target: a wish to cancel takes what of the decision its verb knows."""
        if target.verb is Verb.ANSWER_CANCEL:
            accept = decision.answer is ReturnAnswer.AGREE
            return CancelAnswer(accept, decision.reason_id, decision.comment)
        return decision


def answer_preview(
    answer: ReturnAnswer, candidates: Sequence[ReturnCandidate], now: int, rates: Rates | None = None
) -> AnswerPreview:
    """Sort marked requests into those that take the answer and those left out, each with its reason.

    Without `rates` only what is in dollars is counted in dollars.
    """
    ready: list[Target] = []
    left_out = Reasons()
    for one in candidates:
        why = why_not(answer, one)
        if why is not None:
            left_out.add(why, one.row_id)
            continue
        wish = one.ask is ReturnAsk.CANCEL
        ready.append(
            Target(
                one.row_id,
                one.store_id,
                one.marketplace,
                one.order_no,
                one.order_no if wish else one.return_id,
                one.next_at,
                Verb.ANSWER_CANCEL if wish else Verb.ANSWER_RETURN,
            )
        )
    rows = MappingProxyType({one.row_id: one for one in candidates})
    return _preview(answer, ready, left_out.groups(), rows, len(candidates), now, rates)


def why_not(answer: ReturnAnswer, one: ReturnCandidate) -> Why | None:
    """Why the answer cannot be given to the request by what the cache knows; None when it can."""
    if one.act is not None:
        return Why("answer_ordered", MappingProxyType({"state": one.act.value}))
    if one.state in ENDED:
        return Why("ended", MappingProxyType({"state": one.state.value}))
    if one.state is ReturnState.UNKNOWN:
        return Why("unknown_state")
    if answer not in one.answers:
        if one.state not in OUR_TURN and not one.answers:
            return Why("not_our_turn", MappingProxyType({"state": one.state.value}))
        if one.ask is ReturnAsk.CANCEL:
            return Why("only_cancel_answers")
        return Why("not_offered", MappingProxyType({"marketplace": one.marketplace}))
    return None


def _preview(
    answer: ReturnAnswer,
    ready: Sequence[Target],
    left_out: tuple[Group, ...],
    rows: Mapping[int, ReturnCandidate],
    asked: int,
    now: int,
    rates: Rates | None,
) -> AnswerPreview:
    chosen = [rows[target.row_id] for target in ready]
    sums = _sums(chosen) if answer in PAYING else ()
    in_usd = (rates or NO_RATES).sum_in(sums, BASE)
    dear = [one for one in chosen if one.usd_minor is not None] if answer in PAYING else []
    ahead = [one.next_at for one in chosen if one.next_at is not None and one.next_at > now]
    claimed = Reasons()
    for one in chosen:
        if one.claimed_by:
            claimed.add(on_it(one.claimed_by), one.row_id)
    return AnswerPreview(
        answer=answer,
        ready=tuple(ready),
        left_out=left_out,
        claimed=claimed.groups(),
        asked=asked,
        now=now,
        stores=tuple(sorted({one.store_id for one in chosen})),
        by_market=MappingProxyType(dict(Counter(one.marketplace for one in chosen).most_common())),
        sums=sums,
        usd=in_usd.total,
        unconverted=in_usd.left_out,
        dearest=max(dear, key=lambda one: one.usd_minor or 0, default=None),
        effects=MappingProxyType(dict(Counter(effect for one in chosen for effect in effects_of(answer, one)))),
        first_due_at=min(ahead, default=None),
        rows=rows,
    )


def _sums(chosen: Sequence[ReturnCandidate]) -> tuple[Money, ...]:
    """What is paid, per currency in the order of their letters; a replacement costs no money."""
    totals: Counter[str] = Counter()
    for one in chosen:
        if one.ask is not ReturnAsk.REPLACE:
            totals[one.currency] += one.value_minor
    return tuple(Money(minor, currency) for currency, minor in sorted(totals.items()))


def effects_of(answer: ReturnAnswer, one: ReturnCandidate) -> tuple[Effect, ...]:
    """What the answer does to one request that takes it."""
    if one.ask is ReturnAsk.CANCEL:
        return (Effect.ORDERS_CANCELLED if answer is ReturnAnswer.AGREE else Effect.ORDERS_GO_ON,)
    match answer:
        case ReturnAnswer.REFUND_ONLY:
            offered = one.ask is ReturnAsk.RETURN and one.goods_come_back is not False
            return (Effect.KEEP_GOODS, *((Effect.OFFERED_GOODS,) if offered else ()))
        case ReturnAnswer.AGREE if one.ask is ReturnAsk.REPLACE:
            return (Effect.REPLACED,)
        case ReturnAnswer.AGREE if one.ask is ReturnAsk.RETURN and one.goods_come_back is not False:
            return (Effect.GOODS_COME_BACK,)
        case ReturnAnswer.AGREE:
            return (Effect.PAID_AT_ONCE,)
        case ReturnAnswer.OFFER:
            return (Effect.BUYER_DECIDES,)
        case ReturnAnswer.GOODS_OK:
            if one.condition is None:
                return (Effect.PAID_AT_ONCE, Effect.UNCHECKED)
            odd = one.condition in NOT_AS_SENT
            return (Effect.PAID_AT_ONCE, *((Effect.NOT_AS_SENT,) if odd else ()))
        case ReturnAnswer.REFUSE | ReturnAnswer.GOODS_REFUSED:
            return (Effect.MAY_BE_DISPUTED,)
