"""Strips over stores of which each has reasons, carriers and order numbers of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from shoptui.client import Answer
from shoptui.domain.intents import Verb
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import preview
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.order_form import VerbForm
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.order_reasons import AnswerForm, CancelForm
from shoptui.screens.order_tracking import TrackingForm
from tests.queries.test_preview import NOW, candidate
from tests.ui.app_support import ZONE

FACTS = FormFacts(NOW, ZONE)
STORES = {"tt-th-1": "tiktok", "sp-th-1": "shopee", "lz-th-1": "lazada"}


def orders_of_each(count: int = 2, **changes: Any) -> list[Candidate]:
    """So many orders of each store."""
    return [
        candidate(10 * place + number, store_id=store_id, marketplace=marketplace, **changes)
        for place, (store_id, marketplace) in enumerate(STORES.items())
        for number in range(count)
    ]


def reasons(**of_store: Sequence[tuple[str, str]]) -> Answer:
    """The engine's answer: reasons by store, `tt_th_1` standing for tt-th-1."""
    return Answer(True, {"options": {name.replace("_", "-"): {"reasons": found} for name, found in of_store.items()}})


def words(form: VerbForm) -> str:
    return "\n".join(pieces_text(line) for line in [*form.lines(80, NOW), *form.lines_below(80)])


def ordered_by_store(parts: Sequence[OrderPart], key: str) -> dict[str, object]:
    """What is sent for each store under one name of the arguments."""
    return {target.store_id: part.args(target).get(key) for part in parts for target in part.targets}


@pytest.fixture
def ordered() -> list[OrderPart]:
    return []


@pytest.fixture
def cancel(ordered: list[OrderPart]) -> CancelForm:
    found = orders_of_each()
    form = CancelForm(preview((Verb.CANCEL,), found, NOW), found, FACTS, ordered.extend, ask=lambda targets: None)
    both = ("out_1", "Out of stock")
    form.take_reasons(reasons(tt_th_1=[both], sp_th_1=[("OOS", "Out of stock")], lz_th_1=[("15", "Sourcing delay")]))
    return form


def test_every_store_is_cancelled_by_its_own_id_for_the_reason(cancel: CancelForm, ordered: list[OrderPart]) -> None:
    cancel.key("1", "1")
    assert "Out of stock  (2 stores)" in words(cancel) and "for 1 store more" in words(cancel)
    assert cancel.does() == "" and "Type" not in words(cancel)
    cancel.key("1", "1")
    assert "Sourcing delay  (1 store)" in words(cancel) and "Type 6 to unlock" in words(cancel)
    cancel.key("6", "6")
    cancel.do()
    assert ordered_by_store(ordered, "reason_id") == {"tt-th-1": "out_1", "sp-th-1": "OOS", "lz-th-1": "15"}


def test_enter_leaves_out_the_stores_that_are_not_chosen_for(cancel: CancelForm) -> None:
    assert not cancel.key("enter", None), "before anything is chosen nothing can be left out"
    cancel.key("1", "1")
    judged: list[bool] = []
    cancel.chosen = lambda: judged.append(True)
    assert cancel.key("enter", None)
    assert cancel.count == 4 and judged == [True]
    assert [(group.reason_id, len(group.row_ids)) for group in cancel.preview.left_out] == [("reason_not_offered", 2)]
    cancel.key("backspace", None)
    assert cancel.count == 6 and "choose the reason by its digit" in words(cancel)


def test_reasons_that_come_late_are_asked_for_before_a_count_is_typed(ordered: list[OrderPart]) -> None:
    found = orders_of_each()
    form = CancelForm(preview((Verb.CANCEL,), found, NOW), found, FACTS, ordered.extend, ask=lambda targets: None)
    form.take_reasons(reasons(tt_th_1=[("a", "Out of stock")], sp_th_1=[("b", "Out of stock")]))
    form.key("1", "1")
    assert form.count == 4
    form.take_reasons(reasons(lz_th_1=[("c", "Sourcing delay")]))
    assert form.does() == "" and "for 1 store more" in words(form)
    form.key("1", "1")
    assert form.count == 6


def test_who_asks_for_no_reason_is_refused_without_one(ordered: list[OrderPart]) -> None:
    found = orders_of_each(1, flags=1)
    made = preview((Verb.ANSWER_CANCEL,), found, NOW)
    form = AnswerForm(made, found, FACTS, ordered.extend, ask=lambda targets: None, accept=False)
    form.take_reasons(reasons(tt_th_1=[("packed", "It has been packed")], sp_th_1=[], lz_th_1=[]))
    form.key("1", "1")
    assert form.count == 3
    form.key("3", "3")
    form.do()
    assert ordered_by_store(ordered, "reason_id") == {"tt-th-1": "packed", "sp-th-1": None, "lz-th-1": None}


def tracking(found: list[Candidate], ordered: list[OrderPart], **carriers: dict[str, str]) -> TrackingForm:
    return TrackingForm(
        preview((Verb.SHIP_OWN,), found, NOW),
        found,
        FACTS,
        ordered.extend,
        carriers={name.replace("_", " "): ids for name, ids in carriers.items()},
        carrier="Flash Express" if carriers else "",
        read_file=lambda path: None,
    )


def test_a_carrier_is_left_to_stores_that_name_one(ordered: list[OrderPart]) -> None:
    found = orders_of_each(1, ship_block="seller_shipping", shipping_type="seller")
    carriers = {"Flash_Express": {"tt-th-1": "f1"}, "LEX_TH": {"lz-th-1": "x9"}}
    form = tracking(found, ordered, **carriers)
    assert {target.store_id for target in form.preview.ready} == {"tt-th-1", "sp-th-1"}
    assert [(group.reason_id, len(group.row_ids)) for group in form.preview.left_out] == [("carrier_unknown", 1)]


def test_a_number_that_two_stores_have_fills_neither(ordered: list[OrderPart]) -> None:
    found = [
        candidate(1, store_id="tt-th-1", order_no="700", ship_block="seller_shipping", shipping_type="seller"),
        candidate(2, store_id="sp-th-1", order_no="700", ship_block="seller_shipping", shipping_type="seller"),
        candidate(3, store_id="sp-th-1", order_no="701", ship_block="seller_shipping", shipping_type="seller"),
    ]
    form = tracking(found, ordered)
    form.take_text("700\tTH000001\n701\tTH000002\n")
    assert "Line 1: several stores have an order 700; mark those of one store." in " ".join(words(form).split())
    form.do()
    assert ordered_by_store(ordered, "tracking_number") == {"sp-th-1": "TH000002"}
