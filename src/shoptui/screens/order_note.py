"""The strip of `;`: a note for the marketplace's own field where there is one, else for ours; it says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.client import Answer
from shoptui.domain.intents import Verb
from shoptui.domain.verbs import NOTE_MAX, SellerNote
from shoptui.i18n import _, ngettext
from shoptui.queries.ordering import OrderPart, chain_parts, same_for_all
from shoptui.queries.preview import Preview
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.forms import Field
from shoptui.screens.lines import Line, plain
from shoptui.screens.order_form import VerbForm
from shoptui.screens.strip_lines import labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import orders_count

OrderKey = tuple[str, str]


class NoteForm(VerbForm):
    """A note on orders. What goes to a marketplace is ordered and held; what stays with us is kept at once.

    Where all of it stays with us Enter keeps it, as in any other field of ours.
    """

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        keep: Callable[[Sequence[OrderKey], str], None],
        draft: str,
    ) -> None:
        """`keep` gets the orders, as (store id, number), whose note is ours alone, and the text."""
        super().__init__(preview, candidates, facts, order)
        self.field = Field(";")
        self.draft = draft
        self._candidates = list(candidates)
        self._keep = keep
        self._text = ""
        self._cannot: dict[str, str] | None = None
        self._wrong = ""

    def take_choices(self, answer: Answer) -> None:
        """Which marketplaces have a note that can be written; without an answer none has."""
        options = answer.body.get("options", {}) if answer.ok else {}
        stores = {candidate.store_id for candidate in self._candidates}
        self._cannot = {
            store_id: str(options.get(store_id, {"unsupported": answer.say}).get("unsupported", ""))
            for store_id in stores
            if "unsupported" in options.get(store_id, {"unsupported": ""})
        }
        self.changed()

    def _ours(self) -> list[OrderKey]:
        cannot = self._cannot or {}
        return [(each.store_id, each.order_no) for each in self._candidates if each.store_id in cannot]

    def _theirs(self) -> Preview:
        cannot = self._cannot or {}
        return self._preview_of(lambda store_id: store_id not in cannot)

    def _preview_of(self, wanted: Callable[[str], bool]) -> Preview:
        ready = tuple(target for target in self.preview.ready if wanted(target.store_id))
        return Preview(
            chain=self.preview.chain,
            ready=ready,
            left_out=(),
            claimed=(),
            asked=len(ready),
            now=self.preview.now,
            orders=len(ready),
            stores=tuple(sorted({target.store_id for target in ready})),
            first_due_at=None,
            by_market={},
        )

    @property
    def is_ours(self) -> bool:
        """Whether nothing of it goes to a marketplace."""
        return self._cannot is not None and not self._theirs().ready

    def does(self) -> str:
        if self._cannot is None or not self._text.strip():
            return ""
        return _("keep it") if self.is_ours else _("write {count}").format(count=len(self._candidates))

    def title(self) -> Line:
        count = len(self._candidates)
        if count == 1:
            return plain(_("NOTE on {order}").format(order=self._candidates[0].order_no))
        return plain(_("NOTE on {orders}").format(orders=orders_count(count)))

    def title_right(self) -> Line:
        if self.is_ours:
            return plain(_("ours only, kept at once"), Role.QUIET)
        return self.held(None, self.now)

    def lines(self, width: int, now: int) -> list[Line]:
        self.now = now
        return []

    def lines_below(self, width: int) -> list[Line]:
        if self._wrong:
            return [plain(f" {self._wrong}", Role.MISSED)]
        if self._cannot is None:
            return [plain(" " + _("asking where it can go ..."), Role.QUIET)]
        lines: list[Line] = []
        theirs = self._theirs()
        if theirs.ready:
            words = ngettext(
                "{count} goes to the marketplace's own seller note, in place of what stands there ({stores})",
                "{count} go to the marketplaces' own seller notes, in place of what stands there ({stores})",
                len(theirs.ready),
            ).format(count=len(theirs.ready), stores=", ".join(theirs.stores[:4]))
            lines += labelled_lines(_("goes to"), words, width)
        ours = self._ours()
        if ours:
            why = next((say for say in self._cannot.values() if say), "")
            words = _("the order here, marked ours; it never reaches the marketplace.") + (f" {why}" if why else "")
            lines += labelled_lines(_("stays on"), words, width, Role.QUIET)
        return lines

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [KeyHint("Enter F9" if self.is_ours else "F9", does)] if does else []
        return [*hints, KeyHint("Esc", _("leave"))]

    def text_changed(self, value: str) -> None:
        self._text = value
        self._wrong = ""
        self.changed()

    def text_submitted(self, value: str) -> None:
        self._text = value
        if self.is_ours:
            self.do()
        else:
            self._wrong = _("F9 sends it; Enter only keeps what is ours.") if self.does() else self._nothing()
            self.changed()

    def do(self) -> None:
        words = self._text.strip()
        if not self.does():
            self._wrong = self._nothing()
            self.changed()
            return
        if len(words) > NOTE_MAX:
            self._wrong = _("A note has at most {most} characters; this has {count}.").format(
                most=NOTE_MAX, count=len(words)
            )
            self.changed()
            return
        theirs, ours = self._theirs(), self._ours()
        self.close()
        if ours:
            self._keep(ours, words)
        if theirs.ready:
            self._order(chain_parts(theirs, {Verb.NOTE: same_for_all(SellerNote(words))}))

    def _nothing(self) -> str:
        return _("Write something, or leave with Esc.")
