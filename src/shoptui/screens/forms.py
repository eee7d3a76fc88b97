"""What a strip can ask: the shape of a form, and the small ones: confirm, a line of text, a choice, the menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from shoptui.cellwidth import cell_width, fit
from shoptui.commands import Level
from shoptui.domain.intents import HOLD_S, hold_s
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.screens.lines import Line, plain, text
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Ground, Role
from shoptui.words import hold_words


@dataclass(frozen=True, slots=True)
class Field:
    """A text field of a form: what stands before it and in it.

    `accepts_scan`: a scan may fill it. `hidden`: what is typed is not shown.
    """

    label: str
    value: str = ""
    accepts_scan: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Editor:
    """A field of several lines: what it begins with."""

    value: str = ""


class Form:
    """One question in the strip. Subclasses say what it shows and what its keys do.

    `changed` is set by the strip and is called when the form wants to be drawn again; `close` ends it. A form never
    talks to engine or store: it calls what its maker gave it.
    """

    level = Level.LOOK
    field: Field | None = None
    editor: Editor | None = None
    """A field of several lines in place of `field`; Enter breaks a line in it."""
    draft = ""
    """What the text typed here is kept as until it is handed in, "" to forget it when the form is left."""
    takes_room = False
    """Whether it needs the room of the peek also where that stays otherwise, so that the cursor row stays in view."""
    takes_draft = True
    """Whether it begins with what was typed here before, where that was kept."""
    hold_s = HOLD_S
    """How long the engine holds what this form orders, seconds; set by whoever opens the form."""

    def __init__(self) -> None:
        self.changed: Callable[[], None] = lambda: None
        self.close: Callable[[], None] = lambda: None
        self.set_text: Callable[[str], None] = lambda value: None
        """Puts another text into the field; set by the strip."""
        self.keep_draft: Callable[[str], None] = lambda text: None
        self.from_draft = False

    def take_draft(self, text: str) -> None:
        """Begin with what was typed here before, instead of the usual beginning."""
        if self.field is not None:
            self.field = replace(self.field, value=text)
        elif self.editor is not None:
            self.editor = Editor(text)
        else:
            return
        self.from_draft = True
        self.text_changed(text)

    @property
    def is_typed_in(self) -> bool:
        """Whether it has a field of whatever kind: letters are text then."""
        return self.field is not None or self.editor is not None

    @property
    def beginning(self) -> str:
        """What its field begins with."""
        if self.field is not None:
            return self.field.value
        return self.editor.value if self.editor is not None else ""

    def why_not(self) -> str:
        """Why F9 does nothing now, "" for no reason of its own."""
        return ""

    @property
    def ground(self) -> Ground:
        """The colour of the strip by what is at stake."""
        if self.level is Level.COSTS:
            return Ground.S3
        return Ground.S2 if self.level is Level.REACH else Ground.BG

    def does(self) -> str:
        """What F9 does, as the key line says it (`ship 32`); "" while F9 does nothing."""
        return ""

    def title(self) -> Line:
        """The head's left side, the most important piece first: where there is no room the last ones are left out."""
        return ()

    def title_right(self) -> Line:
        """The head's right side."""
        return plain(_("as you left it; Ctrl-U empties"), Role.QUIET) if self.from_draft else ()

    def held(self, first_due_at: int | None = None, now: int = 0) -> Line:
        """How long what is ordered waits before it is sent; `first_due_at` (epoch s) is the nearest clock in it."""
        return plain(hold_words(self.hold_s, hold_s(first_due_at, now, self.hold_s)), Role.QUIET)

    def lines(self, width: int, now: int) -> list[Line]:
        """What stands under the head, above the field."""
        return []

    def lines_below(self, width: int) -> list[Line]:
        """What stands under the field."""
        return []

    def hints(self) -> list[KeyHint]:
        """The keys that work now."""
        does = self.does()
        hints = [KeyHint("F9", does)] if does else []
        return [*hints, KeyHint("◄", _("no"))]

    def key(self, key: str, character: str | None) -> bool:
        """A key the form takes for itself; True when it did."""
        return False

    def text_changed(self, value: str) -> None:
        """The field's text is now `value`."""

    def text_submitted(self, value: str) -> None:
        """Enter was pressed in the field."""

    def pasted(self, words: str) -> bool:
        """Something was pasted into the field; True when the form has taken it for itself."""
        return False

    def option(self, number: int) -> bool:
        """Change the choice with this number; True when there is one."""
        return False

    def show_rows(self) -> bool:
        """Tab: show the rows behind the form; True when there are any."""
        return False

    def save(self) -> bool:
        """Ctrl-S: keep what is typed as a view; True when that is possible here."""
        return False

    def do(self) -> None:
        """F9 has been pressed and the guard let it through."""

    def left(self) -> None:
        """The strip was closed without doing anything."""


class TextForm(Form):
    """One line of text: note, tag, answer. Enter hands it in."""

    def __init__(
        self,
        title: str,
        label: str,
        submit: Callable[[str], str | None],
        *,
        value: str = "",
        help_lines: Sequence[str] = (),
        left: Callable[[str], None] | None = None,
        accepts_scan: bool = False,
        draft: str = "",
    ) -> None:
        """`submit` takes the text and answers None when that is done, else a sentence saying what is wrong.

        `draft` names field and target, so that what is typed is found again when the form was left.
        """
        super().__init__()
        self.draft = draft
        self.field = Field(label, value, accepts_scan)
        self._title = title
        self._submit = submit
        self._help = list(help_lines)
        self._value = value
        self._wrong = ""
        self._left = left

    def title(self) -> Line:
        return plain(self._title)

    def lines_below(self, width: int) -> list[Line]:
        if self._wrong:
            return [plain(f" {self._wrong}", Role.MISSED)]
        return [plain(f" {line}", Role.QUIET) for line in self._help]

    def hints(self) -> list[KeyHint]:
        return [KeyHint("Enter", _("keep")), KeyHint("Esc", _("leave"))]

    def text_changed(self, value: str) -> None:
        self._value = value
        if self._wrong:
            self._wrong = ""
            self.changed()

    def text_submitted(self, value: str) -> None:
        wrong = self._submit(value)
        if wrong is None:
            self.close()
        else:
            self._wrong = wrong
            self.changed()

    def left(self) -> None:
        if self._left is not None:
            self._left(self._value)


@dataclass(frozen=True, slots=True)
class Choice:
    """A thing to choose by a key. `keys` are Textual key names; `on` False draws it quiet with its `note`."""

    keys: tuple[str, ...]
    shown: str
    label: str
    note: str = ""
    on: bool = True


def _cells_of(choice: Choice) -> int:
    return cell_width(choice.shown) + cell_width(choice.label) + cell_width(choice.note) + 2


class ChoiceForm(Form):
    """A few things, each with its own keys: where to go, what to sort by, which digit to save under."""

    def __init__(self, title: str, choices: Sequence[Choice], chosen: Callable[[int], None]) -> None:
        """`chosen` gets the place of the choice in `choices`; the strip is closed before."""
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._chosen = chosen

    def title(self) -> Line:
        return plain(self._title)

    def lines(self, width: int, now: int) -> list[Line]:
        cell = max((_cells_of(choice) for choice in self._choices), default=8) + 2
        per_line = max(1, (width - 1) // cell)
        lines: list[Line] = []
        for first in range(0, len(self._choices), per_line):
            line: Line = (text(" "),)
            for choice in self._choices[first : first + per_line]:
                note = f" {choice.note}" if choice.note else " "
                line = (
                    *line,
                    text(choice.shown, Role.INFO if choice.on else Role.QUIET),
                    text(f" {choice.label}", Role.TEXT if choice.on else Role.QUIET),
                    text(note + " " * (cell - _cells_of(choice)), Role.QUIET),
                )
            lines.append(line)
        return lines

    def hints(self) -> list[KeyHint]:
        return [KeyHint("◄", _("no"))]

    def key(self, key: str, character: str | None) -> bool:
        for place, choice in enumerate(self._choices):
            if key in choice.keys or (character is not None and character in choice.keys):
                self.close()
                self._chosen(place)
                return True
        return False


class ConfirmForm(Form):
    """A plain question for F9. At level 3 the number of things must be typed before F9 works."""

    def __init__(
        self,
        level: Level,
        title: str,
        body: Sequence[Line],
        does: str,
        do: Callable[[], None],
        *,
        count: int = 0,
        title_right: str = "",
    ) -> None:
        super().__init__()
        self.level = level
        self._title = title
        self._title_right = title_right
        self._body = list(body)
        self._words = does
        self._do = do
        self._count = count
        self._typed = ""

    @property
    def _locked(self) -> bool:
        return self.level is Level.COSTS and self._typed != str(self._count)

    def does(self) -> str:
        return "" if self._locked else self._words

    def title(self) -> Line:
        return plain(self._title)

    def title_right(self) -> Line:
        return plain(self._title_right) if self._title_right else ()

    def lines(self, width: int, now: int) -> list[Line]:
        lines = list(self._body)
        if self.level is Level.COSTS:
            words = _("Type {count} to unlock F9. It cannot be taken back.").format(count=self._count)
            lines.append((text(f" {words}  "), text(self._typed + "_", Role.INFO)))
        return lines

    def hints(self) -> list[KeyHint]:
        if self._locked:
            return [KeyHint("F9", _("locked"), enabled=False), KeyHint("◄", _("no")), KeyHint("Backspace", "")]
        return super().hints()

    def key(self, key: str, character: str | None) -> bool:
        if self.level is not Level.COSTS:
            return False
        if character is not None and character.isdigit() and character.isascii():
            self._typed = (self._typed + character)[-6:]
        elif key == "backspace":
            self._typed = self._typed[:-1]
        else:
            return False
        self.changed()
        return True

    def do(self) -> None:
        if not self._locked:
            self.close()
            self._do()


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu: a command with its key and what it would act on (`note`).

    `help` says what it does; `why_off` why it does not work now, None when it does. A search looks through `words`.
    """

    command_id: str
    label: str
    key: str
    note: str
    help: str
    why_off: str | None
    words: str


class MenuForm(Form):
    """The F10 menu: a number or the arrows choose, typing searches, Enter runs. Nothing in it confirms anything."""

    _PER_PAGE = 9

    def __init__(self, entries: Callable[[], Sequence[MenuEntry]], chosen: Callable[[str], None]) -> None:
        """`entries` says what there is and whether it works now; `chosen` gets the command's id."""
        super().__init__()
        self.field = Field(":")
        self._entries_now = entries
        self._entries = list(entries())
        self._chosen = chosen
        self._search = ""
        self._page = 0
        self._cursor = 0

    def renew(self) -> None:
        """What works has changed: say it anew, with the cursor on the command it was on."""
        was = self._here()
        self._entries = list(self._entries_now())
        found = [entry.command_id for entry in self._found()]
        place = found.index(was.command_id) if was is not None and was.command_id in found else 0
        self._page, self._cursor = divmod(place, self._PER_PAGE)
        self.changed()

    def _here(self) -> MenuEntry | None:
        """The entry under the cursor, None where nothing is found."""
        shown = self._shown()
        return shown[self._cursor] if self._cursor < len(shown) else None

    def _found(self) -> list[MenuEntry]:
        words = self._search.casefold().split()
        found = [entry for entry in self._entries if all(word in entry.words for word in words)]
        # What is called so goes before what only speaks of it.
        return sorted(found, key=lambda entry: not any(word in entry.label.casefold() for word in words))

    def _shown(self) -> list[MenuEntry]:
        found = self._found()
        first = self._page * self._PER_PAGE
        return found[first : first + self._PER_PAGE]

    def title(self) -> Line:
        return plain(_("F10 menu: digit or arrows choose, typing searches, Enter opens"))

    def title_right(self) -> Line:
        pages = max(1, -(-len(self._found()) // self._PER_PAGE))
        return plain(f"{self._page + 1}/{pages}", Role.QUIET) if pages > 1 else ()

    def lines(self, width: int, now: int) -> list[Line]:
        shown = self._shown()
        if not shown:
            return [plain(" " + _("No command is called that."), Role.QUIET)]
        half = width // 2 if width >= 76 else width
        columns = 2 if half < width else 1
        rows = -(-self._PER_PAGE // columns)
        lines: list[Line] = [() for _row in range(min(rows, len(shown)))]
        for number, entry in enumerate(shown):
            row = number % rows
            here = number == self._cursor
            sign = "►" if here else " "
            label_role = Role.TEXT if entry.why_off is None else Role.QUIET
            key = fit(entry.key, 7)
            words = fit(entry.label, 22)
            room = half - 34
            cell: Line = (
                text(f"{sign}{number + 1} ", Role.INFO),
                text(words, label_role),
                text(f" {key}", Role.INFO if entry.why_off is None else Role.QUIET),
                text(fit(entry.note, room) + " ", Role.QUIET),
            )
            lines[row] = (*lines[row], *cell)
        if len(self._found()) > self._PER_PAGE:
            lines.append((text("  0 ", Role.INFO), text(_("more ..."), Role.QUIET)))
        return lines

    def lines_below(self, width: int) -> list[Line]:
        entry = self._here()
        if entry is None:
            return [plain("")]
        if entry.why_off is not None:
            return [plain(f"   {entry.why_off}", Role.SOON)]
        return [plain(f"   {entry.help}", Role.QUIET)]

    def hints(self) -> list[KeyHint]:
        return [KeyHint("Enter", _("choose")), KeyHint("1-9", _("choose")), KeyHint("Esc", _("no"))]

    def text_changed(self, value: str) -> None:
        self._search = value
        self._page = self._cursor = 0
        self.changed()

    def text_submitted(self, value: str) -> None:
        self._choose(self._cursor)

    def key(self, key: str, character: str | None) -> bool:
        if key in {"down", "up"}:
            count = max(1, len(self._shown()))
            self._cursor = (self._cursor + (1 if key == "down" else -1)) % count
            self.changed()
            return True
        if character == "0" and not self._search:
            pages = max(1, -(-len(self._found()) // self._PER_PAGE))
            self._page = (self._page + 1) % pages
            self._cursor = 0
            self.changed()
            return True
        if character is not None and character in "123456789":
            self._choose(int(character) - 1)
            return True
        return False

    def _choose(self, place: int) -> None:
        shown = self._shown()
        if place < len(shown):
            self.close()
            self._chosen(shown[place].command_id)
