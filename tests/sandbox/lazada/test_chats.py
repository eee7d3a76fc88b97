"""Instant messaging of the Lazada side over HTTP: two apps, paging backwards, sending, reading, taking back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shoptui.sandbox.lazada.apps import App
from shoptui.sandbox.lazada.signing import sign
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.world.chat_model import ChatThread, TalkKind

from .caller import START_AT, Caller, Reply

NOW_MS = 1000 * (START_AT + 1)
DAY = 86_400


class Talker(Caller):
    """Calls with the app for conversations."""

    @property
    def app(self) -> App:
        return self.side.chat_app

    @property
    def token(self) -> str:
        return self.app.grants.consent_of(self.shop.id).access

    def params(self, path: str, business: dict[str, str], *, token: bool = True) -> dict[str, str]:
        found = super().params(path, business, token=token) | {"app_key": self.app.key}
        del found["sign"]
        return found | {"sign": sign(self.app.secret, path, found)}

    @property
    def threads(self) -> list[ChatThread]:
        world = self.sandbox.world
        return world.chats.threads_of(world.stores[self.shop.id])

    async def sessions(self, size: int, until: int = NOW_MS) -> list[dict[str, Any]]:
        """All sessions, page by page."""
        return await self._every("/im/session/list", "session", size, until)

    async def said(self, thread: ChatThread, size: int = 20) -> list[dict[str, Any]]:
        return await self._every("/im/message/list", "message", size, NOW_MS, session_id=thread.id)

    async def _every(self, path: str, what: str, size: int, until: int, **more: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        place = {"start_time": str(until)}
        while True:
            reply = await self.get(path, page_size=str(size), **place, **more)
            assert (reply.code, reply.body["success"], reply.body["err_code"]) == ("0", True, "0")
            rows += reply.data[f"{what}_list"]
            if not reply.data["has_more"]:
                return rows
            name = f"last_{what}_id"
            place = {"start_time": str(reply.data["next_start_time"]), name: reply.data[name]}

    async def text(self, thread: ChatThread, words: str) -> Reply:
        return await self.post("/im/message/send", session_id=thread.id, template_id="1", txt=words)


@pytest.fixture
async def live() -> AsyncIterator[LiveSandbox]:
    async with running_sandbox(
        seed=5,
        stores=2,
        orders=200,
        start_at=START_AT,
        frozen=True,
        markets=("lazada",),
        settings=Settings(calls_per_s=0),
        chats=60,
    ) as found:
        yield found


@pytest.fixture
def talker(live: LiveSandbox, http: httpx.AsyncClient) -> Talker:
    return Talker(live, http)


async def test_the_app_for_orders_has_no_conversations_and_the_other_no_orders(talker: Talker) -> None:
    orders = Caller(talker.sandbox, talker.client)
    assert (await orders.get("/im/session/list", start_time=str(NOW_MS), page_size="20")).code == (
        "InsufficientPermission"
    )
    assert (await talker.get("/orders/get", created_after="2025-12-31T00:00:00+08:00")).code == "InsufficientPermission"
    mixed = talker.params("/im/session/list", {"access_token": orders.token, "start_time": "1", "page_size": "1"})
    assert (await talker.raw("GET", "/im/session/list", params=mixed)).code == "IllegalAccessToken"


async def test_a_consent_to_the_second_app_opens_the_conversations(talker: Talker) -> None:
    talker.sandbox.poke("chat_access", shop_id=talker.shop.id, granted=False)
    assert (await talker.get("/im/session/list", start_time=str(NOW_MS), page_size="20")).code == (
        "InsufficientPermission"
    )
    page = f"{talker.sandbox.origin}/oauth/authorize?response_type=code&client_id={talker.app.key}"
    form = {"shop_id": talker.shop.id, "answer": "agree"}
    code = httpx.URL((await talker.client.post(page, data=form)).headers["location"]).params["code"]
    assert code.startswith(f"0_{talker.app.key}_")
    assert (await Caller(talker.sandbox, talker.client).public("/auth/token/create", code=code)).code == "InvalidCode"
    assert (await talker.public("/auth/token/create", code=code)).code == "0"
    assert await talker.sessions(20)


@pytest.mark.parametrize("size", [1, 7, 20])
async def test_sessions_come_newest_first_and_each_once(talker: Talker, size: int) -> None:
    rows = await talker.sessions(size)
    assert {row["session_id"] for row in rows} == {thread.id for thread in talker.threads}
    assert len(rows) == len(talker.threads)
    times = [row["last_message_time"] for row in rows]
    assert times == sorted(times, reverse=True) and all(isinstance(at, int) for at in times)
    assert sum(row["unread_count"] for row in rows) == sum(thread.unread for thread in talker.threads) > 0
    older = await talker.sessions(size, until=times[3] - 1)
    assert {row["session_id"] for row in older} == {row["session_id"] for row in rows[4:]}


async def test_a_session_has_positions_as_text_in_the_list_and_numbers_alone(talker: Talker) -> None:
    row = (await talker.sessions(20))[0]
    one = (await talker.get("/im/session/get", session_id=row["session_id"])).data
    assert isinstance(row["self_position"], str) and isinstance(one["self_position"], int)
    assert {**row, "self_position": 0, "to_position": 0} == {**one, "self_position": 0, "to_position": 0}
    assert row["session_id"] == f"{talker.shop.id}_2_{row['buyer_id']}_1_103"
    unknown = await talker.get("/im/session/get", session_id="1_2_3_1_103")
    assert (unknown.code, unknown.body["success"], unknown.body["err_message"]) == ("0", False, "session not found")


async def test_messages_come_newest_first_with_content_as_json_in_json(talker: Talker) -> None:
    thread = max(talker.threads, key=lambda one: len(one.messages))
    for number in range(5):
        talker.sandbox.poke("buyer_writes", shop_id=talker.shop.id, thread_id=thread.id, text=f"{number}?")
    rows = await talker.said(thread, 3)
    assert [row["message_id"] for row in rows] == [one.id for one in reversed(thread.messages)]
    times = [row["send_time"] for row in rows]
    assert times == sorted(set(times), reverse=True)
    assert all(isinstance(json.loads(row["content"]), dict) for row in rows)
    assert json.loads(rows[0]["content"]) == {"txt": "4?"}
    assert (rows[0]["from_account_type"], rows[0]["from_account_id"]) == (1, thread.buyer.id)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"page_size": "20"},
        {"start_time": str(NOW_MS)},
        {"start_time": str(NOW_MS), "page_size": "21"},
        {"start_time": str(NOW_MS), "page_size": "0"},
        {"start_time": str(START_AT), "page_size": "20"},
        {"start_time": "now", "page_size": "20"},
    ],
)
async def test_parameters_have_their_limits(talker: Talker, params: dict[str, str]) -> None:
    assert (await talker.get("/im/session/list", **params)).code in ("MissingParameter", "InvalidParameter")


async def test_what_is_sent_is_there_and_in_the_journal(talker: Talker) -> None:
    thread = talker.threads[0]
    words = "สวัสดีค่ะ – đơn hàng #881 & 10% off ✓"
    sent = await talker.text(thread, words)
    last = thread.messages[-1]
    assert (sent.data["message_id"], last.text) == (last.id, words)
    (entry,) = talker.sandbox.journal()
    assert (entry["op"], entry["target"], entry["text"], entry["effect"]) == ("chat_send", thread.id, words, "applied")
    assert thread.order is not None and entry["order_id"] == thread.order.id
    card = await talker.post("/im/message/send", session_id=thread.id, template_id="10007", order_id=thread.order.id)
    assert card.body["success"] and thread.messages[-1].kind is TalkKind.ORDER


async def test_five_messages_wait_for_an_answer_and_the_sixth_is_refused(talker: Talker) -> None:
    thread = next(one for one in talker.threads if one.is_waiting)
    flags = [(await talker.text(thread, f"Part {number}")).body["success"] for number in range(6)]
    assert flags == [True] * 5 + [False]
    talker.sandbox.poke("buyer_writes", shop_id=talker.shop.id, thread_id=thread.id, text="Ok")
    assert (await talker.text(thread, "Part 6")).body["success"]


async def test_moderation_takes_a_message_and_shows_it_to_nobody(talker: Talker) -> None:
    thread = next(one for one in talker.threads if one.is_waiting)
    assert (await talker.text(thread, "Write me on WhatsApp")).body["success"]
    row = (await talker.said(thread))[0]
    assert row["process_msg"] and row["status"] == 0
    before = len(thread.messages)
    talker.sandbox.advance(3600)
    assert thread.is_waiting and len(thread.messages) == before


async def test_reading_marks_nothing_and_marking_goes_up_to_a_message(talker: Talker) -> None:
    thread = next(one for one in talker.threads if one.unread)
    talker.sandbox.poke("buyer_writes", shop_id=talker.shop.id, thread_id=thread.id, text="One more")
    await talker.said(thread)
    read, before = thread.messages[-2].id, thread.unread
    marked = await talker.post("/im/session/read", session_id=thread.id, last_read_message_id=read)
    assert marked.body["success"] and thread.unread == 1 < before
    wrong = await talker.post("/im/session/read", session_id=thread.id, last_read_message_id="other")
    assert not wrong.body["success"]


async def test_taking_back_works_for_two_minutes_and_leaves_a_notice(talker: Talker) -> None:
    thread = talker.threads[0]
    sent = (await talker.text(thread, "Oops")).data["message_id"]
    back = {"session_id": thread.id, "message_id": sent}
    talker.sandbox.advance(100)
    assert (await talker.post("/im/message/recall", **back)).body["success"]
    assert (await talker.get("/im/message/recall", **back)).body["success"]
    notice, recalled = (
        await talker.get("/im/message/list", session_id=thread.id, start_time=str(NOW_MS + 200_000), page_size="2")
    ).data["message_list"]
    assert (notice["type"], notice["template_id"]) == (2, 2)
    assert (recalled["message_id"], recalled["status"], recalled["content"]) == (sent, 1, '{"txt":""}')
    late = (await talker.text(thread, "Too late")).data["message_id"]
    talker.sandbox.advance(121)
    assert not (await talker.post("/im/message/recall", session_id=thread.id, message_id=late)).body["success"]
    of_buyer = thread.messages[0].id
    assert not (await talker.post("/im/message/recall", session_id=thread.id, message_id=of_buyer)).body["success"]


async def test_a_session_is_opened_for_orders_of_a_month(talker: Talker) -> None:
    thread = talker.threads[0]
    assert thread.order is not None
    opened = await talker.get("/im/session/open", order_id=thread.order.id)
    assert opened.body["session_id"] == thread.id and "data" not in opened.body
    thread.order.created_at -= 60 * DAY
    refused = await talker.post("/im/session/open", order_id=thread.order.id)
    assert (refused.code, refused.body["message"]) == ("-22", "order out of day limit: 30")
    assert (await talker.post("/im/session/open", order_id="1")).code == "16"


async def test_history_reaches_back_a_month(talker: Talker) -> None:
    talker.sandbox.clocks.advance(3 * DAY)
    now = str(NOW_MS + 3 * DAY * 1000)
    thread = talker.threads[-1]
    for one in thread.messages:
        one.sent_at -= 40 * DAY
    rows = (await talker.get("/im/message/list", session_id=thread.id, start_time=now, page_size="20")).data
    assert rows["message_list"] == [] and rows["has_more"] is False


async def test_the_response_rate_is_a_share_and_told_to_the_app_for_orders(talker: Talker) -> None:
    rate = (await Caller(talker.sandbox, talker.client).get("/seller/metrics/get")).data["response_rate"]
    assert 0 < float(rate) <= 1
    assert (await talker.get("/seller/metrics/get")).code == "InsufficientPermission"
