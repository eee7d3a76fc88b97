"""The sentences about replies to buyers: why one did not go out, and what to do then."""

from __future__ import annotations

from shoptui.domain.intents import Cause, CauseId
from shoptui.i18n import _
from shoptui.words.said import Said


def reply_cause_said(cause: Cause) -> Said | None:
    """What the failure of a reply means and what mends it; None for the causes of other verbs."""
    sentences = {
        CauseId.CANNOT_SEND: Said(
            _("The marketplace takes no message in this conversation now. Not sent."),
            _("Wait until the buyer writes, or write in Seller Center; x gives up on it."),
        ),
        CauseId.TOO_LONG: Said(
            _("The reply is longer than the marketplace takes. Not sent."),
            _("Make it shorter or send it in two parts; x gives up on this one."),
        ),
        CauseId.SENSITIVE: Said(
            _("The marketplace refuses words in this reply. Not sent."),
            _("Leave out links, contacts and strong words, then send it again."),
        ),
        CauseId.UNANSWERED: Said(
            _("So many messages are unanswered that no more may be sent. Not sent."),
            _("Wait until the buyer writes; x gives up on this one."),
        ),
        CauseId.NO_THREAD: Said(
            _("The marketplace knows no such conversation of this store. Not sent."),
            _("Open it from the order; x gives up on this one."),
        ),
        CauseId.THREAD_MOVED: Said(
            _("Somebody of the store has answered meanwhile. Not sent."),
            _("Read the conversation; write anew if more is to be said. x gives up on this one."),
        ),
        CauseId.QUOTA: Said(
            _("The day's budget of chat calls is used up. Not sent."),
            _("It begins anew tomorrow; until then answer in Seller Center."),
        ),
    }
    return sentences.get(cause.id)
