"""A store gets another name, or goes: everything that stood under its name follows, the audit log does not change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.adapters.base import SetAside
from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.orders import Recipient
from shoptui.paths import DataDir
from shoptui.queries.filter import parse
from shoptui.queries.sorting import Sort
from shoptui.store import renaming
from shoptui.store import writer as writer_module
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, intent, orders

OLD, NEW, OTHER = "tt-th-1", "siam", "tt-uk-1"
BUYER = Recipient("Somchai Jaidee", "+66812345321", "12/3 Soi 4", "Bangkok", "10500", "TH")


async def fill(writer: Writer) -> list[str]:
    """Orders in two stores, with everything an operator and a marketplace leave behind; the store's order numbers."""
    mine = orders(7, recipient=BUYER)
    await writer.upsert_orders(mine, seen_at=NOW, now=NOW)
    await writer.upsert_orders(orders(3, store_id=OTHER, recipient=BUYER), seen_at=NOW, now=NOW)
    key = (OLD, mine[0].order_no)
    await writer.hold([key], "mei", True, NOW)
    await writer.tag([key], "gift", "mei", True, NOW)
    await writer.note(key, "mei", "no invoice", NOW)
    await writer.set_aside([SetAside(OLD, "9", "odd", "{}")], NOW)
    await writer.audit(NOW, "mei", "pts/1", "hold", f"{OLD}/{mine[0].order_no}")
    accepted = await writer.accept_batch("b", Verb.SHIP, "mei", "pts/1", [intent(mine[0].order_no)], [NOW], NOW)
    await writer.move(accepted.intent_ids, IntentState.FAILED, now=NOW)
    return [order.order_no for order in mine]


async def shown(house: DataDir, text: str) -> list[str]:
    async with await Reader.open(house) as reader:
        ids: list[int] = []
        async for chunk in reader.index(parse(text), Sort.parse("next"), now=NOW, operator="mei"):
            ids.extend(chunk.ids)
        return [row.order_no for row in await reader.rows(ids, NOW)]


async def test_everything_follows_the_new_name(house: DataDir, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_RECOMPUTE_CHUNK", 3)
    numbers = await fill(writer)
    digest = await writer.digest(OLD, numbers[0], BUYER.phone)
    await writer.rename_store(OLD, NEW)
    assert {store.store_id for store in await writer.stores()} == {NEW, OTHER, "sp-vn-1"}
    assert sorted(await shown(house, f"store:{NEW}")) == numbers
    assert await shown(house, f"store:{OLD}") == []
    assert await shown(house, f"store:{NEW} tag:gift is:held") == [numbers[0]]
    assert len(await shown(house, f"store:{OTHER}")) == 3
    assert {order.store_id for order in await writer.orders_by_no(NEW, numbers)} == {NEW}
    assert await writer.vault_recipient(NEW, numbers[0]) == BUYER
    assert await writer.digest(NEW, numbers[0], BUYER.phone) == digest
    assert await writer.raw_set_aside(NEW, "9") == "{}"
    assert {one.store_id for one in await writer.batch("b")} == {NEW}
    assert await writer.verify_audit() is None
    # The marketplace's copy of the same version meets the row it belongs to.
    again = await writer.upsert_orders(
        [replace(order, store_id=NEW) for order in orders(7, recipient=BUYER)], seen_at=NOW, now=NOW
    )
    assert again.new == 0


async def test_a_renaming_that_was_cut_short_is_finished_by_repeating_it(
    house: DataDir, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await fill(writer)
    await writer._ledger.run(renaming.rename_in_tables, OLD, NEW)
    await writer._cache.run(renaming.rename_orders, OLD, NEW, 2)
    await writer.rename_store(OLD, NEW)
    assert sorted(await shown(house, f"store:{NEW}")) == numbers
    assert await writer.vault_recipient(NEW, numbers[0]) == BUYER


async def test_a_removed_store_leaves_no_buyer_behind(writer: Writer) -> None:
    numbers = await fill(writer)
    before = await writer.digest(OLD, numbers[0], BUYER.phone)
    assert await writer.remove_store(OLD)
    assert await writer.vault_recipient(OLD, numbers[0]) is None
    assert await writer.raw_set_aside(OLD, "9") is None
    assert await writer.digest(OLD, numbers[0], BUYER.phone) != before
    assert await writer.vault_recipient(OTHER, numbers[0]) == BUYER
    assert not await writer.remove_store(OLD)


async def test_what_a_crash_left_of_a_removed_store_is_found(writer: Writer) -> None:
    from shoptui.engine.feed_state import blank

    for store in STORES[:2]:
        await writer.save_feed(blank(store.store_id, "orders"))
    assert await writer.stores_with_leftovers() == [OLD, OTHER]
    await writer.remove_store(OLD)
    assert await writer.stores_with_leftovers() == [OTHER]
