"""Forgetting a buyer reaches what was said: in the tables, the index, the ledger, and the bytes of the files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.messages import MessageKind
from shoptui.paths import DataDir
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, order
from tests.store.test_thread_desk import decide_everything
from tests.store.thread_factories import KEY, STORE, Within, message, ours, talk, thread

ORDER = "483920"
#: Each of these is said somewhere about the buyer, and nowhere else.
SECRETS = ("malee_77", "Rattanakosin", "ขวดแตก", "pic-of-her", "benchnote", "Chanida", "quotedwords", "laterwords")


async def said(writer: Writer) -> None:
    """A buyer's order, what was said about it, and what operators wrote down."""
    writer.threads.follow(Within())
    await writer.upsert_orders([order(ORDER, buyer_id="b1")], seen_at=NOW, now=NOW)
    await talk(
        writer,
        [
            message(1, text="I live in Rattanakosin, ขวดแตก"),
            message(2, text="", kind=MessageKind.PICTURE, link="https://media.invalid/pic-of-her.jpg"),
            ours(3, "Dear Chanida, it goes out today"),
            message(4, text="thanks, laterwords"),
        ],
        buyer="malee_77",
    )
    # Another buyer's, which stays.
    await talk(writer, [message(1, text="is it Rattana red?", thread_id="T2")], buyer_id="b2", buyer="nok")
    await decide_everything(writer)
    await writer.threads.note(KEY, "an", "benchnote", NOW)
    await writer.threads.escalate([KEY], "boss", "mei", NOW, reason="Chanida is angry", due_at=NOW + 60)


async def reply(writer: Writer, batch_id: str, words: str, *states: IntentState) -> int:
    wanted = NewIntent(Verb.REPLY, STORE, "", TargetKind.THREAD, KEY[1], {"text": words, "after_message_id": "m4"})
    (one,) = (await writer.accept_batch(batch_id, Verb.REPLY, "mei", "t", [wanted], [NOW], NOW)).intent_ids
    for state in states:
        cause = Cause(CauseId.OTHER, "7", "Shopee says: quotedwords") if state is IntentState.FAILED else None
        moved = await writer.move([one], state, now=NOW, cause=cause, evidence={"store_said": "quotedwords", "at": "5"})
        assert moved
    return one


async def found(house: DataDir, words: str) -> int:
    async with await Reader.open(house) as reader:
        return len((await reader.threads.index(parse_threads(words), ThreadSort(), now=NOW, operator="mei")).ids)


def bytes_of(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file())


def table(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(query).fetchall()


async def test_nothing_a_buyer_said_is_left_and_all_that_is_counted_stays(house: DataDir, writer: Writer) -> None:
    await said(writer)
    await reply(writer, "sent", "Chanida", IntentState.QUEUED, IntentState.SENDING, IntentState.DONE)
    await reply(writer, "failed", "Chanida", IntentState.QUEUED, IntentState.SENDING, IntentState.FAILED)
    held = await reply(writer, "held", "Chanida, laterwords")
    counted = "SELECT count(*), sum(sent_at), group_concat(message_id || sender || order_key) FROM message"
    hours = "SELECT hour, waiting, in_time, late FROM answer_hour"
    before = (
        table(house.cache, counted),
        table(house.cache, hours),
        table(house.ledger, "SELECT seq, link FROM audit"),
    )
    assert await found(house, "Rattanakosin") == 1 and await found(house, "Rattana") == 2
    assert all(secret.encode() in bytes_of(house.root) for secret in SECRETS[:2])

    erased = await writer.erase_buyer(STORE, ORDER, NOW)
    assert (erased.threads, erased.on_their_way, len(erased.rows)) == ((KEY,), 0, 1)
    assert (await writer.intents([held]))[0].state is IntentState.TAKEN_BACK
    for secret in SECRETS:
        left = [path.name for path in house.root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
        assert not left, (secret, left)
    assert await found(house, "Rattanakosin") == 0 and await found(house, "ขวด") == 0
    assert await found(house, "Rattana") == 1, "another buyer's words are found as before"
    after = (table(house.cache, counted), table(house.cache, hours), table(house.ledger, "SELECT seq, link FROM audit"))
    assert after == before
    assert await writer.verify_audit() is None
    async with await Reader.open(house) as reader:
        (row,) = await reader.threads.rows(erased.rows, NOW)
        assert (row.buyer, row.assignee, row.escalated_to, row.order_no) == ("", "mei", "boss", "444")
        detail = await reader.threads.thread(erased.rows[0], NOW)
        assert detail is not None
        assert [(note.operator, note.text) for note in detail.notes] == [("an", ""), ("an", "")]
        sent = await reader.intents_of(intent_ids=[1])
        assert (sent[0].args["text"], sent[0].args["after_message_id"]) == ("", "m4")
        assert sent[0].evidence == {"at": "5"}


async def test_what_the_marketplace_still_has_comes_back_without_words(house: DataDir, writer: Writer) -> None:
    await said(writer)
    await writer.erase_buyer(STORE, ORDER, NOW)
    old = message(4, text="thanks, laterwords")
    for _time in range(2):
        await writer.threads.put_threads([thread(buyer="malee_77", last_at=old.sent_at)], NOW)
        put = await writer.threads.put_messages(*KEY, [old], NOW, complete_from=False)
        assert not put.changed and put.seen == ()
        assert (await writer.threads.messages_after(*KEY, "m3"))[0].text == ""
        # Also into a cache that is built anew.
        await writer.close()
        for path in house.root.glob("cache.db*"):
            path.unlink()
        writer = await Writer.open(house, NOW)
        await writer.threads.put_threads([thread(buyer="malee_77", last_at=old.sent_at)], NOW)
        await writer.threads.put_messages(*KEY, [old, ours(3)], NOW, complete_from=True)
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.buyer == ""
    # Who writes again is somebody again.
    await writer.threads.put_threads([thread(buyer="malee_77", last_at=NOW + 60)], NOW + 60)
    fresh = message(101, text="hello again", ago_s=-60)
    await writer.threads.put_messages(*KEY, [fresh], NOW + 60, complete_from=False)
    facts = await writer.threads.facts(*KEY)
    assert facts is not None and facts.buyer == "malee_77"
    assert [one.text for one in await writer.threads.messages_after(*KEY, "m4")] == ["hello again"]
    await writer.close()


async def test_a_crash_between_ledger_and_cache_forgets_at_the_next_start(house: DataDir, writer: Writer) -> None:
    await said(writer)
    await writer.close()
    with sqlite3.connect(house.ledger) as db:
        db.execute("UPDATE thread_desk SET erased_at = ?", (NOW,))
    writer = await Writer.open(house, NOW)
    assert [one.text for one in await writer.threads.messages_after(*KEY, "")] == ["", "", "", ""]
    assert await found(house, "Rattanakosin") == 0
    await writer.close()


async def test_a_reply_that_may_have_left_keeps_its_words_until_it_is_settled(writer: Writer) -> None:
    await said(writer)
    lost = await reply(writer, "lost", "Chanida", IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN)
    assert (await writer.erase_buyer(STORE, ORDER, NOW)).on_their_way == 1
    assert (await writer.intents([lost]))[0].args["text"] == "Chanida"
    await writer.move([lost], IntentState.DONE, now=NOW)
    assert (await writer.erase_buyer(STORE, ORDER, NOW + 1)).on_their_way == 0
    assert (await writer.intents([lost]))[0].args["text"] == ""


async def test_a_buyer_nobody_wrote_to_is_forgotten_too(writer: Writer) -> None:
    await writer.upsert_orders([order(ORDER, buyer_id="b7")], seen_at=NOW, now=NOW)
    assert (await writer.erase_buyer(STORE, ORDER, NOW)).threads == ()
    assert await writer.vault_recipient(STORE, ORDER) is None


async def test_houses_from_before_buyers_could_be_forgotten_are_brought_up_to_date(
    house: DataDir, writer: Writer
) -> None:
    await said(writer)
    await writer.close()
    for path, name in ((house.cache, "thread"), (house.ledger, "thread_desk")):
        with sqlite3.connect(path) as db:
            db.execute(f"ALTER TABLE {name} DROP COLUMN erased_at")
            db.execute("DELETE FROM migration WHERE name LIKE '% forgotten buyers'")
    async with await Writer.open(house, NOW) as again:
        assert set(again.opened.migrations) == {"0003 forgotten buyers", "0006 forgotten buyers"}
        assert (await again.threads.messages_after(*KEY, "m3"))[0].text == "thanks, laterwords"
        assert (await again.erase_buyer(STORE, ORDER, NOW)).threads == (KEY,)
