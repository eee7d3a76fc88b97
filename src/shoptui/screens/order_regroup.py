"""The strips of split and combine: which lines go into which parcel, which orders go into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shoptui.client import Answer
from shoptui.domain.intents import Verb
from shoptui.domain.orders import CLOSED
from shoptui.domain.orders import Line as OrderLine
from shoptui.domain.verbs import CombineChoice, SplitChoice
from shoptui.i18n import _, ngettext
from shoptui.queries.admission import Why
from shoptui.queries.ordering import OrderPart, chain_parts, same_for_all
from shoptui.queries.preview import Preview
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.lines import Line, text
from shoptui.screens.order_form import VerbForm
from shoptui.screens.strip_lines import LEAD, labelled, labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role

#: Rows of goods that fit the strip of the smallest terminal.
_ROWS_SHOWN = 7

Order = Callable[[Sequence[OrderPart]], object]


def pieces_of(lines: Sequence[OrderLine]) -> list[tuple[str, str]]:
    """What can go into a parcel by itself, as (id, words): single units where they have ids, else lines.

    What is cancelled goes into none.
    """
    pieces: list[tuple[str, str]] = []
    for line in lines:
        if line.status in CLOSED:
            continue
        words = line.sku or line.product_name
        if len(line.unit_ids) > 1:
            pieces += [(unit_id, f"1x {words}  {line.variant_name}".rstrip()) for unit_id in line.unit_ids]
        else:
            pieces.append((line.line_id, f"{line.quantity}x {words}  {line.variant_name}".rstrip()))
    return pieces


class SplitForm(VerbForm):
    """One order into several parcels: Up and Down choose a piece, a digit says into which parcel it goes."""

    def __init__(
        self,
        preview: Preview,
        candidate: Candidate,
        facts: FormFacts,
        order: Order,
        *,
        pieces: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(preview, [candidate], facts, order)
        self._pieces = list(pieces)
        self._parcel_of = {piece_id: 1 for piece_id, _words in self._pieces}
        self._here = 0
        self._first = 0

    def take_choices(self, answer: Answer) -> None:
        """The engine's answer whether this order may be split has come, or will not come."""
        for target in self.preview.ready:
            say = (
                answer.body.get("options", {}).get(target.store_id, {}).get("unsupported") if answer.ok else answer.say
            )
            if say:
                self.leave_out({(target.store_id, target.target_id): Why("no_desk", {"say": str(say)})})

    def _groups(self) -> list[tuple[str, ...]]:
        parcels = sorted(set(self._parcel_of.values()))
        return [tuple(each for each, _words in self._pieces if self._parcel_of[each] == parcel) for parcel in parcels]

    @property
    def is_complete(self) -> bool:
        return len(self._groups()) > 1

    def does_words(self) -> str:
        return _("split into {count}").format(count=len(self._groups()))

    def body(self, width: int) -> list[Line]:
        parcels = len(self._groups())
        words = ngettext("{count} parcel so far", "{count} parcels", parcels).format(count=parcels)
        lines = [labelled(_("parcels"), words + "   " + _("Up Down choose, a digit puts it into that parcel"))]
        for place in range(self._first, min(self._first + _ROWS_SHOWN, len(self._pieces))):
            piece_id, what = self._pieces[place]
            here = place == self._here
            sign = "►" if here else " "
            parcel = f"P{self._parcel_of[piece_id]}"
            lines.append((text(f"{LEAD[:-2]}{sign} "), text(parcel, Role.INFO), text(f"  {what}")))
        more = len(self._pieces) - self._first - _ROWS_SHOWN
        if more > 0:
            lines.append((text(LEAD + _("and {count} more below").format(count=more), Role.QUIET),))
        return lines

    def hints(self) -> list[KeyHint]:
        return [*super().hints(), KeyHint("1-9", _("parcel"))] if self.preview.ready else super().hints()

    def key(self, key: str, character: str | None) -> bool:
        if not self.preview.ready or not self._pieces:
            return False
        if key in {"up", "down"} or character in {"j", "k"}:
            step = 1 if key == "down" or character == "j" else -1
            self._here = (self._here + step) % len(self._pieces)
        elif character is not None and character in "123456789":
            self._parcel_of[self._pieces[self._here][0]] = int(character)
            self._here = min(self._here + 1, len(self._pieces) - 1)
        else:
            return False
        self._first = max(min(self._first, self._here), self._here - _ROWS_SHOWN + 1)
        self.changed()
        return True

    def parts(self) -> Sequence[OrderPart]:
        return chain_parts(self.preview, {Verb.SPLIT: same_for_all(SplitChoice(tuple(self._groups())))})


class CombineForm(VerbForm):
    """Other parcels of the same buyer into this one: a digit takes one in or leaves it out."""

    def __init__(self, preview: Preview, candidate: Candidate, facts: FormFacts, order: Order) -> None:
        super().__init__(preview, [candidate], facts, order)
        self._offers: list[tuple[str, str]] | None = None
        self._chosen: set[str] = set()

    def take_choices(self, answer: Answer) -> None:
        """The engine's answer which parcels may be combined has come, or will not come."""
        self._offers = []
        for target in self.preview.ready[:1]:
            options: Mapping[str, Any] = answer.body.get("options", {}) if answer.ok else {}
            found: Mapping[str, Any] = options.get(target.store_id, {"unsupported": answer.say})
            if "unsupported" in found:
                why = Why("no_desk", {"say": str(found["unsupported"])})
                self.leave_out({(target.store_id, target.target_id): why})
            offers = [(str(order_no), str(package_id)) for order_no, package_id in found.get("combinable", ())]
            self._offers = [offer for offer in offers if offer[1] != target.target_id][:9]
        self._chosen = {package_id for _order_no, package_id in self._offers}
        self.changed()

    @property
    def is_complete(self) -> bool:
        return bool(self._chosen)

    def does_words(self) -> str:
        return _("put {count} parcels into one").format(count=len(self._chosen) + 1)

    def body(self, width: int) -> list[Line]:
        if self._offers is None:
            return [labelled(_("with"), _("asking which parcels go together ..."), Role.QUIET)]
        if not self._offers:
            return labelled_lines(_("with"), _("no other parcel of this buyer can go with it"), width, Role.SOON)
        lines = [labelled(_("with"), _("a digit takes one in or leaves it out"), Role.QUIET)]
        for number, (order_no, package_id) in enumerate(self._offers, start=1):
            chosen = package_id in self._chosen
            sign = _("in ") if chosen else _("out")
            role = Role.TEXT if chosen else Role.QUIET
            lines.append((text(LEAD), text(f"{number}", Role.INFO), text(f" {sign}  {order_no}  {package_id}", role)))
        return lines

    def hints(self) -> list[KeyHint]:
        offers = len(self._offers or ())
        return (
            [*super().hints(), KeyHint("1" if offers == 1 else f"1-{offers}", _("change"))]
            if offers
            else super().hints()
        )

    def key(self, key: str, character: str | None) -> bool:
        offers = self._offers or []
        if character is None or character not in "123456789" or int(character) > len(offers):
            return False
        self._chosen ^= {offers[int(character) - 1][1]}
        self.changed()
        return True

    def parts(self) -> Sequence[OrderPart]:
        chosen = tuple(package_id for _order_no, package_id in self._offers or () if package_id in self._chosen)
        return chain_parts(self.preview, {Verb.COMBINE: same_for_all(CombineChoice(chosen))})
