"""Shopee's JSON of returns: requests, solutions, reasons of disputes, pictures (sheet, section 7)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import AmountText, Currency, Id, Moment, NoneOnError, Number, Seconds, Text, Wire, Yes
from shoptui.adapters.shopee.wire import Amount, Deadline


class ReturnUser(Wire):
    username: Text = None


class ReturnItem(Wire):
    """Units of one listing; `refund_amount` is in details only."""

    item_id: Id
    model_id: Id = "0"
    name: Text = None
    amount: Number = None
    item_sku: Text = None
    variation_sku: Text = None
    refund_amount: Amount = None


class Negotiation(Wire):
    negotiation_status: Text = None
    latest_solution: Text = None
    latest_offer_amount: Amount = None
    latest_offer_creator: Text = None
    counter_limit: Number = None


class SellerProof(Wire):
    seller_proof_status: Text = None
    seller_evidence_deadline: Deadline = None


class ReturnRecord(Wire):
    """A request, as lists have it; what only details have is None in lists.

    Ids, status, times, the sum and the deadlines must be right. The channel's name is spelt in two ways.
    """

    return_sn: Id
    order_sn: Id
    status: Annotated[str, Field(min_length=1)]
    refund_amount: AmountText
    currency: Currency
    create_time: Seconds
    update_time: Seconds
    due_date: Deadline = None
    return_seller_due_date: Deadline = None
    reason: Text = None
    text_reason: Text = None
    image: Annotated[list[str] | None, NoneOnError()] = None
    tracking_number: Text = None
    needs_logistics: Yes = None
    dispute_reason: Annotated[list[Any] | None, NoneOnError()] = None
    user: Annotated[ReturnUser | None, NoneOnError()] = None
    item: Annotated[list[ReturnItem] | None, NoneOnError()] = None
    negotiation_status: Text = None
    return_solution: Number = None
    validation_type: Text = None
    negotiation: Annotated[Negotiation | None, NoneOnError()] = None
    seller_proof: Annotated[SellerProof | None, NoneOnError()] = None
    logistics_status: Text = None
    reverse_logistics_channel_name: Text = None
    reverse_logistic_channel_name: Text = None


class ReturnList(Wire):
    """Records are read one by one: a bad one must not cost the page."""

    more: Yes = None
    rows: Annotated[list[Any] | None, Field(alias="return")] = None


class Solution(Wire):
    eligibility: Yes = None
    max_refund_amount: Amount = None
    min_refund_amount: Amount = None


class Solutions(Wire):
    offer_refund: Annotated[Solution | None, NoneOnError()] = None


class EvidenceModule(Wire):
    """A kind of evidence; pictures are handed in by its index."""

    module_index: int
    requirement: Text = None
    is_required: Yes = None


class DisputeReason(Wire):
    """`dispute_reason` is the id, as text."""

    dispute_reason: Annotated[str, Field(min_length=1, max_length=32)]
    dispute_requirement: Text = None
    evidence_module_list: list[EvidenceModule] | None = None


class DisputeReasons(Wire):
    dispute_reason_list: list[DisputeReason] | None = None


class TrackingStep(Wire):
    update_time: Moment = None
    tracking_description: Text = None


class ReverseTracking(Wire):
    tracking_info: Annotated[list[TrackingStep] | None, NoneOnError()] = None


class Converted(Wire):
    url: Annotated[str, Field(min_length=1, max_length=2000)]


class Answered(Wire):
    return_sn: Text = None


class ShopAddress(Wire):
    """One of the shop's addresses (sheet, section 6.7); `address_type` says what for."""

    state: Text = None
    city: Text = None
    district: Text = None
    address: Text = None
    zipcode: Text = None
    address_type: Annotated[list[str] | None, NoneOnError()] = None


class ShopAddresses(Wire):
    address_list: list[ShopAddress] | None = None
