"""`shoptui orders erase-buyer`: forgets the buyer of an order, after saying what that reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from shoptui.paths import DataDir
from shoptui.shell.connect import ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import say, typed


@click.command("erase-buyer")
@click.argument("store_id", metavar="STORE")
@click.argument("order_no", metavar="ORDER")
@click.option("--dry-run", is_flag=True, help="Say what it reaches; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")
@click.pass_context
def erase_buyer(context: click.Context, store_id: str, order_no: str, dry_run: bool, yes: bool) -> None:
    """Forget the buyer of an order: address, documents, what was written in conversations and returns. No way back.

    Exit codes: 0 forgotten, 3 left as it is or nothing kept, 4 no engine, 5 a reply on its way keeps its words,
    6 not allowed.
    """
    end_with(_erase(house_of(context), store_id, order_no, dry_run, yes))


async def _erase(house: DataDir, store_id: str, order_no: str, dry_run: bool, yes: bool) -> int:
    order = [store_id, order_no]
    async with engine_client(house) as client:
        reach = (await ask(client, "erase_buyer", order=order)).body
        say(f"ERASE THE BUYER of {store_id}/{order_no}")
        for line in reach_lines(reach):
            say(f"  {line}")
        if dry_run:
            return Exit.OK
        question, for_scripts = "Type the order's number to erase", "add --yes to erase, or --dry-run to look."
        if not yes and not typed(order_no, question, for_scripts):
            say("Nothing was changed.")
            return Exit.NOTHING
        done = (await ask(client, "erase_buyer", order=order, sure=True)).body
    say(f"The buyer of {store_id}/{order_no} is forgotten. Backups made before still have them.")
    if done["on_their_way"]:
        say(f"{_count(done['on_their_way'], 'reply')} may have left and keep their words: erase again when settled.")
        return Exit.UNDECIDED
    return Exit.OK


def reach_lines(reach: Mapping[str, Any]) -> list[str]:
    """What would be forgotten, a line each, as the engine's answer says."""
    lines = ["the full name, phone and address"] if reach["address"] else []
    for key, noun in (("documents", "document"), ("conversations", "conversation"), ("returns", "return")):
        if reach[key]:
            lines.append(_count(reach[key], noun) + _WHAT[key])
    if reach["taken_back"]:
        lines.append(f"{_count(reach['taken_back'], 'reply')} not settled: taken back where nothing has left")
    return lines or ["nothing is kept of them now; what comes later will not be kept either"]


_WHAT: Mapping[str, str] = {
    "documents": ": they cannot be printed again from here",
    "conversations": ": words, links, names and notes; times and counts stay",
    "returns": ": what the buyer wrote and showed",
}


def _count(count: int, noun: str) -> str:
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else many}"
