"""Invented stock in the house of the cockpit's tests, as an engine would have left it."""

from __future__ import annotations

from pathlib import Path

from shoptui.domain.counting import CountLine
from shoptui.domain.intents import Cause, CauseId, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.money import Money
from shoptui.domain.stock import Listing, ListingState, StockAt, StockChange, listing_target
from shoptui.domain.verbs import write_args
from shoptui.paths import DataDir
from shoptui.store.writer import Writer
from tests.ui.app_support import DAY, HOUR, NOW, make_house, some_orders

_NAMES = ("帆布袋 红 M", "Đèn ngủ mini", "แก้วเซรามิก ขาว", "猫贴纸 12张", "Lampu meja")


def some_listings() -> list[Listing]:
    """What the stores of the invented orders list: each code in three stores, one with nothing, one locked."""
    stores = sorted({order.store_id for order in some_orders()})
    codes = list(dict.fromkeys(line.sku for order in some_orders() for line in order.lines if line.sku))
    found = []
    for number, sku in enumerate(codes):
        for place in range(3):
            store_id = stores[(number + place) % len(stores)]
            state = ListingState.OFF if (number + place) % 7 == 6 else ListingState.LIVE
            shows = (number * 7 + place * 5) % 23
            found.append(
                Listing(
                    store_id=store_id,
                    listing_id=f"17{number:04d}/{place}44{number:04d}",
                    product_id=f"17{number:04d}",
                    sku_id=f"{place}44{number:04d}",
                    sku=sku,
                    product_name=_NAMES[number % len(_NAMES)],
                    variant_name="",
                    state=state,
                    raw_state=state.value.upper(),
                    stock=(StockAt("w1", shows, place + 1, floor=3 if number == 2 and place == 0 else 0),),
                    price=Money(12_900 + number * 100, "THB"),
                    updated_at=NOW - 40 * DAY,
                    why_locked="It is in a live auction." if number == 1 and place == 1 else "",
                )
            )
    return found


async def make_stock(root: Path) -> DataDir:
    """The invented house with orders and stock; the last code was never counted, one write failed."""
    data_dir = await make_house(root)
    writer = await Writer.open(data_dir, NOW)
    try:
        async for _rows in writer.stock.count_cached_orders(NOW):
            pass
        listings = some_listings()
        await writer.stock.put_listings(listings, NOW - 30)
        codes = list(dict.fromkeys(listing.sku for listing in listings))
        lines = [CountLine(sku, 9 + number * 11 % 60) for number, sku in enumerate(codes[:-1])]
        await writer.stock.count(lines, NOW - 2 * DAY, "file count.csv", "an", NOW - 60)
        first = listings[0]
        change = StockChange(2, seen=first.stock[0].shows, reserve=1, pool=first.sku.casefold())
        intent = NewIntent(
            Verb.SET_STOCK,
            first.store_id,
            "",
            TargetKind.LISTING,
            listing_target(first.listing_id, "w1"),
            write_args(change),
        )
        accepted = await writer.accept_batch(
            "b-stock", Verb.SET_STOCK, "an", "pts/2", [intent], [NOW - HOUR], NOW - HOUR
        )
        for state in (IntentState.QUEUED, IntentState.SENDING):
            await writer.move(accepted.intent_ids, state, now=NOW - HOUR)
        cause = Cause(CauseId.STOCK_MOVED, "", "It showed 4 when this was decided, now 2.")
        await writer.move(accepted.intent_ids, IntentState.FAILED, now=NOW - HOUR, cause=cause)
        await writer.counts(NOW)
    finally:
        await writer.close()
    return data_dir
