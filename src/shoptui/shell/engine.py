"""`shoptui engine`: the one process per house that talks to the marketplaces."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from shoptui.shell.group import house_of
from shoptui.shell.saying import say

if TYPE_CHECKING:
    from shoptui.client import EngineClient
    from shoptui.paths import DataDir

#: How often an engine that holds the house and does not listen yet is looked for again, seconds.
_LOOK_EVERY_S = 0.1


@click.command()
@click.option("--once", is_flag=True, help="One full sync, drain what is due, then exit (1 if a store failed).")
@click.option("--stop", is_flag=True, help="Ask the running engine to finish what is on its way and stop.")
@click.option(
    "--print-unit",
    type=click.Choice(["system", "user", "backup", "timer"]),
    is_flag=False,
    flag_value="system",
    help="Print a systemd unit: the engine of a shared house (system) or of your own, the daily backup, its timer.",
)
@click.pass_context
def engine(context: click.Context, once: bool, stop: bool, print_unit: str | None) -> None:
    """Run the engine of this house in the foreground (systemd does this in a shared house)."""
    if print_unit is not None:
        from shoptui.shell.unit import PACKAGED_PROGRAM, unit

        click.echo(unit(print_unit, shutil.which("shoptui") or PACKAGED_PROGRAM), nl=False)
        return
    house = house_of(context)
    if stop:
        sys.exit(asyncio.run(_stop(house)))
    # Importing makes hundreds of thousands of objects, of which none is garbage; `main` collects again.
    gc.disable()
    from shoptui.engine.main import main

    code = main(house, once=once)
    sys.stdout.flush()
    sys.stderr.flush()
    # All is written and the lock is free: a database thread that did not end must not keep the process.
    os._exit(code)


async def _stop(house: DataDir) -> int:
    from shoptui.engine_start import START_WITHIN_S
    from shoptui.shell.exits import Exit

    try:
        async with asyncio.timeout(START_WITHIN_S):
            client = await _listening(house)
    except TimeoutError:
        say(f"The engine of {house.root} does not answer. Its log is {house.log}.")
        return Exit.NO_ENGINE
    if client is None:
        say("No engine runs in this house; nothing to stop.")
        return Exit.NO_ENGINE
    async with client:
        answer = await client.request("stop", drain=True)
    if not answer.ok:
        say(answer.say)
        return Exit.NOT_ALLOWED
    return Exit.OK


async def _listening(house: DataDir) -> EngineClient | None:
    """A connection to the engine, which may be just starting and not listen yet; None when there is none."""
    from shoptui.client import EngineClient, EngineGone
    from shoptui.engine.lease import holder

    while True:
        try:
            return await EngineClient.connect(house, program="shell")
        except EngineGone:
            try:
                if holder(house) is None:
                    return None
            except PermissionError:
                # Of a shared house others see the socket alone.
                return None
        await asyncio.sleep(_LOOK_EVERY_S)
