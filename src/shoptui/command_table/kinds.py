"""What a command is, and the sets of contexts in which commands mean something."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from shoptui.command_state import Applies, Context, Reason, always, never_off
from shoptui.domain.records import dataclass

Contexts = frozenset[Context]

ORDERS = frozenset({Context.ORDERS})
INBOX = frozenset({Context.INBOX})
ACTIVITY = frozenset({Context.ACTIVITY})
STORES = frozenset({Context.STORES})
STOCK = frozenset({Context.STOCK})
MONEY = frozenset({Context.MONEY})
STATEMENT = frozenset({Context.STATEMENT})
RETURNS = frozenset({Context.RETURNS})
DETAIL = frozenset({Context.DETAIL})
THREAD = frozenset({Context.THREAD})
RETURN = frozenset({Context.RETURN})
POOL = frozenset({Context.POOL})
STRIP = frozenset({Context.STRIP})
TEXT = frozenset({Context.TEXT})
MONEY_ROWS = MONEY | STATEMENT
LISTS = ORDERS | INBOX | STOCK | RETURNS | ACTIVITY | STORES | MONEY_ROWS
MARKABLE = ORDERS | INBOX | STOCK | RETURNS | STORES | MONEY_ROWS
ORDER_ROWS = ORDERS | DETAIL
THREAD_ROWS = INBOX | THREAD
RETURN_ROWS = RETURNS | RETURN
STOCK_ROWS = STOCK | POOL
DESK_ROWS = ORDER_ROWS | THREAD_ROWS | RETURN_ROWS
ROWS = LISTS | DETAIL | THREAD | RETURN | POOL
DOCTOR = frozenset({Context.DOCTOR})
ALL = ROWS | DOCTOR | {Context.HELP}
ALL_AND_STRIP = ALL | STRIP
EVERYWHERE = ALL_AND_STRIP | TEXT


class Level(IntEnum):
    """What a command can do (screens, section 4): look, change what is ours, reach a marketplace, cost standing."""

    LOOK = 0
    OURS = 1
    REACH = 2
    COSTS = 3


class Group(StrEnum):
    """The heading under which help lists a command."""

    GO = "go"
    MOVE = "move"
    MARK = "mark"
    VIEW = "view"
    DO = "do"
    STRIP = "strip"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing an operator can do.

    `keys` and `twins` are Textual key names, the first of each is shown. `label` and `help` are English message ids.
    `verb` numbers the place's verbs for the key line and the menu (1 is the first); 0 is no verb. `why_off` answers
    None when the command can be used now, else one sentence. Among commands that share a key in one context the first
    whose `applies` is True gets it. `cli` is the shell command that does the same, "" where there is none. `also` are
    those of its contexts in which others come first: there it is the verb numbered `also_verb`, and has no twins.
    """

    id: str
    keys: tuple[str, ...]
    twins: tuple[str, ...]
    label: str
    help: str
    contexts: Contexts
    level: Level
    group: Group
    why_off: Reason = never_off
    applies: Applies = always
    verb: int = 0
    cli: str = ""
    also: Contexts = frozenset()
    also_verb: int = 0

    def verb_in(self, context: Context) -> int:
        """Its number among the verbs of a place, 0 for no verb there."""
        return self.also_verb if context in self.also else self.verb

    def twins_in(self, context: Context) -> tuple[str, ...]:
        """Its twins in a place."""
        return () if context in self.also else self.twins

    @property
    def all_keys(self) -> tuple[str, ...]:
        """Keys and twins. Handlers are told which of these it was, whatever an operator's keymap made of it."""
        return self.keys + self.twins


def _c(
    command_id: str,
    keys: str,
    twins: str,
    label: str,
    contexts: Contexts,
    level: Level,
    group: Group,
    help_text: str,
    why_off: Reason = never_off,
    *,
    applies: Applies = always,
    verb: int = 0,
    cli: str = "",
    also: Contexts = frozenset(),
    also_verb: int = 0,
) -> Command:
    return Command(
        command_id, tuple(keys.split()), tuple(twins.split()), label, help_text, contexts | also, level, group, why_off,
        applies, verb, cli, also, also_verb,
    )  # fmt: skip
