"""A page of orders taken apart: read at once, or order by order when one of them cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from shoptui.adapters.base import SetAside
from shoptui.adapters.http import Answer
from shoptui.adapters.quick import read_record
from shoptui.adapters.rows import read_rows, set_aside
from shoptui.adapters.tiktok.mapping import to_order
from shoptui.adapters.tiktok.wire import (
    LooseOrdersAnswer,
    OrderRecord,
    OrdersAnswer,
    read_envelope,
    refusal,
)
from shoptui.domain.orders import Order


@dataclass(frozen=True, slots=True)
class ReadPage:
    """`next_token` is "" on the last page; `total` None where TikTok Shop gave no count."""

    orders: tuple[Order, ...]
    set_aside: tuple[SetAside, ...]
    next_token: str
    total: int | None


def read_orders(answer: Answer, store_id: str) -> ReadPage:
    """The orders of a search or detail answer, each once and in its newest version.

    An order that cannot be read is set aside with its raw JSON. Raises AdapterError for an answer that is no page.
    """
    try:
        envelope = read_record(OrdersAnswer, answer.body)
    except ValidationError:
        return _read_one_by_one(answer, store_id)
    if envelope.code != 0:
        raise refusal(answer, envelope.code, envelope.message, envelope.request_id)
    data = envelope.data
    if data is None:
        return ReadPage((), (), "", None)
    orders: list[Order] = []
    aside: list[SetAside] = []
    for position, record in enumerate(data.orders or ()):
        try:
            orders.append(to_order(record, store_id))
        except (ValueError, ArithmeticError) as error:
            raw = json.loads(answer.body)["data"]["orders"][position]
            aside.append(set_aside(raw, store_id, record.id, str(error)))
    return ReadPage(_newest(orders), tuple(aside), data.next_page_token or "", data.total_count)


def _read_one_by_one(answer: Answer, store_id: str) -> ReadPage:
    data = read_envelope(answer, LooseOrdersAnswer).data
    if data is None:
        return ReadPage((), (), "", None)
    orders, aside = read_rows(
        data.orders or (), store_id, "id", lambda raw: to_order(OrderRecord.model_validate(raw), store_id)
    )
    return ReadPage(_newest(orders), aside, data.next_page_token or "", data.total_count)


def _newest(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Pages move while they are read: an order may come twice; its newest version stays, in its later place."""
    newest: dict[str, Order] = {}
    for order in orders:
        held = newest.get(order.order_no)
        if held is None:
            newest[order.order_no] = order
        elif order.updated_at >= held.updated_at:
            del newest[order.order_no]
            newest[order.order_no] = order
    return tuple(newest.values())
