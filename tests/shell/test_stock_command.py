"""`shoptui stock` beside a running engine: lists, pushes, sets numbers and checks counts in."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.queries.stock_export import FIELDS
from shoptui.sandbox.settings import TIGHT
from shoptui.sandbox.stock_report import stock_report
from shoptui.shell.exits import Exit
from tests.engine.support import bench, served
from tests.shell.support import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Desk(Shell):
    """The commands of stock, and what there really is."""

    def truth(self) -> dict[str, Any]:
        return {pool["sku"]: pool for pool in stock_report(self.running.made.live.world)["pools"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shell(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    root = tmp_path_factory.mktemp("stock")
    async with bench(root, stores=2, orders=40, skus=30, stock=TIGHT, regions=("TH",)) as made:
        async with served(made) as running:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("shoptui.shell.stock.time.time", made.clock.now)
                found = Desk(running, "stock")
                await found.until(lambda lane: lane.stock.feed.first_done)
                yield found


async def counted(shell: Desk, root: Path) -> Path:
    """A file with what the house really has."""
    path = root / "count.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["sku", "qty"], *([sku, pool["hand"]] for sku, pool in shell.truth().items())])
    return path


async def test_skus_are_listed_in_three_forms(shell: Desk) -> None:
    rows = await shell.rows()
    assert {row["sku"] for row in rows} == set(shell.truth())
    table = await shell.type("list", "--limit", "3")
    assert "LISTED" in table.stdout
    assert len(table.stdout.splitlines()) == 4
    found = await shell.type("list", "--format", "csv")
    assert next(csv.reader(io.StringIO(found.stdout))) == list(FIELDS)
    assert (await shell.type("list", "--filter", "sku:NOBODY")).exit_code == Exit.NOTHING


async def test_a_count_is_previewed_then_taken_over_and_a_push_follows_it(shell: Desk, tmp_path: Path) -> None:
    path = await counted(shell, tmp_path)
    looked = await shell.type("count", str(path), "--dry-run")
    assert looked.exit_code == Exit.OK
    assert all(row["hand"] is None for row in await shell.rows())
    done = await shell.type("count", str(path), "--yes")
    assert done.exit_code == Exit.OK, done.output
    over = await shell.rows("risk:over")
    assert over
    sku = str(over[0]["sku"])
    looked = await shell.type("push", sku, "--dry-run")
    assert looked.exit_code == Exit.OK
    assert ">" in looked.output
    assert sku in looked.output
    asked = await shell.type("push", sku)
    assert asked.exit_code == Exit.NOTHING
    assert "--yes" in asked.output
    pushed = await shell.type("push", sku, "--yes")
    assert pushed.exit_code == Exit.OK, pushed.output
    assert "longest time between reading and writing" in pushed.output
    pool = shell.truth()[sku]
    assert pool["listed"] <= pool["free"]


async def test_a_number_is_added_at_chosen_stores(shell: Desk) -> None:
    sku = next(sku for sku, pool in shell.truth().items() if len(pool["listings"]) == 2 and pool["free"] > 0)
    store = shell.running.made.stores[0]
    before = {one["shop_id"]: one["shows"] for one in shell.truth()[sku]["listings"]}
    done = await shell.type("set", "+2", sku, "--store", store.store_id, "--yes")
    assert done.exit_code == Exit.OK, done.output
    after = {one["shop_id"]: one["shows"] for one in shell.truth()[sku]["listings"]}
    assert after == {**before, store.shop_id: before[store.shop_id] + 2}


async def test_what_makes_no_sense_is_said(shell: Desk, tmp_path: Path) -> None:
    for words, code in (
        (("push",), Exit.USAGE),
        (("push", "NOBODY", "--yes"), Exit.NOTHING),
        (("set", "many", "X"), Exit.USAGE),
        (("count",), Exit.USAGE),
        (("list", "--filter", "risk:what"), Exit.USAGE),
        (("list", "--sort", "colour"), Exit.USAGE),
    ):
        found = await shell.type(*words)
        assert found.exit_code == code, (words, found.output)
        assert found.output.strip()
    sku = next(iter(shell.truth()))
    for words, said in (
        (("set", "9" * 400, sku), "more than 1,000,000,000 units"),
        (("set", "1.5", sku), "1.5 is no number"),
        (("set", "=1+2", sku), "=1+2 is no number"),
        # Nobody gets the last units by a slip of the keys.
        (
            ("push", sku, "--last", "tt-th-77", "--dry-run"),
            "tt-th-77 lists none of these SKUs; they are listed by: tt-",
        ),
    ):
        found = await shell.type(*words)
        assert found.exit_code == Exit.USAGE
        assert said in " ".join(found.output.split())
    for content, code, said in (
        ("", Exit.USAGE, "There is no line in it"),
        ("sku,count\n", Exit.NOTHING, "nothing in it to take over"),
        ("name,price\nbag,3\n", Exit.USAGE, "there is none named sku and count"),
        (f"sku,count\n=cmd|calc,3\n{sku},=1+2\n", Exit.NOTHING, "formula, which is not run"),
        (f"sku,count\n{sku},{10**30}\n", Exit.NOTHING, "more than 1,000,000,000; check the number"),
        (f"sku,count\n{sku},3\n{sku.lower()},4\n", Exit.OK, "stands in line 2 already"),
    ):
        path = tmp_path / "count.csv"
        path.write_text(content, encoding="utf-8")
        found = await shell.type("count", str(path), "--dry-run")
        assert (found.exit_code, said in " ".join(found.output.split())) == (code, True), found.output


async def test_one_code_is_counted(shell: Desk) -> None:
    sku = next(iter(shell.truth()))
    done = await shell.type("count", "--sku", sku.lower(), "--units", "44", "--yes")
    assert done.exit_code == Exit.OK, done.output
    assert next(row["hand"] for row in await shell.rows() if row["sku"] == sku) == 44


async def test_a_rule_of_its_own_holds_for_every_push_until_it_is_taken_off(shell: Desk) -> None:
    sku = next(sku for sku, pool in shell.truth().items() if len(pool["listings"]) == 2)
    assert (await shell.type("count", "--sku", sku, "--units", "900", "--yes")).exit_code == Exit.OK
    store = shell.running.made.stores[0].store_id
    given = await shell.type("rule", sku, "--most", "3", "--keep-back-percent", "50", "--without", store)
    assert given.exit_code == Exit.OK, given.output
    assert "at most 3" in given.output and f"without {store}" in given.output
    looked = (await shell.type("push", sku, "--dry-run")).output
    wanted = {name: int(after) for name, after in re.findall(r"(\S+) \d+>(\d+)", looked)}
    assert all(units <= 3 for units in wanted.values()), looked
    assert wanted.get(store, 0) == 0
    for words, said in (
        (("rule", sku), "at least one part"),
        (("rule", sku, "--off", "--most", "3"), "at least one part"),
        (("rule", sku, "--last", "nowhere"), "No store is called nowhere"),
        (("rule", sku, "--last", store, "--without", store), "choose one"),
    ):
        wrong = await shell.type(*words)
        assert (wrong.exit_code, said in wrong.output) == (Exit.USAGE, True), wrong.output
    assert (await shell.type("rule", "--filter", f"sku:{sku}", "--off")).exit_code == Exit.NOTHING
    assert (await shell.type("rule", sku, "--off")).exit_code == Exit.OK
    again = (await shell.type("push", sku, "--dry-run")).output
    assert any(int(after) > 3 for after in re.findall(r"\d+>(\d+)", again)), again


async def test_what_listings_show_stands_for_a_count_where_it_is_asked_for(shell: Desk) -> None:
    row = next(row for row in await shell.rows() if row["listed"])
    listed = f"sku:{row['sku']}"
    looked = await shell.type("count", "--listed", listed, "--dry-run")
    assert looked.exit_code == Exit.OK, looked.output
    assert "counted several times" in " ".join(looked.output.split())
    done = await shell.type("count", "--listed", listed, "--yes")
    assert done.exit_code == Exit.OK, done.output
    after = next(one for one in await shell.rows() if one["sku"] == row["sku"])
    ours = after["listed"] + after["reserved"]
    assert after["hand"] <= ours and (after["hand"] == ours or "own warehouse" in done.output)
    both = await shell.type("count", "--listed", "", "--sku", "X", "--units", "1")
    assert both.exit_code == Exit.USAGE


async def pushable(shell: Desk, tmp_path: Path, least: int = 0) -> tuple[str, str, int]:
    """A counted SKU, a shop where a push takes `least` or more off what it shows, and how many that are."""
    await shell.type("count", str(await counted(shell, tmp_path)), "--yes")
    shops = {store.store_id: store.shop_id for store in shell.running.made.stores}
    for sku in shell.truth():
        looked = await shell.type("push", sku, "--dry-run", "--keep-back", "2")
        for store_id, shows, wanted in re.findall(r"  (\S+) (\d+)>(\d+)", looked.output):
            if (off := int(shows) - int(wanted)) >= least or not least:
                return sku, shops[store_id], off
    raise AssertionError("nothing is out of step")


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
async def test_a_push_is_followed_where_an_answer_was_lost(shell: Desk, tmp_path: Path, lost: str) -> None:
    sku, _, _ = await pushable(shell, tmp_path)
    write = {"method": "POST", "path": r"/inventory/update$", "nth": 1}
    shell.running.made.live.faults.replace([{"match": write, "do": {lost: True}}])
    pushed = await shell.type("push", sku, "--keep-back", "2", "--yes")
    shell.running.made.live.faults.replace([])
    assert pushed.exit_code == Exit.OK, pushed.output
    # Written after all, or written anew; either way each listing is told once, by its end.
    assert ("right already" if lost == "drop_after" else "worked out anew 1x") in pushed.output
    assert "answer lost" not in pushed.output
    assert (await shell.type("push", sku, "--keep-back", "2", "--dry-run")).exit_code == Exit.NOTHING
    assert shell.truth()[sku]["listed"] <= shell.truth()[sku]["free"]


async def test_a_push_that_sales_overtake_is_left_to_a_person(shell: Desk, tmp_path: Path) -> None:
    sku, shop_id, off = await pushable(shell, tmp_path, 4)
    order = asyncio.create_task(shell.type("push", sku, "--keep-back", "2", "--yes"))
    await shell.ordered()
    # While it is held more is sold than is kept back.
    shell.running.made.live.poke("sell", shop_id=shop_id, sku=sku, units=off - 1)
    pushed = await order
    assert pushed.exit_code == Exit.FAILED, pushed.output
    assert "overtaken: look, and push again" in pushed.output
    again = await shell.type("push", sku, "--keep-back", "2", "--yes")
    assert again.exit_code in {Exit.OK, Exit.NOTHING}, again.output
    assert shell.truth()[sku]["listed"] <= shell.truth()[sku]["free"]
