"""Owns which rows show what intents act on, so that everybody reads those again."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.intents import Intent, TargetKind
from shoptui.domain.stock import listing_of
from shoptui.engine.intake import shown
from shoptui.protocol import Changed
from shoptui.store.writer import Writer


async def touched(writer: Writer, intents: Sequence[Intent]) -> Changed:
    """The notice that these intents changed: rows of orders, conversations, returns and pools, and their batches."""
    orders = dict.fromkeys((each.store_id, each.order_no) for each in intents if each.order_no)
    targets: dict[TargetKind, dict[tuple[str, str], None]] = {}
    for each in intents:
        name = listing_of(each.target_id) if each.target_kind is TargetKind.LISTING else each.target_id
        targets.setdefault(each.target_kind, {})[each.store_id, name] = None
    threads, returns, listings = (
        list(targets.get(kind, ())) for kind in (TargetKind.THREAD, TargetKind.RETURN, TargetKind.LISTING)
    )
    return Changed(
        orders=shown(await writer.row_ids(list(orders)) if orders else ()),
        threads=shown(await writer.threads.rows(threads) if threads else ()),
        returns=shown(await writer.returns.rows(returns) if returns else ()),
        pools=shown(await writer.stock.rows(listings) if listings else ()),
        batches=tuple(dict.fromkeys(each.batch_id for each in intents)),
        counts=True,
    )
