"""The strip of a retry: which slots and ways to hand over it offers, and what is sent with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.domain.intents import Cause, CauseId, Intent, IntentState, TargetKind, Verb
from shoptui.queries.types import BatchRow
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.order_ship import ShipForm
from shoptui.screens.retry_form import RetryForm, RetryPart
from tests.engine.support import shipped
from tests.ui.app_support import ZONE
from tests.ui.flow_support import flow, flow_cockpit

NOW = 1_780_000_000
EARLY = (NOW + 3_600, NOW + 10_800)
LATE = (NOW + 90_000, NOW + 97_200)


def intent(number: int, store_id: str) -> Intent:
    return Intent(
        number,
        "b",
        Verb.SHIP,
        store_id,
        str(number),
        TargetKind.PACKAGE,
        f"P{number}",
        {},
        IntentState.FAILED,
        "an",
        0,
        0,
    )


def offer(
    *slots: tuple[int, int], drop_off: bool = True, honoured: bool = True, pickup: bool = True
) -> dict[str, object]:
    listed = [[*slot, True] for slot in slots]
    return {"can_pickup": pickup, "can_drop_off": drop_off, "honoured": honoured, "slots": listed}


def asked(
    stores: Mapping[str, Mapping[str, object]], cause: CauseId = CauseId.NO_SLOT
) -> tuple[RetryForm, list[RetryPart]]:
    """The form for one failed parcel of each store, numbered from 1, with the engine's answer taken in."""
    sent: list[RetryPart] = []
    intents = [intent(number, store_id) for number, store_id in enumerate(stores, start=1)]
    ids = tuple(each.intent_id for each in intents)
    count = len(intents)
    group = BatchRow(
        "b", "ship", "an", NOW, NOW, IntentState.FAILED, Cause(cause), count, count, tuple(stores), ids, False, NOW
    )
    form = RetryForm(group, intents, now=NOW, zone=ZONE, fixing=True, retry=sent.extend)
    assert form.wants_slots
    assert form.does() == "", "nothing is sent before it is known what is on offer"
    form.take_handover(Answer(True, {"options": stores}))
    return form, sent


def said(form: RetryForm) -> str:
    lines = [pieces_text(line) for line in form.lines(80, NOW)]
    assert all(cell_width(line) <= 80 for line in lines)
    return "\n".join(lines)


def test_without_a_slot_drop_off_is_proposed_and_sent() -> None:
    for cause in (CauseId.NO_SLOT, CauseId.SLOT_GONE):
        form, sent = asked({"sp-th-1": offer()}, cause)
        assert "fix      drop-off: no other slot is offered" in said(form)
        assert not form.option(1), "there is nothing else to turn to"
        form.do()
        assert sent == [((1,), {"method": "DROP_OFF"})]


def test_where_both_are_possible_the_method_can_be_turned() -> None:
    form, sent = asked({"sp-th-1": offer(EARLY, LATE)}, CauseId.SLOT_GONE)
    assert "1 method: pick-up   2 slot: " in said(form)
    assert "1 of 2" in said(form)
    assert form.option(2)
    assert "2 of 2" in said(form)
    assert form.option(1)
    assert "1 method: drop-off" in said(form)
    assert "slot:" not in said(form)
    assert not form.option(2), "drop-off has no slot"
    form.do()
    assert sent == [((1,), {"method": "DROP_OFF"})]


def test_the_slot_turned_to_is_sent_where_only_pick_up_is_possible() -> None:
    form, sent = asked({"sp-th-1": offer(EARLY, LATE, drop_off=False)})
    assert "1 slot: " in said(form)
    assert form.option(1)
    form.do()
    assert sent == [((1,), {"method": "PICKUP", "slot_start_at": LATE[0], "slot_end_at": LATE[1]})]


def test_each_store_goes_the_way_it_offers_and_the_strip_says_so() -> None:
    stores: dict[str, Mapping[str, object]] = {
        "sp-th-1": offer(EARLY),
        "sp-th-2": offer(),
        "sp-th-3": offer(LATE),
        "tt-th-1": offer(EARLY, honoured=False),
        "lz-th-1": {"unsupported": "Lazada has no slots."},
    }
    form, sent = asked(stores)
    words = said(form)
    assert "1 goes by drop-off: no slot is offered there" in words
    assert "3 go by their store's setting: that slot is not offered there" in words
    form.do()
    assert sent == [
        ((1,), {"method": "PICKUP", "slot_start_at": EARLY[0], "slot_end_at": EARLY[1]}),
        ((2,), {"method": "DROP_OFF"}),
        ((3, 4, 5), {}),
    ]


def test_without_anything_to_choose_the_stores_setting_decides() -> None:
    for answer in (offer(drop_off=False), offer(EARLY, honoured=False), {"unsupported": "It does not answer."}):
        form, sent = asked({"sp-th-1": answer})
        assert "it is sent as the store's setting says" in " ".join(said(form).split())
        form.do()
        assert sent == [((1,), {})]


async def test_a_parcel_without_a_slot_is_sent_by_drop_off(tmp_path: Path) -> None:
    async with flow(tmp_path, stores=1, orders=80, regions=("GB",)) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.ship")
        strip = under_test.app.frame.strip.form
        assert isinstance(strip, ShipForm)
        package_id = strip.preview.ready[0].target_id
        served.made.live.poke("flaw", package_id=package_id, kind="no_slot")
        await under_test.confirm()
        await under_test.to_the_end()
        await under_test.do("go.notice")
        await under_test.do("intent.fix")
        await under_test.settled()
        assert "drop-off: no other slot is offered" in under_test.screen_text()
        await under_test.confirm()
        await under_test.to_the_end()
        writer = served.engine.house.writer
        again = await writer.batch(under_test.app.session.house.batches[0].batch_id)
        assert [dict(one.args) for one in again] == [{"method": "DROP_OFF"}]
        assert shipped(served.made.live)[package_id] == 1
