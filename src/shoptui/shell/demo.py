"""`shoptui demo`: sandbox, engine and cockpit together, nothing to configure."""

from __future__ import annotations

import sys

import click

from shoptui.shell.saying import say


@click.command()
@click.option("--stores", type=click.IntRange(1, 200), default=18, show_default=True)
@click.option("--orders", type=click.IntRange(0, 1_000_000), default=3000, show_default=True)
@click.option("--rate", type=click.FloatRange(min=0), default=6.0, show_default=True, help="New orders per minute.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--market", "markets", multiple=True, metavar="NAME", help="Only this marketplace; may be repeated.")
@click.option("--stop", is_flag=True, help="End a demo that was left running.")
def demo(stores: int, orders: int, rate: float, seed: int, markets: tuple[str, ...], stop: bool) -> None:
    """Open the cockpit on simulated stores, safe to break.

    Leaving with Ctrl-Q ends the demo. After a dropped link it goes on for half an hour: call this again to be back.
    """
    from shoptui.demo import DemoError, DemoHouse, DemoSize, ensure_demo

    house = DemoHouse.default()
    if stop:
        house.stop()
        return
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise click.ClickException("The demo opens a cockpit and needs a terminal.")
    if not house.keeper_runs():
        say(f"Starting {stores} simulated stores with {orders:,} orders ...")
    try:
        ensure_demo(house, DemoSize(stores=stores, orders=orders, rate=rate, seed=seed, markets=markets))
    except DemoError as error:
        raise click.ClickException(str(error)) from error
    from shoptui.cli import start_cockpit

    with house.attached():
        code = start_cockpit(house.data_dir, ensure=False)
    if code == 0:
        house.stop()
    sys.exit(code)
