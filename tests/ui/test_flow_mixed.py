"""Verbs on a selection over all marketplaces: one strip, one confirmation, and each does it in its own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste

from shoptui.adapters.base import Verdict
from shoptui.adapters.desks import Request
from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.orders import Flag, Status
from shoptui.domain.verbs import CancelChoice
from shoptui.queries.types import OrderRow
from tests.ui.flow_support import FlowCockpit, Served, flow, flow_cockpit
from tests.ui.test_flow_verbs import shows

ALL = tuple(MARKETPLACES)
#: What the journal calls it when a parcel goes.
GOES = frozenset({("tiktok", "ship"), ("shopee", "ship"), ("lazada", "rts")})


@asynccontextmanager
async def house(
    root: Path, filter_text: str, *, orders: int = 150
) -> AsyncIterator[tuple[Served, FlowCockpit, list[OrderRow]]]:
    """One store of each marketplace in Thailand, a cockpit, and the orders it shows that match a filter."""
    async with flow(root, stores=3, orders=orders, regions=("TH",), markets=ALL) as served:
        async with flow_cockpit(served) as cockpit:
            yield served, cockpit, await show(cockpit, filter_text)


async def show(cockpit: FlowCockpit, filter_text: str) -> list[OrderRow]:
    place = cockpit.app.frame.orders
    assert place.set_filter(filter_text) is None
    await cockpit.settled()
    return await cockpit.app.house.reader.rows(list(place.listed_ids), place.session.now)


async def choose_reasons(cockpit: FlowCockpit) -> None:
    """Take the first reason that is offered for whichever stores are asked about, until none is asked for."""
    await shows(cockpit, "choose the reason")
    await cockpit.settled()
    for _marketplace in ALL:
        if "choose" in cockpit.screen_text():
            await cockpit.press("1")
            await cockpit.settled()


async def type_count(cockpit: FlowCockpit) -> int:
    """Unlock F9 and press it; of how many orders it was."""
    form = cockpit.app.frame.strip.form
    count = int(form.count)  # type: ignore[union-attr]  # a verb's strip is open
    await cockpit.press(*str(count))
    await cockpit.confirm()
    return count


def effects(served: Served, since: int = 0) -> Counter[tuple[str, str]]:
    """Marketplace and operation of everything that really happened."""
    rows = served.made.live.journal(since)
    return Counter((str(row["marketplace"]), str(row["op"])) for row in rows if row["effect"] == "applied")


async def each_market_twice(rows: Sequence[OrderRow]) -> list[list[OrderRow]]:
    """Two orders of each store that could be shipped."""
    free = [row for row in rows if not row.ship_block]
    return [[row for row in free if row.store_id == name][:2] for name in sorted({row.store_id for row in free})]


async def test_one_confirmation_ships_at_all_marketplaces_and_keeps_every_label(tmp_path: Path) -> None:
    async with house(tmp_path, "status:to_ship -ship:seller -flag:cancel") as (served, cockpit, _rows):
        await cockpit.do("mark.all")
        await cockpit.do("order.print")
        said = " ".join(cockpit.screen_text().split())
        form = cockpit.app.frame.strip.form
        counts = form.preview.by_market  # type: ignore[union-attr]  # a verb's strip is open
        assert set(counts) == set(ALL) and sum(counts.values()) > 30
        assert f"how Lazada {counts['lazada']} Shopee {counts['shopee']} TikTok {counts['tiktok']}" in said
        assert not effects(served), "nothing has gone before F9"
        await cockpit.confirm()
        await cockpit.to_the_end()
        writer = served.engine.house.writer
        batch_ids = {group.batch_id for group in cockpit.app.session.house.batches}
        intents = [intent for batch_id in sorted(batch_ids) for intent in await writer.batch(batch_id)]
        marketplace_of = {store.store_id: store.marketplace for store in served.made.stores}
        states = {IntentState.DONE, IntentState.FAILED}
        assert {intent.state for intent in intents} == states, "this seed has parcels that are refused"
        done = Counter(
            (marketplace_of[intent.store_id], intent.order_no)
            for intent in intents
            if intent.verb is Verb.SHIP and intent.state is IntentState.DONE
        )
        gone = Counter(
            (str(row["marketplace"]), str(row["order_id"]))
            for row in served.made.live.journal()
            if (row["marketplace"], row["op"]) in GOES and row["effect"] == "applied"
        )
        assert gone == done, "what is done went once, and nothing else went"
        assert {marketplace for marketplace, _order_no in gone} == set(ALL)
        labelled = {
            (intent.store_id, intent.order_no)
            for intent in intents
            if intent.verb is Verb.LABEL and intent.state is IntentState.DONE
        }
        stored = {(row.store_id, row.order_no) for row in await show(cockpit, "status:to_hand_over") if row.label}
        assert labelled == stored
        assert {(marketplace_of[store_id], order_no) for store_id, order_no in labelled} >= set(done)


async def test_what_a_marketplace_never_does_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    async with house(tmp_path, "status:to_ship -flag:cancel") as (served, cockpit, _rows):
        await cockpit.do("mark.all")
        await cockpit.do("row.note")
        await cockpit.settled()
        said = " ".join(cockpit.screen_text().split())
        assert "go to the marketplaces' own seller notes" in said and "(sp-th-1)" in said
        assert "it never reaches the marketplace. " in said
        await cockpit.press("escape")
        await cockpit.do("mark.none")
        for store_id, reason in (
            ("sp-th-1", "Shopee has no call that puts several orders into one parcel."),
            ("lz-th-1", "Lazada makes a parcel for each order; orders cannot share one."),
        ):
            assert await show(cockpit, f"status:to_ship -flag:cancel -ship:seller store:{store_id}")
            await cockpit.do("menu.open")
            await cockpit.type("combine")
            assert reason in " ".join(cockpit.screen_text().split()), "it is said before the key"
            await cockpit.press("enter")
            await cockpit.settled()
            assert not cockpit.app.frame.strip.is_open and reason in cockpit.line("message")
            await cockpit.do("mark.toggle")
            await cockpit.do("menu.open")
            await cockpit.type("combine")
            await cockpit.press("enter")
            await cockpit.settled()
            assert "COMBINE none of 1 order" in cockpit.screen_text()
            assert reason in " ".join(cockpit.screen_text().split()), "of marked orders the strip says it"
            await cockpit.press("escape")
            await cockpit.do("mark.none")
        assert not effects(served)
        assert await served.engine.house.writer.open_intents() == []


async def test_a_note_reaches_the_marketplace_that_keeps_one_and_stays_here_for_the_others(tmp_path: Path) -> None:
    async with house(tmp_path, "status:to_ship -flag:cancel") as (served, cockpit, rows):
        await cockpit.do("mark.all")
        await cockpit.do("row.note")
        await cockpit.settled()
        await cockpit.type("two bags")
        await cockpit.press("enter")
        await cockpit.settled()
        await cockpit.confirm()
        await cockpit.to_the_end()
        stores = Counter(row.store_id for row in rows)
        assert effects(served) == {("shopee", "set_note"): stores["sp-th-1"]}
        noted = [row for row in await show(cockpit, "status:to_ship -flag:cancel") if row.has_note]
        assert {row.store_id for row in noted} >= {"tt-th-1", "lz-th-1"}


async def test_orders_of_all_marketplaces_are_cancelled_each_for_a_reason_of_its_own(tmp_path: Path) -> None:
    async with house(tmp_path, "status:to_ship -flag:cancel") as (served, cockpit, _rows):
        await cockpit.do("mark.all")
        await cockpit.do("order.cancel")
        await shows(cockpit, "choose the reason")
        await cockpit.settled()
        await cockpit.press("1")
        await cockpit.settled()
        assert "for 1 store more: choose theirs by digit; Enter leaves them out" in cockpit.screen_text()
        assert "Type" not in cockpit.screen_text(), "a count is typed for what is chosen in full"
        await cockpit.press("enter")
        await cockpit.settled()
        form = cockpit.app.frame.strip.form
        left_out = form.preview.left_out  # type: ignore[union-attr]  # a verb's strip is open
        assert "reason_not_offered" in {group.reason_id for group in left_out}
        await cockpit.press("backspace")
        await choose_reasons(cockpit)
        count = await type_count(cockpit)
        assert not effects(served)
        await cockpit.to_the_end()
        assert f"✓ {count} cancelled." in cockpit.line("message")
        done = effects(served)
        assert set(done) == {(name, "cancel") for name in ALL} and sum(done.values()) == count


async def test_buyers_of_all_marketplaces_are_answered_together(tmp_path: Path) -> None:
    async with house(tmp_path, "status:to_ship -flag:cancel") as (served, cockpit, rows):
        pairs = await each_market_twice(rows)
        assert [len(pair) for pair in pairs] == [2, 2, 2]
        for row in (row for pair in pairs for row in pair):
            served.made.live.poke("buyer_cancel_request", order_id=row.order_no)
        await cockpit.pass_time(120)
        await cockpit.pass_time(120)
        for command_id, which, effect in (("request.refuse", 0, "reject"), ("request.accept", 1, "approve")):
            since = len(served.made.live.journal())
            wanted = " or ".join(f"order:{pair[which].order_no}" for pair in pairs)
            assert len(await show(cockpit, f"flag:cancel ({wanted})")) == 3
            await cockpit.do("mark.all")
            await cockpit.do(command_id)
            await cockpit.settled()
            if which == 0:
                await choose_reasons(cockpit)
            assert await type_count(cockpit) == 3
            await cockpit.to_the_end()
            assert effects(served, since) == {(name, f"{effect}_cancel"): 1 for name in ALL}
        for which, status in ((0, Status.TO_SHIP), (1, Status.CANCELLED)):
            for pair in pairs:
                row = pair[which]
                (order,) = await served.engine.house.writer.orders_by_no(row.store_id, [row.order_no])
                assert (order.status, bool(order.flags & Flag.CANCEL_REQUESTED)) == (status, False)


async def test_own_carriers_numbers_go_to_every_marketplace_also_where_no_carrier_is_named(tmp_path: Path) -> None:
    some = "status:to_ship ship:seller -flag:cancel"
    async with house(tmp_path, some, orders=240) as (served, cockpit, rows):
        assert {row.store_id[:2] for row in rows} == {"tt", "sp", "lz"}
        await cockpit.do("mark.all")
        await cockpit.do("order.edit")
        await shows(cockpit, "choose it by its digit")
        await cockpit.press("1")
        await shows(cockpit, "tracking number [scan]")
        numbers = "\n".join(f"{row.order_no}\tOWN{place:06d}" for place, row in enumerate(rows))
        cockpit.app.frame.strip.field.post_message(Paste(numbers))
        await cockpit.settled()
        assert f"{len(rows)} have their numbers" in cockpit.screen_text(), cockpit.screen_text()
        await cockpit.confirm()
        await cockpit.to_the_end()
        for place, row in enumerate(rows):
            (order,) = await served.engine.house.writer.orders_by_no(row.store_id, [row.order_no])
            assert (order.store_id, order.tracking_number) == (row.store_id, f"OWN{place:06d}")


@pytest.mark.parametrize("marketplace", ALL)
async def test_what_is_cancelled_already_is_not_asked_about_and_a_line_goes_with_all_its_units(
    tmp_path: Path, marketplace: str
) -> None:
    region = "GB" if marketplace == "tiktok" else "MY"
    async with flow(tmp_path, stores=1, orders=300, regions=(region,), markets=(marketplace,)) as served:
        (store,) = served.made.stores
        writer, lane = served.engine.house.writer, served.engine.lanes[store.store_id]
        cancel = lane.market.desks[Verb.CANCEL]
        orders = await writer.orders_by_no(store.store_id, sorted(await writer.open_order_nos(store.store_id)))
        order = next(
            one
            for one in orders
            if one.status is Status.TO_SHIP
            and len(one.lines) > 2
            and max(line.quantity for line in one.lines) > 1
            and len({line.sku for line in one.lines}) == len(one.lines)
            and cancel.why_not(store, one) is None
            and all(not line.package_id or len(one.packages) == 1 for line in one.lines)
        )
        wanted = max(order.lines, key=lambda line: line.quantity)
        gone, *others = [line for line in order.lines if line is not wanted]
        reason = (await lane.market.choices(store, Verb.CANCEL, order)).reasons[0].reason_id  # type: ignore[union-attr]
        choice = CancelChoice(reason, "", gone.unit_ids or (gone.line_id,))
        (before,) = await cancel.send(store, [Request(order.order_no, order.order_no, choice)])
        assert before.verdict is Verdict.DONE, before
        served.engine.reread(store.store_id, [order.order_no])
        async with flow_cockpit(served) as cockpit:
            await cockpit.pass_time(120)
            assert len(await show(cockpit, f"order:{order.order_no}")) == 1
            await cockpit.do("order.cancel")
            await shows(cockpit, "a digit leaves a line out")
            said = " ".join(cockpit.screen_text().split())
            shown = [line for line in order.lines if line is not gone]
            for line in order.lines:
                assert (f"cancel {line.quantity}x {line.sku}" in said) is (line in shown)
            await cockpit.press(*[str(number) for number, line in enumerate(shown, 1) if line is not wanted], "enter")
            await shows(cockpit, "CANCEL 1 LINE, 1 of 1 order")
            await choose_reasons(cockpit)
            await type_count(cockpit)
            await cockpit.to_the_end()
        (known,) = (await lane.market.orders_by_no(store, [order.order_no])).orders
        left = {line.sku: line.quantity for line in known.lines if line.status is not Status.CANCELLED}
        assert left == {line.sku: line.quantity for line in others}
