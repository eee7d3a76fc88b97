"""The strips in which a house's quick replies are listed, added, changed and removed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from shoptui.cellwidth import cell_width, fit
from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.quick_reply_book import QuickReplyBook, read_book
from shoptui.cockpit.undo import UndoRequest
from shoptui.commands import Level
from shoptui.domain.alike import meant
from shoptui.domain.language import LANGUAGES
from shoptui.domain.templates import (
    NAME_MAX,
    NUMBERS,
    TEXT_MAX,
    VARIABLES,
    QuickReply,
    unknown_variables,
    variables_of,
)
from shoptui.i18n import _, ngettext
from shoptui.screens.forms import ConfirmForm, Editor, Form, TextForm
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.screens.list_form import Entry, ListForm
from shoptui.screens.place import Place
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words.inbox import language_name
from shoptui.words.quick_replies import variable_words

#: Cells of the word before each part of a quick reply.
_LABEL = 12
#: Variables that do not say by their names what they are filled with.
_EXPLAINED = ("eta", "van", "return_address")


class TextsForm(Form):
    """The text of a quick reply in one language; F9 keeps it, Enter breaks a line."""

    level = Level.OURS

    def __init__(
        self, title: str, value: str, *, fault: Callable[[str], str], keep: Callable[[str], None], draft: str
    ) -> None:
        """`fault` says what is wrong with a text, "" for nothing; `keep` takes one that is right."""
        super().__init__()
        self.editor = Editor(value)
        self.draft = draft
        self._title = title
        self._text = value
        self._fault = fault
        self._keep = keep

    def title(self) -> Line:
        return plain(self._title)

    def title_right(self) -> Line:
        kept = (*super().title_right(), text("  ")) if self.from_draft else ()
        return (*kept, text(f"{len(self._text.strip()):,}/{TEXT_MAX:,}", Role.QUIET))

    def why_not(self) -> str:
        return self._fault(self._text.strip())

    def does(self) -> str:
        if self.why_not():
            return ""
        return _("keep") if self._text.strip() else _("remove this language")

    def lines_below(self, width: int) -> list[Line]:
        if fault := self.why_not():
            return wrap(f" {fault}", width - 1, Role.MISSED, 1)
        known = " ".join(f"{{{name}}}" for name in VARIABLES)
        lines = wrap(" " + _("Filled in for each buyer: {known}").format(known=known), width - 1, Role.QUIET, 1)
        used = [name for name in variables_of(self._text) if name in _EXPLAINED]
        return lines + [plain(f" {{{name}}} {variable_words(name)}", Role.QUIET) for name in used]

    def hints(self) -> list[KeyHint]:
        does = self.does()
        keep = KeyHint("F9", does) if does else KeyHint("F9", _("keep"), enabled=False)
        return [keep, KeyHint("Ctrl-E", _("editor")), KeyHint("Esc", _("leaves, draft kept"))]

    def text_changed(self, value: str) -> None:
        self._text = value
        self.changed()

    def do(self) -> None:
        if self.does():
            self.close()
            self._keep(self._text.strip())


def text_fault(words: str) -> str:
    """What is wrong with the text of a quick reply and what to do, "" when nothing is."""
    if len(words) > TEXT_MAX:
        return _("{count} characters; at most {most} fit.").format(count=f"{len(words):,}", most=f"{TEXT_MAX:,}")
    for name in unknown_variables(words):
        near = meant(name, VARIABLES)
        if near:
            return _("{name} is no variable: did you mean {near}?").format(name=f"{{{name}}}", near=f"{{{near}}}")
        known = " ".join(f"{{{each}}}" for each in VARIABLES)
        return _("{name} is no variable. There are {known}").format(name=f"{{{name}}}", known=known)
    return ""


def stores_words(reply: QuickReply) -> str:
    """Which stores a quick reply is for."""
    return " ".join(reply.stores) or _("all stores")


class QuickReplyEditor:
    """Lists, adds, changes and removes quick replies on behalf of a place. The engine writes each change at once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._session = place.session
        self._replies: tuple[QuickReply, ...] = ()
        self._cursor = 0

    def open(self) -> None:
        """Show all quick replies as the file has them now."""
        self._read(self._show_list)

    def _read(self, then: Callable[[], None]) -> None:
        async def read() -> Callable[[], None]:
            book = await asyncio.to_thread(read_book, self._session.data_dir)
            return lambda: self._take(book, then)

        self._place.read(read, "quick-replies", exclusive=True)

    def _take(self, book: QuickReplyBook, then: Callable[[], None]) -> None:
        if book.fault:
            self._session.say(book.fault, tone=Tone.BAD)
            return
        self._replies = book.replies
        then()

    def _open(self, form: Form) -> None:
        self._place.post_message(Place.FormWanted(form))

    # All of them.

    def _show_list(self) -> None:
        entries: list[Entry] = []
        taken: set[int] = set()
        for place, reply in enumerate(self._replies):
            # The digits are those that pick a quick reply: of several with one number, the first.
            digit = str(reply.number) if reply.number < 10 and reply.number not in taken else ""
            taken.add(reply.number)
            entries.append(Entry(self._list_line(reply, digit), partial(self._show, reply, place), digit))
        title = ngettext("{count} QUICK REPLY", "{count} QUICK REPLIES", len(entries)).format(count=len(entries))
        more = {"A": (_("add"), self._add)}
        empty = _("There is none yet. A adds one.")
        self._open(ListForm(title, entries, more=more, empty=empty, cursor=self._cursor))

    def _list_line(self, reply: QuickReply, digit: str) -> Line:
        name = fit(reply.name, 20)
        languages = " ".join(reply.texts)
        return (
            text("   " if digit else f"{reply.number:<3}", Role.QUIET),
            text(f"{name}  "),
            text(languages, Role.QUIET),
            text(f"  {stores_words(reply)}" if reply.stores else "", Role.OTHER),
        )

    # One of them.

    def _show(self, reply: QuickReply, place: int) -> None:
        self._cursor = place
        self._show_one(reply)

    def _show_one(self, reply: QuickReply, cursor: int = 2) -> None:
        languages = [*reply.texts, *(code for code in LANGUAGES if code not in reply.texts)]
        entries = [
            Entry(self._part(_("name"), reply.name), partial(self._ask_name, reply)),
            Entry(self._part(_("stores"), stores_words(reply)), partial(self._ask_stores, reply)),
        ]
        for place, code in enumerate(languages, start=2):
            words = " / ".join(reply.texts.get(code, "").splitlines())
            line = self._part(language_name(code), words or "-", Role.TEXT if words else Role.QUIET)
            entries.append(Entry(line, partial(self._ask_text, reply, code, place)))
        title = _('QUICK REPLY {number} "{name}"').format(number=reply.number, name=reply.name)
        more: dict[str, tuple[str, Callable[[], None]]] = {
            "D": (_("remove"), partial(self._ask_removal, reply)),
            "L": (_("all of them"), self._show_list),
        }
        self._open(ListForm(title, entries, more=more, cursor=cursor))

    def _part(self, label: str, words: str, role: Role = Role.TEXT) -> Line:
        return text(label + " " * max(1, _LABEL - cell_width(label)), Role.QUIET), text(words, role)

    def _ask_name(self, reply: QuickReply) -> None:
        def enter(words: str) -> str | None:
            name = words.strip()
            if not name or len(name) > NAME_MAX:
                return _("A name has 1 to {most} characters.").format(most=NAME_MAX)
            self._put(replace(reply, name=name), reply, cursor=0)
            return None

        title = _("QUICK REPLY {number}: what it is called").format(number=reply.number)
        self._open(TextForm(title, _("name"), enter, value=reply.name))

    def _ask_stores(self, reply: QuickReply) -> None:
        def enter(words: str) -> str | None:
            stores = tuple(sorted(set(words.replace(",", " ").split())))
            taken = any(
                other.number == reply.number and set(other.stores) == set(stores)
                for other in self._replies
                if other != reply
            )
            if taken:
                return _("Another quick reply {number} is for these stores already.").format(number=reply.number)
            self._put(replace(reply, stores=stores), reply, cursor=1)
            return None

        title = _("QUICK REPLY {number}: for which stores").format(number=reply.number)
        help_line = _("Names with * as in sp-* tt-th-1; empty for all. One that names stores goes before one for all.")
        value = " ".join(reply.stores)
        self._open(TextForm(title, _("stores"), enter, value=value, help_lines=[help_line]))

    def _ask_text(self, reply: QuickReply, code: str, cursor: int) -> None:
        before = reply.texts.get(code, "")

        def fault(words: str) -> str:
            if words or len(reply.texts.keys() - {code}):
                return text_fault(words)
            return _("A quick reply needs a text in one language; D in the list removes it.")

        def keep(words: str) -> None:
            texts = {**reply.texts, code: words}
            if not words:
                del texts[code]
            self._put(replace(reply, texts=texts), reply, cursor=cursor)

        title = _("QUICK REPLY {number} in {language}").format(number=reply.number, language=language_name(code))
        draft = f"quick:{reply.number}:{' '.join(reply.stores)}:{code}"
        self._open(TextsForm(title, before, fault=fault, keep=keep, draft=draft))

    # Adding and removing.

    def _add(self) -> None:
        taken = {reply.number for reply in self._replies if not reply.stores}
        free = next((number for number in NUMBERS if number not in taken), None)
        if free is None:
            self._session.say(_("All {count} numbers are taken: remove one first.").format(count=len(NUMBERS)))
            return

        def enter(words: str) -> str | None:
            number, _blank, name = words.strip().partition(" ")
            if not number.isascii() or not number.isdigit() or int(number) not in NUMBERS:
                return _("Begin with a number from {first} to {last}, as in: 8 sold out").format(
                    first=NUMBERS[0], last=NUMBERS[-1]
                )
            if int(number) in taken:
                return _("{number} is taken; {free} is free.").format(number=int(number), free=free)
            if not name.strip() or len(name.strip()) > NAME_MAX:
                return _("Give it a name of 1 to {most} characters behind the number, as in: 8 sold out").format(
                    most=NAME_MAX
                )
            self._ask_first_text(QuickReply(int(number), name.strip(), {}))
            return None

        help_line = _("Its number, by which it is picked, and a short name, as in: {number} sold out").format(
            number=free
        )
        title = _("NEW QUICK REPLY: number and name")
        self._open(TextForm(title, _("new"), enter, value=f"{free} ", help_lines=[help_line], draft="quick:new"))

    def _ask_first_text(self, reply: QuickReply) -> None:
        """A further strip cannot be opened before the one that is just being handed in has closed."""
        self._place.call_after_refresh(self._ask_text, reply, "en", 2)

    def _ask_removal(self, reply: QuickReply) -> None:
        title = _('REMOVE QUICK REPLY {number} "{name}"').format(number=reply.number, name=reply.name)
        does = _("remove quick reply {number}").format(number=reply.number)
        lines = [plain(f" {_('z brings it back.')}", Role.QUIET)]
        self._open(ConfirmForm(Level.OURS, title, lines, does, partial(self._remove, reply)))

    def _remove(self, reply: QuickReply) -> None:
        def answered(answer: Answer) -> None:
            if not answer.ok:
                self._session.say(answer.say, tone=Tone.BAD)
                return
            name = f'{reply.number} "{reply.name}"'
            undone = _("Quick reply {name} is back.").format(name=name)
            self._session.undo.push(UndoRequest("put_quick_reply", fields_of(reply), undone))
            self._session.say(_("Quick reply {name} is removed. z brings it back.").format(name=name), tone=Tone.GOOD)
            self._read(self._show_list)

        self._place.ask("delete_quick_reply", answered, number=reply.number, stores=list(reply.stores))

    # Writing.

    def _put(self, reply: QuickReply, before: QuickReply, *, cursor: int) -> None:
        """Have a changed quick reply written; `before` is what it was."""
        if reply == before:
            self._place.call_after_refresh(self._show_one, reply, cursor)
            return
        moved = before.texts and set(before.stores) != set(reply.stores)

        def answered(answer: Answer) -> None:
            if not answer.ok:
                self._session.say(answer.say, tone=Tone.BAD)
                return
            if moved:
                self._place.ask("delete_quick_reply", done, number=before.number, stores=list(before.stores))
            else:
                done(answer)

        def done(answer: Answer) -> None:
            if not answer.ok:
                self._session.say(answer.say, tone=Tone.BAD)
                return
            name = f'{reply.number} "{reply.name}"'
            if not moved:
                undone = _("Quick reply {name} is as it was.").format(name=name)
                undo = UndoRequest("put_quick_reply", fields_of(before), undone)
                if not before.texts:
                    undone = _("Quick reply {name} is gone again.").format(name=name)
                    undo = UndoRequest("delete_quick_reply", {"number": reply.number, "stores": []}, undone)
                self._session.undo.push(undo)
            self._session.say(_("Quick reply {name} is kept, for everybody.").format(name=name), tone=Tone.GOOD)
            self._read(partial(self._show_one, reply, cursor))

        self._place.ask("put_quick_reply", answered, **fields_of(reply))


def fields_of(reply: QuickReply) -> dict[str, object]:
    """A quick reply as the engine's request takes it."""
    return {
        "number": reply.number,
        "name": reply.name,
        "texts": dict(reply.texts),
        "stores": list(reply.stores),
    }
