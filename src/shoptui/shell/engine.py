"""`shoptui engine`: the one process per house that talks to the marketplaces."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys

import click

from shoptui.shell.group import house_of
from shoptui.shell.saying import say


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


async def _stop(house: object) -> int:
    from shoptui.client import EngineClient, EngineGone
    from shoptui.paths import DataDir
    from shoptui.shell.exits import Exit

    assert isinstance(house, DataDir)
    try:
        client = await EngineClient.connect(house, program="shell")
    except EngineGone:
        say("No engine runs in this house; nothing to stop.")
        return Exit.NO_ENGINE
    async with client:
        answer = await client.request("stop", drain=True)
    if not answer.ok:
        say(answer.say)
        return Exit.NOT_ALLOWED
    return Exit.OK
