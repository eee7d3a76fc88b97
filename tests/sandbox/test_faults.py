"""Faults: what breaks, whether the effect happened all the same, and which calls a rule hits."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.sandbox.faults import FaultBox, FaultError
from shoptui.sandbox.world.model import PackageStatus

from .caller import Caller

SHIP = r"/packages/\d+/ship$"


def rule(do: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"match": match, "do": do}


async def test_a_call_dropped_before_has_no_effect_and_one_dropped_after_has(caller: Caller) -> None:
    before, after = caller.shippable()[:2]
    caller.sandbox.faults.replace([rule({"drop_before": True}, path=SHIP, method="POST", times=1)])
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ship(before.id)
    assert before.status is PackageStatus.TO_ARRANGE and caller.sandbox.journal() == []

    caller.sandbox.faults.replace([rule({"drop_after": True}, path=SHIP, method="POST", times=1)])
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ship(after.id)
    assert after.status is PackageStatus.ARRANGED
    assert [(row["target"], row["effect"]) for row in caller.sandbox.journal()] == [(after.id, "applied")]
    assert (await caller.ship(after.id)).code == 21011020


async def test_the_connection_is_really_closed_without_a_byte(caller: Caller) -> None:
    caller.sandbox.faults.replace([rule({"drop_after": True})])
    host, port = caller.sandbox.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /order/202309/orders HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        assert await reader.read() == b""
    except ConnectionResetError:
        pass
    writer.close()


@pytest.mark.parametrize(
    ("do", "status", "code", "retry_after"),
    [
        ({"status": 429}, 429, 36009002, None),
        ({"status": 429, "retry_after_s": 3}, 429, 36009002, "3"),
        ({"status": 500}, 500, 36009003, None),
        ({"expired_token": True}, 401, 105002, None),
        ({"code": 36009007, "message": "timeout"}, 200, 36009007, None),
    ],
)
async def test_answers_in_the_marketplaces_words(
    caller: Caller, do: dict[str, Any], status: int, code: int, retry_after: str | None
) -> None:
    package = caller.shippable()[0]
    caller.sandbox.faults.replace([rule(do)])
    reply = await caller.ship(package.id)
    assert (reply.status, reply.code, reply.headers.get("retry-after")) == (status, code, retry_after)
    assert package.status is PackageStatus.TO_ARRANGE


async def test_gateway_failures_know_no_envelope(caller: Caller) -> None:
    caller.sandbox.faults.replace([rule({"status": 503})])
    response = await caller.client.get(f"{caller.sandbox.base_url}/order/202309/orders")
    assert response.status_code == 503
    with pytest.raises(ValueError):
        response.json()


async def test_spoilt_bodies(caller: Caller) -> None:
    url = f"{caller.sandbox.base_url}/order/202309/orders"
    whole = (await caller.client.get(url)).json()
    caller.sandbox.faults.replace([rule({"truncate": True})])
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.client.get(url)
    caller.sandbox.faults.replace([rule({"not_json": True})])
    page = await caller.client.get(url)
    assert page.status_code == 200 and page.text.startswith("<html>")
    caller.sandbox.faults.replace([rule({"slow_body": 0.02}), rule({"latency_s": 0.01})])
    assert (await caller.client.get(url)).json()["code"] == whole["code"]
    caller.sandbox.faults.clear()
    assert (await caller.client.get(url)).json()["code"] == whole["code"]


async def test_a_rule_can_be_for_one_shop(caller: Caller) -> None:
    other = Caller(caller.sandbox, caller.client, caller.sandbox.shops[1])
    caller.sandbox.faults.replace([rule({"status": 429}, shop_id=other.shop.id)])
    assert (await caller.search()).code == 0
    assert (await other.search()).code == 36009002


def hits(match: dict[str, Any], calls: int, seed: int = 1) -> list[int]:
    box = FaultBox(seed)
    box.replace([rule({"status": 500}, **match)])
    return [number for number in range(1, calls + 1) if box.pick("GET", "/a/b", "s") is not None]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"nth": 3}, [3]),
        ({"every": 4}, [4, 8, 12]),
        ({"every": 4, "times": 2}, [4, 8]),
        ({"times": 2}, [1, 2]),
        ({"path": "^/a"}, list(range(1, 13))),
        ({"path": "^/b"}, []),
        ({"method": "post"}, []),
        ({"probability": 0}, []),
    ],
)
def test_which_calls_a_rule_hits(match: dict[str, Any], expected: list[int]) -> None:
    assert hits(match, 12) == expected


@given(st.integers(0, 2**31), st.floats(0.05, 0.95))
def test_probability_is_seeded_and_near_its_share(seed: int, share: float) -> None:
    first = hits({"probability": share}, 400, seed)
    assert first == hits({"probability": share}, 400, seed)
    assert abs(len(first) / 400 - share) < 0.2


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ("text", "form"),
        ({"do": {}}, "exactly one"),
        ({"do": {"status": 200}}, "400"),
        ({"do": {"status": 429, "drop_after": True}}, "exactly one"),
        ({"do": {"explode": True}}, "explode"),
        ({"match": {"when": 1}, "do": {"truncate": True}}, "when"),
        ({"match": {"path": "("}, "do": {"truncate": True}}, "regular expression"),
        ({"match": {"probability": 2}, "do": {"truncate": True}}, "probability"),
        ({"match": {"nth": -1}, "do": {"truncate": True}}, "nth"),
        ({"do": {"latency_s": "long"}}, "seconds"),
    ],
)
async def test_rules_that_make_no_sense_are_explained_and_change_nothing(caller: Caller, bad: Any, word: str) -> None:
    caller.sandbox.faults.replace([rule({"status": 429}, path="^/order")])
    with pytest.raises(FaultError, match=word):
        caller.sandbox.faults.replace([bad])
    response = await caller.client.post(f"{caller.sandbox.admin_url}/faults", content=json.dumps([bad]))
    assert response.status_code == 400 and word in response.json()["error"]
    assert (await caller.search()).code == 36009002


async def test_faults_are_set_and_cleared_over_http(caller: Caller) -> None:
    url = f"{caller.sandbox.admin_url}/faults"
    await caller.client.post(url, json=[rule({"status": 429}, times=1)])
    assert (await caller.search()).code == 36009002
    assert (await caller.search()).code == 0
    assert (await caller.client.get(url)).json() == {"rules": [{"kind": "status", "seen": 2, "hits": 1}]}
    await caller.client.delete(url)
    assert (await caller.client.get(url)).json() == {"rules": []}
