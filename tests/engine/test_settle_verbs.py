"""Every verb's answer lost at every marketplace: settled by its own row of the verb table, its effect there once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shoptui.adapters.base import Unsupported
from shoptui.domain.intents import IntentState, NewIntent, Settling, TargetKind, Verb
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CancelAnswer, CancelChoice, OwnShipping, SellerNote, SplitChoice, VerbArgs, write_args
from shoptui.engine.core import Engine
from tests.engine.support import Bench, bench


@dataclass(frozen=True, slots=True)
class Step:
    """The call with the effect, the journal's word for it, and how often that stands there for one order."""

    path: str
    effect: str
    times: int = 1


STEPS: Mapping[str, Mapping[Verb, Step]] = {
    "tiktok": {
        Verb.CANCEL: Step(r"/cancellations$", "cancel"),
        Verb.ANSWER_CANCEL: Step(r"/cancellations/[0-9]+/approve$", "approve_cancel"),
        Verb.SPLIT: Step(r"/orders/[0-9]+/split$", "split"),
        Verb.SHIP_OWN: Step(r"/packages/([0-9]+/)?ship$", "ship"),
    },
    "shopee": {
        Verb.CANCEL: Step(r"/order/cancel_order$", "cancel"),
        Verb.ANSWER_CANCEL: Step(r"/order/handle_buyer_cancellation$", "approve_cancel"),
        Verb.SPLIT: Step(r"/order/split_order$", "split"),
        Verb.SHIP_OWN: Step(r"/logistics/ship_order$", "ship"),
        Verb.NOTE: Step(r"/order/set_note$", "set_note"),
    },
    "lazada": {
        Verb.CANCEL: Step(r"/order/reverse/cancel/create$", "cancel"),
        Verb.ANSWER_CANCEL: Step(r"/order/reverse/cancel/seller/decide$", "approve_cancel"),
        # Two parcels are packed, each by a call of its own.
        Verb.SPLIT: Step(r"/order/fulfill/pack$", "pack", times=2),
        Verb.SHIP_OWN: Step(r"/order/rts$", "rts"),
    },
}
#: Nothing in a parcel of this weight is refused by any carrier.
ORDINARY_G = 3000


def test_every_marketplace_is_here() -> None:
    assert set(STEPS) == set(MARKETPLACES)


@asynccontextmanager
async def running(root: Path, marketplace: str) -> AsyncIterator[tuple[Bench, Engine, Store]]:
    async with bench(root, stores=1, orders=320, regions=("TH",), markets=(marketplace,)) as made:
        engine = await made.engine()
        await made.synced(engine)
        for parcel in made.live.world.packages.values():
            parcel.flaw = None
        yield made, engine, made.stores[0]


async def able(made: Bench, engine: Engine, store: Store, verb: Verb) -> list[tuple[Order, VerbArgs]]:
    """The cached orders on which the verb can be done, each with what it needs."""
    market, writer = engine.lanes[store.store_id].market, engine.house.writer
    found: list[tuple[Order, VerbArgs]] = []
    for order in await writer.orders_by_no(store.store_id, sorted(await writer.open_order_nos(store.store_id))):
        weight_g = sum(line.sku.weight_g for line in made.live.world.orders[order.order_no].lines)
        if market.desks[verb].why_not(store, order) is not None or weight_g > ORDINARY_G:
            continue
        if order.status is not Status.TO_SHIP or len(order.packages) != 1:
            continue
        choices = await market.choices(store, verb, order)
        if isinstance(choices, Unsupported):
            continue
        match verb:
            case Verb.CANCEL:
                found.append((order, CancelChoice(choices.reasons[0].reason_id)))
            case Verb.ANSWER_CANCEL:
                found.append((order, CancelAnswer(accept=True)))
            case Verb.NOTE:
                found.append((order, SellerNote("two bags")))
            case Verb.SPLIT:
                first, *rest = [line.line_id for line in order.lines if line.status is Status.TO_SHIP]
                if rest:
                    found.append((order, SplitChoice(((first,), tuple(rest)))))
            case _:
                carrier = choices.providers[0].provider_id if choices.providers else ""
                found.append((order, OwnShipping(f"OWN{len(found):06d}", carrier)))
    return found


async def asking(made: Bench, engine: Engine, store: Store) -> None:
    """Some buyers ask to cancel, and the list knows."""
    waiting = await able(made, engine, store, Verb.CANCEL)
    for order, _ in waiting[:3]:
        made.live.poke("buyer_cancel_request", order_id=order.order_no)
    made.advance(120)
    await engine.turn()


@pytest.mark.parametrize("how", ["drop_after", "drop_before"])
@pytest.mark.parametrize("marketplace", STEPS)
async def test_a_lost_answer_ends_in_one_effect(tmp_path: Path, marketplace: str, how: str) -> None:
    async with running(tmp_path, marketplace) as (made, engine, store):
        await asking(made, engine, store)
        for verb, step in STEPS[marketplace].items():
            (order, args), *_ = await able(made, engine, store, verb)
            by_package = verb is Verb.SHIP_OWN
            target = order.packages[0].package_id if by_package else order.order_no
            kind = TargetKind.PACKAGE if by_package else TargetKind.ORDER
            intent = NewIntent(verb, store.store_id, order.order_no, kind, target, write_args(args))
            now = engine.house.now()
            await engine.house.writer.accept_batch(verb.value, verb, "mei", "pts/1", [intent], [now], now)
            made.live.faults.replace([{"match": {"path": step.path, "times": 1}, "do": {how: True}}])
            await made.until_quiet(engine)
            # What was done is read again, so that the next verb takes no order that has changed.
            await engine.turn()

            (settled,) = await engine.house.writer.batch(verb.value)
            assert settled.state is IntentState.DONE, (verb, settled.cause, settled.evidence)
            assert [rule["hits"] for rule in made.live.faults.report()] == [1], f"{verb}: the answer was lost"
            targets = Counter(
                str(row["target"])
                for row in made.live.journal()
                if (row["op"], row["order_id"], row["effect"]) == (step.effect, order.order_no, "applied")
            )
            assert list(targets.values()) == [1] * step.times, f"{verb}: nothing twice, and nothing left out"
            rule = engine.lanes[store.store_id].market.desks[verb].rule
            assert rule.settling in {Settling.READ_BACK, Settling.READ_BACK_LATE}
            assert int(settled.settled_at or 0) - now >= rule.first_look_s, f"{verb}: looked for before its time"
            once = how == "drop_after" and step.times == 1
            assert settled.attempts == (1 if once else 2) <= 1 + rule.resends, verb
