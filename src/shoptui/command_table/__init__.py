"""All commands, in the order in which help and the README's key table show them."""

from __future__ import annotations

from shoptui.command_table.everywhere import EVERYWHERE_COMMANDS
from shoptui.command_table.house import ACTIVITY_COMMANDS
from shoptui.command_table.inbox import INBOX_COMMANDS
from shoptui.command_table.kinds import Command
from shoptui.command_table.money import MONEY_COMMANDS
from shoptui.command_table.orders import ORDER_COMMANDS
from shoptui.command_table.returns import RETURN_COMMANDS
from shoptui.command_table.stock import STOCK_COMMANDS
from shoptui.command_table.strip import STRIP_COMMANDS

COMMANDS: tuple[Command, ...] = (
    *EVERYWHERE_COMMANDS,
    *ORDER_COMMANDS,
    *INBOX_COMMANDS,
    *STOCK_COMMANDS,
    *MONEY_COMMANDS,
    *RETURN_COMMANDS,
    *ACTIVITY_COMMANDS,
    *STRIP_COMMANDS,
)
