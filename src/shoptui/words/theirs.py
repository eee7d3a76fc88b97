"""Owns what a marketplace itself said about a failure: told apart from our own sentences, and shown in quotes."""

from __future__ import annotations

import re

from shoptui.domain.intents import Cause
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.i18n import _
from shoptui.words.engine import is_own, own_words
from shoptui.words.said import joined


def parts_of(cause: Cause) -> tuple[str, str]:
    """A cause's message as our adapter's or engine's own words, and the marketplace's; "" for what is not there.

    Adapters put their own sentence first and the marketplace's words behind `TikTok Shop says:`. A message without that
    mark is the marketplace's where it came with its code, unless it is one of our sentences.
    """
    message = cause.message.strip()
    titles = [line.title for line in MARKETPLACES.values()]
    said = re.search(rf"(?:^|\s)({'|'.join(map(re.escape, titles))}) says:\s+", message)
    if said is not None:
        ours, theirs = message[: said.start()].strip(), message[said.end() :].strip()
        return ("" if ours == f"{said[1]} refused." else ours), theirs
    if not cause.code or is_own(message) or any(title in message for title in titles):
        return message, ""
    return "", message


def quoted(words: str) -> str:
    """Somebody else's words, as such."""
    return _("“{words}”").format(words=words)


def refusal_said(cause: Cause, not_done: str) -> tuple[str, str]:
    """A refusal we have no sentence for: what happened, and our adapter's advice ("" without any)."""
    ours, theirs = parts_of(cause)
    if theirs:
        return joined(_("The marketplace refused: {words}").format(words=quoted(theirs)), not_done), own_words(ours)
    return (own_words(ours), "") if ours else (joined(_("The marketplace refused it."), not_done), "")


def detail_words(cause: Cause, said: str) -> str:
    """What follows the house's sentence `said`: the marketplace's words in quotes, else what is known besides; "" if
    nothing."""
    ours, theirs = parts_of(cause)
    if (theirs or ours) in said:
        return ""
    if theirs:
        return quoted(theirs)
    # A name or a number is no sentence.
    return own_words(ours) if ours.endswith(".") else f"({ours})"
