"""The parts other tests stand on: text cut for search, migrations, the operator's own state."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.orders import ShippingType, Status
from shoptui.protocol import SCHEMA
from shoptui.store.codes import SHIPPING_CODE, STATUS_CODE, code_key
from shoptui.store.errors import SchemaTooNew
from shoptui.store.fulltext import Phrase, indexed, match_expression, phrases
from shoptui.store.migrations import Migration, applied, migrate
from shoptui.store.opening import SCHEMA_VERSION
from shoptui.store.operator_state import OperatorState
from tests.store.factories import NOW


def test_every_status_and_shipping_type_has_its_own_code() -> None:
    assert set(STATUS_CODE) == set(Status)
    assert len(set(STATUS_CODE.values())) == len(Status)
    assert set(SHIPPING_CODE) == set(ShippingType)
    assert len(set(SHIPPING_CODE.values())) == len(ShippingType)


def test_hello_carries_the_number_of_migrations_so_that_an_engine_that_lacks_one_makes_way() -> None:
    assert SCHEMA == SCHEMA_VERSION, "a migration came: raise protocol.SCHEMA, or old engines stay and nothing opens"


@given(st.text(), st.text(min_size=1))
def test_the_end_of_a_code_is_the_beginning_of_its_key(head: str, tail: str) -> None:
    if tail.strip() == tail:
        assert code_key(head + tail).startswith(code_key(tail))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("blue mug", "blue mug"),
        ("退款单", " 退款 款单 单 "),
        ("red 包 x", "red  包  x"),
        ("Ｂａｇ１", "Bag1"),
        ("กระ", " กร ระ ะ "),
        ("한국어", " 한국 국어 어 "),
        ("Nguyễn", "Nguyễn"),
    ],
)
def test_runs_without_blanks_become_pairs(text: str, cut: str) -> None:
    assert indexed(text) == cut


@pytest.mark.parametrize(
    ("text", "exact", "found"),
    [
        ("blue mu", False, [Phrase(("blue", "mu"), True)]),
        ("blue mug", True, [Phrase(("blue", "mug"), False)]),
        ("退款", False, [Phrase(("退款",), False)]),
        ("退款单", True, [Phrase(("退款", "款单"), False)]),
        ("包", True, [Phrase(("包",), True)]),
        ("red包", False, [Phrase(("red",), False), Phrase(("包",), True)]),
        ("j&t", True, [Phrase(("j", "t"), False)]),
        ("  ", False, []),
        ('"*^', False, []),
    ],
)
def test_what_is_looked_for_is_cut_the_same_way(text: str, exact: bool, found: list[Phrase]) -> None:
    assert phrases(text, exact=exact) == found


SCRIPTS = st.text(st.sampled_from("abZ 09-*\"'():^退款单包กระเป๋าか한ễéёß"), max_size=12)


@given(SCRIPTS, SCRIPTS, SCRIPTS)
def test_any_run_inside_a_text_is_found_in_it(before: str, inside: str, after: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute(
        'CREATE VIRTUAL TABLE t USING fts5(buyer, tokenize = "unicode61 remove_diacritics 2 '
        "categories 'L* N* Co Mn Mc'\")"
    )
    db.execute("INSERT INTO t VALUES (?)", (indexed(f"{before} {inside} {after}"),))
    for column in ("", "buyer"):
        expression = match_expression(inside, exact=False, column=column)
        if expression:
            found = db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()[0]
            assert found == 1, expression
    db.close()


@given(st.text())
def test_no_text_breaks_the_search_language(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(buyer)")
    expression = match_expression(text, exact=False, column="buyer")
    if expression:
        db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()
    db.close()


ONE = Migration("0001 one", ("CREATE TABLE one (x INTEGER) STRICT", "INSERT INTO one VALUES (1)"))
TWO = Migration("0002 two", ("CREATE TABLE two (x INTEGER) STRICT",))
BROKEN = Migration("0003 broken", ("CREATE TABLE three (x INTEGER) STRICT", "INSERT INTO nowhere VALUES (1)"))


def database() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def test_each_migration_runs_once_and_is_recorded() -> None:
    db = database()
    assert migrate(db, (ONE,), Path("x.db"), NOW) == ["0001 one"]
    assert migrate(db, (ONE, TWO), Path("x.db"), NOW + 1) == ["0002 two"]
    assert migrate(db, (ONE, TWO), Path("x.db"), NOW + 2) == []
    assert db.execute("SELECT name, applied_at FROM migration").fetchall() == [
        ("0001 one", NOW),
        ("0002 two", NOW + 1),
    ]


def test_a_migration_that_fails_leaves_nothing_behind() -> None:
    db = database()
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, (ONE, BROKEN), Path("x.db"), NOW)
    assert applied(db) == ["0001 one"]
    assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'three'").fetchone() == (0,)


def test_a_newer_file_is_refused_before_anything_is_touched() -> None:
    db = database()
    migrate(db, (ONE, TWO), Path("x.db"), NOW)
    with pytest.raises(SchemaTooNew, match=r"x\.db was written by a newer shoptui \(0002 two\)"):
        migrate(db, (ONE,), Path("x.db"), NOW)


def test_the_operators_state_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.db"
    state = OperatorState.open(path, NOW)
    assert (state.load("cockpit"), state.rebuilt) == (None, False)
    state.save("cockpit", '{"view":"2"}', NOW)
    state.save("cockpit", '{"view":"3"}', NOW + 1)
    state.close()
    again = OperatorState.open(path, NOW)
    assert again.load("cockpit") == '{"view":"3"}'
    again.close()


def test_two_cockpits_share_a_state_and_any_thread_may_save(tmp_path: Path) -> None:
    states = [OperatorState.open(tmp_path / "state.db", NOW) for _ in range(2)]
    threads = [
        threading.Thread(target=state.save, args=(f"window {number}", str(turn), NOW))
        for number, state in enumerate(states)
        for turn in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {states[0].load("window 1"), states[1].load("window 0")} <= set("0123")
    for state in states:
        state.close()


def test_a_damaged_state_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database" * 500)
    state = OperatorState.open(path, NOW)
    assert (state.rebuilt, state.load("cockpit")) == (True, None)
    state.close()
    assert path.with_name(f"state.db.damaged-{NOW}").exists()
