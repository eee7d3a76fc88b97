"""Shopee's JSON as it comes over the wire: its envelope, and the records inside it."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from shoptui.adapters.base import AdapterError, Malformed, Rejected
from shoptui.adapters.http import Answer, error_for_status
from shoptui.adapters.quick import read_record
from shoptui.adapters.records import (
    AmountText,
    Currency,
    Id,
    Moment,
    NoneOnError,
    Number,
    NumberedId,
    NumberedText,
    Seconds,
    Text,
    Wire,
    Yes,
    read_json,
    what_is_wrong,
)
from shoptui.adapters.shopee.errors import ALL_FAILED, NO_PERMISSION, error_for, last_segment
from shoptui.domain.intents import Cause
from shoptui.text import sanitise_cell

ModelT = TypeVar("ModelT", bound=Wire)
DataT = TypeVar("DataT")

#: What Shopee's samples print for "no error" (sheet, section 4.1).
_NO_ERROR = frozenset({"", "-"})
_FINE = 200


def _first_or_itself(value: Any) -> Any:
    """A place that comes as text on one call and as a list of texts on the next (sheet, trap 34)."""
    return (value[0] if value else None) if isinstance(value, list) else value


#: An amount as it stood on the wire.
Amount = Annotated[AmountText | None, Field(default=None)]
Place = Annotated[str | None, BeforeValidator(_first_or_itself), NoneOnError()]
#: A deadline; null and 0 are none, anything unreadable spoils the record rather than hiding.
Deadline = Seconds | None


class WholeAnswer(Wire, Generic[DataT]):
    """An answer with all that stands in it."""

    error: str
    response: DataT | None = None


class Nothing(Wire):
    """An answer without a payload."""


class ListedOrder(Wire):
    order_sn: Id
    order_status: Text = None


class OrderList(Wire):
    more: Yes = None
    next_cursor: Text = None
    order_list: list[ListedOrder] | None = None


class RecipientAddress(Wire):
    name: Text = None
    phone: Text = None
    district: Text = None
    city: Text = None
    state: Text = None
    region: Text = None
    zipcode: Text = None
    full_address: Text = None


class Item(Wire):
    """A line of an order. `cancelled_qty` and `active_qty` came in 2026 and may be missing."""

    item_id: NumberedId
    model_id: NumberedId = "0"
    item_name: Text = None
    item_sku: Text = None
    model_name: Text = None
    model_sku: Text = None
    model_quantity_purchased: Annotated[int, Field(ge=0)]
    model_original_price: Amount = None
    model_discounted_price: Amount = None
    promotion_type: Text = None
    order_item_id: Annotated[NumberedId | None, NoneOnError()] = None
    promotion_group_id: Annotated[NumberedId | None, NoneOnError()] = None
    product_location_id: Place = None
    active_qty: Number = None
    cancelled_qty: Number = None


def as_number(text: str) -> int | str:
    """An id as the number that bodies want; what is none is sent as it is, for Shopee to name."""
    return int(text) if text.isascii() and text.isdigit() else text


def named_item(item: Item) -> dict[str, object]:
    """An item as calls name it, without a quantity."""
    named: dict[str, object] = {"item_id": as_number(item.item_id), "model_id": as_number(item.model_id)}
    if item.order_item_id is not None:
        named["order_item_id"] = as_number(item.order_item_id)
    if item.promotion_group_id is not None:
        named["promotion_group_id"] = as_number(item.promotion_group_id)
    return named


class PackedItem(Wire):
    """What of a line lies in a package; without a quantity all of it."""

    item_id: NumberedId
    model_id: NumberedId = "0"
    model_quantity: Number = None
    order_item_id: Annotated[NumberedId | None, NoneOnError()] = None
    promotion_group_id: Annotated[NumberedId | None, NoneOnError()] = None
    product_location_id: Place = None


class PackagePart(Wire):
    """A package as an order shows it."""

    package_number: Id
    logistics_status: Text = None
    logistics_channel_id: NumberedText = None
    shipping_carrier: Text = None
    item_list: list[PackedItem] | None = None
    parcel_chargeable_weight_gram: Number = None
    parcel_chargeable_weight: Number = None


class OrderRecord(Wire):
    """An order. Ids, status, times, money and lines must be right; a wrong deadline spoils the order, not hides."""

    order_sn: Id
    order_status: Annotated[str, Field(min_length=1)]
    create_time: Seconds
    update_time: Seconds
    currency: Currency
    item_list: Annotated[list[Item], Field(min_length=1)]
    package_list: list[PackagePart] | None = None
    total_amount: Amount = None

    ship_by_date: Deadline = None
    pay_time: Moment = None
    pickup_done_time: Moment = None

    region: Text = None
    cod: Yes = None
    message_to_seller: Text = None
    note: Text = None
    buyer_user_id: NumberedText = None
    buyer_username: Text = None
    recipient_address: Annotated[RecipientAddress | None, NoneOnError()] = None
    shipping_carrier: Text = None
    checkout_shipping_carrier: Text = None
    fulfillment_flag: Text = None
    cancel_by: Text = None
    cancel_reason: Text = None
    buyer_cancel_reason: Text = None
    advance_package: Yes = None
    is_buyer_shop_collection: Yes = None
    affiliate_sample_type: Number = None
    can_partial_cancel_order: Yes = None


class OrderDetails(Wire):
    order_list: list[OrderRecord] | None = None


class LooseOrderDetails(Wire):
    """Details of orders, each read on its own, so that one that cannot be read does not spoil the others."""

    order_list: list[Any] | None = None


class InfoTag(Wire):
    """The urgency badge of a package: which, and the moment two of them name."""

    tag_id: Number = None
    timestamp: Moment = None


class PackageDetail(Wire):
    order_sn: Id
    package_number: Id
    fulfillment_status: Text = None
    update_time: Moment = None
    logistics_channel_id: NumberedText = None
    shipping_carrier: Text = None
    ship_by_date: Deadline = None
    tracking_number: Text = None
    tracking_number_expiration_date: Moment = None
    preparation_end_time: Moment = None
    pickup_done_time: Moment = None
    is_split_up: Yes = None
    is_shipment_arranged: Yes = None
    is_pre_order: Yes = None
    can_split_order: Yes = None
    item_list: list[PackedItem] | None = None
    parcel_chargeable_weight_gram: Number = None
    status_info_tag: Annotated[InfoTag | None, NoneOnError()] = None


class FoundPackage(Wire):
    order_sn: Id
    package_number: Text = None


class PackagePages(Wire):
    more: Yes = None
    next_cursor: Text = None


class FoundPackages(Wire):
    packages_list: list[FoundPackage] | None = None
    pagination: PackagePages | None = None


class MassRow(Wire):
    """One row of a mass call; the reason of a failure is told in words alone."""

    package_number: Id
    fail_reason: Text = None


class MassResult(Wire):
    success_list: list[MassRow] | None = None
    fail_list: list[MassRow] | None = None


class Tokens(Wire):
    """`expire_in` is seconds; one of Shopee's samples has a moment instead."""

    access_token: Annotated[str, Field(min_length=1)]
    refresh_token: Annotated[str, Field(min_length=1)]
    expire_in: Seconds
    shop_id_list: Annotated[list[Id] | None, NoneOnError()] = None


class ShopInfo(Wire):
    shop_name: Text = None
    region: Text = None
    status: Text = None
    is_cb: Yes = None
    expire_time: Moment = None


class AuthorisedShop(Wire):
    shop_id: Id


class AuthorisedShops(Wire):
    authed_shop_list: list[AuthorisedShop] | None = None
    more: Yes = None


def read_flat(answer: Answer, model: type[ModelT]) -> ModelT:
    """The answer of the operations that put their fields beside `error`. Raises AdapterError."""
    return validated(answer, model, _envelope(answer))


def read_whole(answer: Answer, model: type[WholeAnswer[DataT]]) -> DataT | None:
    """What stands under `response` if all of it can be read in one go, which is quicker.

    None for every other answer, also one that `read_response` can read: it has to be looked at piece by piece.
    """
    try:
        page = read_record(model, answer.body)
    except ValidationError:
        return None
    return page.response if page.error in _NO_ERROR and answer.status == _FINE else None


def read_response(answer: Answer, model: type[ModelT], *, exact: bool = False) -> ModelT:
    """What stands under `response`, an empty model where nothing does. Raises AdapterError.

    `exact` as in `read_json`.
    """
    return validated(answer, model, _envelope(answer, exact=exact).get("response") or {})


def read_either(answer: Answer, model: type[ModelT]) -> ModelT:
    """The fields under `response`, or beside it where the documents put them there too. Raises AdapterError."""
    raw = _envelope(answer)
    inner = raw.get("response")
    return validated(answer, model, {**raw, **inner} if isinstance(inner, dict) else raw)


def read_rows(answer: Answer, model: type[ModelT]) -> Sequence[ModelT]:
    """The rows of a batch call, also where all of them failed: the reasons stand in the rows. Raises AdapterError."""
    raw = _parsed(answer)
    inner = raw.get("response")
    rows = inner.get("result_list") if isinstance(inner, dict) else None
    if not rows or last_segment(_code(raw)) not in {ALL_FAILED, *_NO_ERROR}:
        _raise_for(answer, raw)
    return [validated(answer, model, row) for row in rows or ()]


def read_lists(answer: Answer, model: type[ModelT]) -> ModelT:
    """The success and failure lists of a mass call, under `response` or beside it, also where all of them failed.

    Raises AdapterError.
    """
    raw = _parsed(answer)
    inner = raw.get("response")
    merged = {**raw, **inner} if isinstance(inner, dict) else raw
    if not (last_segment(_code(raw)) == ALL_FAILED and merged.get("fail_list")):
        _raise_for(answer, raw)
    return validated(answer, model, merged)


def read_partly(
    answer: Answer, model: type[ModelT], partly: Container[str], refused: Callable[[str, str], Cause | None]
) -> ModelT:
    """What stands under `response`, also beside an error of `partly`, which tells of some rows only.

    `refused` says what another error means for this operation, None for what is no matter of it. Raises AdapterError.
    """
    raw = _parsed(answer)
    code, inner = _code(raw), raw.get("response")
    if not (last_segment(code) in partly and isinstance(inner, dict) and inner):
        cause = refused(code, _said(raw)) if code not in _NO_ERROR else None
        if cause is not None:
            raise Rejected(cause, request_id=sanitise_cell(str(raw.get("request_id") or ""), limit=80))
        _raise_for(answer, raw)
    return validated(answer, model, inner or {})


def validated(answer: Answer, model: type[ModelT], data: object) -> ModelT:
    """The record. Raises Malformed for one that lacks what it promises."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        words = f"Shopee's answer lacks what it promises: {what_is_wrong(error)}"
    raise Malformed(words, effect=answer.call.lost)


def refusal_in(answer: Answer) -> AdapterError | None:
    """The error of an answer that should have been a file, None where it is no envelope."""
    try:
        raw = _parsed(answer)
    except AdapterError:
        return None
    try:
        _raise_for(answer, raw)
    except AdapterError as error:
        return error
    return None


def read_exact_list(answer: Answer) -> list[Any]:
    """The rows of an answer whose `response` is a list, their fractions with every digit. Raises AdapterError."""
    found = _envelope(answer, exact=True).get("response")
    return found if isinstance(found, list) else []


def _envelope(answer: Answer, *, exact: bool = False) -> dict[str, Any]:
    raw = _parsed(answer, exact=exact)
    _raise_for(answer, raw)
    return raw


def _raise_for(answer: Answer, raw: dict[str, Any]) -> None:
    code = _code(raw)
    if code in _NO_ERROR:
        return
    raise error_for(code, _said(raw), sanitise_cell(str(raw.get("request_id") or ""), limit=80), answer)


def _said(raw: dict[str, Any]) -> str:
    # A few operations say `msg`, and one document prints `mesage` (sheet, section 4.1).
    return next((raw[name] for name in ("message", "msg", "mesage") if isinstance(raw.get(name), str)), "")


def _code(raw: dict[str, Any]) -> str:
    return str(raw.get("error") or "").strip()


def _parsed(answer: Answer, *, exact: bool = False) -> dict[str, Any]:
    try:
        raw = read_json(answer.body, exact=exact)
    except ValueError:
        raw = None
    if not isinstance(raw, dict) or "error" not in raw:
        # Nobody documents the body of Shopee's own status for "no permission" (sheet, section 4.3).
        raise error_for("", "", "", answer) if answer.status == NO_PERMISSION else error_for_status(answer)
    if answer.status >= 500 and _code(raw) in _NO_ERROR:
        raise error_for_status(answer)
    return raw
