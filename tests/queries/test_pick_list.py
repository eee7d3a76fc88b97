"""What is to be fetched for some orders."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.money import Money
from shoptui.domain.orders import BEFORE_CARRIER, Line, Status
from shoptui.domain.shelves import Shelves
from shoptui.queries.pick_list import pick_list, pick_rows
from shoptui.queries.types import OrderLines


def line(sku: str, quantity: int = 1, status: Status = Status.TO_SHIP, name: str = "Bag", package_id: str = "") -> Line:
    return Line("L", sku, "S", name, "", quantity, Money(100, "THB"), status, "RAW", package_id)


def order(number: int, lines: Sequence[Line], warehouse: str = "", parcels: int = 1) -> OrderLines:
    return OrderLines(number, "tt-th-1", str(number), warehouse, parcels, tuple(lines))


def test_the_same_goods_of_several_orders_are_one_line() -> None:
    found = pick_list([order(1, [line("B", 2), line("A")]), order(2, [line("B", 3, package_id="P")], parcels=2)])
    assert [(each.sku, each.quantity, each.orders, each.parcels) for each in found.lines] == [
        ("A", 1, 1, 1),
        ("B", 5, 2, 2),
    ]
    assert (found.quantity, found.orders, found.parcels, found.left_out) == (6, 2, 3, 0)
    assert found.lines[1].order_nos == ("1", "2")


def test_warehouses_are_fetched_from_apart_and_goods_without_a_sku_go_by_name() -> None:
    found = pick_list([order(1, [line("", name="Cup"), line("", name="Bag")], "W2"), order(2, [line("A")], "W1")])
    assert [(each.warehouse, each.sku or each.name) for each in found.lines] == [
        ("W1", "A"),
        ("W2", "Bag"),
        ("W2", "Cup"),
    ]


def test_what_has_gone_or_is_cancelled_is_not_fetched() -> None:
    gone = order(2, [line("B", status=Status.IN_TRANSIT), line("C", status=Status.CANCELLED)])
    found = pick_list([order(1, [line("A"), line("B", status=Status.CANCELLED)]), gone])
    assert [each.sku for each in found.lines] == ["A"]
    assert (found.orders, found.left_out) == (1, 1)


def test_shelves_are_walked_along_within_a_warehouse_and_goods_without_one_come_last() -> None:
    shelves = Shelves({"a": "B-2", "b": "B-10", "d": "A-1"})
    found = pick_list(
        [order(1, [line(sku) for sku in "ABCD"], "W1"), order(2, [line("A"), line("", name="A")], "W2")], shelves
    )
    assert [(each.warehouse, each.sku, each.shelf) for each in found.lines] == [
        ("W1", "D", "A-1"),
        ("W1", "A", "B-2"),
        ("W1", "B", "B-10"),
        ("W1", "C", ""),
        ("W2", "A", "B-2"),
        ("W2", "", ""),
    ]
    assert found.has_shelves and not pick_list([order(1, [line("C")])], shelves).has_shelves


def test_a_spreadsheet_runs_no_formula() -> None:
    rows = list(pick_rows(pick_list([order(1, [line("=1+2", name="@SUM(A1)")])])))
    assert rows[1][2:4] == ("'=1+2", "'@SUM(A1)")


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9), st.sampled_from(Status)), max_size=4), max_size=6
    )
)
def test_every_piece_is_fetched_once(orders: list[list[tuple[str, int, Status]]]) -> None:
    made = [
        order(number, [line(sku, quantity, status) for sku, quantity, status in lines])
        for number, lines in enumerate(orders)
    ]
    wanted = sum(quantity for lines in orders for _sku, quantity, status in lines if status in BEFORE_CARRIER)
    found = pick_list(made)
    assert found.quantity == wanted
    assert found.orders + found.left_out == len(made)
