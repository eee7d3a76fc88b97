"""Money in the engine: what is planted is found, marks and disputes, and the alerts of what waits for somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.domain.anomalies import price_of
from shoptui.domain.finance import FeeKind, Part, StatementLine
from shoptui.domain.money import Money
from shoptui.engine.fields import Refusal
from shoptui.queries.filter import parse
from shoptui.queries.money import AnomalyRow, StatementRow
from shoptui.queries.sorting import Sort
from shoptui.store.reader import Reader
from tests.engine.desk_support import AN
from tests.engine.money_support import Settled, settled
from tests.planted import KINDS


@pytest_asyncio.fixture
async def money(tmp_path: Path) -> AsyncIterator[Settled]:
    async with settled(tmp_path, orders=300, money_errors=8) as found:
        yield found


async def test_thirty_planted_errors_are_found_and_nothing_else(tmp_path: Path) -> None:
    how: dict[str, Any] = {
        "stores": 9, "orders": 1500, "regions": ("TH", "VN", "MY", "PH"), "markets": ("tiktok", "shopee", "lazada"),
    }  # fmt: skip
    async with settled(tmp_path, money_errors=30, seed=4, returns=60, **how) as money:
        shops = {store.shop_id: store.store_id for store in money.made.stores}
        planted = {
            (shops[one.order.store.id], one.order.id, KINDS[one.fault])
            for one in money.made.live.world.finance.planted()
        }
        assert len(planted) == 30
        rows = await money.anomalies()
        assert {(row.anomaly.store_id, row.anomaly.order_no, row.anomaly.kind) for row in rows} == planted


async def checked(money: Settled) -> StatementRow:
    """A statement that was compared and is not marked."""
    rows = await money.statements("tt-th-1")
    return next(row for row in rows if row.checked_at is not None)


def named(row: StatementRow) -> list[str]:
    return [row.statement.store_id, row.statement.statement_id]


async def again(money: Settled, row: StatementRow) -> StatementRow:
    async with await Reader.open(money.made.data_dir) as reader:
        (found,) = await reader.money.statements([row.row_id])
    return found


async def test_a_statement_is_marked_by_name_and_the_mark_is_taken_back(money: Settled) -> None:
    row = await checked(money)
    answer = await money.ask("mark_verified", statements=[named(row)])
    assert answer == {"changed": [named(row)], "refused": []}
    marked = await again(money, row)
    assert marked.mark is not None
    assert (marked.verified, marked.mark.operator) == (True, "mei")
    assert (await money.ask("withdraw_marks", statements=[named(row)]))["changed"] == [named(row)]
    assert not (await again(money, row)).verified


async def test_what_was_compared_anew_since_it_was_read_is_not_marked(money: Settled) -> None:
    row = await checked(money)
    assert row.checked_at is not None
    answer = await money.ask("mark_verified", statements=[named(row), ["tt-th-1", "none"]], seen_at=row.checked_at - 1)
    assert {each["statement_id"]: each["reason"] for each in answer["refused"]} == {
        row.statement.statement_id: "changed_since",
        "none": "no_statement",
    }
    assert not (await again(money, row)).verified


async def test_marks_are_for_managers_and_disputes_for_agents(money: Settled) -> None:
    row = await checked(money)
    with pytest.raises(Refusal, match="needs a manager"):
        await money.ask("mark_verified", AN, statements=[named(row)])
    with pytest.raises(Refusal, match="no dispute 7"):
        await money.ask("set_dispute", AN, dispute_id=7, state="sent")


async def test_a_statement_that_changes_loses_its_mark_and_it_is_told_until_it_is_verified_again(
    money: Settled,
) -> None:
    row = next(row for row in await money.statements("tt-th-1") if row.lines and row.checked_at is not None)
    await money.ask("mark_verified", statements=[named(row)])
    assert await money.alerts("statement_changed") == []
    await read_otherwise(money, row)
    (alert,) = await money.alerts("statement_changed")
    assert (alert.args["store"], alert.args["statement"], alert.args["by"]) == (*named(row), "mei")
    marked = await again(money, row)
    assert marked.mark is not None
    assert marked.mark.what == "changed"
    (balance,) = [each for each in await money.balances() if each.store_id == "tt-th-1"]
    assert balance.came_off == 1
    await money.engine.lanes["tt-th-1"].money.check()
    await money.ask("mark_verified", statements=[named(row)])
    assert await money.alerts("statement_changed") == []


async def test_a_statement_that_cannot_be_kept_is_said_and_the_others_are_read(money: Settled) -> None:
    feed = money.engine.lanes["tt-th-1"].money
    assert feed._finance is not None
    real: Any = feed._finance
    foreign = {"on": True}
    rows = [row for row in await money.statements("tt-th-1") if row.lines][:2]
    bad, good = rows[0].statement, rows[1].statement

    class Foreign:
        """The marketplace, with a line of one statement in another currency."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        async def lines(self, store: Any, statement: Any) -> AsyncIterator[Any]:
            async for page in real.lines(store, statement):
                if foreign["on"] and statement.statement_id == bad.statement_id:
                    amount = Money(1, "USD")
                    line = replace(page.lines[0], amount=amount, parts=(Part(FeeKind.OTHER, amount, "odd"),))
                    page = replace(page, lines=(line, *page.lines[1:]))
                yield page

    odd: Any = Foreign()
    feed._finance = odd
    for statement in (bad, good):
        await feed._read_lines(odd, statement)
    aside = [row for row in await money.engine.house.writer.set_aside_rows() if bad.statement_id in row[1]]
    assert len(aside) == 1 and aside[0][2].endswith("is in USD, the statement in THB")
    (alert,) = await money.alerts("set_aside")
    assert alert.args["count"] == "1"
    whole = {row.statement.statement_id: row.whole for row in await money.statements("tt-th-1")}
    assert (whole[bad.statement_id], whole[good.statement_id]) == (False, True)
    # It is read again at the next look, and is no longer said once it fits.
    foreign["on"] = False
    feed.ask_now()
    await feed.step(ready=True)
    assert await money.alerts("set_aside") == []
    assert all(row.whole for row in await money.statements("tt-th-1"))


async def read_otherwise(money: Settled, row: StatementRow) -> None:
    """Have a statement's lines come with one amount that is another than before."""
    writer, (store_id, statement_id) = money.engine.house.writer.money, named(row)
    async with await Reader.open(money.made.data_dir) as reader:
        ids = [row_id async for chunk in reader.money.line_index(row.row_id) for row_id in chunk.ids]
        lines = [each.line for each in await reader.money.lines(ids)]
    run = await writer.begin_lines((store_id, statement_id))
    assert run is not None
    await writer.put_lines((store_id, statement_id), run, [with_more(lines[0]), *lines[1:]])
    ended = await writer.end_lines((store_id, statement_id), run, money.now())
    assert ended is not None
    assert ended.mark_off
    money.engine.money.changed()


def with_more(line: StatementLine) -> StatementLine:
    more = Money(100, line.amount.currency)
    parts = (replace(line.parts[0], amount=line.parts[0].amount + more), *line.parts[1:])
    return replace(line, amount=line.amount + more, parts=parts)


async def test_a_balance_below_zero_is_told_with_its_days_and_told_again_near_the_end(tmp_path: Path) -> None:
    async with settled(tmp_path, stores=3, orders=120, markets=("shopee",), regions=("PH",), money_errors=3) as money:
        (below,) = [row for row in await money.balances() if row.debt is not None]
        assert below.debt is not None
        (alert,) = await money.alerts("negative_balance")
        assert alert.args["store"] == below.store_id
        assert alert.args["days"] == str(below.debt.days)
        assert alert.args["left"] == str(below.debt.left.minor if below.debt.left else "")
        assert below.next_at is not None
        money.made.advance(below.next_at - int(money.made.clock.now()) - 2 * 3600)
        assert await _hot(money) == (0, 1), "two hours before withdrawals freeze it is counted in the header"
        money.made.advance(86_400 * (below.debt.of_days - below.debt.days + 1))
        (later,) = await money.alerts("negative_balance")
        missed = sum(1 for row in await money.balances() if row.missed)
        assert missed and (await _hot(money))[0] == missed
        assert (later.args["stage"], later.alert_id) == ("frozen", f"negative_balance:{below.store_id}/frozen")


async def _hot(money: Settled) -> tuple[int, int]:
    """What the header says of money: stores whose clock ran out, and those with one that soon does."""
    await money.engine.pass_clocks()
    async with await Reader.open(money.made.data_dir) as reader:
        counts = await reader.counts()
    return counts.money_missed, counts.money_under_2h


async def missing(money: Settled) -> list[AnomalyRow]:
    """What one store is short of."""
    rows = [row for row in await money.anomalies() if row.anomaly.difference.minor < 0]
    return [row for row in rows if row.anomaly.store_id == rows[0].anomaly.store_id]


def dispute_of(rows: list[AnomalyRow]) -> dict[str, Any]:
    return {
        "store_id": rows[0].anomaly.store_id,
        "anomalies": [row.row_id for row in rows],
        "folder": "exports/pack",
        "language": "en",
        "amount_minor": -sum(row.anomaly.difference.minor for row in rows),
    }


async def test_a_pack_is_tracked_to_its_end(money: Settled) -> None:
    rows = await missing(money)
    made = await money.ask("make_dispute", AN, **dispute_of(rows))
    number = made["dispute_id"]
    assert {row.dispute_id for row in await missing(money)} == {number}
    with pytest.raises(Refusal) as refused:
        await money.ask("make_dispute", AN, **dispute_of(rows))
    assert (refused.value.reason, refused.value.details["dispute_id"]) == ("in_dispute", number)
    with pytest.raises(Refusal, match="what can follow is sent"):
        await money.ask("set_dispute", AN, dispute_id=number, state="won")
    for state in ("sent", "won"):
        assert (await money.ask("set_dispute", AN, dispute_id=number, state=state, note="ticket 12"))["changed"]
    async with await Reader.open(money.made.data_dir) as reader:
        (row,) = await reader.money.disputes()
        assert [event[2] for event in await reader.money.dispute_events(number)] == ["open", "sent", "won"]
    assert (row.state, row.state_by, row.note) == ("won", "an", "ticket 12")


async def test_a_pack_of_other_amounts_than_there_are_now_is_not_tracked(money: Settled) -> None:
    rows = await missing(money)
    with pytest.raises(Refusal) as refused:
        await money.ask("make_dispute", AN, **{**dispute_of(rows), "amount_minor": 1})
    assert refused.value.reason == "changed_since"


async def test_claims_of_the_house_itself_are_tracked_once_and_by_what_is_known_of_them(money: Settled) -> None:
    """A claim is of what the order was sold for; a second one of the same is refused, other amounts too."""
    (order_no, price) = await delivered(money)
    claim = {
        "store_id": "tt-th-1",
        "claims": [{"order_no": order_no}],
        "folder": "exports/pack",
        "language": "zh",
        "amount_minor": price,
    }
    with pytest.raises(Refusal, match="others than in the pack"):
        await money.ask("make_dispute", AN, **{**claim, "amount_minor": price + 1})
    with pytest.raises(Refusal, match="999 is not here any more"):
        await money.ask("make_dispute", AN, **{**claim, "claims": [{"order_no": "999"}]})
    made = await money.ask("make_dispute", AN, **claim)
    with pytest.raises(Refusal) as refused:
        await money.ask("make_dispute", AN, **claim)
    assert (refused.value.reason, refused.value.details["dispute_id"]) == ("in_dispute", made["dispute_id"])
    async with await Reader.open(money.made.data_dir) as reader:
        (row,) = await reader.money.disputed([("tt-th-1", order_no)])
    assert (row.kind, row.about, row.dispute_id) == ("order_loss", order_no, made["dispute_id"])


async def delivered(money: Settled) -> tuple[str, int]:
    """An order that has reached its buyer and is in no dispute, with what its goods were sold for."""
    async with await Reader.open(money.made.data_dir) as reader:
        query = parse("status:delivered,completed store:tt-th-1")
        found = [
            one
            async for chunk in reader.index(query, Sort.parse("next"), now=money.now(), operator="mei")
            for one in chunk.ids
        ]
        detail = await reader.order(found[0], money.now())
    assert detail is not None
    return detail.order.order_no, price_of(detail.order)
