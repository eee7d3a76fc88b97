"""Writing stock, as far as marketplaces agree: read again, compare with what was decided on, write, take apart.

No marketplace offers compare-and-set. So each batch reads what is there just before it writes, refuses what sales have
moved since the decision, and says how long the window between that reading and the answer was.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace

from shoptui.adapters.base import AdapterError, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.singles import after_failure, each, gravest, may_have_happened, refused
from shoptui.adapters.stock import Stock, StockNow
from shoptui.clock import Clock
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.making import quickly_made
from shoptui.domain.orders import Order
from shoptui.domain.stock import ListingState, StockAt, StockChange, listing_of, product_of, target_parts
from shoptui.domain.stores import Store

#: A sale hides a write, and nothing tells whose number stands there: what was lost is decided anew, never repeated.
SET_STOCK_RULE = SettleRule(Settling.RECOMPUTE, first_look_s=5, give_up_s=600, resends=0)
#: Targets per batch, of which one reading tells what is there.
STOCK_BATCH_MAX = 600
#: Batches of a store under way at once: the calls of one wait for their turn while another is read and judged.
BATCHES_AT_ONCE = 2

_GONE_WORDS = "The listing is gone; read the store's listings again."


@quickly_made
@dataclass(frozen=True, slots=True)
class Due:
    """One number that is to be written now. `now` is the whole listing as it was just read, `at` the warehouse."""

    listing_id: str
    change: StockChange
    now: StockNow
    at: StockAt

    @property
    def product_id(self) -> str:
        return product_of(self.listing_id)

    @property
    def sku_id(self) -> str:
        return self.listing_id.partition("/")[2]


class StockDesk(ABC):
    """Sets how many of a listing buyers can order. A marketplace's own part is one call for some of them.

    A call takes `skus_max` SKUs, all of one product where `of_one_product` says so. `calls_max` is how many calls
    follow one reading, and `room_for` how many batches of all stores may be under way at once, None for any: so few
    that between reading and writing no more than a second or so passes while calls wait for their turn.
    """

    verb = Verb.SET_STOCK
    rule = SET_STOCK_RULE
    batch_max = STOCK_BATCH_MAX
    skus_max: int
    of_one_product: bool
    calls_max = 16
    room_for: int | None = None

    def __init__(self, stock: Stock, clock: Clock) -> None:
        self.room: AbstractAsyncContextManager[object] = (
            nullcontext() if self.room_for is None else asyncio.Semaphore(self.room_for)
        )
        self._stock = stock
        self._clock = clock

    @abstractmethod
    async def write(self, store: Store, dues: Sequence[Due]) -> Sequence[Outcome]:
        """Make one call; one outcome per write, same order. Raises AdapterError when it failed as a whole."""

    @abstractmethod
    def refusal(self, rejected: Rejected) -> Outcome:
        """The outcome of a single write whose call was refused."""

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    def batches(self, targets: Sequence[str]) -> list[list[int]]:
        """Targets, by their places, parted into batches of so few calls that one reading serves them all."""
        places: dict[str, list[int]] = {}
        for place, target in enumerate(targets):
            places.setdefault(listing_of(target), []).append(place)
        found: list[list[int]] = []
        calls = 0
        for call in self._calls_of(places):
            of_call = [place for listing_id in call for place in places[listing_id]]
            if not found or calls == self.calls_max or len(found[-1]) + len(of_call) > self.batch_max:
                found.append([])
                calls = 0
            found[-1] += of_call
            calls += 1
        return found

    def _calls_of(self, listing_ids: Iterable[str]) -> list[list[str]]:
        """Listings parted into the fewest calls, in their order."""
        groups: dict[str, list[str]] = {}
        for listing_id in listing_ids:
            groups.setdefault(product_of(listing_id) if self.of_one_product else "", []).append(listing_id)
        return [
            group[start : start + self.skus_max]
            for group in groups.values()
            for start in range(0, len(group), self.skus_max)
        ]

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        outcomes: dict[int, Outcome] = {}
        wanted: dict[int, tuple[str, str, StockChange]] = {}
        for place, request in enumerate(requests):
            read = self._wanted(request)
            if isinstance(read, Outcome):
                outcomes[place] = read
            else:
                wanted[place] = read
        if wanted:
            outcomes |= await self._write_all(store, wanted)
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """What is there now. It decides nothing: a number may be the write's, a sale's or somebody else's."""
        targets = [target_parts(request.target_id) for request in requests]
        found = await self._read(store, [listing_id for listing_id, _ in targets])
        evidence = []
        for request, (listing_id, warehouse_id) in zip(requests, targets, strict=True):
            at = _at(found.get(listing_id), warehouse_id)
            facts = {"wanted": str(arguments_of(request, StockChange).shows)}
            evidence.append(Evidence(Verdict.UNDECIDED, facts | ({"shows": str(at.shows)} if at else {})))
        return evidence

    def _wanted(self, request: Request) -> tuple[str, str, StockChange] | Outcome:
        change = arguments_of(request, StockChange)
        try:
            listing_id, warehouse_id = target_parts(request.target_id)
        except ValueError:
            return refused(CauseId.LISTING_GONE, _GONE_WORDS)
        least, most = self._stock.limits.least, self._stock.limits.most
        if not least <= change.shows <= most:
            return refused(CauseId.QUANTITY, f"The marketplace takes {least} to {most}, not {change.shows}.")
        return listing_id, warehouse_id, change

    async def _read(self, store: Store, listing_ids: Sequence[str]) -> Mapping[str, StockNow]:
        reading = await self._stock.by_id(store, list(dict.fromkeys(listing_ids)))
        return {one.listing_id: one for one in reading.stocks}

    async def _write_all(self, store: Store, wanted: Mapping[int, tuple[str, str, StockChange]]) -> dict[int, Outcome]:
        asked_at = self._clock.wire_now()
        found = await self._read(store, [listing_id for listing_id, _, _ in wanted.values()])
        outcomes: dict[int, Outcome] = {}
        dues: dict[int, Due] = {}
        for place, (listing_id, warehouse_id, change) in wanted.items():
            judged = _judged(listing_id, warehouse_id, change, found.get(listing_id))
            if isinstance(judged, Outcome):
                outcomes[place] = judged
            else:
                dues[place] = judged
        places = {(due.listing_id, due.at.warehouse_id): place for place, due in dues.items()}
        by_listing: dict[str, list[Due]] = {}
        for due in dues.values():
            by_listing.setdefault(due.listing_id, []).append(due)
        calls = [[due for one in call for due in by_listing[one]] for call in self._calls_of(by_listing)]

        async def one(call: list[Due]) -> Sequence[Outcome]:
            answered = await self.write(store, call)
            window_ms = max(0, round((self._clock.wire_now() - asked_at) * 1000))
            return [_with_facts(due, outcome, window_ms) for due, outcome in zip(call, answered, strict=True)]

        answers = await each(calls, one)
        failures = [
            answer for answer in answers if isinstance(answer, AdapterError) and not isinstance(answer, Rejected)
        ]
        if failures and len(failures) == len(answers) and not outcomes:
            raise gravest(failures)
        for call, answer in zip(calls, answers, strict=True):
            of_call = self._failed(call, answer) if isinstance(answer, AdapterError) else answer
            for due, outcome in zip(call, of_call, strict=True):
                outcomes[places[due.listing_id, due.at.warehouse_id]] = outcome
        return outcomes

    def _failed(self, call: Sequence[Due], error: AdapterError) -> list[Outcome]:
        if isinstance(error, Rejected):
            outcome = self.refusal(error)
            # A refusal of several may be about any of them.
            return [replace(outcome, whole_call=len(call) > 1)] * len(call)
        if may_have_happened(error):
            # Never repeated, and never read as done: the engine decides anew from what is there.
            return [Outcome(Verdict.WAIT, Cause(CauseId.ANSWER_LOST, error.code, error.message))] * len(call)
        return [after_failure(error)] * len(call)


def _judged(listing_id: str, warehouse_id: str, change: StockChange, now: StockNow | None) -> Due | Outcome:
    """The write as it is due, or what the reading just before it says against it."""
    if now is None or now.state is ListingState.DELETED:
        return refused(CauseId.LISTING_GONE, _GONE_WORDS)
    if now.why_locked:
        return refused(CauseId.STOCK_LOCKED, now.why_locked)
    at = _at(now, warehouse_id)
    if at is None:
        return refused(CauseId.WAREHOUSE, "The listing has no stock in this warehouse; read it again.")
    if not at.ours:
        return refused(CauseId.WAREHOUSE, "This stock lies in the marketplace's own warehouse; nobody can write it.")
    facts = {"before": str(at.shows), "after": str(at.shows)}
    if at.shows == change.shows:
        return Outcome(Verdict.ALREADY, facts=facts)
    if change.seen is not None and at.shows != change.seen:
        cause = Cause(CauseId.STOCK_MOVED, "", f"It showed {change.seen} when this was decided, now {at.shows}.")
        return Outcome(Verdict.REFUSED, cause, facts={"shows": str(at.shows)})
    if change.shows < at.floor:
        cause = Cause(CauseId.BELOW_FLOOR, "", f"A promotion holds {at.floor}; no less can be written.")
        return Outcome(Verdict.REFUSED, cause, facts={"shows": str(at.shows), "floor": str(at.floor)})
    return Due(listing_id, change, now, at)


def _at(now: StockNow | None, warehouse_id: str) -> StockAt | None:
    return next((at for at in now.stock if at.warehouse_id == warehouse_id), None) if now is not None else None


def _with_facts(due: Due, outcome: Outcome, window_ms: int) -> Outcome:
    window = {"window_ms": str(window_ms)}
    if outcome.verdict is Verdict.DONE:
        facts = {"before": str(due.at.shows), "after": str(due.change.shows)}
        return Outcome(outcome.verdict, outcome.cause, outcome.document, {**facts, **window, **outcome.facts})
    return replace(outcome, facts={"shows": str(due.at.shows), **window, **outcome.facts})
