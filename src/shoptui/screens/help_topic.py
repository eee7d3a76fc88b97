"""What Help is asked about."""

from __future__ import annotations

from shoptui.command_state import CommandState, Context
from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class HelpTopic:
    """The context in which help was asked for, and what decided there and then whether commands worked."""

    context: Context
    state: CommandState
