"""`shoptui tour`: the guided tour on a small simulated house of its own."""

from __future__ import annotations

import os
import sys

import click

from shoptui.shell.group import house_of


@click.command()
@click.option("--again", is_flag=True, help="From the first step, also when it was left on the way.")
@click.option("--and-back", is_flag=True, help="Afterwards open the cockpit of the house this was called for.")
@click.pass_context
def tour(context: click.Context, again: bool, and_back: bool) -> None:
    """Five minutes of the keys, on simulated stores that are thrown away at the end.

    A line above the message line says what to press next and why; whoever does something else just does it. Left with
    Ctrl-Q on the way, it goes on there the next time.
    """
    from shoptui.demo import DemoError, DemoHouse
    from shoptui.tour_house import TourHouse

    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise click.ClickException("The tour opens a cockpit and needs a terminal.")
    own = house_of(context)
    house = TourHouse.default()
    if again:
        house.forget()
    if not house.demo.keeper_runs():
        click.echo("Setting up a few simulated stores ...", err=True)
    try:
        code = house.take(own)
    except DemoError as error:
        raise click.ClickException(str(error)) from error
    if code == 0 and and_back:
        sys.stdout.flush()
        is_demo = own.root == DemoHouse.default().data_dir.root
        named = ("--data-dir", str(context.obj)) if context.obj is not None else ()
        os.execv(sys.executable, [sys.executable, "-m", "shoptui", *(("demo",) if is_demo else (*named, "attach"))])
    sys.exit(code)
