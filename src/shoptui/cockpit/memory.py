"""What the cockpit remembers for its operator: view, row, marks and pane of each place, and what is pending."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field, replace
from typing import Any

from shoptui.domain.records import dataclass

RowKey = tuple[str, str]
"""Store id and order number, or thread id: what a row is called when row ids have changed with a rebuilt cache."""

#: Marks beyond this are not remembered one by one; "all that match" is a key press away.
MARKS_KEPT = 2000

#: Drafts beyond this many, and characters of one beyond this, are of nobody who still thinks of them.
DRAFTS_KEPT = 200
DRAFT_MAX = 8000


@dataclass(frozen=True, slots=True)
class PlaceMemory:
    """One place as it was left. `view` is the digit of the view, `filter_text` what the filter says now.

    `cursor` names the row under the cursor, None in an empty list; `pane` is the pane's size, "" for the usual one.
    `opened` names the list within the place that was open, "" for the one of its view.
    """

    view: str = "0"
    filter_text: str = ""
    sort: str = ""
    cursor: RowKey | None = None
    marks: tuple[RowKey, ...] = ()
    pane: str = ""
    columns: int = 0
    opened: str = ""


@dataclass(frozen=True, slots=True)
class ViewLook:
    """How the operator looks at one view: its sort ("" for the usual one) and which columns."""

    sort: str = ""
    columns: int = 0


@dataclass(frozen=True, slots=True)
class CockpitMemory:
    """The whole cockpit as it was left. `left_at` is when it was last saved (epoch seconds), None the first time.

    `saved_views` are the operator's own, by place and digit: the filter text. `looks` has sort and columns of the views
    that have some of their own, by place and digit. `pending` are requests whose answer has
    not come, by batch id: they are asked again with the same id, which counts them once. `printer` is the one
    the operator printed on last, "" before the first time. `drafts` are texts that were typed and not handed in, by
    field and target (`note:tt-th-1/5764…`), the newest last.
    """

    place: str = "orders"
    places: Mapping[str, PlaceMemory] = field(default_factory=dict)
    saved_views: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    looks: Mapping[str, Mapping[str, ViewLook]] = field(default_factory=dict)
    pending: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_at: int | None = None
    printer: str = ""
    drafts: Mapping[str, str] = field(default_factory=dict)

    def with_look(self, place: str, digit: str, look: ViewLook) -> CockpitMemory:
        """The same with one view looked at this way."""
        return replace(self, looks={**self.looks, place: {**self.looks.get(place, {}), digit: look}})

    def with_draft(self, key: str, text: str) -> CockpitMemory:
        """The same with what is typed in a field now; "" forgets it."""
        drafts = {name: kept for name, kept in self.drafts.items() if name != key}
        if text:
            drafts[key] = text[:DRAFT_MAX]
        return replace(self, drafts=dict(list(drafts.items())[-DRAFTS_KEPT:]))

    def to_json(self) -> str:
        """As the operator's own database keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> CockpitMemory:
        """Read what was kept; what cannot be read is as if it had never been kept."""
        try:
            raw = json.loads(text)
            return cls(
                place=str(raw["place"]),
                places={str(name): _place(kept) for name, kept in raw["places"].items()},
                saved_views={
                    str(place): {str(digit): str(words) for digit, words in views.items()}
                    for place, views in raw["saved_views"].items()
                },
                looks={
                    str(place): {
                        str(digit): ViewLook(str(look["sort"]), int(look["columns"])) for digit, look in views.items()
                    }
                    for place, views in raw.get("looks", {}).items()
                },
                pending={str(batch_id): dict(request) for batch_id, request in raw["pending"].items()},
                left_at=None if raw["left_at"] is None else int(raw["left_at"]),
                printer=str(raw.get("printer", "")),
                drafts={str(key): str(words) for key, words in raw.get("drafts", {}).items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()


def _place(kept: Mapping[str, Any]) -> PlaceMemory:
    cursor = kept["cursor"]
    return PlaceMemory(
        view=str(kept["view"]),
        filter_text=str(kept["filter_text"]),
        sort=str(kept["sort"]),
        cursor=None if cursor is None else (str(cursor[0]), str(cursor[1])),
        marks=tuple((str(store_id), str(order_no)) for store_id, order_no in kept["marks"]),
        pane=str(kept["pane"]),
        columns=int(kept["columns"]),
        opened=str(kept.get("opened", "")),
    )
