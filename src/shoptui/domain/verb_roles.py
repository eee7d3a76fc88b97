"""Owns the least role each verb wants: what cockpits switch off and what the engine refuses follow from one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.domain.intents import Verb

#: Who may order anything.
_LEAST = "packer"

#: Verbs that want more: they end what a buyer has bought, speak for a store, or change what it may sell.
_MORE: Mapping[Verb, str] = MappingProxyType(
    {
        Verb.CANCEL: "agent",
        Verb.ANSWER_CANCEL: "agent",
        Verb.REPLY: "agent",
        Verb.MARK_READ: "agent",
        Verb.ANSWER_RETURN: "agent",
        Verb.SET_STOCK: "agent",
    }
)


def least_role_word(verb: Verb) -> str:
    """The least role, as its word, that may order the verb, order it again, give it up or decide what became of it."""
    return _MORE.get(verb, _LEAST)
