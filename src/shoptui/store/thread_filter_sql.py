"""A filter over conversations as SQL on `thread o`, with the ledger attached under the name `ledger`.

Conditions on listed columns read `thread_by_loss`; what lives elsewhere (messages, claims, notes, the outbox) is a set
of row ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from shoptui.domain.intents import TargetKind, Verb
from shoptui.queries.inbox import ThreadState
from shoptui.queries.query import Query, Text, ThreadField, Value, looks_like_number
from shoptui.queries.thread_fields import ASSIGNED_TO_ME, ASSIGNED_TO_NONE, LANGUAGE_UNKNOWN
from shoptui.store.filter_parts import (
    FALSE,
    Condition,
    Context,
    Sql,
    all_of,
    any_of,
    clock_in,
    condition_of,
    due,
    ends,
    ends_in,
    like_pattern,
    missed,
    negated,
    on_market,
    on_region,
    on_store,
    states_in,
    word_of,
)
from shoptui.store.fulltext import match_expression
from shoptui.store.thread_codes import STATE_CODE, THREAD_OF_ROWID
from shoptui.store.thread_words import THREAD_OF_PIECE, word_expression

# The ledger names threads by store and the marketplace's id; this turns them into the cache's rows.
_OF = "CROSS JOIN thread t ON t.store_id = x.store_id AND t.thread_id = x.{thread_id}"
_CLAIMED = (
    f"o.row_id IN (SELECT t.row_id FROM ledger.thread_claim x {_OF.format(thread_id='thread_id')} WHERE {{which}})"
)
_NOTED = f"o.row_id IN (SELECT t.row_id FROM ledger.thread_note x {_OF.format(thread_id='thread_id')})"

# The newest reply that is open or not yet seen: what the list shows of it.
_ORDERED = f"""
SELECT t.row_id FROM ledger.outbox x {_OF.format(thread_id="target_id")}
WHERE x.target_kind = '{TargetKind.THREAD.value}' AND x.verb = '{Verb.REPLY.value}' AND x.acked_at IS NULL
"""
_NEWEST_SHOWN = f"""
NOT EXISTS (
    SELECT 1 FROM ledger.outbox y WHERE y.store_id = x.store_id AND y.target_kind = '{TargetKind.THREAD.value}'
    AND y.target_id = x.target_id AND y.verb = x.verb AND y.intent_id > x.intent_id AND y.acked_at IS NULL
)
"""


def condition(query: Query, context: Context) -> Sql:
    """The filter as a condition on `thread o`."""
    return condition_of(query, context, _CONDITIONS, _words)


def _words(text: Text) -> Sql:
    """A text was said in the thread; a bare word that may be a number finds the thread about that order, too."""
    said = FALSE
    if word := word_expression(text.text, exact=text.exact):
        said = Sql(f"o.row_id IN (SELECT {THREAD_OF_PIECE} FROM thread_text WHERE thread_text MATCH ?)", (word,))
    elif expression := match_expression(text.text, exact=text.exact):
        hits = f"SELECT {THREAD_OF_ROWID} FROM message_text WHERE message_text MATCH ?"
        said = Sql(f"o.row_id IN ({hits})", (expression,))
    number = not text.exact and looks_like_number(text.text)
    return any_of([said, ends("order_no", text.text)]) if number else said


def _buyer(value: Value, context: Context) -> Sql:
    return Sql("o.buyer LIKE ? ESCAPE '\\'", (f"%{like_pattern(word_of(value))}%",))


def _language(value: Value, context: Context) -> Sql:
    word = word_of(value)
    return Sql("o.language = ?", ("" if word == LANGUAGE_UNKNOWN else word,))


def _assigned(value: Value, context: Context) -> Sql:
    word = word_of(value)
    if word == ASSIGNED_TO_NONE:
        return Sql("o.assignee = ''")
    if word == ASSIGNED_TO_ME:
        return Sql("o.assignee = ?", (context.operator,))
    return Sql("o.assignee <> '' AND o.assignee LIKE ? ESCAPE '\\'", (like_pattern(word),))


def _state(state: ThreadState) -> Sql:
    return Sql(f"o.state = {STATE_CODE[state]}")


def _claimed(context: Context) -> Sql:
    return Sql(_CLAIMED.format(which="x.until_at > ?"), (context.now,))


def _mine(context: Context) -> Sql:
    claimed = Sql(_CLAIMED.format(which="x.until_at > ? AND x.operator = ?"), (context.now, context.operator))
    return any_of([Sql("o.assignee = ?", (context.operator,)), claimed])


_IS: Mapping[str, Callable[[Context], Sql]] = {
    "open": lambda context: Sql(f"o.state <> {STATE_CODE[ThreadState.DONE]} AND NOT o.snoozed"),
    "waiting": lambda context: _state(ThreadState.WAITING),
    "answered": lambda context: _state(ThreadState.ANSWERED),
    "done": lambda context: _state(ThreadState.DONE),
    "unread": lambda context: Sql("o.unread > 0"),
    "missed": missed,
    "escalated": lambda context: Sql("o.escalated <> 0"),
    "snoozed": lambda context: Sql("o.snoozed <> 0"),
    "claimed": _claimed,
    "mine": _mine,
    "nobodys": lambda context: all_of([Sql("o.assignee = ''"), negated(_claimed(context))]),
    "linked": lambda context: Sql("o.order_no <> ''"),
    "noted": lambda context: Sql(_NOTED),
}


def _act(value: Value, context: Context) -> Sql:
    if word_of(value) == "none":
        return Sql(f"o.row_id NOT IN ({_ORDERED})")
    state = states_in("x.state", value)
    return Sql(f"o.row_id IN ({_ORDERED} AND {state.text} AND {_NEWEST_SHOWN})", state.values)


_CONDITIONS: Mapping[StrEnum, Condition] = {
    ThreadField.REPLY: clock_in("reply_at"),
    ThreadField.DUE: due,
    ThreadField.STORE: on_store,
    ThreadField.REGION: on_region,
    ThreadField.MARKET: on_market,
    ThreadField.BUYER: _buyer,
    ThreadField.ORDER: ends_in("order_no"),
    ThreadField.LANG: _language,
    ThreadField.LAST: lambda value, context: Sql("o.last_sender = ?", (word_of(value),)),
    ThreadField.ASSIGNED: _assigned,
    ThreadField.IS: lambda value, context: _IS[word_of(value)](context),
    ThreadField.ACT: _act,
}
