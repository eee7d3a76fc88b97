"""What the cockpit knows apart from widgets: memory, notices, batches, undo, reports, exports."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from shoptui.cellwidth import cell_width
from shoptui.clock import DrivenClock
from shoptui.cockpit.batch_watch import batch_views
from shoptui.cockpit.export import export_path, write_orders
from shoptui.cockpit.faults import redacted, report, write_report
from shoptui.cockpit.house import House
from shoptui.cockpit.house_notices import HouseNotices
from shoptui.cockpit.keeper import MemoryKeeper
from shoptui.cockpit.keymap import Keymap, load_keymap
from shoptui.cockpit.link import Link, LinkState
from shoptui.cockpit.memory import CockpitMemory, PlaceMemory
from shoptui.cockpit.notices import Notice, NoticeBoard, Tone
from shoptui.cockpit.session import HouseView, Session, is_stale
from shoptui.cockpit.undo import UndoBatch, UndoRequest, UndoStack
from shoptui.domain.intents import Cause, CauseId, IntentState
from shoptui.paths import DataDir
from shoptui.queries.types import Alert, BatchRow, Counts
from shoptui.screens.bars import status_groups
from shoptui.store.errors import NoHouse
from shoptui.widgets.statusline import status_text
from shoptui.words import Said
from tests.ui.app_support import NOW, ZONE, make_house


def session_on(root: Path) -> Session:
    return Session(DataDir(root), DrivenClock(NOW), ZONE)


def group(batch_id: str, state: IntentState, count: int, total: int, **changes: object) -> BatchRow:
    fields: dict[str, object] = {
        "batch_id": batch_id,
        "verb": "ship",
        "operator": "mei",
        "created_at": NOW - 60,
        "release_at": NOW - 50,
        "state": state,
        "cause": None,
        "count": count,
        "total": total,
        "stores": ("tt-th-1",),
        "intent_ids": tuple(range(count)),
        "acked": False,
        "settled_at": NOW - 5,
    }
    return BatchRow(**{**fields, **changes})  # type: ignore[arg-type]  # fields as in the row


# Memory


def test_memory_survives_being_written_down() -> None:
    memory = CockpitMemory(
        place="stores",
        places={"orders": PlaceMemory("2", "due:<4h", "-value", ("tt-th-1", "577"), (("tt-th-1", "1"),), "off", 2)},
        saved_views={"orders": {"5": "sku:BAG*"}},
        pending={"b1": {"verb": "ship", "intents": [{"target_id": "P1"}]}},
        left_at=NOW,
    )
    assert CockpitMemory.from_json(memory.to_json()) == memory


@pytest.mark.parametrize("text", ["", "null", "[]", '{"place": 1}', '{"place": "x", "places": {"orders": {}}}', "{{"])
def test_memory_that_cannot_be_read_is_as_if_never_kept(text: str) -> None:
    assert CockpitMemory.from_json(text) == CockpitMemory()


def test_the_keeper_saves_only_what_has_changed_and_finds_it_again(tmp_path: Path) -> None:
    session = session_on(tmp_path)
    keeper = MemoryKeeper(session)
    assert keeper.load() == CockpitMemory()
    assert not keeper.is_due
    session.remember_place("orders", PlaceMemory(view="3"))
    assert keeper.is_due
    keeper.save(session.memory_to_keep(), session.memory_revision, NOW)
    assert not keeper.is_due
    session.remember_place("orders", PlaceMemory(view="3"))
    assert not keeper.is_due, "the same again is no change"
    keeper.close()
    kept = MemoryKeeper(session_on(tmp_path)).load()
    assert kept.places["orders"].view == "3"
    assert kept.left_at == NOW


def test_a_state_file_that_cannot_be_used_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    keeper = MemoryKeeper(session_on(tmp_path))
    assert keeper.load() == CockpitMemory()
    assert keeper.fault
    keeper.save(CockpitMemory(), 1, NOW)
    keeper.close()


# Notices


def notice(key: str, *, sticky: bool = True) -> Notice:
    return Notice(key, Said(f"about {key}."), Tone.NEWS, sticky=sticky)


def test_the_newest_sticky_notice_is_on_top_and_the_others_wait() -> None:
    board = NoticeBoard()
    for key in ("a", "b", "c"):
        board.post(notice(key))
    assert board.top is not None
    assert (board.top.key, board.waiting, board.count) == ("c", 2, 3)
    board.seen()
    assert board.top.key == "b"


def test_a_passing_word_covers_but_does_not_remove() -> None:
    board = NoticeBoard()
    board.post(notice("a"))
    board.post(notice("word", sticky=False))
    assert board.top is not None
    assert board.top.key == "word"
    board.pass_by()
    assert board.top.key == "a"


def test_the_same_notice_again_does_not_jump_the_queue() -> None:
    board = NoticeBoard()
    board.post(notice("a"))
    board.post(notice("b"))
    board.post(notice("a"))
    assert board.top is not None
    assert board.top.key == "b"
    board.post(Notice("a", Said("changed."), Tone.BAD, sticky=True))
    assert board.top.key == "a"


def test_what_is_over_goes_by_itself() -> None:
    board = NoticeBoard()
    board.post(notice("alert:x"))
    board.post(notice("batch:y"))
    board.keep_only("alert:", set())
    assert board.top is not None
    assert board.top.key == "batch:y"


# Batches


def test_groups_of_a_batch_are_added_up() -> None:
    heavy = Cause(CauseId.TOO_HEAVY, "11021012")
    gone = Cause(CauseId.SLOT_GONE)
    groups = [
        group("b1", IntentState.DONE, 28, 32),
        group("b1", IntentState.FAILED, 2, 32, cause=heavy),
        group("b1", IntentState.FAILED, 2, 32, cause=gone),
        group("b2", IntentState.HELD, 5, 7, created_at=NOW, release_at=NOW + 10, settled_at=None),
        group("b2", IntentState.QUEUED, 2, 7, created_at=NOW, settled_at=None),
    ]
    newest, older = batch_views(groups)
    assert (newest.batch_id, newest.held, newest.takeable, newest.moving) == ("b2", 5, 7, True)
    assert newest.release_at == NOW + 10
    assert (older.sum.done, older.sum.failed, older.sum.causes, older.moving) == (28, 4, 2, False)


def test_there_are_as_many_reasons_as_lines_of_what_failed() -> None:
    groups = [
        group("b1", IntentState.FAILED, 2, 4, cause=Cause(CauseId.TOO_HEAVY, "11021012")),
        group("b1", IntentState.FAILED, 1, 4, cause=Cause(CauseId.SLOT_GONE)),
        group("b1", IntentState.NOT_DONE, 1, 4),
    ]
    (view,) = batch_views(groups)
    assert (view.sum.failed, view.sum.causes) == (4, 3)


def test_results_come_once_and_only_to_who_ordered(tmp_path: Path) -> None:
    session = session_on(tmp_path)
    me = session.operator
    watching = HouseNotices(session)
    session.take_house(
        HouseView(
            batches=(
                group("mine", IntentState.DONE, 3, 3, operator=me),
                group("theirs", IntentState.FAILED, 1, 1, operator="somebody-else"),
                group("seen", IntentState.FAILED, 1, 1, operator=me, acked=True),
                group("moving", IntentState.SENDING, 1, 1, operator=me, settled_at=None),
            )
        )
    )
    watching.update()
    assert session.notices.count == 1
    seen = session.notices.seen()
    assert seen is not None
    assert seen.said.what == "✓ 3 shipped."
    watching.seen(seen)
    watching.update()
    assert session.notices.count == 0


def test_what_was_settled_while_away_is_said_as_such(tmp_path: Path) -> None:
    session = session_on(tmp_path)
    watching = HouseNotices(session)
    watching.away_since(NOW - 30)
    session.take_house(HouseView(batches=(group("b", IntentState.DONE, 3, 3, operator=session.operator),)))
    watching.update()
    assert session.notices.top is not None
    assert session.notices.top.said.what == "Away 30s. SHIP 3 went on: 3 shipped."


def test_an_alert_shows_until_it_is_over(tmp_path: Path) -> None:
    session = session_on(tmp_path)
    watching = HouseNotices(session)
    alert = Alert("signed_out:tt-th-1", "signed_out", NOW, {"store": "tt-th-1"})
    session.take_house(HouseView(alerts=(alert,)))
    watching.update()
    assert session.notices.top is not None
    assert session.notices.top.goes_to == "store:tt-th-1"
    session.take_house(HouseView())
    watching.update()
    assert session.notices.top is None


def test_what_follows_in_a_batch_is_counted_apart() -> None:
    groups = [
        group("b1", IntentState.DONE, 3, 4, intent_ids=(1, 4, 7)),
        group("b1", IntentState.FAILED, 1, 4, intent_ids=(10,), cause=Cause(CauseId.TOO_HEAVY)),
        group("b1", IntentState.DONE, 3, 4, verb="label", intent_ids=(2, 5, 8)),
        group("b1", IntentState.FAILED, 1, 4, verb="label", intent_ids=(11,), cause=Cause(CauseId.TOO_HEAVY)),
        group("b1", IntentState.QUEUED, 3, 4, verb="print", intent_ids=(3, 6, 9), printer="dock2"),
        group("b1", IntentState.FAILED, 1, 4, verb="print", intent_ids=(12,), cause=Cause(CauseId.TOO_HEAVY)),
    ]
    (view,) = batch_views(groups)
    assert (view.sum.verb, view.sum.total, view.sum.done, view.sum.failed) == ("ship", 4, 3, 1)
    assert [each.verb for each in view.sum.then] == ["label", "print"]
    assert [each.failed for each in view.sum.steps] == [1, 0, 0], "what failed with ship is not counted again"
    assert (view.moving, view.takeable, view.sum.then[-1].printer) == (True, 3, "dock2")


def test_stores_cut_off_together_are_one_message_and_seen_together(tmp_path: Path) -> None:
    session = session_on(tmp_path)
    alerts = [Alert(f"store_silent:{store}", "store_silent", NOW - 60, {"store": store}) for store in ("tt-th-1", "x")]
    gap = Alert("gap:tt-th-1", "gap", NOW - 90, {"store": "tt-th-1", "here": "3", "there": "4"})
    watching = HouseNotices(session)
    session.take_house(HouseView(alerts=(gap, *alerts)))
    watching.update()
    notice = session.notices.top
    assert (session.notices.count, notice is not None) == (2, True)
    for _each in range(2):
        notice = session.notices.seen()
        assert notice is not None
        watching.seen(notice)
        if len(notice.alert_ids) == 2:
            assert notice.said.what.startswith("~ 2 stores have not answered, the first since ")
            assert "None answers" in notice.said.todo
            assert notice.alert_ids == ("store_silent:tt-th-1", "store_silent:x")
    watching.update()
    assert session.notices.count == 0
    session.take_house(HouseView(alerts=(gap, alerts[0])))
    watching.update()
    assert session.notices.top is not None
    assert "tt-th-1 has not answered" in session.notices.top.said.what


# Line 1


@pytest.mark.parametrize(
    ("counts", "name", "line"),
    [
        (
            (1, 3, 9, 17, 0, 0, 0, 0),
            "warehouse-n",
            "17:42 !1 missed ▴3 <2h ▵9 ◦17 │ »0 ✗0 ?0 Y0 │ NO ENGINE 17:41 │ warehouse-n",
        ),
        (
            (12, 340, 1200, 4100, 32, 4, 1, 0),
            "warehouse-north",
            "17:42 !12 ▴340 ▵1,200 ◦4,100 │ »32 ✗4 ?1 │ NO ENGINE 17:41 │ warehouse-north",
        ),
    ],
)
def test_the_operators_name_stays_on_line_1_at_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counts: tuple[int, ...], name: str, line: str
) -> None:
    monkeypatch.setattr("shoptui.cockpit.session.os_user", lambda: name)
    session = session_on(tmp_path)
    session.link = Link(LinkState.DOWN, NOW - 60)
    session.take_house(HouseView(counts=Counts(*counts)))
    said = "".join(piece.text for piece in status_text(status_groups(session, 80)).left)
    assert cell_width(said) <= 78
    assert said == line
    wide = "".join(piece.text for piece in status_text(status_groups(session, 120)).left)
    assert "<24h" in wide, "words go only where they must"


# Undo


def test_undo_goes_back_in_order_and_forgets_what_was_sent() -> None:
    stack = UndoStack()
    stack.push(UndoBatch(("b1", "b3")))
    stack.push(UndoRequest("hold", {"on": False}, "Released."))
    stack.push(UndoBatch(("b2",)))
    stack.drop_batch("b2")
    assert stack.pop() == UndoRequest("hold", {"on": False}, "Released.")
    assert stack.last == UndoBatch(("b1", "b3"))
    stack.drop_batch("b1")
    assert stack.last == UndoBatch(("b3",))
    stack.drop_batch("b3")
    assert stack.pop() is None


# Reports


def fail_with_secret() -> None:
    token = "tok-4321-secret"
    raise ValueError(f"cannot use {token!r} of buyer 66812345321")


def test_a_report_names_places_in_the_code_and_no_data(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        fail_with_secret()
    text = report(caught.value, NOW)
    assert "fail_with_secret" in text
    assert "ValueError" in text
    assert "secret'" not in text
    assert "66812345321" not in text
    path = write_report(DataDir(tmp_path / "new"), caught.value, NOW)
    assert path is not None
    assert path.read_text(encoding="utf-8").startswith(text)


def test_redaction_leaves_the_sentence() -> None:
    assert redacted("no such table: 'orders' at 123456") == "no such table: '…' at #####"


# The house


async def test_a_house_opens_when_there_is_one(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "house")
    house = House(data_dir)
    with pytest.raises(NoHouse):
        await house.open()
    assert not house.is_open
    await make_house(tmp_path)
    await house.open()
    view = await house.view()
    assert view.counts.missed == 2
    assert len(view.stores) == 6
    assert {store.store_id for store in view.stores if is_stale(store.feed, store.paused, NOW)} == {"tt-uk-1"}
    await house.close()
    await house.close()


# Exports


async def test_an_export_has_one_line_per_order_and_never_overwrites(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    house = House(data_dir)
    await house.open()
    moment = datetime(2026, 7, 14, 17, 42, tzinfo=ZONE)
    path = export_path(data_dir, moment)
    said = await write_orders(house.reader, [1, 2, 3, 999], path, NOW)
    await house.close()
    assert str(path) in said
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:2] == ["store", "order"]
    assert len(rows) == 4
    assert path.stat().st_mode & 0o077 == 0
    assert export_path(data_dir, moment) != path


async def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    house = House(data_dir)
    await house.open()
    (data_dir.root / "exports").write_text("in the way")
    said = await write_orders(house.reader, [1], data_dir.root / "exports" / "x.csv", NOW)
    await house.close()
    assert "cannot be written" in said


# Own keys

KEYMAPS = [
    ("", ""),
    ('[keys]\n"order.ship" = "f"\n', ""),
    ("[keys\n", "cannot be read"),
    ('keys = "f"\n', "needs a table [keys]"),
    ("[keys]\nship = 3\n", "needs a table [keys]"),
    ('[keys]\n"order.shop" = "f"\n', "Did you mean order.ship?"),
    ('[keys]\n"order.ship" = "j"\n', "would mean both"),
]


@pytest.mark.parametrize(("text", "fault"), KEYMAPS)
def test_a_keymap_counts_only_when_all_of_it_is_right(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text(text, encoding="utf-8")
    keymap = load_keymap(path)
    assert fault in keymap.fault
    assert bool(keymap.fault) is bool(fault)
    if fault:
        assert keymap.keys == {}
        assert str(path) in keymap.fault


def test_without_a_keymap_the_usual_keys_count(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "keymap.toml") == Keymap()
