"""The strip in which a reply is written: it names the store, counts, refuses, and tells what came between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.messages import Message, MessageState, Sender
from shoptui.domain.records import dataclass
from shoptui.domain.reply_check import Limits, Refusal, RefusalId, Standing, refusals
from shoptui.domain.verbs import REPLY_MAX
from shoptui.i18n import _
from shoptui.queries.inbox import ThreadRow
from shoptui.screens.forms import Editor, Form
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.screens.thread_lines import is_from_store
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words.inbox import language_name, refusal_words


@dataclass(frozen=True, slots=True)
class HouseLimits:
    """What holds where the engine has not said what the marketplace takes: it decides when it is asked."""

    text_max: int = REPLY_MAX
    links: bool = True
    contacts: bool = True
    unanswered_max: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A reply as F9 hands it in. `after_message_id` is the newest message its writer has seen."""

    text: str
    after_message_id: str
    template: str
    take_over: bool


class ComposerForm(Form):
    """A reply to one conversation.

    It closes only when the engine has taken the reply: until then the text is here, and in the drafts on the disk.
    """

    level = Level.REACH

    def __init__(
        self,
        row: ThreadRow,
        messages: Sequence[Message],
        send: Callable[[Written], None],
        *,
        operator: str,
        limits: Limits | None = None,
        text_now: str = "",
        template: str = "",
        template_name: str = "",
        begins_with_it: bool = False,
        left: Callable[[], None] | None = None,
    ) -> None:
        """`send` hands a reply in; its answer comes back through `answered`. `template` is the quick reply's number.

        `text_now` is what the field begins with unless a draft was kept; with `begins_with_it` in any case.
        """
        super().__init__()
        self.row = row
        self.editor = Editor(text_now)
        self.draft = f"reply:{row.store_id}/{row.thread_id}"
        # A quick reply that was picked, or words that failed, are meant; an older draft is not.
        self.takes_draft = not text_now or not begins_with_it
        self.template = template
        self.template_name = template_name
        self._limits: Limits = limits if limits is not None else HouseLimits()
        self._operator = operator
        self._send = send
        self._left = left
        self._text = text_now
        self._busy = False
        self.problem = ""
        """Why the engine has not taken it, "" while nothing stands against it."""
        self.unclaims = False
        """Whether the claim it has made ends with it."""
        self._seen = messages[-1].message_id if messages else row.last_message_id
        self._seen_key = messages[-1].order_key if messages else ""
        self._unanswered = _unanswered(messages)
        self._told_answer = ""
        """What is told of an answer that came between; F9 then sends all the same."""
        self._claimed_by = row.claimed_by if row.claimed_by != operator else ""
        self._came = 0
        self._now = 0

    @property
    def words(self) -> str:
        """What is written now."""
        return self._text

    # What is known of the thread meanwhile.

    def thread_now(self, row: ThreadRow, messages: Sequence[Message]) -> None:
        """The thread was read again: what a colleague or the buyer wrote meanwhile is told before anything is sent."""
        self.row = row
        newer = [message for message in messages if message.order_key > self._seen_key]
        if not messages or not newer:
            return
        self._seen, self._seen_key = messages[-1].message_id, messages[-1].order_key
        self._unanswered = _unanswered(messages)
        answers = [one for one in newer if is_from_store(one) and one.state is MessageState.NORMAL]
        if answers:
            self.told_answer(answers[-1].name)
        self._came += sum(1 for message in newer if message.sender is Sender.BUYER)
        self.changed()

    def told_answer(self, who: str) -> None:
        """Somebody of the store has answered since the reply was begun."""
        name = who or _("somebody of the store")
        self._told_answer = _("Answered meanwhile by {who}: read it above. F9 sends yours all the same.").format(
            who=name
        )

    def claimed(self, who: str) -> None:
        """A colleague is on this conversation."""
        self._claimed_by = who
        self.changed()

    def left_here(self) -> None:
        """Nothing more is expected from this form's maker."""
        self._left = None

    # What it shows.

    @property
    def _refused(self) -> tuple[Refusal, ...]:
        return refusals(self._text, self._limits, Standing(self._unanswered, self.row.can_send))

    def does(self) -> str:
        if self._busy or self._refused:
            return ""
        if self._told_answer or self._claimed_by:
            return _("send all the same as {store}").format(store=self.row.store_id)
        return _("send as {store}, then next thread").format(store=self.row.store_id)

    def why_not(self) -> str:
        if self._busy:
            return _("It is being handed to the engine.")
        found = self._refused
        return refusal_words(found[0]) if found else ""

    def title(self) -> Line:
        words = _("Reply as {store}").format(store=self.row.store_id)
        line: Line = (text(words, Role.INFO), text(" " + _("to {buyer}").format(buyer=self.row.buyer)))
        line = (*line, text(" " + _("in {language}").format(language=language_name(self.row.language)), Role.QUIET))
        if self.template:
            said = _('quick reply {number} "{name}"').format(number=self.template, name=self.template_name)
            line = (*line, text(f", {said}", Role.QUIET))
        return line

    def title_right(self) -> Line:
        length, most = len(self._text), self._limits.text_max
        over = Role.MISSED if length > most else Role.SOON if length > most * 9 // 10 else Role.QUIET
        kept = (text(_("as you left it") + "  ", Role.QUIET),) if self.from_draft else ()
        return (*kept, text(f"{length}/{most}", over))

    def lines_below(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for words in (self.problem, self._told_answer, self._claim_words()):
            if words:
                lines += wrap(f" {words}", width - 1, Role.SOON, 1)
        found = [refusal for refusal in self._refused if refusal.id is not RefusalId.EMPTY]
        for refusal in found[:2]:
            lines += wrap(f" {refusal_words(refusal)}", width - 1, Role.MISSED, 1)
        if not lines and self._came:
            words = _("{count} more from the buyer meanwhile: read it above.").format(count=self._came)
            lines.append(plain(f" {words}", Role.INFO))
        held = self.held(self.row.reply_at, self._now)
        return [*lines[:3], (text(" "), *held, text("  " + _("Enter breaks the line. The draft is kept."), Role.QUIET))]

    def lines(self, width: int, now: int) -> list[Line]:
        self._now = now
        return []

    def _claim_words(self) -> str:
        if not self._claimed_by:
            return ""
        return _("{who} is on this conversation. F9 takes it over and sends.").format(who=self._claimed_by)

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [KeyHint("F9", does)] if does else [KeyHint("F9", _("send"), enabled=False)]
        return [
            *hints,
            KeyHint("F7", _("quick reply")),
            KeyHint("Ctrl-E", _("editor")),
            KeyHint("Esc", _("leave")),
        ]

    # What its keys do.

    def text_changed(self, value: str) -> None:
        self._text = value
        self.problem = ""
        self.changed()

    def use_template(self, words: str, number: str, name: str) -> None:
        """Write a quick reply in place of what is there."""
        self.template, self.template_name = number, name
        self.set_text(words)

    def do(self) -> None:
        if not self.does():
            return
        self._busy = True
        self.problem = ""
        self.changed()
        take_over = bool(self._claimed_by)
        self._send(Written(self._text.strip(), self._seen, self.template, take_over))

    def answered(self, answer: Answer) -> bool:
        """The engine has answered; True when it has taken the reply, which ends the form."""
        self._busy = False
        refused = next(iter(answer.body.get("refused", ())), None) if answer.ok else None
        if answer.ok and refused is None:
            self.left_here()
            self.keep_draft("")
            self.close()
            return True
        if not answer.ok:
            self.problem = answer.say
            if answer.reason == "no_engine":
                self.problem = _("The engine did not answer. F9 asks again: nothing goes out twice.")
        elif refused is not None:
            self._take_refusal(refused)
        self.changed()
        return False

    def _take_refusal(self, refused: dict[str, object]) -> None:
        arguments = refused.get("args")
        told = arguments if isinstance(arguments, dict) else {}
        reason = str(refused.get("reason", ""))
        if reason == "thread_moved":
            if newest := str(told.get("newest", "")):
                self._seen = newest
            self.told_answer(str(told.get("who", "")))
        elif reason == "claimed":
            self._claimed_by = str(told.get("who", "")) or _("A colleague")
        else:
            self.problem = str(refused.get("say", ""))

    def left(self) -> None:
        if self._left is not None:
            self._left()


def _unanswered(messages: Sequence[Message]) -> int:
    """Messages of ours since the buyer last wrote."""
    count = 0
    for message in reversed(messages):
        if message.sender is Sender.BUYER:
            break
        count += is_from_store(message) or message.sender is Sender.ROBOT
    return count
