"""What can be disputed about orders and returns: what their settlements show, else what the house claims by itself."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.claims import order_claim, return_claim
from shoptui.queries.claims import claim_row
from shoptui.queries.money import AnomalyRow
from shoptui.queries.returns import ReturnRow
from shoptui.queries.types import OrderRow
from shoptui.store.reader import Reader


async def of_orders(reader: Reader, rows: Sequence[OrderRow], now: int) -> list[AnomalyRow]:
    """Of each order the differences in its settlements, else a claim of what it was sold for."""
    keys = [(row.store_id, row.order_no) for row in rows]
    differences = await reader.money.anomalies(await reader.money.anomalies_of(keys))
    settled = {(row.anomaly.store_id, row.anomaly.order_no) for row in differences}
    known = await reader.money.disputed(keys)
    claims = []
    for row in rows:
        detail = None if (row.store_id, row.order_no) in settled else await reader.order(row.row_id, now)
        if detail is not None:
            claims.append(claim_row(order_claim(detail.order, now), row.order_no, row.row_id, known))
    return [*differences, *claims]


async def of_returns(reader: Reader, rows: Sequence[ReturnRow], now: int) -> list[AnomalyRow]:
    """Of each return a claim of what the buyer is paid by it."""
    known = await reader.money.disputed([row.order_target for row in rows])
    claims = []
    for row in rows:
        detail = await reader.returns.detail(row.row_id, now)
        if detail is not None:
            claim = return_claim(detail.request, row.condition, now)
            claims.append(claim_row(claim, row.return_id, detail.order_row, known))
    return claims
