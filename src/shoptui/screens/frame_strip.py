"""The frame's strip: forms in it, their drafts, and F9, which counts only alone and on what could be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session
from shoptui.command_state import Context
from shoptui.i18n import _
from shoptui.screens.forms import Form
from shoptui.screens.frame import WIDE, Frame
from shoptui.screens.place import Place
from shoptui.screens.strip import HEIGHT_NARROW, HEIGHT_WIDE, Strip
from shoptui.widgets.confirm_guard import ConfirmGuard, Press
from shoptui.words import Said

#: What is typed is on the disk after this long at the latest, seconds.
DRAFT_SAVE_AFTER_S = 0.2


class StripFrame(Frame):
    """The frame with what happens in its strip."""

    def __init__(self, session: Session, first: Place, later: Mapping[Context, Callable[[], Place]]) -> None:
        super().__init__(session, first, later)
        self.guard = ConfirmGuard()
        self._guarded = ""
        self._refusal: Notice | None = None
        """What was said last of a press of F9 that did not count."""
        self._key_refused = False
        """Whether the key that is being handled is what made a press of F9 not count."""

    def do_strip_leave(self, argument: str) -> None:
        self.strip.leave()

    def do_text_leave(self, argument: str) -> None:
        self.strip.leave()

    def do_text_editor(self, argument: str) -> None:
        form = self.strip.form
        if form is None or form.editor is None:
            self.session.say(_("Only what has several lines is written in an editor of your own."))
            return
        self.cockpit.edit_in_own_editor(self.strip.editor_text(), self.strip.set_editor_text)

    def do_view_save(self, argument: str) -> None:
        form = self.strip.form
        if form is not None and not form.save():
            self.session.say(_("Only a filter can be saved as a view."))

    def do_strip_option(self, argument: str) -> None:
        form = self.strip.form
        if form is not None:
            form.option(int(argument))

    def do_strip_rows(self, argument: str) -> None:
        form = self.strip.form
        if form is not None and not form.show_rows():
            self.session.say(_("There are no rows behind this."))

    def do_strip_do(self, argument: str) -> None:
        """F9: counts only on a strip that could be read, and only alone."""
        form = self.strip.form
        if form is None or not form.does():
            self.session.say((form and form.why_not()) or _("There is nothing here that F9 could do."))
            return
        press = self.guard.press(self.cockpit.monotonic())
        if press is Press.PENDING:
            self.set_timer(self.guard.alone_s + 0.005, self.settle_guard)
        elif press is Press.TOO_SOON:
            self._say_too_soon()
        elif press is Press.NOT_ALONE:
            # The other key may have come in the same breath, and what it does is still to come.
            self._key_refused = True
            self._say_not_alone()

    def settle_guard(self) -> None:
        """A press of F9 has stayed alone long enough, or has not."""
        form = self.strip.form
        if form is not None and self.guard.confirmed(self.cockpit.monotonic()):
            self.session.notices.pass_by()
            form.do()
            self.draw_bars()

    def saw_other_key(self, at_s: float) -> None:
        """Any key but the confirming one arrived at `at_s` (monotonic seconds)."""
        self._key_refused = self.guard.other_key(at_s)
        if self._key_refused:
            self._say_not_alone()
            self.draw_bars()

    def action_command(self, command_id: str, argument: str) -> None:
        if command_id == "strip.do":
            # A press of its own; the key that spoilt the one before did nothing here.
            self._key_refused = False
            super().action_command(command_id, argument)
        else:
            super().action_command(command_id, argument)
            self._say_again()

    def on_strip_gone_on(self, event: Strip.GoneOn) -> None:
        if not self._say_again() and self._refusal is not None and self.session.notices.passing is self._refusal:
            self.session.notices.pass_by()
            self.bars_soon()

    def _say_again(self) -> bool:
        """Say once more that F9 did not count, whatever the key that spoilt it has done or said besides."""
        said, self._key_refused = self._key_refused, False
        if said:
            self._say_not_alone()
        return said

    def word_stays(self) -> bool:
        """A strip that is still open asks whether it was sent; only the operator's next key takes the answer away."""
        refusal = self._refusal
        return self.strip.is_open and refusal is not None and self.session.notices.passing is refusal

    def _say_too_soon(self) -> None:
        self._refuse(_("Not sent: read the strip first, then F9 again."))

    def _say_not_alone(self) -> None:
        if self.strip.is_open:
            self._refuse(_("Not sent: another key came with F9. Read the strip, then F9 again."))
        else:
            self._refuse(_("Not sent: another key came with F9."))

    def _refuse(self, words: str) -> None:
        self._refusal = Notice("word", Said(words), Tone.ASK)
        self.session.notices.post(self._refusal)

    def on_strip_opened(self, event: Strip.Opened) -> None:
        self._guarded = ""
        self.place.hold_still(True)
        self.place.strip_takes_room = self.strip.form is not None and self.strip.form.takes_room
        self.place.strip_changed(True)
        self._guard_form()
        self.draw_bars()

    def on_strip_redrawn(self, event: Strip.Redrawn) -> None:
        self._guard_form()
        self.draw_bars()

    def on_strip_closed(self, event: Strip.Closed) -> None:
        self.guard.strip_closed()
        self._last_key_at = self.session.now
        if self.strip.form is None:
            self.place.strip_changed(False)
            self.place.focus_again()
        self.draw_bars()

    def _guard_form(self) -> None:
        """Reading starts anew whenever what F9 would do has changed."""
        form = self.strip.form
        does = form.does() if form is not None else ""
        if does and does != self._guarded:
            self.call_after_refresh(self._strip_painted)
        elif not does and self.guard.strip_closed():
            self._say_too_soon()
        self._guarded = does

    def _strip_painted(self) -> None:
        if self.guard.strip_painted(self.cockpit.monotonic()):
            self._say_too_soon()

    def on_place_form_wanted(self, event: Place.FormWanted) -> None:
        event.stop()
        self.open_form(event.form)

    def open_form(self, form: Form) -> None:
        """Open a form in the strip."""
        form.hold_s = self.session.hold_s
        if form.draft and form.is_typed_in:
            form.keep_draft = partial(self._keep_draft, form.draft, form.beginning.strip())
            kept = self.session.memory.drafts.get(form.draft)
            if kept and form.takes_draft:
                form.take_draft(kept)
        self.strip.height_max = HEIGHT_WIDE if self.app.size.width >= WIDE else HEIGHT_NARROW
        self.strip.open(form, self.session.now)

    def _keep_draft(self, key: str, beginning: str, typed: str) -> None:
        """Keep what is typed in a field, if it is more than what the field began with."""
        self.session.keep_draft(key, "" if typed.strip() == beginning else typed)
        self.cockpit.save_soon(DRAFT_SAVE_AFTER_S)
