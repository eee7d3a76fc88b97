"""The verbs of balances and statements."""

from __future__ import annotations

from shoptui.command_table.kinds import Command

MONEY_COMMANDS: tuple[Command, ...] = ()
