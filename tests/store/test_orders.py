"""Orders going into the cache: versions, package details, masks, clocks, codes and text."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.adapters.base import SetAside
from shoptui.domain.clocks import Clock, ClockKind
from shoptui.domain.orders import Order, Recipient, Slot, Status
from shoptui.paths import DataDir
from shoptui.store.results import Upserted
from shoptui.store.writer import Writer
from tests.store.factories import NOW, clock, line, order, orders, package

KEY = ("tt-th-1", "576461413048483920")


async def put(writer: Writer, *made: Order, seen_at: int = NOW, now: int = NOW, block: str = "") -> Upserted:
    blocks = {(each.store_id, each.order_no): block for each in made} if block else {}
    return await writer.upsert_orders(made, seen_at=seen_at, now=now, ship_blocks=blocks)


async def only(writer: Writer) -> Order:
    found = await writer.orders_by_no(KEY[0], [KEY[1]])
    assert len(found) == 1
    return found[0]


async def test_a_newer_version_replaces_and_an_older_one_does_not(writer: Writer) -> None:
    first = await put(writer, order(updated_at=100))
    assert (first.new, len(first.changed)) == (1, 1)
    newer = await put(writer, order(updated_at=200, buyer_note="ring twice"))
    assert newer == Upserted(first.changed, 0, 0, 0)
    older = await put(writer, order(updated_at=150, buyer_note="old"))
    assert older == Upserted((), 0, 0, 1)
    assert (await only(writer)).buyer_note == "ring twice"


async def test_the_same_copy_again_changes_nothing(writer: Writer) -> None:
    await put(writer, order())
    again = await put(writer, order(), seen_at=NOW + 60)
    assert again == Upserted((), 0, 1, 0)


async def test_the_same_version_with_other_contents_replaces(writer: Writer) -> None:
    await put(writer, order())
    again = await put(writer, order(seller_note="pack twice"))
    assert (len(again.changed), again.same) == (1, 0)


async def test_a_new_reason_not_to_ship_is_a_change(writer: Writer) -> None:
    await put(writer, order())
    assert len((await put(writer, order(), block="seller_shipping")).changed) == 1


async def test_one_order_twice_in_a_page_is_written_once(writer: Writer) -> None:
    done = await put(writer, order(updated_at=5, buyer_note="late"), order(updated_at=4, buyer_note="early"))
    assert (done.new, done.stale) == (1, 1)
    assert (await only(writer)).buyer_note == "late"


async def test_package_details_outlive_a_list_copy_of_the_same_version(writer: Writer) -> None:
    slot = Slot(NOW, NOW + 3600)
    full = package("P3920", tracking_number="TH123", weight_g=600, slot=slot, handover_method="PICKUP", updated_at=7)
    await put(writer, order(packages=(full,)))
    listed = await put(writer, order())
    assert listed == Upserted((), 0, 1, 0)
    assert (await only(writer)).packages == (full,)


async def test_package_details_are_kept_beside_other_news_of_the_same_version(writer: Writer) -> None:
    await put(writer, order(packages=(package("P3920", weight_g=600),)))
    await put(writer, order(seller_note="pack twice"))
    kept = await only(writer)
    assert (kept.packages[0].weight_g, kept.seller_note) == (600, "pack twice")


async def test_a_newer_version_does_not_keep_old_package_details(writer: Writer) -> None:
    await put(writer, order(packages=(package("P3920", weight_g=600),)))
    await put(writer, order(updated_at=NOW))
    assert (await only(writer)).packages[0].weight_g is None


async def test_the_same_number_in_two_stores_is_two_orders(writer: Writer) -> None:
    done = await put(writer, order(), order(store_id="tt-uk-1"))
    assert done.new == 2


async def test_names_phones_and_streets_are_masked_in_the_cache_and_whole_in_the_vault(
    writer: Writer, house: DataDir
) -> None:
    full = order().recipient
    await put(writer, order())
    cached = (await only(writer)).recipient
    assert "Somchai" not in cached.name and "812345" not in cached.phone and "Silom" not in cached.street
    assert (cached.city, cached.postal_code) == (full.city, full.postal_code)
    assert await writer.vault_recipient(*KEY) == full
    assert (await only(writer)).buyer_name == "somchai99"
    await writer.close()
    for name in (house.cache, house.ledger):
        content = name.read_bytes() + name.with_name(name.name + "-wal").read_bytes()
        for secret in ("Somchai", "Jaidee", "0812345321", "66812345321", "Silom"):
            assert secret.encode() not in content, f"{secret} is in {name.name}"


async def test_a_recipient_can_be_kept_by_itself(writer: Writer) -> None:
    read_later = replace(order().recipient, phone="+66899999999")
    await put(writer, order())
    await writer.put_vault(*KEY, read_later)
    assert await writer.vault_recipient(*KEY) == read_later


async def test_a_corrected_street_reaches_the_vault_although_its_mask_is_the_same(writer: Writer) -> None:
    await put(writer, order())
    moved = replace(order().recipient, street="99 Sathorn Road")
    done = await put(writer, order(recipient=moved))
    assert len(done.changed) == 1
    assert await writer.vault_recipient(*KEY) == moved


async def test_an_older_copy_does_not_bring_back_an_old_address(writer: Writer) -> None:
    await put(writer, order())
    await put(writer, order(updated_at=1, recipient=replace(order().recipient, street="Old Lane")))
    assert await writer.vault_recipient(*KEY) == order().recipient


async def test_what_the_marketplace_masked_is_kept_as_it_came(writer: Writer) -> None:
    hidden = Recipient("สมช** ใ*****", "+66 ******321", "*******", "กรุงเทพฯ", "10500", "TH", masked=True)
    await put(writer, order(recipient=hidden))
    assert (await only(writer)).recipient == hidden
    assert await writer.vault_recipient(*KEY) is None


async def test_what_is_masked_later_does_not_cover_what_was_shown_before(writer: Writer) -> None:
    shown = order()
    await put(writer, shown)
    hidden = replace(shown.recipient, name="s****", phone="******21", street="2******", masked=True)
    await put(writer, order(updated_at=shown.updated_at + 60, recipient=hidden))
    assert (await only(writer)).recipient == hidden
    assert await writer.vault_recipient(*KEY) == shown.recipient


async def test_clocks_that_pass_move_an_order_to_the_missed_ones(writer: Writer) -> None:
    first, second = clock(NOW + 60), clock(NOW + 3600, ClockKind.AUTO_CANCEL)
    done = await put(writer, order(clocks=(first, second)))
    assert await writer.next_clock_at() == NOW + 60
    assert await writer.pass_clocks(NOW + 59) == ()
    assert await writer.pass_clocks(NOW + 60) == done.changed
    assert await writer.pass_clocks(NOW + 60) == ()
    assert await writer.next_clock_at() == NOW + 3600
    counts = await writer.counts(NOW + 60)
    assert (counts.missed, counts.under_2h) == (1, 1)


async def test_a_closed_order_loses_nothing(writer: Writer) -> None:
    await put(writer, order(status=Status.CANCELLED, clocks=(clock(NOW - 60), clock(NOW + 60))))
    counts = await writer.counts(NOW)
    assert (counts.missed, counts.under_24h) == (0, 0)


async def test_counts_are_bands_inside_each_other(writer: Writer) -> None:
    dues = (NOW + 7200, NOW + 7201, NOW + 12 * 3600, NOW + 24 * 3600, NOW + 24 * 3600 + 1)
    await put(writer, *(order(f"10000{number}", clocks=(clock(due),)) for number, due in enumerate(dues)))
    counts = await writer.counts(NOW)
    assert (counts.missed, counts.under_2h, counts.under_12h, counts.under_24h) == (0, 1, 3, 4)


async def test_a_change_of_rules_reaches_every_order_in_steps(writer: Writer) -> None:
    made = orders(1200)
    await writer.upsert_orders(made, seen_at=NOW, now=NOW)

    def later(each: Order) -> tuple[Clock, ...]:
        return (clock(NOW + 50),) if each.order_no.endswith("7") else each.clocks

    steps = [changed async for changed in writer.recompute_all(later, NOW)]
    assert sum(map(len, steps)) == 120
    assert len(steps) == 3
    assert await writer.next_clock_at() == NOW + 50
    again = [changed async for changed in writer.recompute_all(later, NOW)]
    assert again == []


async def test_open_numbers_are_those_before_the_carrier(writer: Writer) -> None:
    await put(
        writer,
        order("1000"),
        order("2000", status=Status.TO_HAND_OVER),
        order("3000", status=Status.IN_TRANSIT),
        order("4000", store_id="tt-uk-1"),
    )
    assert await writer.open_order_nos("tt-th-1") == {"1000", "2000"}


async def test_orders_come_in_the_order_asked_for(writer: Writer) -> None:
    await put(writer, order("1000"), order("2000"), order("3000"))
    found = await writer.orders_by_no("tt-th-1", ["3000", "9999", "1000", "3000"])
    assert [each.order_no for each in found] == ["3000", "1000"]


async def test_a_record_set_aside_is_raw_in_the_vault_alone_until_it_can_be_read(
    writer: Writer, house: DataDir
) -> None:
    await writer.set_aside([SetAside("tt-th-1", KEY[1], "no create_time", '{"name":"Somchai"}')], NOW)
    assert await writer.set_aside_rows() == [("tt-th-1", KEY[1], "no create_time", NOW)]
    assert await writer.raw_set_aside("tt-th-1", KEY[1]) == '{"name":"Somchai"}'
    await put(writer, order())
    assert await writer.set_aside_rows() == []


async def test_erasing_a_buyer_leaves_nothing_to_compare_digests_with(writer: Writer) -> None:
    await put(writer, order())
    before = await writer.digest(*KEY, "0812345321")
    assert before == await writer.digest(*KEY, "0812345321")
    await writer.erase_buyer(*KEY, NOW)
    assert await writer.vault_recipient(*KEY) is None
    assert await writer.digest(*KEY, "0812345321") != before


async def test_a_removed_store_takes_its_orders_codes_and_buyers_with_it(writer: Writer, house: DataDir) -> None:
    await put(writer, order(), order("77777", store_id="tt-uk-1"))
    assert await writer.remove_store("tt-th-1")
    assert not await writer.remove_store("tt-th-1")
    assert await writer.vault_recipient(*KEY) is None
    assert await writer.orders_by_no(*KEY[:1], [KEY[1]]) == []
    await writer.close()
    assert _count(house.cache, "SELECT count(*) FROM orders") == 1
    assert _count(house.cache, "SELECT count(*) FROM order_body") == 1
    assert _count(house.cache, "SELECT count(*) FROM order_text WHERE order_text MATCH 'canvas'") == 1
    left = "SELECT count(*) FROM order_code WHERE row_id NOT IN (SELECT row_id FROM orders)"
    assert _count(house.cache, left) == 0


async def test_codes_and_text_follow_an_order_that_changes(writer: Writer, house: DataDir) -> None:
    await put(writer, order(lines=(line("OLD-SKU"),), tracking_number="TRACKOLD"))
    await put(writer, order(updated_at=NOW, lines=(line("NEW-SKU"),), tracking_number="TRACKNEW"))
    await writer.close()
    assert _count(house.cache, "SELECT count(*) FROM order_text WHERE order_text MATCH 'old'") == 0
    assert _count(house.cache, "SELECT count(*) FROM order_text WHERE order_text MATCH 'new'") == 1
    codes = {row[0] for row in _rows(house.cache, "SELECT code FROM order_code WHERE kind = 1")}
    assert codes == {"TRACKNEW"[::-1]}


@pytest.mark.parametrize("count", [0, 1])
async def test_nothing_to_write_is_no_transaction(writer: Writer, count: int) -> None:
    done = await writer.upsert_orders(orders(count), seen_at=NOW, now=NOW)
    assert done.new == count


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def _count(path: Path, sql: str) -> int:
    count = _rows(path, sql)[0][0]
    assert isinstance(count, int)
    return count
