"""Apps and stores that come and go over the socket while the engine runs, before the sandbox's own consent page."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from shoptui.client import Answer, EngineClient
from shoptui.config import Config
from shoptui.domain.intents import CauseId, IntentState
from shoptui.engine import neighbours
from shoptui.engine.tenants import _write_journal
from shoptui.paths import DataDir
from shoptui.sandbox.testing import running_sandbox
from shoptui.store.reader import Reader
from tests.engine.support import BEGIN_AT, Bench, Served, Wire, WorldClock, accept, served, shippable

REGIONS = ("TH", "VN", "GB")


@pytest.fixture
async def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A sandbox with three shops, and a house that knows nothing of them yet."""
    monkeypatch.setenv("SHOPTUI_NEIGHBOURS", str(tmp_path / "board"))
    wire = Wire()
    async with running_sandbox(
        seed=7, stores=3, orders=90, start_at=BEGIN_AT, frozen=True, regions=REGIONS, wire=wire
    ) as live:
        live.settings.calls_per_s = 0
        data_dir = DataDir(tmp_path / "house")
        data_dir.root.mkdir()
        found = Bench(live, data_dir, WorldClock(live, wire), Config(), (), wire)
        yield found


@pytest.fixture
async def running(made: Bench) -> AsyncIterator[Served]:
    async with served(made) as found:
        yield found


@pytest.fixture
async def client(running: Served) -> AsyncIterator[EngineClient]:
    async with await running.connect() as found:
        await found.subscribe()
        yield found


async def add_app(client: EngineClient, made: Bench, **changes: Any) -> Answer:
    live = made.live
    fields = {
        "app": "tiktok",
        "marketplace": "tiktok",
        "app_key": live.app_key,
        "app_secret": live.app_secret,
        "base_url": live.base_url,
        "auth_url": live.auth_url,
        **changes,
    }
    return await client.request("app_add", **{key: value for key, value in fields.items() if value is not None})


async def agree(link: str, *shop_ids: str) -> str:
    """What a seller's browser shows after agreeing on the link's page: the address with code and state."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        form = {"shop_id": list(shop_ids), "answer": "agree"} if shop_ids else {"answer": "refuse"}
        answer = await browser.post(link, data=form)
        return str(httpx.URL(link).join(answer.headers["location"]))


async def begin(client: EngineClient, **fields: Any) -> tuple[str, str]:
    """A new sign-in: its state and its link."""
    answer = await client.request("sign_in_begin", **fields)
    assert answer.ok, answer.say
    return str(answer.body["state"]), str(answer.body["link"])


async def hand_in(client: EngineClient, state: str, pasted: str) -> Answer:
    return await client.request("sign_in_code", state=state, pasted=pasted)


async def add(client: EngineClient, made: Bench, *regions: str, name: str = "") -> list[str]:
    """Authorise the shops of these regions in one consent and take them all in; their short names."""
    state, link = await begin(client, name=name)
    answer = await hand_in(client, state, await agree(link, *(shop_id(made, region) for region in regions)))
    assert answer.ok, answer.say
    shops = [[shop["shop_id"], shop["store_id"]] for shop in answer.body["shops"] if not shop["here"]]
    added = await client.request("store_add", state=state, shops=shops)
    assert added.ok, added.say
    return list(added.body["added"])


def shop_id(made: Bench, region: str) -> str:
    return next(shop.id for shop in made.live.shops if shop.region == region)


async def read_through(running: Served, client: EngineClient, store_ids: Sequence[str]) -> None:
    """Wait until the first sync of these stores is over."""
    async with asyncio.timeout(30):
        while True:
            running.advance(1)
            lanes = {lane["store_id"]: lane for lane in (await client.request("status")).body["lanes"]}
            if all(lanes[store_id]["first_done"] for store_id in store_ids):
                return
            await client.next_notice()


async def audit_of(made: Bench) -> list[tuple[str, str, str]]:
    async with await Reader.open(made.data_dir) as reader:
        return [(row.what, row.target, row.detail) for row in await reader.audit(50, None)]


async def test_from_nothing_to_orders(made: Bench, running: Served, client: EngineClient) -> None:
    assert (await client.request("apps")).body["apps"] == []
    refused = await client.request("sign_in_begin", marketplace="tiktok")
    assert refused.reason == "no_app" and "shoptui apps add tiktok" in refused.say
    assert (await add_app(client, made)).ok
    state, link = await begin(client, marketplace="tiktok")
    answer = await hand_in(client, state, await agree(link, shop_id(made, "TH"), shop_id(made, "GB")))
    assert [(shop["store_id"], shop["region"], shop["here"]) for shop in answer.body["shops"]] == [
        ("tt-th-1", "TH", ""),
        ("tt-uk-1", "GB", ""),
    ]
    shops = [[shop["shop_id"], shop["store_id"]] for shop in answer.body["shops"]]
    assert (await client.request("store_add", state=state, shops=shops)).body["added"] == ["tt-th-1", "tt-uk-1"]
    # An answer that was lost on the way: asking again adds nothing twice.
    assert (await client.request("store_add", state=state, shops=shops)).body["added"] == ["tt-th-1", "tt-uk-1"]
    await read_through(running, client, ["tt-th-1", "tt-uk-1"])
    assert await shippable(running.engine, "tt-th-1")

    secrets = made.data_dir.secrets
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    said = await audit_of(made)
    assert [row[:2] for row in reversed(said)] == [
        ("add app", "tiktok"),
        ("add store", "tt-th-1"),
        ("add store", "tt-uk-1"),
    ]
    hidden = [made.live.app_secret, *json.loads(secrets.read_text())["tokens"]["tt-th-1"].values()]
    shown = f"{said} {(await client.request('apps')).body}"
    assert [value for value in hidden if str(value) in shown] == []


async def test_every_wrong_paste_is_one_sentence_and_the_right_one_still_works(
    made: Bench, running: Served, client: EngineClient
) -> None:
    await add_app(client, made)
    thai = shop_id(made, "TH")
    earlier, earlier_link = await begin(client, name="earlier")
    foreign = await agree(earlier_link, thai)
    state, link = await begin(client)
    late = await agree(link, thai)
    made.advance(1801)
    good = await agree(link, thai)
    code = httpx.URL(good).params["code"]
    for pasted, reason, words in (
        ("", "not_a_code", "no authorisation code"),
        ("hello world", "not_a_code", "no authorisation code"),
        ("https://example.com/?x=1", "not_a_code", "no authorisation code"),
        (await agree(link), "seller_refused", "did not consent"),
        (good.replace(made.live.app_key, "6other"), "other_app", "another app"),
        (foreign, "other_state", "another link"),
        (late, "code_refused", "older than 30 minutes"),
        (late, "code_used", "handed in before"),
        ("ROW_0123456789abcdef", "code_refused", "does not accept this code"),
        ("x" * 5000, "not_a_code", "paste the code"),
    ):
        answer = await hand_in(client, state, pasted)
        assert (answer.ok, answer.reason) == (False, reason), answer
        assert words in answer.say
    assert (await hand_in(client, state, code)).ok
    # The answer was lost: the same code again lists the same shops and is exchanged once only.
    again = await hand_in(client, state, good)
    assert [shop["shop_id"] for shop in again.body["shops"]] == [thai]
    used = (await hand_in(client, earlier, code)).reason
    assert used == "code_used"
    applied = [row for row in made.live.journal() if row["op"] == "token_get" and row["effect"] == "applied"]
    assert len(applied) == 1


async def test_a_dropped_link_goes_on_where_the_choice_of_shops_was(
    made: Bench, running: Served, client: EngineClient
) -> None:
    await add_app(client, made)
    state, link = await begin(client)
    pasted = await agree(link, shop_id(made, "VN"))
    assert (await hand_in(client, state, pasted)).ok
    async with await running.connect() as later:
        answer = await later.request("sign_in_begin")
        assert (answer.body["state"], answer.body["pasted"]) == (state, True)
        assert (await hand_in(later, state, "")).body["shops"][0]["store_id"] == "tt-vn-1"


async def test_shops_that_do_not_answer_after_the_exchange_lose_nothing(
    made: Bench, running: Served, client: EngineClient
) -> None:
    await add_app(client, made)
    state, link = await begin(client)
    pasted = await agree(link, shop_id(made, "VN"))
    made.live.faults.replace([{"match": {"path": "/authorization/202309/shops"}, "do": {"status": 503}}])
    failed = await hand_in(client, state, pasted)
    assert (failed.ok, failed.reason) == (False, "marketplace")
    made.live.faults.clear()
    assert (await hand_in(client, state, pasted)).body["shops"][0]["store_id"] == "tt-vn-1"


async def test_a_wrong_secret_is_said_and_can_be_set_anew(made: Bench, running: Served, client: EngineClient) -> None:
    await add_app(client, made, app_secret="0123456789")
    state, link = await begin(client)
    pasted = await agree(link, shop_id(made, "VN"))
    refused = await hand_in(client, state, pasted)
    assert refused.reason == "app_refused" and "app secret" in refused.say
    assert (await add_app(client, made)).reason == "app_exists"
    assert (await add_app(client, made, app_key="6zzz", replace=True)).reason == "app_exists"
    assert (await add_app(client, made, replace=True)).body["replaced"] is True
    assert (await hand_in(client, state, pasted)).ok


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"marketplace": "otto"}, "bad_request", "no marketplace"),
        ({"app": "Bad Name"}, "bad_request", "small letters"),
        ({"app_secret": None}, "bad_request", "secret is missing"),
        ({"app_secret": "two words"}, "bad_request", "one word"),
        ({"base_url": "http://shop.example"}, "bad_request", "in the open"),
        ({"auth_url": "ftp://x"}, "bad_request", "must be an address"),
        ({"consent_url": "open this"}, "bad_request", "must be an address"),
    ],
)
async def test_an_app_that_cannot_be_is_refused(
    made: Bench, running: Served, client: EngineClient, changes: dict[str, Any], reason: str, words: str
) -> None:
    answer = await add_app(client, made, **changes)
    assert (answer.ok, answer.reason) == (False, reason)
    assert words in answer.say
    assert not made.data_dir.secrets.exists()


async def test_addresses_and_secret_may_come_from_the_settings(
    made: Bench, running: Served, client: EngineClient
) -> None:
    secret = made.data_dir.root / "secret"
    secret.write_text(made.live.app_secret)
    secret.chmod(0o600)
    made.data_dir.config.write_text(
        f'[apps.tiktok]\nbase_url = "{made.live.base_url}"\nauth_url = "{made.live.auth_url}"\n'
        f'secret_file = "{secret}"\n'
    )
    refused = await add_app(client, made, base_url=None, auth_url=None)
    assert "do not give it here too" in refused.say
    assert (await add_app(client, made, base_url=None, auth_url=None, app_secret=None)).ok
    assert made.live.app_secret not in made.data_dir.secrets.read_text()
    assert (await client.request("apps")).body["apps"][0]["secret"] == "file"
    assert await add(client, made, "VN") == ["tt-vn-1"]
    made.data_dir.config.write_text("[apps.tiktok]\nsecret_file = 3\n")
    assert (await client.request("sign_in_begin")).reason == "bad_settings"


async def test_an_app_stays_while_stores_use_it(made: Bench, running: Served, client: EngineClient) -> None:
    await add_app(client, made)
    (store_id,) = await add(client, made, "VN")
    refused = await client.request("app_remove", app="tiktok")
    assert refused.reason == "app_in_use" and store_id in refused.say
    assert (await client.request("store_remove", store_id=store_id, sure=True)).ok
    assert (await client.request("app_remove", app="tiktok")).ok
    assert (await client.request("apps")).body["apps"] == []
    assert (await client.request("app_remove", app="tiktok")).reason == "unknown_app"
    assert made.live.app_secret not in made.data_dir.secrets.read_text()


async def test_names_and_shops_are_taken_once(made: Bench, running: Served, client: EngineClient) -> None:
    await add_app(client, made)
    await add(client, made, "VN")
    state, link = await begin(client)
    vn, th = shop_id(made, "VN"), shop_id(made, "TH")
    answer = await hand_in(client, state, await agree(link, vn, th))
    assert answer.body["signed_in"] == ["tt-vn-1"]
    assert {shop["shop_id"]: shop["here"] for shop in answer.body["shops"]} == {vn: "tt-vn-1", th: ""}
    for shops, reason in (
        ([[vn, "tt-vn-2"]], "shop_here"),
        ([[th, "tt-vn-1"]], "name_taken"),
        ([[th, "Thai Shop"]], "bad_name"),
        ([["1", "tt-th-1"]], "unknown_shop"),
        ([[th, "a"], [th, "b"]], "shop_here"),
    ):
        assert (await client.request("store_add", state=state, shops=shops)).reason == reason
    assert (await client.request("store_add", state=state, shops=[[th, "siam"]])).body["added"] == ["siam"]
    assert (await client.request("store_add", state="nothing", shops=[[th, "x"]])).reason == "no_sign_in"


async def test_signing_in_again_wants_the_same_shop(made: Bench, running: Served, client: EngineClient) -> None:
    await add_app(client, made)
    vn, th = shop_id(made, "VN"), shop_id(made, "TH")
    await add(client, made, "VN")
    await read_through(running, client, ["tt-vn-1"])
    made.live.poke("revoke_token", shop_id=vn)
    await client.request("sync_now", store_ids=["tt-vn-1"])
    async with asyncio.timeout(20):
        while not running.engine.lanes["tt-vn-1"].sync.feed.signed_out:
            await client.next_notice()
    state, link = await begin(client, store_id="tt-vn-1")
    before = made.data_dir.secrets.read_text()
    wrong = await agree(link, th)
    refused = await hand_in(client, state, wrong)
    assert refused.reason == "other_shop"
    assert "tt-vn-1" in refused.say and th in refused.say
    assert made.data_dir.secrets.read_text() == before
    assert (await hand_in(client, state, wrong)).reason == "code_used"
    assert (await hand_in(client, state, await agree(link, vn))).body["signed_in"] == ["tt-vn-1"]
    async with asyncio.timeout(20):
        while running.engine.lanes["tt-vn-1"].sync.feed.signed_out:
            running.advance(1)
            await client.next_notice()
    assert not [alert for alert in running.engine.house.alerts.standing() if alert.kind == "signed_out"]


async def test_removing_says_what_waits_and_leaves_nothing_but_the_record(
    made: Bench, running: Served, client: EngineClient
) -> None:
    await add_app(client, made)
    await add(client, made, "TH", "VN")
    await read_through(running, client, ["tt-th-1", "tt-vn-1"])
    orders = [order for order in await shippable(running.engine, "tt-th-1") if len(order.packages) == 1][:2]
    await accept(running.engine, orders, hold_s=600)
    looked = await client.request("store_remove", store_id="tt-th-1")
    assert looked.body == {"removed": False, "queue": {"held": 2}}
    gone = await client.request("store_remove", store_id="tt-th-1", sure=True)
    assert gone.body == {"removed": True, "queue": {"held": 2}}
    writer = running.engine.house.writer
    assert {(one.state, one.cause and one.cause.id) for one in await writer.batch("b1")} == {
        (IntentState.FAILED, CauseId.STORE_REMOVED)
    }
    assert await writer.vault_recipient("tt-th-1", orders[0].order_no) is None
    assert await writer.orders_by_no("tt-th-1", [orders[0].order_no]) == []
    assert set(running.engine.lanes) == {"tt-vn-1"}
    assert list(running.engine.house.secrets.store_ids) == ["tt-vn-1"]
    assert ("remove store", "tt-th-1") in [row[:2] for row in await audit_of(made)]
    assert (await client.request("store_remove", store_id="tt-th-1", sure=True)).reason == "unknown_store"
    # The other store of the same consent goes on, and the shop may come again.
    assert (await client.request("sync_now", store_ids=["tt-vn-1"])).ok
    assert await add(client, made, "TH") == ["tt-th-1"]


async def test_a_renamed_store_goes_on_under_its_new_name(made: Bench, running: Served, client: EngineClient) -> None:
    await add_app(client, made)
    await add(client, made, "TH", "VN")
    await read_through(running, client, ["tt-th-1", "tt-vn-1"])
    orders = [order for order in await shippable(running.engine, "tt-th-1") if len(order.packages) == 1][:1]
    intents = await accept(running.engine, orders, hold_s=600)
    rename = {"store_id": "tt-th-1", "new_id": "siam"}
    assert (await client.request("store_rename", **rename)).reason == "busy"
    await running.engine.house.writer.take_back(None, [intents[0].intent_id], running.engine.house.now())
    for new_id, reason in (("tt-vn-1", "name_taken"), ("Siam!", "bad_name")):
        assert (await client.request("store_rename", store_id="tt-th-1", new_id=new_id)).reason == reason
    made.data_dir.config.write_text('[stores.tt-th-1]\nuser_agent = "siam/1"\n')
    refused = await client.request("store_rename", **rename)
    assert refused.reason == "settings_differ" and "[stores.siam]" in refused.say
    made.data_dir.config.write_text('[stores.tt-th-1]\nuser_agent = "siam/1"\n[stores.siam]\nuser_agent = "siam/1"\n')
    assert (await client.request("store_rename", **rename)).body == {"store_id": "siam"}
    assert set(running.engine.lanes) == {"siam", "tt-vn-1"}
    renamed = await shippable(running.engine, "siam")
    assert orders[0].order_no in {order.order_no for order in renamed}
    assert (await client.request("sync_now", store_ids=["siam"])).ok
    assert running.engine.house.stores_http["siam"].user_agent == "siam/1"
    assert (await client.request("verify_audit")).body["broken_at"] is None


async def test_a_renaming_cut_short_is_finished_at_the_next_start(made: Bench) -> None:
    async with served(made) as running, await running.connect() as client:
        await client.subscribe()
        await add_app(client, made)
        await add(client, made, "TH")
        await read_through(running, client, ["tt-th-1"])
        numbers = {order.order_no for order in await shippable(running.engine, "tt-th-1")}
    _write_journal(made.data_dir.root / "renaming.json", "tt-th-1", "siam")
    async with served(made) as running:
        assert set(running.engine.lanes) == {"siam"}
        assert {order.order_no for order in await shippable(running.engine, "siam")} == numbers
        assert running.engine.house.secrets.load("siam") is not None
    assert not (made.data_dir.root / "renaming.json").exists()


async def test_another_house_with_the_shop_is_named(
    made: Bench, running: Served, client: EngineClient, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    vn = shop_id(made, "VN")
    neighbours.note(other, [neighbours.shop_digest(made.live.base_url, "tiktok", vn)])
    await add_app(client, made)
    state, link = await begin(client)
    answer = await hand_in(client, state, await agree(link, vn, shop_id(made, "TH")))
    assert {shop["region"]: (shop["elsewhere"] or {}).get("root") for shop in answer.body["shops"]} == {
        "VN": str(other),
        "TH": None,
    }
    await client.request("store_add", state=state, shops=[[vn, "tt-vn-1"]])
    digest = neighbours.shop_digest(made.live.base_url, "tiktok", vn)
    assert neighbours.holders(other, [digest])[digest].root == str(made.data_dir.root)


async def test_who_is_no_admin_connects_nothing(made: Bench, running: Served) -> None:
    from shoptui.engine.fields import Refusal
    from shoptui.engine.peer import Peer
    from shoptui.engine.requests import Requests, Session
    from shoptui.engine.roles import Role

    session = Session(Peer(1, 1000, "an", (), "pts/9"), role=Role.MANAGER)
    for do in ("apps", "app_add", "app_remove", "sign_in_begin", "sign_in_code", "store_add", "store_remove"):
        with pytest.raises(Refusal) as caught:
            await Requests(running.engine).handle(session, {"do": do})
        assert caught.value.reason == "not_allowed"
