"""Splitting and combining: units kept whole, partners found, lost answers read back from who lies in which package."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Temporary, Unsupported, Verdict
from shoptui.adapters.desks import Choices, Outcome, Request
from shoptui.adapters.tiktok.desk_calls import units_of, units_of_groups
from shoptui.adapters.tiktok.mapping import to_order
from shoptui.adapters.tiktok.wire import OrderRecord
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.verbs import CombineChoice, SplitChoice
from tests.adapters.scripted import Reply
from tests.adapters.tiktok.sandboxed import House, fault, house
from tests.adapters.tiktok.support import (
    DETAIL,
    ScriptedShop,
    no,
    ok,
    order,
    package,
    package_path,
    page,
    store,
    unit,
)

SPLIT_RULE = "/split$"
COMBINE_RULE = "/packages/combine$"
COMBINABLE = "/fulfillment/202309/combinable_packages/search"
COMBINE = "/fulfillment/202309/packages/combine"


def split(found: Order, *groups: tuple[str, ...]) -> Request:
    return Request(found.order_no, found.order_no, SplitChoice(groups))


def told(outcome: Outcome) -> tuple[Verdict, CauseId | None]:
    return outcome.verdict, outcome.cause.id if outcome.cause else None


async def splittable(at: House, *, units_of_one: bool = False) -> Order:
    """An order of several SKUs, or one line of several units, that TikTok Shop would split."""
    for found in await at.orders():
        if at.desk(Verb.SPLIT).why_not(at.store, found) is not None:
            continue
        if len(found.lines) < 2 or (units_of_one and not any(line.quantity > 2 for line in found.lines)):
            continue
        if isinstance(await at.shop.choices(at.store, Verb.SPLIT, found), Choices):
            return found
    raise AssertionError("this seed has no order to split")


def holding(found: Order) -> list[set[str]]:
    packages: dict[str, set[str]] = {}
    for line in found.lines:
        packages.setdefault(line.package_id, set()).update(line.unit_ids)
    return sorted(packages.values(), key=sorted)


async def test_lines_go_into_parcels_of_their_own_which_ship_one_by_one() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.SPLIT)
        found = await splittable(at)
        first, *rest = found.lines
        request = split(found, (first.line_id,), tuple(line.line_id for line in rest))
        (before,) = await desk.read_back(at.store, [request])
        assert before.verdict is Verdict.NOT_DONE
        (outcome,) = await desk.send(at.store, [request])
        assert told(outcome) == (Verdict.DONE, None)
        assert [(entry["op"], entry["effect"]) for entry in at.sandbox.journal()] == [("split", "applied")]
        after = await at.order(found.order_no)
        rest_units = {each for line in rest for each in line.unit_ids}
        assert holding(after) == sorted([set(first.unit_ids), rest_units], key=sorted)
        assert outcome.facts["packages"].split(", ") == [
            next(line.package_id for line in after.lines if line.line_id == each)
            for each in (first.line_id, rest[0].line_id)
        ]
        (reading,) = await desk.read_back(at.store, [request])
        assert reading.verdict is Verdict.DONE
        assert told((await desk.send(at.store, [request]))[0]) == (Verdict.ALREADY, None)
        shipped = [each for each in await at.shippable() if each.order_no == found.order_no]
        assert len(shipped) == 2
        assert {each.verdict for each in await at.ship.send(at.store, shipped)} == {Verdict.DONE}


async def test_units_of_one_line_part_where_the_market_allows_and_stay_together_elsewhere() -> None:
    async with house(regions=("GB", "TH"), orders=900) as at:
        desk = at.desk(Verb.SPLIT)
        found = await splittable(at, units_of_one=True)
        line = next(line for line in found.lines if line.quantity > 2)
        others = tuple(each.line_id for each in found.lines if each is not line)
        request = split(found, (line.line_id, *others), (line.unit_ids[1],))
        assert told((await desk.send(at.store, [request]))[0]) == (Verdict.DONE, None)
        assert {line.unit_ids[1]} in holding(await at.order(found.order_no))
        assert [each.verdict for each in await desk.read_back(at.store, [request])] == [Verdict.DONE]
        there = at.stores[1]
        sea = next(
            each
            for each in await at.orders(there)
            if desk.why_not(there, each) is None and len(each.lines) > 1 and each.lines[0].quantity > 1
        )
        rest = tuple(each.line_id for each in sea.lines[1:])
        (outcome,) = await desk.send(there, [split(sea, (sea.lines[0].unit_ids[1], *rest), (sea.lines[0].line_id,))])
        assert told(outcome) == (Verdict.REFUSED, CauseId.NO_SPLIT)


@pytest.mark.parametrize(("fate", "verdict"), [("drop_after", Verdict.DONE), ("drop_before", Verdict.NOT_DONE)])
async def test_a_lost_split_is_read_back(fate: str, verdict: Verdict) -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.SPLIT)
        found = await splittable(at)
        request = split(found, (found.lines[0].line_id,), tuple(line.line_id for line in found.lines[1:]))
        at.sandbox.faults.replace([fault(SPLIT_RULE, **{fate: True})])
        with pytest.raises(Temporary):
            await desk.send(at.store, [request])
        assert [each.verdict for each in await desk.read_back(at.store, [request])] == [verdict]


async def test_what_cannot_be_split_says_why() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.SPLIT)
        found = await splittable(at)
        single = next(
            each
            for each in await at.orders()
            if each.status is Status.TO_SHIP and sum(line.quantity for line in each.lines) == 1
        )
        why = desk.why_not(at.store, single)
        assert why is not None and why.id == "one_item"
        assert isinstance(await at.shop.choices(at.store, Verb.SPLIT, single), Unsupported)
        strange = split(found, (found.lines[0].line_id,), ("577",))
        (outcome,) = await desk.send(at.store, [strange])
        assert told(outcome) == (Verdict.REFUSED, CauseId.NO_SPLIT)
        at.sandbox.poke("buyer_cancel_request", order_id=found.order_no)
        lines = [line.line_id for line in found.lines]
        (asked,) = await desk.send(at.store, [split(found, (lines[0],), tuple(lines[1:]))])
        assert told(asked) == (Verdict.REFUSED, CauseId.NO_SPLIT)
        assert isinstance(await at.shop.choices(at.store, Verb.SPLIT, found), Unsupported)
        (gone,) = await desk.send(at.store, [Request("577999999999999999", "577999999999999999", strange.args)])
        assert told(gone) == (Verdict.REFUSED, CauseId.NOT_OURS)


async def test_another_packing_than_ours_is_a_persons_to_judge() -> None:
    async with house(regions=("GB",), orders=900) as at:
        desk = at.desk(Verb.SPLIT)
        found = await splittable(at, units_of_one=True)
        units = [each for line in found.lines for each in line.unit_ids]
        await desk.send(at.store, [split(found, tuple(units[:1]), tuple(units[1:]))])
        ours = split(found, tuple(units[:2]), tuple(units[2:]))
        (reading,) = await desk.read_back(at.store, [ours])
        assert reading.verdict is Verdict.UNDECIDED


# --- combining ------------------------------------------------------------------------------------------------------


async def partners(at: House) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """An order and what may go into its parcel."""
    for found in await at.orders():
        if at.desk(Verb.COMBINE).why_not(at.store, found) is None:
            choices = await at.shop.choices(at.store, Verb.COMBINE, found)
            if isinstance(choices, Choices):
                assert choices.combinable
                return found, choices.combinable
    raise AssertionError("this seed has no orders to combine")


def combine(found: Order, *package_ids: str) -> Request:
    return Request(found.order_no, found.packages[0].package_id, CombineChoice(package_ids))


async def test_orders_of_one_buyer_share_a_parcel_that_ships_once() -> None:
    async with house(orders=400) as at:
        desk = at.desk(Verb.COMBINE)
        found, others = await partners(at)
        buyers = {(await at.order(order_no)).buyer_id for order_no, _ in others}
        assert buyers == {found.buyer_id}
        request = combine(found, others[0][1])
        (before,) = await desk.read_back(at.store, [request])
        assert before.verdict is Verdict.NOT_DONE
        (outcome,) = await desk.send(at.store, [request])
        assert told(outcome) == (Verdict.DONE, None)
        whole = outcome.facts["package_id"]
        for order_no in (found.order_no, others[0][0]):
            assert [each.package_id for each in (await at.order(order_no)).packages] == [whole]
        (reading,) = await desk.read_back(at.store, [request])
        assert (reading.verdict, reading.facts["package_id"]) == (Verdict.DONE, whole)
        assert told((await desk.send(at.store, [request]))[0]) == (Verdict.REFUSED, CauseId.NO_COMBINE)


@pytest.mark.parametrize(("fate", "verdict"), [("drop_after", Verdict.DONE), ("drop_before", Verdict.NOT_DONE)])
async def test_a_lost_combination_is_read_back(fate: str, verdict: Verdict) -> None:
    async with house(orders=400) as at:
        desk = at.desk(Verb.COMBINE)
        found, others = await partners(at)
        request = combine(found, others[0][1])
        at.sandbox.faults.replace([fault(COMBINE_RULE, **{fate: True})])
        with pytest.raises(Temporary):
            await desk.send(at.store, [request])
        assert [each.verdict for each in await desk.read_back(at.store, [request])] == [verdict]


async def test_strangers_parcels_are_not_combined() -> None:
    async with house(regions=("TH", "VN"), orders=400) as at:
        desk = at.desk(Verb.COMBINE)
        found, others = await partners(at)
        stranger = next(each for each in await at.shippable() if each.order_no not in dict(others))
        foreign = (await at.shippable(at.stores[1]))[0]
        cases = [
            (stranger.target_id, CauseId.NO_COMBINE),
            (foreign.target_id, CauseId.NOT_OURS),
            (found.packages[0].package_id, CauseId.NO_COMBINE),
        ]
        for package_id, cause in cases:
            (outcome,) = await desk.send(at.store, [combine(found, package_id)])
            assert told(outcome) == (Verdict.REFUSED, cause)
        assert at.sandbox.journal() == []
        for each in await at.orders():
            if desk.why_not(at.store, each) is None:
                why = await at.shop.choices(at.store, Verb.COMBINE, each)
                if isinstance(why, Unsupported):
                    break
        assert isinstance(why, Unsupported) and why.id == "no_combine"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"packages": [{"id": "77"}]}, (Verdict.DONE, None)),
        ({"errors": [{"code": 21011033, "message": "no"}]}, (Verdict.REFUSED, CauseId.NO_COMBINE)),
        ({"errors": [{"code": 10007014, "message": "frozen"}]}, (Verdict.REFUSED, CauseId.FROZEN)),
        ({"errors": [{"code": 36009003, "message": "internal"}]}, (Verdict.WAIT, CauseId.UNREACHABLE)),
        ({}, (Verdict.WAIT, None)),
    ],
)
async def test_a_combinations_answer_is_taken_apart(clock: DrivenClock, data: Any, expected: object) -> None:
    first, second = order(1), order(2)
    groups = {"combinable_packages": [{"id": "9", "order_ids": [first["id"], second["id"]]}]}
    shop = ScriptedShop(
        clock,
        {
            package_path("112"): ok(package("112", orders=[{"id": second["id"]}])),
            COMBINABLE: ok(groups),
            COMBINE: ok(data),
        },
    )
    request = Request(first["id"], "111", CombineChoice(("112",)))
    (outcome,) = await shop.shop.desks[Verb.COMBINE].send(store(), [request])
    assert told(outcome) == expected
    assert shop.bodies()[-1] == {"combinable_packages": [{"id": "9", "order_ids": [first["id"], second["id"]]}]}


async def test_a_group_on_a_later_page_is_found_and_a_circle_is_left(clock: DrivenClock) -> None:
    first, second = order(1), order(2)
    pages: list[Reply] = [
        ok({"combinable_packages": [{"id": "8", "order_ids": ["5", "6"]}], "next_page_token": "a+/="}),
        ok({"combinable_packages": [{"id": "9", "order_ids": [first["id"], second["id"]]}]}),
    ]
    shop = ScriptedShop(clock, {COMBINABLE: pages, DETAIL: page(second)})
    parsed = to_order(OrderRecord.model_validate(first), "tt-vn-1")
    choices = await shop.shop.choices(store(), Verb.COMBINE, parsed)
    assert isinstance(choices, Choices)
    assert choices.combinable == ((second["id"], second["packages"][0]["id"]),)
    assert shop.asked[1].url.params["page_token"] == "a+/="
    endless = ok({"combinable_packages": [], "next_page_token": "again"})
    circle = ScriptedShop(clock, {COMBINABLE: endless})
    with pytest.raises(Exception, match="do not end"):
        await circle.shop.choices(store(), Verb.COMBINE, parsed)


async def test_a_refused_combination_speaks_of_combining(clock: DrivenClock) -> None:
    first, second = order(1), order(2)
    groups = {"combinable_packages": [{"id": "9", "order_ids": [first["id"], second["id"]]}]}
    script = {
        package_path("112"): ok(package("112", orders=[{"id": second["id"]}])),
        COMBINABLE: ok(groups),
        COMBINE: no(21011033, "no"),
    }
    request = Request(first["id"], "111", CombineChoice(("112",)))
    (outcome,) = await ScriptedShop(clock, script).shop.desks[Verb.COMBINE].send(store(), [request])
    assert told(outcome) == (Verdict.REFUSED, CauseId.NO_COMBINE)


# --- lines as units -------------------------------------------------------------------------------------------------


def of_units(*quantities: int) -> Order:
    """An order with one line per quantity."""
    units = [
        unit(10 * place + number, sku_id=str(place + 1))
        for place, quantity in enumerate(quantities)
        for number in range(quantity)
    ]
    return to_order(OrderRecord.model_validate(order(line_items=units)), "tt-vn-1")


def test_a_lines_id_means_the_whole_line_less_what_is_named_by_itself() -> None:
    found = of_units(3, 1)
    (a1, a2, a3), (b1,) = (line.unit_ids for line in found.lines)
    assert units_of_groups(found, [[a1], [b1]]) == [[a1, a2, a3], [b1]]
    assert units_of_groups(found, [[a1, b1], [a2]]) == [[a1, a3, b1], [a2]]
    assert units_of_groups(found, [[a1], [a2, a3, b1]]) == [[a1], [a2, a3, b1]]
    assert units_of(found, [a1]) == [a1, a2, a3]
    assert units_of(found, [a2, b1]) == [a2, b1]
    assert sorted(units_of(found, [a1, a2])) == [a1, a2, a3]
    assert units_of(found, ["999"]) == ["999"]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_every_way_to_part_the_units_can_be_said_and_is_kept(quantities: list[int], data: st.DataObject) -> None:
    found = of_units(*quantities)
    units = [each for line in found.lines for each in line.unit_ids]
    places = data.draw(st.lists(st.integers(0, 2), min_size=len(units), max_size=len(units)))
    groups = [[each for each, place in zip(units, places, strict=True) if place == number] for number in range(3)]
    assert units_of_groups(found, groups) == groups
