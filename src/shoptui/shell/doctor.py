"""`shoptui doctor`: looks at terminal, machine and house, and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict

import click

from shoptui.doctor.examine import examine_house, examine_terminal
from shoptui.doctor.finding import Finding, State, any_bad
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import wrapped

_WORDS = {State.OK: "ok", State.UNKNOWN: "?", State.WARN: "look", State.BAD: "BAD"}
#: Named things (stores, printers) are listed under their kind.
_NAME_CELLS = 22


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def doctor(context: click.Context, form: str) -> None:
    """Look at terminal, machine and house; exit code 1 when something does not work.

    Nothing is changed and no engine is started. Each line is ok, ? (cannot be seen from here), look (works, but look at
    it) or BAD (does not work).
    """
    house = house_of(context)
    findings = [*examine_terminal(), *asyncio.run(examine_house(house))]
    if form == "json":
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(wrapped(_lines(finding), sys.stdout, _NAME_CELLS + 6))
    sys.exit(Exit.FAILED if any_bad(findings) else Exit.OK)


def _lines(finding: Finding) -> str:
    said = f"{_WORDS[finding.state]:<5}{finding.id.replace(':', ' '):<{_NAME_CELLS}} {finding.said}"
    return f"{said}\n{' ' * (_NAME_CELLS + 6)}-> {finding.todo}" if finding.todo else said
