"""The engine's `order` requests for what a preview found ready: which verb on which targets, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any

from shoptui.domain.intents import Verb
from shoptui.domain.records import dataclass
from shoptui.domain.verbs import TARGETS, VerbArgs, write_args
from shoptui.queries.preview import Preview, Target

#: One request carries at most this many intents, followers included; more are ordered as several batches.
INTENTS_PER_ORDER = 2000

Arguments = Mapping[str, object]

_NOTHING: Arguments = MappingProxyType({})


def _no_arguments(target: Target) -> Arguments:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class OrderPart:
    """One verb on some targets. `args` gives each target's arguments; `then` is what follows on each, in order."""

    verb: Verb
    targets: tuple[Target, ...]
    args: Callable[[Target], Arguments] = field(default=_no_arguments)
    then: tuple[tuple[Verb, Arguments], ...] = ()


def chain_parts(preview: Preview, args: Mapping[Verb, Callable[[Target], Arguments]]) -> list[OrderPart]:
    """The parts of a preview: one for each verb with which targets begin; what follows takes its verb's arguments.

    Arguments of a verb that follows must not depend on the target: it is asked for with the first one.
    """
    parts: list[OrderPart] = []
    for verb in preview.chain:
        targets = preview.starting(verb)
        if targets:
            then = tuple((each, args.get(each, _no_arguments)(targets[0])) for each in preview.then(verb))
            parts.append(OrderPart(verb, targets, args.get(verb, _no_arguments), then))
    return parts


def same_for_all(args: VerbArgs) -> Callable[[Target], Arguments]:
    """Arguments that are the same for every target."""
    written = write_args(args)
    return lambda target: written


def order_requests(parts: Iterable[OrderPart], new_batch_id: Callable[[], str]) -> list[dict[str, Any]]:
    """The engine requests for these parts, each with a batch id of its own."""
    requests: list[dict[str, Any]] = []
    for part in parts:
        step = max(1, INTENTS_PER_ORDER // (1 + len(part.then)))
        for first in range(0, len(part.targets), step):
            request = {
                "batch_id": new_batch_id(),
                "origin": "cockpit",
                **_asked(part, part.targets[first : first + step]),
            }
            requests.append(request)
    return requests


def judge_requests(parts: Iterable[OrderPart]) -> list[tuple[tuple[Target, ...], dict[str, Any]]]:
    """The same as questions (`judge`): what would be refused. Each with the targets its answer's indices mean."""
    questions: list[tuple[tuple[Target, ...], dict[str, Any]]] = []
    for part in parts:
        for first in range(0, len(part.targets), INTENTS_PER_ORDER):
            targets = part.targets[first : first + INTENTS_PER_ORDER]
            questions.append((targets, _asked(part, targets)))
    return questions


def _asked(part: OrderPart, targets: Sequence[Target]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "verb": part.verb.value,
        "intents": [
            {
                "store_id": target.store_id,
                "order_no": target.order_no,
                "target_kind": TARGETS[part.verb].value,
                "target_id": target.target_id,
                "args": dict(part.args(target)),
                "clock_due_at": target.next_at,
            }
            for target in targets
        ],
    }
    if part.then:
        asked["then"] = [{"verb": verb.value, "args": dict(args)} for verb, args in part.then]
    return asked
