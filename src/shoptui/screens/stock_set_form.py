"""The strip that writes one number for one listing or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.commands import Level
from shoptui.i18n import _
from shoptui.queries.ordering import OrderPart
from shoptui.queries.stock import PoolCandidate
from shoptui.queries.stock_numbers import NumberError, Wanted, parse_number, writable
from shoptui.screens.forms import Field, Form
from shoptui.screens.lines import Line, plain
from shoptui.screens.stock_push_form import StockFormFacts, key_of
from shoptui.screens.strip_lines import labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words.stock import listings_count


class SetForm(Form):
    """One number for one listing or many: absolute, or with + or - what is added or taken off. F9 orders it.

    After the number stores may be named, as in `12 tt-*`.
    """

    level = Level.REACH
    takes_room = True

    def __init__(
        self,
        candidates: Sequence[PoolCandidate],
        facts: StockFormFacts,
        order: Callable[[Sequence[OrderPart]], object],
    ) -> None:
        super().__init__()
        self.field = Field("=")
        self.facts = facts
        self._candidates = tuple(candidates)
        self._order = order
        self._typed = ""

    def wanted(self) -> tuple[list[Wanted], str]:
        """What each listing would show, and what is wrong with what was typed, "" for nothing."""
        if not self._typed:
            return [], ""
        try:
            return parse_number(self._typed).wanted(self._candidates), ""
        except NumberError as error:
            return [], str(error)

    def does(self) -> str:
        found, _wrong = self.wanted()
        return _("write {listings}").format(listings=listings_count(len(found))) if found else ""

    def title(self) -> Line:
        names = [one.sku for one in self._candidates]
        shown = ", ".join(names[:3]) + ("" if len(names) <= 3 else f" +{len(names) - 3}")
        words = _("SET STOCK of {skus}, {listings}").format(
            skus=shown, listings=listings_count(len(writable(self._candidates)))
        )
        return plain(words)

    def title_right(self) -> Line:
        return self.held()

    def lines(self, width: int, now: int) -> list[Line]:
        found, wrong = self.wanted()
        if wrong:
            return [plain(f" {wrong}", Role.MISSED)]
        if not found:
            words = "  ".join(f"{each.store_id} {each.shows}" for _one, each in writable(self._candidates))
            return labelled_lines(_("now"), words, width, most=3)
        words = "  ".join(f"{each.store_id} {each.shows}>{shows}" for _one, each, shows in found)
        lines = labelled_lines(_("would see"), words, width, most=3)
        for one in self._candidates:
            if (over := _over(one, found)) > 0:
                said = _("{sku}: {units} more on offer than are free").format(sku=one.sku, units=over)
                lines.append(plain(f" {said}", Role.MISSED))
                break
        return lines

    def lines_below(self, width: int) -> list[Line]:
        return [plain(" " + _("12 sets, +3 adds, -2 takes off; stores after it: 12 tt-* sp-my-1"), Role.QUIET)]

    def hints(self) -> list[KeyHint]:
        does = self.does()
        return [*([KeyHint("F9", does)] if does else []), KeyHint("Esc", _("no"))]

    def text_changed(self, value: str) -> None:
        self._typed = value.strip()
        self.changed()

    def parts(self) -> list[OrderPart]:
        """What F9 orders."""
        found, _wrong = self.wanted()
        if not found:
            return []
        return [parse_number(self._typed).part(found, self.facts.marketplaces)]

    def do(self) -> None:
        parts = self.parts()
        if parts:
            self.close()
            self._order(parts)


def _over(one: PoolCandidate, found: Sequence[Wanted]) -> int:
    """How many more of a pool would be on offer than are free; 0 without a count."""
    if one.stock.hand is None:
        return 0
    new = {key_of(each): shows for of, each, shows in found if of.row_id == one.row_id}
    if not new:
        return 0
    offered = sum(new.get(key_of(each), each.shows) for each in one.stock.listings if each.live and each.ours)
    return max(offered - (one.stock.hand - one.stock.reserved), 0)
