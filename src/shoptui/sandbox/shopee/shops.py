"""Shops and what the app may reach: shop details, the lists of the partner, warehouses (sections 2.3 and 12)."""

from __future__ import annotations

from typing import Any

from ..world.model import Store, Warehouse
from . import codes
from .call import Answer, Call
from .codes import ApiError
from .states import location_id

_EGRESS = ("127.0.0.0/8",)


def shop_info(call: Call) -> Answer:
    """GET get_shop_info, whose fields stand beside `error`."""
    consent = call.side.grants.consent_of(call.store.id)
    return Answer(
        beside={
            "shop_name": call.store.name,
            "region": call.store.region,
            "status": "NORMAL",
            "sip_affi_shops": [],
            "is_cb": False,
            "is_sip": False,
            "is_upgraded_cbsc": False,
            "merchant_id": None,
            "shop_fulfillment_flag": "Others",
            "is_main_shop": False,
            "is_direct_shop": False,
            "linked_main_shop_id": 0,
            "linked_direct_shop_list": [],
            "is_one_awb": False,
            "auth_time": consent.given_at,
            "expire_time": consent.ends_at,
        }
    )


def profile(call: Call) -> Answer:
    """GET get_profile."""
    return Answer({"shop_logo": "", "description": call.store.name, "shop_name": call.store.name})


def shops_by_partner(call: Call) -> Answer:
    """GET get_shops_by_partner: flat, pages from 1."""
    size = call.query.number("page_size", 1, 100, 100)
    start = (call.query.number("page_no", 1, 100_000, 1) - 1) * size
    consents = call.side.grants.consents()
    rows = [
        {
            "shop_id": int(one.store.id),
            "region": one.store.region,
            "auth_time": one.given_at,
            "expire_time": one.ends_at,
            "sip_affi_shop_list": [],
        }
        for one in consents[start : start + size]
    ]
    return Answer(beside={"authed_shop_list": rows, "more": start + size < len(consents)})


def merchants_by_partner(call: Call) -> Answer:
    """GET get_merchants_by_partner: the sandbox's sellers have no merchants."""
    return Answer(beside={"authed_merchant_list": [], "more": False})


def shopee_ip_ranges(call: Call) -> Answer:
    """GET get_shopee_ip_ranges."""
    return Answer(beside={"ip_list": list(_EGRESS)})


def warehouse_detail(call: Call) -> Answer:
    """GET get_warehouse_detail: an array, for shops with several warehouses only."""
    kind = call.query.number("warehouse_type", 1, 2, 1)
    found = [one for one in call.store.warehouses if one.is_return == (kind == 2)]
    if sum(1 for one in call.store.warehouses if not one.is_return) < 2:
        raise ApiError("warehouse.error_not_in_whitelist", "The shop has no multi-warehouse.")
    return Answer([_warehouse(call.store, one, kind) for one in found])


def _warehouse(store: Store, house: Warehouse, kind: int) -> dict[str, Any]:
    return {
        "warehouse_id": int(house.id),
        "warehouse_name": house.name,
        "warehouse_type": kind,
        "location_id": location_id(store, house.id),
        "address_id": int(house.id),
        **place(store, house),
        "state_code": "",
        "holiday_mode_state": 0,
    }


def place(store: Store, house: Warehouse) -> dict[str, str]:
    """The fields every address of the seller has."""
    return {
        "region": store.region,
        "state": house.state,
        "city": house.city,
        "district": house.district,
        "town": "",
        "address": house.street,
        "zipcode": house.postcode,
    }


def token_get(call: Call) -> Answer:
    """POST auth/token/get: a code for the first pair, for one shop or for all of a main account."""
    body = call.body
    _check_partner(call)
    code = body.needed("code")
    shop_id, main_account_id = body.integer("shop_id"), body.integer("main_account_id")
    if (shop_id is None) == (main_account_id is None):
        raise ApiError(codes.PARAM, "Wrong parameters, detail: give one of shop_id and main_account_id.")

    def exchange() -> Answer:
        consents = call.side.grants.exchange(code, str(shop_id or ""), str(main_account_id or ""), call.now)
        pair = call.side.grants.pair(consents[0], call.now)
        if main_account_id is not None:
            pair |= {"shop_id_list": [int(one.store.id) for one in consents], "merchant_id_list": []}
        return Answer(beside=pair)

    return call.act(codes.SHIPPING, "token_get", str(shop_id or main_account_id), "", exchange)


def token_refresh(call: Call) -> Answer:
    """POST auth/access_token/get: a refresh token for the next pair of one shop."""
    _check_partner(call)
    token = call.body.needed("refresh_token")
    shop_id, merchant_id = call.body.integer("shop_id"), call.body.integer("merchant_id")
    if (shop_id is None) == (merchant_id is None):
        raise ApiError(codes.PARAM, "Wrong parameters, detail: give one of shop_id and merchant_id.")

    def refresh() -> Answer:
        if shop_id is None:
            raise ApiError(codes.MERCHANT_NOT_LINKED, "The merchant is not linked to this partner.")
        consent = call.side.grants.refresh(token, str(shop_id), call.now)
        ids = {"partner_id": int(call.side.app_key), "shop_id": shop_id}
        return Answer(beside=ids | call.side.grants.pair(consent, call.now))

    return call.act(codes.SHIPPING, "token_refresh", str(shop_id or merchant_id), "", refresh)


def _check_partner(call: Call) -> None:
    partner_id = call.body.needed_integer("partner_id")
    if str(partner_id) != call.side.app_key:
        raise ApiError(codes.PARTNER, "partner_id is invalid")
