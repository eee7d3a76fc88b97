"""Frozen answers of the writer."""

from __future__ import annotations

from shoptui.domain.messages import Message
from shoptui.domain.records import dataclass
from shoptui.domain.returns import ReturnRequest, ReturnState
from shoptui.queries.inbox import ThreadState


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening the house found: whether the cache had to be rebuilt, and the migrations that ran."""

    cache_rebuilt: bool
    migrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did. `changed` are the row ids that were written, new ones included.

    `same` copies said nothing we did not have; `stale` ones were older than what the cache has. `returns` are the rows
    of Returns and `pools` those of Stock that changed with the orders.
    """

    changed: tuple[int, ...]
    new: int
    same: int
    stale: int
    returns: tuple[int, ...] = ()
    pools: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a batch. `refused` are (index in the batch, reason id); `already` when it was answered before."""

    intent_ids: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]
    already: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The intents that were stopped in time, and those that had gone."""

    taken: tuple[int, ...]
    gone: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MessagesPut:
    """What writing messages did: the thread's row (None when there is no such thread) and those seen for the first
    time, oldest first. `changed` also when only an edit or a recall was new."""

    row_id: int | None
    seen: tuple[Message, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """A thread as the engine needs it before it writes into it. Times are epoch seconds, None where there is none.

    `whole` says that no message before those here is missing. `sent_since_buyer` counts what the store has sent, robots
    included, since the buyer last wrote. `reply_at` is when the reply clock ends, `last_key` the newest message's key.
    """

    row_id: int
    store_id: str
    thread_id: str
    buyer_id: str
    buyer: str
    order_no: str
    language: str
    unread: int
    can_send: bool | None
    state: ThreadState
    asked_at: int | None
    answered_at: int | None
    reply_at: int | None
    last_message_id: str
    last_key: str
    whole: bool
    assignee: str
    snoozed: bool
    escalated_to: str
    sent_since_buyer: int


@dataclass(frozen=True, slots=True)
class ReturnsPut:
    """What writing returns did. `changed` are the rows that were written, new ones included.

    `turned` has each row whose state is another now, with the state before (None for a new one) and the present one.
    `same` copies said nothing we did not have; `stale` ones were older than what the cache has.
    """

    changed: tuple[int, ...]
    turned: tuple[tuple[int, ReturnState | None, ReturnState], ...]
    new: int
    same: int
    stale: int


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A request as the engine needs it before it is answered, with the clocks that count.

    `goods_back_at` is when the goods were first said to be back (epoch s), None while they are not.
    """

    row_id: int
    request: ReturnRequest
    goods_back_at: int | None
