"""A push of stock from the shell: previewed, asked about, ordered, and followed also where sales overtake it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from shoptui.client import EngineClient
from shoptui.domain.intents import Verb
from shoptui.domain.shares import ShareRule
from shoptui.domain.verbs import write_args
from shoptui.paths import DataDir
from shoptui.queries.ordering import OrderPart
from shoptui.queries.stock import Pushed
from shoptui.queries.stock_outcome import PushEnd, PushOutcome, is_undecided, push_outcomes
from shoptui.queries.stock_preview import PushPreview
from shoptui.shell.connect import engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.order_batch import How, confirmed, followed, is_moving, order_batches, say_causes
from shoptui.shell.saying import say
from shoptui.store.reader import Reader
from shoptui.words.stock import listings_count, pools_count, why_out_words

_SHOWN = 20
_ENDS: Mapping[PushEnd, str] = {
    PushEnd.DONE: "done",
    PushEnd.SAME: "right already",
    PushEnd.LEFT: "overtaken: look, and push again",
    PushEnd.FAILED: "failed",
    PushEnd.TAKEN_BACK: "taken back",
    PushEnd.OPEN: "not decided yet",
}
_WELL = frozenset({PushEnd.DONE, PushEnd.SAME})


async def push_pools(house: DataDir, reader: Reader, found: PushPreview, rule: ShareRule | None, how: How) -> int:
    """Push what the preview shows; the command's exit code. `rule` is the one it used, None for each pool's own."""
    _print_preview(found)
    if not found.ready:
        return Exit.NOTHING
    if how.dry_run:
        return Exit.OK
    if not how.yes and not confirmed(len(found.ready), "push"):
        say("Nothing was ordered.")
        return Exit.NOTHING
    part = OrderPart(Verb.SET_STOCK, found.ready, lambda target: write_args(found.args(target)))
    async with engine_client(house) as client:
        more = {} if rule is None else {"rule": rule.as_data()}
        batches, refused = await order_batches(client, [part], **more)
        if not how.wait:
            return Exit.UNDECIDED
        outcomes = push_outcomes(await _ended(client, reader, batches, how.timeout_s))
    skus = {push.candidate.stock.key: push.candidate.sku for push in found.pushes}
    _print_outcomes(outcomes, skus)
    ends = {outcome.end for outcome in outcomes}
    if ends - _WELL - {PushEnd.OPEN} or refused:
        return Exit.FAILED
    return Exit.UNDECIDED if PushEnd.OPEN in ends else Exit.OK


async def _ended(client: EngineClient, reader: Reader, batches: Sequence[str], timeout_s: float) -> list[Pushed]:
    """The writes once all are settled and the engine works nothing out anew any more, or the time is up."""

    async def read() -> list[Pushed]:
        return [write for batch_id in batches for write in await reader.stock.pushed(batch_id)]

    async def is_over(writes: Sequence[Pushed]) -> bool:
        if is_moving(write.intent for write in writes):
            return False
        if not any(map(is_undecided, writes)):
            return True
        for batch_id in batches:
            answer = await client.request("push_undecided", batch_id=batch_id)
            if answer.ok and answer.body["undecided"]:
                return False
        # What was decided while we asked has been ordered by now.
        return await read() == writes

    return await followed(client, read, is_over, timeout_s)


def _print_preview(found: PushPreview) -> None:
    total = sum(len(push.found.shares) + len(push.found.left_out) for push in found.pushes)
    say(f"PUSH {pools_count(len(found.pushes))} to {len(found.ready)} of {listings_count(total)}")
    for push in found.pushes[:_SHOWN]:
        shares = "  ".join(
            f"{share.listing.store_id} {share.listing.shows}>{share.shows}"
            for share in push.found.shares
            if share.changes
        )
        if shares:
            say(f"  {push.candidate.sku}  {shares}  (keeps {push.found.buffer} back)")
    if len(found.pushes) > _SHOWN:
        say(f"  and {pools_count(len(found.pushes) - _SHOWN)} more")
    if found.uncounted:
        say(f"  left out {pools_count(len(found.uncounted))}: {why_out_words('not_counted')}")
    for reason_id, _arguments, rows in found.left_out:
        say(f"  left out {len(rows)}: {why_out_words(reason_id)}")
    if found.thin:
        say(f"  {pools_count(len(found.thin))} keep less back than sells while they are written")


def _print_outcomes(outcomes: Sequence[PushOutcome], skus: Mapping[str, str]) -> None:
    """Say what became of each listing; of many only those that did not go well."""
    told = outcomes if len(outcomes) <= _SHOWN else [one for one in outcomes if one.end not in _WELL]
    for one in told[:_SHOWN]:
        say(f"  {_line(one, skus)}")
    if len(told) > _SHOWN:
        say(f"  and {listings_count(len(told) - _SHOWN)} more")
    say_causes(one.last for one in outcomes if one.end is PushEnd.FAILED)
    ends = Counter(one.end for one in outcomes)
    say(", ".join(f"{ends[end]} {words}" for end, words in _ENDS.items() if ends[end]))
    windows = [one.window_ms for one in outcomes if one.window_ms is not None]
    if windows:
        say(f"longest time between reading and writing: {max(windows) / 1000:.1f} s")


def _line(one: PushOutcome, skus: Mapping[str, str]) -> str:
    pool = str(one.first.args.get("pool", ""))
    change = f"{one.first.args.get('seen', '?')}>{one.last.args['shows']}"
    again = f", worked out anew {one.again}x" if one.again else ""
    return f"{skus.get(pool, pool)}  {one.last.store_id} {change}  {_ENDS[one.end]}{again}"
