"""Owns the house's own rules at work on new messages: who gets a conversation, and what is answered by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from shoptui.adapters.chat import Chat
from shoptui.config import Config
from shoptui.domain.assign_rules import (
    Asked,
    AutoAnswer,
    AutoLimits,
    assign_rule_for,
    automatic_answer,
    read_hours,
    whose_turn,
)
from shoptui.domain.clocks import HOUR_S
from shoptui.domain.intents import HOLD_S, NewIntent, TargetKind, Verb
from shoptui.domain.messages import NO_QUESTION, Message, Sender
from shoptui.domain.reply_check import Standing, refusals
from shoptui.domain.reply_values import Subject, reply_values
from shoptui.domain.stores import Store
from shoptui.domain.templates import render
from shoptui.domain.verbs import ReplyText, write_args
from shoptui.engine.chat_own import auto_batch_id
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.protocol import Changed
from shoptui.queries.inbox import ThreadState
from shoptui.quick_replies import house_says
from shoptui.store.results import ThreadFacts

log = logging.getLogger(__name__)

#: As whom rules act; no operator's name has a blank.
AUTO = "auto reply"
ASSIGNED_BY = "rule"
#: An automatic reply is for whoever has just written: to what is older than this it would be no answer.
FRESH_S = HOUR_S


class ChatRules:
    """One store's conversations under the house's rules. `ordered` is called when something was put into the outbox."""

    def __init__(self, house: House, store: Store, chat: Chat | None, ordered: Callable[[], None]) -> None:
        self._house = house
        self._store = store
        self._chat = chat
        self._ordered = ordered

    async def heard(self, thread_id: str, seen: Sequence[Message]) -> None:
        """A thread has new messages (oldest first): share it out, and answer what may be answered by itself."""
        config = self._house.config
        if not config.assign and not (config.auto_reply and config.inbox.auto_replies):
            return
        asked = [each for each in seen if each.sender is Sender.BUYER and each.kind not in NO_QUESTION]
        if not asked:
            return
        facts = await self._house.writer.threads.facts(self._store.store_id, thread_id)
        if facts is None or facts.state is not ThreadState.WAITING:
            return
        question = Asked(
            self._store.store_id, facts.language, "\n".join(each.text for each in asked), asked[-1].sent_at
        )
        if not facts.assignee:
            await self._assign(facts, question)
        if config.inbox.auto_replies and facts.last_message_id == asked[-1].message_id:
            await self._answer(facts, question, asked[-1])

    # -- who gets it ------------------------------------------------------------------------------------------------

    async def _assign(self, facts: ThreadFacts, question: Asked) -> None:
        house = self._house
        rule = assign_rule_for(house.config.assign, question)
        if rule is None:
            return
        operator = whose_turn(rule, house.turns.last(rule.name))
        key = (facts.store_id, facts.thread_id)
        now = house.now()
        detail = f"{operator} by rule {rule.name}"
        await house.writer.audit(now, ASSIGNED_BY, "engine", "assign", f"{key[0]}/{key[1]}", detail)
        if await house.writer.threads.assign([key], operator, ASSIGNED_BY, now):
            house.turns.took(rule.name, operator)
            house.hub.publish(Changed(threads=shown((facts.row_id,)), counts=True))

    # -- what answers by itself -------------------------------------------------------------------------------------

    async def _answer(self, facts: ThreadFacts, question: Asked, message: Message) -> None:
        house, now = self._house, self._house.now()
        if question.at < now - FRESH_S:
            return
        key = (facts.store_id, facts.thread_id)
        limits = auto_limits(house.config)
        before = await house.writer.threads.auto_replies(key, now - limits.within_s)
        answer = automatic_answer(
            house.config.auto_reply,
            question,
            sent_at=[at for _, _, at in before],
            limits=limits,
            is_open=self._is_open(question.at),
        )
        if answer is None:
            return
        text = await self._filled(facts, answer, now)
        if text is None or not self._takes(facts, text):
            log.info("%s: the automatic reply %s had no value for a variable or is not taken", key[0], answer.rule)
            return
        # Noted before it is ordered: what ends the engine in between costs an automatic reply, never sends a second.
        if await house.writer.threads.log_auto_reply(key, message.message_id, answer.rule, now):
            await self._order(facts, answer, ReplyText(text, message.message_id, answer.rule, automatic=True), now)

    async def _order(self, facts: ThreadFacts, answer: AutoAnswer, args: ReplyText, now: int) -> None:
        house = self._house
        intent = NewIntent(
            verb=Verb.REPLY,
            store_id=facts.store_id,
            order_no=facts.order_no,
            target_kind=TargetKind.THREAD,
            target_id=facts.thread_id,
            args=write_args(args),
        )
        batch_id = auto_batch_id((facts.store_id, facts.thread_id), args.after_message_id)
        target = f"{facts.store_id}/{facts.thread_id}"
        await house.writer.audit(now, AUTO, "engine", "order reply", target, f"rule {answer.rule}")
        accepted = await house.writer.accept_batch(
            batch_id, Verb.REPLY, AUTO, "engine", [intent], [now + min(HOLD_S, house.config.engine.hold_s)], now
        )
        if accepted.intent_ids:
            house.hub.publish(Changed(threads=shown((facts.row_id,)), batches=(batch_id,), counts=True))
            self._ordered()

    def _takes(self, facts: ThreadFacts, text: str) -> bool:
        if self._chat is None:
            return False
        return not refusals(text, self._chat.limits, Standing(facts.sent_since_buyer, facts.can_send))

    async def _filled(self, facts: ThreadFacts, answer: AutoAnswer, now: int) -> str | None:
        """The rule's text with its variables; None when one has no value."""
        writer = self._house.writer
        kept = await writer.threads.template_values([facts.row_id])
        orders = await writer.orders_by_no(facts.store_id, [facts.order_no]) if facts.order_no else []
        subject = Subject(
            store_id=facts.store_id,
            order_no=facts.order_no,
            kept={**kept.get(facts.row_id, {}), "store": self._store.name},
            order=orders[0] if orders else None,
            zone=ZoneInfo(self._store.time_zone),
        )
        filled = render(answer.text, reply_values(subject, house_says(self._house.config), answer.language, now))
        return None if filled.missing else filled.text

    def _is_open(self, at: int) -> bool:
        inbox = self._house.config.inbox
        hours = read_hours(inbox.opens, inbox.closes, inbox.open_days, holidays_closed=inbox.holidays_closed)
        if hours is None:
            return True
        calendar = self._house.rules.calendars.get(self._store.region)
        return hours.is_open(at, self._store.time_zone, calendar)


def auto_limits(config: Config) -> AutoLimits:
    """How often one conversation is answered by itself, by the settings."""
    return AutoLimits(config.inbox.auto_reply_most, config.inbox.auto_reply_within_h * HOUR_S)
