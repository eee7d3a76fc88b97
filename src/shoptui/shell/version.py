"""`shoptui version`: what runs here, for reports."""

from __future__ import annotations

import asyncio
import platform
import sqlite3
import sys
from importlib import metadata

import click

from shoptui import __version__
from shoptui.shell.group import house_of

_PACKAGES = ("textual", "rich", "httpx", "aiosqlite", "pydantic", "click")


@click.command()
@click.option(
    "--verbose", "-v", is_flag=True, help="With what it runs on and the engine's version; no names, no paths."
)
@click.pass_context
def version(context: click.Context, verbose: bool) -> None:
    """Print the version; with -v all that a report of a fault needs."""
    click.echo(f"shoptui {__version__}")
    if not verbose:
        return
    from shoptui.doctor.examine import read_engine
    from shoptui.doctor.terminal import read_terminal
    from shoptui.protocol import PROTOCOL, SCHEMA

    house = house_of(context)
    engine = asyncio.run(read_engine(house))
    terminal = read_terminal()
    running = engine.version or ("does not answer: " + engine.refused if engine.refused else "none runs")
    rows = {
        "engine": running,
        "protocol": f"{PROTOCOL}, schema {SCHEMA}",
        "house": "shared" if house.shared else "personal",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: _installed(name) for name in _PACKAGES},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "terminal": f"{terminal.term or 'none'} {terminal.colour_term} {terminal.columns}x{terminal.rows}",
        "locale": f"{terminal.locale or 'none'}, output {terminal.encoding}, files {sys.getfilesystemencoding()}",
    }
    for name, value in rows.items():
        click.echo(f"{name:<10} {value}")


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
