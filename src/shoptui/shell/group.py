"""The click group that holds all shell commands."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shoptui import __version__
from shoptui.paths import DataDir, PathError, find_data_dir


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data-dir", type=click.Path(path_type=Path), help="The house to work in.")
@click.version_option(__version__, prog_name="shoptui")
@click.pass_context
def cli(context: click.Context, data_dir: Path | None) -> None:
    """All stores of TikTok Shop, Shopee and Lazada on one screen. Without a command: open the cockpit."""
    context.obj = data_dir
    if context.invoked_subcommand is None:
        from shoptui.cli import _open_cockpit

        sys.exit(_open_cockpit(data_dir))


def house_of(context: click.Context) -> DataDir:
    """The data directory this call works in; a wrong one ends the command with a sentence."""
    try:
        return find_data_dir(context.obj)
    except PathError as error:
        raise click.UsageError(str(error)) from error


def _register() -> None:
    from shoptui.shell import demo, engine, orders, sandbox

    cli.add_command(orders.orders)
    cli.add_command(engine.engine)
    cli.add_command(sandbox.sandbox)
    cli.add_command(demo.demo)


_register()
