"""What a quick reply would say in each of some conversations before it is sent, and which are left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.records import dataclass
from shoptui.domain.reply_values import Empty, HouseSays, Subject, reply_values, why_empty
from shoptui.domain.templates import QuickReply, render, replies_for, text_for
from shoptui.domain.verbs import ReplyText, write_args
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.queries.ordering import Arguments, OrderPart
from shoptui.queries.preview import Target

#: A reply in one of these may still reach the buyer: a second one has to wait for it.
_UNDER_WAY = frozenset(
    {IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN, IntentState.NEEDS_PERSON}
)


class LeftOutId(StrEnum):
    """Why a conversation gets no quick reply."""

    EMPTY = "empty"
    NO_TEXT = "no_text"
    NOT_GRANTED = "not_granted"
    CANNOT_SEND = "cannot_send"
    CLAIMED = "claimed"  # operator
    UNDER_WAY = "under_way"
    REFUSED = "refused"  # say: the engine's sentence


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation and what fills a quick reply's variables there."""

    row: ThreadRow
    subject: Subject


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one buyer would read. `language` is the text's, which is not the buyer's where `fell_back`."""

    row: ThreadRow
    language: str
    text: str
    fell_back: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A conversation without a reply: the reason's id and arguments; `empty` has the variables without a value."""

    row: ThreadRow
    reason: LeftOutId
    args: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    empty: tuple[tuple[str, Empty], ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOutGroup:
    """Conversations that are left out for the same reason."""

    reason: LeftOutId
    args: Mapping[str, str]
    empty: tuple[tuple[str, Empty], ...]
    rows: tuple[ThreadRow, ...]


@dataclass(frozen=True, slots=True)
class ReplyBatch:
    """A quick reply over some conversations, in the order of the marks.

    `names` are the reply's names: stores may have a reply of their own under its number.
    """

    number: int
    names: tuple[str, ...]
    ready: tuple[Prepared, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def asked(self) -> int:
        """Conversations it was asked for."""
        return len(self.ready) + len(self.left_out)

    @property
    def stores(self) -> tuple[str, ...]:
        """The stores that would speak, by name."""
        return tuple(sorted({each.row.store_id for each in self.ready}))

    @property
    def idle(self) -> int:
        """How many would be answered who wait for nothing."""
        return sum(1 for each in self.ready if each.row.state is not ThreadState.WAITING)

    @property
    def languages(self) -> Mapping[str, int]:
        """How many would be written in which language, the most frequent first."""
        return dict(Counter(each.language for each in self.ready).most_common())

    def first_due_at(self, now: int) -> int | None:
        """The next reply clock that runs out (epoch s) among those that would be answered, None without one."""
        due = [each.row.reply_at for each in self.ready if each.row.reply_at is not None and each.row.reply_at > now]
        return min(due, default=None)

    def groups(self) -> tuple[LeftOutGroup, ...]:
        """Those left out by reason, the largest group first."""
        by_reason: dict[object, list[LeftOut]] = {}
        for each in self.left_out:
            by_reason.setdefault((each.reason, tuple(each.args.items()), each.empty), []).append(each)
        groups = [
            LeftOutGroup(some[0].reason, some[0].args, some[0].empty, tuple(each.row for each in some))
            for some in by_reason.values()
        ]
        return tuple(sorted(groups, key=lambda group: -len(group.rows)))

    def without(self, refused: Mapping[int, str]) -> ReplyBatch:
        """The same, with the rows that the engine would refuse left out with its sentences."""
        left_out = [
            LeftOut(each.row, LeftOutId.REFUSED, MappingProxyType({"say": refused[each.row.row_id]}))
            for each in self.ready
            if each.row.row_id in refused
        ]
        ready = tuple(each for each in self.ready if each.row.row_id not in refused)
        return replace(self, ready=ready, left_out=(*self.left_out, *left_out))

    def part(self) -> OrderPart:
        """What orders the replies: one on each conversation, with its own text."""
        return reply_part({each.row: each.text for each in self.ready}, template=str(self.number))


def reply_part(texts: Mapping[ThreadRow, str], *, template: str = "") -> OrderPart:
    """A reply on each conversation; `template` names the quick reply they were made from, "" for other words."""
    by_row = {row.row_id: (row, text) for row, text in texts.items()}

    def args(target: Target) -> Arguments:
        row, text = by_row[target.row_id]
        return write_args(ReplyText(text, row.last_message_id, template))

    return OrderPart(Verb.REPLY, tuple(thread_target(row, Verb.REPLY) for row in texts), args)


def thread_target(row: ThreadRow, verb: Verb) -> Target:
    """A conversation as what a verb is ordered on; what it may lose next is its reply."""
    return Target(row.row_id, row.store_id, row.marketplace, row.order_no, row.thread_id, row.reply_at, verb)


def numbers_for(replies: Iterable[QuickReply], store_ids: Iterable[str]) -> Mapping[int, tuple[str, ...]]:
    """The numbers that some of the stores have a quick reply under, with its names there, the first store's first."""
    known = tuple(replies)
    names: dict[int, dict[str, None]] = {}
    for store_id in dict.fromkeys(store_ids):
        for reply in replies_for(known, store_id):
            names.setdefault(reply.number, {})[reply.name] = None
    return {number: tuple(names[number]) for number in sorted(names)}


def prepare(
    number: int,
    replies: Iterable[QuickReply],
    candidates: Sequence[Candidate],
    house: HouseSays,
    *,
    operator: str,
    now: int,
) -> ReplyBatch:
    """Fill a quick reply in for each conversation at `now` (epoch s).

    Among several, one that a colleague of `operator` has claimed is left out; one alone is not: whoever asks sees whose
    it is.
    """
    known = tuple(replies)
    of_store: dict[str, QuickReply | None] = {}
    for store_id in {candidate.row.store_id for candidate in candidates}:
        of_store[store_id] = next((one for one in replies_for(known, store_id) if one.number == number), None)
    ready: list[Prepared] = []
    left_out: list[LeftOut] = []
    for candidate in candidates:
        row = candidate.row
        reply = of_store[row.store_id]
        why = _stands_against(row, operator, alone=len(candidates) == 1)
        if why is not None:
            left_out.append(why)
        elif reply is None:
            left_out.append(LeftOut(row, LeftOutId.NO_TEXT))
        else:
            found = _fill_in(reply, candidate, house, now)
            if isinstance(found, Prepared):
                ready.append(found)
            else:
                left_out.append(found)
    names = numbers_for(known, [candidate.row.store_id for candidate in candidates]).get(number, ())
    return ReplyBatch(number, names, tuple(ready), tuple(left_out))


def _stands_against(row: ThreadRow, operator: str, *, alone: bool) -> LeftOut | None:
    if row.not_granted:
        return LeftOut(row, LeftOutId.NOT_GRANTED)
    if row.can_send is False:
        return LeftOut(row, LeftOutId.CANNOT_SEND)
    if row.act_state in _UNDER_WAY:
        return LeftOut(row, LeftOutId.UNDER_WAY)
    if row.claimed_by and row.claimed_by != operator and not alone:
        return LeftOut(row, LeftOutId.CLAIMED, MappingProxyType({"operator": row.claimed_by}))
    return None


def _fill_in(reply: QuickReply, candidate: Candidate, house: HouseSays, now: int) -> Prepared | LeftOut:
    row, subject = candidate.row, candidate.subject
    language, text = text_for(reply, (row.language,) if row.language else ())
    filled = render(text, reply_values(subject, house, language, now))
    if filled.missing:
        empty = tuple((name, why_empty(name, subject, house, now)) for name in filled.missing)
        return LeftOut(row, LeftOutId.EMPTY, empty=empty)
    return Prepared(row, language, filled.text, fell_back=language != row.language)
