"""What operators decide about threads: durable, repeated in the cache, and following a store wherever it goes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.domain.intents import NewIntent, TargetKind, Verb
from shoptui.domain.messages import Sender
from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.types import FeedRow
from shoptui.store.backup import make_backup
from shoptui.store.backup_names import default_name
from shoptui.store.database import Database
from shoptui.store.reader import Reader
from shoptui.store.restore import restore
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, order
from tests.store.thread_factories import KEY, STORE, Within, message, ours, talk, thread


async def row(house: DataDir, row_id: int = 1, now: int = NOW) -> ThreadRow:
    async with await Reader.open(house) as reader:
        (found,) = await reader.threads.rows([row_id], now)
        return found


async def decide_everything(writer: Writer) -> None:
    """Everything an operator can leave on a thread."""
    await writer.threads.assign([KEY], "mei", "boss", NOW)
    await writer.threads.escalate([KEY], "boss", "mei", NOW, reason="refund over 50", due_at=NOW + HOUR_S)
    await writer.threads.snooze([KEY], "mei", NOW, until=NOW + DAY_S, for_buyer=False)
    await writer.threads.link_order(KEY, "444", "mei", NOW)
    await writer.threads.note(KEY, "an", "parcel is on bench 2", NOW)
    await writer.threads.claim([KEY], "an", True, NOW)
    await writer.threads.log_auto_reply(KEY, "m1", "night", NOW)


async def expect_everything(house: DataDir, key: tuple[str, str] = KEY, *, row_id: int = 1) -> None:
    found = await row(house, row_id)
    assert (found.store_id, found.thread_id) == key
    assert (found.assignee, found.escalated_to, found.escalated_by) == ("mei", "boss", "mei")
    assert found.escalation_reason == "refund over 50"
    assert (found.snoozed_until, found.order_no, found.has_note) == (NOW + DAY_S, "444", True)
    assert (found.next_at, found.next_kind) == (NOW + HOUR_S, "esc")
    assert found.claimed_by == "an"


async def test_decisions_are_on_the_row_and_survive(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), ours(2)])
    await decide_everything(writer)
    await expect_everything(house)
    await writer.close()
    async with await Writer.open(house, NOW + 1) as again:
        await expect_everything(house)
        assert await again.threads.claims([KEY, (STORE, "T2")], NOW) == {KEY: "an"}
        assert await again.threads.auto_replies(KEY) == [("m1", "night", NOW)]


async def test_only_what_changes_is_told(writer: Writer) -> None:
    await talk(writer, [message(1)])
    threads = writer.threads
    assert await threads.assign([KEY, KEY], "mei", "boss", NOW) == [KEY]
    assert await threads.assign([KEY], "mei", "an", NOW + 1) == []
    assert await threads.assign([KEY], "", "an", NOW + 1) == [KEY]
    assert await threads.escalate([KEY], "", "mei", NOW) == []
    assert await threads.done([KEY], "mei", True, NOW) == [KEY]
    assert await threads.done([KEY], "an", True, NOW) == []
    assert await threads.link_order(KEY, "", "an", NOW) is False
    assert await threads.claim([KEY], "mei", False, NOW) == []


async def test_done_ends_the_clock_until_the_buyer_writes_again(house: DataDir, writer: Writer) -> None:
    writer.threads.follow(Within())
    await talk(writer, [message(1)])
    await decide_everything(writer)
    await writer.threads.done([KEY], "mei", True, NOW)
    found = await row(house)
    assert (found.state, found.next_at, found.reply_at, found.asked_at) == (ThreadState.DONE, None, None, None)
    assert (found.escalated_to, found.escalation_reason, found.snoozed_until) == ("", "", None)
    await writer.threads.put_messages(*KEY, [message(5), message(6)], NOW, complete_from=True)
    found = await row(house)
    assert (found.state, found.asked_at) == (ThreadState.WAITING, message(5).sent_at)
    assert found.reply_at == message(5).sent_at + 12 * HOUR_S


async def test_done_can_be_taken_back(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1)])
    await writer.threads.done([KEY], "mei", True, NOW)
    await writer.threads.done([KEY], "mei", False, NOW)
    found = await row(house)
    assert (found.state, found.asked_at) == (ThreadState.WAITING, message(1).sent_at)


async def test_done_reaches_no_further_than_what_was_seen(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), message(2)])
    await writer.threads.done([KEY], "mei", True, NOW, up_to={KEY: "m1"})
    found = await row(house)
    assert (found.state, found.asked_at) == (ThreadState.WAITING, message(2).sent_at)


async def test_an_answer_after_done_is_an_answer(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1)])
    await writer.threads.done([KEY], "mei", True, NOW)
    await writer.threads.put_messages(*KEY, [ours(2)], NOW, complete_from=True)
    assert (await row(house)).state is ThreadState.ANSWERED


async def test_a_snooze_ends_at_its_time(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), ours(2)])
    await writer.threads.snooze([KEY], "mei", NOW, until=NOW + 600, for_buyer=False)
    found = await row(house)
    assert (found.next_at, found.next_kind, found.snoozed_until) == (NOW + 600, "wake", NOW + 600)
    await writer.threads.put_messages(*KEY, [message(3)], NOW, complete_from=True)
    assert (await row(house)).snoozed_until == NOW + 600
    assert await writer.threads.pass_clocks(NOW + 600) == (1,)
    found = await row(house)
    assert (found.next_at, found.snoozed_until, found.missed) == (None, None, 0)


@pytest.mark.parametrize("until", [None, NOW + 600])
async def test_a_snooze_until_the_buyer_writes(house: DataDir, writer: Writer, until: int | None) -> None:
    await talk(writer, [message(1), ours(2)])
    await writer.threads.snooze([KEY], "mei", NOW, until=until, for_buyer=True)
    await writer.threads.put_messages(*KEY, [message(3, Sender.SYSTEM), ours(4)], NOW, complete_from=True)
    assert (await row(house)).snoozed_for_buyer
    await writer.threads.put_messages(*KEY, [message(5)], NOW, complete_from=True)
    found = await row(house)
    assert (found.snoozed_for_buyer, found.snoozed_until) == (False, None)


async def test_a_snooze_can_be_ended(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1)])
    await writer.threads.snooze([KEY], "mei", NOW, until=NOW + 600, for_buyer=True)
    assert await writer.threads.snooze([KEY], "mei", NOW, until=None, for_buyer=False) == [KEY]
    assert (await row(house)).snoozed_until is None


async def test_a_passed_escalation_is_missed(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), ours(2)])
    await writer.threads.escalate([KEY], "boss", "mei", NOW, reason="refund", due_at=NOW + 600)
    assert await writer.threads.pass_clocks(NOW + 600) == (1,)
    found = await row(house)
    assert (found.missed, found.last_missed_at, found.escalated_to) == (1, NOW + 600, "boss")
    assert (await writer.counts(NOW + 600)).escalated == 1
    await writer.threads.escalate([KEY], "", "boss", NOW + 700)
    assert (await row(house)).missed == 0


async def test_a_claim_ends_by_itself_and_is_taken_over(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1)])
    await writer.threads.claim([KEY], "mei", True, NOW, for_s=60)
    assert (await row(house)).claimed_by == "mei"
    assert (await row(house, now=NOW + 60)).claimed_by == ""
    await writer.threads.claim([KEY], "an", True, NOW)
    assert await writer.threads.claims([KEY], NOW) == {KEY: "an"}
    assert await writer.threads.claim([KEY], "mei", False, NOW) == []
    assert await writer.threads.claim([KEY], "an", False, NOW) == [KEY]


async def test_no_message_is_answered_by_a_rule_twice(writer: Writer) -> None:
    assert await writer.threads.log_auto_reply(KEY, "m1", "night", NOW)
    assert not await writer.threads.log_auto_reply(KEY, "m1", "keyword", NOW + 5)
    assert await writer.threads.log_auto_reply(KEY, "m2", "keyword", NOW + 5)
    assert await writer.threads.auto_replies(KEY, NOW + 1) == [("m2", "keyword", NOW + 5)]


async def test_a_cache_that_fell_behind_is_brought_in_step(
    house: DataDir, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk(writer, [message(1)])
    run = Database.run

    async def crash(self: Database, function: object, *args: object, **kwargs: object) -> object:
        if getattr(function, "__name__", "") == "repeat":
            raise ConnectionAbortedError
        return await run(self, function, *args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Database, "run", crash)
        with pytest.raises(ConnectionAbortedError):
            await writer.threads.assign([KEY], "mei", "boss", NOW)
    assert (await row(house)).assignee == ""
    await writer.close()
    async with await Writer.open(house, NOW):
        assert (await row(house)).assignee == "mei"


async def test_a_rebuilt_cache_knows_what_was_decided(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), ours(2)])
    await decide_everything(writer)
    await writer.close()
    house.cache.unlink()
    async with await Writer.open(house, NOW) as again:
        await talk(again, [message(1), ours(2)])
        await expect_everything(house)


async def test_a_backup_brings_everything_back(house: DataDir, writer: Writer, tmp_path: Path) -> None:
    await talk(writer, [message(1), ours(2)])
    await decide_everything(writer)
    wanted = [NewIntent(Verb.REPLY, STORE, "444", TargetKind.THREAD, "T1", {"text": "hello"})]
    await writer.accept_batch("b1", Verb.REPLY, "mei", "tty", wanted, [NOW + 10], NOW)
    archive = tmp_path / default_name(house, NOW)
    make_backup(house, archive, now=NOW)
    await writer.threads.assign([KEY], "an", "boss", NOW)
    await writer.threads.note(KEY, "an", "after the backup", NOW)
    await writer.close()
    restore(house, archive, now=NOW + 60, operator="mei", origin="tty")
    async with await Writer.open(house, NOW + 60) as again:
        await talk(again, [message(1), ours(2)])
        await expect_everything(house)
        async with await Reader.open(house) as reader:
            detail = await reader.threads.thread(1, NOW)
        assert detail is not None
        assert [note.text for note in detail.notes] == ["parcel is on bench 2"]
        # A reply that was under way is put before a person: nobody sends it again by itself.
        assert [intent.state.value for intent in detail.intents] == ["needs_person"]


async def test_a_renamed_store_keeps_its_conversations(house: DataDir, writer: Writer) -> None:
    await writer.upsert_orders([order("444")], seen_at=NOW, now=NOW)
    await talk(writer, [message(1), ours(2)])
    await talk(writer, [replace(message(1), store_id="tt-uk-1")])
    await writer.threads.put_own_figure(STORE, 0.9, 30, NOW)
    await decide_everything(writer)
    await writer.rename_store(STORE, "siam")
    await expect_everything(house, ("siam", "T1"))
    assert list(await writer.threads.known_threads(STORE)) == []
    assert [one.store_id for one in await writer.threads.messages_after("siam", "T1", "")] == ["siam", "siam"]
    assert await writer.threads.auto_replies(("siam", "T1")) == [("m1", "night", NOW)]
    async with await Reader.open(house) as reader:
        answers = {one.store_id: one for one in await reader.threads.answers_by_store(NOW)}
        assert await reader.threads.search("bag") == [2, 1]
    assert answers["siam"].rate_24h == 1.0
    assert answers["siam"].official == 0.9


def feed(**changes: object) -> FeedRow:
    made = FeedRow(STORE, "messages", None, None, NOW, None, 0, "", "", False, False, 0, None, None, None, None)
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_a_store_without_chat_is_one_quiet_row(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1), ours(2)])
    await writer.save_feed(feed(error_code="not_granted", error="This app may not read chats."))
    await writer.save_feed(feed(error_code="not_granted", error="This app may not read chats."))
    async with await Reader.open(house) as reader:

        async def listed(text: str) -> list[ThreadRow]:
            piece = await reader.threads.index(parse_threads(text), ThreadSort(), now=NOW, operator="mei")
            return await reader.threads.rows(piece.ids, NOW)

        assert [one.not_granted for one in await listed("is:open")] == [False, True]
        assert [one.not_granted for one in await listed("store:tt-uk-1")] == []
        assert [one for one in await listed("is:waiting or is:answered or is:done") if one.not_granted] == []
        assert (await listed(""))[-1].thread_id == ""
        assert await reader.threads.thread((await listed(""))[-1].row_id, NOW) is None
        answers = {one.store_id: one.not_granted for one in await reader.threads.answers_by_store(NOW)}
        assert answers == {STORE: True, "tt-uk-1": False, "sp-vn-1": False}
        assert "T1" in await writer.threads.known_threads(STORE)
        assert "" not in await writer.threads.known_threads(STORE)
        assert [rows async for rows in writer.threads.recompute_all(NOW)] == []
        await writer.save_feed(feed())
        assert [one.not_granted for one in await listed("")] == [False]


async def test_the_migration_finds_the_buyers_of_orders_that_were_there_before(house: DataDir, writer: Writer) -> None:
    await writer.upsert_orders([order("111"), order("222", buyer_id="")], seen_at=NOW, now=NOW)
    await writer.close()
    db = sqlite3.connect(house.cache)
    for name in ("thread", "message", "message_text", "question", "answer_hour", "chat_figure", "kept_inbox_counts"):
        db.execute(f"DROP TABLE {name}")
    db.execute("DELETE FROM order_code WHERE kind = 3")
    db.execute("DELETE FROM migration WHERE name IN ('0002 conversations', '0003 forgotten buyers')")
    db.commit()
    db.close()
    async with await Writer.open(house, NOW) as again:
        assert again.opened.migrations == ("0002 conversations", "0003 forgotten buyers")
        await talk(again, [message(1)])
        assert (await row(house)).order_no == "111"


async def test_removing_a_store_leaves_what_was_decided_but_no_message(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(1)])
    await decide_everything(writer)
    await writer.save_feed(feed())
    await writer.remove_store(STORE)
    assert await writer.stores_with_leftovers() == []
    async with await Reader.open(house) as reader:
        assert await reader.threads.rows([1], NOW) == []
        assert await reader.threads.search("bag") == []
    await writer.put_store(STORES[0])
    await writer.threads.put_threads([thread()], NOW)
    assert (await row(house)).assignee == "mei"
