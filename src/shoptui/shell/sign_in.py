"""Authorising sellers from the shell: the link as text and QR code, what is pasted, the choice of shops."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from shoptui.cellwidth import cell_width
from shoptui.client import Answer, EngineClient
from shoptui.domain.stores import store_id_fault
from shoptui.paths import DataDir
from shoptui.qr import qr_lines
from shoptui.shell.apps import confirmed, set_up_app
from shoptui.shell.connect import Stop, ask, stop
from shoptui.shell.exits import Exit
from shoptui.shell.saying import say

_LEAVE = "q"
#: Lines around the QR code: the two sentences, which may break, the link between empty lines, and the prompt.
_LINES_AROUND_QR = 11
#: Refusals after which the person may paste again; with any other reason the command is over.
_PASTE_AGAIN = frozenset(
    {
        "not_a_code", "seller_refused", "other_app", "other_state", "code_used", "code_refused", "other_shop",
        "no_shops", "marketplace",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says about the stores to come. `app` and `name` are "" where it does not."""

    app: str
    name: str
    yes: bool
    anyway: bool


async def add_flow(client: EngineClient, house: DataDir, marketplace: str, wishes: Wishes) -> list[str]:
    """From the link to the stores; the short names of those that came, none when the person left."""
    fields: dict[str, Any] = {"marketplace": marketplace, "app": wishes.app, "name": wishes.name}
    begun = await client.request("sign_in_begin", **fields)
    if begun.reason == "no_app" and sys.stdin.isatty():
        say(f"No app for {marketplace} is set up here yet; that comes first.")
        await set_up_app(client, house, marketplace, {"name": wishes.app})
        begun = await client.request("sign_in_begin", **fields)
    if not begun.ok:
        stop(begun)
    state, answer = await _signed_in(client, begun, fields)
    if answer is None:
        return []
    for store_id in answer.body["signed_in"]:
        say(f"{store_id} is in this house already and is signed in again.")
    chosen = _choose(answer.body["shops"], wishes)
    if not chosen:
        say("No store was added.")
        return []
    return await _add(client, state, chosen, wishes)


async def sign_in_flow(client: EngineClient, store_id: str, *, chat: bool = False, app: str = "") -> bool:
    """Authorise one store again, or its conversations through an app of their own; False when the person left."""
    fields: dict[str, Any] = {"store_id": store_id}
    if chat:
        fields |= {"chat": True, "app": app}
    begun = await ask(client, "sign_in_begin", **fields)
    _state, answer = await _signed_in(client, begun, fields)
    if answer is None:
        return False
    for renewed in answer.body["signed_in"]:
        say(f"{renewed}: its conversations are read now." if chat else f"{renewed} is signed in again.")
    return True


# -- link and code ----------------------------------------------------------------------------------------------------


async def _signed_in(client: EngineClient, begun: Answer, fields: Mapping[str, Any]) -> tuple[str, Answer | None]:
    """Show the link and take what is pasted until it works; the state and the answer, None when the person left."""
    state = str(begun.body["state"])
    if begun.body["pasted"]:
        say("The code handed in before is still good; only the choice of shops is missing.")
        answer = await client.request("sign_in_code", state=state, pasted="")
        if answer.ok:
            return state, answer
        say(answer.say)
    _show_link(str(begun.body["link"]))
    while True:
        pasted = _pasted()
        if pasted is None:
            say("Nothing was changed.")
            return state, None
        answer = await client.request("sign_in_code", state=state, pasted=pasted)
        if answer.ok:
            return state, answer
        say(answer.say)
        if answer.reason == "no_sign_in":
            begun = await ask(client, "sign_in_begin", **fields)
            state = str(begun.body["state"])
            _show_link(str(begun.body["link"]))
        elif answer.reason == "marketplace":
            say("Nothing is lost: paste the same again in a moment.")
        elif answer.reason not in _PASTE_AGAIN:
            raise Stop(Exit.NOT_ALLOWED if answer.reason == "not_allowed" else Exit.FAILED)


def _show_link(link: str) -> None:
    say("Open this link in a browser where the seller is signed in, and agree:")
    say(f"\n  {link}\n")
    if sys.stderr.isatty():
        # The terminal itself is asked: LINES and COLUMNS in the environment may be of another one.
        for line in _qr_for(link, *os.get_terminal_size(sys.stderr.fileno())):
            # In a terminal of any colours: black on white is what scanners expect.
            say(f"  \x1b[30;107m{line}\x1b[0m")
    say(
        "Then the browser goes on to the address registered for the app. Paste that whole address, or the code in it,\n"
        f"within 30 minutes. {_LEAVE} leaves; nothing is changed before."
    )


def _qr_for(link: str, columns: int, lines: int) -> Sequence[str]:
    """The QR code where it fits with the words around it and can be drawn, else nothing.

    A code that scrolled the link away would be no help to who cannot scan it.
    """
    if (sys.stderr.encoding or "").lower().replace("-", "") != "utf8":
        return ()
    drawn = qr_lines(link, draw_dark=True)
    fits = len(drawn) + _LINES_AROUND_QR <= lines and cell_width(drawn[0]) + 4 <= columns
    return drawn if fits else ()


def _pasted() -> str | None:
    """What was pasted, None when the person or the script is done."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip() if line else None
    found: str = click.prompt("Code or address", default="", show_default=False, err=True)
    return None if found.strip() == _LEAVE else found.strip()


# -- shops ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Choice:
    """A shop to be added under a short name."""

    shop_id: str
    name: str
    store_id: str


def _choose(shops: Sequence[Mapping[str, Any]], wishes: Wishes) -> list[_Choice]:
    """Which of the shops, under which names."""
    say(f"This seller opened up {len(shops)} shops:" if len(shops) != 1 else "This seller opened up one shop:")
    open_ones = []
    for shop in shops:
        number = "  "
        if not shop["here"] and not shop["why_not"]:
            open_ones.append(shop)
            number = f"{len(open_ones):>2}"
        say(f"  {number}  {shop['region']:<3} {shop['shop_id']}  {shop['name']}{_remark(shop)}")
    if not open_ones:
        return []
    picked = open_ones if wishes.yes or len(open_ones) == 1 or not sys.stdin.isatty() else _pick(open_ones)
    chosen = [shop for shop in picked if _may_be_shared(shop, wishes)]
    return [_Choice(shop["shop_id"], shop["name"], _short_name(shop, wishes)) for shop in chosen]


def _remark(shop: Mapping[str, Any]) -> str:
    remarks = ["cross-border"] if shop["cross_border"] else []
    if shop["here"]:
        remarks.append(f"here already as {shop['here']}")
    if shop["why_not"]:
        remarks.append(str(shop["why_not"]))
    if shop["elsewhere"]:
        remarks.append(f"also held by {shop['elsewhere']['root']} of {shop['elsewhere']['user']}")
    return f"   ({'; '.join(remarks)})" if remarks else ""


def _pick(shops: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    while True:
        said: str = click.prompt(
            "Which? Enter takes all; or numbers such as 1,3; 0 takes none", default="", show_default=False, err=True
        )
        numbers = [int(word) for word in re.findall(r"\d+", said)]
        if not said.strip():
            return list(shops)
        if numbers and all(number <= len(shops) for number in numbers):
            return [shops[number - 1] for number in dict.fromkeys(numbers) if number]
        say(f"Numbers from 1 to {len(shops)}, with commas between them.")


def _may_be_shared(shop: Mapping[str, Any], wishes: Wishes) -> bool:
    """Two houses with one shop would both work on its orders: that has to be wanted."""
    if not shop["elsewhere"] or wishes.anyway:
        return True
    where = f"{shop['elsewhere']['root']} (of {shop['elsewhere']['user']})"
    say(f"{shop['name']} is held by another house on this machine, {where}: both would ship its orders.")
    if wishes.yes or not sys.stdin.isatty():
        say(f"{shop['name']} is left out; --anyway takes it in all the same.")
        return False
    return confirmed("Take it in all the same?")


def _short_name(shop: Mapping[str, Any], wishes: Wishes) -> str:
    proposed = str(shop["store_id"])
    if wishes.yes or wishes.name or not sys.stdin.isatty():
        return proposed
    return _ask_name(f"Short name for {shop['name']}", proposed)


def _ask_name(label: str, proposed: str) -> str:
    while True:
        said: str = click.prompt(label, default=proposed, err=True)
        fault = store_id_fault(said.strip())
        if not fault:
            return said.strip()
        say(fault)


async def _add(client: EngineClient, state: str, chosen: list[_Choice], wishes: Wishes) -> list[str]:
    """Take the shops in one by one, so that a name that is taken keeps no other shop out."""
    added: list[str] = []
    for choice in chosen:
        while True:
            answer = await client.request("store_add", state=state, shops=[[choice.shop_id, choice.store_id]])
            if answer.reason not in {"name_taken", "bad_name"} or wishes.yes or not sys.stdin.isatty():
                break
            say(answer.say)
            choice.store_id = _ask_name(f"Short name for {choice.name}", "")
        if not answer.ok:
            stop(answer)
        say(f"{choice.store_id} is connected: {choice.name}")
        added.append(choice.store_id)
    return added
