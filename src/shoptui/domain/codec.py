"""Order ⇄ compact JSON: the one text form in which a whole order is kept.

Values go by position, not by name: it halves the size and the time of a record that is written thousands of times a
second. The first element is the form's version; a reader that meets another one says so instead of guessing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.orders import (
    Flag,
    HistoryEvent,
    Line,
    Order,
    Package,
    Recipient,
    ShippingType,
    Slot,
    Status,
)

FORM = 1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode

# A dictionary is several times faster than calling the enumeration.
_STATUS = {member.value: member for member in Status}
_SHIPPING = {member.value: member for member in ShippingType}
_KIND = {member.value: member for member in ClockKind}
_SCOPE = {member.value: member for member in ClockScope}
_CONSEQUENCE = {member.value: member for member in Consequence}
_STOP = {member.value: member for member in StopEvent}
# And writers of JSON take plain text several times faster than a member.
_WORD: dict[str, str] = {
    member: member.value
    for kind in (Status, ShippingType, ClockKind, ClockScope, Consequence, StopEvent)
    for member in kind
}

Fields = list[Any]
T = TypeVar("T")


class CodecError(ValueError):
    """A text that is no order of this form."""


def encode_order(order: Order) -> str:
    """The order as one line of JSON; equal orders give equal text."""
    return _encode(order_fields(order))


def order_fields(order: Order) -> Fields:
    """An order as a list of plain values; any writer of compact JSON makes the text of `encode_order` of it."""
    to = order.recipient
    return [
        FORM,
        order.store_id,
        order.order_no,
        _WORD[order.status],
        order.raw_status,
        order.created_at,
        order.updated_at,
        order.total.minor,
        order.total.currency,
        int(order.flags),
        order.paid_at,
        _WORD[order.shipping_type],
        order.delivery_option,
        order.carrier_name,
        order.tracking_number,
        order.warehouse_id,
        order.buyer_id,
        order.buyer_name,
        order.buyer_note,
        order.seller_note,
        order.priority,
        [to.name, to.phone, to.street, to.city, to.postal_code, to.region, to.masked],
        [_line(line) for line in order.lines],
        [_package(package) for package in order.packages],
        [clock_fields(clock) for clock in order.clocks],
        [[event.at, event.what, event.detail] for event in order.history],
    ]


def decode_order(text: str) -> Order:
    """The order of a text made by `encode_order`. Raises CodecError for anything else."""
    return decoded(text, _order)


def decoded(text: str, made: Callable[[Fields], T]) -> T:
    """What is made of the fields of such a text. Raises CodecError for anything else."""
    try:
        fields = _decode(text)
        if fields[0] != FORM:
            raise CodecError(f"an order in form {fields[0]!r}; this program reads form {FORM}")
        return made(fields)
    except CodecError:
        raise
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise CodecError(f"a stored order that cannot be read: {error}") from error


def _line(line: Line) -> Fields:
    return [
        line.line_id,
        line.sku,
        line.sku_id,
        line.product_name,
        line.variant_name,
        line.quantity,
        line.unit_price.minor,
        line.unit_price.currency,
        _WORD[line.status],
        line.raw_status,
        line.package_id,
        line.unit_ids,
    ]


def _package(package: Package) -> Fields:
    slot = package.slot
    return [
        package.package_id,
        _WORD[package.status],
        package.raw_status,
        package.line_ids,
        package.tracking_number,
        package.carrier_id,
        package.carrier_name,
        package.raw_sub_status,
        package.handover_method,
        None if slot is None else [slot.start_at, slot.end_at, slot.available],
        package.weight_g,
        package.updated_at,
    ]


def clock_fields(clock: Clock) -> Fields:
    """A clock as a list that JSON can hold."""
    return [
        _WORD[clock.kind],
        clock.due_at,
        _WORD[clock.consequence],
        _WORD[clock.stopped_by],
        clock.source,
        _WORD[clock.scope],
        clock.scope_id,
        clock.stopped_at,
    ]


def _order(fields: Fields) -> Order:
    return Order(
        store_id=fields[1],
        order_no=fields[2],
        status=_STATUS[fields[3]],
        raw_status=fields[4],
        created_at=fields[5],
        updated_at=fields[6],
        total=Money(fields[7], fields[8]),
        flags=Flag(fields[9]),
        paid_at=fields[10],
        shipping_type=_SHIPPING[fields[11]],
        delivery_option=fields[12],
        carrier_name=fields[13],
        tracking_number=fields[14],
        warehouse_id=fields[15],
        buyer_id=fields[16],
        buyer_name=fields[17],
        buyer_note=fields[18],
        seller_note=fields[19],
        priority=fields[20],
        recipient=Recipient(*fields[21]),
        lines=tuple([_read_line(line) for line in fields[22]]),
        packages=tuple([_read_package(package) for package in fields[23]]),
        clocks=tuple([read_clock(clock) for clock in fields[24]]),
        history=tuple([HistoryEvent(*event) for event in fields[25]]),
    )


def sold_of(fields: Fields) -> tuple[int, Status, int, str, list[tuple[str, str, int, int, Status]], list[int]]:
    """Of an order's fields when it was placed, its status, total and currency, each line's SKU there and here, price,
    quantity and status, and what is known of its packages' weights (g): a fraction of what reading it all takes.
    """
    lines = [(line[2], line[1], line[6], line[5], _STATUS[line[8]]) for line in fields[22]]
    weights_g = [package[10] for package in fields[23] if package[10]]
    return fields[5], _STATUS[fields[3]], fields[7], fields[8], lines, weights_g


def _read_line(fields: Fields) -> Line:
    return Line(
        line_id=fields[0],
        sku=fields[1],
        sku_id=fields[2],
        product_name=fields[3],
        variant_name=fields[4],
        quantity=fields[5],
        unit_price=Money(fields[6], fields[7]),
        status=_STATUS[fields[8]],
        raw_status=fields[9],
        package_id=fields[10],
        unit_ids=tuple(fields[11]),
    )


def _read_package(fields: Fields) -> Package:
    return Package(
        package_id=fields[0],
        status=_STATUS[fields[1]],
        raw_status=fields[2],
        line_ids=tuple(fields[3]),
        tracking_number=fields[4],
        carrier_id=fields[5],
        carrier_name=fields[6],
        raw_sub_status=fields[7],
        handover_method=fields[8],
        slot=None if fields[9] is None else Slot(*fields[9]),
        weight_g=fields[10],
        updated_at=fields[11],
    )


def read_clock(fields: Fields) -> Clock:
    """The clock of `clock_fields`."""
    return Clock(
        kind=_KIND[fields[0]],
        due_at=fields[1],
        consequence=_CONSEQUENCE[fields[2]],
        stopped_by=_STOP[fields[3]],
        source=fields[4],
        scope=_SCOPE[fields[5]],
        scope_id=fields[6],
        stopped_at=fields[7],
    )
