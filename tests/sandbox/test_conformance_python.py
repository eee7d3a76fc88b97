"""The PyPI client tiktok-shop-api works against the sandbox with nothing but its base URL changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shoptui.sandbox.testing import LiveSandbox
from shoptui.sandbox.world.model import OrderStatus, PackageStatus, Shipping

from .caller import Caller
from .published import api, auth, connect, models

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("published")]


@pytest.fixture
async def client(sandbox: LiveSandbox) -> AsyncIterator[Any]:
    async with connect(sandbox, "VN") as connected:
        yield connected


async def _list(client: Any, status: str | None = None) -> list[Any]:
    body = models.GetOrderListRequest()
    if status is not None:
        body.order_status = models.GetOrderListRequestOrderStatus(status)
    orders: list[Any] = []
    extra: dict[str, str] = {}
    while True:
        page = (await client.orders.get_order_list(page_size=7, body=body, **extra)).data
        orders += page.orders
        if not page.next_page_token:
            assert page.total_count == len(orders)
            return orders
        extra = {"page_token": page.next_page_token}


async def test_it_lists_and_reads_every_order(caller: Caller, client: Any) -> None:
    listed = await _list(client)
    assert {order.id for order in listed} == {one.id for one in caller.sandbox.world.orders_of(caller.shop.id)}
    ids = [order.id for order in listed[:50]]
    detail = await client.orders.get_order_detail(ids=ids)
    assert [order.id for order in detail.data.orders] == ids
    first = detail.data.orders[0]
    price = await client.orders.get_order_price_details(first.id)
    assert price.data.payment == first.payment.total_amount


async def test_it_ships_packages_alone_and_in_a_batch(caller: Caller, client: Any) -> None:
    one, two, three = caller.shippable()[:3]
    assert (await client.fulfillment.ship_package(one.id)).code == 0
    body = models.BatchShipPackagesRequest(
        packages=[models.BatchShipPackagesRequestPackage(id=package.id) for package in (one, two, three)]
    )
    errors = (await client.fulfillment.batch_ship_packages(body=body)).data.errors
    assert [(error.code, error.detail.package_id) for error in errors] == [(21011020, one.id)]
    assert {package.status for package in (one, two, three)} == {PackageStatus.ARRANGED}
    detail = (await client.fulfillment.get_package_detail(two.id)).data
    assert (detail.package_id, detail.package_status) == (two.id, "PROCESSING")
    shipped = {order.id for order in await _list(client, "AWAITING_COLLECTION")}
    assert {package.orders[0].id for package in (one, two, three)} <= shipped
    caller.sandbox.advance(10)
    kind = "SHIPPING_LABEL"
    document = (await client.fulfillment.get_package_shipping_document(two.id, document_type=kind)).data
    assert document.tracking_number == two.tracking
    assert (await caller.client.get(document.doc_url)).content.startswith(b"%PDF")


async def test_refusals_arrive_as_its_errors(caller: Caller, client: Any) -> None:
    with pytest.raises(api.TikTokShopError) as caught:
        await client.fulfillment.ship_package(caller.orders(OrderStatus.ON_HOLD)[0].packages[0].id)
    assert caught.value.code == 21011003 and caught.value.request_id


async def test_it_reads_what_surrounds_an_order(caller: Caller, client: Any) -> None:
    package = caller.shippable()[0]
    slots = (await client.fulfillment.get_package_handover_time_slots(package.id)).data
    assert slots.can_pickup and slots.pickup_slots
    houses = (await client.logistics.get_warehouse_list()).data.warehouses
    options = (await client.logistics.get_warehouse_delivery_options(houses[0].id)).data.delivery_options
    assert {option.id for option in options} >= {package.orders[0].option.id}
    assert (await client.fulfillment.get_order_split_attributes(order_ids=[package.orders[0].id])).code == 0
    assert (await client.fulfillment.search_combinable_packages(page_size=10)).code == 0
    assert (await client.fulfillment.get_order_tracking(package.orders[0].id)).code == 0


async def test_it_cancels_and_answers_requests_in_the_newest_versions(caller: Caller, client: Any) -> None:
    one, two = [package.orders[0] for package in caller.shippable()[:2]]
    refunds = client.return_and_refund
    body = models.CancelOrderRequest(order_id=one.id, cancel_reason="seller_cancel_reason_out_of_stock")
    cancelled = await refunds.cancel_order(body=body)
    assert cancelled.data.cancel_status == "CANCELLATION_REQUEST_SUCCESS"
    cancel_id = caller.sandbox.poke("buyer_cancel_request", order_id=two.id)["cancel_id"]
    found = (await refunds.search_cancellations(body=models.SearchCancellationsRequest(order_ids=[two.id]))).data
    assert [row.cancel_id for row in found.cancellations] == [cancel_id]
    assert (await refunds.get_reject_reasons(return_or_cancel_id=cancel_id)).data.reasons
    await refunds.approve_cancellation(cancel_id)
    assert two.status is OrderStatus.CANCELLED


async def test_it_marks_and_buys_in_the_newest_versions(caller: Caller) -> None:
    async with connect(caller.sandbox, "GB") as british:
        shop = caller.for_region("GB")
        order = next(one for one in shop.orders(OrderStatus.TO_SHIP, Shipping.SELLER) if not one.cancel_request)
        info = models.ShippingInfoList(tracking_number="ROYAL-1234", shipping_provider_id=order.store.carriers[0].id)
        body = models.MarkPackageAsShippedRequest(shipping_info_list=[info])
        assert (await british.fulfillment.mark_package_as_shipped(order.id, body=body)).data.package_id
    async with connect(caller.sandbox, "US") as american:
        shop = caller.for_region("US")
        order = next(one for one in shop.orders(OrderStatus.TO_SHIP, Shipping.PLATFORM) if not one.cancel_request)
        query = models.GetEligibleShippingServicesRequest()
        offered = (await american.fulfillment.get_eligible_shipping_services(order.id, body=query)).data
        request = models.CreatePackagesRequest(
            ship_type="PLATFORM", order_id=order.id, shipping_service_id=offered.shipping_services[0].id
        )
        made = (await american.fulfillment.create_packages(body=request)).data
        assert made.shipping_service_info.price == offered.shipping_services[0].price
        assert order.status is OrderStatus.ARRANGED


async def test_its_token_helper_refreshes_and_exchanges(caller: Caller) -> None:
    sandbox = caller.sandbox
    helper = auth.AsyncTikTokShopAuth(sandbox.app_key, sandbox.app_secret, base_url=sandbox.auth_url)
    fresh = await helper.refresh(caller.shop.refresh_token)
    assert fresh.access_token == sandbox.shops[0].access_token
    code = str(sandbox.poke("authorize", shop_id=caller.shop.id)["code"])
    assert (await helper.exchange_code(code)).granted_scopes
    async with connect(sandbox, "VN") as connected:
        shops = (await connected.authorization.get_authorized_shops()).data.shops
        assert [shop.cipher for shop in shops] == [caller.shop.cipher]
