"""Return request ⇄ compact JSON: the one text form in which a request is kept, without its store and its id.

Values go by position, as orders' do (`codec`). The first element is the form's version.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shoptui.domain.clocks import Clock
from shoptui.domain.codec import CodecError, clock_fields, read_clock
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnLine, ReturnRequest, ReturnState

FORM = 1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode

_BROKEN = (ValueError, TypeError, KeyError, IndexError)


def encode_return(request: ReturnRequest) -> str:
    """The request as one line of JSON; equal requests give equal text."""
    return _encode(
        [
            FORM,
            request.order_no,
            request.ask,
            request.state,
            request.raw_state,
            request.value.minor,
            request.value.currency,
            request.created_at,
            request.updated_at,
            request.reason_id,
            request.reason,
            request.buyer_note,
            request.buyer_id,
            request.buyer_name,
            [_line(line) for line in request.lines],
            request.evidence,
            sorted(request.answers),
            request.goods_come_back,
            request.tracking_number,
            request.carrier_name,
            request.ship_to,
            request.disputed,
            [clock_fields(clock) for clock in request.clocks],
            request.wire,
        ]
    )


def decode_return(text: str, store_id: str, return_id: str) -> ReturnRequest:
    """The request of a text made by `encode_return`. Raises CodecError for anything else."""
    try:
        fields = _decode(text)
        if fields[0] != FORM:
            raise CodecError(f"a return in form {fields[0]!r}; this program reads form {FORM}")
        return _request(fields, store_id, return_id)
    except CodecError:
        raise
    except _BROKEN as error:
        raise CodecError(f"a stored return that cannot be read: {error}") from error


def encode_clocks(clocks: Sequence[Clock]) -> str:
    """Clocks as one line of JSON."""
    return _encode([clock_fields(clock) for clock in clocks])


def decode_clocks(text: str) -> tuple[Clock, ...]:
    """The clocks of `encode_clocks`. Raises CodecError for anything else."""
    try:
        return tuple([read_clock(fields) for fields in _decode(text)])
    except _BROKEN as error:
        raise CodecError(f"stored clocks that cannot be read: {error}") from error


def _line(line: ReturnLine) -> list[Any]:
    refund = line.refund
    return [
        line.line_id,
        line.order_line_id,
        line.sku,
        line.sku_id,
        line.product_name,
        line.variant_name,
        line.quantity,
        None if refund is None else [refund.minor, refund.currency],
    ]


def _request(fields: list[Any], store_id: str, return_id: str) -> ReturnRequest:
    return ReturnRequest(
        store_id=store_id,
        return_id=return_id,
        order_no=fields[1],
        ask=ReturnAsk(fields[2]),
        state=ReturnState(fields[3]),
        raw_state=fields[4],
        value=Money(fields[5], fields[6]),
        created_at=fields[7],
        updated_at=fields[8],
        reason_id=fields[9],
        reason=fields[10],
        buyer_note=fields[11],
        buyer_id=fields[12],
        buyer_name=fields[13],
        lines=tuple([_read_line(line) for line in fields[14]]),
        evidence=tuple(fields[15]),
        answers=frozenset(ReturnAnswer(word) for word in fields[16]),
        goods_come_back=fields[17],
        tracking_number=fields[18],
        carrier_name=fields[19],
        ship_to=fields[20],
        disputed=fields[21],
        clocks=tuple([read_clock(clock) for clock in fields[22]]),
        wire=tuple((key, value) for key, value in fields[23]),
    )


def _read_line(fields: list[Any]) -> ReturnLine:
    line_id, order_line_id, sku, sku_id, product_name, variant_name, quantity, refund = fields
    return ReturnLine(
        line_id,
        order_line_id,
        sku,
        sku_id,
        product_name,
        variant_name,
        quantity,
        None if refund is None else Money(*refund),
    )
