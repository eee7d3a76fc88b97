"""One batch ordered from the shell: previewed, asked about, ordered, and followed until it is settled."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from shoptui.client import EngineClient, EngineGone
from shoptui.commands import Level
from shoptui.domain.intents import Intent, IntentState, TargetKind, Verb
from shoptui.paths import DataDir
from shoptui.queries.filter import Query
from shoptui.queries.ordering import Arguments, OrderPart, chain_parts, order_requests
from shoptui.queries.preview import Preview, Target, preview
from shoptui.queries.types import Candidate
from shoptui.shell.connect import Stop, ask, engine_client, open_reader
from shoptui.shell.exits import Exit
from shoptui.shell.rows import me, read_rows
from shoptui.shell.saying import say, typed
from shoptui.store.reader import Reader, Sort
from shoptui.words import chain_head, left_out_sentence, may_be_words, orders_count, parcels_count, stores_count

_MOVING = frozenset({IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN})
_WENT_WRONG = (IntentState.FAILED, IntentState.NOT_DONE, IntentState.TAKEN_BACK)

#: Targets that are named by the order they are of.
_OF_ORDERS = frozenset({TargetKind.ORDER.value, TargetKind.PACKAGE.value})

ArgumentsByVerb = Mapping[Verb, Callable[[Target], Arguments]]
FoundT = TypeVar("FoundT")


@dataclass(frozen=True, slots=True)
class How:
    """The options every ordering command has. `timeout_s`: how long to wait until everything is settled."""

    dry_run: bool
    yes: bool
    wait: bool
    timeout_s: float

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> How:
        """The values of `how_options`."""
        return cls(options["dry_run"], options["yes"], options["wait"], options["timeout"])


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be ordered.

    `prepare` may change the preview before it is shown (leave more out, with reasons). `arguments` are made when the
    targets are known; they may ask the engine. `level` 3 wants the count typed also where `--yes` is not given.
    """

    chain: tuple[Verb, ...]
    level: Level = Level.REACH
    arguments: ArgumentsByVerb | None = None
    prepare: Callable[[Preview, Sequence[Candidate]], Preview] | None = None
    afterwards: Callable[[EngineClient, Sequence[Intent]], object] | None = None


async def matching(reader: Reader, query: Query, sort: Sort, now: int, limit: int | None = None) -> list[int]:
    """Row ids of the orders that match, in the sort's order."""
    ids: list[int] = []
    async for chunk in reader.index(query, sort, now=now, operator=me()):
        ids.extend(chunk.ids)
        if limit is not None and len(ids) >= limit:
            return ids[:limit]
    return ids


@asynccontextmanager
async def opened(house: DataDir) -> AsyncIterator[Reader]:
    """The house's databases, read only. Raises Stop when there is no house yet, or none that can be read."""
    async with await open_reader(house) as reader:
        yield reader


async def candidates_of(reader: Reader, ids: Sequence[int], now: int) -> list[Candidate]:
    """What previews need of these orders, packages included."""
    return await read_rows(lambda part: reader.candidates(part, now, me(), parcels=True), ids)


async def run_job(house: DataDir, query: Query, job: Job, how: How) -> int:
    """Order it and return the command's exit code."""
    now = int(time.time())
    async with opened(house) as reader:
        ids = await matching(reader, query, Sort.parse("next"), now)
        candidates = await candidates_of(reader, ids, now)
        found = preview(job.chain, candidates, now)
        if job.prepare is not None:
            found = job.prepare(found, candidates)
        _print_preview(found, len(ids))
        if not found.ready:
            return Exit.NOTHING
        if how.dry_run:
            return Exit.OK
        if not how.yes and not confirmed(found.orders, chain_head([verb.value for verb in job.chain])):
            say("Nothing was ordered.")
            return Exit.NOTHING
        async with engine_client(house) as client:
            return await _order(client, reader, found, job, how)


def _print_preview(found: Preview, matched: int) -> None:
    stores = Counter(target.store_id for target in found.ready)
    head = chain_head([verb.value for verb in found.chain])
    counts_parcels = len(found.ready) != found.orders or found.chain[0] is Verb.SHIP
    parcels = f", {parcels_count(len(found.ready))}" if counts_parcels else ""
    say(f"{head} {found.orders} of {orders_count(matched)}{parcels}, {stores_count(len(stores))}")
    for store_id, count in sorted(stores.items()):
        say(f"  {store_id}  {count}")
    # Several reasons may read the same: people want one number for each sentence.
    left_out: Counter[str] = Counter()
    for reason_id, arguments, rows in found.left_out:
        left_out[left_out_sentence(reason_id, arguments)] += len(rows)
    for sentence, count in left_out.most_common():
        say(f"  left out {count}: {sentence}")
    for reason_id, arguments, rows in found.claimed:
        say(f"  {len(rows)} {left_out_sentence(reason_id, arguments)}")


def confirmed(count: int, what: str) -> bool:
    """Whether the person at the terminal typed the count."""
    return typed(str(count), f"Type {count} to {what.lower()}", "add --yes to order, or --dry-run to look.")


async def order_parts(
    client: EngineClient, reader: Reader, parts: Iterable[OrderPart], how: How, *, take_over: bool = False
) -> tuple[list[Intent], int]:
    """Order the parts and follow them; the intents as they end, none when nobody waits, and the exit code."""
    batches, refused = await order_batches(client, parts, **({"take_over": True} if take_over else {}))
    if not how.wait:
        return [], Exit.UNDECIDED

    async def read() -> list[Intent]:
        return [intent for batch_id in batches for intent in await reader.intents_of(batch_id)]

    async def is_over(intents: Sequence[Intent]) -> bool:
        return not is_moving(intents)

    intents = await followed(client, read, is_over, how.timeout_s)
    say_causes(intents)
    return intents, _report(intents, refused)


async def order_batches(client: EngineClient, parts: Iterable[OrderPart], **more: object) -> tuple[list[str], int]:
    """Order the parts, each a batch; the batches, and how many targets were refused, having said why."""
    batches: list[str] = []
    refused = ordered = 0
    for request in order_requests(parts, lambda: str(uuid.uuid4())):
        answer = await ask(client, "order", **request, **more)
        batches.append(str(request["batch_id"]))
        ordered += int(answer.body["accepted"])
        for refusal in answer.body["refused"]:
            refused += 1
            target = request["intents"][refusal["index"]]
            name = target["order_no" if target["target_kind"] in _OF_ORDERS else "target_id"]
            say(f"  refused {target['store_id']} {name}: {refusal['say']}")
    say(f"ordered {ordered}; batch {' '.join(batches)}")
    return batches, refused


def is_moving(intents: Iterable[Intent]) -> bool:
    """Whether any of them is not settled yet."""
    return any(intent.state in _MOVING for intent in intents)


async def followed(
    client: EngineClient,
    read: Callable[[], Awaitable[FoundT]],
    is_over: Callable[[FoundT], Awaitable[bool]],
    timeout_s: float,
) -> FoundT:
    """What `read` tells once it is over or the time is up, asked again whenever the engine tells of a change."""
    await client.subscribe()
    found = await read()
    try:
        async with asyncio.timeout(timeout_s):
            while not await is_over(found):
                await client.next_notice()
                found = await read()
    except (TimeoutError, EngineGone):
        return found
    return found


async def _order(client: EngineClient, reader: Reader, found: Preview, job: Job, how: How) -> int:
    await _known_printers(client, _printers_of(found, job.arguments or {}))
    intents, code = await order_parts(client, reader, chain_parts(found, job.arguments or {}), how)
    if not how.wait:
        return code
    if any(intent.verb is Verb.PRINT and intent.state in _MOVING for intent in intents):
        await _say_printers(client, intents)
    if job.afterwards is not None:
        done = job.afterwards(client, intents)
        if asyncio.iscoroutine(done):
            await done
    return code


def _printers_of(found: Preview, arguments: ArgumentsByVerb) -> set[str]:
    """The printers a batch names; none when it prints nothing."""
    if Verb.PRINT not in found.chain or (made := arguments.get(Verb.PRINT)) is None:
        return set()
    return {str(made(target).get("printer", "")) for target in found.ready} - {""}


async def _known_printers(client: EngineClient, names: Iterable[str]) -> None:
    """Order nothing for a printer that is not there: a misspelled one would be found out only after shipping.

    Raises Stop having said which printers there are.
    """
    if not (wanted := sorted(names)):
        return
    answer = await client.request("printers")
    if not answer.ok:
        say(f"{answer.say} Nothing was ordered.")
        raise Stop(Exit.FAILED)
    there = [str(each["name"]) for each in answer.body["printers"]]
    if missing := [name for name in wanted if name not in there]:
        known = f"There are: {', '.join(there)}." if there else "It has none; lpadmin adds one."
        say(f"The engine's machine has no printer {missing[0]}. {known} Nothing was ordered.")
        raise Stop(Exit.USAGE)


async def _say_printers(client: EngineClient, intents: Sequence[Intent]) -> None:
    """Where the labels lie that have not come out yet, what that printer does, and what helps."""
    waiting = Counter(
        str(intent.args.get("printer", ""))
        for intent in intents
        if intent.verb is Verb.PRINT and intent.state in _MOVING
    )
    try:
        answer = await client.request("printers")
    except EngineGone:
        say("  The engine stopped: what waits at a printer stays there, and is followed when it runs again.")
        return
    printers = {str(each["name"]): each for each in answer.body.get("printers", ())} if answer.ok else {}
    for name, count in waiting.items():
        labels = f"{count} label{'' if count == 1 else 's'}"
        if not answer.ok:
            say(f"  {labels} for {name}: {answer.say}")
        elif (printer := printers.get(name)) is None:
            say(f"  {labels} for {name}: there is no such printer now; these fail, then name another with --printer.")
        elif printer.get("reason") or printer.get("state") == "stopped":
            why = str(printer.get("reason") or "stopped")
            say(f"  {labels} at {name}, which is stopped ({why}): not lost, they come out once it goes on.")
            say(f"  Look at the printer; if it stays stopped: cupsenable {name} on the engine's machine.")
        else:
            say(f"  {labels} still at {name} ({printer.get('state', 'printing')}); wait, or look at the printer.")


def say_causes(intents: Iterable[Intent]) -> None:
    """Say why those that were not done were not, by cause."""
    causes = Counter(
        (intent.verb, intent.cause.id, intent.cause.message)
        for intent in intents
        if intent.cause is not None and intent.state in _WENT_WRONG
    )
    for (verb, cause, message), count in causes.most_common(20):
        why = cause.value.replace("_", " ") + (f" ({message})" if message else "")
        say(f"  {count} not {may_be_words(verb.value)}: {why}")


def _report(intents: Sequence[Intent], refused: int) -> int:
    """Say how many of each verb are in which state; returns the exit code."""
    verbs = list(dict.fromkeys(intent.verb for intent in intents))
    for verb in verbs:
        states = Counter(intent.state for intent in intents if intent.verb is verb)
        counted = ", ".join(f"{count} {state.value}" for state, count in sorted(states.items()))
        say(counted if len(verbs) == 1 else f"{verb.value}: {counted}")
    states = Counter(intent.state for intent in intents)
    undecided = sum(states.values()) - states[IntentState.DONE] - sum(states[state] for state in _WENT_WRONG)
    if any(states[state] for state in _WENT_WRONG) or refused:
        return Exit.FAILED
    return Exit.UNDECIDED if undecided else Exit.OK
