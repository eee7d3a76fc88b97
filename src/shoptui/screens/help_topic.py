"""What Help is asked about."""

from __future__ import annotations

from dataclasses import dataclass

from shoptui.command_state import CommandState, Context


@dataclass(frozen=True, slots=True)
class HelpTopic:
    """The context in which help was asked for, and what decided there and then whether commands worked."""

    context: Context
    state: CommandState
