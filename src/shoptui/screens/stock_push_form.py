"""The strip of a push: who would see what, by which rule, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.intents import Verb
from shoptui.domain.pools import week_units
from shoptui.domain.records import dataclass
from shoptui.domain.shares import PoolListing, ShareRule
from shoptui.domain.verbs import write_args
from shoptui.i18n import _
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import Target
from shoptui.queries.push_choice import PushChoice
from shoptui.queries.stock import PoolCandidate
from shoptui.queries.stock_preview import PoolPush, PushPreview, only, push_preview
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, fit_line, plain, text
from shoptui.screens.strip_lines import LEAD, Option, labelled, labelled_lines, option_lines, out_of_sight_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import stores_count
from shoptui.words.stock import (
    keep_words,
    last_words,
    listings_count,
    most_words,
    pools_count,
    rule_words,
    units_count,
    why_out_words,
)

#: Pools whose shares are shown at once; Tab goes on.
_POOLS_SHOWN = 3
_POOLS_A_PAGE = 8

ListingKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class StockFormFacts:
    """What a strip of Stock needs besides its pools.

    `gap_s` is how long it takes from reading a listing to having written it. `marketplaces` has each store's
    marketplace; `out_of_sight` counts marked rows that the filter hides.
    """

    gap_s: float
    marketplaces: Mapping[str, str]
    out_of_sight: int = 0


def key_of(listing: PoolListing) -> ListingKey:
    return listing.store_id, listing.listing_id, listing.warehouse_id


class PushForm(Form):
    """The question before pools are pushed: the simulation of who would see what, by which rule, and what is left out.

    `order` is called with what is to be ordered, the rule that was chosen here (None for each pool's own), and the keys
    of the pools that have this rule from now on. `last` begins with all units at one store.
    """

    level = Level.REACH
    takes_room = True

    def __init__(
        self,
        candidates: Sequence[PoolCandidate],
        facts: StockFormFacts,
        order: Callable[[Sequence[OrderPart], Mapping[str, object] | None, Sequence[str]], object],
        *,
        cursor_row: int | None = None,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.facts = facts
        self._order = order
        self._cursor_row = cursor_row
        self._candidates = tuple(candidates)
        self._refused: dict[ListingKey, str] = {}
        self._choice = PushChoice(candidates, cursor_row=cursor_row, last=last)
        self._only = False
        self._keeps_rule = False
        self._page = 0
        self._sold = 0
        self.preview = self._simulated()

    # The simulation.

    @property
    def row_ids(self) -> list[int]:
        """The rows of the pools it is about."""
        return [one.row_id for one in self._candidates]

    def renew(self, candidates: Sequence[PoolCandidate]) -> None:
        """Something changed while it was open: the numbers are worked out anew."""
        before = {one.row_id: one.stock for one in self._candidates}
        if [one.stock for one in candidates] == list(before.values()):
            return
        for one in candidates:
            was = before.get(one.row_id)
            if was is not None:
                self._sold += max(one.stock.reserved - was.reserved, 0)
        self._candidates = tuple(candidates)
        self.preview = self._simulated()
        self.changed()

    def judged(self, targets: Sequence[Target], answer: Answer) -> None:
        """The engine has said what it would refuse: that is left out, and what it shows stays promised."""
        if answer.reason == "not_allowed":
            for target in targets:
                self._refused[self._listing_of(target)] = answer.say
        for item in answer.body.get("refused", ()):
            self._refused[self._listing_of(targets[int(item["index"])])] = str(item["say"])
        if self._refused:
            self.preview = self._simulated()
            self.changed()

    def _listing_of(self, target: Target) -> ListingKey:
        listing_id, _mark, warehouse_id = target.target_id.partition("@")
        return target.store_id, listing_id, warehouse_id

    def _simulated(self) -> PushPreview:
        candidates = [self._without_refused(one) for one in self._candidates]
        found = push_preview(candidates, self.facts.gap_s, self.facts.marketplaces, self.rule)
        if self._only and self._cursor_row is not None:
            found = only(found, self._cursor_row)
        return found

    def _without_refused(self, one: PoolCandidate) -> PoolCandidate:
        if not self._refused:
            return one
        listings = tuple(
            replace(each, why_locked=each.why_locked or self._refused.get(key_of(each), ""))
            for each in one.stock.listings
        )
        return replace(one, stock=replace(one.stock, listings=listings))

    @property
    def rule(self) -> ShareRule | None:
        """The rule that was chosen here; None while each pool is shared out by its own."""
        return self._choice.rule

    def _options(self) -> list[Option]:
        rule = self._choice.shown
        options = [
            Option(_("last units"), last_words(rule), self._choice.turn_last),
            Option(_("keep back"), keep_words(rule), self._choice.turn_keep),
            Option(_("a listing"), most_words(rule), self._choice.turn_most),
        ]
        if len(self._candidates) > 1 and self._cursor_row in self.row_ids:
            which = _("only this SKU") if self._only else _("all of them")
            options.append(Option(_("which"), which, self._turn_only))
        if self.rule is not None:
            until = _("from now on") if self._keeps_rule else _("for this push")
            options.append(Option(_("rule holds"), until, self._turn_keeps_rule))
        return options

    def _turn_keeps_rule(self) -> None:
        self._keeps_rule = not self._keeps_rule

    def _turn_only(self) -> None:
        self._only = not self._only

    # What it says.

    def does(self) -> str:
        if not self.preview.ready:
            return ""
        words = _("push to {stores}").format(stores=stores_count(len(self.preview.stores)))
        # New numbers are another question: F9 waits for them to be seen.
        return f"{words}, {_('new numbers')} {self._sold}" if self._sold else words

    def why_not(self) -> str:
        if self.preview.uncounted and len(self.preview.uncounted) == len(self.preview.pushes):
            return _("Nobody has counted this: c takes a count first, then s shares it out.")
        return _("Everything shows what it should already, or nothing here may be written.")

    def title(self) -> Line:
        head = _("LAST UNITS of") if self._choice.last else _("PUSH")
        total = sum(len(push.found.shares) + len(push.found.left_out) for push in self.preview.pushes)
        words = _("{head} {pools} to {ready} of {listings}").format(
            head=head,
            pools=pools_count(len(self.preview.pushes)),
            ready=f"{len(self.preview.ready):,}",
            listings=listings_count(total),
        )
        return plain(words)

    def title_right(self) -> Line:
        return self.held() if self.preview.ready else ()

    def lines(self, width: int, now: int) -> list[Line]:
        if self._page:
            return self._page_lines(width)
        lines = self._who_lines(width)
        lines += self._rule_lines(width)
        lines += self._left_out_lines(width)
        lines += option_lines(self._options(), width)
        lines += out_of_sight_lines(self.facts.out_of_sight)
        if self._sold:
            words = _("{count} sold while this was open: the numbers above are new")
            lines.append(plain(" " + words.format(count=self._sold), Role.SOON))
        return lines

    def _shown_pushes(self) -> list[PoolPush]:
        """The pool under the cursor first, then those of which something is written."""
        written = {target.row_id for target in self.preview.ready}
        pushes = [push for push in self.preview.pushes if push.found.shares or push.found.left_out]
        return sorted(
            pushes,
            key=lambda push: (
                push.candidate.row_id != self._cursor_row,
                push.candidate.row_id not in written,
            ),
        )

    def _who_lines(self, width: int) -> list[Line]:
        pushes = self._shown_pushes()
        if not pushes:
            return [labelled(_("who sees"), _("nothing can be shared out"))]
        if len(pushes) == 1:
            return labelled_lines(_("who sees"), _shares_words(pushes[0]), width, most=2)
        lines: list[Line] = []
        for place, push in enumerate(pushes[:_POOLS_SHOWN]):
            words = f"{push.candidate.sku}  {_shares_words(push)}"
            label = _("who sees") if place == 0 else ""
            lines.append(fit_line(labelled(label, words), width))
        more = len(pushes) - _POOLS_SHOWN
        if more > 0:
            words = _("and {pools} more: Tab").format(pools=pools_count(more))
            lines.append((text(LEAD), text(words, Role.QUIET)))
        return lines

    def _rule_lines(self, width: int) -> list[Line]:
        pushes = [push for push in self._shown_pushes() if push.found.free is not None]
        if not pushes:
            return []
        if len(pushes) == 1:
            push = pushes[0]
            words = rule_words(push.rule, push.found, _speed(push), self.facts.gap_s)
            lines = labelled_lines(_("rule"), words, width)
        else:
            kept = sum(push.found.buffer for push in pushes)
            total = sum(push.found.total for push in pushes)
            words = _("{total} on offer, {kept} kept back in all; {last}").format(
                total=units_count(total), kept=kept, last=last_words(pushes[0].rule)
            )
            lines = labelled_lines(_("rule"), words, width)
        if self.preview.thin:
            words = _("less is kept back than sells while it is written: it may be sold twice")
            lines.append(labelled("", words, Role.SOON))
        return lines

    def _left_out_lines(self, width: int) -> list[Line]:
        parts = self._left_out_words()
        if not parts:
            return [labelled(_("left out"), _("none"))]
        return labelled_lines(_("left out"), "; ".join(parts), width, most=3)

    def _left_out_words(self) -> list[str]:
        """Each reason with its stores, and what stays on offer there."""
        found: dict[str, tuple[list[str], int]] = {}
        for push in self.preview.pushes:
            for out in push.found.left_out:
                say = self._refused.get(key_of(out.listing), "")
                words = say if say else why_out_words(out.why.value)
                stores, shows = found.setdefault(words, ([], 0))
                if out.listing.store_id not in stores:
                    stores.append(out.listing.store_id)
                stays = out.listing.shows if out.listing.live and out.listing.ours else 0
                found[words] = (stores, shows + stays)
        acts = {store for one in self._candidates for store, _target in one.acts}
        if acts:
            found[why_out_words("write_ordered")] = (sorted(acts), 0)
        parts = []
        for words, (stores, shows) in found.items():
            names = ", ".join(stores[:3]) + ("" if len(stores) <= 3 else f" +{len(stores) - 3}")
            kept = _(", {units} stay on offer").format(units=shows) if shows else ""
            parts.append(f"{names}: {words}{kept}")
        if self.preview.same:
            parts.append(_("{listings} already right").format(listings=listings_count(self.preview.same)))
        return parts

    def _page_lines(self, width: int) -> list[Line]:
        pushes = self._shown_pushes()
        first = (self._page - 1) * _POOLS_A_PAGE
        name = max((cell_width(push.candidate.sku) for push in pushes), default=0)
        lines: list[Line] = []
        for push in pushes[first : first + _POOLS_A_PAGE]:
            out = "".join(f"  {one.listing.store_id} {why_out_words(one.why.value)}" for one in push.found.left_out)
            sku = push.candidate.sku.ljust(name)
            lines.append(fit_line((text(f" {sku}  {_shares_words(push)}"), text(out, Role.QUIET)), width))
        more = len(pushes) - first - _POOLS_A_PAGE
        if more > 0:
            lines.append(plain(" " + _("and {pools} more: Tab").format(pools=pools_count(more)), Role.QUIET))
        return lines

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [KeyHint("F9", does)] if does else []
        hints.append(KeyHint("◄", _("no")))
        if len(self._shown_pushes()) > 1 or self._page:
            last_page = self._page and self._page * _POOLS_A_PAGE >= len(self._shown_pushes())
            hints.append(KeyHint("Tab", _("back") if last_page else _("the rows")))
        hints.append(KeyHint(f"1-{len(self._options())}", _("change a rule")))
        return hints

    # What its keys do.

    def option(self, number: int) -> bool:
        options = self._options()
        if number > len(options):
            return False
        options[number - 1].turn()
        self.preview = self._simulated()
        self.changed()
        return True

    def show_rows(self) -> bool:
        rows = len(self._shown_pushes())
        if rows < 2 and not self._page:
            return False
        self._page = 0 if self._page * _POOLS_A_PAGE >= rows else self._page + 1
        self.changed()
        return True

    def parts(self) -> list[OrderPart]:
        """What F9 orders."""
        preview = self.preview
        if not preview.ready:
            return []
        return [OrderPart(Verb.SET_STOCK, preview.ready, lambda target: write_args(preview.args(target)))]

    def do(self) -> None:
        if self.does():
            parts, rule = self.parts(), self.rule
            pools = [push.candidate.stock.key for push in self.preview.pushes] if self._keeps_rule and rule else []
            self.close()
            self._order(parts, None if rule is None else rule.as_data(), pools)


def _speed(push: PoolPush) -> int:
    by_store = {one.store_id: (one.sold_24h, one.sold_7d) for one in push.candidate.stock.listings}
    return week_units(sum(day for day, _ in by_store.values()), sum(week for _, week in by_store.values()))


def _shares_words(push: PoolPush) -> str:
    """Who would see what, store by store: what changes as `12>8`, then what stays."""
    if push.found.free is None:
        return why_out_words("not_counted")
    stores: dict[str, tuple[int, int, bool]] = {}
    for share in push.found.shares:
        before, after, changes = stores.get(share.listing.store_id, (0, 0, False))
        stores[share.listing.store_id] = (
            before + share.listing.shows,
            after + share.shows,
            changes or share.changes,
        )
    if not stores:
        return _("nobody: all are left out")
    order = sorted(stores.items(), key=lambda one: (not one[1][2], -one[1][1], one[0]))
    return "  ".join(
        f"{store_id} {before}>{after}" if changes else f"{store_id} {after}"
        for store_id, (before, after, changes) in order
    )
