"""A hundred return requests of three marketplaces, answered with keys alone; each buyer gets one answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shoptui.domain.intents import OPEN_STATES, IntentState
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.returns import ReturnAnswer
from shoptui.queries.returns import CANCEL_PREFIX
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("returns")]

_RETURNS = 100
#: Returns are asked for of orders that have arrived: so many orders have a hundred.
_ORDERS = 520
#: Nothing waits for the simulated marketplaces' own delays.
_PROMPT = {"tracking_delay_s": 0, "state_lag_min_s": 0, "state_lag_max_s": 1}
_SMALL = "status:ours value:<5usd -ask:cancel"

_LISTED = re.compile(r"([\d,]+) returns?\b")
_TYPE = re.compile(r"Type (\d+) to unlock F9")
_PICK = re.compile(r"choose the reason by its digit")
_ASKED = re.compile(rf"{_PICK.pattern}|{_TYPE.pattern}|COMMENT to")
_COMMENT = "it is as it was shown"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PersonalHouse]:
    """Two stores of each marketplace with a hundred requests in all, read by an engine."""
    markets = tuple(MARKETPLACES)
    with PersonalHouse(tmp_path / "house", stores=6, orders=_ORDERS, markets=markets, returns=_ORDERS) as made:
        made.ask("/settings", _PROMPT)
        made.start_engine()
        wait_until(lambda: len(made.returns("")) >= _RETURNS, "the requests")
        yield made


def _count(cockpit: Cockpit) -> int:
    """How many requests the view says there are; -1 while it does not say."""
    found = _LISTED.search(cockpit.view)
    return int(found.group(1).replace(",", "")) if found and "reading" not in cockpit.view else -1


def _show(cockpit: Cockpit, filter_text: str) -> int:
    """Show what a filter matches; how many those are."""
    cockpit.show_filter(filter_text)
    cockpit.until(lambda: _count(cockpit) >= 0, "a list that is read")
    return _count(cockpit)


def _confirm(cockpit: Cockpit) -> int:
    """Type the count the strip asks for, then F9; how many that orders."""
    cockpit.until(lambda: _TYPE.search(cockpit.text()) is not None, "a strip that wants its count")
    for _ in range(5):
        found = _TYPE.search(cockpit.text())
        assert found is not None
        count = found.group(1)
        cockpit.type(count)
        cockpit.read_for(0.3)
        if "F9 locked" not in cockpit.keys:
            cockpit.confirm()
            cockpit.until(lambda: "F6 Agree" in cockpit.keys, "the list without a strip")
            return int(count)
        # The engine has left something out meanwhile: the count is another one.
        cockpit.key(*["backspace"] * len(count))
    raise AssertionError(f"the count never unlocked F9:\n{cockpit.text()}")


def _refuse(cockpit: Cockpit) -> int:
    """Refuse what is marked for the first reason, with a comment where one is due."""
    cockpit.key("x")
    while True:
        cockpit.until(lambda: _ASKED.search(cockpit.text()) is not None, "what the strip of refusals asks")
        before = cockpit.text()
        if _PICK.search(before):
            cockpit.key("1")
            cockpit.until(lambda: _PICK.search(cockpit.text()) is None, "the reason taken")
        elif "COMMENT to" in before:
            cockpit.type(_COMMENT)
            cockpit.key("enter")
            cockpit.until(lambda: "COMMENT to" not in cockpit.text(), "the strip again")
        else:
            break
    return _confirm(cockpit)


def _is_answer(row: Mapping[str, Any]) -> bool:
    """Whether an entry of the journal is where a request was answered.

    Lazada takes one call for each line; the last one answers the request, the others leave it as it was.
    """
    if row["effect"] != "applied" or not ("_return" in str(row["op"]) or "cancel" in str(row["op"])):
        return False
    before, arrow, after = str(row["text"]).rpartition(": ")[2].partition(" > ")
    return not arrow or before != after


def _request_of(row: Mapping[str, Any]) -> str:
    """What an answer was to: a return by its id, a wish to cancel by its order."""
    return str(row["target"] if "_return" in str(row["op"]) else row["order_id"])


def _settled(house: PersonalHouse) -> None:
    """Wait until nothing that was ordered is under way, and every answer is seen in the list."""
    wait_until(lambda: all(intent.state not in OPEN_STATES for intent in house.outbox()), "everything settled")
    wait_until(lambda: not _answered(house) & _ours(house), "the answers read back")


def _ours(house: PersonalHouse) -> set[tuple[str, str]]:
    return {(row.store_id, row.return_id) for row in house.returns("status:ours")}


def _answered(house: PersonalHouse) -> set[tuple[str, str]]:
    return {(intent.store_id, intent.target_id) for intent in house.outbox()}


def test_a_hundred_returns_get_one_answer_each(house: PersonalHouse) -> None:
    ours = {(row.store_id, row.return_id): row for row in house.returns("status:ours")}
    small = {(row.store_id, row.return_id) for row in house.returns(_SMALL) if ReturnAnswer.REFUND_ONLY in row.answers}
    assert len(ours) >= _RETURNS
    assert {row.marketplace for row in ours.values()} == set(MARKETPLACES)
    assert len(small) > 9
    with Cockpit(house.env) as cockpit:
        cockpit.ready()
        cockpit.go("r", "Ret")
        _show(cockpit, _SMALL)
        cockpit.mark_all()
        cockpit.key("f")
        assert _confirm(cockpit) == len(small)

        _settled(house)

        _show(cockpit, "status:asked ask:return market:tiktok")
        cockpit.key("u")
        cockpit.mark_all()
        refused = _refuse(cockpit)
        assert refused > 0
        _settled(house)

        _show(cockpit, "status:asked")
        cockpit.mark_all()
        cockpit.key("a")
        agreed = _confirm(cockpit)
        # What could not be agreed to is still marked: it is refunded.
        rest = cockpit.marked_count
        if rest > 0:
            cockpit.key("f")
            rest = _confirm(cockpit)
        _show(cockpit, "status:arrived")
        cockpit.mark_all()
        cockpit.key("a")
        paid = _confirm(cockpit)
        _settled(house)

    outbox = house.outbox()
    assert {intent.state for intent in outbox} == {IntentState.DONE}
    assert len(outbox) == len(small) + refused + agreed + rest + paid
    answered = {(intent.store_id, intent.target_id) for intent in outbox}
    asked = {(store_id, return_id.removeprefix(CANCEL_PREFIX)) for store_id, return_id in ours}
    assert asked <= answered, "nobody who asked is left without an answer"
    taken = Counter(_request_of(row) for row in house.journal() if _is_answer(row))
    assert taken == Counter(target_id for _store_id, target_id in answered), "one answer each, and nobody else got one"
