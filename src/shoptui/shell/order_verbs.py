"""The verbs of `shoptui orders`: each the twin of a key, with the same preview, the same rules and the same engine."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from shoptui.commands import Level
from shoptui.domain.intents import Verb
from shoptui.domain.verbs import (
    BadArguments,
    CancelAnswer,
    CancelChoice,
    DocumentChoice,
    DocumentKind,
    PrintChoice,
    SellerNote,
    VerbArgs,
    read_args,
    write_args,
)
from shoptui.paths import DataDir
from shoptui.queries.admission import Why
from shoptui.queries.filter import Query
from shoptui.queries.ordering import Arguments, same_for_all
from shoptui.queries.preview import SHIP_AND_LABEL, SHIP_AND_PRINT, Preview, Target, preview, print_preview
from shoptui.queries.types import Candidate
from shoptui.shell.connect import Stop, ask, end_with, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.order_batch import Job, candidates_of, confirmed, matching, opened
from shoptui.shell.order_options import EXIT_HELP, how_options, run_filtered, which_options
from shoptui.shell.order_papers import pick_list_command, save_labels
from shoptui.shell.order_regroup import combine, split
from shoptui.shell.order_tracking import change_tracking, ship_own
from shoptui.shell.rows import Decorated, in_parts, parsed, read_rows, yes_option
from shoptui.shell.saying import say
from shoptui.store.reader import Sort

_METHODS = {"pickup": "PICKUP", "drop-off": "DROP_OFF"}
_DOCUMENTS = [kind.value.replace("_", "-") for kind in DocumentKind]
#: One request to the engine about our own marks on orders names at most this many.
_ORDERS_AT_ONCE = 5000
#: Among so many of the orders that match, one is looked for to ask what may be chosen.
_ORDERS_LOOKED_AT = 500
#: Verbs whose choices a marketplace tells only for an order they can be done to.
_REASONED = frozenset({Verb.CANCEL, Verb.ANSWER_CANCEL})


def _document(command: Decorated) -> Decorated:
    command = click.option("--size", default="", help="Such as A6; the marketplace's usual one, if left out.")(command)
    return click.option(
        "--document", type=click.Choice(_DOCUMENTS), default="label", show_default=True, help="What to print."
    )(command)


def _choice(document: str, size: str) -> DocumentChoice:
    return DocumentChoice(DocumentKind(document.replace("-", "_")), size)


def _checked(verb: Verb, args: VerbArgs) -> Callable[[Target], Arguments]:
    """The arguments for every target; ones that make no sense end the command before anything is read."""
    try:
        read_args(verb, write_args(args))
    except BadArguments as error:
        raise click.UsageError(str(error)) from error
    return same_for_all(args)


@click.command("ship", epilog=EXIT_HELP)
@which_options
@click.option("--method", type=click.Choice(list(_METHODS)), help="As the store's setting says, if left out.")
@click.option("--labels", is_flag=True, help="Fetch the labels too and keep them in the house.")
@click.option("--print", "printer", default="", metavar="PRINTER", help="Fetch the labels and print them there.")
@_document
@how_options
@click.pass_context
def ship(
    context: click.Context,
    /,
    filter_text: str,
    method: str | None,
    labels: bool,
    printer: str,
    document: str,
    size: str,
    **options: Any,
) -> None:
    """Arrange shipment for every order that matches. Held like in the cockpit, then sent."""
    chain = SHIP_AND_PRINT if printer else SHIP_AND_LABEL if labels else (Verb.SHIP,)
    shipping = {} if method is None else {"method": _METHODS[method]}
    choice = _choice(document, size)
    arguments: dict[Verb, Callable[[Target], Arguments]] = {
        Verb.SHIP: lambda target: shipping,
        Verb.LABEL: same_for_all(choice),
    }
    if printer:
        arguments[Verb.PRINT] = _checked(Verb.PRINT, PrintChoice(printer, choice))
    run_filtered(context, filter_text, Job(chain, arguments=arguments), options)


@click.command("label", epilog=EXIT_HELP)
@which_options
@_document
@how_options
@click.pass_context
def label(context: click.Context, /, filter_text: str, document: str, size: str, **options: Any) -> None:
    """Fetch the labels of arranged orders and keep them in the house."""
    job = Job((Verb.LABEL,), arguments={Verb.LABEL: same_for_all(_choice(document, size))})
    run_filtered(context, filter_text, job, options)


@click.command("print", epilog=EXIT_HELP)
@which_options
@click.option("--printer", required=True, help="A queue of the engine's machine; shoptui doctor lists them.")
@click.option("--again", default="", metavar="REASON", help="Print once more what was printed before, and why.")
@_document
@how_options
@click.pass_context
def print_labels(
    context: click.Context, /, filter_text: str, printer: str, again: str, document: str, size: str, **options: Any
) -> None:
    """Print the labels of arranged orders, fetching what is not here yet; what was printed before is left out."""
    choice = _choice(document, size)
    arguments = {
        Verb.LABEL: same_for_all(choice),
        Verb.PRINT: _checked(Verb.PRINT, PrintChoice(printer, choice, again)),
    }
    if again:
        run_filtered(context, filter_text, Job((Verb.PRINT,), Level.COSTS, arguments, _fetched_anew), options)
    run_filtered(context, filter_text, Job(SHIP_AND_PRINT, Level.REACH, arguments, _arranged_only), options)


def _fetched_anew(found: Preview, candidates: Sequence[Candidate]) -> Preview:
    """A label whose tracking number is not the parcel's any more is fetched before it is printed again."""
    return print_preview(candidates, found.now)


def _arranged_only(found: Preview, candidates: Sequence[Candidate]) -> Preview:
    """Printing arranges nothing: orders that wait to be shipped are left out."""
    waiting = {(target.store_id, target.target_id): Why("not_arranged") for target in found.starting(Verb.SHIP)}
    return found.without(waiting)


@click.command("cancel", epilog=EXIT_HELP)
@which_options
@click.option(
    "--reason", required=True, help="The marketplace's own, its id or its words; shoptui orders reasons lists them."
)
@how_options
@click.pass_context
def cancel(context: click.Context, /, filter_text: str, reason: str, **options: Any) -> None:
    """Cancel orders as the seller: this costs standing."""
    _checked(Verb.CANCEL, CancelChoice(reason))
    ids = _reason_ids(context, filter_text, Verb.CANCEL, reason)

    def chosen(target: Target) -> Arguments:
        return write_args(CancelChoice(ids.get(target.store_id, reason)))

    arguments = {Verb.CANCEL: chosen}
    run_filtered(context, filter_text, Job((Verb.CANCEL,), Level.COSTS, arguments), options)


@click.command("answer-cancel", epilog=EXIT_HELP)
@which_options
@click.option("--accept/--refuse", "accept", required=True, default=None, help="Agree, or refuse with a reason.")
@click.option("--reason", default="", help="The marketplace's own reason for refusing, its id or its words.")
@click.option("--comment", default="", help="A word to the buyer, where the marketplace takes one.")
@how_options
@click.pass_context
def answer_cancel(
    context: click.Context, /, filter_text: str, accept: bool, reason: str, comment: str, **options: Any
) -> None:
    """Answer buyers who ask to cancel."""
    if not accept and not reason:
        raise click.UsageError("Refusing needs --reason; shoptui orders reasons --verb answer_cancel lists them.")
    _checked(Verb.ANSWER_CANCEL, CancelAnswer(accept, reason, comment))
    ids = {} if accept else _reason_ids(context, filter_text, Verb.ANSWER_CANCEL, reason)

    def chosen(target: Target) -> Arguments:
        return write_args(CancelAnswer(accept, ids.get(target.store_id, reason), comment))

    arguments = {Verb.ANSWER_CANCEL: chosen}
    run_filtered(context, filter_text, Job((Verb.ANSWER_CANCEL,), Level.COSTS, arguments), options)


@click.command("note", epilog=EXIT_HELP)
@which_options
@click.option("--text", "words", required=True, help="What to write.")
@click.option("--ours", is_flag=True, help="Keep it here also where the marketplace would take it.")
@how_options
@click.pass_context
def note(context: click.Context, /, filter_text: str, words: str, ours: bool, **options: Any) -> None:
    """Write a note: to the marketplace's seller note, or to our own where it has none or --ours is given.

    Our own never leaves the house.
    """

    def requests(orders: Sequence[list[str]]) -> list[dict[str, Any]]:
        return [{"order": order, "text": words} for order in orders]

    if ours:
        _mark(context, filter_text, options, "note", requests)
    arguments = {Verb.NOTE: _checked(Verb.NOTE, SellerNote(words))}
    query, house = parsed(filter_text), house_of(context)
    try:
        cannot = _without_note(asyncio.run(_options(house, query, Verb.NOTE)))
        if cannot:
            for store_id, why in sorted(cannot.items()):
                say(f"{store_id}: goes to our own notes, which never reach the marketplace. {why}".rstrip())
            code, left = asyncio.run(_note_ours(house, query, options, requests, frozenset(cannot)))
            if not left or code not in (Exit.OK, Exit.NOTHING):
                sys.exit(code)
    except Stop as stop:
        sys.exit(stop.code)

    def theirs(found: Preview, candidates: Sequence[Candidate]) -> Preview:
        return found.without(
            {
                (target.store_id, target.target_id): Why("ours_only")
                for target in found.ready
                if target.store_id in cannot
            }
        )

    run_filtered(context, filter_text, Job((Verb.NOTE,), arguments=arguments, prepare=theirs), options)


def _without_note(options: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The stores whose marketplace takes no seller note now, each with the reason."""
    return {store_id: str(found["unsupported"]) for store_id, found in options.items() if "unsupported" in found}


async def _note_ours(
    house: DataDir,
    query: Query,
    options: Mapping[str, Any],
    requests: Callable[[Sequence[list[str]]], list[dict[str, Any]]],
    stores: frozenset[str],
) -> tuple[int, bool]:
    """Keep the note here for these stores' orders; returns the exit code, and whether other stores' orders match."""
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, query, Sort.parse("next"), now)
        rows = await read_rows(lambda part: reader.rows(part, now), ids)
    left = any(row.store_id not in stores for row in rows)
    return await _mark_all(house, query, options, "note", requests, stores), left


@click.command("hold")
@which_options
@click.option("--reason", default="", help="Why, for colleagues.")
@yes_option
@click.pass_context
def hold(context: click.Context, /, filter_text: str, reason: str, yes: bool) -> None:
    """Hold orders back: nobody ships what is held until it is released."""
    fields = {"on": True, **({"reason": reason} if reason else {})}
    _mark(context, filter_text, {"yes": yes}, "hold", lambda orders: [{"orders": orders, **fields}])


@click.command("release")
@which_options
@yes_option
@click.pass_context
def release(context: click.Context, /, filter_text: str, yes: bool) -> None:
    """Let held orders go again."""
    _mark(context, filter_text, {"yes": yes}, "hold", lambda orders: [{"orders": orders, "on": False}])


@click.command("tag")
@which_options
@click.argument("tag_name", metavar="TAG")
@click.option("--off", is_flag=True, help="Take it off.")
@yes_option
@click.pass_context
def tag(context: click.Context, /, filter_text: str, tag_name: str, off: bool, yes: bool) -> None:
    """Put one of our tags on orders, or take it off."""
    _mark(
        context,
        filter_text,
        {"yes": yes},
        "tag",
        lambda orders: [{"orders": orders, "tag": tag_name, "on": not off}],
    )


def _mark(
    context: click.Context,
    /,
    filter_text: str,
    options: Mapping[str, Any],
    do: str,
    requests: Callable[[Sequence[list[str]]], list[dict[str, Any]]],
) -> None:
    """Change something of ours on every order that matches; ends the command."""
    query = parsed(filter_text)
    end_with(_mark_all(house_of(context), query, options, do, requests))


async def _mark_all(
    house: DataDir,
    query: Query,
    options: Mapping[str, Any],
    do: str,
    requests: Callable[[Sequence[list[str]]], list[dict[str, Any]]],
    stores: frozenset[str] | None = None,
) -> int:
    """The same; with `stores` only on the orders of these."""
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, query, Sort.parse("next"), now)
        rows = await read_rows(lambda part: reader.rows(part, now), ids)
    orders = [[row.store_id, row.order_no] for row in rows if stores is None or row.store_id in stores]
    if not orders:
        say("No order matches.")
        return Exit.NOTHING
    if options.get("dry_run"):
        say(f"{do} {len(orders)} orders")
        return Exit.OK
    if not options["yes"] and not confirmed(len(orders), do):
        say("Nothing was changed.")
        return Exit.NOTHING
    changed = 0
    async with engine_client(house) as client:
        for part in in_parts(orders, _ORDERS_AT_ONCE):
            for fields in requests(part):
                answer = await ask(client, do, **fields)
                changed += len(answer.body["changed"]) if "changed" in answer.body else 1
    say(f"{changed} of {len(orders)} changed")
    return Exit.OK


@click.command("reasons")
@which_options
@click.option(
    "--verb",
    "verb_name",
    type=click.Choice(
        [Verb.CANCEL.value, Verb.ANSWER_CANCEL.value, Verb.SHIP_OWN.value, Verb.LABEL.value, Verb.COMBINE.value]
    ),
    default=Verb.CANCEL.value,
    show_default=True,
)
@click.pass_context
def reasons(context: click.Context, /, filter_text: str, verb_name: str) -> None:
    """What the marketplaces let choose: reasons, carriers or documents, by store, for the first order that matches."""
    query = parsed(filter_text)
    end_with(_reasons(house_of(context), query, verb_name))


async def _reasons(house: DataDir, query: Query, verb_name: str) -> int:
    options = await _options(house, query, Verb(verb_name))
    if not options:
        say("No order matches.")
        return Exit.NOTHING
    for store_id, found in sorted(options.items()):
        if "unsupported" in found:
            say(f"{store_id}: {found['unsupported']}")
            continue
        for key in ("reasons", "providers"):
            for choice_id, words in found.get(key, ()):
                click.echo(f"{store_id}\t{choice_id}\t{words}")
        for order_no, package_id in found.get("combinable", ()):
            click.echo(f"{store_id}\t{package_id}\t{order_no}")
        for kind, sizes, form in found.get("documents", ()):
            click.echo(f"{store_id}\t{kind}\t{' '.join(sizes)} {form}".rstrip())
    return Exit.OK


async def _options(house: DataDir, query: Query, verb: Verb) -> Mapping[str, Mapping[str, Any]]:
    """What may be chosen in each store, asked for the first order that the verb can do there, else for the first that
    matches; nothing where none matches."""
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, query, Sort.parse("next"), now, _ORDERS_LOOKED_AT)
        rows = await reader.rows(ids, now)
        candidates = await candidates_of(reader, ids, now) if verb in _REASONED else []
    if not rows:
        return {}
    first = {row.store_id: row.order_no for row in reversed(rows)}
    if candidates:
        first |= {target.store_id: target.order_no for target in reversed(preview((verb,), candidates, now).ready)}
    async with engine_client(house) as client:
        answer = await ask(client, "choices", verb=verb.value, targets=[list(pair) for pair in sorted(first.items())])
    options: Mapping[str, Mapping[str, Any]] = answer.body["options"]
    return options


def _reason_ids(context: click.Context, filter_text: str, verb: Verb, reason: str) -> dict[str, str]:
    """The id that a reason's words have in each store; what no store's list has ends the command with the lists.

    A store whose list does not have it is left out where another's does: the marketplace will say.
    """
    query = parsed(filter_text)
    try:
        options = asyncio.run(_options(house_of(context), query, verb))
    except Stop as stop:
        sys.exit(stop.code)
    wanted = reason.strip().casefold()
    lists = {store_id: found["reasons"] for store_id, found in options.items() if found.get("reasons")}
    ids = {
        store_id: choice_id
        for store_id, choices in lists.items()
        for choice_id, words in choices
        if wanted in {words.casefold(), choice_id.casefold()}
    }
    if lists and not ids:
        there = "; ".join(dict.fromkeys(", ".join(words for _id, words in choices) for choices in lists.values()))
        raise click.UsageError(
            f"No marketplace here has the reason {reason!r}. Nothing was ordered. There are: {there}."
        )
    return ids


VERB_COMMANDS: tuple[click.Command, ...] = (
    ship,
    ship_own,
    change_tracking,
    label,
    print_labels,
    save_labels,
    pick_list_command,
    cancel,
    answer_cancel,
    split,
    combine,
    note,
    hold,
    release,
    tag,
    reasons,
)
