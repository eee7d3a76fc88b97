"""The Inbox place: every store's conversations in one list, next loss first, the one under the cursor beside it."""

from __future__ import annotations

from shoptui.screens.inbox_thread import InboxThread


class InboxPlace(InboxThread):
    """The list of conversations with its verbs, and the pane that shows the one under the cursor."""
