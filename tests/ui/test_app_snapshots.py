"""How the cockpit looks at its three sizes, with a fixed clock and invented data."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from shoptui.cockpit.link import LinkState
from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.paths import DataDir
from shoptui.store.writer import Writer
from tests.ui.app_support import NOW, make_house, some_orders
from tests.ui.snapshot_support import SIZES, Compare, app_on, steps

pytestmark = pytest.mark.usefixtures("always_mei")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(busy_house(tmp_path))


async def busy_house(root: Path) -> DataDir:
    """The invented house after some work: a batch with failures, one unsure parcel, an alert-free message line."""
    data_dir = await make_house(root)
    writer = await Writer.open(data_dir, NOW)
    try:
        orders = some_orders()
        await order_batch(writer, "b-mixed", orders[3:9], NOW - 120)
        ids = [intent.intent_id for intent in await writer.batch("b-mixed")]
        await move(writer, ids[:3], IntentState.DONE)
        await move(writer, ids[3:5], IntentState.FAILED, Cause(CauseId.TOO_HEAVY, "11021012", "Over 5 kg."))
        await move(writer, ids[5:], IntentState.UNKNOWN)
        await writer.move(
            ids[5:], IntentState.NEEDS_PERSON, now=NOW - 40, evidence={"package": "TO_FULFILL", "tracking": ""}
        )
        await writer.ack("b-mixed", "mei", NOW)
        await writer.hold([("tt-th-1", orders[12].order_no)], "an", True, NOW - 300)
        await writer.claim([("tt-vn-1", orders[2].order_no)], "mei", True, NOW - 200)
        await writer.tag([("tt-my-1", orders[9].order_no)], "fragile", "mei", True, NOW - 200)
        await writer.note(("tt-vn-1", orders[2].order_no), "an", "gift: no invoice in the box", NOW - 4000)
        await writer.counts(NOW)
    finally:
        await writer.close()
    return data_dir


async def order_batch(writer: Writer, batch_id: str, orders: list, at: int) -> None:  # type: ignore[type-arg]
    intents = [
        NewIntent(Verb.SHIP, order.store_id, order.order_no, TargetKind.PACKAGE, order.packages[0].package_id)
        for order in orders
    ]
    await writer.accept_batch(batch_id, Verb.SHIP, "mei", "pts/3", intents, [at + 10] * len(intents), at)


async def move(writer: Writer, ids: list[int], state: IntentState, cause: Cause | None = None) -> None:
    await writer.move(ids, IntentState.QUEUED, now=NOW - 100)
    await writer.move(ids, IntentState.SENDING, now=NOW - 99, sent_at=NOW - 99)
    await writer.move(ids, state, now=NOW - 60, cause=cause, look_at=NOW + 60 if state is IntentState.UNKNOWN else None)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_orders(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_ship_strip(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("3", "asterisk", "s"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_order_in_detail(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("enter"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_activity(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("g", "a"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_stores(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("f2", "9"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_help(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("f1"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_menu(snap_compare: Compare, house: DataDir, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(house), terminal_size=size, run_before=steps("f10"))


def test_a_wrong_filter(snap_compare: Compare, house: DataDir) -> None:
    erase = ["backspace"] * len("is:open ")
    keys = ("slash", *erase, *"due", "colon", "less_than_sign", *"4x", "enter")
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*keys))


def test_a_question_of_level_three(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps("g", "a", "1", "a"))


def test_fix_and_retry(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps("g", "a", "down", "down", "e"))


def test_without_an_engine(snap_compare: Compare, house: DataDir) -> None:
    app = app_on(house)

    async def run(pilot: Pilot[object]) -> None:
        await steps(linked=False)(pilot)
        app.session.link = replace(app.session.link, state=LinkState.DOWN, since=NOW - 60, tries=2)
        await steps("s", linked=False)(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


def test_the_smallest_terminal(snap_compare: Compare, house: DataDir) -> None:
    assert snap_compare(app_on(house), terminal_size=(60, 16), run_before=steps())


@pytest.mark.parametrize("theme", ["light", "high", "ansi"])
def test_other_themes(snap_compare: Compare, house: DataDir, theme: str) -> None:
    assert snap_compare(app_on(house, theme), terminal_size=(80, 24), run_before=steps("3", "asterisk", "s"))
