"""Owns whether a reply may be ordered and whether it must still not be sent, by what the cache knows of its thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.adapters.base import Marketplace
from shoptui.domain.intents import Cause, CauseId, Intent, NewIntent, Verb
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.domain.reply_check import Refusal, RefusalId, Standing, refusals
from shoptui.domain.verbs import ReadMark, ReplyText, read_args
from shoptui.engine.admission import No, Rechecked, unfit
from shoptui.queries.types import NOT_GRANTED, FeedRow
from shoptui.store.results import ThreadFacts
from shoptui.store.writer import Writer

#: So many messages since the one its writer had seen are looked through for an answer.
_LOOKED_AT = 100

#: What is to be said of each thing a marketplace would refuse; the arguments are the refusal's own.
_SAY: Mapping[RefusalId, str] = {
    RefusalId.EMPTY: "The reply has no words in it.",
    RefusalId.TOO_LONG: "The reply has {length} characters, {over} more than the {limit} this marketplace takes.",
    RefusalId.NO_LINKS: "This marketplace takes no links in replies: take out {found}.",
    RefusalId.NO_CONTACTS: "This marketplace takes no phone numbers or addresses in replies: take out {found}.",
    RefusalId.UNANSWERED: "{limit} messages are unanswered already; wait until the buyer writes.",
    RefusalId.CANNOT_SEND: "The marketplace takes no message in this conversation now.",
    RefusalId.UNFILLED: "There is no value for {names}: fill it in by hand, or choose other words.",
}


@dataclass(frozen=True, slots=True)
class Standings:
    """What decides about a thread when something is ordered: its facts, what came since, and who works on it.

    `newer` are the messages after the newest one the writer had seen, oldest first. `claimed_by` is a colleague or "".
    """

    facts: ThreadFacts | None
    newer: tuple[Message, ...] = ()
    knows_seen: bool = True
    claimed_by: str = ""


def judge_thread(
    market: Marketplace, feed: FeedRow | None, intent: NewIntent, standing: Standings, *, take_over: bool = False
) -> No | None:
    """Why a verb may not be ordered on a thread, None when it may. `feed` is the store's message feed.

    `take_over`: its writer knows that a colleague works on the thread and answers all the same.
    """
    if (no := unfit(market, intent)) is not None:
        return no
    if feed is not None and feed.error_code == NOT_GRANTED:
        say = f"{intent.store_id} may not chat through programs: the marketplace has not granted it to the app."
        return No("not_granted", say, {"store": intent.store_id})
    facts = standing.facts
    if facts is None:
        say = f"{intent.store_id} has no conversation {intent.target_id} here; check the store first."
        return No("unknown_thread", say, {"store": intent.store_id, "thread": intent.target_id})
    if intent.verb is not Verb.REPLY:
        return None
    args = read_args(Verb.REPLY, intent.args)
    assert isinstance(args, ReplyText)
    if (no := _by_limits(market, facts, args)) is not None:
        return no
    if (no := _moved(standing)) is not None:
        return no
    if standing.claimed_by and not take_over:
        say = f"{standing.claimed_by} is on this conversation. Order again to answer all the same."
        return No("claimed", say, {"who": standing.claimed_by})
    return None


def _by_limits(market: Marketplace, facts: ThreadFacts, args: ReplyText) -> No | None:
    assert market.chat is not None
    found = refusals(args.text, market.chat.limits, Standing(facts.sent_since_buyer, facts.can_send))
    return None if not found else refused(found[0])


def refused(refusal: Refusal) -> No:
    """What a marketplace would refuse, as the refusal of an order."""
    return No(refusal.id.value, _SAY[refusal.id].format(**refusal.args), dict(refusal.args))


def _moved(standing: Standings) -> No | None:
    facts = standing.facts
    assert facts is not None
    newest = {"newest": facts.last_message_id}
    answer = answer_in(standing.newer)
    if answer is not None:
        who = answer.name or "Somebody of the store"
        args = {**newest, "who": answer.name, "said_at": str(answer.sent_at)}
        return No("thread_moved", f"{who} has answered since. Read that, then order again if it is still needed.", args)
    if not standing.knows_seen:
        return No("thread_moved", "The conversation has changed since it was read. Read it again, then order.", newest)
    return None


def answer_in(newer: Sequence[Message]) -> Message | None:
    """The newest message by a person of the store that the buyer can read, None when nobody has answered."""
    for message in reversed(newer):
        is_there = message.state is MessageState.NORMAL and message.kind is not MessageKind.NOTICE
        if message.sender is Sender.STORE and is_there:
            return message
    return None


async def standing_of(writer: Writer, intent: NewIntent | Intent, claimed_by: str = "") -> Standings:
    """What the cache knows of an intent's thread now."""
    facts = await writer.threads.facts(intent.store_id, intent.target_id)
    if facts is None or intent.verb is not Verb.REPLY:
        return Standings(facts, claimed_by=claimed_by)
    args = read_args(Verb.REPLY, intent.args)
    assert isinstance(args, ReplyText)
    seen = args.after_message_id
    if seen == facts.last_message_id:
        return Standings(facts, claimed_by=claimed_by)
    newer = await writer.threads.messages_after(intent.store_id, intent.target_id, seen, _LOOKED_AT)
    # After an unknown message all are given: then nothing tells which of them its writer had seen.
    knows_seen = await writer.threads.knows_message(intent.store_id, intent.target_id, seen)
    return Standings(facts, tuple(newer) if knows_seen else (), knows_seen, claimed_by)


async def recheck_replies(writer: Writer, intents: Sequence[Intent]) -> Rechecked:
    """What of the queued may still go: nobody has answered meanwhile, and the conversation takes messages."""
    found = Rechecked()
    for intent in intents:
        standing = await standing_of(writer, intent)
        cause = _cause_to_stop(intent, standing)
        if cause is not None:
            found.stopped.append((intent, cause))
            continue
        found.go(intent, standing.facts.reply_at if standing.facts is not None else None)
    return found


def _cause_to_stop(intent: Intent, standing: Standings) -> Cause | None:
    """Why a queued intent on a thread must not be sent, None when nothing speaks against it."""
    if intent.verb is not Verb.REPLY or standing.facts is None:
        # What is not in the cache (any more) is the marketplace's to judge.
        return None
    answer = answer_in(standing.newer)
    if answer is not None:
        return Cause(CauseId.THREAD_MOVED, message=answer.name)
    if standing.facts.can_send is False:
        return Cause(CauseId.CANNOT_SEND)
    return None


def seen_up_to(intent: Intent) -> str:
    """The message up to which a read mark says that all was read, "" for another verb."""
    args = read_args(intent.verb, intent.args)
    return args.last_message_id if isinstance(args, ReadMark) else ""
