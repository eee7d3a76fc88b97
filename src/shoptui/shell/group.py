"""The click group that holds all shell commands; each is imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from shoptui import __version__
from shoptui.paths import DataDir, PathError, find_data_dir

#: The commands and the modules of this package they live in, in the order help lists them.
_COMMANDS = {
    "demo": "demo",
    "tour": "tour",
    "orders": "orders",
    "inbox": "inbox",
    "stock": "stock",
    "returns": "returns",
    "money": "money",
    "export": "export",
    "engine": "engine",
    "config": "config",
    "doctor": "doctor",
    "logs": "logs",
    "backup": "backup",
    "restore": "backup",
    "stores": "stores",
    "apps": "apps",
    "completion": "completion",
    "version": "version",
    "sandbox": "sandbox",
}


class _LazyGroup(click.Group):
    """A group that knows its commands' names and loads a command when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(importlib.import_module(f"shoptui.shell.{module}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            from shoptui.shell.saying import wrapped

            # click puts "Error: " before it and prints it as it is; there is no other way to change it.
            words = wrapped(f"Error: {error.message}", sys.stderr, 0).removeprefix("Error: ")
            error.message = words  # type: ignore[misc]
            raise


@click.group(cls=_LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data-dir", type=click.Path(path_type=Path), help="The house to work in.")
@click.version_option(__version__, prog_name="shoptui")
@click.pass_context
def cli(context: click.Context, data_dir: Path | None) -> None:
    """All stores of TikTok Shop, Shopee and Lazada on one screen. Without a command: open the cockpit."""
    context.obj = data_dir
    if context.invoked_subcommand is None:
        from shoptui.cli import open_cockpit

        sys.exit(open_cockpit(data_dir))


def house_of(context: click.Context) -> DataDir:
    """The data directory this call works in; a wrong one ends the command with a sentence."""
    try:
        return find_data_dir(context.obj)
    except PathError as error:
        raise click.UsageError(str(error)) from error
