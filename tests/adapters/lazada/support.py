"""A Lazada whose answers the test writes, and the records it answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx

from shoptui.adapters.base import AppCredentials, TokenSet, Verdict
from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.lazada.adapter import Lazada
from shoptui.clock import DrivenClock
from shoptui.domain.intents import Verb
from shoptui.domain.stores import Store
from shoptui.domain.verbs import VerbArgs
from tests.adapters.scripted import Script, Scripted

APP = AppCredentials(
    app="main",
    marketplace="lazada",
    app_key="900001",
    app_secret="5and80x5hopTu1SecretKey00000001",
    base_url="http://api.test/rest",
    auth_url="http://auth.test",
)
WEEK_S = 7 * 86400

ORDERS = "/rest/orders/get"
ORDER = "/rest/order/get"
ITEMS = "/rest/orders/items/get"
PACK = "/rest/order/fulfill/pack"
RTS = "/rest/order/package/rts"
LABEL = "/rest/order/package/document/get"
REFRESH = "/rest/auth/token/refresh"
CREATE = "/rest/auth/token/create"

ORDER_NO = "498120337128842"
UNIT_1, UNIT_2, UNIT_3 = "498120337228842", "498120337328842", "498120337428842"


def store(store_id: str = "lz-my-1", region: str = "MY", currency: str = "MYR", **wire: str) -> Store:
    return Store(
        store_id=store_id,
        marketplace="lazada",
        region=region,
        shop_id="100200300",
        name="Rumah Dapur",
        time_zone="Asia/Kuala_Lumpur",
        currency=currency,
        app="main",
        wire=wire,
    )


STORE = store()


def tokens(clock: DrivenClock, name: str = "1", *, lasts_s: float = WEEK_S, consent_s: float = 30 * 86400) -> TokenSet:
    now = int(clock.now())
    return TokenSet(f"50000access{name}", f"50001refresh{name}", int(now + lasts_s), int(now + consent_s))


def token_answer(name: str = "2", **over: Any) -> httpx.Response:
    fields = {
        "access_token": f"50000access{name}",
        "refresh_token": f"50001refresh{name}",
        "expires_in": WEEK_S,
        "refresh_expires_in": 30 * 86400,
        "country": "my",
        "account": "seller@shop.invalid",
        "account_id": None,
        "account_platform": "seller_center",
        "country_user_info": [
            {"country": "my", "user_id": "400100200300", "seller_id": "100200300", "short_code": "MY10QX7"}
        ],
        **over,
    }
    return httpx.Response(200, json={**fields, "code": "0", "request_id": "r0"})


def ok(data: Any = None) -> httpx.Response:
    return httpx.Response(200, json={"data": data, "code": "0", "request_id": "r1"})


def result(
    data: Any = None, *, success: Any = True, code: str | None = None, message: str | None = None
) -> httpx.Response:
    inner = {"data": data, "success": success, "errorCode": code, "errorMsg": message}
    return httpx.Response(200, json={"result": inner, "code": "0", "request_id": "r2"})


def no(code: str, message: str | None = None, kind: str = "ISV") -> httpx.Response:
    envelope = {"type": kind, "code": code, "request_id": "r3"}
    return httpx.Response(200, json=envelope if message is None else {**envelope, "message": message})


class ScriptedShop(Scripted[Lazada]):
    """A Lazada that answers from a script."""

    def __init__(self, clock: DrivenClock, script: Script, *, app: AppCredentials = APP, **setup: Any) -> None:
        super().__init__(Lazada, clock, script, app=app, tokens={STORE.store_id: tokens(clock)}, **setup)

    def sent(self, path: str) -> list[dict[str, str]]:
        """The parameters of every call to a path, from query and form alike."""
        return [params_of(request) for request in self.asked if request.url.path == path]


def params_of(request: httpx.Request) -> dict[str, str]:
    return {**dict(request.url.params), **dict(parse_qsl(request.content.decode(), keep_blank_values=True))}


def nested(params: Mapping[str, str], name: str) -> Any:
    """A nested parameter, taken apart."""
    return json.loads(params[name])


def item(unit_id: str = UNIT_1, **over: Any) -> dict[str, Any]:
    return {
        "order_item_id": int(unit_id),
        "order_id": int(ORDER_NO),
        "package_id": "",
        "product_id": "3120457781",
        "sku_id": "15220933418",
        "sku": "KETTLE-17L-BLK",
        "shop_sku": "3120457781_MY-15220933418",
        "buyer_id": 300415728842,
        "name": "Electric Kettle 1.7L",
        "variation": "Color:Black",
        "status": "pending",
        "return_status": "",
        "reason": "",
        "reason_detail": "",
        "cancel_return_initiator": "null-null",
        "order_type": "Normal",
        "order_flag": "NORMAL",
        "currency": "MYR",
        "item_price": 559.0,
        "paid_price": 551.5,
        "shipping_type": "Dropshipping",
        "shipping_provider_type": "standard",
        "shipment_provider": "",
        "tracking_code": "",
        "warehouse_code": "dropshipping",
        "delivery_option_sof": 0,
        "is_fbl": 0,
        "is_digital": 0,
        "sla_time_stamp": "2026-01-07T23:59:59+08:00",
        "fulfillment_sla": "Hand over before 2026-01-07 18:00:00_41.0 hrs_green",
        "promised_shipping_time": "",
        "payment_time": 1767575680000,
        "created_at": "2026-01-05 09:14:22 +0800",
        "updated_at": "2026-01-05 09:20:41 +0800",
        "need_cancel_confirm": False,
        "is_cancel_pending": False,
        **over,
    }


def packed(unit_id: str, package_no: str = "FP041220587428842", status: str = "packed", **over: Any) -> dict[str, Any]:
    labelled = {"tracking_code": "LEXMY0081234567", "shipment_provider": "LEX MY"}
    return item(unit_id, status=status, package_id=package_no, **{**labelled, **over})


def order(order_no: str = ORDER_NO, **over: Any) -> dict[str, Any]:
    address = {
        "first_name": "N*** A***",
        "last_name": "",
        "phone": "60********21",
        "address1": "12 J*** ****",
        "address3": "Selangor",
        "address4": "Petaling Jaya",
        "city": "Petaling Jaya",
        "post_code": "47301",
        "country": "Malaysia",
        "addressDsitrict": "",
    }
    return {
        "order_id": int(order_no),
        "order_number": int(order_no),
        "created_at": "2026-01-05 09:14:22 +0800",
        "updated_at": "2026-01-05 09:20:41 +0800",
        "statuses": ["pending"],
        "items_count": 2,
        "price": "1,118.00",
        "voucher": 15.0,
        "shipping_fee": 4.9,
        "payment_method": "MIXEDCARD",
        "customer_first_name": "N*** A***",
        "customer_last_name": "",
        "gift_option": False,
        "remarks": "",
        "buyer_note": "",
        "promised_shipping_times": "",
        "warehouse_code": "dropshipping",
        "need_cancel_confirm": False,
        "address_shipping": address,
        **over,
    }


def items_of(*units: dict[str, Any], order_no: str = ORDER_NO) -> httpx.Response:
    return ok([items_row(*units, order_no=order_no)])


def items_row(*units: dict[str, Any], order_no: str = ORDER_NO) -> dict[str, Any]:
    return {"order_number": int(order_no), "order_id": int(order_no), "order_items": list(units)}


def packed_row(
    unit_id: str, code: str = "0", package_no: str | None = "FP041220587428842", **over: Any
) -> dict[str, Any]:
    good = code == "0"
    return {
        "order_item_id": int(unit_id),
        "msg": "success" if good else "item current status not allow to pack",
        "item_err_code": code,
        "tracking_number": "LEXMY0081234567" if good else None,
        "shipment_provider": "LEX MY" if good else None,
        "package_id": package_no if good else None,
        "retry": False,
        **over,
    }


def pack_answer(*rows: dict[str, Any], order_no: str = ORDER_NO) -> httpx.Response:
    return result({"pack_order_list": [{"order_id": int(order_no), "order_item_list": list(rows)}]})


def rts_answer(code: str = "0", package_no: str = "FP041220587428842", **over: Any) -> httpx.Response:
    row = {"package_id": package_no, "item_err_code": code, "msg": "success", "retry": False, **over}
    return result({"packages": [row]})


FP = "FP041220587428842"
PENDING = items_of(item(UNIT_1), item(UNIT_2))
PACKED = items_of(packed(UNIT_1), packed(UNIT_2))
LOST = httpx.ReadError("gone")


def request(args: VerbArgs, target: str = ORDER_NO) -> Request:
    return Request(ORDER_NO, target, args)


async def send(shop: ScriptedShop, asked: Request, verb: Verb = Verb.SHIP) -> Outcome:
    (outcome,) = await shop.shop.desks[verb].send(STORE, [asked])
    return outcome


async def read_back(shop: ScriptedShop, asked: Request, verb: Verb = Verb.SHIP) -> Verdict:
    (evidence,) = await shop.shop.desks[verb].read_back(STORE, [asked])
    return evidence.verdict
