"""Conversations signed in through a second app over the socket, before the sandbox's own consent page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shoptui.client import Answer, EngineClient
from shoptui.config import Config
from shoptui.domain.intents import IntentState
from shoptui.domain.stores import CHAT_APP, Store
from shoptui.paths import DataDir
from shoptui.sandbox.access import ChatAccess
from shoptui.sandbox.testing import running_sandbox
from tests.engine.chat_support import Talks
from tests.engine.support import BEGIN_AT, Bench, Served, Wire, WorldClock, served

STORE = "lz-my-1"


@pytest.fixture
async def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """Two Lazada shops that no app may read the conversations of, and a house that knows nothing of them."""
    monkeypatch.setenv("SHOPTUI_NEIGHBOURS", str(tmp_path / "board"))
    wire = Wire()
    async with running_sandbox(
        seed=7,
        stores=2,
        orders=60,
        start_at=BEGIN_AT,
        frozen=True,
        regions=("MY", "TH"),
        markets=("lazada",),
        wire=wire,
        chats=12,
    ) as live:
        live.settings.calls_per_s = 0
        data_dir = DataDir(tmp_path / "house")
        data_dir.root.mkdir()
        yield Bench(live, data_dir, WorldClock(live, wire), Config(), (), wire)


@pytest.fixture
async def running(made: Bench) -> AsyncIterator[Served]:
    async with served(made) as found:
        yield found


@pytest.fixture
async def client(made: Bench, running: Served) -> AsyncIterator[EngineClient]:
    """Connected to an engine that reads both shops through the app for orders."""
    async with await running.connect() as found:
        await found.subscribe()
        live = made.live
        assert (await add_app(found, made, "lazada", live.app_key, live.app_secret)).ok
        begun = await found.request("sign_in_begin", marketplace="lazada")
        pasted = await agree(str(begun.body["link"]), *(shop.id for shop in live.shops))
        state = str(begun.body["state"])
        offered = (await found.request("sign_in_code", state=state, pasted=pasted)).body["shops"]
        shops = [[shop["shop_id"], shop["store_id"]] for shop in offered]
        assert (await found.request("store_add", state=state, shops=shops)).body["added"] == [STORE, "lz-th-1"]
        yield found


def second_app(made: Bench) -> ChatAccess:
    found = made.live.sandbox.sides["lazada"].chat_access()
    assert found is not None
    return found


async def add_app(client: EngineClient, made: Bench, name: str, key: str, secret: str) -> Answer:
    live = made.live
    return await client.request(
        "app_add",
        app=name,
        marketplace="lazada",
        app_key=key,
        app_secret=secret,
        base_url=live.base_url,
        auth_url=live.auth_url,
    )


async def add_chat_app(client: EngineClient, made: Bench) -> None:
    chat = second_app(made)
    assert (await add_app(client, made, "lazada-chat", chat.app_key, chat.app_secret)).ok


async def agree(link: str, *shop_ids: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.post(link, data={"shop_id": list(shop_ids), "answer": "agree"})
        return str(httpx.URL(link).join(answer.headers["location"]))


async def sign_in(client: EngineClient, *shop_ids: str, **fields: Any) -> Answer:
    begun = await client.request("sign_in_begin", store_id=STORE, **fields)
    assert begun.ok, begun.say
    pasted = await agree(str(begun.body["link"]), *shop_ids)
    return await client.request("sign_in_code", state=str(begun.body["state"]), pasted=pasted)


async def store_of(running: Served, store_id: str) -> Store:
    stores = await running.engine.house.writer.stores()
    return next(store for store in stores if store.store_id == store_id)


async def reads_messages(running: Served, client: EngineClient, store_id: str, code: str) -> None:
    """Wait until the store's messages feed has been tried and ends with this code, "" for well."""
    async with asyncio.timeout(30):
        while True:
            running.advance(1)
            lanes = {lane["store_id"]: lane["messages"] for lane in (await client.request("status")).body["lanes"]}
            found = lanes[store_id]
            if found["error_code"] == code and (code or found["last_ok_at"] is not None):
                return
            await client.next_notice()


async def test_conversations_come_once_the_second_app_has_the_sellers_consent(
    made: Bench, running: Served, client: EngineClient
) -> None:
    shop = made.live.shops[0].id
    await reads_messages(running, client, STORE, "not_granted")
    refused = await client.request("sign_in_begin", store_id=STORE, chat=True)
    assert refused.reason == "no_app" and "apps add lazada --name lazada-chat" in refused.say
    await add_chat_app(client, made)
    answer = await sign_in(client, shop, chat=True)
    assert (answer.body["signed_in"], answer.body["shops"]) == ([STORE], [])
    told = await store_of(running, STORE)
    assert (told.app, told.wire[CHAT_APP]) == ("lazada", "lazada-chat")
    await reads_messages(running, client, STORE, "")
    known = await running.engine.house.writer.threads.known_threads(STORE)
    world = made.live.world
    assert set(known) == {thread.id for thread in world.chats.threads_of(world.stores[shop])} != set()
    await reads_messages(running, client, "lz-th-1", "not_granted")


async def test_the_second_app_stays_with_the_store_through_all_that_happens_to_it(
    made: Bench, running: Served, client: EngineClient
) -> None:
    await add_chat_app(client, made)
    shops = [shop.id for shop in made.live.shops]
    assert (await sign_in(client, *shops, chat=True)).body["signed_in"] == [STORE, "lz-th-1"]
    secrets = running.engine.house.secrets
    before = secrets.load(f"{STORE}#chat")
    assert before is not None and before != secrets.load(STORE)

    assert (await sign_in(client, shops[0])).body["signed_in"] == [STORE]
    assert (await store_of(running, STORE)).wire[CHAT_APP] == "lazada-chat"
    assert secrets.load(f"{STORE}#chat") == before

    refused = await client.request("app_remove", app="lazada-chat")
    assert refused.reason == "app_in_use"
    apps = {app["app"]: app for app in (await client.request("apps")).body["apps"]}
    assert apps["lazada-chat"]["stores"] == [STORE, "lz-th-1"] and not apps["lazada-chat"]["can_sign_in"]
    assert (await client.request("sign_in_begin", marketplace="lazada")).body["app"] == "lazada"

    assert (await client.request("store_rename", store_id=STORE, new_id="malay")).ok
    assert secrets.load(f"{STORE}#chat") is None and secrets.load("malay#chat") == before
    assert (await client.request("store_remove", store_id="malay", sure=True)).ok
    assert set(secrets.store_ids) == {"lz-th-1"} and secrets.load("malay#chat") is None


async def test_what_is_no_consent_for_this_stores_conversations_changes_nothing(
    made: Bench, running: Served, client: EngineClient
) -> None:
    await add_chat_app(client, made)
    other = await sign_in(client, made.live.shops[1].id, chat=True)
    assert other.reason == "other_shop"
    assert running.engine.house.secrets.load(f"{STORE}#chat") is None
    assert CHAT_APP not in (await store_of(running, STORE)).wire
    own = await client.request("sign_in_begin", store_id=STORE, chat=True, app="lazada")
    assert own.reason == "other_app" and "takes another one" in own.say
    assert (await client.request("sign_in_begin", store_id=STORE, chat=True, app="nobody")).reason == "unknown_app"
    assert (await client.request("sign_in_begin", chat=True)).reason == "unknown_store"


async def test_a_reply_goes_out_through_the_second_app(made: Bench, running: Served, client: EngineClient) -> None:
    await add_chat_app(client, made)
    await sign_in(client, made.live.shops[0].id, chat=True)
    await reads_messages(running, client, STORE, "")
    talks = Talks(made, running.engine)
    facts = await talks.waiting()
    answer = await talks.reply(facts, "It leaves today.")
    assert answer["accepted"] == 1
    async with asyncio.timeout(30):
        (intent,) = await running.settled(client, "b1")
    assert intent.state is IntentState.DONE
    (sent,) = [entry for entry in made.live.journal() if entry["op"] == "chat_send"]
    assert (sent["target"], sent["text"], sent["effect"]) == (facts.thread_id, "It leaves today.", "applied")
