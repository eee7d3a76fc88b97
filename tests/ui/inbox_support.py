"""Invented conversations in the house of the cockpit's tests, as an engine would have left them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shoptui.domain.messages import Message, MessageKind, Sender, Thread
from shoptui.domain.reply_clock import ReplyBook
from shoptui.paths import DataDir
from shoptui.queries.types import NOT_GRANTED
from shoptui.rulebook import load_rule_book
from shoptui.store.writer import Writer
from tests.ui.app_support import HOUR, MINUTE, NOW, STORES, feed_row, make_house, some_orders, store

#: The store whose app may not read conversations.
SILENT = "tt-sg-1"

PICTURE = "https://media.invalid/p/1.jpg"


def thread(number: int, store_id: str, buyer: str, **changes: Any) -> Thread:
    """A conversation by its number."""
    made = Thread(store_id, f"T{number}", f"b{number}", buyer, 1, "", NOW, can_send=True)
    return replace(made, **changes)


def said(
    number: int,
    store_id: str,
    place: int,
    text: str,
    ago_s: int,
    sender: Sender = Sender.BUYER,
    **changes: Any,
) -> Message:
    """The message in that place of a conversation."""
    made = Message(
        store_id,
        f"T{number}",
        f"m{number}-{place}",
        f"{place:06d}",
        MessageKind.TEXT,
        sender,
        NOW - ago_s,
        text,
        raw_kind="TEXT",
    )
    return replace(made, **changes)


def conversations() -> list[tuple[Thread, list[Message]]]:
    """Six conversations: one missed, four urgent in several languages, one answered."""
    orders = some_orders()
    made: list[tuple[Thread, list[Message]]] = []

    def add(number: int, store_id: str, buyer: str, *messages: Message, **changes: Any) -> None:
        newest = messages[-1]
        made.append(
            (
                thread(
                    number,
                    store_id,
                    buyer,
                    last_message_id=newest.message_id,
                    last_at=newest.sent_at,
                    unread=1 if newest.sender is Sender.BUYER else 0,
                    **changes,
                ),
                list(messages),
            )
        )

    mine = orders[3]
    add(
        1,
        "tt-my-1",
        "陈*华",
        said(1, "tt-my-1", 1, "你好，我买的红色包包什么时候发货？", 12 * HOUR - 41 * MINUTE),
        said(1, "tt-my-1", 2, "您好，我们会尽快回复。", 12 * HOUR - 41 * MINUTE - 5, Sender.ROBOT),
        said(1, "tt-my-1", 3, "请问什么时候发货？已经等三天了", 44 * MINUTE),
        said(
            1, "tt-my-1", 4, "", 43 * MINUTE, kind=MessageKind.PICTURE, link=PICTURE, width=1200, height=1600,
            raw_kind="IMAGE",
        ),
        order_no=mine.order_no,
    )  # fmt: skip
    add(2, "tt-th-2", "กมล** ว.", said(2, "tt-th-2", 1, "สินค้ายังไม่จัดส่งใช่ไหมคะ", 12 * HOUR - 52 * MINUTE))
    add(
        3,
        "tt-vn-1",
        "Nguyễn T***",
        said(3, "tt-vn-1", 1, "Shop ơi cho mình huỷ đơn này được không ạ", 12 * HOUR - 70 * MINUTE),
        order_no=orders[2].order_no,
    )
    add(4, "tt-uk-1", "Alice F", said(4, "tt-uk-1", 1, "Hello, where is my mug please?", 30 * HOUR))
    add(
        5,
        "tt-th-1",
        "somchai99",
        said(5, "tt-th-1", 1, "เมื่อไหร่จะส่งคะ", 5 * HOUR),
        said(5, "tt-th-1", 2, "วันนี้ค่ะ ขอบคุณค่ะ", 4 * HOUR, Sender.STORE),
    )
    add(
        6,
        "tt-vn-1",
        "Trần H***",
        said(6, "tt-vn-1", 1, "[red]evil[/red]\x1b[31m\u202egnp.exe\u202c\nsecond line", 10 * HOUR + 22 * MINUTE),
    )
    return made


async def make_inbox(root: Path, extra: Sequence[tuple[Thread, list[Message]]] = ()) -> DataDir:
    """The invented house with these conversations; one store has not granted chat."""
    data_dir = await make_house(root)
    writer = await Writer.open(data_dir, NOW)
    try:
        writer.threads.follow(ReplyBook(load_rule_book(), [store(store_id) for store_id in STORES]))
        for store_id in STORES:
            feed = replace(feed_row(store_id, NOW), feed="messages", failures=0, error="", error_code="")
            if store_id == SILENT:
                feed = replace(feed, last_ok_at=None, error="No chat.", error_code=NOT_GRANTED)
            await writer.save_feed(feed)
        for listed, messages in (*conversations(), *extra):
            await writer.threads.put_threads([listed], NOW)
            await writer.threads.put_messages(
                listed.store_id,
                listed.thread_id,
                messages,
                NOW,
                complete_from=True,
                region=store(listed.store_id).region,
            )
        await writer.threads.note(("tt-my-1", "T1"), "an", "parcel is on bench 2", NOW - 42 * MINUTE)
        await writer.threads.keep_counts(NOW)
        await writer.counts(NOW)
    finally:
        await writer.close()
    return data_dir
