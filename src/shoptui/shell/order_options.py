"""The options that all ordering commands share, and how they become a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from shoptui.shell.connect import end_with
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import How, Job, run_job
from shoptui.shell.rows import Decorated, parsed, yes_option

EXIT_HELP = (
    "Exit codes: 0 all done, 1 some failed, 3 nothing to do, 4 no engine, 5 some not decided yet, 6 not allowed."
)


def which_options(command: Decorated) -> Decorated:
    """`--filter`, which has to be given."""
    return click.option("--filter", "filter_text", required=True, help="Which orders; the language of the / key.")(
        command
    )


def how_options(command: Decorated) -> Decorated:
    """The options of every command that orders something at a marketplace or a printer."""
    for option in (
        click.option(
            "--timeout", type=click.FloatRange(min=1), default=600, show_default=True, help="Seconds to wait."
        ),
        click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until everything is settled."),
        yes_option,
        click.option("--dry-run", is_flag=True, help="Say what would be done and what is left out; order nothing."),
    ):
        command = option(command)
    return command


def run_filtered(context: click.Context, filter_text: str, job: Job, options: Mapping[str, Any]) -> None:
    """Order a job on what the filter matches; ends the command with its exit code."""
    end_with(run_job(house_of(context), parsed(filter_text), job, How.of(options)))
