"""Three hundred orders of three marketplaces, shipped with their labels by one confirmation; their journals agree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pypdf import PdfReader

from shoptui.domain.intents import OPEN_STATES, IntentState, Verb
from shoptui.domain.marketplaces import MARKETPLACES, name_of
from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("mixed")]

#: With parcels where they are not as many as the orders; how many stores they are of is left out at 80 columns.
_HEAD = re.compile(r"SHIP, KEEP LABELS (?:\d+ parcels, )?(\d+) of (\d+) orders")
#: What each marketplace's journal calls it when a parcel goes.
_GOES = {"tiktok": "ship", "shopee": "ship", "lazada": "rts"}
#: Nothing waits for the simulated marketplaces' own delays.
_PROMPT = {"tracking_delay_s": 0, "label_delay_s": 0, "state_lag_min_s": 0, "state_lag_max_s": 1}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PersonalHouse]:
    """Two stores of each marketplace, read by a running engine."""
    markets = tuple(MARKETPLACES)
    with PersonalHouse(tmp_path / "house", stores=6, orders=1100, markets=markets) as made:
        made.ask("/settings", _PROMPT)
        made.start_engine()
        yield made


def _all_say(cockpit: Cockpit, sign: str) -> bool:
    return {row.act[:1] for row in cockpit.shown_rows()} == {sign}


def test_one_selection_one_preview_one_key(house: PersonalHouse) -> None:
    marketplace_of = {store_id: store.marketplace for store_id, store in house.stores().items()}
    with Cockpit(house.env) as cockpit:
        cockpit.ready()
        cockpit.show_filter("status:to_ship -ship:seller")
        assert cockpit.mark_all() >= 300
        cockpit.key("p")
        cockpit.until(lambda: _HEAD.search(cockpit.text()) is not None and "no printer" in cockpit.text(), "the strip")
        head = _HEAD.search(cockpit.text())
        assert head is not None
        ready, asked = map(int, head.groups())
        assert 300 <= ready <= asked == cockpit.marked_count
        for marketplace in MARKETPLACES:
            assert re.search(rf"{name_of(marketplace)} [1-9]", cockpit.text()), "counted by marketplace"
        assert f"left out  {asked - ready}:" in cockpit.text()
        assert house.journal() == []
        cockpit.confirm()
        cockpit.until(lambda: cockpit.order_count < asked - 200, "rows that are done leave the filter", 60)
        wait_until(
            lambda: bool(house.outbox()) and not any(intent.state in OPEN_STATES for intent in house.outbox()),
            "all is settled",
            120,
        )
        cockpit.until(lambda: "labels written to" in cockpit.text(), "the file of labels", 60)
        for state, sign in (("done", "✓"), ("failed", "✗")):
            cockpit.show_filter(f"act:{state}")
            cockpit.until(partial(_all_say, cockpit, sign), f"rows that are {state}")

    outbox = house.outbox()
    assert {intent.store_id for intent in outbox} == marketplace_of.keys()
    assert {intent.state for intent in outbox} <= {IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE}
    assert all(intent.cause is not None for intent in outbox if intent.state is not IntentState.DONE)
    shipped = Counter(
        (marketplace_of[intent.store_id], intent.order_no)
        for intent in outbox
        if intent.verb is Verb.SHIP and intent.state is IntentState.DONE
    )
    journal = house.journal()
    gone = Counter(
        (row["marketplace"], row["order_id"])
        for row in journal
        if row["op"] == _GOES[row["marketplace"]] and row["effect"] == "applied"
    )
    assert gone == shipped, "each parcel went once, and none that is not said to have gone"
    assert {marketplace for marketplace, _order_no in gone} == set(MARKETPLACES)

    labels = [intent for intent in outbox if intent.verb is Verb.LABEL and intent.state is IntentState.DONE]
    assert {(marketplace_of[one.store_id], one.order_no) for one in labels} >= set(shipped)
    (pdf,) = house.data_dir.root.glob("**/labels-*.pdf")
    assert len(PdfReader(pdf).pages) == len(labels)
