"""TikTok Shop's JSON as it comes over the wire: lenient about what we do not need, strict about what we do."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, ValidationError

from shoptui.adapters.base import AdapterError, Malformed
from shoptui.adapters.http import Answer, error_for_status
from shoptui.adapters.records import (
    YEAR_3000,
    Currency,
    Deadline,
    Id,
    Moment,
    NoneOnError,
    Number,
    OptionalId,
    Seconds,
    Text,
    Wire,
    Yes,
    read_json,
    what_is_wrong,
)
from shoptui.adapters.tiktok.errors import error_for
from shoptui.text import sanitise_cell

DataT = TypeVar("DataT")

#: What pydantic calls a fault of the text itself.
_NO_JSON = "json_invalid"


class Envelope(Wire, Generic[DataT]):
    """What every answer is wrapped in. `data` is None on errors and where there is nothing to say."""

    code: int
    message: Text = None
    request_id: Text = None
    data: DataT | None = None


class Payment(Wire):
    currency: Currency
    total_amount: str


class LineItem(Wire):
    """One unit; TikTok Shop has no quantities."""

    id: Id
    sku_id: Id
    sale_price: str
    currency: Annotated[Currency | None, NoneOnError()] = None
    seller_sku: Text = None
    sku_name: Text = None
    product_name: Text = None
    display_status: str | None = None
    package_id: OptionalId = None
    package_status: str | None = None
    tracking_number: Text = None
    shipping_provider_id: Text = None
    shipping_provider_name: Text = None
    is_gift: Yes = None


class PackageReference(Wire):
    id: Id


class District(Wire):
    address_level: Text = None
    address_level_name: Text = None
    address_name: Text = None


class RecipientAddress(Wire):
    name: Text = None
    phone_number: Text = None
    address_detail: Text = None
    address_line1: Text = None
    postal_code: Text = None
    region_code: Text = None
    post_town: Text = None
    district_info: Annotated[list[District] | None, NoneOnError()] = None


class OrderRecord(Wire):
    """An order. Ids, status, times, money and lines must be right; a wrong deadline spoils the order, not hides."""

    id: Id
    status: Annotated[str, Field(min_length=1)]
    create_time: Seconds
    update_time: Seconds
    payment: Payment
    line_items: Annotated[list[LineItem], Field(min_length=1)]
    packages: list[PackageReference] | None = None

    rts_sla_time: Deadline = None
    tts_sla_time: Deadline = None
    shipping_due_time: Deadline = None
    collection_due_time: Deadline = None
    delivery_due_time: Deadline = None
    cancel_order_sla_time: Deadline = None
    delivery_sla_time: Deadline = None
    delivery_option_required_delivery_time: Deadline = None
    pick_up_cut_off_time: Deadline = None
    fast_dispatch_sla_time: Deadline = None
    fast_rts_sla_time: Deadline = None
    fast_collection_sla_time: Deadline = None
    recommended_shipping_time: Deadline = None
    instore_pickup_sla_time: Deadline = None

    paid_time: Moment = None
    rts_time: Moment = None
    collection_time: Moment = None
    delivery_time: Moment = None
    cancel_time: Moment = None
    request_cancel_time: Moment = None

    user_id: Text = None
    buyer_nickname: Text = None
    buyer_message: Text = None
    seller_note: Text = None
    fulfillment_type: Text = None
    shipping_type: Text = None
    delivery_option_name: Text = None
    shipping_provider_id: Text = None
    shipping_provider: Text = None
    tracking_number: Text = None
    warehouse_id: Text = None
    order_type: Text = None
    cancel_reason: Text = None
    cancellation_initiator: Text = None
    is_cod: Yes = None
    is_buyer_request_cancel: Yes = None
    is_sample_order: Yes = None
    has_updated_recipient_address: Yes = None
    fulfillment_priority_level: Number = None
    recipient_address: Annotated[RecipientAddress | None, NoneOnError()] = None


class OrderList(Wire):
    """Search and detail alike; an empty list may be left out."""

    orders: list[OrderRecord] | None = None
    next_page_token: str | None = None
    total_count: Number = None


class LooseOrderList(Wire):
    """The same page when one of its orders cannot be read: each order is then read on its own."""

    orders: list[Any] | None = None
    next_page_token: str | None = None
    total_count: Number = None


class PickupSlot(Wire):
    """`avaliable` is spelt so by TikTok Shop; where it is missing the slot is taken as available."""

    start_time: Seconds
    end_time: Seconds
    avaliable: Yes = None


class HandoverSlots(Wire):
    can_pickup: Yes = None
    can_drop_off: Yes = None
    pickup_slots: list[PickupSlot] | None = None


class Weight(Wire):
    value: str
    unit: str


class PackageDetail(Wire):
    """A package; a combined one holds several orders."""

    package_id: Id
    orders: Annotated[list[PackageReference] | None, NoneOnError()] = None
    package_status: Annotated[str, Field(min_length=1)]
    package_sub_status: Text = None
    ship_exception_reason: Text = None
    order_line_item_ids: Annotated[list[Id] | None, NoneOnError()] = None
    tracking_number: Text = None
    shipping_provider_id: Text = None
    shipping_provider_name: Text = None
    handover_method: Text = None
    pickup_slot: Annotated[PickupSlot | None, NoneOnError()] = None
    weight: Annotated[Weight | None, NoneOnError()] = None
    update_time: Moment = None


class RowErrorDetail(Wire):
    package_id: Text = None


class RowError(Wire):
    """One refused row of a batch call."""

    code: str
    message: Text = None
    detail: Annotated[RowErrorDetail | None, NoneOnError()] = None


class BatchOutcome(Wire):
    errors: list[RowError] | None = None


class TrackingEvent(Wire):
    """`update_time_millis` is the one time in milliseconds."""

    description: Text = None
    update_time_millis: Annotated[int, Field(ge=0, lt=YEAR_3000 * 1000)]


class TrackingEvents(Wire):
    tracking: list[TrackingEvent] | None = None


class AuthorisedShop(Wire):
    id: Id
    cipher: Annotated[str, Field(min_length=1)]
    name: Text = None
    region: Text = None
    code: Text = None
    seller_type: Text = None


class AuthorisedShops(Wire):
    shops: list[AuthorisedShop] | None = None


class Tokens(Wire):
    """Both `*_expire_in` are moments (epoch seconds), not durations."""

    access_token: Annotated[str, Field(min_length=1)]
    access_token_expire_in: Seconds
    refresh_token: Annotated[str, Field(min_length=1)]
    refresh_token_expire_in: Seconds


class Nothing(Wire):
    """`{}`."""


TokenAnswer = Envelope[Tokens]
ShopsAnswer = Envelope[AuthorisedShops]
OrdersAnswer = Envelope[OrderList]
LooseOrdersAnswer = Envelope[LooseOrderList]
SlotsAnswer = Envelope[HandoverSlots]
PackageAnswer = Envelope[PackageDetail]
BatchAnswer = Envelope[BatchOutcome]
TrackingAnswer = Envelope[TrackingEvents]
PlainAnswer = Envelope[Nothing]


def read_envelope(answer: Answer, model: type[Envelope[DataT]], *, exact: bool = False) -> Envelope[DataT]:
    """The answer as its model. Success is code 0, whatever the HTTP status.

    `exact` as in `read_json`. Raises what `error_for` says for another code, what the HTTP status says where there is
    no envelope, and Malformed for a success that lacks what it promises.
    """
    try:
        envelope = _validated(answer, model, exact)
    except ValidationError as error:
        raise _unreadable(answer, error) from None
    except ValueError:
        raise error_for_status(answer) from None
    if envelope.code != 0:
        raise refusal(answer, envelope.code, envelope.message, envelope.request_id)
    return envelope


def _validated(answer: Answer, model: type[Envelope[DataT]], exact: bool) -> Envelope[DataT]:
    """Raises ValidationError, and ValueError for what is no JSON."""
    if not exact:
        try:
            return model.model_validate_json(answer.body)
        except ValidationError as error:
            if error.errors(include_url=False, include_context=False, include_input=False)[0]["type"] != _NO_JSON:
                raise
    # The quick reader takes no halves of characters, from emoji that were cut off in buyers' texts.
    return model.model_validate(read_json(answer.body, exact=exact))


def refusal(answer: Answer, code: int, message: str | None, request_id: str | None) -> AdapterError:
    """The error for an envelope with this code."""
    return error_for(str(code), message or "", sanitise_cell(request_id or "", limit=80), answer)


def _unreadable(answer: Answer, error: ValidationError) -> AdapterError:
    try:
        raw = read_json(answer.body)
    except ValueError:
        return error_for_status(answer)
    code = raw.get("code") if isinstance(raw, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        return error_for_status(answer)
    request_id = str(raw.get("request_id") or "")
    if code != 0:
        return refusal(answer, code, str(raw.get("message") or ""), request_id)
    words = f"TikTok Shop's answer lacks what it promises: {what_is_wrong(error)}"
    return Malformed(words, effect=answer.call.lost, request_id=sanitise_cell(request_id, limit=80))
