"""The strips of `C`, `a` and `x`: cancel, agree to a buyer's wish to cancel, refuse it; with the markets' reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.clocks import countdown
from shoptui.domain.records import dataclass
from shoptui.domain.verbs import CancelAnswer, CancelChoice, VerbArgs, write_args
from shoptui.i18n import _, countdown_units, ngettext
from shoptui.queries.admission import Why
from shoptui.queries.ordering import Arguments, OrderPart, chain_parts
from shoptui.queries.preview import Preview, Target
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.lines import Line, plain, text
from shoptui.screens.order_form import VerbForm
from shoptui.screens.strip_lines import LEAD, labelled, labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import own_words, stores_count

#: Reasons on one page: as many as there are digits, and few enough for the strip of the smallest terminal.
_PER_PAGE = 6

#: Orders of one store that are asked about, one after another, before the store is left out.
_ROUNDS = 4
#: Lines that can be left out of a cancellation: as many as there are digits.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class OfferedReason:
    """One reason as people read it, with its id at each store that offers it."""

    text: str
    ids: Mapping[str, str]


def offered_reasons(answer: Answer, *, of_lines: bool = False) -> tuple[list[OfferedReason], dict[str, str]]:
    """The reasons of an answer to `choices`, and why some stores' orders take none of them.

    `of_lines`: only those for which single lines can be cancelled.
    """
    by_text: dict[str, dict[str, str]] = {}
    cannot: dict[str, str] = {}
    for store_id, found in (answer.body.get("options", {}) if answer.ok else {}).items():
        if "unsupported" in found:
            cannot[str(store_id)] = str(found["unsupported"])
            continue
        single = found.get("line_reasons") if of_lines else None
        for reason_id, words in found.get("reasons", ()):
            if single and reason_id not in single:
                continue
            by_text.setdefault(str(words), {}).setdefault(str(store_id), str(reason_id))
    return [OfferedReason(words, ids) for words, ids in by_text.items()], cannot


class ReasonForm(VerbForm):
    """A question of level 3 that wants a reason first: a digit chooses it, then the count is typed.

    Stores whose marketplace does not know the chosen reason are asked about in turn, or left out with Enter; Backspace
    goes back to the first choice.
    """

    level = Level.COSTS

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        args: Callable[[str, str], VerbArgs],
        ask: Callable[[Sequence[Target]], None],
        wants_reason: bool,
        optional: bool = False,
    ) -> None:
        """`args` makes the arguments of a reason's id and words, both "" where none is wanted.

        `ask` asks for the reasons of these targets' stores. `optional`: where no store names a reason, none is given.
        """
        super().__init__(preview, candidates, facts, order)
        self._args = args
        self._ask = ask
        self._rounds = 0
        self._base = preview
        self._wants_reason = wants_reason
        self._optional = optional
        self._reasons: list[OfferedReason] | None = None if wants_reason else []
        #: By store.
        self._chosen: dict[str, OfferedReason] = {}
        self._is_enough = False
        self._page = 0
        self._say = ""
        self.chosen: Callable[[], None] = lambda: None
        """Called when every reason has been chosen; set by whoever opens the form."""

    # What subclasses say.

    def costs(self) -> str:
        """What it means, one line."""
        return ""

    # Reasons.

    def take_reasons(self, answer: Answer) -> None:
        """The engine's answer about reasons has come, or will not come.

        Where an order cannot be done the next one of its store is asked for; after a few the store is left out.
        """
        reasons, cannot = self._offered(answer)
        if not answer.ok:
            self._say = answer.say
        self._reasons = _merged([*(self._reasons or []), *reasons])
        self._rounds += 1
        asked = {target.target_id for target in self.one_per_store}
        refused = {
            (target.store_id, target.target_id): Why("no_desk", {"say": cannot[target.store_id]})
            for target in self._base.ready
            if target.store_id in cannot and (target.target_id in asked or self._rounds >= _ROUNDS)
        }
        if refused:
            self.leave_out(refused)
            again = [target for target in self.one_per_store if target.store_id in cannot]
            if again:
                self._ask(again)
        self._take_chosen()

    def _offered(self, answer: Answer) -> tuple[list[OfferedReason], dict[str, str]]:
        return offered_reasons(answer)

    def leave_out(self, refused: Mapping[tuple[str, str], Why]) -> None:
        self._base = self._base.without(refused)
        super().leave_out(refused)

    @property
    def _is_asking(self) -> bool:
        """Whether a reason is what has to be chosen now."""
        if not self._wants_reason or self._is_enough:
            return False
        return bool(self._offers()) if self._chosen else not (self._optional and self._reasons == [])

    def _offers(self) -> list[OfferedReason]:
        """What may be chosen now: the reasons of the stores that have none yet."""
        without = {store_id for store_id in self._base.stores if store_id not in self._chosen}
        return _merged(
            [
                OfferedReason(reason.text, ids)
                for reason in self._reasons or ()
                if (ids := {store_id: one for store_id, one in reason.ids.items() if store_id in without})
            ]
        )

    @property
    def is_complete(self) -> bool:
        return self._reasons is not None and not self._is_asking and not self._say

    def _shown(self) -> list[OfferedReason]:
        return self._offers()[self._page * _PER_PAGE : (self._page + 1) * _PER_PAGE]

    def _choose(self, reason: OfferedReason) -> None:
        self._chosen |= dict.fromkeys(reason.ids, reason)
        self._page = 0
        self._take_chosen()
        if not self._is_asking:
            self.chosen()

    def _take_chosen(self) -> None:
        """Leave out the stores that take none of the reasons, once all are chosen; the count has to be typed anew."""
        self.preview = self._base
        if self._chosen and not self._is_asking:
            asked = {store_id for reason in self._reasons or () for store_id in reason.ids}
            # Where a reason is optional, a store that names none goes without one.
            fine = {store_id for store_id in self._base.stores if self._optional and store_id not in asked}
            self.preview = self._base.without(
                {
                    (target.store_id, target.target_id): Why("reason_not_offered")
                    for target in self._base.ready
                    if target.store_id not in self._chosen and target.store_id not in fine
                }
            )
        self._typed = ""
        self.changed()

    # What it says.

    def warnings(self) -> list[Line]:
        """What else is to be known before a reason is chosen."""
        return []

    def body(self, width: int) -> list[Line]:
        lines = [*labelled_lines(_("means"), self.costs(), width), *self.warnings()]
        if self._say:
            return [*lines, *labelled_lines(_("why"), self._say, width, Role.MISSED)]
        if self._reasons is None:
            return [*lines, labelled(_("why"), _("asking which reasons the marketplaces take ..."), Role.QUIET)]
        lines += self._chosen_lines(width)
        if not self._is_asking:
            return lines
        if not self._reasons:
            words = _("no marketplace names a reason for these orders: do it in Seller Center")
            return [*lines, *labelled_lines(_("why"), words, width, Role.SOON)]
        stores = len(self._base.stores) - len(self._chosen)
        if self._chosen:
            words = _("for {stores} more: choose theirs by digit; Enter leaves them out")
            lines += [plain(LEAD + words.format(stores=stores_count(stores)), Role.SOON)]
        else:
            lines.append(labelled(_("why"), _("choose the reason by its digit"), Role.QUIET))
        for number, reason in enumerate(self._shown(), start=1):
            line: Line = (text(LEAD), text(f"{number}", Role.INFO), text(f" {reason.text}"))
            if len(reason.ids) < stores:
                line = (*line, text(f"  ({stores_count(len(reason.ids))})", Role.QUIET))
            lines.append(line)
        if len(self._offers()) > _PER_PAGE:
            lines.append((text(LEAD), text("0", Role.INFO), text(" " + _("more reasons"), Role.QUIET)))
        return lines

    def _chosen_lines(self, width: int) -> list[Line]:
        """The reasons that have been chosen; with more than one, each with how many stores it is for."""
        by_text: dict[str, int] = {}
        for reason in self._chosen.values():
            by_text[reason.text] = by_text.get(reason.text, 0) + 1
        lines: list[Line] = []
        for words, count in by_text.items():
            said = words if count == len(self._base.stores) else f"{words}  ({stores_count(count)})"
            lines += labelled_lines(_("why"), said, width) if not lines else [plain(LEAD + said)]
        return lines

    def hints(self) -> list[KeyHint]:
        hints = super().hints()
        if self._is_asking and self._reasons:
            shown = len(self._shown())
            hints.insert(0, KeyHint("1" if shown == 1 else f"1-{shown}", _("reason")))
            if self._chosen:
                hints.insert(1, KeyHint("Enter", _("leave out")))
        if self._chosen and not self._typed:
            hints.append(KeyHint("Backspace", _("other reason")))
        return hints

    # What its keys do.

    def key(self, key: str, character: str | None) -> bool:
        if self._is_asking and self._reasons and character is not None and character in "0123456789":
            if character == "0":
                pages = -(-len(self._offers()) // _PER_PAGE)
                self._page = (self._page + 1) % pages
                self.changed()
            elif int(character) <= len(self._shown()):
                self._choose(self._shown()[int(character) - 1])
            return True
        if key == "enter" and self._is_asking and self._chosen:
            self._is_enough = True
            self._take_chosen()
            self.chosen()
            return True
        if key == "backspace" and not self._typed and self._chosen:
            self._chosen, self._is_enough, self._page = {}, False, 0
            self._take_chosen()
            return True
        return super().key(key, character)

    def parts(self) -> Sequence[OrderPart]:
        chosen = self._chosen

        def args(target: Target) -> Arguments:
            reason = chosen.get(target.store_id, OfferedReason("", {}))
            return write_args(self._args(reason.ids.get(target.store_id, ""), reason.text))

        return chain_parts(self.preview, {self.preview.chain[0]: args})


class CancelForm(ReasonForm):
    """The question before the seller cancels orders; `lines` are those of a single order by ids, none for all."""

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        ask: Callable[[Sequence[Target]], None],
        lines: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self._lines = len(lines)
        line_ids = tuple(line_id for ids in lines for line_id in ids)

        def args(reason_id: str, words: str) -> VerbArgs:
            return CancelChoice(reason_id, words, line_ids)

        super().__init__(preview, candidates, facts, order, args=args, ask=ask, wants_reason=True)

    def head(self) -> str:
        if self._lines:
            return ngettext("CANCEL {count} LINE,", "CANCEL {count} LINES,", self._lines).format(count=self._lines)
        return super().head()

    def _offered(self, answer: Answer) -> tuple[list[OfferedReason], dict[str, str]]:
        return offered_reasons(answer, of_lines=self._lines > 0)

    def costs(self) -> str:
        return _("the buyer is paid back; it counts in the store's cancellation rate")


class AnswerForm(ReasonForm):
    """The question before buyers' wishes to cancel are agreed to or refused."""

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        ask: Callable[[Sequence[Target]], None],
        accept: bool,
    ) -> None:
        def args(reason_id: str, words: str) -> VerbArgs:
            return CancelAnswer(accept, reason_id)

        wants_reason = not accept
        super().__init__(
            preview, candidates, facts, order, args=args, ask=ask, wants_reason=wants_reason, optional=True
        )
        self._accept = accept
        due = [candidate.request_due_at for candidate in candidates if candidate.request_due_at is not None]
        self._first_due_at = min((at for at in due if at > facts.now), default=None)

    def head(self) -> str:
        return _("AGREE TO CANCEL") if self._accept else _("REFUSE TO CANCEL")

    def does_words(self) -> str:
        words = _("agree to {count}") if self._accept else _("refuse {count}")
        return words.format(count=f"{self.count:,}")

    def costs(self) -> str:
        if self._accept:
            return _("the order is cancelled and the buyer is paid back")
        return _("the order stays and must be shipped in time; the buyer may open a dispute")

    def warnings(self) -> list[Line]:
        if self._first_due_at is None:
            return []
        left = countdown(self._first_due_at, self.now, seconds=False, units=countdown_units()).text
        words = _("at zero the request is granted unasked; the first in {left}").format(left=left)
        return [labelled(_("clock"), words, Role.SOON)]


class LinesForm(VerbForm):
    """Before one order of several lines is cancelled: all of it, or the lines chosen by digit. Enter goes on."""

    level = Level.LOOK

    def __init__(
        self,
        preview: Preview,
        candidate: Candidate,
        facts: FormFacts,
        lines: Sequence[tuple[tuple[str, ...], str]],
        go_on: Callable[[tuple[tuple[str, ...], ...]], None],
    ) -> None:
        """`lines` are ids with what people read; `go_on` gets those of the chosen ones, none for the whole order.

        Lines that no digit is left for go with the rest.
        """
        super().__init__(preview, [candidate], facts, lambda parts: None)
        self._lines = list(lines)
        self._go_on = go_on
        self._off: set[int] = set()
        self._whole_only = ""

    def take_choices(self, answer: Answer) -> None:
        """The engine's answer whether lines may be left out has come; without one the marketplace's own has to do."""
        options = answer.body.get("options", {}) if answer.ok else {}
        said = [str(options.get(target.store_id, {}).get("whole_only") or "") for target in self.preview.ready]
        self._whole_only = next((own_words(words) for words in said if words), "")
        if self._whole_only:
            self._off.clear()
        self.changed()

    @property
    def _digits(self) -> int:
        return 0 if self._whole_only else min(len(self._lines), _DIGITS)

    def does(self) -> str:
        return ""

    def title_right(self) -> Line:
        return ()

    def body(self, width: int) -> list[Line]:
        how = self._whole_only or _("a digit leaves a line out or takes it in; Enter goes on")
        lines = [labelled(_("which"), how, Role.SOON if self._whole_only else Role.QUIET)]
        for number, (_ids, words) in enumerate(self._lines[:_DIGITS], start=1):
            kept = number in self._off
            sign = _("stays ") if kept else _("cancel")
            role = Role.QUIET if kept else Role.TEXT
            lines.append((text(LEAD), text(f"{number}", Role.INFO), text(f" {sign}  {words}", role)))
        if (more := len(self._lines) - _DIGITS) > 0:
            lines.append(plain(LEAD + _("and {count} more, cancelled with these").format(count=more), Role.SOON))
        if len(self._off) == len(self._lines):
            lines.append(plain(LEAD + _("no line is left to cancel"), Role.SOON))
        return lines

    def hints(self) -> list[KeyHint]:
        change = [KeyHint(f"1-{self._digits}", _("change"))] if self._digits else []
        return [KeyHint("Enter", _("go on")), *change, KeyHint("◄", _("no"))]

    def key(self, key: str, character: str | None) -> bool:
        if key == "enter":
            if len(self._off) < len(self._lines):
                chosen = tuple(ids for number, (ids, _words) in enumerate(self._lines, 1) if number not in self._off)
                self._go_on(chosen if self._off else ())
            return True
        if character is not None and character in "123456789" and int(character) <= self._digits:
            self._off ^= {int(character)}
            self.changed()
            return True
        return False


def _merged(reasons: Sequence[OfferedReason]) -> list[OfferedReason]:
    """Reasons of the same words as one, those of most stores first."""
    by_text: dict[str, dict[str, str]] = {}
    for reason in reasons:
        by_text.setdefault(reason.text, {}).update(reason.ids)
    merged = [OfferedReason(words, ids) for words, ids in by_text.items()]
    merged.sort(key=lambda reason: -len(reason.ids))
    return merged
