"""What a confirmed strip asks of the engine."""

from __future__ import annotations

import itertools

from shoptui.domain.intents import ShipChoice, Verb
from shoptui.domain.verbs import DocumentChoice, PrintChoice
from shoptui.queries.ordering import (
    INTENTS_PER_ORDER,
    OrderPart,
    chain_parts,
    judge_requests,
    order_requests,
    same_for_all,
)
from shoptui.queries.preview import SHIP_AND_PRINT, Target, preview
from tests.queries.test_preview import ARRANGED, NOW, STORED, candidate


def targets(count: int, verb: Verb = Verb.SHIP) -> tuple[Target, ...]:
    return tuple(Target(n, "tt-th-1", "tiktok", str(n), f"P{n}", NOW, verb) for n in range(count))


def test_a_chain_is_one_request_for_each_place_a_parcel_stands() -> None:
    found = preview(
        SHIP_AND_PRINT, [candidate(1), candidate(2, **ARRANGED), candidate(3, **ARRANGED, acts=(STORED,))], NOW
    )
    print_args = same_for_all(PrintChoice("dock2", DocumentChoice(size="A6")))
    parts = chain_parts(
        found,
        {
            Verb.SHIP: lambda target: {"method": "PICKUP"},
            Verb.LABEL: same_for_all(DocumentChoice(size="A6")),
            Verb.PRINT: print_args,
        },
    )
    label = {"verb": "label", "args": {"document": "label", "size": "A6"}}
    printing = {"verb": "print", "args": {"printer": "dock2", "document": "label", "size": "A6"}}
    numbers = itertools.count()
    requests = order_requests(parts, lambda: f"b{next(numbers)}")
    assert [(each["batch_id"], each["verb"], each.get("then")) for each in requests] == [
        ("b0", "ship", [label, printing]),
        ("b1", "label", [printing]),
        ("b2", "print", None),
    ]
    assert requests[0]["intents"][0]["args"] == {"method": "PICKUP"}
    assert requests[2]["intents"][0]["args"] == printing["args"]


def test_a_verb_on_orders_targets_their_numbers() -> None:
    (part,) = chain_parts(preview((Verb.NOTE,), [candidate(7)], NOW), {Verb.NOTE: lambda target: {"text": "hello"}})
    (request,) = order_requests([part], lambda: "b")
    (intent,) = request["intents"]
    assert (intent["target_kind"], intent["target_id"], intent["args"]) == ("order", "7", {"text": "hello"})


def test_large_orders_are_split_with_their_followers_counted() -> None:
    follow = ((Verb.LABEL, {}), (Verb.PRINT, {"printer": "dock2"}))
    part = OrderPart(Verb.SHIP, targets(INTENTS_PER_ORDER), same_for_all(ShipChoice()), follow)
    requests = order_requests([part], lambda: "b")
    assert all(len(each["intents"]) * 3 <= INTENTS_PER_ORDER for each in requests)
    asked = [intent["target_id"] for each in requests for intent in each["intents"]]
    assert asked == [target.target_id for target in part.targets]


def test_a_question_has_the_targets_its_answer_means_and_no_batch() -> None:
    part = OrderPart(Verb.CANCEL, targets(3, Verb.CANCEL))
    ((asked, question),) = judge_requests([part])
    assert asked == part.targets
    assert "batch_id" not in question
    assert len(question["intents"]) == 3
