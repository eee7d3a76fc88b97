"""What decides whether a command can be used now, and the sentences that say why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.records import dataclass
from shoptui.domain.verb_roles import least_role_word
from shoptui.i18n import _
from shoptui.settings import ROLES


class Context(StrEnum):
    """Where a key can mean something. Up to `doctor` they are places; the rest is what the keyboard is in just now."""

    ORDERS = "orders"
    INBOX = "inbox"
    STOCK = "stock"
    MONEY = "money"
    STATEMENT = "statement"
    RETURNS = "returns"
    ACTIVITY = "activity"
    STORES = "stores"
    HELP = "help"
    DOCTOR = "doctor"
    DETAIL = "detail"
    THREAD = "thread"
    RETURN = "return"
    POOL = "pool"
    STRIP = "strip"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class CommandState:
    """What decides whether a command can be used now: a snapshot, so that the answer is a pure function.

    `engine_since` is the clock time (`17:41`) at which the engine was lost, "" while it is first looked for.
    `row_count` counts the rows of the list, `marked` the marked ones. `group_state` is the state of the Activity
    group under the cursor, `group_again` whether it was ordered again since, `group_seen` whether its result was seen;
    `group_verb` is the group's verb, "" where there is none.
    `takeable` is the number of intents that `undo.last` could still take back. `role` is the operator's as the engine
    said it, "" before that; the engine decides again by itself.
    `threads` counts the conversations a verb would act on (a store without chat has a row but none), `has_order` says
    whether the one under the cursor is about an order. There `group_state` is that of its newest reply.
    `cannot` has the verbs that the marketplace of the only order a key would act on never does, each with the reason;
    where orders are marked the strip says it of each.
    """

    place: Context
    engine_up: bool = True
    engine_since: str = ""
    row_count: int = 0
    has_row: bool = False
    marked: int = 0
    takeable: int = 0
    undo_ours: bool = False
    notices: int = 0
    group_state: IntentState | None = None
    group_verb: str = ""
    group_again: bool = False
    group_seen: bool = False
    hot: int = 0
    history: int = 0
    view_is_audit: bool = False
    role: str = ""
    threads: int = 0
    has_order: bool = False
    lists_money: str = ""
    dispute: bool = False
    cannot: tuple[tuple[str, str], ...] = ()


Reason = Callable[[CommandState], str | None]
Applies = Callable[[CommandState], bool]


def never_off(state: CommandState) -> str | None:
    return None


def always(state: CommandState) -> bool:
    return True


def needs_engine(state: CommandState) -> str | None:
    if state.engine_up:
        return _role_off(state, "packer")
    if not state.engine_since:
        return _("Connecting to the engine: again in a moment.")
    return _("The engine is not running: data of {time}, nothing can be sent or changed.").format(
        time=state.engine_since
    )


def _role_off(state: CommandState, least: str) -> str | None:
    if state.role not in ROLES or ROLES.index(state.role) >= ROLES.index(least):
        return None
    return _("Your role is {role}; this needs {least}. An admin gives roles in the settings file.").format(
        role=state.role, least=least
    )


def _role_for_group_off(state: CommandState) -> str | None:
    """Why the role may not do anything about the group; a verb only a newer engine knows is the engine's to judge."""
    return _role_off(state, least_role_word(Verb(state.group_verb))) if state.group_verb in set(Verb) else None


def needs_role(least: str, reason: Reason) -> Reason:
    """The same, off from the outset for roles below `least`: no question is worth answering that is then refused."""

    def why_off(state: CommandState) -> str | None:
        return _role_off(state, least) or reason(state)

    return why_off


def needs_marketplace(verb: Verb, reason: Reason) -> Reason:
    """The same, off as well where the order's marketplace never does the verb."""

    def why_off(state: CommandState) -> str | None:
        return reason(state) or next((why for cannot, why in state.cannot if cannot == verb), None)

    return why_off


def needs_row(state: CommandState) -> str | None:
    return None if state.has_row else _("There is no row under the cursor.")


def needs_row_and_engine(state: CommandState) -> str | None:
    return needs_row(state) or needs_engine(state)


def needs_rows(state: CommandState) -> str | None:
    return None if state.row_count else _("The list is empty.")


def needs_marks(state: CommandState) -> str | None:
    return None if state.marked else _("Nothing is marked.")


def needs_hot(state: CommandState) -> str | None:
    return None if state.hot else _("No row here is due within 2 h, missed or failed.")


def needs_notice(state: CommandState) -> str | None:
    return None if state.notices else _("No message waits.")


def needs_history(state: CommandState) -> str | None:
    return None if state.history else _("This is where you began.")


def needs_undo(state: CommandState) -> str | None:
    if state.undo_ours:
        return needs_engine(state)
    if not state.takeable:
        return _("Nothing to take back: what you ordered last has been sent or settled.")
    return needs_engine(state)


def needs_target_row(state: CommandState) -> str | None:
    if not state.has_row and not state.marked:
        return _("There is no row under the cursor and none is marked.")
    return None


def needs_target(state: CommandState) -> str | None:
    if not state.has_row and not state.marked:
        return _("There is no row under the cursor and none is marked.")
    return needs_engine(state)


_RETRYABLE = frozenset({IntentState.FAILED, IntentState.NOT_DONE})


def needs_failed_group(state: CommandState) -> str | None:
    if state.view_is_audit or state.group_state is None:
        return _("There is no failed group under the cursor.")
    if state.group_state is IntentState.UNKNOWN:
        return _("The answer was lost: this line is being read back and settles itself. Nothing is sent before that.")
    if state.group_state is IntentState.NEEDS_PERSON:
        return _("Look first: was it done? a: it was, x: it was not. Then it can be sent again.")
    if state.group_state is IntentState.DONE:
        return _("This group is done: there is nothing to mend in it.")
    if state.group_state not in _RETRYABLE:
        return _("This group has not failed.")
    if state.group_again:
        return _("This was ordered again since: a later line says what became of it.")
    return _role_for_group_off(state) or needs_engine(state)


def needs_unseen_failure(state: CommandState) -> str | None:
    why_off = needs_failed_group(state)
    if why_off is None and state.group_seen:
        return _("This has been seen or given up already; it is in no list of what waits.")
    return why_off


def is_question(state: CommandState) -> bool:
    return state.group_state is IntentState.NEEDS_PERSON and not state.view_is_audit


def is_no_question(state: CommandState) -> bool:
    return not is_question(state)


def needs_question(state: CommandState) -> str | None:
    if not is_question(state):
        return _("Nothing here waits for your decision.")
    return _role_for_group_off(state) or needs_engine(state)


def needs_thread(state: CommandState) -> str | None:
    if state.threads:
        return needs_engine(state)
    if state.has_row or state.marked:
        return _("This store has not granted chat: there is no conversation here. K shows what to do.")
    return _("There is no row under the cursor and none is marked.")


def needs_one_thread(state: CommandState) -> str | None:
    if state.threads != 1 or state.marked > 1:
        return needs_thread(state) or _("This is done one by one: take the marks off (u) and choose one.")
    return needs_engine(state)


def needs_failed_reply(state: CommandState) -> str | None:
    if state.group_state not in _RETRYABLE:
        return _("No reply has failed in this conversation.")
    return needs_one_thread(state)


def needs_reply_question(state: CommandState) -> str | None:
    if not is_question(state):
        return _("No reply waits for your decision in this conversation.")
    return needs_engine(state)


def needs_desk_target(state: CommandState) -> str | None:
    """What acts on orders and on conversations alike, which only agents may touch."""
    if state.place in {Context.INBOX, Context.THREAD}:
        return _role_off(state, "agent") or needs_thread(state)
    return needs_target(state)


def needs_statement(state: CommandState) -> str | None:
    if state.lists_money == "anomalies":
        return _("Statements are verified one by one: Enter on a store in view 0 opens one.")
    if state.lists_money not in {"statement", "lines"} and not state.has_row and not state.marked:
        return _("There is no row under the cursor and none is marked.")
    return needs_engine(state)


def needs_disputable(state: CommandState) -> str | None:
    if state.place in {Context.MONEY, Context.STATEMENT} and state.lists_money not in {"anomalies", "statement"}:
        return _("A pack is made of differences: Enter opens a store's statement, 1 lists those of all stores.")
    return needs_target_row(state)


def needs_dispute(state: CommandState) -> str | None:
    if state.place not in {Context.MONEY, Context.STATEMENT}:
        return needs_row_and_engine(state)
    if not state.dispute:
        return _("There is no dispute about this line; D makes its pack.")
    return needs_engine(state)
