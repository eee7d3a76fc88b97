"""What can be asked of a conversation, and what may stand after each field's colon."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.language import LANGUAGES
from shoptui.queries.field_reading import FieldTable, Reader, choice, glob, market, region, tail, times
from shoptui.queries.fields import ACT_WORDS
from shoptui.queries.query import Match, ThreadField, Value, Word

#: The words of `is:`. `waiting`, `answered` and `done` are a thread's states; `open` is neither done nor snoozed.
#: `missed` has a clock that has passed. `mine` is assigned to or claimed by whoever asks; `nobodys` is assigned to
#: nobody and claimed by nobody. `linked` has an order, `noted` a note of ours.
THREAD_IS_WORDS = (
    "open",
    "waiting",
    "answered",
    "done",
    "unread",
    "missed",
    "escalated",
    "snoozed",
    "claimed",
    "mine",
    "nobodys",
    "linked",
    "noted",
)

#: The words of `last:`: who spoke last, notices left aside. `store` is a person of ours.
LAST_WORDS = ("buyer", "store", "robot", "platform")

#: What `assigned:` may say besides an operator's name, which may have `*` and `?`.
ASSIGNED_TO_ME = "me"
ASSIGNED_TO_NONE = "none"
#: What `lang:` says of a thread whose language is not known.
LANGUAGE_UNKNOWN = "none"


def _assigned(field: StrEnum, text: str, example: str) -> Value:
    folded = text.casefold()
    return Word(folded if folded in (ASSIGNED_TO_ME, ASSIGNED_TO_NONE) else text)


_READERS: Mapping[StrEnum, Reader] = MappingProxyType(
    {
        ThreadField.REPLY: times("missed", "none"),
        ThreadField.DUE: times("missed", "none"),
        ThreadField.STORE: glob,
        ThreadField.REGION: region,
        ThreadField.MARKET: market,
        ThreadField.BUYER: glob,
        ThreadField.ORDER: tail,
        ThreadField.LANG: choice(
            {code: code for code in LANGUAGES}
            | {name: code for code, name in LANGUAGES.items()}
            | {LANGUAGE_UNKNOWN: LANGUAGE_UNKNOWN}
        ),
        ThreadField.LAST: choice({word: word for word in LAST_WORDS}),
        ThreadField.ASSIGNED: _assigned,
        ThreadField.IS: choice({word: word for word in THREAD_IS_WORDS}),
        ThreadField.ACT: choice({word: word for word in ACT_WORDS}),
    }
)

#: One example of each field, for help and for sentences.
THREAD_EXAMPLE: Mapping[StrEnum, str] = MappingProxyType(
    {
        ThreadField.REPLY: "reply:<2h",
        ThreadField.DUE: "due:<2h",
        ThreadField.STORE: "store:tt-th-*",
        ThreadField.REGION: "region:th",
        ThreadField.MARKET: "market:shopee",
        ThreadField.BUYER: "buyer:dewi",
        ThreadField.ORDER: "order:483920",
        ThreadField.LANG: "lang:th",
        ThreadField.LAST: "last:buyer",
        ThreadField.ASSIGNED: "assigned:me",
        ThreadField.IS: "is:waiting",
        ThreadField.ACT: "act:failed",
    }
)

#: The language of the inbox. `reply:` is about the reply clock alone, `due:` about whatever is lost next: a reply, an
#: escalation, or a snooze that ends. Bare words are looked for in the messages; `unread` alone is `is:unread`.
THREAD_FIELDS = FieldTable(
    readers=_READERS,
    examples=THREAD_EXAMPLE,
    searched=frozenset({ThreadField.BUYER}),
    short=MappingProxyType({"unread": Match(ThreadField.IS, (Word("unread"),))}),
)
