"""How stores answer, in the Inbox: a panel under a wide terminal's list, a strip to choose from on any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.app import ComposeResult

from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.inbox import StoreAnswers
from shoptui.screens.inbox_thread import InboxThread
from shoptui.screens.lines import Line, RoleLines, plain, rule
from shoptui.screens.place import WIDE
from shoptui.widgets.plain_lines import PlainBox
from shoptui.widgets.roles import Role

#: Lines of the panel: its head, the columns' heads and at least two stores; a tall terminal shows more.
_LINES_LEAST = 4
_LINES_MOST = 10
_LIST_LINES_PER_LINE = 4

#: The figures are read again when a conversation has changed, though not more often than this, and once a minute.
_AGAIN_S = 5
_REREAD_S = 60


class ListSide(PlainBox):
    """The list with the panel under it."""


class InboxAnswers(InboxThread):
    """The Inbox's part about response rates."""

    answers: Sequence[StoreAnswers] = ()
    """How stores answer, as it was read last."""
    _answers_at = 0
    _answers_old = True

    def compose(self) -> ComposeResult:
        listed, *beside = super().compose()
        yield ListSide(listed, RoleLines(id="inbox-answers"), id="inbox-left")
        yield from beside

    # The panel.

    @property
    def _has_panel(self) -> bool:
        return self.pane_is_side and self.app.size.width >= WIDE

    def arrange_place(self) -> None:
        left, panel = self.query_one("#inbox-left"), self.query_one("#inbox-answers", RoleLines)
        left.display = not self.pane_is_full
        left.styles.width = "1fr"
        panel.display = self._has_panel and bool(self.answers)
        if panel.display:
            panel.styles.height = self._panel_lines()
        super().arrange_place()
        self._show_answers()

    def _panel_lines(self) -> int:
        wanted = max(_LINES_LEAST, min(_LINES_MOST, self.app.size.height // _LIST_LINES_PER_LINE))
        return min(wanted, len(self.answers) + 2)

    def _show_answers(self) -> None:
        panel = self.query_one("#inbox-answers", RoleLines)
        if not panel.display:
            return
        from shoptui.screens.store_answers import answers_lines

        width = self.app.size.width - self.pane_width() - 1
        most = self._panel_lines() - 1
        lines = answers_lines(self.answers, width - 1, self.session.zone, most)
        more = len(self.answers) - (most - 1)
        right: Line = plain(_("V shows {count} more").format(count=more), Role.QUIET) if more > 0 else ()
        head = rule(width, plain(_("Stores: waiting, in time, room")), right)
        panel.show([head, *((plain(" ")[0], *line) for line in lines)])

    # Reading.

    def prepare(self) -> None:
        super().prepare()
        self._read_answers()

    def entered(self) -> None:
        super().entered()
        self._read_answers()

    def changed(self, changed: Changed) -> None:
        super().changed(changed)
        if changed.threads is None or changed.threads or changed.stores:
            self._answers_old = True

    def tick(self, now: int) -> None:
        super().tick(now)
        if self._has_panel and now >= self._answers_due():
            self._read_answers()

    def turns_at(self, now: int) -> float:
        due = self._answers_due() if self._has_panel else float("inf")
        return min(super().turns_at(now), max(now + 1, due))

    def _answers_due(self) -> float:
        return self._answers_at + (_AGAIN_S if self._answers_old else _REREAD_S)

    def _read_answers(self, then: Callable[[], None] | None = None) -> None:
        if not self.house.is_open or (then is None and not self._has_panel):
            return
        self._answers_at, self._answers_old = self.session.now, False

        async def read() -> Callable[[], None]:
            from shoptui.screens.explain import rate_rules

            now = self.session.now
            rules = await rate_rules(self.house.rules, self.session.house.stores, now)
            answers = await self.house.reader.threads.answers_by_store(now, rules)
            return partial(self._take_answers, answers, then)

        self.read(read, "answers", exclusive=True)

    def _take_answers(self, answers: Sequence[StoreAnswers], then: Callable[[], None] | None) -> None:
        had = len(self.answers)
        self.answers = answers
        if len(answers) != had:
            self.arrange_place()
        else:
            self._show_answers()
        if then is not None:
            then()

    # The strip.

    def do_answers_open(self, argument: str) -> None:
        """All stores, the one that can lose most first; Enter shows whose buyers wait there."""
        self._read_answers(self._open_answers)

    def _open_answers(self) -> None:
        from shoptui.screens.list_form import Entry, ListForm
        from shoptui.screens.store_answers import answers_line, head_line, worst_first

        width, zone = self.app.size.width - 3, self.session.zone
        entries = [
            Entry(answers_line(one, width, zone), partial(self._show_store, one.store_id))
            for one in worst_first(self.answers)
        ]
        form = ListForm(
            _("HOW STORES ANSWER: Enter shows the conversations of one"),
            entries,
            head=head_line(width),
            empty=_("No store is connected yet."),
        )
        self.post_message(self.FormWanted(form))

    def _show_store(self, store_id: str) -> None:
        self.set_filter(f"store:{store_id} is:open")
