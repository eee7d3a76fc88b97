"""`shoptui orders ship-own` and `change-tracking`: numbers of the seller's own carriers, one or a file of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from shoptui.commands import Level
from shoptui.domain.intents import Verb
from shoptui.domain.verbs import BadArguments, OwnShipping, check_tracking, write_args
from shoptui.queries.admission import Why
from shoptui.queries.ordering import Arguments
from shoptui.queries.preview import Preview, Target
from shoptui.queries.tracking_file import BadTrackingFile, TrackingLine, decode_tracking, read_tracking
from shoptui.queries.types import Candidate
from shoptui.shell.exits import Exit
from shoptui.shell.order_batch import Job
from shoptui.shell.order_options import EXIT_HELP, how_options, run_filtered
from shoptui.shell.saying import say

_NO_NUMBER = Why("no_number", {"say": "the file has no tracking number for them"})
_TWO_STORES = Why("two_stores", {"say": "several stores have an order with this number: narrow to one with --filter"})
_SEVERAL = Why("several_parcels", {"say": "several parcels: give each its number in the cockpit"})


def _options(command: Any) -> Any:
    for option in (
        click.option(
            "--csv",
            "file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Columns order, tracking number and, if wanted, carrier.",
        ),
        click.option("--carrier", default="", help="As the marketplace calls it; shoptui orders reasons lists them."),
        click.option("--tracking", "number", default="", help="The number, for a filter that matches one order."),
        click.option(
            "--filter", "filter_text", default="", help="Which orders; with --csv all open ones, if left out."
        ),
    ):
        command = option(command)
    return command


@click.command("ship-own", epilog=EXIT_HELP)
@_options
@how_options
@click.pass_context
def ship_own(
    context: click.Context, /, filter_text: str, number: str, carrier: str, file: Path | None, **options: Any
) -> None:
    """Tell the marketplace that parcels went with your own carrier, with their tracking numbers."""
    _run(context, Verb.SHIP_OWN, filter_text, number, carrier, file, options)


@click.command("change-tracking", epilog=EXIT_HELP)
@_options
@how_options
@click.pass_context
def change_tracking(
    context: click.Context, /, filter_text: str, number: str, carrier: str, file: Path | None, **options: Any
) -> None:
    """Correct the tracking numbers of parcels that went with your own carrier; marketplaces take it once."""
    _run(context, Verb.CHANGE_TRACKING, filter_text, number, carrier, file, options)


def _run(
    context: click.Context,
    verb: Verb,
    filter_text: str,
    number: str,
    carrier: str,
    file: Path | None,
    options: Mapping[str, Any],
) -> None:
    if (file is None) == (not number):
        raise click.UsageError("Give either --tracking with a filter for one order, or --csv with a file.")
    if file is not None:
        lines = {line.order_no: line for line in _lines(file)}
        filter_text = filter_text or "is:open"
    else:
        if not filter_text:
            raise click.UsageError("--tracking needs --filter for the one order it belongs to.")
        try:
            lines = {"": TrackingLine(1, "", check_tracking(number))}
        except BadArguments as error:
            raise click.UsageError(str(error)) from error

    def arguments(target: Target) -> Arguments:
        line = lines.get(target.order_no) or lines[""]
        return write_args(OwnShipping(line.tracking_number, provider_name=line.provider or carrier))

    def with_numbers(found: Preview, candidates: Sequence[Candidate]) -> Preview:
        if file is None and len(found.ready) > 1:
            say(f"This matches {len(found.ready)} parcels; one number is for one of them.")
            sys.exit(Exit.USAGE)
        if file is not None and (unknown := sorted(set(lines) - {candidate.order_no for candidate in candidates})):
            named = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
            say(f"  in the file, but not among these orders: {named}")
        parcels: dict[tuple[str, str], int] = {}
        stores: dict[str, set[str]] = {}
        for target in found.ready:
            key = (target.store_id, target.order_no)
            parcels[key] = parcels.get(key, 0) + 1
            stores.setdefault(target.order_no, set()).add(target.store_id)
        left_out: dict[tuple[str, str], Why] = {}
        for target in found.ready:
            if file is not None and target.order_no not in lines:
                left_out[target.store_id, target.target_id] = _NO_NUMBER
            elif len(stores[target.order_no]) > 1:
                left_out[target.store_id, target.target_id] = _TWO_STORES
            elif parcels[target.store_id, target.order_no] > 1:
                # A line of the file names an order; which of its parcels is meant, nobody can say.
                left_out[target.store_id, target.target_id] = _SEVERAL
        return found.without(left_out)

    job = Job((verb,), Level.REACH, {verb: arguments}, with_numbers)
    run_filtered(context, filter_text, job, options)


def _lines(file: Path) -> Sequence[TrackingLine]:
    """The file's lines; one wrong line and nothing of it is used, so that a shifted column ships nothing."""
    try:
        read = read_tracking(decode_tracking(file.read_bytes()))
    except (OSError, BadTrackingFile) as error:
        raise click.UsageError(f"{file}: {error}") from error
    problems = list(read.problems)
    problems += [f"Line {line.line}: the order number is missing." for line in read.lines if not line.order_no]
    if problems:
        more = f" And {len(problems) - 5} more." if len(problems) > 5 else ""
        raise click.UsageError(f"{file}: nothing was sent. " + " ".join(problems[:5]) + more)
    return read.lines
