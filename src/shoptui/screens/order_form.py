"""The strip of every verb of the order desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.i18n import _
from shoptui.queries.admission import Why
from shoptui.queries.ordering import OrderPart, chain_parts
from shoptui.queries.preview import Preview, Target
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import CountedForm
from shoptui.screens.lines import Line
from shoptui.screens.strip_lines import labelled_lines
from shoptui.words import chain_head, does_words, left_out_sentence, marketplace_name, orders_count, parcels_count


class VerbForm(CountedForm[Preview, Candidate]):
    """The question before a verb is ordered."""

    # What subclasses say.

    def head(self) -> str:
        """The verb, in capitals."""
        return chain_head([verb.value for verb in self.preview.chain])

    def body(self, width: int) -> list[Line]:
        """What stands between the head and what is left out."""
        return self.how_lines(self.by_market(), width)

    def parts(self) -> Sequence[OrderPart]:
        """What F9 orders."""
        return chain_parts(self.preview, {})

    def rows_words(self, count: int) -> str:
        return orders_count(count)

    def left_out_words(self, reason_id: str, args: Mapping[str, str]) -> str:
        return left_out_sentence(reason_id, args)

    def without(self, refused: Mapping[tuple[str, str], Why]) -> Preview:
        return self.preview.without(refused)

    # The preview.

    def ready_words(self) -> str:
        # What is ordered, held and done are parcels: both numbers are said here, where they are not the same.
        orders = f"{self.preview.orders:,}"
        return orders if self.count == self.preview.orders else f"{parcels_count(self.count)}, {orders}"

    @property
    def one_per_store(self) -> list[Target]:
        """One target of each store, for asking what its marketplace offers."""
        first: dict[str, Target] = {}
        for target in self.preview.ready:
            first.setdefault(target.store_id, target)
        return list(first.values())

    def does_words(self) -> str:
        """What F9 does once it may."""
        count = f"{self.count:,}" if self.count == self.preview.orders else parcels_count(self.count)
        return does_words([verb.value for verb in self.preview.chain], count)

    # What it says.

    def how_lines(self, words: str, width: int) -> list[Line]:
        """The lines that begin with `how`."""
        return labelled_lines(_("how"), words, width)

    def by_market(self) -> str:
        """How many orders at which marketplace."""
        counted = sorted(self.preview.by_market.items())
        return "   ".join(f"{marketplace_name(market)} {count:,}" for market, count in counted)
