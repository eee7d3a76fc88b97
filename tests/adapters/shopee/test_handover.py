"""Choosing how a parcel goes: pure decisions from what its channel offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shoptui.adapters.base import HandoverOptions, Unsupported
from shoptui.adapters.shopee.handover import Handover, Parameters, choose, offered_slots, options, own_carrier
from shoptui.domain.intents import Cause, CauseId, ShipChoice
from shoptui.domain.orders import Slot
from tests.adapters.shopee.support import STORE

ZONE = ZoneInfo("Asia/Kuala_Lumpur")
MORNING = int(datetime(2025, 10, 10, 9, tzinfo=ZONE).timestamp())
NOON = MORNING + 3 * 3600
MIDNIGHT = int(datetime(2025, 10, 11, tzinfo=ZONE).timestamp())


def slot(at: int, *flags: str, text: str | None = None) -> dict[str, Any]:
    return {"date": at, "pickup_time_id": f"id-{at}", "flags": list(flags), "time_text": text}


def address(number: int, *slots: dict[str, Any], flags: tuple[str, ...] = ("pickup_address",)) -> dict[str, Any]:
    return {"address_id": number, "address_flag": list(flags), "time_slot_list": list(slots) or None}


def parameters(needed: dict[str, Any], *addresses: dict[str, Any], **dropoff: Any) -> Parameters:
    return Parameters.model_validate(
        {"info_needed": needed, "pickup": {"address_list": list(addresses)}, "dropoff": dropoff or None}
    )


PICKUP: dict[str, Any] = {"pickup": ["address_id", "pickup_time_id"]}
BOTH: dict[str, Any] = {**PICKUP, "dropoff": []}


@pytest.mark.parametrize(
    ("needed", "choice", "expected"),
    [
        (BOTH, ShipChoice(), Handover("pickup", {"address_id": 7, "pickup_time_id": f"id-{NOON}"})),
        (BOTH, ShipChoice("PICKUP"), Handover("pickup", {"address_id": 7, "pickup_time_id": f"id-{NOON}"})),
        (
            BOTH,
            ShipChoice(None, MORNING, NOON),
            Handover("pickup", {"address_id": 7, "pickup_time_id": f"id-{MORNING}"}),
        ),
        (BOTH, ShipChoice("DROP_OFF"), Handover("dropoff", {})),
        ({"dropoff": []}, ShipChoice(), Handover("dropoff", {})),
        ({"pickup": ["address_id"]}, ShipChoice(), Handover("pickup", {"address_id": 7})),
        ({"dropoff": ["branch_id"]}, ShipChoice(), Handover("dropoff", {"branch_id": 31})),
        (
            {"dropoff": ["sender_real_name", "tracking_no"]},
            ShipChoice(),
            Handover("dropoff", {"sender_real_name": "Tote House"}),
        ),
        ({"dropoff": ["slug"]}, ShipChoice(), Handover("dropoff", {"slug": "north"})),
    ],
)
def test_what_is_sent_for_a_choice(needed: dict[str, Any], choice: ShipChoice, expected: Handover) -> None:
    offered = parameters(
        needed,
        address(5, slot(MORNING - 60, "recommended"), flags=("return_address",)),
        address(7, slot(MORNING), slot(NOON, "recommended"), flags=("default_address", "pickup_address")),
        branch_list=[{"branch_id": 31}, {"branch_id": 32}],
        slug_list=[{"slug": "north"}],
    )
    assert choose(offered, choice, STORE) == expected


@pytest.mark.parametrize(
    ("needed", "choice", "cause"),
    [
        ({"non_integrated": ["tracking_no"]}, ShipChoice(), CauseId.UNSUPPORTED),
        ({}, ShipChoice(), CauseId.NOT_READY),
        ({"dropoff": []}, ShipChoice("PICKUP"), CauseId.UNSUPPORTED),
        ({"dropoff": []}, ShipChoice(None, MORNING, NOON), CauseId.UNSUPPORTED),
        (PICKUP, ShipChoice("DROP_OFF"), CauseId.UNSUPPORTED),
        (PICKUP, ShipChoice(None, MORNING + 60, NOON), CauseId.SLOT_GONE),
        ({"dropoff": ["branch_id"]}, ShipChoice(), CauseId.NO_SERVICE),
        ({"dropoff": ["tracking_no"]}, ShipChoice(), CauseId.UNSUPPORTED),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    needed: dict[str, Any], choice: ShipChoice, cause: CauseId
) -> None:
    found = choose(parameters(needed, address(7, slot(MORNING))), choice, STORE)
    assert isinstance(found, Cause)
    assert found.id is cause
    assert found.message.endswith(".")


def test_without_a_free_slot_a_parcel_is_dropped_off_unless_pickup_was_asked_for() -> None:
    nothing_free = parameters(BOTH, address(7))
    assert choose(nothing_free, ShipChoice(), STORE) == Handover("dropoff", {})
    refused = choose(nothing_free, ShipChoice("PICKUP"), STORE)
    assert isinstance(refused, Cause)
    assert refused.id is CauseId.NO_SLOT
    assert isinstance(choose(parameters(PICKUP), ShipChoice(), STORE), Cause)


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        ({"non_integrated": ["tracking_no"]}, Handover("non_integrated", {"tracking_number": "AB123"})),
        ({"dropoff": ["tracking_no", "sender_real_name"]}, Handover("dropoff", {"tracking_number": "AB123"})),
    ],
)
def test_an_own_number_goes_under_its_wire_name(needed: dict[str, Any], expected: Handover) -> None:
    assert own_carrier(parameters(needed), "AB123") == expected


def test_a_platform_channel_takes_no_own_number() -> None:
    assert isinstance(own_carrier(parameters(BOTH), "AB123"), Cause)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00 - 12:00", Slot(MORNING, NOON)),
        ("9.00–12.00", Slot(MORNING, NOON)),
        ("22:00-02:00", Slot(MORNING + 13 * 3600, MIDNIGHT + 2 * 3600)),
        ("in the morning", Slot(MORNING, MIDNIGHT)),
        ("25:00 - 26:00", Slot(MORNING, MIDNIGHT)),
        (None, Slot(MORNING, MIDNIGHT)),
    ],
)
def test_a_slot_is_read_in_the_shops_own_zone(text: str | None, expected: Slot) -> None:
    (found,) = offered_slots(parameters(PICKUP, address(7, slot(MORNING, text=text))), STORE)
    assert found.slot == expected


def test_the_screen_is_offered_each_window_once() -> None:
    offered = parameters(BOTH, address(7, slot(NOON), slot(MORNING)), address(8, slot(MORNING)))
    found = options(offered, STORE)
    assert isinstance(found, HandoverOptions)
    assert (found.can_pickup, found.can_drop_off, found.honoured) == (True, True, True)
    assert [each.start_at for each in found.slots] == [MORNING, NOON]
    assert isinstance(options(parameters({"non_integrated": []}), STORE), Unsupported)
