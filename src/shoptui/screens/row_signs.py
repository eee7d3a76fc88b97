"""Signs that rows of several lists have alike: what became of what was ordered, and whether a store is silent."""

from __future__ import annotations

from collections.abc import Collection

from shoptui.domain.intents import IntentState
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import Glyphs
from shoptui.widgets.roles import Role


def act_sign(state: IntentState | None, glyphs: Glyphs) -> CellText:
    """The sign of an intent's state, a blank for none and for one that was taken back."""
    match state:
        case None | IntentState.TAKEN_BACK:
            return CellText(" ")
        case IntentState.HELD:
            return CellText(glyphs.held, Role.INFO)
        case IntentState.QUEUED | IntentState.SENDING:
            return CellText(glyphs.going, Role.INFO)
        case IntentState.DONE:
            return CellText(glyphs.done, Role.OK)
        case IntentState.FAILED | IntentState.NOT_DONE:
            return CellText(glyphs.failed, Role.MISSED)
        case IntentState.UNKNOWN:
            return CellText(glyphs.unknown, Role.SOON)
        case IntentState.NEEDS_PERSON:
            return CellText(glyphs.decide, Role.SOON)


def intent_sign(state: IntentState, glyphs: Glyphs) -> CellText:
    """The same in a list of what was ordered, where one that was taken back stands with a dash."""
    return CellText("-", Role.QUIET) if state is IntentState.TAKEN_BACK else act_sign(state, glyphs)


def store_cell(store_id: str, stale_stores: Collection[str], glyphs: Glyphs) -> tuple[CellText, CellText]:
    """A store's name, with a sign before it while its rows are old."""
    return CellText(glyphs.stale if store_id in stale_stores else " ", Role.SOON), CellText(store_id)
