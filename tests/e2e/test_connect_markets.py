"""Shops of every other marketplace connected as an operator does it: one consent for shops of several countries."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.shell.exits import Exit
from tests.e2e.live import wait_until
from tests.e2e.test_connect import EmptyHouse, agree, link_on

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("connect-markets")]

OTHERS = tuple(name for name in MARKETPLACES if name != "tiktok")


@pytest.fixture(scope="module")
def announced() -> Iterator[Mapping[str, Any]]:
    """What a sandbox with two shops of each of the marketplaces says of itself."""
    size = (f"--stores={2 * len(OTHERS)}", "--orders=120", "--seed=11", "--rate=0", "--port=0", "--exit-with-parent")
    command = [sys.executable, "-m", "shoptui.sandbox", *size, *(f"--market={name}" for name in OTHERS)]
    sandbox = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert sandbox.stdin is not None and sandbox.stdout is not None
    try:
        yield json.loads(sandbox.stdout.readline())
    finally:
        sandbox.stdin.close()
        sandbox.wait(10)
        sandbox.stdout.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One house for all: marketplaces are added to those that are there."""
    return tmp_path_factory.mktemp("connect-markets")


@pytest.fixture(scope="module")
def ended(root: Path, announced: Mapping[str, Any]) -> Iterator[None]:
    """The engine that commands start is ended with the module."""
    yield
    EmptyHouse(root, announced, OTHERS[0]).end_engine()


@pytest.mark.parametrize("marketplace", OTHERS)
def test_from_the_app_to_orders(root: Path, announced: Mapping[str, Any], ended: None, marketplace: str) -> None:
    house = EmptyHouse(root, announced, marketplace)
    key_and_secret = f"{house.facts['app_key']}\n{house.secret}\n"
    added = house.run("apps", "add", marketplace, *house.hosts, stdin=key_and_secret)
    assert added.returncode == Exit.OK, added.stderr
    with house.terminal("stores", "add", marketplace) as terminal:
        terminal.wait_for("Code or address", 20)
        link = link_on(terminal)
        terminal.press(agree(link, house.shops[:1]).replace("state=", "state=x"), "enter")
        terminal.wait_for("belongs to another link")
        terminal.press(agree(link, house.shops), "enter")
        terminal.wait_for("opened up 2 shops")
        terminal.wait_for("Which?")
        terminal.press("1,2", "enter")
        for _shop in house.shops:
            terminal.wait_for("Short name for")
            terminal.read_for(0.2)
            terminal.press("enter")
        terminal.wait_for("orders read", 60)
        assert terminal.wait_exit() == Exit.OK

    mine = {store_id: store for store_id, store in house.stores().items() if store.marketplace == marketplace}
    expected = {shop["id"]: shop["region"] for shop in house.facts["shops"]}
    assert {store.shop_id: store.region for store in mine.values()} == expected
    short = MARKETPLACES[marketplace].short
    assert all(store_id.startswith(f"{short}-{store.region.lower()}-") for store_id, store in mine.items())
    assert len({store.time_zone for store in mine.values()} | {store.currency for store in mine.values()}) > 2
    checked = house.run("stores", "check", *mine)
    assert checked.returncode == Exit.OK, checked.stderr
    wait_until(house.is_synced, "the first sync")
    listed = house.run("orders", "list", "--filter", f"market:{short}", "--format", "csv", "--limit", "500")
    stores = {row["store"] for row in csv.DictReader(io.StringIO(listed.stdout))}
    assert stores == set(mine)
    assert house.files_with(house.secret) == {"secrets.json"}


@pytest.mark.parametrize("marketplace", OTHERS)
def test_a_revoked_store_signs_in_again(
    root: Path, announced: Mapping[str, Any], ended: None, marketplace: str
) -> None:
    house = EmptyHouse(root, announced, marketplace)
    store_id, store = next(pair for pair in house.stores().items() if pair[1].marketplace == marketplace)
    house.poke("revoke_token", shop_id=store.shop_id)
    assert house.run("stores", "check", store_id).returncode == Exit.FAILED
    with house.terminal("stores", "sign-in", store_id) as terminal:
        terminal.wait_for("Code or address", 20)
        terminal.press(agree(link_on(terminal), [store.shop_id]), "enter")
        terminal.wait_for(f"{store_id} is signed in again.")
        assert terminal.wait_exit() == Exit.OK
    assert house.run("stores", "check", store_id).returncode == Exit.OK


def test_lazadas_conversations_have_an_app_of_their_own(root: Path, announced: Mapping[str, Any], ended: None) -> None:
    house = EmptyHouse(root, announced, "lazada")
    store_id, store = next(pair for pair in house.stores().items() if pair[1].marketplace == "lazada")
    refused = house.run("stores", "sign-in", store_id, "--chat")
    assert refused.returncode == Exit.NOTHING
    assert "shoptui apps add lazada --name lazada-chat" in refused.stderr
    chat = house.facts["chat"]
    key_and_secret = f"{chat['app_key']}\n{chat['app_secret']}\n"
    added = house.run("apps", "add", "lazada", "--name", "lazada-chat", *house.hosts, stdin=key_and_secret)
    assert added.returncode == Exit.OK, added.stderr
    with house.terminal("stores", "sign-in", store_id, "--chat") as terminal:
        terminal.wait_for("Code or address", 20)
        link = link_on(terminal)
        assert f"client_id={chat['app_key']}" in link
        terminal.press(agree(link, [store.shop_id]), "enter")
        terminal.wait_for(f"{store_id}: its conversations are read now.")
        assert terminal.wait_exit() == Exit.OK
    apps = {app["app"]: app["stores"] for app in json.loads(house.run("apps", "list", "--format", "json").stdout)}
    assert store_id in apps["lazada-chat"] and store_id in apps["lazada"]
    assert house.run("stores", "check", store_id).returncode == Exit.OK
    assert house.files_with(chat["app_secret"]) == {"secrets.json"}
