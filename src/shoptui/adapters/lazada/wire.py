"""Lazada's JSON as it comes over the wire: numbers and booleans native or as text, payload in one of three places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from shoptui.adapters.base import Malformed, Rejected
from shoptui.adapters.http import Answer, error_for_status
from shoptui.adapters.lazada.errors import error_for, row_error
from shoptui.adapters.quick import read_record
from shoptui.adapters.records import (
    EXACT,
    Currency,
    DigitYes,
    Id,
    NoneOnError,
    Number,
    NumberedId,
    NumberedText,
    OptionalId,
    Text,
    Wire,
    Yes,
    read_json,
    what_is_wrong,
)
from shoptui.domain.intents import Cause, CauseId
from shoptui.text import sanitise_cell

ModelT = TypeVar("ModelT", bound=BaseModel)
DataT = TypeVar("DataT")

_OK = "0"
_REQUEST_ID_MAX = 80

#: An amount in major units, as text, as an integer or as a decimal; read by `mapping.amount`.
Amount = Annotated[str, Field(max_length=40), EXACT] | None


class Address(Wire):
    """`address1` is the street, `address3` the state, `address4` the city or district (sheet, section 6.3)."""

    first_name: Text = None
    last_name: Text = None
    phone: Text = None
    address1: Text = None
    address3: Text = None
    city: Text = None
    post_code: Text = None
    country: Text = None


class OrderRecord(Wire):
    """An order without its items: Lazada keeps status, deadlines and currency on the items alone."""

    order_id: NumberedId
    created_at: Annotated[str, Field(min_length=10)]
    updated_at: Annotated[str, Field(min_length=10)]
    price: Annotated[str, Field(min_length=1, max_length=40), EXACT]
    statuses: Annotated[list[str] | None, NoneOnError()] = None
    voucher: Amount = None
    shipping_fee: Amount = None
    payment_method: Text = None
    customer_first_name: Text = None
    customer_last_name: Text = None
    gift_option: Yes = None
    buyer_note: Text = None
    remarks: Text = None
    address_updated_at: Text = None
    address_shipping: Annotated[Address | None, NoneOnError()] = None
    promised_shipping_times: Text = None
    warehouse_code: Text = None
    need_cancel_confirm: Yes = None


class ItemRecord(Wire):
    """One unit; Lazada has no quantities. A wrong deadline spoils the order instead of hiding."""

    order_item_id: NumberedId
    order_id: NumberedId
    status: Annotated[str, Field(min_length=1)]
    currency: Currency
    item_price: Amount = None
    paid_price: Amount = None
    sku: Text = None
    sku_id: Text = None
    shop_sku: Text = None
    name: Text = None
    variation: Text = None
    buyer_id: NumberedText = None
    package_id: OptionalId = None
    tracking_code: Text = None
    shipment_provider: Text = None
    shipping_type: Text = None
    shipping_provider_type: Text = None
    warehouse_code: Text = None
    delivery_option_sof: DigitYes = None
    is_fbl: DigitYes = None
    biz_group: Number = None
    is_digital: DigitYes = None
    order_type: Text = None
    order_flag: Text = None
    return_status: Text = None
    reason: Text = None
    reason_detail: Text = None
    cancel_return_initiator: Text = None
    sla_time_stamp: str | None = None
    promised_shipping_time: Text = None
    schedule_delivery_end_timeslot: Number = None
    cancel_trigger_time: int | None = None
    need_cancel_confirm: Yes = None
    is_cancel_pending: Yes = None
    reverse_order_id: NumberedText = None
    payment_time: Number = None
    created_at: Text = None
    updated_at: Text = None


class WholeAnswer(Wire, Generic[DataT]):
    """An answer with all that stands in it."""

    code: Id
    data: DataT | None = None


class WholeOrderList(Wire):
    orders: list[OrderRecord] | None = None
    count_total: Annotated[int | None, NoneOnError(), Field(validation_alias="countTotal")] = None


class WholeItemsOfOrder(Wire):
    order_id: NumberedId
    order_items: list[ItemRecord] | None = None


class OrderList(Wire):
    """Orders are read one by one, so that one that cannot be read costs no other. `countTotal` counts the search."""

    orders: list[Any] | None = None
    count_total: Annotated[int | None, NoneOnError(), Field(validation_alias="countTotal")] = None


class ItemsOfOrder(Wire):
    order_id: Id
    order_items: list[Any] | None = None


class Seller(Wire):
    seller_id: Id
    name: Text = None
    name_company: Text = None
    short_code: Text = None
    cb: Yes = None


class CountryUser(Wire):
    country: Text = None
    seller_id: Id
    short_code: Text = None


class Tokens(Wire):
    """Both `expires_in` are durations in seconds; the second is 0 for tokens that cannot be renewed."""

    access_token: Annotated[str, Field(min_length=1)]
    refresh_token: str | None = None
    expires_in: Annotated[int, Field(ge=0, lt=10**9)]
    refresh_expires_in: Annotated[int | None, Field(ge=0, lt=10**9)] = None
    country_user_info: Any = None
    country_user_info_list: Any = None


class PackedItem(Wire):
    """One unit's row of a pack call. `item_err_code` "0" is success, whatever the flags around it say."""

    order_item_id: Id
    item_err_code: Text = None
    msg: Text = None
    package_id: Text = None
    tracking_number: Text = None
    shipment_provider: Text = None
    retry: Yes = None


class PackedOrder(Wire):
    order_id: Id
    order_item_list: list[PackedItem] | None = None


class Packed(Wire):
    pack_order_list: list[PackedOrder] | None = None


class PackageRow(Wire):
    package_id: Id
    item_err_code: Text = None
    msg: Text = None
    retry: Yes = None


class PackageRows(Wire):
    packages: list[PackageRow] | None = None


class CarrierRecord(Wire):
    """`provider_code` is the package calls' name for a carrier; the older calls know only `name`."""

    name: Text = None
    provider_code: Text = None


class Carriers(Wire):
    shipment_providers: list[CarrierRecord] | None = None


class DocumentRecord(Wire):
    """`file` is base64; for a PDF it is a page with a frame around the link in `pdf_url` (sheet, section 7.4)."""

    file: Text = None
    doc_type: Text = None
    mime_type: Text = None
    pdf_url: Text = None


class DocumentAnswer(Wire):
    document: DocumentRecord | None = None


class ReasonRecord(Wire):
    reason_id: Annotated[str, Field(min_length=1)]
    reason_name: Text = None


class Tip(Wire):
    """What Lazada thinks of a cancellation; `tip_type` is such as `success`, `warning`, `error`."""

    tip_content: Text = None
    tip_type: Text = None
    reason_options: list[ReasonRecord] | None = None


class TraceEvent(Wire):
    title: Text = None
    description: Text = None
    event_time: Number = None


class TracePackage(Wire):
    logistic_detail_info_list: list[TraceEvent] | None = None


class TraceOrder(Wire):
    package_detail_info_list: list[TracePackage] | None = None


class Trace(Wire):
    module: Annotated[list[TraceOrder] | None, NoneOnError()] = None


class _Result(Wire):
    """The inner success flag, in whichever spelling (sheet, section 7.1)."""

    success: Yes = None
    error_code: Annotated[Text, Field(validation_alias=AliasChoices("error_code", "errorCode"))] = None
    error_msg: Annotated[Text, Field(validation_alias=AliasChoices("error_msg", "errorMsg", "msg"))] = None


def read_raw(answer: Answer, *, exact: bool = False) -> Mapping[str, Any]:
    """The answer as JSON; `exact` as in `read_json`.

    Success is code "0", whatever the HTTP status; other codes raise what `error_for` says.
    """
    try:
        raw = read_json(answer.body, exact=exact)
    except ValueError:
        raise error_for_status(answer) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("code"), str | int):
        raise error_for_status(answer)
    code = str(raw["code"])
    if code != _OK:
        raise error_for(code, _said(raw.get("message")), _said(raw.get("type")), _request_id(raw), answer)
    return raw


def read_whole(answer: Answer, model: type[WholeAnswer[DataT]]) -> DataT | None:
    """What stands under `data` if all of it can be read in one go, which is quicker.

    None for every other answer, also one that `read_data` can read: it has to be looked at piece by piece.
    """
    try:
        page = read_record(model, answer.body)
    except ValidationError:
        return None
    return page.data if page.code == _OK else None


def read_data(answer: Answer, model: type[ModelT], *, exact: bool = False) -> ModelT:
    """What stands under `data`."""
    return validated(answer, model, read_raw(answer, exact=exact).get("data"))


def read_flat(answer: Answer, model: type[ModelT]) -> ModelT:
    """An answer whose fields stand beside its code."""
    return validated(answer, model, read_raw(answer))


def read_result(answer: Answer, model: type[ModelT], *, under: str = "data", exact: bool = False) -> ModelT:
    """What stands in the inner result, under `data` unless said otherwise ("": the result itself).

    Raises the result's own refusal, whose codes are those of rows.
    """
    raw = read_raw(answer, exact=exact)
    inner = raw.get("result")
    result = validated(answer, _Result, inner)
    if result.success is False:
        code = result.error_code or ""
        if not code:
            cause = Cause(CauseId.OTHER, "", f"Lazada refused. Lazada says: {sanitise_cell(result.error_msg or '-')}")
            raise Rejected(cause, request_id=_request_id(raw))
        raise row_error(code, result.error_msg or "", _request_id(raw), answer)
    assert isinstance(inner, dict)
    return validated(answer, model, inner.get(under) if under else inner)


def validated(answer: Answer, model: type[ModelT], raw: object) -> ModelT:
    """Raises Malformed for what lacks what it promises."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        words = f"Lazada's answer lacks what it promises: {what_is_wrong(error)}"
    raise Malformed(words, effect=answer.call.lost)


def country_users(tokens: Tokens) -> list[CountryUser]:
    """The sellers a token is for: a list under one of two names, or an object by country (sheet, section 2.2)."""
    listed = tokens.country_user_info or tokens.country_user_info_list or []
    if isinstance(listed, dict):
        listed = [{"country": country, **user} for country, user in listed.items() if isinstance(user, dict)]
    found = []
    for user in listed if isinstance(listed, list) else []:
        try:
            found.append(CountryUser.model_validate(user))
        except ValidationError:
            continue
    return found


def _said(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _request_id(raw: Mapping[str, Any]) -> str:
    return sanitise_cell(_said(raw.get("request_id")), limit=_REQUEST_ID_MAX)
