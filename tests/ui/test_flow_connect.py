"""Connecting, signing in again, renaming and removing stores from the cockpit, over a real engine and the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.stores import CHAT_APP
from shoptui.engine.tenants import remove_store
from shoptui.screens.strip import Strip
from tests.engine.test_sign_in import agree
from tests.ui.flow_support import FlowCockpit, Served, flow, flow_cockpit

WIDE = (120, 40)


def shop_id(served: Served, region: str) -> str:
    return next(shop.id for shop in served.made.live.shops if shop.region == region)


async def let_go(served: Served, store_id: str) -> None:
    """Take a store out of the house behind the cockpit's back."""
    store = next(store for store in await served.engine.house.writer.stores() if store.store_id == store_id)
    await remove_store(served.engine, store)


async def stores_place(under_test: FlowCockpit) -> None:
    await under_test.do("go.screen")
    await under_test.press("e")
    await under_test.settled()


async def hand_in(under_test: FlowCockpit, words: str) -> None:
    """Paste into the strip's field and hand it in."""
    under_test.app.frame.query_one(Strip).field.value = words
    await under_test.press("enter")
    await under_test.settled()


def link_of(under_test: FlowCockpit) -> str:
    form = under_test.app.frame.query_one(Strip).form
    return str(form.link)  # type: ignore[union-attr]  # a sign-in is open


async def cursor_to(under_test: FlowCockpit, store_id: str) -> None:
    under_test.app.frame.place.go_to(f"store:{store_id}")
    await under_test.settled()


async def test_a_store_is_connected_through_an_app_that_is_set_up_on_the_way(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served, WIDE) as under_test:
        live = served.made.live
        served.made.data_dir.config.write_text(
            f'[apps.second]\nbase_url = "{live.base_url}"\nauth_url = "{live.auth_url}"\n'
        )
        await let_go(served, "tt-my-1")
        await stores_place(under_test)
        await under_test.do("store.add")
        await under_test.settled()
        assert "1 TikTok through the app tiktok" in under_test.screen_text()
        await under_test.press("2")
        await under_test.settled()
        await hand_in(under_test, "second")
        await hand_in(under_test, live.app_key)
        await hand_in(under_test, "no secret at all")
        # What was wrong is said where the key is typed again.
        assert "one word of letters and digits" in under_test.screen_text()
        await hand_in(under_test, live.app_key)
        field = under_test.app.frame.query_one(Strip).field
        field.value = live.app_secret
        await under_test.pilot.pause()
        assert live.app_secret not in under_test.screen_text()
        await under_test.press("enter")
        await under_test.settled()
        text = under_test.screen_text()
        assert "CONNECT A STORE: TikTok" in text and link_of(under_test)[:30] in text
        assert "▀▀▀" in text, "the QR code stands beside the list"
        await hand_in(under_test, "not a code")
        assert "That is no authorisation code" in under_test.screen_text()
        link = link_of(under_test)
        await hand_in(under_test, await agree(link, shop_id(served, "MY"), shop_id(served, "TH")))
        text = under_test.screen_text()
        assert "CONNECT: the seller opened up 2 shops" in text and "here already" in text
        assert "▀▀▀" not in text
        assert "F9 connect 1 shop" in under_test.line("keys")
        await under_test.confirm()
        assert "tt-my-1 connected" in under_test.line("message")
        assert {store.app for store in await served.engine.house.writer.stores()} == {"tiktok", "second"}


@pytest.mark.parametrize("marketplace", MARKETPLACES)
async def test_the_ticked_shops_are_taken_in_and_read(tmp_path: Path, marketplace: str) -> None:
    short = MARKETPLACES[marketplace].short
    thailand, vietnam, malaysia = (f"{short}-{region}-1" for region in ("th", "vn", "my"))
    async with flow(tmp_path, markets=(marketplace,)) as served, flow_cockpit(served) as under_test:
        await let_go(served, malaysia)
        await let_go(served, vietnam)
        await stores_place(under_test)
        await under_test.do("store.add")
        await under_test.settled()
        await under_test.press("1")
        await under_test.settled()
        assert "▀▀▀" not in under_test.screen_text(), "80x24 has no room for the code"
        await hand_in(under_test, await agree(link_of(under_test), shop_id(served, "MY"), shop_id(served, "VN")))
        text = under_test.screen_text()
        assert text.count(f"* {short}-") == 2
        await under_test.press("1" if text.index(vietnam) < text.index(malaysia) else "2")
        assert "F9 connect 1 shop" in under_test.line("keys")
        await under_test.confirm()
        assert f"{malaysia} connected" in under_test.line("message")
        assert set(served.engine.lanes) == {thailand, malaysia}
        await served.made.synced(served.engine)
        await under_test.settled()
        row = next(line for line in under_test.screen_text().splitlines()[4:12] if malaysia in line)
        assert "good" in row


async def test_signing_in_again_refuses_another_shop_by_name(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await stores_place(under_test)
        await cursor_to(under_test, "tt-vn-1")
        await under_test.do("store.sign_in")
        await under_test.settled()
        assert "SIGN IN AGAIN: tt-vn-1" in under_test.screen_text()
        await hand_in(under_test, await agree(link_of(under_test), shop_id(served, "TH")))
        assert "not for tt-vn-1" in " ".join(under_test.screen_text().split())
        await hand_in(under_test, await agree(link_of(under_test), shop_id(served, "VN")))
        assert "tt-vn-1 signed in again" in under_test.line("message")
        assert not under_test.app.frame.strip.is_open


async def test_conversations_are_signed_in_through_their_own_app_once_it_is_set_up(tmp_path: Path) -> None:
    house = flow(tmp_path, stores=1, orders=20, regions=("MY",), markets=("lazada",))
    async with house as served, flow_cockpit(served) as under_test:
        live, shop = served.made.live, shop_id(served, "MY")
        await stores_place(under_test)
        await under_test.do("store.sign_in")
        await under_test.settled()
        assert "SIGN IN AGAIN: lz-my-1" in under_test.screen_text(), "without an app for conversations nothing is asked"
        await under_test.press("escape")
        chat = live.sandbox.sides["lazada"].chat_access()
        assert chat is not None
        await under_test.app.link.ask(
            "app_add",
            app="lazada-chat",
            marketplace="lazada",
            app_key=chat.app_key,
            app_secret=chat.app_secret,
            base_url=live.base_url,
            auth_url=live.auth_url,
        )
        for key, title in (("1", "SIGN IN AGAIN: lz-my-1"), ("2", "SIGN IN lz-my-1 FOR ITS CONVERSATIONS")):
            await under_test.do("store.sign_in")
            await under_test.settled()
            assert "1 orders, through the app lazada" in under_test.screen_text()
            assert "2 conversations, through the app lazada-chat" in under_test.screen_text()
            await under_test.press(key)
            await under_test.settled()
            assert title in under_test.screen_text()
            await hand_in(under_test, await agree(link_of(under_test), shop))
            assert "lz-my-1 signed in" in under_test.line("message")
        assert "for conversations" in under_test.line("message")
        (store,) = await served.engine.house.writer.stores()
        assert (store.app, store.wire[CHAT_APP]) == ("lazada", "lazada-chat")
        assert served.engine.house.secrets.load("lz-my-1#chat") is not None


async def test_leaving_while_the_engine_asks_opens_nothing_later(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await stores_place(under_test)
        await cursor_to(under_test, "tt-vn-1")
        await under_test.do("store.sign_in")
        await under_test.settled()
        strip = under_test.app.frame.strip
        assert strip.form is not None
        strip.form.text_submitted("ROW_0123456789abcdef")
        strip.leave()
        await under_test.settled()
        assert not strip.is_open
        assert "does not accept this code" in under_test.line("message")


async def test_renaming_is_checked_and_the_cursor_follows(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await stores_place(under_test)
        await cursor_to(under_test, "tt-th-1")
        under_test.app.frame.action_command("store.rename", "")
        await under_test.settled()
        await hand_in(under_test, "Siam!")
        assert "small letters" in under_test.screen_text()
        await hand_in(under_test, "siam")
        assert "tt-th-1 is called siam now" in under_test.line("message")
        row = under_test.app.frame.place.grid.cursor_row  # type: ignore[attr-defined]  # Stores has a grid
        assert row.store_id == "siam"


async def test_removing_wants_the_count_and_says_what_goes(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await stores_place(under_test)
        await cursor_to(under_test, "tt-my-1")
        under_test.app.frame.action_command("store.remove", "")
        await under_test.settled()
        await under_test.until(lambda: under_test.app.frame.strip.is_open, rounds=1000)
        text = under_test.screen_text()
        assert "REMOVE tt-my-1" in text and "cached orders go" in text
        await under_test.confirm()
        assert "tt-my-1" in served.engine.lanes
        count = text.split("Type ")[1].split(" ")[0]
        await under_test.press(*count)
        await under_test.confirm()
        await under_test.until(lambda: "tt-my-1" not in served.engine.lanes, rounds=1000)
        await under_test.settled()
        assert "tt-my-1 is removed" in under_test.line("message")
        assert all("tt-my-1" not in line for line in under_test.screen_text().splitlines()[3:20])
