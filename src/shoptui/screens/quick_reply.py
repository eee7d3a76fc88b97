"""The strip of `t`: a digit picks the quick reply, each buyer's text is shown, F9 sends them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.clocks import countdown
from shoptui.domain.records import dataclass
from shoptui.domain.reply_values import HouseSays
from shoptui.domain.templates import QuickReply
from shoptui.i18n import _, countdown_units, ngettext
from shoptui.queries.preview import Target
from shoptui.queries.quick_reply import Candidate, LeftOutGroup, Prepared, ReplyBatch, numbers_for, prepare
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.screens.strip import HEIGHT_NARROW, HEIGHT_WIDE
from shoptui.screens.strip_lines import LEAD, labelled, labelled_lines, out_of_sight_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import stores_count
from shoptui.words.inbox import language_name, threads_count
from shoptui.words.quick_replies import buyers_count, left_out_row_words, left_out_words

_WIDE = 120
#: Conversations left out that are shown at once; Tab goes on.
_ROWS_SHOWN = 8
#: Reasons for leaving out that are shown before Tab.
_REASONS_SHOWN = 3
#: Beyond so many conversations it is not counted beforehand how many of them each quick reply suits.
_COUNTED_MAX = 300


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What the strip needs besides conversations and texts. `out_of_sight` counts marked rows the filter hides."""

    now: int
    operator: str
    out_of_sight: int = 0


@dataclass(frozen=True, slots=True)
class ReplyDoes:
    """What the strip's maker does for it.

    `order` sends a batch; `judge` asks the engine what it would refuse of one and hands the answer to `judged`; `mend`
    opens the text of a single conversation where it can be changed before it is sent; `edit` opens the quick replies.
    """

    order: Callable[[ReplyBatch, bool], object]
    judge: Callable[[ReplyBatch, Callable[[Sequence[Target], Answer], None]], object]
    mend: Callable[[Prepared, ReplyBatch], object]
    edit: Callable[[], object]


class QuickReplyForm(Form):
    """The question before a quick reply goes out to one conversation or to all marked ones."""

    level = Level.REACH

    def __init__(
        self,
        replies: Sequence[QuickReply],
        candidates: Sequence[Candidate],
        house: HouseSays,
        facts: ReplyFacts,
        does: ReplyDoes,
    ) -> None:
        super().__init__()
        self._replies = tuple(replies)
        self._candidates = tuple(candidates)
        self._house = house
        self._facts = facts
        self._act = does
        # Of one conversation what the buyer said is read along with the answer.
        self.takes_room = len(self._candidates) != 1
        self.now = facts.now
        self.numbers = numbers_for(self._replies, [candidate.row.store_id for candidate in candidates])
        self.batch: ReplyBatch | None = None
        self._typed = ""
        self._picks = 0
        self._shown = 0
        self._first_line = 0
        self._text_lines = 0
        self._text_room = 0
        self._rows_page = 0
        self._suits: dict[int, int] = {}
        if len(self._candidates) <= _COUNTED_MAX:
            self._suits = {number: len(self._prepared(number).ready) for number in self.numbers}

    # Picking.

    def _prepared(self, number: int) -> ReplyBatch:
        return prepare(
            number, self._replies, self._candidates, self._house, operator=self._facts.operator, now=self.now
        )

    def pick(self, number: int) -> None:
        """Fill this quick reply in and ask the engine what stands against it."""
        batch = self.batch = self._prepared(number)
        self._shown = self._first_line = self._rows_page = 0
        self._picks += 1
        self.changed()
        if batch.ready:
            self._act.judge(batch, partial(self._judged, self._picks))

    def _judged(self, pick: int, targets: Sequence[Target], answer: Answer) -> None:
        """The engine has said what it would refuse; without an answer it says so when it is ordered."""
        batch = self.batch
        if batch is None or pick != self._picks:
            # Another one was picked meanwhile.
            return
        refused: dict[int, str] = {}
        if answer.reason == "not_allowed":
            refused = {target.row_id: answer.say for target in targets}
        for item in answer.body.get("refused", ()):
            if item["reason"] == "claimed" and batch.asked == 1:
                # Who is on it is said, and F9 takes it over.
                continue
            refused[targets[int(item["index"])].row_id] = str(item["say"])
        if refused:
            self.batch = batch.without(refused)
            self._shown = min(self._shown, max(0, len(self.batch.ready) - 1))
            self.changed()

    def option(self, number: int) -> bool:
        return self._digit(str(number))

    def _digit(self, digit: str) -> bool:
        """Numbers have one or two digits: a second one is added to the first while that makes a number there is."""
        longer = self._typed + digit
        if self._typed and int(longer) in self.numbers:
            self._typed = ""
            self.pick(int(longer))
            return True
        if digit != "0" and int(digit) in self.numbers:
            self._typed = digit
            self.pick(int(digit))
            return True
        if any(str(number).startswith(digit) for number in self.numbers):
            self._typed = digit
            self.changed()
            return True
        return False

    # What it says.

    @property
    def claimed_by(self) -> str:
        """The colleague who is on the only conversation, "" otherwise."""
        if len(self._candidates) != 1:
            return ""
        who = self._candidates[0].row.claimed_by
        return who if who != self._facts.operator else ""

    def does(self) -> str:
        if self.batch is None or not self.batch.ready:
            return ""
        if len(self._candidates) == 1:
            return _("send as {store}").format(store=self.batch.ready[0].row.store_id)
        return _("send {count}").format(count=f"{len(self.batch.ready):,}")

    def title(self) -> Line:
        batch = self.batch
        if batch is None:
            return plain(_("QUICK REPLY to {threads}: choose by number").format(threads=self._asked_words()))
        name = f'{batch.number} "{" / ".join(batch.names)}"'
        if not batch.ready:
            return plain(_("REPLY {name} to none of {threads}").format(name=name, threads=self._asked_words()))
        if len(self._candidates) == 1:
            row = batch.ready[0].row
            return plain(_("REPLY {name} to {buyer} as {store}").format(name=name, buyer=row.buyer, store=row.store_id))
        words = _("REPLY {name} to {ready} of {buyers}, {stores}").format(
            name=name,
            ready=f"{len(batch.ready):,}",
            buyers=buyers_count(batch.asked),
            stores=stores_count(len(batch.stores)),
        )
        return plain(words)

    def _asked_words(self) -> str:
        return threads_count(len(self._candidates))

    def title_right(self) -> Line:
        if self.batch is None or not self.batch.ready:
            return ()
        return self.held(self.batch.first_due_at(self.now), self.now)

    def lines(self, width: int, now: int) -> list[Line]:
        self.now = now
        if self.batch is None:
            return self._choice_lines(width)
        if self._rows_page:
            return self._row_lines()
        below = self._left_out_lines(width) + self._notes(width)
        room = (HEIGHT_WIDE if width >= _WIDE else HEIGHT_NARROW) - 1 - len(below)
        return [*self._text_of(width, room), *below]

    def _choice_lines(self, width: int) -> list[Line]:
        if not self.numbers:
            return [plain(" " + _("There is no quick reply for these stores. E makes one."), Role.SOON)]
        half = width // 2 if width >= 76 else width
        cells = []
        for number, names in self.numbers.items():
            suits = self._suits.get(number)
            note = ""
            if suits is not None and suits < len(self._candidates):
                note = _("{count} of {asked}").format(count=suits, asked=len(self._candidates))
            role = Role.QUIET if suits == 0 else Role.TEXT
            name = text(f" {' / '.join(names)}  ", role)
            cells.append((text(f" {number:>2}", Role.INFO), name, text(note, Role.QUIET)))
        rows = -(-len(cells) // (2 if half < width else 1))
        lines: list[Line] = []
        for row in range(rows):
            line: Line = cells[row]
            if row + rows < len(cells):
                gap = max(1, half - sum(cell_width(piece.text) for piece in line))
                line = (*line, text(" " * gap), *cells[row + rows])
            lines.append(line)
        return lines

    def _text_of(self, width: int, room: int) -> list[Line]:
        """The text one buyer would read, with whose it is; Up and Down turn it where it is longer than the strip."""
        batch = self.batch
        assert batch is not None
        if not batch.ready:
            return []
        shown = batch.ready[self._shown]
        lines = [self._whose(shown, len(batch.ready))]
        words = [line for part in shown.text.splitlines() for line in wrap(LEAD + part, width - 1, indent=len(LEAD))]
        self._text_lines, self._text_room = len(words), max(1, room - 1)
        if len(words) > self._text_room:
            self._text_room = max(1, self._text_room - 1)
            self._first_line = min(self._first_line, len(words) - self._text_room)
            last = self._first_line + self._text_room
            more = _("lines {first} to {last} of {count}: Down, Up").format(
                first=self._first_line + 1, last=last, count=len(words)
            )
            return [*lines, *words[self._first_line : last], plain(LEAD + more, Role.QUIET)]
        return [*lines, *words]

    def _whose(self, shown: Prepared, count: int) -> Line:
        row = shown.row
        place = _("{place} of {count}").format(place=self._shown + 1, count=count) if count > 1 else _("says")
        language = language_name(shown.language)
        if shown.fell_back:
            buyers = language_name(row.language) if row.language else _("the buyer's language is not known")
            language = _("in {language}: no text in {buyers}").format(language=language, buyers=buyers)
            if not row.language:
                language = _("in {language}: {unknown}").format(language=language_name(shown.language), unknown=buyers)
        else:
            language = _("in {language}").format(language=language)
        line = labelled(place, f"{row.store_id}  {row.buyer}  ", Role.TEXT)
        line = (*line, text(language, Role.SOON if shown.fell_back else Role.QUIET))
        if row.reply_at is not None and row.reply_at > self.now:
            left = countdown(row.reply_at, self.now, seconds=False, units=countdown_units()).text.strip()
            line = (*line, text("  " + _("{left} left").format(left=left), Role.QUIET))
        return line

    def _left_out_lines(self, width: int) -> list[Line]:
        assert self.batch is not None
        groups = self.batch.groups()
        lines: list[Line] = []
        for place, group in enumerate(groups[:_REASONS_SHOWN]):
            label = _("left out") if place == 0 else ""
            lines += labelled_lines(label, left_out_words(group, self.batch.asked), width)
        if (more := len(groups) - _REASONS_SHOWN) > 0:
            words = ngettext("and {count} more reason: Tab", "and {count} more reasons: Tab", more)
            lines.append(plain(LEAD + words.format(count=more), Role.QUIET))
        return lines

    def _notes(self, width: int) -> list[Line]:
        assert self.batch is not None
        lines: list[Line] = []
        if self.claimed_by:
            words = _("{who} is on this conversation: F9 takes it over, ◄ leaves it with {who}.")
            lines += wrap(" " + words.format(who=self.claimed_by), width, Role.OTHER, 1)
        if len(self.batch.ready) > 1 and (idle := self.batch.idle):
            words = ngettext(
                "{count} of them waits for no answer: it is sent all the same",
                "{count} of them wait for no answer: they get it all the same",
                idle,
            )
            lines.append(labelled(_("not asked"), words.format(count=f"{idle:,}"), Role.SOON))
        fell_back = [each for each in self.batch.ready if each.fell_back]
        if fell_back and len(self.batch.ready) > 1:
            codes = sorted({each.row.language for each in fell_back if each.row.language})
            languages = ", ".join(language_name(code) for code in codes)
            if codes:
                words = _("{count} not in the buyer's language: no text in {languages}")
            else:
                words = _("{count} in the first language there is: the buyer's is not known")
            lines.append(labelled(_("language"), words.format(count=len(fell_back), languages=languages), Role.SOON))
        return [*lines, *out_of_sight_lines(self._facts.out_of_sight)]

    def _left_out_rows(self) -> list[tuple[LeftOutGroup, int]]:
        assert self.batch is not None
        return [(group, place) for group in self.batch.groups() for place in range(len(group.rows))]

    def _row_lines(self) -> list[Line]:
        rows = self._left_out_rows()
        first = (self._rows_page - 1) * _ROWS_SHOWN
        lines: list[Line] = []
        for group, place in rows[first : first + _ROWS_SHOWN]:
            row = group.rows[place]
            who = f" {row.store_id:<9} {row.buyer}  "
            lines.append((text(who), text(left_out_row_words(group), Role.QUIET)))
        if (more := len(rows) - first - _ROWS_SHOWN) > 0:
            lines.append(plain(" " + _("and {count} more: Tab").format(count=f"{more:,}"), Role.QUIET))
        return lines

    def hints(self) -> list[KeyHint]:
        hints = [KeyHint("F9", does)] if (does := self.does()) else []
        hints.append(KeyHint("◄", _("no")))
        batch = self.batch
        if batch is not None:
            if len(batch.ready) > 1:
                hints.append(KeyHint("] [", _("each text")))
            if batch.left_out:
                count = f"{len(batch.left_out):,}"
                last = self._rows_page * _ROWS_SHOWN >= len(batch.left_out)
                label = _("the {count} left out").format(count=count) if not self._rows_page else _("more")
                hints.append(KeyHint("Tab", _("back") if self._rows_page and last else label))
            if len(self._candidates) == 1 and batch.ready:
                hints.append(KeyHint("Enter", _("change it")))
        if self.numbers:
            first, last_number = min(self.numbers), max(self.numbers)
            label = _("choose") if batch is None else _("other reply")
            hints.append(KeyHint(str(first) if first == last_number else f"{first}-{last_number}", label))
        if batch is None:
            hints.append(KeyHint("E", _("edit them")))
        return hints

    # What its keys do.

    def key(self, key: str, character: str | None) -> bool:
        if character is not None and character.isdigit() and character.isascii():
            self._digit(character)
            return True
        if character == "E":
            self.close()
            self._act.edit()
            return True
        if character in {"[", "]"}:
            self._turn_to(1 if character == "]" else -1)
            return True
        if key in {"down", "up"} and self.batch is not None and self._text_lines > self._text_room:
            last = self._text_lines - self._text_room
            self._first_line = max(0, min(self._first_line + (1 if key == "down" else -1), last))
            self.changed()
            return True
        if key == "enter" and self.batch is not None and len(self._candidates) == 1 and self.batch.ready:
            prepared, batch = self.batch.ready[0], self.batch
            self.close()
            self._act.mend(prepared, batch)
            return True
        return False

    def _turn_to(self, step: int) -> None:
        if self.batch is not None and self.batch.ready:
            self._rows_page = self._first_line = 0
            self._shown = (self._shown + step) % len(self.batch.ready)
            self.changed()

    def show_rows(self) -> bool:
        if self.batch is None or not self.batch.left_out:
            return False
        pages = -(-len(self.batch.left_out) // _ROWS_SHOWN)
        self._rows_page = 0 if self._rows_page >= pages else self._rows_page + 1
        self.changed()
        return True

    def do(self) -> None:
        batch = self.batch
        if batch is not None and self.does():
            self.close()
            self._act.order(batch, bool(self.claimed_by))
