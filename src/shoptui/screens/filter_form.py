"""The filter strip: a line of the filter language, its fault marked under it; Ctrl-S and a digit keep it as a view."""

from __future__ import annotations

from collections.abc import Callable

from shoptui.cellwidth import cell_width, cut_cells
from shoptui.i18n import _
from shoptui.queries.completion import Complete, Completion
from shoptui.queries.filter import FilterError
from shoptui.screens.forms import Field, Form
from shoptui.screens.lines import Line, plain, wrap
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words.filters import filter_said

#: Cells the field's label takes.
_LABEL = 3
#: Cells shown before a fault that is out of the field's view.
_BEFORE = 30
#: Lines for the words a filter may go on with.
_CHOICE_LINES = 3

Apply = Callable[[str], FilterError | None]
Save = Callable[[str, str], FilterError | None]


class FilterForm(Form):
    """The filter as typed. Enter shows what it matches; a wrong one stays with its fault marked, the list unchanged."""

    def __init__(
        self,
        filter_text: str,
        apply: Apply,
        save: Save,
        *,
        help_words: str,
        draft: str,
        complete: Complete = Completion,
    ) -> None:
        """`help_words` are examples of the list's filters; `complete` goes on with what is typed at Tab."""
        super().__init__()
        # Ready to be narrowed further; Ctrl-U empties it.
        self.field = Field("/", f"{filter_text} " if filter_text else "", accepts_scan=True)
        self._text = filter_text
        self.draft = draft
        self._help_words = help_words
        self._apply = apply
        self._save = save
        self._error: FilterError | None = None
        self._saving = False
        self._complete = complete
        self._choices: tuple[str, ...] = ()

    def title(self) -> Line:
        return plain(_("FIND: a filter, words, or a number to go to"))

    def lines_below(self, width: int) -> list[Line]:
        if self._saving:
            return [plain("   " + _("Which digit? 1-9, or 0 for the view you begin with."), Role.INFO)]
        if self._error is None and self._choices:
            return wrap("   " + "  ".join(self._choices), width - 1, Role.INFO, 3)[:_CHOICE_LINES]
        if self._error is None:
            return [plain(f"   {self._help_words}", Role.QUIET)]
        return [
            *_marked(self._text, self._error, width),
            *wrap(f"   {filter_said(self._error)}", width - 1, Role.MISSED, 3),
        ]

    def hints(self) -> list[KeyHint]:
        return [
            KeyHint("Enter", _("show")),
            KeyHint("Tab", _("complete")),
            KeyHint("Ctrl-U", _("empty")),
            KeyHint("Ctrl-S", _("save as view")),
            KeyHint("Esc", _("leave")),
        ]

    def key(self, key: str, character: str | None) -> bool:
        if self._saving:
            self._saving = False
            if character is not None and character in "0123456789":
                self._answer(self._save(character, self._text))
            else:
                self.changed()
            return True
        if key == "tab":
            found = self._complete(self._text)
            self.set_text(found.text)
            self.text_changed(found.text)
            self._choices = found.choices
            self.changed()
            return True
        return False

    def save(self) -> bool:
        self._saving = True
        self.changed()
        return True

    def text_changed(self, value: str) -> None:
        self._text = value
        if self._error is not None or self._choices:
            self._error, self._choices = None, ()
            self.changed()

    def text_submitted(self, value: str) -> None:
        self._text = value
        self._answer(self._apply(value))

    def _answer(self, error: FilterError | None) -> None:
        self._error = error
        if error is None:
            self.close()
        else:
            self.changed()


def _marked(typed: str, error: FilterError, width: int) -> list[Line]:
    """The fault marked under what was typed; where that is out of view, under the part of it around the fault."""
    faulty = typed[error.position : error.position + error.length]
    length = max(1, cell_width(faulty))
    offset = _LABEL + cell_width(typed[: error.position])
    if offset + length < width:
        return [plain(" " * offset + "^" * length, Role.MISSED)]
    start = error.position
    while start > 0 and cell_width(typed[start - 1 : error.position]) <= _BEFORE:
        start -= 1
    lead = " " * (_LABEL - 1) + "…" + typed[start : error.position]
    offset = cell_width(lead)
    shown, _rest = cut_cells(typed[error.position :], max(1, width - 2 - offset))
    return [
        plain(lead + shown, Role.QUIET),
        plain(" " * offset + "^" * min(length, max(1, cell_width(shown))), Role.MISSED),
    ]
