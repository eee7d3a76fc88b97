"""Owns the way of an intent from held to settled: written down first, then sent, then answered or read back.

The one rule everything here serves: a request may leave only after its intent is durably `sending`. Whatever stops the
engine afterwards, the next start finds `sending` rows, treats them as sent, and lets evidence decide.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence

from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    Malformed,
    Marketplace,
    RateLimited,
    Rejected,
    ScopeError,
    Temporary,
    Verdict,
)
from shoptui.adapters.desks import Desk, Document, Outcome, Request
from shoptui.adapters.stock_desk import BATCHES_AT_ONCE, StockDesk
from shoptui.domain.clocks import next_loss
from shoptui.domain.intents import Cause, CauseId, Intent, IntentState, TargetKind, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ORDERLESS_VERBS, BadArguments, DocumentChoice, read_args
from shoptui.engine.admission import Rechecked, reason_to_stop
from shoptui.engine.answers import after_outcome, after_silence
from shoptui.engine.chat_admission import recheck_replies
from shoptui.engine.failpoints import around
from shoptui.engine.house import House
from shoptui.engine.moves import Move, Recorder
from shoptui.engine.readback import ReadBack, rule_of
from shoptui.engine.return_admission import recheck_answers
from shoptui.engine.schedule import backoff_s
from shoptui.engine.stock_turns import RaiseWaits, in_order, recheck_stock
from shoptui.engine.turns import in_their_turn
from shoptui.engine.verbs import HOUSE_VERBS, request_of
from shoptui.store.errors import StoreError

log = logging.getLogger(__name__)

#: How long intents of a store that signed us out wait before they are tried again, seconds.
SIGNED_OUT_S = 60.0
_NEVER = float("inf")
#: Replies and answers to returns are looked at once more before they are sent; these are the failpoints of that.
_RECHECKED = {
    TargetKind.THREAD: "drain.threads",
    TargetKind.RETURN: "drain.returns",
}
_CUT_OFF = Cause(CauseId.UNREACHABLE, message="The engine ended before the answer came.")
_FAULT = Cause(CauseId.OTHER, message="The answer could not be understood.")


class Outbox:
    """One store's intents. `step` does all that is due; nothing else moves them on towards the marketplace.

    `reread` is told the intents whose targets' truth at the marketplace has changed; `trouble` is told of failed calls.
    """

    def __init__(
        self,
        house: House,
        store: Store,
        market: Marketplace,
        *,
        reread: Callable[[Sequence[Intent]], None],
        trouble: Callable[[AdapterError], None],
    ) -> None:
        self.store = store
        self._house = house
        self._market = market
        self._trouble = trouble
        self._recorder = Recorder(house, reread)
        self._read_back = ReadBack(house, market, self._recorder, trouble)
        self._failures = 0
        self._not_before = 0.0
        self._alone: set[int] = set()
        #: Raises of stock that must not go yet.
        self.raises = RaiseWaits()
        #: Somebody wants something done since the last step began: a long push lets it pass.
        self.wanted = False

    async def step(self) -> float:
        """Release, send and settle what is due; returns when to look again (epoch seconds), infinity for never."""
        house, points = self._house, self._house.points
        self.wanted = False
        await self._recorder.catch_up()
        intents = _ours(await around(points, "drain.read", house.writer.open_intents(self.store.store_id)))
        still_open = {intent.intent_id for intent in intents}
        self._alone.intersection_update(still_open)
        self.raises.keep_only(still_open)
        await self._adopt_orphans(intents)
        queued = [intent for intent in intents if intent.state is IntentState.QUEUED]
        queued += await self._release(intents)
        if not self.store.paused:
            await self._send_all(queued)
            await self._read_back.settle(self.store, intents)
        return await self._next_at()

    async def _adopt_orphans(self, intents: Sequence[Intent]) -> None:
        """Nothing is on its way while a step begins, so every `sending` row was left by an engine that ended."""
        now = self._house.now()
        moves = [
            after_silence(intent, rule_of(self._market.desks.get(intent.verb)), _CUT_OFF, now)
            for intent in intents
            if intent.state is IntentState.SENDING
        ]
        await self._recorder.record(moves)

    async def _release(self, intents: Sequence[Intent]) -> list[Intent]:
        now = self._house.now()
        due = [intent for intent in intents if intent.state is IntentState.HELD and intent.release_at <= now]
        if not due:
            return []
        return await self._recorder.move("drain.release", due, IntentState.QUEUED)

    # -- sending ----------------------------------------------------------------------------------------------------

    async def _send_all(self, queued: Sequence[Intent]) -> None:
        going = await self._with_a_desk(await self._recheck(queued))
        for desk, group in self._groups(going):
            if self._house.clock.now() < self._not_before:
                return
            await self._send(desk, group)
        stock = self._market.desks.get(Verb.SET_STOCK)
        if isinstance(stock, StockDesk):
            await self._send_stock(stock, [intent for intent in going if self._goes_in_batches(intent)])

    def _goes_in_batches(self, intent: Intent) -> bool:
        return intent.verb is Verb.SET_STOCK and intent.intent_id not in self._alone

    async def _send_stock(self, desk: StockDesk, going: Sequence[Intent]) -> None:
        """Write stock product by product: one batch is read and judged while another's calls wait for their turn."""
        batches = deque([going[place] for place in places] for places in desk.batches([one.target_id for one in going]))

        async def keep_sending() -> None:
            while batches and not self.wanted and self._house.clock.now() >= self._not_before:
                async with desk.room:
                    if batches:
                        await self._send(desk, batches.popleft())

        # What is on its way ends before anything is said of a failure beside it.
        ended = await asyncio.gather(*(keep_sending() for _ in range(BATCHES_AT_ONCE)), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    def _groups(self, going: Sequence[Intent]) -> list[tuple[Desk, list[Intent]]]:
        """What goes out together: as many of a verb as its desk takes, in the order in which they may go."""
        groups: list[tuple[Desk, list[Intent]]] = []
        filling: dict[Verb, list[Intent]] = {}
        for intent in going:
            desk, group = self._market.desks[intent.verb], filling.get(intent.verb, [])
            if self._goes_in_batches(intent):
                continue
            if intent.intent_id in self._alone:
                groups.append((desk, [intent]))
            elif len(group) % max(1, desk.batch_max):
                group.append(intent)
            else:
                filling[intent.verb] = [intent]
                groups.append((desk, filling[intent.verb]))
        return groups

    async def _with_a_desk(self, going: Sequence[Intent]) -> list[Intent]:
        """Fail what this marketplace cannot do: ordered through a program that could, or before a store was moved."""
        lost = [intent for intent in going if intent.verb not in self._market.desks]
        moves = []
        for intent in lost:
            never = self._market.never.get(intent.verb)
            moves.append(
                Move(intent, IntentState.FAILED, Cause(CauseId.UNSUPPORTED, message=never.reason if never else ""))
            )
        await self._recorder.record(moves)
        return [intent for intent in going if intent.verb in self._market.desks]

    async def _recheck(self, queued: Sequence[Intent]) -> list[Intent]:
        """Drop what must not go any more, by what we know now; the rest, most urgent first.

        An order put on hold, cancelled or asked to be cancelled since it was ordered fails with that cause instead of
        waiting: somebody decided something new, and somebody has to look again.
        """
        house, now = self._house, self._house.now()
        turn, failed = await in_their_turn(house, queued)
        await self._recorder.record(failed)
        ready = [intent for intent in turn if self._attention_at(intent) <= house.clock.now()]
        if not ready or house.clock.now() < self._not_before:
            return []
        others, ready = _split(ready)
        others_due, going = await self._recheck_others(others)
        if not ready:
            return going
        numbers = sorted({intent.order_no for intent in ready})
        orders = {
            order.order_no: order
            for order in await around(
                house.points, "drain.recheck", house.writer.orders_by_no(self.store.store_id, numbers)
            )
        }
        keys = [(self.store.store_id, order_no) for order_no in numbers]
        held = await around(house.points, "drain.held", house.writer.held(keys))
        stopped = [
            Move(intent, IntentState.FAILED, cause)
            for intent in ready
            if (
                cause := reason_to_stop(
                    intent, orders.get(intent.order_no), held.get((intent.store_id, intent.order_no), "")
                )
            )
            is not None
        ]
        await self._recorder.record(stopped)
        gone = {move.intent.intent_id for move in stopped}
        due_at = {intent.intent_id: _due_at(orders.get(intent.order_no), now) for intent in ready} | others_due
        going += [intent for intent in ready if intent.intent_id not in gone]
        return sorted(going, key=lambda intent: (due_at[intent.intent_id], intent.intent_id))

    async def _recheck_others(self, others: Sequence[Intent]) -> tuple[dict[int, float], list[Intent]]:
        """What acts on no order and may still go, most urgent first, and when each one's clock ends."""
        house = self._house
        going: list[Intent] = []
        due_at: dict[int, float] = {}
        for kind, point in _RECHECKED.items():
            if not (intents := [intent for intent in others if intent.target_kind is kind]):
                continue
            checked = await around(house.points, point, self._recheck_kind(kind, intents))
            await self._recorder.record([Move(intent, IntentState.FAILED, cause) for intent, cause in checked.stopped])
            due_at |= checked.due_at
            going += checked.going
        writes = in_order([intent for intent in others if intent.target_kind is TargetKind.LISTING])
        due_at |= dict.fromkeys((intent.intent_id for intent in writes), _NEVER)
        going += writes
        return due_at, sorted(going, key=lambda intent: (due_at[intent.intent_id], intent.intent_id))

    async def _recheck_kind(self, kind: TargetKind, intents: Sequence[Intent]) -> Rechecked:
        house = self._house
        if kind is TargetKind.THREAD:
            return await recheck_replies(house.writer, intents)
        return await recheck_answers(house.writer, intents, house.now())

    async def _send(self, desk: Desk, group: Sequence[Intent]) -> None:
        house = self._house
        requests = await self._requests(group)
        group = [intent for intent in group if intent.intent_id in requests]
        if isinstance(desk, StockDesk):
            group = await self._safe_to_write(group)
        if not group:
            return
        # From here on the request counts as sent; only rows that really moved (nobody took them back) go out.
        moved = await self._recorder.move(
            "drain.sending", group, IntentState.SENDING, sent_at=house.now(), attempts_plus=1
        )
        if not moved:
            return
        asked = [requests[intent.intent_id] for intent in moved]
        try:
            outcomes = await around(house.points, "drain.call", desk.send(self.store, asked))
        except AdapterError as error:
            moves = self._after_error(desk, moved, error)
        except Exception as error:
            # A fault of ours between sending and reading: the request may have gone, so evidence has to decide.
            log.error("%s: a %s call ended in %s", self.store.store_id, desk.verb.value, type(error).__name__)
            moves = [after_silence(intent, desk.rule, _FAULT, house.now()) for intent in moved]
        else:
            self._failures = 0
            await self._finish(desk, moved, outcomes)
            return
        await self._recorder.record(moves)

    async def _safe_to_write(self, group: Sequence[Intent]) -> list[Intent]:
        """Of a batch of stock writes those that may go: judged last of all, for their pools' other writes go on."""
        house = self._house
        checked = await around(house.points, "drain.stock", recheck_stock(house, group, self.raises))
        await self._recorder.record([Move(intent, IntentState.FAILED, cause) for intent, cause in checked.stopped])
        return checked.going

    async def _finish(self, desk: Desk, sent: Sequence[Intent], outcomes: Sequence[Outcome]) -> None:
        """Write down what was answered: documents first, so that none is done whose document is not in the house."""
        house, now = self._house, self._house.now()
        full: StoreError | None = None
        kept = list(outcomes)
        for place, (intent, outcome) in enumerate(zip(sent, outcomes, strict=True)):
            if outcome.document is None:
                continue
            try:
                await around(house.points, "drain.document", self._keep(intent, outcome.document, now))
            except StoreError as error:
                full = error
                kept[place] = Outcome(Verdict.WAIT, Cause(CauseId.NOT_READY, message=str(error)))
        await self._recorder.record(self._after_outcomes(desk, sent, kept))
        if full is not None:
            raise full

    async def _keep(self, intent: Intent, document: Document, now: int) -> None:
        choice = read_args(intent.verb, intent.args)
        size = choice.size if isinstance(choice, DocumentChoice) else ""
        await self._house.writer.put_document(
            intent.store_id, intent.order_no, intent.target_id, document, size=size, now=now
        )

    async def _requests(self, group: Sequence[Intent]) -> dict[int, Request]:
        """Each intent's request. What an older program accepted and this one cannot make a call of fails."""
        found: dict[int, Request] = {}
        bad = []
        for intent in group:
            try:
                found[intent.intent_id] = request_of(intent)
            except BadArguments as error:
                bad.append(Move(intent, IntentState.FAILED, Cause(CauseId.OTHER, message=str(error))))
        await self._recorder.record(bad)
        return found

    def _after_outcomes(self, desk: Desk, sent: Sequence[Intent], outcomes: Sequence[Outcome]) -> list[Move]:
        now = self._house.now()
        moves: list[Move] = []
        again: list[Intent] = []
        for intent, outcome in zip(sent, outcomes, strict=True):
            if outcome.whole_call and len(sent) > 1:
                again.append(intent)
            else:
                moves.append(after_outcome(intent, outcome, desk.rule, now))
        return moves + self._one_by_one(again)

    def _after_error(self, desk: Desk, sent: Sequence[Intent], error: AdapterError) -> list[Move]:
        self._trouble(error)
        if isinstance(error, Rejected):
            return self._after_rejection(sent, error)
        if isinstance(error, ScopeError):
            cause = Cause(CauseId.NO_PERMISSION, error.code, error.message)
            return [Move(intent, IntentState.FAILED, cause) for intent in sent]
        if isinstance(error, Temporary | Malformed) and error.effect is Effect.POSSIBLE:
            self._pause(None)
            cause = Cause(CauseId.UNREACHABLE, error.code, error.message)
            return [after_silence(intent, desk.rule, cause, self._house.now()) for intent in sent]
        if isinstance(error, AuthError):
            self._not_before = self._house.clock.now() + SIGNED_OUT_S
        else:
            self._pause(error.retry_after_s if isinstance(error, RateLimited) else None)
        # Known to have had no effect: back to waiting, and the try does not count.
        return [Move(intent, IntentState.QUEUED, attempts_plus=-1) for intent in sent]

    def _after_rejection(self, sent: Sequence[Intent], error: Rejected) -> list[Move]:
        if len(sent) == 1:
            return [Move(sent[0], IntentState.FAILED, error.cause)]
        return self._one_by_one(sent)

    def _one_by_one(self, sent: Sequence[Intent]) -> list[Move]:
        """Back to waiting, to be asked singly: a refusal had no effect, and the good rows go through."""
        self._alone.update(intent.intent_id for intent in sent)
        return [Move(intent, IntentState.QUEUED, attempts_plus=-1) for intent in sent]

    def _pause(self, at_least_s: float | None) -> None:
        self._failures += 1
        wait = backoff_s(self._failures, self._house.dice, at_least_s=at_least_s)
        self._not_before = self._house.clock.now() + wait

    async def _next_at(self) -> float:
        """When the next intent of this store needs attention."""
        intents = await around(
            self._house.points, "drain.look_ahead", self._house.writer.open_intents(self.store.store_id)
        )
        still_open = {intent.intent_id for intent in intents}
        moments = [self._attention_at(intent) for intent in _ours(intents) if intent.after_intent_id not in still_open]
        if self._recorder.behind:
            moments.append(self._house.clock.now() + 1.0)
        return min(moments, default=_NEVER)

    def _attention_at(self, intent: Intent) -> float:
        if intent.state is IntentState.HELD:
            return float(intent.release_at)
        if self.store.paused:
            return _NEVER
        if intent.state is IntentState.QUEUED:
            return max(self._not_before, float(intent.look_at or 0), self.raises.until.get(intent.intent_id, 0.0))
        return float(intent.look_at or 0)


async def close_orphans(house: House, store_ids: Collection[str]) -> None:
    """Close what was ordered in stores that are no longer in the house: nobody could send or settle it any more."""
    cause = Cause(CauseId.STORE_REMOVED)
    lost = [intent for intent in await house.writer.open_intents() if intent.store_id not in store_ids]
    ways = {
        IntentState.HELD: (IntentState.FAILED,),
        IntentState.QUEUED: (IntentState.FAILED,),
        # It may have gone out: only a person with the seller's account can say.
        IntentState.SENDING: (IntentState.UNKNOWN, IntentState.NEEDS_PERSON),
        IntentState.UNKNOWN: (IntentState.NEEDS_PERSON,),
    }
    for intent in lost:
        for state in ways.get(intent.state, ()):
            await house.writer.move([intent.intent_id], state, now=house.now(), cause=cause)


def _ours(intents: Sequence[Intent]) -> list[Intent]:
    return [intent for intent in intents if intent.verb not in HOUSE_VERBS]


def _split(intents: Sequence[Intent]) -> tuple[list[Intent], list[Intent]]:
    """Those that act on something else than orders, and those that act on orders."""
    others = [intent for intent in intents if intent.verb in ORDERLESS_VERBS]
    return others, [intent for intent in intents if intent.verb not in ORDERLESS_VERBS]


def _due_at(order: Order | None, now: int) -> float:
    at = next_loss(order.clocks, now).at if order is not None else None
    return _NEVER if at is None else float(at)
