"""The Help place: every key of the place it was opened from, the reason below what is off, and what words mean."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from shoptui.cellwidth import fit
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState, Context
from shoptui.commands import Command, Group, first_keys, in_context, key_label, keys_under
from shoptui.i18n import _, in_every_language
from shoptui.screens.forms import TextForm
from shoptui.screens.help_topic import HelpTopic
from shoptui.screens.help_words import TOPICS, Topic
from shoptui.screens.lines import Line, plain, rule, text, wrap
from shoptui.screens.place import PaneLines, Place, ViewLine
from shoptui.widgets.roles import Role

_KEYS_CELLS = 13
_LABEL_CELLS = 19


class HelpPlace(Place):
    """Keys, labels and what they do, then the topics; `/` searches in all of it."""

    context = Context.HELP
    pane_context = Context.HELP

    def __init__(self, session: Session, topic: Callable[[], HelpTopic]) -> None:
        """`topic` says what help is asked about; it is looked at each time Help comes to the front."""
        super().__init__(session)
        self._topic = topic
        self.about = Context.ORDERS
        self.state_there = CommandState(place=Context.ORDERS)
        self.search = ""
        self.in_pane = True

    def compose(self) -> ComposeResult:
        yield PaneLines(id="help-lines")

    def view_line(self, width: int) -> ViewLine:
        title = _("Keys that work in {place}").format(place=_place_name(self.about))
        right = _("/ searches, ◄ back")
        if self.search:
            title += f"  /{self.search}"
        return ViewLine((text(title, Role.INFO),), (text(right, Role.QUIET),))

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        lines: list[Line] = []
        titles: list[tuple[Group, str]] = [
            (Group.DO, _("DO (opens the strip or is undone by z; sends nothing by itself)")),
            (Group.MOVE, _("MOVE")),
            (Group.MARK, _("MARK")),
            (Group.VIEW, _("VIEW")),
            (Group.GO, _("GO")),
        ]
        there = in_context(self.about)
        for group, title in titles:
            found = [command for command in there if command.group is group and self._matches(command)]
            found.sort(key=lambda command: command.verb_in(self.about))
            if found:
                lines.append(rule(width, plain(title)))
                for command in found:
                    lines += self._command_lines(command, width)
        strip = [c for c in (*in_context(Context.STRIP), *in_context(Context.TEXT)) if c.group is Group.STRIP]
        found = [command for command in dict.fromkeys(strip) if self._matches(command)]
        if found:
            lines.append(rule(width, plain(_("THE STRIP: F9 does it, ◄ leaves it; Enter never confirms"))))
            for command in found:
                lines += self._command_lines(command, width)
        topics = [topic for topic in TOPICS if self._is_about(topic)]
        if topics:
            lines.append(rule(width, plain(_("WHAT IT MEANS"))))
            for topic in topics:
                lines += _topic_lines(topic, width)
        return lines or [plain(" " + _("Neither a key nor a word is called that. ◄ shows all again."), Role.QUIET)]

    def _matches(self, command: Command) -> bool:
        names = (*in_every_language(command.label), *in_every_language(command.help), command.id, self._keys(command))
        words = " ".join(names).casefold()
        return all(word in words for word in self.search.casefold().split())

    def _is_about(self, topic: Topic) -> bool:
        words = f"{_(topic.title)} {_(topic.text)}".casefold()
        return all(word in words for word in self.search.casefold().split())

    def _command_lines(self, command: Command, width: int) -> list[Line]:
        """What the key does, in as many lines as that takes, and below it why it does nothing now."""
        why_off = command.why_off(self.state_there) if self.about in command.contexts else None
        on = why_off is None
        lead: Line = (
            text(f" {fit(self._keys(command), _KEYS_CELLS)} ", Role.INFO if on else Role.QUIET),
            text(f"{fit(_(command.label), _LABEL_CELLS)} ", Role.TEXT if on else Role.QUIET),
        )
        room = width - _KEYS_CELLS - _LABEL_CELLS - 4
        words = wrap(_(command.help), room, Role.QUIET)
        if why_off is not None:
            words += wrap(why_off, room, Role.SOON)
        empty: Line = (text(" " * (_KEYS_CELLS + _LABEL_CELLS + 3)),)
        return [(*(lead if number == 0 else empty), *line) for number, line in enumerate(words)]

    def _keys(self, command: Command) -> str:
        """The keys as the operator has them; a row of digits by its ends."""
        keymap = self.session.keymap
        first = first_keys(command, keymap)
        if len(first) > 4:
            return f"{key_label(first[0])}-{key_label(first[-2])} {key_label(first[-1])}"
        return " ".join(map(key_label, keys_under(command, keymap, self.about)))

    def do_filter_open(self, argument: str) -> None:
        def enter(words: str) -> str | None:
            self.search = words.strip()
            self.pane.to_top()
            self.show_pane()
            self.post_message(self.StateChanged())
            return None

        self.post_message(
            self.FormWanted(TextForm(_("FIND a key, what it does or what a word means"), "/", enter, value=self.search))
        )

    # The whole place is one pane that scrolls.

    def arrange_place(self) -> None:
        self.pane.styles.height = "1fr"
        self.show_pane()

    @property
    def pane_is_full(self) -> bool:
        return True

    def focus_list(self) -> None:
        self.pane.focus(scroll_visible=False)

    def entered(self) -> None:
        topic = self._topic()
        self.about, self.state_there, self.search = topic.context, topic.state, ""
        self.pane.to_top()
        self.arrange_place()
        self.focus_list()

    def go_back(self) -> bool:
        if self.search:
            self.search = ""
            self.show_pane()
            return True
        return False

    def _turn(self, lines: Callable[[int], int]) -> None:
        self.pane.turn(lines(self.pane.size.height))

    def do_row_down(self, argument: str) -> None:
        self._turn(lambda height: 1)

    def do_row_up(self, argument: str) -> None:
        self._turn(lambda height: -1)

    def do_page_down(self, argument: str) -> None:
        self._turn(lambda height: height - 1)

    def do_page_up(self, argument: str) -> None:
        self._turn(lambda height: 1 - height)

    def do_row_first(self, argument: str) -> None:
        self.pane.to_top()

    def do_row_last(self, argument: str) -> None:
        self.pane.to_end()


def _topic_lines(topic: Topic, width: int) -> list[Line]:
    lines: list[Line] = [(text(f" {_(topic.title)}", Role.INFO),)]
    return [*lines, *((text("   "), *line) for line in wrap(_(topic.text), min(width, 100) - 4))]


def _place_name(context: Context) -> str:
    names = {
        Context.ORDERS: _("Orders"),
        Context.ACTIVITY: _("Activity"),
        Context.STORES: _("Stores"),
        Context.DOCTOR: _("Doctor"),
        Context.DETAIL: _("an order"),
    }
    return names.get(context, _("Help"))
