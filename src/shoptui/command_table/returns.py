"""The verbs of returns."""

from __future__ import annotations

from shoptui.command_table.kinds import Command

RETURN_COMMANDS: tuple[Command, ...] = ()
