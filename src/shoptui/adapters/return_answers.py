"""What answering a return request has alike everywhere: what stands against an answer, and what became of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from shoptui.adapters.base import SetAside, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Reason
from shoptui.adapters.rows import read_rows
from shoptui.adapters.singles import refused
from shoptui.domain.intents import CauseId
from shoptui.domain.money import Money
from shoptui.domain.returns import ENDED, ReturnAnswer, ReturnAsk, ReturnRequest, ReturnState
from shoptui.domain.verbs import ReturnDecision
from shoptui.text import sanitise_cell

#: As much of a file's name as a sentence bears.
_NAME_MAX = 40
#: Reasons named in a refusal, so that the sentence stays readable.
_NAMED_MAX = 5
#: What may be answered for goods that came back, what says no, and nothing at all.
FOR_GOODS = frozenset({ReturnAnswer.GOODS_OK, ReturnAnswer.GOODS_REFUSED})
REFUSALS = frozenset({ReturnAnswer.REFUSE, ReturnAnswer.GOODS_REFUSED})
NO_ANSWERS: frozenset[ReturnAnswer] = frozenset()
#: What a file of each type begins with, whatever its name says.
_PICTURE_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_AGREED = frozenset({ReturnState.BUYER_SENDS, ReturnState.ON_WAY_BACK, ReturnState.ARRIVED, ReturnState.REFUNDED})
_GOODS_MOVE = frozenset({ReturnState.BUYER_SENDS, ReturnState.ON_WAY_BACK, ReturnState.ARRIVED})
_REFUSED = frozenset({ReturnState.REFUSED, ReturnState.JUDGED})

#: The states in which an answer of ours has had its effect.
_SHOWS: Mapping[ReturnAnswer, frozenset[ReturnState]] = MappingProxyType(
    {
        ReturnAnswer.AGREE: _AGREED | {ReturnState.CLOSED},
        ReturnAnswer.REFUND_ONLY: frozenset({ReturnState.REFUNDED}),
        ReturnAnswer.REFUSE: _REFUSED,
        ReturnAnswer.OFFER: frozenset({ReturnState.OFFERED}),
        ReturnAnswer.GOODS_OK: frozenset({ReturnState.REFUNDED}),
        ReturnAnswer.GOODS_REFUSED: _REFUSED,
    }
)

ASK_ANSWERS = frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUND_ONLY, ReturnAnswer.REFUSE, ReturnAnswer.OFFER})


def read_requests(
    rows: Iterable[Any], store_id: str, id_field: str, mapped: Callable[[Any], ReturnRequest]
) -> tuple[tuple[ReturnRequest, ...], tuple[SetAside, ...]]:
    """The rows that can be read, each request once and in its newest version; the others set aside."""
    found, set_aside = read_rows(rows, store_id, id_field, mapped)
    newest: dict[str, ReturnRequest] = {}
    for request in found:
        held = newest.get(request.return_id)
        if held is None or request.updated_at >= held.updated_at:
            newest[request.return_id] = request
    return tuple(newest.values()), set_aside


def goods_come_back(ask: ReturnAsk, state: ReturnState, *, keeps: bool = False) -> bool | None:
    """Whether the buyer sends goods, None where that is not decided yet. `keeps`: the marketplace said no already."""
    if ask is ReturnAsk.REFUND or (ask is ReturnAsk.RETURN and keeps):
        return False
    return True if state in _GOODS_MOVE else None


def cannot(request: ReturnRequest, answer: ReturnAnswer, title: str) -> Unsupported | None:
    """Why this answer cannot be given to the request as it stands; None when the marketplace (`title`) takes it."""
    if answer in request.answers:
        return None
    match request.state:
        case state if state in ENDED:
            return Unsupported("The request is over; there is nothing to answer.", "return_closed")
        case ReturnState.JUDGED:
            return Unsupported(f"{title} decides this request itself.", "platform_decides")
        case ReturnState.OFFERED:
            return Unsupported("The buyer has to answer the offer first.", "offer_open")
        case ReturnState.BUYER_SENDS | ReturnState.ON_WAY_BACK:
            return Unsupported("The goods are not back yet.", "goods_not_back")
        case ReturnState.UNKNOWN:
            return Unsupported(
                f"{title} calls this request {request.raw_state}, which shoptui does not know.", "unknown_status"
            )
        case ReturnState.ASKED if answer in FOR_GOODS:
            return Unsupported("No goods have come back; answer the request.", "no_goods")
        case ReturnState.ARRIVED if answer not in FOR_GOODS:
            return Unsupported("The request is agreed and the goods are back; answer for the goods.", "goods_back")
        case ReturnState.ARRIVED:
            return Unsupported(f"{title} decides about these goods itself.", "platform_decides")
        case _:
            return Unsupported(f"{title} does not take this answer to such a request.", "no_such_answer")


def sends_back(request: ReturnRequest, answer: ReturnAnswer) -> bool:
    """Whether the buyer sends goods back by this answer."""
    return answer is ReturnAnswer.AGREE and request.ask in (ReturnAsk.RETURN, ReturnAsk.REPLACE)


def offer_fault(request: ReturnRequest, decision: ReturnDecision, least: Money | None = None) -> Outcome | None:
    """Our own refusal of an amount nobody can be offered; None where it is within what was asked."""
    offered = decision.offer_minor or 0
    if offered <= 0 or (least is not None and offered < least.minor):
        floor = f"at least {least.plain()} {least.currency}" if least is not None else "more than nothing"
        return refused(CauseId.AMOUNT, f"An offer must be {floor}.")
    if offered > request.value.minor:
        most = f"{request.value.plain()} {request.value.currency}"
        return refused(CauseId.AMOUNT, f"The buyer asks for {most}; an offer cannot be more.")
    return None


def picture_type(name: str, content: bytes, title: str, *, most_mb: int) -> str | Unsupported:
    """A picture's type by its first bytes, where the marketplace (`title`) takes such a picture of this size."""
    kind = next((kind for begins, kind in _PICTURE_TYPES.items() if content.startswith(begins)), None)
    if kind is None:
        what = sanitise_cell(name, limit=_NAME_MAX) or "This file"
        said = f"{what} is neither a PNG nor a JPEG picture, and {title} takes no other; save it as JPEG and try again."
        return Unsupported(said, "picture_format")
    if len(content) > most_mb * 1024 * 1024:
        return Unsupported(f"A picture for {title} may have {most_mb} MB at most.", "picture_size")
    return kind


def no_such_reason(reason_id: str, reasons: Sequence[Reason], title: str) -> Outcome | None:
    """Our own refusal where the reason for refusing a buyer's request is none of the marketplace's; None: it is one."""
    if reason_id in {reason.reason_id for reason in reasons}:
        return None
    if not reasons:
        return refused(CauseId.REASON, f"{title} names no reason for refusing this request; see its seller centre.")
    known = ", ".join(reason.text for reason in reasons[:_NAMED_MAX])
    if not reason_id:
        return refused(CauseId.REASON, f"Refusing a request needs a reason; {title} takes: {known}.")
    return refused(CauseId.REASON, f"{title} does not take the reason {reason_id} here; it takes: {known}.")


def shows(decision: ReturnDecision, request: ReturnRequest) -> Verdict:
    """Whether a request, as it was read after the answer, shows that answer: DONE, NOT_DONE or UNDECIDED."""
    state, answer = request.state, decision.answer
    if state is ReturnState.UNKNOWN:
        return Verdict.UNDECIDED
    if answer is ReturnAnswer.AGREE and request.ask is ReturnAsk.REFUND:
        return Verdict.DONE if state is ReturnState.REFUNDED else Verdict.NOT_DONE
    if answer is ReturnAnswer.AGREE and state is ReturnState.OFFERED:
        # Where agreeing is an offer of what was asked for, the buyer has yet to take it.
        return Verdict.DONE if dict(request.wire).get("solution") == "RETURN_REFUND" else Verdict.NOT_DONE
    if answer is ReturnAnswer.OFFER:
        if state is ReturnState.OFFERED or (state is ReturnState.REFUNDED and _paid_as_offered(decision, request)):
            return Verdict.DONE
        # A buyer may have turned the offer down meanwhile; then the request waits for the store again.
        return Verdict.UNDECIDED if dict(request.wire).get("offer_declined") else Verdict.NOT_DONE
    if answer is ReturnAnswer.GOODS_REFUSED and state is ReturnState.JUDGED and not request.disputed:
        return Verdict.NOT_DONE
    return Verdict.DONE if state in _SHOWS[answer] else Verdict.NOT_DONE


def evidence_of(decision: ReturnDecision, request: ReturnRequest | None) -> Evidence:
    """What reading back says about one answer; None where the marketplace does not show the request."""
    if request is None:
        return Evidence(Verdict.UNDECIDED)
    return Evidence(shows(decision, request), facts_of(request))


def overtaken(decision: ReturnDecision, request: ReturnRequest | None, title: str) -> Outcome | None:
    """What to say without sending anything, because the request is no longer to be answered so; None: it is."""
    if request is None:
        return refused(CauseId.NOT_OURS, f"{title} does not find this request; read the returns again.")
    why = cannot(request, decision.answer, title)
    if why is None:
        return None
    facts = facts_of(request)
    if shows(decision, request) is Verdict.DONE:
        return Outcome(Verdict.ALREADY, facts=facts)
    cause = {
        "return_closed": CauseId.REQUEST_CLOSED,
        "platform_decides": CauseId.PLATFORM_DECIDES,
        "no_such_answer": CauseId.UNSUPPORTED,
        "unknown_status": CauseId.WRONG_STATE,
    }.get(why.id, CauseId.WRONG_STATE)
    return Outcome(Verdict.REFUSED, refused(cause, why.reason).cause, facts=facts)


def facts_of(request: ReturnRequest) -> Mapping[str, str]:
    """What is shown to a person who has to judge, in the marketplace's own words."""
    facts = {
        "return_id": request.return_id,
        "request": request.raw_state,
        "value": f"{request.value.plain()} {request.value.currency}",
        "updated_at": str(request.updated_at),
    }
    if request.tracking_number:
        facts["tracking_number"] = request.tracking_number
    return facts


def _paid_as_offered(decision: ReturnDecision, request: ReturnRequest) -> bool:
    return dict(request.wire).get("offered") == str(decision.offer_minor)
