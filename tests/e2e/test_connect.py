"""Connecting real stores as an operator does: app, link, browser, code, shops, first sync; then what may go wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from shoptui.paths import DataDir
from shoptui.shell.exits import Exit
from tests.e2e.live import SHOPTUI, Site
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("connect")]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where the page sends the browser is what the operator copies; nobody goes there."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def agree(link: str, shop_ids: Sequence[str]) -> str:
    """Tick the shops on the link's page and agree: the address the browser is sent to."""
    form = [("shop_id", shop_id) for shop_id in shop_ids] + [("answer", "agree" if shop_ids else "refuse")]
    opener = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))
    try:
        opener.open(link, data=urlencode(form).encode(), timeout=10)
    except urllib.error.HTTPError as redirect:
        return urljoin(link, redirect.headers["location"])
    raise AssertionError("the consent page did not send the browser on")


class EmptyHouse(Site):
    """A living sandbox and a data directory that knows nothing of it."""

    def __init__(self, root: Path, announced: Mapping[str, Any], marketplace: str = "tiktok") -> None:
        """`announced` is what the sandbox said of itself; shops are those of the marketplace."""
        super().__init__(DataDir(root / "house"), announced["admin_url"])
        self.facts = announced["marketplaces"][marketplace]
        self.shops: list[str] = [shop["id"] for shop in self.facts["shops"]]
        self._board = root / "board"

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "SHOPTUI_NEIGHBOURS": str(self._board)}

    @property
    def hosts(self) -> list[str]:
        return ["--base-url", self.facts["base_url"], "--auth-url", self.facts["auth_url"]]

    @property
    def secret(self) -> str:
        return str(self.facts["app_secret"])

    def terminal(self, *arguments: str, columns: int = 100, rows: int = 40) -> Terminal:
        return Terminal([*SHOPTUI, *arguments], env=self.env, columns=columns, rows=rows)

    def files_with(self, secret: str) -> set[str]:
        """The files of the house that contain a text."""
        found = set()
        for path in self.data_dir.root.rglob("*"):
            if path.is_file() and not path.is_symlink() and secret.encode() in path.read_bytes():
                found.add(path.name)
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmptyHouse]:
    """The tests of this module follow each other as an operator's first hour does."""
    root = tmp_path_factory.mktemp("connect")
    size = ("--stores=3", "--orders=240", "--seed=11", "--rate=0")
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "shoptui.sandbox", *size, "--port=0", "--market=tiktok", "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert sandbox.stdin is not None and sandbox.stdout is not None
    made = EmptyHouse(root, json.loads(sandbox.stdout.readline()))
    try:
        yield made
    finally:
        made.end_engine()
        sandbox.stdin.close()
        sandbox.wait(10)
        sandbox.stdout.close()


def link_on(terminal: Terminal) -> str:
    """The link on the screen, put together where it was broken at the right edge."""
    text = "".join(line.rstrip() if len(line.rstrip()) < terminal.columns else line for line in terminal.screen.display)
    found = re.search(r"https?://\S+?state=[\w-]{16}", text)
    assert found is not None, terminal.text()
    return found.group()


def test_from_nothing_to_orders_by_hand(house: EmptyHouse) -> None:
    with house.terminal("apps", "add", "tiktok", *house.hosts) as apps:
        apps.wait_for("App key", 30)
        apps.press(house.facts["app_key"], "enter")
        apps.wait_for("App secret")
        apps.press(house.secret, "enter")
        apps.wait_for("The app tiktok is set up. Next: shoptui stores add tiktok")
        assert house.secret not in apps.text()
        assert apps.wait_exit() == Exit.OK

    with house.terminal("stores", "add", "tiktok", rows=56) as stores:
        stores.wait_for("Code or address", 20)
        link = link_on(stores)
        assert "█" in stores.text()
        for pasted, said in (
            ("hello there", "no authorisation code"),
            (agree(link, []), "The seller did not consent"),
            (agree(link, house.shops[:1]).replace("state=", "state=x"), "belongs to another link"),
        ):
            stores.press(pasted, "enter")
            stores.wait_for(said)
        stores.press(agree(link, house.shops), "enter")
        stores.wait_for("opened up 3 shops")
        stores.wait_for("Which?")
        stores.press("1,2", "enter")
        for _ in range(2):
            stores.wait_for("Short name for")
            stores.read_for(0.2)
            stores.press("enter")
        stores.wait_for("orders read", 60)
        assert stores.wait_exit() == Exit.OK

    records = json.loads(house.run("stores", "list", "--format", "json").stdout)
    assert {record["link"] for record in records} == {"good"}
    assert len(records) == 2
    assert house.run("orders", "list", "--limit", "3").returncode == Exit.OK
    secrets = house.data_dir.secrets
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert house.files_with(house.secret) == {"secrets.json"}
    token = next(iter(json.loads(secrets.read_text())["tokens"].values()))["refresh_token"]
    assert house.files_with(token) == {"secrets.json"}


def test_check_says_how_each_store_does(house: EmptyHouse) -> None:
    checked = house.run("stores", "check")
    assert checked.returncode == Exit.OK, checked.stderr
    assert [line.split()[0] for line in checked.stdout.splitlines()[1:]] == sorted(json_ids(house))
    sick = json_ids(house)[0]
    shop_id = house.shop_ids()[sick]
    house.faults({"match": {"shop_id": shop_id}, "do": {"status": 503}})
    failed = house.run("stores", "check", sick)
    assert failed.returncode == Exit.FAILED
    assert f"{sick}: " in failed.stderr and "503" in failed.stderr
    house.faults()
    assert house.run("stores", "check", sick).returncode == Exit.OK
    unknown = house.run("stores", "check", "nobody")
    assert (unknown.returncode, unknown.stderr) == (Exit.NOTHING, "There is no store nobody here.\n")


def json_ids(house: EmptyHouse) -> list[str]:
    return sorted(record["store"] for record in json.loads(house.run("stores", "list", "--format", "json").stdout))


def test_a_script_connects_without_a_terminal(house: EmptyHouse) -> None:
    missing = next(shop_id for shop_id in house.shops if shop_id not in house.shop_ids().values())
    process = subprocess.Popen(
        [*SHOPTUI, "stores", "add", "tiktok", "--yes", "--name", "third"],
        env={**os.environ, "LANG": "C.UTF-8", **house.env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stderr is not None
    said = ""
    while "leaves; nothing is changed before." not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    assert "█" not in said
    link = next(word for word in said.split() if word.startswith("http"))
    process.stdin.write(agree(link, [missing]) + "\n")
    _out, rest = process.communicate(timeout=60)
    assert process.returncode == Exit.OK, rest
    assert "third is connected" in rest and "third: " in rest
    rows = list(csv.DictReader(io.StringIO(house.run("stores", "list", "--format", "csv").stdout)))
    assert "third" in {row["store"] for row in rows}


def test_signing_in_again_takes_the_stores_own_seller_only(house: EmptyHouse) -> None:
    shop_ids = house.shop_ids()
    other = next(shop_id for store_id, shop_id in shop_ids.items() if store_id != "third")
    house.poke("revoke_token", shop_id=shop_ids["third"])
    assert house.run("stores", "check", "third").returncode == Exit.FAILED
    assert "third" in house.run("stores", "list", "--failing").stdout
    with house.terminal("stores", "sign-in", "third") as terminal:
        terminal.wait_for("Code or address", 20)
        terminal.press(agree(link_on(terminal), [other]), "enter")
        terminal.wait_for("not for third")
        terminal.press(agree(link_on(terminal), [shop_ids["third"]]), "enter")
        terminal.wait_for("third is signed in again.")
        assert terminal.wait_exit() == Exit.OK
    assert house.run("stores", "check", "third").returncode == Exit.OK
    expiring = house.run("stores", "list", "--expiring", "0")
    assert expiring.returncode == Exit.NOTHING


def test_stores_are_renamed_paused_and_removed(house: EmptyHouse) -> None:
    assert house.run("stores", "rename", "third", "siam").returncode == Exit.OK
    assert house.run("orders", "list", "--filter", "store:siam", "--limit", "1").returncode == Exit.OK
    assert house.run("stores", "rename", "siam", "Siam Shop").returncode == Exit.USAGE
    assert house.run("stores", "pause", "siam").returncode == Exit.OK
    assert "siam" not in house.run("stores", "check").stderr
    assert house.run("stores", "resume", "siam").returncode == Exit.OK
    refused = house.run("apps", "remove", "tiktok", "--yes")
    assert refused.returncode == Exit.FAILED and "Remove them first" in refused.stderr
    unanswered = house.run("stores", "remove", "siam", stdin="1\n")
    assert unanswered.returncode == Exit.NOTHING and "add --yes" in unanswered.stderr
    with house.terminal("stores", "remove", "siam") as terminal:
        terminal.wait_for("anything else leaves")
        terminal.press("x", "enter")
        terminal.wait_for("Nothing was changed.")
        assert terminal.wait_exit() == Exit.NOTHING
    with house.terminal("stores", "remove", "siam") as terminal:
        terminal.wait_for("anything else leaves")
        count = re.search(r"Type (\d+) to remove", terminal.text())
        assert count is not None and int(count.group(1)) > 1
        terminal.press(count.group(1), "enter")
        terminal.wait_for("siam is removed")
        assert terminal.wait_exit() == Exit.OK
    assert "siam" not in json_ids(house)
    assert house.run("orders", "list", "--filter", "store:siam").returncode == Exit.NOTHING


def test_another_house_with_the_same_shop_is_named(house: EmptyHouse, tmp_path: Path) -> None:
    second = EmptyHouse(tmp_path, {"admin_url": "http://unused", "marketplaces": {"tiktok": house.facts}})
    second._board = house._board
    try:
        assert (
            second.run(
                "apps", "add", "tiktok", *house.hosts, stdin=f"{house.facts['app_key']}\n{house.secret}\n"
            ).returncode
            == Exit.OK
        )
        held = next(iter(house.shop_ids().values()))
        with second.terminal("stores", "add", "tiktok") as terminal:
            terminal.wait_for("Code or address", 20)
            terminal.press(agree(link_on(terminal), [held]), "enter")
            terminal.wait_for("Take it in all the same?")
            assert str(house.data_dir.root) in "".join(terminal.screen.display)
            terminal.press("n", "enter")
            terminal.wait_for("No store was added.")
            assert terminal.wait_exit() == Exit.NOTHING
    finally:
        second.end_engine()
