"""`shoptui tour`: the guided tour on a small simulated house of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from shoptui.paths import DataDir
from shoptui.shell.group import house_of
from shoptui.shell.saying import say


@click.command()
@click.option("--again", is_flag=True, help="From the first step, also when it was left on the way.")
@click.option("--and-back", is_flag=True, help="Afterwards open the cockpit of the house this was called for.")
@click.pass_context
def tour(context: click.Context, again: bool, and_back: bool) -> None:
    """Five minutes of the keys, on simulated stores that are thrown away at the end.

    A line above the message line says what to press next and why; whoever does something else just does it. Left with
    Ctrl-Q on the way, it goes on there the next time.
    """
    from shoptui.demo import DemoError
    from shoptui.tour_house import TourHouse

    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise click.ClickException("The tour opens a cockpit and needs a terminal.")
    own = house_of(context)
    house = TourHouse.default()
    if again:
        house.forget()
    if not house.demo.keeper_runs():
        say("Setting up a few simulated stores ...")
    try:
        code = house.take(own)
    except DemoError as error:
        raise click.ClickException(str(error)) from error
    if code == 0 and and_back:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "shoptui", *_way_back(context.obj, own)])
    if code == 0 and house.step_id:
        say("Left on the way: shoptui tour goes on there, shoptui tour --again begins anew.")
    sys.exit(code)


def _way_back(named: Path | None, own: DataDir) -> tuple[str, ...]:
    """What opens the cockpit of the house the tour was called for; `named` is its --data-dir, if it had one."""
    from shoptui.demo import DemoHouse

    if own.root == DemoHouse.default().data_dir.root:
        return ("demo",)
    return ("attach",) if named is None else ("--data-dir", str(named), "attach")
