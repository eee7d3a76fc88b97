"""Lazada's chat against answers written down: odd flags, pages that lead nowhere, records that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from shoptui.adapters.base import Rejected
from shoptui.adapters.chat import Chat, MessagePage, ThreadPage
from shoptui.clock import DrivenClock
from tests.adapters.lazada.support import STORE, ScriptedShop
from tests.adapters.lazada.test_chat_mapping import SESSION, record

SESSIONS, MESSAGES, SESSION_GET = "/rest/im/session/list", "/rest/im/message/list", "/rest/im/session/get"
AT_MS = 1_767_574_100_412


def session(number: int, at_ms: int, **over: Any) -> dict[str, Any]:
    return {"session_id": f"1_2_{number}_1_103", "buyer_id": number, "last_message_time": at_ms, **over}


def page(rows: list[Any], *, more: Any = False, at_ms: Any = AT_MS, last: str = "x", **over: Any) -> httpx.Response:
    data = {"has_more": more, "next_start_time": at_ms, "last_session_id": last, "session_list": rows}
    return answered(data, **over)


def answered(data: Any, **over: Any) -> httpx.Response:
    flags = {"success": True, "err_code": "0", "err_message": "SUCCESS", **over}
    return httpx.Response(200, json={**flags, "data": data, "code": "0", "request_id": "r1"})


def chat_of(shop: ScriptedShop) -> Chat:
    assert shop.shop.chat is not None
    return shop.shop.chat


async def threads(shop: ScriptedShop, since: int = 0) -> list[ThreadPage]:
    return [one async for one in chat_of(shop).threads(STORE, since)]


async def messages(shop: ScriptedShop) -> list[MessagePage]:
    return [one async for one in chat_of(shop).messages(STORE, SESSION)]


def shop_with(path: str, *answers: httpx.Response) -> ScriptedShop:
    return ScriptedShop(DrivenClock(AT_MS // 1000), {path: list(answers)})


def ids(pages: Sequence[ThreadPage]) -> list[str]:
    return [thread.thread_id.split("_")[2] for page in pages for thread in page.threads]


@pytest.mark.parametrize("more", [True, "true", 1])
async def test_pages_go_on_from_where_the_answer_says(more: object) -> None:
    shop = shop_with(
        SESSIONS,
        page([session(1, AT_MS)], more=more, at_ms=str(AT_MS - 5), last="1_2_1_1_103"),
        page([session(1, AT_MS), session(2, AT_MS - 9)], more="false"),
    )
    assert ids(await threads(shop)) == ["1", "2"]
    first, second = shop.sent(SESSIONS)
    assert first["start_time"] == "1767574101000" and "last_session_id" not in first
    assert (second["start_time"], second["last_session_id"]) == (str(AT_MS - 5), "1_2_1_1_103")
    assert {asked["page_size"] for asked in (first, second)} == {"20"}


@pytest.mark.parametrize(
    "following",
    [
        {"at_ms": AT_MS + 10**6},
        {"at_ms": None},
        {"at_ms": 0},
        {"at_ms": "soon"},
    ],
)
async def test_a_next_page_that_leads_nowhere_is_not_asked_for(following: dict[str, Any]) -> None:
    shop = shop_with(SESSIONS, page([session(1, AT_MS)], more=True, **following))
    assert ids(await threads(shop)) == ["1"]


async def test_the_same_page_again_ends_the_list() -> None:
    again = page([session(1, AT_MS)], more=True, at_ms=AT_MS, last="1_2_1_1_103")
    shop = shop_with(SESSIONS, again, again, again)
    assert ids(await threads(shop)) == ["1"]
    assert len(shop.sent(SESSIONS)) == 2


async def test_one_bad_record_costs_no_page() -> None:
    shop = shop_with(
        SESSIONS,
        page([session(1, AT_MS), {"session_id": "1_2_9_1_103"}, "?", session(2, AT_MS - 9)]),
    )
    (found,) = await threads(shop)
    assert ids([found]) == ["1", "2"]
    assert [name for name, _why in found.faults] == ["1_2_9_1_103", ""]
    assert "last_message_time" in found.faults[0][1]
    rows = [record(), record(message_id="m2", send_time="never")]
    (read,) = await messages(shop_with(MESSAGES, answered({"has_more": False, "message_list": rows})))
    assert len(read.messages) == 1 and read.faults[0][0] == "m2"


@pytest.mark.parametrize(
    "flags",
    [
        {"success": False, "err_code": "-1", "err_message": "session not found"},
        {"success": "false", "err_code": "0", "err_message": "session not found"},
        {"success": None, "err_code": None, "error_code": "12", "err_message": "session not found"},
    ],
)
async def test_refusals_inside_a_success_are_seen(flags: dict[str, Any]) -> None:
    body = {"code": "0", "request_id": "r1", **{name: value for name, value in flags.items() if value is not None}}
    answer = httpx.Response(200, json=body)
    shop = ScriptedShop(DrivenClock(AT_MS // 1000), {MESSAGES: answer, SESSION_GET: answer})
    with pytest.raises(Rejected, match="session not found"):
        await messages(shop)
    assert await chat_of(shop).thread(STORE, SESSION) is None


@pytest.mark.parametrize("wrapped", [False, True])
async def test_one_session_reads_in_both_shapes(wrapped: bool) -> None:
    data = session(7, AT_MS, self_position=AT_MS, to_position=0)
    shop = shop_with(SESSION_GET, answered({"session": data} if wrapped else data))
    found = await chat_of(shop).thread(STORE, "1_2_7_1_103")
    assert found is not None and found.buyer_id == "7"
