"""The Returns place: every store's return, refund and cancel requests in one list, next loss first."""

from __future__ import annotations

from shoptui.screens.returns_answers import ReturnsAnswers
from shoptui.screens.returns_desk import ReturnsDesk


class ReturnsPlace(ReturnsDesk, ReturnsAnswers):
    """The list of requests with its answers, and the pane that shows the one under the cursor."""
