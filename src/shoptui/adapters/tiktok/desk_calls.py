"""What TikTok Shop's desks have in common: refusals as outcomes, orders looked up, and lines as units."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from shoptui.adapters import singles
from shoptui.adapters.base import Rejected, Verdict
from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.http import Answer
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.errors import cause_of, verdict_of
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.wire import BatchAnswer, PlainAnswer, RowError, read_envelope
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store

_KEY_MAX = 255


async def send_each(requests: Sequence[Request], one: Callable[[Request], Awaitable[Outcome]]) -> list[Outcome]:
    """One write per request; see `singles.send_each`."""
    return await singles.send_each(requests, one, refusal_outcome)


async def answer_buyer(
    client: ShopClient, store: Store, request: Request, endpoint: str, path: str, body: Mapping[str, object], feed: str
) -> None:
    """Say yes or no to a buyer's request; the intent's key makes a repetition the same answer. Raises AdapterError."""
    await client.call(
        store,
        endpoint,
        "POST",
        path,
        lambda answer: read_envelope(answer, PlainAnswer),
        feed=feed,
        params={"idempotency_key": request.key[:_KEY_MAX]} if request.key else None,
        body=body,
        write=True,
    )


def refusal_outcome(refusal: Rejected) -> Outcome:
    """A refusal of one request by its code: settled already, to be looked at again, or refused."""
    verdict, _ = verdict_of(refusal.code, "")
    return Outcome(verdict, None if verdict is Verdict.ALREADY else refusal.cause)


def call_refused(refusal: Rejected) -> Outcome:
    """The outcome of every request of a call for several that was refused as a whole."""
    verdict, _ = verdict_of(refusal.code, "")
    if verdict is Verdict.REFUSED:
        return Outcome(verdict, refusal.cause, whole_call=True)
    # "Already shipped" and "not ready" speak of one package; of which, only reading back can tell.
    return Outcome(Verdict.WAIT, refusal.cause)


def row_errors(answer: Answer) -> Sequence[RowError]:
    """The refused rows of a batch call."""
    data = read_envelope(answer, BatchAnswer).data
    return (data.errors if data else None) or ()


def row_outcomes(ids: Sequence[str], errors: Sequence[RowError]) -> Mapping[str, Outcome]:
    """A batch answer row by row: rows without an error are done, provided that every error names one of ours."""
    outcomes: dict[str, Outcome] = {}
    stray: RowError | None = None
    for error in errors:
        row_id = (error.detail.package_id if error.detail else None) or ""
        if row_id not in ids:
            stray = error
            continue
        outcomes[row_id] = Outcome(*verdict_of(error.code, error.message or ""))
    # An error of nobody may be anybody's: the rest is read back before it counts as done.
    rest = Verdict.DONE if stray is None else Verdict.WAIT
    cause = cause_of(stray.code, stray.message or "") if stray is not None else None
    return {row_id: outcomes.get(row_id, Outcome(rest, cause)) for row_id in ids}


async def orders_of(
    reader: OrderReader, store: Store, requests: Sequence[Request], *, feed: str
) -> Mapping[str, Order]:
    """The requests' orders by number, as they are now; those TikTok Shop does not show are missing."""
    page = await reader.by_no(store, [request.order_no for request in requests], feed=feed)
    return {order.order_no: order for order in page.orders}


def units_of_groups(order: Order, groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Line ids as TikTok Shop's unit ids, group by group.

    A line of several units has the id of its first unit, and that id means the whole line, less the units that are
    named by themselves; any other unit's id means that unit. Ids the order does not have stay as they are.
    """
    named = {line_id for group in groups for line_id in group}
    whole = {
        line.line_id: [unit for unit in line.unit_ids if unit == line.line_id or unit not in named]
        for line in order.lines
        if line.unit_ids
    }
    return [[unit for line_id in group for unit in whole.get(line_id, [line_id])] for group in groups]


def units_of(order: Order, line_ids: Sequence[str]) -> list[str]:
    """Line ids as unit ids, each once; a line's own id means all of its units."""
    (units,) = units_of_groups(order, [line_ids])
    return list(dict.fromkeys(units))
