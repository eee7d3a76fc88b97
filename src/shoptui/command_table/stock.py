"""The verbs of stock."""

from __future__ import annotations

from shoptui.command_table.kinds import Command

STOCK_COMMANDS: tuple[Command, ...] = ()
