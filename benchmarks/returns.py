"""Returns: opening its list over many requests on a pseudo-terminal, and finding one by a scanned number."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.orders import bench_credentials, bench_stores, bench_tokens
from benchmarks.report import Figure, Report, percentile
from benchmarks.screen import measure_first_visits
from shoptui.domain.money import Money
from shoptui.domain.return_clock import ReturnBook
from shoptui.domain.returns import ReturnAsk, ReturnLine, ReturnRequest, ReturnState
from shoptui.domain.stores import Store
from shoptui.engine.enrol import enrol
from shoptui.exchange import load_rates
from shoptui.paths import DataDir
from shoptui.rulebook import load_rule_book
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer

_PAGE = 2000
_DAY_S = 24 * 3600
#: One in so many waits for the store's answer; the others are anywhere on their way or ended.
_OURS_EVERY = 10
_REASON = "broken on the way"
_STATES = tuple(ReturnState)


def measure_returns(count: int, report: Report, times: int = 3, scans: int = 200) -> None:
    """Opening Returns the first time in several cockpits, and looking up what is scanned; no engine runs."""
    with tempfile.TemporaryDirectory(prefix="shoptui-bench-") as root:
        house = asyncio.run(_big_returns(Path(root), count))
        measure_first_visits(report, house.root, f"Returns, {count:,} requests,", "r", _REASON, times)
        found_ms = asyncio.run(_scanned(house, count, scans))
        report.add(Figure("a parcel of a return, scanned: its request", percentile(found_ms, 0.5), "ms", 5))


async def _big_returns(root: Path, count: int) -> DataDir:
    """A house with so many requests of a month."""
    house, now = DataDir(root), int(time.time())
    shops = bench_stores(12)
    await enrol(house, [bench_credentials()], [(store, bench_tokens(now)) for store in shops])
    async with await Writer.open(house, now) as writer:
        writer.returns.follow(ReturnBook(load_rule_book(), shops), load_rates())
        for first in range(0, count, _PAGE):
            numbers = range(first, min(first + _PAGE, count))
            requests = [_request(shops[number % len(shops)], number, now) for number in numbers]
            await writer.returns.put_requests(requests, now)
        await writer.counts(now)
    return house


def _request(store: Store, number: int, now: int) -> ReturnRequest:
    return ReturnRequest(
        store_id=store.store_id,
        return_id=f"R{number:09d}",
        order_no=f"9{number:017d}",
        ask=ReturnAsk.RETURN if number % 2 else ReturnAsk.REFUND,
        state=ReturnState.ASKED if number % _OURS_EVERY == 0 else _STATES[number % len(_STATES)],
        raw_state="BENCH",
        value=Money(100 + number * 37 % 9000, store.currency),
        created_at=now - number * 61 % (30 * _DAY_S),
        updated_at=now,
        reason=_REASON,
        buyer_note="It came in two pieces.",
        buyer_id=f"b{number % 5000}",
        buyer_name="mina",
        lines=(ReturnLine("1", "1", "LAMP-WH", "S1", "Bedside lamp", "white", 1, None),),
        tracking_number=_tracking(number),
    )


def _tracking(number: int) -> str:
    return f"LX{number:010d}"


async def _scanned(house: DataDir, count: int, scans: int) -> list[float]:
    """Milliseconds of each look-up."""
    found_ms = []
    async with await Reader.open(house) as reader:
        for scan in range(scans):
            number = scan * 7919 % count
            begun_at = time.monotonic()
            found = await reader.returns.scanned(_tracking(number))
            found_ms.append((time.monotonic() - begun_at) * 1000)
            assert found is not None and found[1] == f"R{number:09d}"
    return found_ms
