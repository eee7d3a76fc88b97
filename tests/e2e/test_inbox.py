"""Fifty conversations that are urgent, of three marketplaces, answered with keys alone; each buyer reads one answer."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shoptui.domain.intents import OPEN_STATES, IntentState, Verb
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.reply_clock import ReplyBook
from shoptui.domain.stores import REGIONS, Store
from shoptui.rulebook import load_rule_book
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("inbox")]

_URGENT = 50
_TYPED = 5
_QUICK_ONES = 3
_MARKED = 12
#: Conversations whose buyers have only just asked: nobody is to answer them yet.
_FRESH = 6
_DAY_S = 86_400
_STEP_S = 900
#: The world begins so long ago that clocks which stand still over a row of holidays can run out, too.
_BEGAN_AGO_S = 10 * _DAY_S
#: Reply clocks end at the latest in so many seconds when the cockpit opens.
_ENDS_IN_S = 6000
_CONFIG = """[engine]
hold_s = 1

[inbox]
van = "23:59"
delivery_days = 3
return_address = "Hall 3, 12 Example Road"
"""
#: Nothing waits for the simulated marketplaces' own delays.
_PROMPT = {"tracking_delay_s": 0, "state_lag_min_s": 0, "state_lag_max_s": 1}

_THREADS = re.compile(r"([\d,]+) threads?\b")
_WRITES = re.compile(r"Reply as (\S+) to (\S+) in ")
_QUICK = re.compile(r'REPLY (\d+) "[^"]+" to (\S+) as (\S+)')
_BATCH = re.compile(r'REPLY (\d+) "[^"]+" to (\d+) of (\d+) buyers?, (\d+) stores?')

#: A store and a buyer's name, as a strip says who writes to whom.
Who = tuple[str, str]


def _asked_at(shop_id: str, marketplace: str, region: str, now: int) -> int:
    """When a buyer has to ask for the reply clock to end within `_ENDS_IN_S` of `now`, or before."""
    zone, currency = REGIONS[region]
    shop = Store("shop", marketplace, region, shop_id, "", zone, currency, marketplace)
    book = ReplyBook(load_rule_book(), [shop])
    for asked_at in range(now, now - _BEGAN_AGO_S + _DAY_S, -_STEP_S):
        clock = book.clock("shop", "", asked_at)
        assert clock is not None
        if clock.due_at <= now + _ENDS_IN_S:
            return asked_at
    raise AssertionError(f"no reply clock of {marketplace} {region} can be short")


def _ask(house: PersonalHouse, shop_id: str, count: int, talking: set[tuple[str, str]]) -> None:
    """Let buyers of a shop order something and write about it until so many more than `talking` have a conversation."""
    most = len(talking) + count
    while len(talking) < most:
        (order_id,) = house.poke("new_orders", shop_id=shop_id)["order_ids"]
        talking.add((shop_id, house.poke("buyer_writes", order_id=order_id)["thread_id"]))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PersonalHouse]:
    """Two stores of each marketplace, Lazada's with a chat app; fifty buyers have waited long, six more just asked."""
    now = int(time.time())
    markets = tuple(MARKETPLACES)
    talking: set[tuple[str, str]] = set()
    began_at = now - _BEGAN_AGO_S
    with PersonalHouse(
        tmp_path / "house", stores=6, orders=60, markets=markets, config=_CONFIG, start_at=began_at
    ) as made:
        made.ask("/settings", _PROMPT)
        asks = sorted((_asked_at(shop_id, *where, now), shop_id) for shop_id, where in made.regions.items())
        for place, (asked_at, shop_id) in enumerate(asks):
            world_at = made.ask("/clock")["world_at"]
            made.ask("/clock", {"advance_s": max(0, asked_at - world_at)})
            _ask(made, shop_id, _URGENT // len(asks) + (place < _URGENT % len(asks)), talking)
        made.ask("/clock", {"offset_s": 0})
        shop_id = next(shop_id for shop_id, (name, _region) in made.regions.items() if name == "tiktok")
        _ask(made, shop_id, _FRESH, talking)
        made.start_engine()
        wait_until(lambda: len(made.threads("is:waiting")) == _URGENT + _FRESH, "the conversations")
        yield made


def _threads(cockpit: Cockpit) -> int:
    """How many conversations the view says there are; -1 while it does not say."""
    found = _THREADS.search(cockpit.view)
    return int(found.group(1)) if found and "reading" not in cockpit.view else -1


def _are_marked(cockpit: Cockpit, count: int) -> bool:
    return cockpit.marked_count == count


def _title(cockpit: Cockpit, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """What a strip's title says once it is there."""
    cockpit.until(lambda: pattern.search(cockpit.text()) is not None, f"a strip with {pattern.pattern}")
    found = pattern.search(cockpit.text())
    assert found is not None
    return found.groups()


def _write(cockpit: Cockpit, words: str) -> Who:
    """Answer the conversation under the cursor in one's own words; to whom the strip said they go."""
    cockpit.key("r")
    store_id, buyer = _title(cockpit, _WRITES)
    cockpit.until(lambda: "Esc leave" in cockpit.keys, "the keyboard in the field")
    cockpit.type(words)
    _confirm(cockpit)
    return store_id, buyer


def _confirm(cockpit: Cockpit) -> None:
    """Confirm a strip and wait until the list has the keyboard again and nothing of the strip is left."""
    cockpit.confirm()
    strips = (_WRITES, _QUICK, _BATCH)
    cockpit.until(
        lambda: "F6 Reply" in cockpit.keys and not any(strip.search(cockpit.text()) for strip in strips),
        "the list without a strip",
    )


def _pick(cockpit: Cockpit, number: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Open the strip of quick replies and pick one; what the title then says."""
    cockpit.key("t")
    cockpit.wait_for("choose by number")
    cockpit.key(number)
    picked, *said = _title(cockpit, pattern)
    assert picked == number
    return tuple(said)


def _sent(house: PersonalHouse) -> list[tuple[tuple[str, str], str]]:
    """Every message that the marketplaces took: store and conversation, and its words."""
    stores = {shop_id: store_id for store_id, shop_id in house.shop_ids().items()}
    return [
        ((stores[row["shop_id"]], row["target"]), row["text"])
        for row in house.journal()
        if row["op"] == "chat_send" and row["effect"] == "applied"
    ]


def test_fifty_urgent_conversations_get_one_answer_each(house: PersonalHouse) -> None:
    urgent = {(row.store_id, row.thread_id): row for row in house.threads("reply:<2h")}
    assert len(urgent) == _URGENT
    assert {row.marketplace for row in urgent.values()} == set(MARKETPLACES)
    meant: dict[str, Who] = {}
    with Cockpit(house.env) as cockpit:
        cockpit.ready()
        cockpit.go("i", "Inbox")
        cockpit.show_view("1")
        cockpit.until(lambda: _threads(cockpit) == _URGENT, "all that is urgent")

        for number in range(_TYPED):
            words = f"Yes, number {number}"
            meant[words] = _write(cockpit, words)
        for _number in range(_QUICK_ONES):
            # One that every order has the values for, whether or not a carrier is known.
            buyer, store_id = _pick(cockpit, "5", _QUICK)
            assert (store_id, buyer) not in meant.values(), "the cursor has gone on"
            _confirm(cockpit)
        singles = _TYPED + _QUICK_ONES
        cockpit.until(lambda: _threads(cockpit) == _URGENT - singles, "what was answered is no longer urgent")

        for number in range(1, _MARKED + 1):
            cockpit.key("space")
            cockpit.until(partial(_are_marked, cockpit, number), f"{number} marks")
        assert _pick(cockpit, "5", _BATCH)[:2] == (str(_MARKED), str(_MARKED))
        _confirm(cockpit)
        left = _URGENT - singles - _MARKED
        cockpit.until(lambda: _threads(cockpit) == left, "the marked ones are answered")

        cockpit.show_view("1")
        assert cockpit.mark_all() == left, "those whose clocks ran out are marked in their folded group, too"
        assert _pick(cockpit, "1", _BATCH)[:2] == (str(left), str(left))
        cockpit.confirm()
        cockpit.until(lambda: _threads(cockpit) == 0, "nothing is urgent")

    outbox = house.outbox()
    assert not any(intent.state in OPEN_STATES for intent in outbox)
    assert Counter((intent.verb, intent.state) for intent in outbox) == {(Verb.REPLY, IntentState.DONE): _URGENT}
    sent = _sent(house)
    assert Counter(key for key, _words in sent) == dict.fromkeys(urgent, 1), "one answer each, and nobody else got one"
    for key, words in sent:
        row = urgent[key]
        if words in meant:
            assert meant.pop(words) == (row.store_id, row.buyer)
        else:
            assert row.order_no in words or row.buyer in words
    assert not meant, "every word that was typed has arrived"
