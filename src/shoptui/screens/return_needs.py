"""What marketplaces want with an answer to returns, as the engine tells it: reasons, a comment, pictures."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.client import Answer
from shoptui.domain.records import dataclass
from shoptui.queries.admission import Why

#: Requests of one store that a marketplace answers alike: store, what is asked, state.
Kind = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class KindNeeds:
    """What an answer to one kind of request wants; as `adapters.returns.AnswerNeeds`, reasons as text to id."""

    reasons: Mapping[str, str]
    comment_needed: bool = False
    comment_max: int = 0
    pictures: int = 0
    batch: bool = True
    ship_to: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was handed in: its file's name and the address the marketplace gave."""

    name: str
    link: str


def read_needs(answer: Answer) -> tuple[dict[Kind, KindNeeds], dict[Kind, Why]]:
    """The answer to `return_needs`: what is wanted for each kind, and why some cannot be answered so."""
    needs: dict[Kind, KindNeeds] = {}
    cannot: dict[Kind, Why] = {}
    for item in answer.body.get("needs", ()):
        kind = (str(item["store_id"]), str(item["ask"]), str(item["state"]))
        if "no" in item:
            cannot[kind] = Why(str(item["no"]["reason"]), {"say": str(item["no"]["say"])})
        else:
            needs[kind] = KindNeeds(
                {str(reason["text"]): str(reason["id"]) for reason in item["reasons"]},
                bool(item["comment_needed"]),
                int(item["comment_max"]),
                int(item["pictures"]),
                bool(item["batch"]),
                str(item.get("ship_to", "")),
            )
    return needs, cannot
