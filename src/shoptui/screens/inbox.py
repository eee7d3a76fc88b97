"""The Inbox place: every store's conversations in one list, next loss first, the one under the cursor beside it."""

from __future__ import annotations

from shoptui.screens.inbox_answers import InboxAnswers
from shoptui.screens.inbox_batch import InboxBatch
from shoptui.screens.inbox_desk import InboxDesk
from shoptui.screens.inbox_quick_reply import InboxQuickReplies


class InboxPlace(InboxQuickReplies, InboxDesk, InboxBatch, InboxAnswers):
    """The list of conversations with its verbs, and the pane that shows the one under the cursor."""
