"""What the doctor says about engine, clocks, stores, databases and backups."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui import __version__
from shoptui.doctor.finding import Finding, State
from shoptui.doctor.house import (
    EngineFacts,
    check_backups,
    check_clocks,
    check_databases,
    check_engine,
    check_settings,
    check_stores,
)
from shoptui.paths import DataDir
from shoptui.queries.types import FeedRow, StoreRow
from shoptui.store.health import look_through

NOW = 1_800_000_000
DAY = 86_400
HOUSE = DataDir(Path("/srv/shoptui"))
SHARED = DataDir(Path("/srv/shoptui"), shared=True)
ENGINE = EngineFacts(version=__version__, role="admin", pid=7, status={"queue": {}, "clocks": []})
FEED = FeedRow(
    "tt-th-1", "orders", NOW, NOW - 30, NOW - 30, None, 0, "", "", False, True, 10, None, 5, 5, NOW - 300
)  # fmt: skip
STORE = StoreRow("tt-th-1", "tiktok", "TH", "Shop", "1", "UTC", "THB", False, FEED, 5, 0, NOW + DAY, NOW + 90 * DAY)


def engine(facts: EngineFacts, house: DataDir = HOUSE) -> dict[str, Finding]:
    return {finding.id: finding for finding in check_engine(house, facts)}


def test_the_engine() -> None:
    assert engine(ENGINE)["engine"].state is State.OK
    assert engine(EngineFacts(gone=True))["engine"].state is State.WARN
    shared = engine(EngineFacts(gone=True), SHARED)["engine"]
    assert (shared.state, shared.todo) == (State.BAD, "systemctl start shoptui-engine")
    refused = engine(EngineFacts(refused="an has no role here."))["engine"]
    assert (refused.state, refused.said) == (State.BAD, "an has no role here.")
    older = engine(replace(ENGINE, version="0.0.1"))["engine"]
    assert older.state is State.WARN and "0.0.1" in older.said and "engine --stop" in older.todo
    asked = engine(replace(ENGINE, status={"queue": {"needs_person": 2}}))["decisions"]
    assert asked.state is State.WARN and asked.said.startswith("2 orders")


@pytest.mark.parametrize(
    ("off_s", "state", "words"),
    [
        (0.4, State.OK, "within 1 s"),
        (-29.0, State.OK, "within 29 s"),
        (31.0, State.WARN, "31 s ahead"),
        (-31.0, State.WARN, "31 s behind"),
        (-400.0, State.BAD, "400 s behind"),
    ],
)
def test_the_clock(off_s: float, state: State, words: str) -> None:
    status = {"clocks": [{"marketplace": "tiktok", "off_s": off_s, "seen_at": NOW}]}
    (finding,) = check_clocks(replace(ENGINE, status=status))
    assert (finding.id, finding.state) == ("clock:tiktok", state)
    assert words in finding.said
    assert bool(finding.todo) == (state is not State.OK)


def test_no_clock_is_no_fault() -> None:
    for facts in (ENGINE, EngineFacts(gone=True)):
        assert [finding.state for finding in check_clocks(facts)] == [State.UNKNOWN]


@pytest.mark.parametrize(
    ("store", "state", "words"),
    [
        (STORE, State.OK, "read 30 s ago, authorised for 90 d"),
        (replace(STORE, authorisation_ends_at=None), State.OK, "read 30 s ago"),
        (replace(STORE, feed=replace(FEED, signed_out=True)), State.BAD, "shoptui stores sign-in tt-th-1"),
        (replace(STORE, authorisation_ends_at=NOW), State.BAD, "authorisation has ended"),
        (replace(STORE, authorisation_ends_at=NOW + 3 * DAY), State.WARN, "ends in 3 d"),
        (replace(STORE, paused=True), State.OK, "paused"),
        (replace(STORE, feed=None), State.WARN, "never read"),
        (replace(STORE, feed=replace(FEED, last_ok_at=None, error="No answer.")), State.WARN, "No answer."),
        (replace(STORE, feed=replace(FEED, failures=2, error="No answer.")), State.WARN, "30 s ago. No answer."),
        (replace(STORE, feed=replace(FEED, last_ok_at=NOW - 1200)), State.WARN, "20 min ago"),
        (replace(STORE, feed=replace(FEED, last_ok_at=NOW - 3 * 3600)), State.BAD, "3 h ago"),
        (replace(STORE, feed=replace(FEED, there=7)), State.WARN, "5 open orders here, 7 counted"),
        (replace(STORE, feed=replace(FEED, first_done=False, there=None)), State.OK, "first sync under way"),
    ],
)
def test_a_store(store: StoreRow, state: State, words: str) -> None:
    (finding,) = check_stores([store], NOW)
    assert (finding.id, finding.state) == ("store:tt-th-1", state)
    assert words in f"{finding.said} {finding.todo}"
    assert bool(finding.todo) == (state is not State.OK)


@pytest.mark.parametrize(("marketplace", "todo"), [("lazada", "stores sign-in tt-th-1 --chat"), ("tiktok", "inbox")])
def test_conversations_nobody_granted(marketplace: str, todo: str) -> None:
    silent = replace(FEED, feed="messages", error="Not granted.", error_code="not_granted", failures=3)
    (finding,) = check_stores([replace(STORE, marketplace=marketplace, messages=silent)], NOW)
    assert finding.state is State.WARN and "Chat" in finding.said and todo in finding.todo
    (granted,) = check_stores([replace(STORE, messages=replace(silent, error="", error_code=""))], NOW)
    assert granted.state is State.OK


def test_no_store_and_no_house() -> None:
    assert [finding.state for finding in check_stores([], NOW)] == [State.WARN]
    assert [finding.state for finding in check_stores(None, NOW)] == [State.UNKNOWN]


@pytest.mark.parametrize(
    ("newest_at", "oldest_h", "looked", "state", "words"),
    [
        (NOW - 3600, 26, True, State.OK, "60 min old"),
        (NOW - 27 * 3600, 26, True, State.WARN, "27 h old"),
        (NOW - 27 * 3600, 0, True, State.OK, "27 h old"),
        (None, 26, True, State.WARN, "none"),
        (None, 0, True, State.OK, "none"),
        (None, 26, False, State.UNKNOWN, "engine's user"),
    ],
)
def test_backups(newest_at: int | None, oldest_h: int, looked: bool, state: State, words: str) -> None:
    (finding,) = check_backups(newest_at, NOW, oldest_h=oldest_h, looked=looked)
    assert finding.state is state
    assert words in finding.said
    assert bool(finding.todo) == (state is State.WARN)


def test_settings() -> None:
    assert [finding.state for finding in check_settings([])] == [State.OK]
    wrong = check_settings(["a.toml: there is no setting engin."])
    assert [(finding.state, finding.said) for finding in wrong] == [(State.BAD, "a.toml: there is no setting engin.")]


def test_databases_are_looked_through(tmp_path: Path) -> None:
    house = DataDir(tmp_path)
    for path in (house.ledger, house.cache):
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE t (x)")
            db.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
            db.commit()
    assert look_through(house) == {"ledger.db": "", "vault.db": None, "cache.db": ""}
    content = bytearray(house.ledger.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xff" * 4096 * 5
    house.ledger.write_bytes(bytes(content))
    house.cache.write_bytes(b"no database at all" * 500)
    states = {finding.id: finding for finding in check_databases(look_through(house))}
    assert (states["ledger.db"].state, states["cache.db"].state) == (State.BAD, State.WARN)
    assert "shoptui restore" in states["ledger.db"].todo
    assert states["vault.db"].state is State.UNKNOWN
