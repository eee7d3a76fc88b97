"""The strip of an answer to returns: what it costs, the marketplaces' reasons, a comment, pictures, the count, F9."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.clocks import countdown
from shoptui.domain.fx import Rates
from shoptui.domain.intents import Verb
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnAnswer, ReturnAsk
from shoptui.domain.verbs import ReturnDecision, write_args
from shoptui.i18n import _, countdown_units, ngettext
from shoptui.queries.admission import Why
from shoptui.queries.ordering import Arguments, OrderPart
from shoptui.queries.preview import Target
from shoptui.queries.return_preview import PAYING, AnswerPreview
from shoptui.queries.returns import CANCEL_PREFIX, ReturnCandidate
from shoptui.screens.counted_form import CountedForm, FormFacts
from shoptui.screens.lines import Line, fit_line, plain, text, width_of
from shoptui.screens.order_reasons import offered_reasons
from shoptui.screens.return_needs import Kind, KindNeeds, Picture, read_needs
from shoptui.screens.strip_lines import LEAD, labelled, labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import money_words, stores_count
from shoptui.words.returns import (
    WARNINGS,
    answer_does,
    answer_head,
    effect_words,
    return_left_out,
    returns_count,
    sums_words,
)

#: Reasons on one page: few enough for the strip of the smallest terminal.
_PER_PAGE = 6

#: So many addresses that goods go to are named where there are several.
_ADDRESSES_SHOWN = 2
#: A title of at most so many cells leaves room for a long word on its right in the smallest terminal.
_TITLE_SHORT = 51


class ReturnForm(CountedForm[AnswerPreview, ReturnCandidate]):
    """The question before returns are answered: a reason by its digit where one is due, then the count is typed.

    Stores that do not know the chosen reason are asked about in turn, or left out with Enter; Backspace goes back.
    `write` and `add_picture` are set by whoever opens it: they ask for the comment, and for a picture's path.
    """

    level = Level.COSTS

    def __init__(
        self,
        preview: AnswerPreview,
        candidates: Sequence[ReturnCandidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        rates: Rates | None,
        offers: Mapping[int, int] | None = None,
    ) -> None:
        """`offers` are the parts that are offered, by row, in minor units; None for any other answer."""
        super().__init__(preview, candidates, facts, order)
        self._base = preview
        self._rates = rates
        self._offers = offers
        self._needs: dict[Kind, KindNeeds] = {}
        self._chosen: dict[Kind, str] = {}
        self._is_enough = False
        self._page = 0
        self._say = ""
        self.comment = ""
        self.pictures: tuple[Picture, ...] = ()
        self.is_uploading = False
        self.write: Callable[[], None] = lambda: None
        self.add_picture: Callable[[], None] = lambda: None
        self.settled: Callable[[], None] = lambda: None
        """Called when nothing is left to choose; set by whoever opens the form."""

    # What the marketplaces want.

    def kind_of(self, target: Target) -> Kind:
        """Which of the kinds a target is of."""
        one = self.preview.rows[target.row_id]
        return one.store_id, one.ask.value, one.state.value

    @property
    def one_per_kind(self) -> list[Target]:
        """A target of each kind, for asking what its marketplace wants."""
        first: dict[Kind, Target] = {}
        for target in self._base.ready:
            first.setdefault(self.kind_of(target), target)
        return list(first.values())

    def take_needs(self, answer: Answer) -> None:
        """The engine's answer to `return_needs` has come, or will not come."""
        if not answer.ok:
            self._say = answer.say
            self.changed()
            return
        needs, cannot = read_needs(answer)
        self._needs |= needs
        self._needs_came(cannot)

    def take_choices(self, answer: Answer) -> None:
        """The same of `choices`, for wishes to cancel: reasons by store, none where the marketplace wants none."""
        if not answer.ok:
            self._say = answer.say
            self.changed()
            return
        reasons, no = offered_reasons(answer)
        cannot: dict[Kind, Why] = {}
        for target in self.one_per_kind:
            if target.verb is not Verb.ANSWER_CANCEL:
                continue
            if target.store_id in no:
                cannot[self.kind_of(target)] = Why("no_desk", {"say": no[target.store_id]})
            else:
                ids = {each.text: each.ids[target.store_id] for each in reasons if target.store_id in each.ids}
                self._needs[self.kind_of(target)] = KindNeeds(ids)
        self._needs_came(cannot)

    def take_none_wanted(self, verb: Verb) -> None:
        """Nothing is wanted for the targets of a verb beside the answer itself."""
        kinds = {self.kind_of(target) for target in self._base.ready if target.verb is verb}
        self._needs |= {kind: KindNeeds({}) for kind in kinds}

    def _needs_came(self, cannot: Mapping[Kind, Why]) -> None:
        refused = {
            (target.store_id, target.target_id): cannot[self.kind_of(target)]
            for target in self._base.ready
            if self.kind_of(target) in cannot
        }
        # What wants a person's look is answered alone, or not from here.
        if len(self._base.ready) - len(refused) > 1:
            for target in self._base.ready:
                needs = self._needs.get(self.kind_of(target))
                if needs is not None and (not needs.batch or needs.pictures):
                    refused[(target.store_id, target.target_id)] = Why("one_by_one")
        if refused:
            self.leave_out(refused)
        self.changed()
        self._tell_settled()

    @property
    def _knows_needs(self) -> bool:
        return all(self.kind_of(target) in self._needs for target in self._base.ready)

    def _tell_settled(self) -> None:
        if self._knows_needs and not self._is_asking and not self._say and self.preview.ready:
            self.settled()

    def leave_out(self, refused: Mapping[tuple[str, str], Why]) -> None:
        self._base = self._base.without(refused, self._rates)
        super().leave_out(refused)

    def without(self, refused: Mapping[tuple[str, str], Why]) -> AnswerPreview:
        return self.preview.without(refused, self._rates)

    # Reasons.

    @property
    def _kinds_with_reasons(self) -> list[Kind]:
        kinds = dict.fromkeys(self.kind_of(target) for target in self._base.ready)
        return [kind for kind in kinds if kind in self._needs and self._needs[kind].reasons]

    @property
    def _is_asking(self) -> bool:
        """Whether a reason is what has to be chosen now."""
        return not self._is_enough and any(kind not in self._chosen for kind in self._kinds_with_reasons)

    def _reasons(self) -> list[tuple[str, list[Kind]]]:
        """What may be chosen now, with the kinds it is for: those that have no reason yet."""
        found: dict[str, list[Kind]] = {}
        for kind in self._kinds_with_reasons:
            if kind not in self._chosen:
                for words in self._needs[kind].reasons:
                    found.setdefault(words, []).append(kind)
        return list(found.items())

    def _shown(self) -> list[tuple[str, list[Kind]]]:
        return self._reasons()[self._page * _PER_PAGE : (self._page + 1) * _PER_PAGE]

    def _choose(self, words: str, kinds: Sequence[Kind]) -> None:
        self._chosen |= dict.fromkeys(kinds, words)
        self._page = 0
        self._take_chosen()

    def _take_chosen(self) -> None:
        """Leave out what takes none of the reasons, once all are chosen; the count has to be typed anew."""
        self.preview = self._base
        if not self._is_asking:
            without = set(self._kinds_with_reasons) - set(self._chosen)
            self.preview = self._base.without(
                {
                    (target.store_id, target.target_id): Why("reason_not_offered")
                    for target in self._base.ready
                    if self.kind_of(target) in without
                },
                self._rates,
            )
        self._typed = ""
        self.changed()
        self._tell_settled()
        if self.wants_comment:
            self.write()

    # The comment and pictures.

    @property
    def _used(self) -> list[KindNeeds]:
        kinds = dict.fromkeys(self.kind_of(target) for target in self.preview.ready)
        return [self._needs[kind] for kind in kinds if kind in self._needs]

    @property
    def comment_max(self) -> int:
        """The characters all marketplaces here take, 0 where none takes a comment."""
        return min((needs.comment_max for needs in self._used if needs.comment_max), default=0)

    @property
    def wants_comment(self) -> bool:
        """Whether a comment is due and still missing."""
        due = any(needs.comment_needed for needs in self._used)
        return due and not self.comment and not self._is_asking and self._knows_needs

    @property
    def pictures_due(self) -> int:
        """How many pictures are still missing."""
        return max(0, max((needs.pictures for needs in self._used), default=0) - len(self.pictures))

    @property
    def _takes_pictures(self) -> bool:
        refusing = self.preview.answer in {ReturnAnswer.REFUSE, ReturnAnswer.GOODS_REFUSED}
        return refusing and self.count == 1 and self.preview.ready[0].verb is Verb.ANSWER_RETURN

    def take_picture(self, picture: Picture) -> None:
        """A picture was handed in: the answer names it."""
        self.pictures = (*self.pictures, picture)
        self.is_uploading = False
        self.changed()

    @property
    def is_complete(self) -> bool:
        return (
            self._knows_needs
            and not self._is_asking
            and not self._say
            and not self.wants_comment
            and not self.pictures_due
            and not self.is_uploading
        )

    # What it says.

    def head(self) -> str:
        head = answer_head(self.preview.answer)
        if all(one.ask is ReturnAsk.CANCEL for one in self._ready_rows()) and self.preview.ready:
            return _("AGREE TO CANCEL") if self.preview.answer is ReturnAnswer.AGREE else _("REFUSE TO CANCEL")
        return head

    def _ready_rows(self) -> list[ReturnCandidate]:
        return [self.preview.rows[target.row_id] for target in self.preview.ready]

    def rows_words(self, count: int) -> str:
        return returns_count(count)

    def left_out_words(self, reason_id: str, args: Mapping[str, str]) -> str:
        return return_left_out(reason_id, args)

    def number_of(self, row: ReturnCandidate) -> str:
        return row.return_id.removeprefix(CANCEL_PREFIX)

    def does_words(self) -> str:
        return answer_does(self.preview.answer, self.count)

    def title(self) -> Line:
        if not self.preview.ready:
            return super().title()
        words = f"{self.head()} {returns_count(self.count)}"
        if self.preview.asked != self.count:
            words = _("{verb} {ready} of {returns}").format(
                verb=self.head(), ready=f"{self.count:,}", returns=returns_count(self.preview.asked)
            )
        words += ", " + stores_count(len(self.preview.stores))
        if sums := self._sums_words():
            words += f", {sums}"
        return plain(words)

    def title_right(self) -> Line:
        # The sum comes before the words that say what it is.
        is_short = width_of(self.title()) <= _TITLE_SHORT
        return plain(_("level 3: costs money"), Role.MISSED) if self._pays and is_short else super().title_right()

    @property
    def _pays(self) -> bool:
        return self.preview.answer in PAYING

    def _sums_words(self) -> str:
        if not self._pays:
            return ""
        if self._offers is None:
            return sums_words(self.preview.sums, self.preview.usd, self.preview.unconverted)
        by_currency: dict[str, Money] = {}
        for one in self._ready_rows():
            part = Money(self._offers[one.row_id], one.currency)
            by_currency[one.currency] = by_currency[one.currency] + part if one.currency in by_currency else part
        usd, unconverted = Money(0, "USD"), []
        for money in by_currency.values():
            converted = self._rates.convert(money, "USD") if self._rates is not None else None
            if converted is None:
                unconverted.append(money.currency)
            else:
                usd = usd + converted
        return sums_words(list(by_currency.values()), usd, unconverted)

    def body(self, width: int) -> list[Line]:
        lines = self._effect_lines(width)
        if self._say:
            return [*lines, *labelled_lines(_("why"), self._say, width, Role.MISSED)]
        if not self._knows_needs:
            return [*lines, labelled(_("why"), _("asking what the marketplaces want ..."), Role.QUIET)]
        lines += self._goods_lines(width)
        lines += self._chosen_lines(width)
        if self._is_asking:
            return [*lines, *self._reason_lines()]
        return [*lines, *self._comment_lines(width), *self._picture_lines(width)]

    def _effect_lines(self, width: int) -> list[Line]:
        total = self.count
        quiet = [
            effect_words(effect, count, total)
            for effect, count in self.preview.effects.items()
            if effect not in WARNINGS
        ]
        lines = labelled_lines(_("means"), "   ".join(quiet), width) if quiet else []
        for effect, count in self.preview.effects.items():
            if effect in WARNINGS:
                lines.append(plain(LEAD + effect_words(effect, count, total), Role.SOON))
        dearest = self.preview.dearest
        facts: list[str] = []
        if dearest is not None and dearest.usd_minor is not None and total > 1 and self._offers is None:
            number = self.number_of(dearest)[-8:]
            facts.append(f"{money_words(dearest.usd_minor, 'USD')}  {dearest.store_id} {number}")
        if facts:
            lines.append(labelled(_("dearest"), "   ".join(facts)))
        if self.preview.first_due_at is not None:
            left = countdown(self.preview.first_due_at, self.now, seconds=False, units=countdown_units()).text
            lines.append(labelled(_("clock"), _("the first runs out in {left}").format(left=left), Role.QUIET))
        return lines

    def _goods_lines(self, width: int) -> list[Line]:
        """Where buyers send their goods, once the answer is given."""
        found: dict[str, list[str]] = {}
        for target in self.preview.ready:
            needs = self._needs.get(self.kind_of(target))
            if needs is not None and needs.ship_to:
                stores = found.setdefault(needs.ship_to, [])
                stores += [target.store_id] if target.store_id not in stores else []
        if not found:
            return []
        if len(found) == 1:
            return labelled_lines(_("goods to"), next(iter(found)), width, most=2)
        addresses = [f"{', '.join(stores)}  {address}" for address, stores in found.items()]
        more = len(addresses) - _ADDRESSES_SHOWN
        lines = [labelled(_("goods to"), addresses[0]), plain(LEAD + addresses[1])]
        if more > 0:
            words = ngettext("and {count} more address", "and {count} more addresses", more).format(count=more)
            lines.append(plain(LEAD + words, Role.QUIET))
        return [fit_line(line, width) for line in lines]

    def _reason_lines(self) -> list[Line]:
        lines: list[Line] = []
        waiting = len({kind[0] for kind in self._kinds_with_reasons if kind not in self._chosen})
        if self._chosen:
            words = _("for {stores} more: choose theirs by digit; Enter leaves them out")
            lines.append(plain(LEAD + words.format(stores=stores_count(waiting)), Role.SOON))
        else:
            lines.append(labelled(_("why"), _("choose the reason by its digit"), Role.QUIET))
        for number, (words, kinds) in enumerate(self._shown(), start=1):
            line: Line = (text(LEAD), text(f"{number}", Role.INFO), text(f" {words}"))
            stores = len({kind[0] for kind in kinds})
            if stores < waiting:
                line = (*line, text(f"  ({stores_count(stores)})", Role.QUIET))
            lines.append(line)
        if len(self._reasons()) > _PER_PAGE:
            lines.append((text(LEAD), text("0", Role.INFO), text(" " + _("more reasons"), Role.QUIET)))
        return lines

    def _chosen_lines(self, width: int) -> list[Line]:
        by_words: dict[str, set[str]] = {}
        for kind, words in self._chosen.items():
            by_words.setdefault(words, set()).add(kind[0])
        lines: list[Line] = []
        for words, stores in by_words.items():
            said = words if len(by_words) == 1 else f"{words}  ({stores_count(len(stores))})"
            lines += labelled_lines(_("why"), said, width) if not lines else [plain(LEAD + said)]
        return lines

    def _comment_lines(self, width: int) -> list[Line]:
        if not self.comment_max:
            return []
        if not self.comment:
            words = _("due here: c writes it") if self.wants_comment else _("none; c writes one to the buyer")
            return [labelled(_("comment"), words, Role.SOON if self.wants_comment else Role.QUIET)]
        return [fit_line(labelled(_("comment"), self.comment.replace("\n", " ")), width)]

    def _picture_lines(self, width: int) -> list[Line]:
        if not self._takes_pictures:
            return []
        names = ", ".join(picture.name for picture in self.pictures)
        if self.is_uploading:
            names += "  " + _("handing one in ...")
        if due := self.pictures_due:
            words = _("{count} more due: p names a file").format(count=due)
            return [labelled(_("pictures"), f"{names}  {words}".strip(), Role.SOON)]
        return [fit_line(labelled(_("pictures"), names or _("none; p names a file"), Role.QUIET), width)]

    def hints(self) -> list[KeyHint]:
        hints = super().hints()
        if self._is_asking and self._knows_needs:
            hints.insert(0, KeyHint(f"1-{len(self._shown())}", _("reason")))
            if self._chosen:
                hints.insert(1, KeyHint("Enter", _("leave out")))
        elif self._knows_needs and not self._say:
            if self.comment_max:
                hints.append(KeyHint("c", _("comment")))
            if self._takes_pictures:
                hints.append(KeyHint("p", _("picture")))
        if self._chosen and not self._typed:
            hints.append(KeyHint("Backspace", _("other reason")))
        return hints

    # What its keys do.

    def key(self, key: str, character: str | None) -> bool:
        if self._is_asking and self._knows_needs and character is not None and character in "0123456789":
            if character == "0":
                self._page = (self._page + 1) % max(1, -(-len(self._reasons()) // _PER_PAGE))
                self.changed()
            elif int(character) <= len(self._shown()):
                self._choose(*self._shown()[int(character) - 1])
            return True
        if key == "enter" and self._is_asking and self._chosen:
            self._is_enough = True
            self._take_chosen()
            return True
        if key == "backspace" and not self._typed and self._chosen:
            self._chosen, self._is_enough, self._page = {}, False, 0
            self._take_chosen()
            return True
        if not self._is_asking and self._knows_needs and self.preview.ready:
            if character == "c" and self.comment_max:
                self.write()
                return True
            if character == "p" and self._takes_pictures:
                self.add_picture()
                return True
        return super().key(key, character)

    # What F9 orders.

    def parts(self) -> Sequence[OrderPart]:
        decision = ReturnDecision(
            self.preview.answer,
            comment=self.comment,
            pictures=tuple(picture.link for picture in self.pictures),
        )

        def args(target: Target) -> Arguments:
            kind = self.kind_of(target)
            words = self._chosen.get(kind, "")
            needs = self._needs.get(kind, KindNeeds({}))
            mine = replace(
                decision,
                reason_id=needs.reasons.get(words, ""),
                reason=words,
                comment=self.comment if needs.comment_max else "",
                offer_minor=self._offers[target.row_id] if self._offers is not None else None,
            )
            return write_args(self.preview.args(target, mine))

        parts = []
        for verb in (Verb.ANSWER_RETURN, Verb.ANSWER_CANCEL):
            targets = tuple(target for target in self.preview.ready if target.verb is verb)
            if targets:
                parts.append(OrderPart(verb, targets, args))
        return parts
