"""TikTok Shop's finance calls as the sheet has them: what they insist on, how they page, what stands in them."""

from __future__ import annotations

from decimal import Decimal

from shoptui.sandbox.testing import running_sandbox
from shoptui.sandbox.world.finance_model import EntryKind

from .caller import START_AT, Caller

DAY = 86_400
STATEMENTS = "/finance/202309/statements"
BY_STATEMENT = {"sort_field": "statement_time"}
BY_ORDER = {"sort_field": "order_create_time"}


WRONG: list[tuple[str, dict[str, str], str]] = [
    (STATEMENTS, {}, "sort_field"),
    (STATEMENTS, {"sort_field": "order_create_time"}, "sort_field"),
    (STATEMENTS, {**BY_STATEMENT, "page_size": "101"}, "page_size"),
    (STATEMENTS, {**BY_STATEMENT, "statement_time_ge": "soon"}, "statement_time_ge"),
    (STATEMENTS, {**BY_STATEMENT, "statement_time_ge": "9", "statement_time_lt": "9"}, "statement_time_ge"),
    (STATEMENTS, {**BY_STATEMENT, "page_token": "abc"}, "page_token"),
    ("/finance/202507/orders/unsettled", {}, "sort_field"),
    ("/finance/202309/withdrawals", {}, "types"),
    ("/finance/202309/withdrawals", {"types": "GIVE"}, "types"),
]


async def test_what_is_wrong_is_named(caller: Caller) -> None:
    for path, params, named in WRONG:
        reply = await caller.get(path, **params)
        assert (reply.code, named in reply.message) == (36009004, True), (path, params, reply.message)


async def test_statements_begin_with_the_oldest_and_page_to_the_end(caller: Caller) -> None:
    whole = (await caller.get(STATEMENTS, **BY_STATEMENT, page_size="100")).data
    times = [one["statement_time"] for one in whole["statements"]]
    assert times == sorted(times)
    assert all(time % DAY == 0 for time in times)
    falling = (await caller.get(STATEMENTS, **BY_STATEMENT, page_size="100", sort_order="DESC")).data["statements"]
    assert falling == whole["statements"][::-1]
    found, token = [], ""
    while True:
        page = (await caller.get(STATEMENTS, **BY_STATEMENT, page_size="2", page_token=token)).data
        found += page["statements"]
        token = page["next_page_token"]
        if not token:
            break
    assert found == whole["statements"]


async def test_both_generations_of_a_statement_add_up(caller: Caller) -> None:
    row = (await caller.get(STATEMENTS, **BY_STATEMENT)).data["statements"][0]
    flat = (await caller.get(f"{STATEMENTS}/{row['id']}/statement_transactions", **BY_ORDER)).data
    nested = (await caller.get(f"/finance/202501/statements/{row['id']}/statement_transactions", **BY_ORDER)).data
    assert flat["total_count"] == nested["total_count"] == len(nested["transactions"])
    for rows, whole in (
        (flat["statement_transactions"], row["settlement_amount"]),
        (nested["transactions"], nested["payable_amount"]),
    ):
        assert sum(Decimal(one["settlement_amount"]) for one in rows) == Decimal(whole)
    for one in nested["transactions"]:
        groups = ("revenue_amount", "shipping_cost_amount", "fee_tax_amount", "adjustment_amount")
        assert sum(Decimal(one[group]) for group in groups) == Decimal(one["settlement_amount"])
    for one in flat["statement_transactions"]:
        # South-East Asia's fees have the carriage in them.
        groups = ("revenue_amount", "fee_amount", "adjustment_amount")
        assert sum(Decimal(one[group]) for group in groups) == Decimal(one["settlement_amount"])


async def test_an_order_s_skus_add_up_to_its_settlement(caller: Caller) -> None:
    book = caller.sandbox.world.finance.book(caller.sandbox.world.stores[caller.shop.id])
    entry = next(one for one in book.entries if one.kind is EntryKind.ORDER and len(one.lines) > 1)
    assert entry.order is not None
    path = f"orders/{entry.order.id}/statement_transactions"
    nested = (await caller.get(f"/finance/202501/{path}")).data
    assert sum(int(one["settlement_amount"]) for one in nested["sku_transactions"]) == entry.net
    assert nested["settlement_amount"] == str(entry.net)
    assert "fee_and_tax_amount" in nested and "fee_tax_amount" in nested["sku_transactions"][0]
    (flat,) = (await caller.get(f"/finance/202309/{path}")).data["statement_transactions"]
    assert sum(int(one["settlement_amount"]) for one in flat["sku_statement_transactions"]) == entry.net


async def test_an_order_that_is_not_settled_is_absent(caller: Caller) -> None:
    book = caller.sandbox.world.finance.book(caller.sandbox.world.stores[caller.shop.id])
    order = next(book.unsettled(0, START_AT)).order
    data = (await caller.get(f"/finance/202501/orders/{order.id}/statement_transactions")).data
    assert data["sku_transactions"] == []
    assert (await caller.get("/finance/202501/orders/1/statement_transactions")).code == 21008111


async def test_the_open_orders_sums_are_those_of_all_pages(caller: Caller) -> None:
    caller.sandbox.advance(2 * DAY)
    found, token = [], ""
    while True:
        page = (await caller.get("/finance/202507/orders/unsettled", **BY_ORDER, page_size="50", page_token=token)).data
        found += page["transactions"]
        token = page["next_page_token"]
        if not token:
            break
    assert len(found) == page["total_count"]
    assert sum(int(one["est_settlement_amount"]) for one in found) == int(page["sum_est_settlement_amount"])
    waits = {one["estimated_settlement"] for one in found}
    assert "Delivered + 8 days" in waits
    assert any(text.isdigit() for text in waits)


async def test_payments_exist_outside_south_east_asia_alone(caller: Caller) -> None:
    assert (await caller.get("/finance/202309/payments", sort_field="create_time")).code != 0
    western = (await caller.for_region("GB").get("/finance/202309/payments", sort_field="create_time")).data
    assert western["payments"]
    assert {one["status"] for one in western["payments"]} <= {"PAID", "PROCESSING"}


async def test_planted_errors_are_listed(caller: Caller) -> None:
    nothing = (await caller.client.get(f"{caller.sandbox.admin_url}/planted")).json()
    assert nothing == {"planted": []}
    async with running_sandbox(seed=2, stores=2, orders=300, start_at=START_AT, frozen=True, money_errors=5) as live:
        found = (await caller.client.get(f"{live.admin_url}/planted")).json()["planted"]
        assert len(found) == 5
        assert all(set(one) == {"store", "order_no", "kind", "amount_minor", "currency"} for one in found)
        assert all(one["amount_minor"] and live.world.orders[one["order_no"]].store.id == one["store"] for one in found)
