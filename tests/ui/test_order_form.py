"""The strip of a verb: what it counts, what unlocks F9, what Tab shows, and what the engine's judgement changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import pytest

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.intents import Verb
from shoptui.domain.orders import Status
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import preview
from shoptui.queries.types import OrderLines
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.order_form import VerbForm
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.order_reasons import LinesForm
from shoptui.screens.order_regroup import pieces_of
from shoptui.screens.order_ship import ShipForm, names_within
from shoptui.shell.order_regroup import split_groups
from shoptui.words import BatchSum, hold_line, result_line
from tests.queries.test_preview import NOW, candidate
from tests.store.factories import line
from tests.ui.app_support import ZONE


class Costly(VerbForm):
    """A form of level 3."""

    level = Level.COSTS


def form(kind: type[VerbForm] = VerbForm, count: int = 3, **changes: Any) -> tuple[VerbForm, list[OrderPart]]:
    ordered: list[OrderPart] = []
    candidates = [candidate(number, **changes) for number in range(count)]
    made = kind(preview((Verb.CANCEL,), candidates, NOW), candidates, FormFacts(NOW, ZONE), ordered.extend)
    return made, ordered


def words(made: VerbForm) -> str:
    return "\n".join(pieces_text(line) for line in [*made.lines(80, NOW), *made.lines_below(80)])


def test_nothing_is_ordered_at_level_three_before_the_count_is_typed() -> None:
    made, ordered = form(Costly, 12)
    assert "Type 12 to unlock F9" in words(made)
    made.do()
    assert ordered == []
    for key in "13":
        assert made.key(key, key)
    assert made.does() == ""
    made.key("backspace", None)
    made.key("2", "2")
    assert made.does() == "cancel 12"
    made.do()
    assert [len(part.targets) for part in ordered] == [12]


def test_what_the_engine_would_refuse_is_left_out_and_the_count_typed_anew() -> None:
    made, ordered = form(Costly)
    made.key("3", "3")
    assert made.does() == "cancel 3"
    refusal = {"index": 1, "verb": "cancel", "reason": "status", "say": "Order 1 is in transit."}
    made.judged(made.preview.ready, Answer(True, {"refused": [refusal]}))
    assert made.does() == ""
    assert "Order 1 is in transit." in words(made)
    made.key("2", "2")
    made.do()
    assert [target.order_no for part in ordered for target in part.targets] == ["0", "2"]


def test_a_role_that_may_not_is_told_before_it_types() -> None:
    made, _ordered = form(Costly)
    made.judged(made.preview.ready, Answer(False, {}, "not_allowed", "an is a packer; to cancel needs an agent."))
    assert not made.preview.ready
    assert "an is a packer" in words(made)
    assert "Type" not in words(made)


def test_without_an_engine_the_strip_stays_as_it_is() -> None:
    made, _ordered = form()
    made.judged(made.preview.ready, Answer(False, {}, "no_engine", "gone"))
    assert made.does() == "cancel 3"


def test_tab_goes_through_everything_left_out_and_back() -> None:
    made, _ordered = form(count=20, status="delivered")
    assert "left out  20: handed over already" in words(made)
    seen: set[str] = set()
    for _page in range(3):
        assert made.show_rows()
        seen |= {line.split()[1] for line in words(made).splitlines() if line.startswith(" tt-th-1")}
    assert seen == {str(number) for number in range(20)}
    made.show_rows()
    assert "left out  20" in words(made)


def test_how_it_goes_is_never_cut_at_80_columns() -> None:
    names = ("shopee", "tiktok")
    candidates = [replace(candidate(number), marketplace=names[number % 2]) for number in range(4)]
    found = preview((Verb.SHIP,), candidates, NOW)
    found = replace(found, ready=(*found.ready, *found.ready[:1]))
    made = ShipForm(found, candidates, FormFacts(NOW, ZONE), lambda parts: None)
    made._method_words = lambda method: "pick-up tomorrow 10:00-12:00 at the warehouse's gate"  # type: ignore[method-assign]
    said = words(made).splitlines()
    assert all(cell_width(line) <= 80 for line in said)
    together = " ".join(" ".join(said).split())
    assert "how Shopee 2 TikTok 2: pick-up tomorrow 10:00-12:00 at the warehouse's gate" in together


def test_where_parcels_are_more_than_orders_the_head_says_both_and_all_else_counts_parcels() -> None:
    candidates = [candidate(number) for number in range(4)]
    found = preview((Verb.SHIP,), candidates, NOW)
    found = replace(found, ready=(*found.ready, replace(found.ready[0], target_id="P9")))
    ordered: list[OrderPart] = []
    made = ShipForm(found, candidates, FormFacts(NOW, ZONE), ordered.extend)
    head = "".join(piece.text for piece in made.title())
    assert head.startswith("SHIP 5 parcels, 4 of 4 orders")
    assert made.does() == "ship 5 parcels"
    made.do()
    targets = sum(len(part.targets) for part in ordered)
    assert hold_line(8, [(BatchSum("ship", targets), targets)]).startswith("8 s  then SHIP 5 goes out")
    assert result_line(BatchSum("ship", targets, done=targets)) == "✓ 5 shipped."


def test_where_each_order_is_one_parcel_one_number_is_enough() -> None:
    candidates = [candidate(number) for number in range(4)]
    made = ShipForm(preview((Verb.SHIP,), candidates, NOW), candidates, FormFacts(NOW, ZONE), lambda parts: None)
    assert "".join(piece.text for piece in made.title()).startswith("SHIP 4 of 4 orders")
    assert made.does() == "ship 4"


def test_reasons_that_read_alike_are_one_line() -> None:
    held = [candidate(number, held_by="an") for number in range(2)]
    over = [candidate(2, status=Status.IN_TRANSIT.value), candidate(3, ship_block="shipped")]
    candidates = [*held, *over, candidate(4)]
    found = preview((Verb.SHIP,), candidates, NOW)
    made = ShipForm(found, candidates, FormFacts(NOW, ZONE), lambda parts: None)
    said = words(made)
    assert said.count("handed over already") == 1
    assert "2 handed over already" in said
    assert "2 on hold: an" in said
    assert "left out  4:" in said


SLOT, LATER_SLOT = (NOW + 3_600, NOW + 10_800), (NOW + 90_000, NOW + 97_200)


def shipping(offers: dict[str, dict[str, Any]]) -> tuple[ShipForm, list[OrderPart]]:
    """The strip of `e` over one order of each store, with what the engine says of handing over taken in."""
    ordered: list[OrderPart] = []
    candidates = [replace(candidate(number), store_id=store_id) for number, store_id in enumerate(offers)]
    found = preview((Verb.SHIP,), candidates, NOW)
    made = ShipForm(found, candidates, FormFacts(NOW, ZONE), ordered.extend, choosing=True)
    made.take_handover(Answer(True, {"options": offers}))
    return made, ordered


def way(*slots: tuple[int, int], drop_off: bool = True, honoured: bool = True) -> dict[str, Any]:
    listed = [[*slot, True] for slot in slots]
    return {"can_pickup": True, "can_drop_off": drop_off, "honoured": honoured, "slots": listed}


def carried(made: ShipForm) -> dict[str, dict[str, object]]:
    arguments = made.ship_arguments()
    return {target.store_id: dict(arguments(target)) for target in made.preview.ready}


def test_the_strip_names_the_stores_whose_parcels_go_as_chosen() -> None:
    made, _ordered = shipping(
        {"tt-uk-1": way(SLOT), "tt-uk-2": way(SLOT), "tt-th-1": way(honoured=False), "lz-th-1": {"unsupported": "no"}}
    )
    said = words(made)
    slot_words = f"pick-up {made._slot_words(SLOT)}"
    assert f"{slot_words} for tt-uk-1, tt-uk-2\n" in said
    assert "the others by their setting" in said
    how = next(line for line in said.splitlines() if line.startswith(" how"))
    assert "pick-up" not in how, "what not all follow is not said of all"
    assert [store_id for store_id, args in carried(made).items() if args] == ["tt-uk-1", "tt-uk-2"]


def test_one_line_says_it_where_all_names_fit() -> None:
    made, _ordered = shipping({"tt-uk-1": way(SLOT), "tt-uk-2": way(SLOT), "tt-th-1": way(honoured=False)})
    made.option(1)
    assert "drop-off for tt-uk-1, tt-uk-2; the others by their setting" in words(made)


def test_stores_without_the_chosen_slot_are_told_apart() -> None:
    made, _ordered = shipping({"tt-uk-1": way(SLOT), "tt-uk-2": way(LATER_SLOT)})
    said = words(made)
    assert f"pick-up {made._slot_words(SLOT)} for tt-uk-1" in said
    assert "pick-up, that slot is not offered there for tt-uk-2" in said
    assert "by their setting" not in said
    assert carried(made)["tt-uk-2"] == {"method": "PICKUP"}


def test_what_all_stores_follow_is_said_once() -> None:
    made, _ordered = shipping({"tt-uk-1": way(SLOT), "tt-uk-2": way(SLOT)})
    said = words(made)
    assert f": pick-up {made._slot_words(SLOT)}" in next(line for line in said.splitlines() if line.startswith(" how"))
    assert "tt-uk-1" not in said


def test_a_method_nobody_offers_is_not_said_to_be_used() -> None:
    made, _ordered = shipping({"tt-uk-1": way(SLOT, drop_off=False)})
    made.option(1)
    said = words(made)
    assert "as the store's setting says" in said
    assert "no store offers that: their own setting decides" in said
    assert carried(made) == {"tt-uk-1": {}}


def test_names_of_many_stores_are_cut_to_the_line() -> None:
    stores = {f"tt-uk-{number:02}": way(SLOT) for number in range(30)} | {"tt-th-1": way(honoured=False)}
    made, _ordered = shipping(stores)
    line = next(line for line in words(made).splitlines() if "tt-uk-00" in line)
    assert cell_width(line) <= 80
    shown = line.count("tt-uk-")
    assert shown >= 2
    assert line.endswith(f", +{30 - shown}")
    made.option(1)
    made.option(1)
    line = next(line for line in words(made).splitlines() if "a choice counts for tt-uk-00" in line)
    assert cell_width(line) <= 80
    assert "; the others go by their setting" in line


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (30, "tt-uk-1, tt-uk-2, tt-uk-3"),
        (25, "tt-uk-1, tt-uk-2, tt-uk-3"),
        (20, "tt-uk-1, tt-uk-2, +1"),
        (2, "tt-uk-1, +2"),
    ],
)
def test_names_within_a_room(room: int, said: str) -> None:
    assert names_within(["tt-uk-1", "tt-uk-2", "tt-uk-3"], room) == said


def test_of_more_lines_than_there_are_digits_all_but_those_left_out_are_cancelled() -> None:
    chosen: list[tuple[tuple[str, ...], ...]] = []
    one = candidate(1)
    lines = [((f"{number}a", f"{number}b"), f"2x SKU-{number}") for number in range(1, 12)]
    made = LinesForm(preview((Verb.CANCEL,), [one], NOW), one, FormFacts(NOW, ZONE), lines, chosen.append)
    assert "and 2 more, cancelled with these" in words(made) and "SKU-10" not in words(made)
    made.key("2", "2")
    assert "2 stays   2x SKU-2" in words(made)
    made.key("enter", None)
    assert chosen == [tuple(ids for number, (ids, _words) in enumerate(lines, 1) if number != 2)]
    made.key("2", "2")
    made.key("enter", None)
    assert chosen[1] == (), "the whole order"


def test_what_is_cancelled_goes_into_no_parcel() -> None:
    gone = line("OLD-1", line_id="9", unit_ids=("9",), status=Status.CANCELLED)
    pair = line("CUP-2", line_id="1", unit_ids=("1", "2"), quantity=2)
    single = line("MUG-3", line_id="3", unit_ids=("3",))
    assert [piece_id for piece_id, _words in pieces_of([gone, pair, single])] == ["1", "2", "3"]
    lines = OrderLines(1, "lz-my-1", "498", "", 1, (gone, pair, single))
    assert split_groups(lines, [["CUP-2"]]) == (("1",), ("3",))
    with pytest.raises(click.UsageError, match="no SKU OLD-1 left to put apart; it has CUP-2, MUG-3"):
        split_groups(lines, [["OLD-1"]])
