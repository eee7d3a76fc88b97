"""What must never ship anything: F9 unread or held down, other keys, scans and pastes. And what those do instead."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from shoptui.queries.types import OrderRow
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("hands-off")]

#: What a scanner may be set up to read: an order number, a tracking number, a shelf label, words.
CODES = ("577086583527589869", "TH0123456789AB", "A-12-3-KASSE", "ssssss1yyyyyy")


@pytest.fixture(scope="module")
def cockpit(shared_house: PersonalHouse) -> Iterator[Cockpit]:
    """One cockpit for all the tests of this module."""
    with Cockpit(shared_house.env) as opened:
        yield opened.ready()


@pytest.fixture(autouse=True)
def nothing_ordered(cockpit: Cockpit, shared_house: PersonalHouse) -> Iterator[None]:
    """Begin on the list of Orders with nothing marked; afterwards neither outbox nor journal has anything."""
    if "[Orders" not in cockpit.line(1):
        cockpit.go("o", "Orders")
    _leave_detail(cockpit)
    cockpit.show_view("0")
    if cockpit.marked_count:
        cockpit.key("u")
        cockpit.until(lambda: cockpit.marked_count == 0, "no marks")
    yield
    if cockpit.strip is not None:
        cockpit.key("escape")
        cockpit.until(lambda: cockpit.strip is None, "the strip closed")
    _see_all_messages(cockpit)
    # A later ordinary request has been answered: whatever the keys had asked for would be in the outbox by now.
    cockpit.key("f5")
    cockpit.wait_for("Reading all stores now.")
    assert shared_house.outbox() == []
    assert shared_house.shipped() == []


def _see_all_messages(cockpit: Cockpit) -> None:
    while " seen" in cockpit.message:
        shown = cockpit.message
        cockpit.key("delete")
        cockpit.until(partial(_is_other, cockpit, shown), "the next message")


def _is_other(cockpit: Cockpit, shown: str) -> bool:
    return cockpit.message != shown


def _leave_detail(cockpit: Cockpit) -> None:
    if "◄ list" in cockpit.keys:
        cockpit.key("left")
        cockpit.wait_gone("◄ list")


def _strip_with_marks(cockpit: Cockpit) -> None:
    cockpit.show_view("2")
    cockpit.mark_all()
    assert cockpit.ask_ship()[0] > 0


def test_f9_before_the_strip_could_be_read(cockpit: Cockpit) -> None:
    cockpit.burst("s", "f9")
    cockpit.until(lambda: "Not sent" in cockpit.message or cockpit.strip is not None, "an answer to s and F9")
    cockpit.until(lambda: cockpit.strip is not None, "the strip")


def test_f9_held_down_while_the_strip_opens(cockpit: Cockpit) -> None:
    cockpit.press("f9", "f9")
    cockpit.press_apart("s", *["f9"] * 60, gap_s=0.035)
    cockpit.until(lambda: cockpit.strip is not None, "the strip")


def test_f9_with_another_key_at_once(cockpit: Cockpit) -> None:
    _strip_with_marks(cockpit)
    cockpit.read_for(0.5)
    cockpit.burst("x", "f9")
    cockpit.wait_for("Not sent")
    cockpit.read_for(0.8)
    cockpit.burst("f9", "x")
    cockpit.wait_for("Not sent: another key came with F9")
    assert cockpit.strip is not None


def test_enter_letters_digits_and_space_over_the_strip(cockpit: Cockpit) -> None:
    _strip_with_marks(cockpit)
    for key in ("enter", "enter", "space", *"yYspaxdoj", *"1290", "tab", "f6", "f7", "f8", "f10", "end"):
        cockpit.key(key)
    assert cockpit.strip is not None, cockpit.text()


@pytest.mark.parametrize(
    ("code", "suffix"),
    [(code, "\r") for code in CODES] + [(CODES[0], "\r\n"), (CODES[0], "\t"), (CODES[0], "")],
    ids=["order", "tracking", "shelf", "letters", "CRLF", "Tab", "no suffix"],
)
def test_scans_over_the_strip_are_kept_for_later(cockpit: Cockpit, code: str, suffix: str) -> None:
    _strip_with_marks(cockpit)
    before, bells = cockpit.strip, cockpit.screen.bells
    cockpit.burst(code + suffix)
    cockpit.wait_for(f"Scan {code} is kept")
    assert cockpit.strip == before
    cockpit.until(lambda: cockpit.screen.bells > bells, "the bell")
    cockpit.key("escape")
    cockpit.until(lambda: cockpit.strip is None, "the strip closed")
    cockpit.key("'")
    cockpit.wait_for(f"? {code} is no order or parcel of ours.")
    cockpit.key("delete")


@pytest.mark.parametrize("text", ["s\r", "577086583527589869\r", "s\n\x19\n", "yes\r\nyes\r\n"])
def test_a_paste_over_the_strip(cockpit: Cockpit, text: str) -> None:
    _strip_with_marks(cockpit)
    cockpit.paste(text)
    cockpit.key("j")
    assert cockpit.strip is not None


def test_a_scan_that_ends_in_the_confirming_key(cockpit: Cockpit) -> None:
    _strip_with_marks(cockpit)
    cockpit.read_for(0.5)
    cockpit.burst("577086583527589869", "enter", "ctrl+y")
    cockpit.wait_for("Not sent")
    assert cockpit.strip is not None


def test_keys_typed_ahead_reach_what_the_earlier_ones_open(cockpit: Cockpit) -> None:
    cockpit.burst("g", "a")
    cockpit.until(lambda: "[Act" in cockpit.line(1), "Activity")
    cockpit.burst("f2", "9")
    cockpit.until(lambda: "[Stores" in cockpit.line(1), "Stores")
    cockpit.burst("g", "o", "2", "*")
    cockpit.until(lambda: "[Orders" in cockpit.line(1) and cockpit.marked_count > 0, "marks in Orders")
    cockpit.burst("/", "s", "k", "u")
    cockpit.wait_for("/ due:<4h sku")
    cockpit.key("escape")


def _go_to_place(cockpit: Cockpit, place: str) -> None:
    match place:
        case "activity":
            cockpit.go("a", "Act")
        case "stores":
            cockpit.go("e", "Stores")
        case "help":
            cockpit.key("?")
            cockpit.wait_for("Keys that work in")
        case "detail":
            if "◄ list" not in cockpit.keys:
                cockpit.key("enter")
                cockpit.wait_for("◄ list")
        case _:
            _leave_detail(cockpit)


PLACES = ["orders", "activity", "stores", "help", "detail"]


@pytest.mark.parametrize("place", PLACES)
def test_a_scan_opens_its_order(cockpit: Cockpit, shared_house: PersonalHouse, place: str) -> None:
    rows = [row for row in shared_house.orders("is:open status:to_hand_over") if row.tracking][:3]
    by_number, by_tracking, by_paste = rows

    def is_open(wanted: OrderRow) -> None:
        cockpit.until(
            lambda: "[Orders" in cockpit.line(1) and wanted.order_no in cockpit.text() and "◄ list" in cockpit.keys,
            f"the detail of {wanted.order_no}",
        )

    _go_to_place(cockpit, place)
    cockpit.burst(by_number.order_no + "\r")
    is_open(by_number)
    _go_to_place(cockpit, place)
    cockpit.burst(by_tracking.tracking + "\r")
    is_open(by_tracking)
    _go_to_place(cockpit, place)
    cockpit.paste(by_paste.order_no + "\n")
    is_open(by_paste)


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_code_says_so(cockpit: Cockpit, place: str) -> None:
    _go_to_place(cockpit, place)
    cockpit.burst("629104150021\r")
    cockpit.wait_for("? 629104150021 is no order or parcel of ours.")


def test_a_scan_of_a_filtered_out_order_finds_it(cockpit: Cockpit, shared_house: PersonalHouse) -> None:
    wanted = next(row for row in shared_house.orders("is:open") if row.status == "in_transit")
    cockpit.show_view("7")
    assert wanted.order_no[-6:] not in {row.tail for row in cockpit.shown_rows()}
    cockpit.burst(wanted.order_no + "\r")
    cockpit.wait_for("It was filtered out: 0 shows all again.")
    cockpit.until(lambda: cockpit.cursor_tail == wanted.order_no[-6:], "its row")
