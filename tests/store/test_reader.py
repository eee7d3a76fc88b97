"""What screens read: rows, details, look-ups, candidates, activity and stores; and readers that outlive a cache."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest

from shoptui.adapters.base import SetAside
from shoptui.adapters.desks import Document
from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.verbs import DocumentKind
from shoptui.paths import DataDir
from shoptui.queries.admission import last_failure
from shoptui.queries.filter import parse
from shoptui.queries.types import Alert, FeedRow
from shoptui.store.reader import Reader, Sort
from shoptui.store.writer import Writer
from tests.store.factories import NOW, clock, intent, line, order, package

KEY = ("tt-th-1", "576461413048483920")


@pytest.fixture
async def reader(writer: Writer, house: DataDir) -> AsyncIterator[Reader]:
    async with await Reader.open(house) as opened:
        yield opened


async def put(writer: Writer, *made: Order, block: str = "") -> tuple[int, ...]:
    blocks = {(each.store_id, each.order_no): block for each in made} if block else {}
    done = await writer.upsert_orders(made, seen_at=NOW, now=NOW, ship_blocks=blocks)
    return done.changed


async def test_a_row_has_what_the_grid_shows(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(
        writer,
        order(
            lines=(line("BAG-RD-M", quantity=2), line("STK-CAT")),
            clocks=(clock(NOW - 60), clock(NOW + 60), clock(NOW + 120)),
            flags=Flag.GIFT,
        ),
    )
    await writer.hold([KEY], "an", True, NOW)
    await writer.claim([KEY], "mei", True, NOW, for_s=100)
    await writer.tag([KEY], "fragile", "mei", True, NOW)
    await writer.tag([KEY], "blue", "mei", True, NOW)
    await writer.note(KEY, "an", "gift: no invoice", NOW)
    await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent(KEY[1])], [NOW], NOW)
    (row,) = await reader.rows([row_id, 999], NOW)
    assert (row.store_id, row.order_no, row.status, row.flags) == (*KEY, "to_ship", int(Flag.GIFT))
    assert (row.next_at, row.then_at, row.missed, row.last_missed_at) == (NOW + 60, NOW + 120, 1, NOW - 60)
    assert (row.items, row.sku, row.buyer) == ("2x BAG-RD-M +1", "BAG-RD-M", "somchai99")
    assert (row.value_minor, row.currency, row.seen_at) == (35900, "THB", NOW)
    assert (row.act_state, row.act_verb) == (IntentState.HELD, "ship")
    assert (row.held_by, row.claimed_by, row.tags, row.has_note) == ("an", "mei", ("blue", "fragile"), True)
    (later,) = await reader.rows([row_id], NOW + 100)
    assert later.claimed_by == ""


async def test_a_reply_to_its_buyer_hides_nothing_of_an_order(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(writer, order())
    failed = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent(KEY[1])], [NOW], NOW)
    await writer.move(failed.intent_ids, IntentState.FAILED, now=NOW, cause=Cause(CauseId.TOO_HEAVY, "1", "x"))
    said = NewIntent(Verb.REPLY, KEY[0], KEY[1], TargetKind.THREAD, "T1", {"text": "soon", "after_message_id": "m1"})
    await writer.accept_batch("b2", Verb.REPLY, "mei", "tty", [said], [NOW], NOW)
    (row,) = await reader.rows([row_id], NOW)
    assert (row.act_state, row.act_verb) == (IntentState.FAILED, "ship")
    for words, found in (("act:failed", [row_id]), ("act:held", []), ("act:none", [])):
        chunks = reader.index(parse(words), Sort.parse("act"), now=NOW, operator="mei")
        assert [one for chunk in [chunk async for chunk in chunks] for one in chunk.ids] == found, words


async def test_rows_come_in_the_order_asked_for(writer: Writer, reader: Reader) -> None:
    first, second, third = await put(writer, order("1000"), order("2000"), order("3000"))
    rows = await reader.rows([third, first, 77, second], NOW)
    assert [row.row_id for row in rows] == [third, first, second]


async def test_an_order_without_clocks_has_no_next_loss(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(writer, order(clocks=()))
    (row,) = await reader.rows([row_id], NOW)
    assert (row.next_at, row.next_kind) == (None, "")


async def test_the_act_column_shows_the_newest_intent_nobody_has_seen(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(writer, order())
    answer = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent(KEY[1])], [NOW], NOW)
    await writer.move(answer.intent_ids, IntentState.FAILED, now=NOW, cause=Cause(CauseId.TOO_HEAVY, "1", "x"))
    (row,) = await reader.rows([row_id], NOW)
    assert (row.act_state, row.act_cause) == (IntentState.FAILED, "too_heavy")
    again = await writer.accept_batch("b2", Verb.SHIP, "mei", "tty", [intent(KEY[1])], [NOW], NOW)
    (row,) = await reader.rows([row_id], NOW)
    assert row.act_state is IntentState.HELD
    await writer.take_back(None, again.intent_ids, NOW)
    (row,) = await reader.rows([row_id], NOW)
    assert row.act_state is IntentState.FAILED
    await writer.ack("b1", "mei", NOW)
    (row,) = await reader.rows([row_id], NOW)
    assert row.act_state is None


async def test_a_detail_has_order_notes_intents_and_reveals(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(writer, order(packages=(package("P3920", weight_g=600),)))
    await writer.note(KEY, "an", "first", NOW)
    await writer.note(KEY, "mei", "second", NOW + 1)
    await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent(KEY[1])], [NOW], NOW)
    await writer.audit(NOW, "mei", "tty1", "reveal buyer", f"{KEY[0]}/{KEY[1]}")
    await writer.audit(NOW, "mei", "tty1", "reveal buyer", f"{KEY[0]}/other")
    found = await reader.order(row_id, NOW)
    assert found is not None
    assert found.order.packages[0].weight_g == 600
    assert [(note.operator, note.text) for note in found.notes] == [("an", "first"), ("mei", "second")]
    assert [each.batch_id for each in found.intents] == ["b1"]
    assert [entry.target for entry in found.reveals] == [f"{KEY[0]}/{KEY[1]}"]
    assert await reader.order(999, NOW) is None


FIND = [
    ("576461413048483920", ["a"]),
    ("483920", ["a"]),
    ("3920", ["a", "b"]),
    ("920", []),
    ("th9988776655", ["b"]),
    (" TH9988776655 ", ["b"]),
    ("776655", ["b"]),
    ("PKG-7", ["c"]),
    ("2N5TR8", ["c"]),
    ("2n5tr8", ["c"]),
    ("canv", ["a", "b"]),
    ("帆布", ["c"]),
    ("包", ["c"]),
    ("กระเป๋า", ["c"]),
    ("ring twice", ["b"]),
    ("", []),
    ("***", []),
    ("nothing like it", []),
]


@pytest.mark.parametrize(("text", "names"), FIND)
async def test_a_scan_or_a_word_finds_its_orders(writer: Writer, reader: Reader, text: str, names: list[str]) -> None:
    a, b, c = await put(
        writer,
        order("576461413048483920", clocks=(clock(NOW + 60),)),
        order(
            "991113920",
            clocks=(clock(NOW + 120),),
            tracking_number="TH9988776655",
            packages=(package("PKG-9"),),
            buyer_note="please ring twice",
        ),
        order(
            "2607142N5TR8",
            lines=(line("MUG", product_name="帆布包 กระเป๋าผ้า", variant_name=""),),
            packages=(package("PKG-7"),),
        ),
    )
    names_by_row = {a: "a", b: "b", c: "c"}
    assert [names_by_row[row_id] for row_id in await reader.find(text)] == names


async def test_candidates_know_packages_holds_claims_and_failures(writer: Writer, reader: Reader) -> None:
    first, second, third = await put(
        writer,
        order("1000", packages=(package("A"), package("B"), package("C", status=Status.TO_HAND_OVER))),
        order("2000", packages=(), lines=(line(package_id="L1"), line("X", package_id="L1"))),
        order("3000"),
    )
    await put(writer, order("4000"), block="us_label")
    await writer.hold([("tt-th-1", "1000")], "an", True, NOW)
    await writer.claim([("tt-th-1", "1000")], "mei", True, NOW)
    await writer.claim([("tt-th-1", "2000")], "an", True, NOW)
    answer = await writer.accept_batch(
        "b1", Verb.SHIP, "mei", "tty", [intent("2000", "L1"), intent("3000", "P3000")], [NOW, NOW], NOW
    )
    await writer.move(answer.intent_ids[:1], IntentState.FAILED, now=NOW, cause=Cause(CauseId.TOO_HEAVY))
    found = await reader.candidates([third, first, second], NOW, "mei")
    assert [each.order_no for each in found] == ["3000", "1000", "2000"]
    three, one, two = found
    assert (one.package_ids, one.held_by, one.claimed_by) == (("A", "B"), "an", "")
    assert (two.package_ids, two.claimed_by, last_failure(two, Verb.SHIP)) == (("L1",), "an", "too_heavy")
    assert [act.state for act in three.acts] == [IntentState.HELD]
    assert (three.marketplace, three.region, three.parcels) == ("tiktok", "TH", ())
    (whole,) = await reader.candidates([first], NOW, "mei", parcels=True)
    assert [(parcel.package_id, parcel.status) for parcel in whole.parcels] == [
        ("A", "to_ship"),
        ("B", "to_ship"),
        ("C", "to_hand_over"),
    ]
    ids = await reader.row_ids([("tt-th-1", "4000"), ("tt-th-1", "none")])
    (four,) = await reader.candidates(list(ids.values()), NOW, "mei")
    assert four.ship_block == "us_label"


@pytest.mark.parametrize(
    ("numbers", "outdated"),
    [
        (["TH-OLD"], True),
        (["TH-OLD", "TH-NOW"], False),
        (["TH-NOW", "TH-OTHER"], True),
        # A marketplace that tells no number with the label.
        ([""], False),
        ([], False),
    ],
)
async def test_the_newest_label_says_whether_it_is_the_parcels_own(
    writer: Writer, reader: Reader, numbers: list[str], outdated: bool
) -> None:
    (row_id,) = await put(writer, order("1000", packages=(package("A", tracking_number="TH-NOW"),)))
    for place, number in enumerate(numbers):
        paper = Document(DocumentKind.LABEL, "pdf", b"%PDF", number)
        await writer.put_document("tt-th-1", "1000", "A", paper, size=f"A{place}", now=NOW + place)
    slip = Document(DocumentKind.PACKING_SLIP, "pdf", b"%PDF", "TH-OLD")
    await writer.put_document("tt-th-1", "1000", "A", slip, now=NOW + 60)
    (whole,) = await reader.candidates([row_id], NOW, "mei", parcels=True)
    assert [parcel.label_outdated for parcel in whole.parcels] == [outdated]


async def test_batches_are_grouped_and_trouble_comes_first(writer: Writer, reader: Reader) -> None:
    wanted = [intent(str(n), f"P{n}", store_id="tt-th-1" if n % 2 else "tt-uk-1") for n in range(6)]
    old = await writer.accept_batch("old", Verb.SHIP, "mei", "tty", wanted, [NOW] * 6, NOW)
    await writer.move(old.intent_ids, IntentState.QUEUED, now=NOW)
    await writer.move(old.intent_ids, IntentState.SENDING, now=NOW)
    await writer.move(old.intent_ids[:3], IntentState.DONE, now=NOW + 5)
    heavy, slot = Cause(CauseId.TOO_HEAVY, "21", "5 kg"), Cause(CauseId.SLOT_GONE, "33", "17:00")
    await writer.move(old.intent_ids[3:5], IntentState.FAILED, now=NOW + 6, cause=heavy)
    await writer.move(old.intent_ids[5:], IntentState.FAILED, now=NOW + 7, cause=slot)
    await writer.accept_batch("new", Verb.SHIP, "an", "tty", [intent("9", "P9")], [NOW + 30], NOW + 20)
    rows = await reader.batches()
    assert [(row.batch_id, row.state, row.count, row.total) for row in rows] == [
        ("old", IntentState.FAILED, 2, 6),
        ("old", IntentState.FAILED, 1, 6),
        ("new", IntentState.HELD, 1, 1),
        ("old", IntentState.DONE, 3, 6),
    ]
    assert rows[0].cause == heavy
    assert (rows[0].stores, rows[3].stores) == (("tt-th-1", "tt-uk-1"), ("tt-th-1", "tt-uk-1"))
    assert (rows[0].settled_at, rows[2].settled_at, rows[2].release_at) == (NOW + 6, None, NOW + 30)
    assert rows[0].intent_ids == old.intent_ids[3:5]
    assert [row.acked for row in rows] == [False] * 4
    await writer.ack("old", "mei", NOW)
    after = await reader.batches()
    assert [(row.batch_id, row.acked) for row in after] == [
        ("new", False),
        ("old", True),
        ("old", True),
        ("old", True),
    ]
    assert [row.state for row in await reader.batches({IntentState.HELD})] == [IntentState.HELD]


async def test_trouble_is_shown_however_many_batches_came_after_it(writer: Writer, reader: Reader) -> None:
    first = await writer.accept_batch("b0", Verb.SHIP, "mei", "tty", [intent("1", "P1")], [NOW], NOW)
    await writer.move(first.intent_ids, IntentState.FAILED, now=NOW)
    for number in range(1, 6):
        target = intent(str(number), f"Q{number}")
        await writer.accept_batch(f"b{number}", Verb.SHIP, "mei", "tty", [target], [NOW], NOW + number)
    assert [row.batch_id for row in await reader.batches(limit=2)] == ["b0", "b5", "b4"]


async def test_intents_by_batch_or_by_id(writer: Writer, reader: Reader) -> None:
    answer = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent(), intent("2", "P2")], [NOW] * 2, NOW)
    assert [each.intent_id for each in await reader.intents_of("b1")] == list(answer.intent_ids)
    (second,) = await reader.intents_of(intent_ids=answer.intent_ids[1:])
    assert second.target_id == "P2"


async def test_the_audit_log_is_read_backwards_in_pages(writer: Writer, reader: Reader) -> None:
    for number in range(5):
        await writer.audit(NOW + number, "mei", "tty", "ship", f"t/{number}")
    assert [entry.seq for entry in await reader.audit(2)] == [5, 4]
    assert [entry.seq for entry in await reader.audit(10, before=4)] == [3, 2, 1]


async def test_counts_are_the_engines_or_fresh(writer: Writer, reader: Reader) -> None:
    await put(writer, order(clocks=(clock(NOW + 3 * 3600),)))
    await writer.counts(NOW)
    assert (await reader.counts()).under_2h == 0
    assert (await reader.counts(NOW + 2 * 3600)).under_2h == 1
    assert (await reader.counts()).under_12h == 1


async def test_stores_come_with_feed_orders_and_intents(writer: Writer, reader: Reader) -> None:
    feed = FeedRow("tt-th-1", "orders", NOW, NOW, NOW, NOW + 60, 1, "503", "x", False, True, 9, 10, 3, 4, NOW)
    await writer.save_feed(feed)
    assert await writer.feed("tt-th-1", "orders") == feed
    await put(writer, order(), order("2000", status=Status.COMPLETED))
    await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent()], [NOW], NOW)
    await writer.put_store_facts("tt-th-1", NOW + 100, None)
    assert await writer.set_paused("tt-uk-1", True)
    assert not await writer.set_paused("tt-uk-1", True)
    rows = {row.store_id: row for row in await reader.stores()}
    assert list(rows) == ["sp-vn-1", "tt-th-1", "tt-uk-1"]
    bangkok = rows["tt-th-1"]
    assert (bangkok.feed, bangkok.open_orders, bangkok.waiting_intents) == (feed, 1, 1)
    assert (bangkok.token_expires_at, bangkok.authorisation_ends_at) == (NOW + 100, None)
    assert (rows["tt-uk-1"].paused, rows["tt-uk-1"].feed) == (True, None)


async def test_alerts_records_set_aside_and_operators(writer: Writer, reader: Reader) -> None:
    await writer.raise_alert(Alert("gap:tt-th-1", "gap", NOW, MappingProxyType({"here": "3"})))
    await writer.set_aside([SetAside("tt-th-1", "1", "no create_time", "{raw}")], NOW)
    await writer.note(KEY, "bo", "x", NOW)
    await writer.claim([KEY], "an", True, NOW)
    assert [(alert.kind, dict(alert.args)) for alert in await reader.alerts()] == [("gap", {"here": "3"})]
    (aside,) = await reader.set_aside_rows()
    assert (aside.order_no, aside.reason, aside.at) == ("1", "no create_time", NOW)
    assert await reader.operators() == ["an", "bo"]


async def test_a_reader_sees_what_was_committed_since(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(writer, order())
    assert len(await reader.rows([row_id], NOW)) == 1
    await put(writer, order(updated_at=NOW, status=Status.CANCELLED))
    (row,) = await reader.rows([row_id], NOW)
    assert row.status == "cancelled"


async def test_a_reader_outlives_a_cache_that_is_replaced(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as first:
        (old,) = await put(first, order())
    async with await Reader.open(house) as reader:
        assert len(await reader.rows([old], NOW)) == 1
        for suffix in ("", "-wal", "-shm"):
            path = house.cache.with_name(house.cache.name + suffix)
            os.replace(path, path.with_name(path.name + ".aside"))
        # Not there yet: what is open goes on being shown.
        assert len(await reader.rows([old], NOW)) == 1
        async with await Writer.open(house, NOW + 1) as second:
            await put(second, order("1000"), order("2000"))
            rows = await reader.rows([1, 2], NOW)
            assert [row.order_no for row in rows] == ["1000", "2000"]
            assert len(await reader.find("2000")) == 1


async def test_a_reader_cannot_write(writer: Writer, reader: Reader) -> None:
    import sqlite3

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader._rows_db.run(lambda db: db.execute("DELETE FROM orders"))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader._rows_db.run(lambda db: db.execute("DELETE FROM ledger.outbox"))
