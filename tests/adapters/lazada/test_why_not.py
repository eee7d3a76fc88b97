"""What Lazada cannot do, never or not with this order, is known with its reason before anything is ordered."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.adapters.base import Unsupported
from shoptui.adapters.desks import why_not
from shoptui.clock import DrivenClock
from shoptui.domain.intents import Verb
from shoptui.domain.verbs import THREAD_VERBS
from tests.adapters.lazada.support import STORE, UNIT_1, UNIT_2, ScriptedShop, item, items_of, ok, order, packed

ASKS = {"need_cancel_confirm": True, "reverse_order_id": 7}


def units(**over: Any) -> tuple[dict[str, Any], ...]:
    return item(UNIT_1, **over), item(UNIT_2, **over)


def both_packed(status: str = "packed") -> tuple[dict[str, Any], ...]:
    return packed(UNIT_1, status=status), packed(UNIT_2, status=status)


async def reason(clock: DrivenClock, verb: Verb, *rows: dict[str, Any]) -> Unsupported | None:
    shop = ScriptedShop(clock, {"/rest/order/get": ok(order()), "/rest/orders/items/get": items_of(*rows)})
    (found,) = (await shop.shop.orders_by_no(STORE, [str(order()["order_id"])])).orders
    return why_not(shop.shop, verb, STORE, found)


def test_what_lazada_never_does_has_a_reason(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {}).shop
    assert set(shop.never) == {Verb.COMBINE, Verb.CHANGE_TRACKING, Verb.NOTE}
    assert set(shop.desks) - THREAD_VERBS == set(Verb) - set(shop.never) - {Verb.PRINT} - THREAD_VERBS
    assert all(refusal.reason.endswith(".") for refusal in shop.never.values())


@pytest.mark.parametrize(
    ("rows", "verb", "expected"),
    [
        (units(), Verb.SHIP, None),
        (both_packed(), Verb.SHIP, None),
        (units(), Verb.SHIP_OWN, "platform_shipping"),
        (units(delivery_option_sof=1), Verb.SHIP, "seller_shipping"),
        (units(delivery_option_sof=1), Verb.SHIP_OWN, None),
        (units(delivery_option_sof=1), Verb.LABEL, "seller_shipping"),
        (units(is_fbl=1), Verb.SHIP, "fulfilled_by_platform"),
        (units(biz_group=70020), Verb.SHIP, "fulfilled_by_platform"),
        (units(is_digital=1), Verb.SHIP, "digital"),
        (units(shipping_provider_type="PICKUP_IN_STORE"), Verb.LABEL, "store_pickup"),
        (units(status="unpaid"), Verb.SHIP, "unpaid"),
        (units(status="on_the_moon"), Verb.SHIP, "unknown_status"),
        (units(**ASKS), Verb.SHIP, "cancel_requested"),
        (units(**ASKS), Verb.CANCEL, "answer_first"),
        (units(**ASKS), Verb.ANSWER_CANCEL, None),
        (units(), Verb.ANSWER_CANCEL, "no_request"),
        (units(is_cancel_pending=True), Verb.SHIP, "on_hold"),
        (units(is_cancel_pending=True), Verb.CANCEL, "on_hold"),
        (both_packed("ready_to_ship"), Verb.SHIP, "to_hand_over"),
        (both_packed("ready_to_ship"), Verb.LABEL, None),
        (both_packed("shipped"), Verb.SHIP, "in_transit"),
        (both_packed("shipped"), Verb.LABEL, "label_late"),
        (both_packed("shipped"), Verb.CANCEL, "in_transit"),
        (both_packed("canceled"), Verb.LABEL, "closed"),
        (units(), Verb.SPLIT, None),
        ((item(UNIT_1),), Verb.SPLIT, "one_item"),
        (both_packed(), Verb.SPLIT, "no_split"),
        ((item(UNIT_1), packed(UNIT_2)), Verb.SPLIT, "no_split"),
        (units(status="repacked"), Verb.SPLIT, None),
    ],
)
async def test_why_a_verb_is_off(
    clock: DrivenClock, rows: tuple[dict[str, Any], ...], verb: Verb, expected: str | None
) -> None:
    found = await reason(clock, verb, *rows)
    assert (found.id if found is not None else None) == expected
