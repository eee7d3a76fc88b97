"""The command table: no key means two things, every command is carried out somewhere, every disabled one says why."""

from __future__ import annotations

import pytest

from shoptui.app import CockpitApp
from shoptui.command_state import CommandState, Context, always
from shoptui.commands import (
    BY_ID,
    COMMANDS,
    CONFIRM_KEYS,
    Command,
    Level,
    check_keymap,
    in_context,
    key_label,
    keys_under,
    markdown_table,
    verbs_of,
)
from shoptui.domain.intents import IntentState, Verb
from shoptui.engine.roles import LEAST_ROLE, Role, least_role_for
from shoptui.screens.activity import ActivityPlace
from shoptui.screens.bindings import bindings
from shoptui.screens.cockpit_frame import CockpitFrame
from shoptui.screens.first_run import FirstRunPlace
from shoptui.screens.help import HelpPlace
from shoptui.screens.inbox import InboxPlace
from shoptui.screens.money import MoneyPlace
from shoptui.screens.orders import OrdersPlace
from shoptui.screens.returns import ReturnsPlace
from shoptui.screens.stock import StockPlace
from shoptui.screens.stores import StoresPlace

PLACES = {
    Context.ORDERS: OrdersPlace,
    Context.DETAIL: OrdersPlace,
    Context.INBOX: InboxPlace,
    Context.THREAD: InboxPlace,
    Context.RETURNS: ReturnsPlace,
    Context.RETURN: ReturnsPlace,
    Context.STOCK: StockPlace,
    Context.POOL: StockPlace,
    Context.MONEY: MoneyPlace,
    Context.STATEMENT: MoneyPlace,
    Context.ACTIVITY: ActivityPlace,
    Context.STORES: StoresPlace,
    Context.HELP: HelpPlace,
    Context.DOCTOR: FirstRunPlace,
}


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)


@pytest.mark.parametrize("context", Context)
def test_in_one_place_a_key_has_one_meaning(context: Context) -> None:
    holder: dict[str, Command] = {}
    for command in in_context(context):
        for key in keys_under(command, {}, context):
            other = holder.setdefault(key, command)
            assert other is command or other.applies is not always, f"{key} in {context}: {other.id}, {command.id}"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_is_carried_out_wherever_its_key_works(command: Command) -> None:
    handler = f"do_{command.id.replace('.', '_')}"
    for context in command.contexts & PLACES.keys():
        owners = (CockpitFrame, PLACES[context], CockpitApp)
        assert any(hasattr(owner, handler) for owner in owners), f"{handler} in {context}"
    if not command.contexts & PLACES.keys():
        # A strip's keys may be answered by the place that opened it.
        assert any(hasattr(owner, handler) for owner in (CockpitFrame, *PLACES.values()))


def test_only_f9_and_its_twin_confirm() -> None:
    confirming = {command.id for command in COMMANDS if CONFIRM_KEYS & set(command.all_keys)}
    assert confirming == {"strip.do"}
    assert set(BY_ID["strip.do"].all_keys) == CONFIRM_KEYS


def test_nothing_needs_a_letter() -> None:
    """An input method swallows letters: whatever has a letter has a twin, or is in the numbered menu."""
    for command in COMMANDS:
        no_letter = any(len(key) > 1 for key in command.all_keys)
        in_menu = bool(command.contexts & PLACES.keys()) and command.id not in {
            "view.pick",
            "begin.choose",
            "menu.open",
        }
        assert (
            no_letter or in_menu or command.id in {"view.pick", "begin.choose", "strip.option", "row.next", "row.prev"}
        )


def test_the_verbs_of_each_place_are_numbered_without_gaps_where_f_keys_are() -> None:
    for context, first in (
        (Context.ORDERS, "order.ship"),
        (Context.INBOX, "thread.reply"),
        (Context.STOCK, "stock.push"),
        (Context.MONEY, "statement.verify"),
        (Context.STATEMENT, "statement.verify"),
        (Context.ACTIVITY, "intent.fix"),
        (Context.STORES, "store.check"),
    ):
        verbs = verbs_of(context)
        assert verbs[0].id == first
        assert "f6" in verbs[0].twins


def test_what_a_role_may_not_do_is_off_as_the_engine_refuses_it() -> None:
    requests = {
        "order.ship": LEAST_ROLE["order"],
        "order.cancel": least_role_for(Verb.CANCEL),
        "request.accept": least_role_for(Verb.ANSWER_CANCEL),
        "row.reveal": LEAST_ROLE["reveal"],
        "intent.settle": LEAST_ROLE["settle"],
        "store.pause": LEAST_ROLE["pause_store"],
        "store.add": LEAST_ROLE["store_add"],
        "store.remove": LEAST_ROLE["store_remove"],
    }
    for command_id, least in requests.items():
        for role in Role:
            state = CommandState(
                Context.ORDERS, has_row=True, marked=1, role=role.word, group_state=IntentState.NEEDS_PERSON
            )
            assert (BY_ID[command_id].why_off(state) is None) is (role >= least), (command_id, role)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("command_id", ["intent.fix", "intent.again", "intent.drop", "intent.settle"])
def test_what_is_done_about_a_group_wants_the_role_its_verb_wants(command_id: str, verb: Verb) -> None:
    group_state = IntentState.NEEDS_PERSON if command_id == "intent.settle" else IntentState.FAILED
    for role in Role:
        state = CommandState(
            Context.ACTIVITY, has_row=True, role=role.word, group_state=group_state, group_verb=verb.value
        )
        assert (BY_ID[command_id].why_off(state) is None) is (role >= least_role_for(verb)), role


STATES = [
    ("sync.now", CommandState(Context.ORDERS, engine_up=False, engine_since="17:41"), "data of 17:41"),
    ("sync.now", CommandState(Context.ORDERS, engine_up=False), "Connecting"),
    ("sync.now", CommandState(Context.ORDERS), None),
    ("order.ship", CommandState(Context.ORDERS), "no row"),
    ("order.ship", CommandState(Context.ORDERS, marked=2), None),
    ("order.ship", CommandState(Context.ORDERS, marked=2, engine_up=False, engine_since="9:00"), "not running"),
    ("mark.none", CommandState(Context.ORDERS), "Nothing is marked"),
    ("undo.last", CommandState(Context.ORDERS), "Nothing to take back"),
    ("undo.last", CommandState(Context.ORDERS, takeable=3), None),
    ("undo.last", CommandState(Context.ORDERS, undo_ours=True), None),
    ("hot.next", CommandState(Context.ORDERS, hot=0), "No row here"),
    ("notice.seen", CommandState(Context.ORDERS), "No message"),
    ("intent.fix", CommandState(Context.ACTIVITY), "no failed group"),
    ("intent.fix", CommandState(Context.ACTIVITY, group_state=IntentState.UNKNOWN), "settles itself"),
    ("intent.fix", CommandState(Context.ACTIVITY, group_state=IntentState.NEEDS_PERSON), "was it done"),
    ("intent.fix", CommandState(Context.ACTIVITY, group_state=IntentState.DONE), "nothing to mend"),
    ("intent.fix", CommandState(Context.ACTIVITY, group_state=IntentState.HELD), "has not failed"),
    ("intent.again", CommandState(Context.ACTIVITY, group_state=IntentState.FAILED, group_again=True), "ordered again"),
    ("intent.again", CommandState(Context.ACTIVITY, group_state=IntentState.FAILED, group_seen=True), None),
    (
        "intent.drop",
        CommandState(Context.ACTIVITY, group_state=IntentState.FAILED, group_seen=True),
        "given up already",
    ),
    ("intent.drop", CommandState(Context.ACTIVITY, group_state=IntentState.FAILED), None),
    ("intent.drop", CommandState(Context.ACTIVITY, group_state=IntentState.DONE), "nothing to mend"),
    ("intent.fix", CommandState(Context.ACTIVITY, group_state=IntentState.FAILED), None),
    ("intent.settle", CommandState(Context.ACTIVITY, group_state=IntentState.FAILED), "Nothing here waits"),
    ("intent.settle", CommandState(Context.ACTIVITY, group_state=IntentState.NEEDS_PERSON), None),
    ("order.ship", CommandState(Context.ORDERS, marked=2, role="viewer"), "role is viewer; this needs packer"),
    ("order.ship", CommandState(Context.ORDERS, marked=2, role="packer"), None),
    ("order.cancel", CommandState(Context.ORDERS, marked=2, role="packer"), "role is packer; this needs agent"),
    ("order.cancel", CommandState(Context.ORDERS, marked=2, role="agent"), None),
    ("order.cancel", CommandState(Context.ORDERS, marked=2, role="a newer engine's"), None),
    ("row.reveal", CommandState(Context.ORDERS, has_row=True, role="packer"), "needs agent"),
    ("store.pause", CommandState(Context.STORES, has_row=True, role="agent"), "needs manager"),
    ("store.add", CommandState(Context.STORES, role="manager"), "needs admin"),
    ("store.add", CommandState(Context.STORES, role="admin"), None),
    ("row.copy", CommandState(Context.ORDERS, has_row=True, role="viewer"), None),
]


@pytest.mark.parametrize(("command_id", "state", "words"), STATES)
def test_a_disabled_command_says_why(command_id: str, state: CommandState, words: str | None) -> None:
    why_off = BY_ID[command_id].why_off(state)
    if words is None:
        assert why_off is None
    else:
        assert why_off is not None
        assert words in why_off
        assert why_off.endswith(".")


def test_x_gives_up_on_a_failed_group_and_answers_a_question() -> None:
    drop, settle = BY_ID["intent.drop"], BY_ID["intent.settle"]
    question = CommandState(Context.ACTIVITY, group_state=IntentState.NEEDS_PERSON)
    failed = CommandState(Context.ACTIVITY, group_state=IntentState.FAILED)
    assert drop.applies(failed)
    assert not drop.applies(question)
    assert COMMANDS.index(drop) < COMMANDS.index(settle), "the one that applies only sometimes is asked first"
    assert settle.level is Level.COSTS


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("ctrl+r", "Ctrl-R"),
        ("left", "◄"),
        ("f9", "F9"),
        ("delete", "Del"),
        ("s", "s"),
        ("G", "G"),
        ("shift+tab", "Shift-Tab"),
    ],
)
def test_keys_are_shown_as_people_call_them(key: str, label: str) -> None:
    assert key_label(key) == label


KEYMAPS = [
    ({}, None),
    ({"order.ship": "f"}, None),
    ({"order.ship": "f, F"}, None),
    ({"order.shop": "f"}, "Did you mean order.ship?"),
    ({"order.hold": "s"}, "would mean both"),
    ({"order.hold": "f9"}, "confirms and can mean nothing else"),
    ({"strip.do": "enter"}, "Use a function key"),
    ({"strip.do": "y"}, "Use a function key"),
    ({"strip.do": "f12"}, None),
    # The same key in places that are never open together is no clash.
    ({"store.check": "s"}, None),
]


@pytest.mark.parametrize(("keymap", "words"), KEYMAPS)
def test_a_keymap_is_checked_with_a_reason(keymap: dict[str, str], words: str | None) -> None:
    problems = check_keymap(keymap)
    if words is None:
        assert problems == []
    else:
        assert any(words in problem for problem in problems), problems


def test_a_keymap_replaces_the_first_keys_and_leaves_the_twins() -> None:
    bound = {binding.key for binding in bindings({"order.ship": "f"}) if "order.ship" in binding.action}
    assert bound == {"f", "f6"}
    assert {b.key for b in bindings() if "order.ship" in b.action} == {"s", "f6"}


def test_the_key_table_lists_every_command() -> None:
    table = markdown_table()
    for command in COMMANDS:
        assert f"| {command.id} |" in table
    assert "`◄` `h`" in table
