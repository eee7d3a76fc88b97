"""Answering return requests, as far as marketplaces agree: read where they stand, judge, tell, look again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from shoptui.adapters.base import AdapterError, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.return_answers import evidence_of, overtaken
from shoptui.adapters.returns import ReturnPage
from shoptui.adapters.singles import SINGLES_MAX, look_again, send_each
from shoptui.domain.intents import SettleRule, Verb
from shoptui.domain.marketplaces import title_of
from shoptui.domain.orders import Order
from shoptui.domain.returns import ReturnRequest
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReturnDecision

MessageT = TypeVar("MessageT")

_FEED = "answer_return"


class ReadsStates(Protocol):
    """The part of a marketplace's returns that tells where they stand."""

    async def states(self, store: Store, return_ids: Sequence[str], *, feed: str) -> ReturnPage:
        """The requests as they stand now, in the fewest calls; those the marketplace does not know are left out."""


class ReturnDesk(ABC, Generic[MessageT]):
    """Answers return requests. A marketplace's own part is what it is told, in which calls, and how it refuses."""

    verb = Verb.ANSWER_RETURN
    batch_max = SINGLES_MAX

    def __init__(self, requests: ReadsStates) -> None:
        self._requests = requests

    @property
    @abstractmethod
    def rule(self) -> SettleRule:
        """How an answer that was lost is settled."""

    @abstractmethod
    async def message(self, store: Store, decision: ReturnDecision, found: ReturnRequest) -> MessageT | Outcome:
        """What the marketplace is to be told, or what it would refuse anyway, said before anything is sent."""

    @abstractmethod
    async def tell(self, store: Store, request: Request, found: ReturnRequest, message: MessageT) -> Mapping[str, str]:
        """Make the call or calls; facts worth keeping besides the request's id. Raises AdapterError."""

    @abstractmethod
    def refusal(self, rejected: Rejected) -> Outcome:
        """The outcome of an answer that was refused."""

    def failure(self, error: AdapterError) -> Outcome:
        """The outcome of one answer of several whose call failed."""
        return look_again(error)

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """All requests are read first; what is answered already is told, not answered again."""
        shown = await self._shown(store, requests, _FEED)

        async def one(request: Request) -> Outcome:
            return await self._answer(store, request, shown.get(request.target_id))

        return await send_each(requests, one, self.refusal, self.failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        shown = await self._shown(store, requests, "settle")
        return [
            evidence_of(arguments_of(request, ReturnDecision), shown.get(request.target_id)) for request in requests
        ]

    async def _shown(self, store: Store, requests: Sequence[Request], feed: str) -> Mapping[str, ReturnRequest]:
        page = await self._requests.states(store, [request.target_id for request in requests], feed=feed)
        return {request.return_id: request for request in page.requests}

    async def _answer(self, store: Store, request: Request, found: ReturnRequest | None) -> Outcome:
        decision = arguments_of(request, ReturnDecision)
        over = overtaken(decision, found, title_of(store.marketplace))
        if over is not None or found is None:
            return over or Outcome(Verdict.WAIT)
        message = await self.message(store, decision, found)
        if isinstance(message, Outcome):
            return message
        try:
            facts = await self.tell(store, request, found, message)
        except Rejected as rejected:
            # Somebody may have answered meanwhile, as was wished or against it; what it became decides.
            now = (await self._shown(store, [request], _FEED)).get(request.target_id)
            return overtaken(decision, now, title_of(store.marketplace)) or self.refusal(rejected)
        return Outcome(Verdict.DONE, facts={"return_id": found.return_id, **facts})
