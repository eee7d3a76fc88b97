"""Customer service of the TikTok side over HTTP: paging, sending, reading, permission, quota."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.world.chat_model import ChatThread, Speaker, TalkKind

from .caller import START_AT, Caller

LIST = "/customer_service/202309/conversations"
DAY = 86_400


@pytest.fixture
async def sandbox() -> AsyncIterator[LiveSandbox]:
    async with running_sandbox(
        seed=7, stores=2, orders=300, start_at=START_AT, frozen=True, settings=Settings(calls_per_s=0), chats=80
    ) as live:
        yield live


@pytest.fixture
def caller(sandbox: LiveSandbox, http: httpx.AsyncClient) -> Caller:
    return Caller(sandbox, http)


def threads(caller: Caller) -> list[ChatThread]:
    world = caller.sandbox.world
    return world.chats.threads_of(world.stores[caller.shop.id])


def longest(caller: Caller) -> ChatThread:
    return max(threads(caller), key=lambda thread: len(thread.messages))


def path_of(thread: ChatThread, version: str = "202309") -> str:
    return f"/customer_service/{version}/conversations/{thread.id}/messages"


async def every(caller: Caller, path: str, key: str, **params: str) -> list[dict[str, Any]]:
    """All rows of all pages; the token must come back as it was given."""
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        reply = await caller.get(path, **params, **({"page_token": token} if token else {}))
        assert reply.code == 0, reply.message
        rows.extend(reply.data[key])
        token = reply.data["next_page_token"]
        if not token:
            return rows


def text(words: str) -> dict[str, str]:
    return {"type": "TEXT", "content": json.dumps({"content": words})}


async def test_conversations_come_newest_first_and_each_once(caller: Caller) -> None:
    rows = await every(caller, LIST, "conversations", page_size="7")
    assert [row["id"] for row in rows] == [thread.id for thread in threads(caller)]
    last = [row["latest_message"]["create_time"] for row in rows]
    assert last == sorted(last, reverse=True)
    assert sum(row["unread_count"] for row in rows) == sum(thread.unread for thread in threads(caller)) > 0


async def test_a_conversation_names_its_people_apart_from_the_orders_ids(caller: Caller) -> None:
    (row, *_rest) = (await caller.get(LIST, page_size="1")).data["conversations"]
    thread = threads(caller)[0]
    people = {person["role"]: person for person in row["participants"]}
    assert people["BUYER"]["user_id"] == thread.buyer.id != people["BUYER"]["im_user_id"]
    assert row["participant_count"] == len(row["participants"])
    single = await caller.get(f"/customer_service/202601/conversations/{thread.id}")
    assert single.data["conversation"] == row


async def test_messages_come_newest_first_with_content_as_json_in_json(caller: Caller) -> None:
    thread = longest(caller)
    rows = await every(caller, path_of(thread), "messages", page_size="3")
    assert [row["id"] for row in rows] == [one.id for one in reversed(thread.messages)]
    indices = [int(row["index"]) for row in rows]
    assert indices == sorted(indices, reverse=True) and len(set(indices)) == len(indices)
    assert all(isinstance(json.loads(row["content"]), dict) for row in rows)
    upward = await every(caller, path_of(thread), "messages", page_size="10", sort_order="ASC")
    assert upward == list(reversed(rows))


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (LIST, {}),
        (LIST, {"page_size": "21"}),
        (LIST, {"page_size": "0"}),
        (LIST, {"page_size": "20", "page_token": "abc"}),
        ("messages", {"page_size": "11"}),
        ("messages", {"page_size": "5", "sort_field": "name"}),
        ("/customer_service/202407/performance", {"support_date_ge": "2025-12-01"}),
        ("/customer_service/202407/performance", {"support_date_ge": "1/12/25", "support_date_lt": "2026-01-01"}),
    ],
)
async def test_parameters_have_their_limits(caller: Caller, path: str, params: dict[str, str]) -> None:
    reply = await caller.get(path_of(longest(caller)) if path == "messages" else path, **params)
    assert (reply.status, reply.code) == (400, 36009004)


async def test_what_only_newer_clients_ask_for_is_ignored(caller: Caller) -> None:
    asked = await caller.get(LIST, page_size="2", need_session_id="true", need_session_info="true", locale="en-US")
    assert asked.code == 0


async def test_a_sent_message_is_there_for_all_and_in_the_journal(caller: Caller) -> None:
    thread = threads(caller)[0]
    reply = await caller.post(path_of(thread), text("It leaves today."))
    assert reply.code == 0
    last = thread.messages[-1]
    assert (last.id, last.by, last.text) == (reply.data["message_id"], Speaker.STORE, "It leaves today.")
    newest = (await caller.get(path_of(thread), page_size="1")).data["messages"][0]
    assert newest["sender"]["role"] == "CUSTOMER_SERVICE"
    (entry,) = caller.sandbox.journal()
    assert (entry["op"], entry["target"], entry["text"], entry["effect"]) == (
        "chat_send",
        thread.id,
        "It leaves today.",
        "applied",
    )
    assert thread.order is not None and entry["order_id"] == thread.order.id


async def test_the_newest_version_lets_a_robot_speak(caller: Caller) -> None:
    thread = threads(caller)[0]
    body = {**text("We are closed."), "sender_role": "ROBOT"}
    assert (await caller.post(path_of(thread, "202606"), body)).code == 0
    assert (await caller.post(path_of(thread), body)).code == 0
    assert [one.by for one in thread.messages[-2:]] == [Speaker.ROBOT, Speaker.STORE]


async def test_cards_name_what_they_are_about(caller: Caller) -> None:
    thread = threads(caller)[0]
    assert thread.order is not None
    card = {"type": "ORDER_CARD", "content": json.dumps({"order_id": thread.order.id})}
    assert (await caller.post(path_of(thread), card)).code == 0
    assert (thread.messages[-1].kind, thread.messages[-1].reference) == (TalkKind.ORDER, thread.order.id)
    card["content"] = json.dumps({"order_id": "1"})
    assert (await caller.post(path_of(thread), card)).code == 45101003


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "TEXT", "content": "hello"}, 45101001),
        ({"type": "TEXT", "content": "[]"}, 45101001),
        ({"type": "TEXT", "content": '{"text":"hello"}'}, 45101001),
        (text("  "), 45101001),
        (text("x" * 2001), 45101001),
        (text("Write me on WhatsApp"), 45101006),
        ({"type": "LOGISTICS_CARD", "content": "{}"}, 36009004),
        ({"type": "EMOTICONS", "content": "{}"}, 36009004),
        ({"content": '{"content":"hello"}'}, 36009004),
    ],
)
async def test_what_cannot_be_sent_leaves_no_message(caller: Caller, body: dict[str, str], code: int) -> None:
    thread = threads(caller)[0]
    before = len(thread.messages)
    assert (await caller.post(path_of(thread), body)).code == code
    assert len(thread.messages) == before
    assert all(entry["effect"] == "refused" for entry in caller.sandbox.journal())


async def test_reading_marks_nothing_and_marking_marks_all(caller: Caller) -> None:
    thread = next(one for one in threads(caller) if one.unread)
    await every(caller, path_of(thread), "messages", page_size="10")
    assert thread.unread
    assert (await caller.post(f"{path_of(thread)}/read")).code == 0
    assert thread.unread == 0
    assert (await caller.post(f"{path_of(thread)}/read")).code == 0
    assert [entry["effect"] for entry in caller.sandbox.journal()] == ["applied", "already"]


async def test_a_conversation_is_opened_by_the_buyers_user_id(caller: Caller) -> None:
    store = caller.sandbox.world.stores[caller.shop.id]
    thread = threads(caller)[0]
    again = await caller.post(LIST, {"buyer_user_id": thread.buyer.id})
    assert again.data == {"conversation_id": thread.id}
    silent = next(
        order
        for order in caller.sandbox.world.orders_of(store.id)
        if caller.sandbox.world.chats.with_buyer(store, order.buyer.id) is None
    )
    opened = await caller.post(LIST, {"buyer_user_id": silent.buyer.id})
    fresh = caller.sandbox.world.chats.with_buyer(store, silent.buyer.id)
    assert fresh is not None and opened.data == {"conversation_id": fresh.id}
    assert (await caller.get(path_of(fresh), page_size="10")).data["messages"] == []
    assert (await caller.post(LIST, {"buyer_user_id": "42"})).code == 45101003


async def test_others_conversations_are_closed_and_unknown_ones_not_found(
    caller: Caller, http: httpx.AsyncClient
) -> None:
    other = Caller(caller.sandbox, http, caller.sandbox.shops[1])
    assert (await other.get(path_of(threads(caller)[0]), page_size="5")).code == 45102007
    assert (await caller.get("/customer_service/202601/conversations/1")).code == 45101003


async def test_a_closed_conversation_takes_no_message(caller: Caller) -> None:
    thread = threads(caller)[0]
    caller.sandbox.clocks.advance(90 * DAY)
    caller.renew()
    row = (await caller.get(f"/customer_service/202601/conversations/{thread.id}")).data["conversation"]
    assert row["can_send_message"] is False
    assert (await caller.post(path_of(thread), text("Hello"))).code == 45109001


async def test_without_the_permission_nothing_works_but_the_rest(caller: Caller) -> None:
    caller.sandbox.poke("chat_access", shop_id=caller.shop.id, granted=False)
    assert (await caller.get(LIST, page_size="20")).code == 105005
    assert (await caller.post(path_of(threads(caller)[0]), text("Hello"))).code == 105005
    assert (await caller.search(page_size="1")).code == 0
    caller.sandbox.poke("chat_access", shop_id=caller.shop.id, granted=True)
    assert (await caller.get(LIST, page_size="20")).code == 0


async def test_the_days_calls_are_counted_by_shop(caller: Caller, http: httpx.AsyncClient) -> None:
    caller.sandbox.settings.change({"chat_calls_per_day": 2})
    codes = [(await caller.get(LIST, page_size="1")).code for _ in range(3)]
    assert codes == [0, 0, 45101004]
    assert (await Caller(caller.sandbox, http, caller.sandbox.shops[1]).get(LIST, page_size="1")).code == 0
    caller.sandbox.clocks.advance(DAY)
    assert (await caller.get(LIST, page_size="1")).code == 0


async def test_what_was_taken_back_is_not_to_be_shown(caller: Caller) -> None:
    said = caller.sandbox.poke("buyer_writes", shop_id=caller.shop.id, thread_id=threads(caller)[0].id, text="Oops")
    caller.sandbox.poke("recall_message", shop_id=caller.shop.id, message_id=said["message_id"])
    newest = (await caller.get(path_of(threads(caller)[0]), page_size="1")).data["messages"][0]
    assert (newest["id"], newest["is_visible"]) == (said["message_id"], False)


async def test_the_shops_figures_are_shares_in_per_cent(caller: Caller) -> None:
    reply = await caller.get(
        "/customer_service/202407/performance", support_date_ge="2025-12-02", support_date_lt="2026-01-01"
    )
    figures = reply.data["performance"]
    assert figures["support_session_count"] > 0
    assert 50 < float(figures["response_percentage"]) <= 100


async def test_staff_can_be_away(caller: Caller) -> None:
    path = "/customer_service/202309/agents/settings"
    assert (await caller.get(path)).data == {"can_accept_chat": True}
    assert (await caller.call("PUT", path, body={"can_accept_chat": False})).code == 0
    assert (await caller.get(path)).data == {"can_accept_chat": False}
    assert (await caller.call("PUT", path, body={})).code == 36009004
