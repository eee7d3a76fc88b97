"""Splitting and combining parcels (sheet section 6.9)."""

from __future__ import annotations

from typing import Any

from ..world import packing
from ..world.model import Package
from .call import Answer, Call
from .codes import NOT_THIS_SHOPS_ORDER, SHIPPING, ApiError, bad


def split_attributes(call: Call) -> Answer:
    """GET /fulfillment/202309/orders/split_attributes?order_ids=."""
    orders = [call.order(order_id) for order_id in call.query.ids("order_ids", 50)]
    rows = []
    for order in orders:
        why = packing.why_not_split(call.world, order)
        rows.append(
            {
                "order_id": order.id,
                "can_split": not why,
                "reason": why,
                "must_split": False,
                "must_split_reasons": [],
            }
        )
    return {"split_attributes": rows}


def split(call: Call) -> Answer:
    """POST /fulfillment/202309/orders/{order_id}/split."""
    groups = call.body.objects("splittable_groups", 50)
    if not groups:
        raise bad("splittable_groups", "is required")
    wishes = [(group.needed("id"), group.texts("order_line_item_ids", 500)) for group in groups]
    order_id = call.params["order_id"]

    def do() -> list[Package]:
        return packing.split(call.world, call.order(order_id), [lines for _, lines in wishes], call.now)

    made = call.act(SHIPPING, "split", order_id, order_id, do)
    return {
        "packages": [
            {"splittable_group_id": name, "id": package.id} for (name, _), package in zip(wishes, made, strict=True)
        ]
    }


def combinable_search(call: Call) -> Answer:
    """GET /fulfillment/202309/combinable_packages/search; the page token counts groups."""
    size = call.query.size(1, 50, None)
    groups = packing.combinable(call.world, call.store.id)
    token = call.query.text("page_token")
    start = next((at + 1 for at, (name, _) in enumerate(groups) if name == token[:-1]), 0) if token else 0
    if token and (start == 0 or not token.endswith("=")):
        raise bad("page_token")
    page = groups[start : start + size]
    more = start + size < len(groups)
    return {
        "combinable_packages": [
            {"id": name, "order_ids": [package.orders[0].id for package in packages]} for name, packages in page
        ],
        "next_page_token": f"{page[-1][0]}=" if more else "",
        "total_count": len(groups),
    }


def combine(call: Call) -> Answer:
    """POST /fulfillment/202309/packages/combine: fresh parcels for those that fit, `errors` for the others."""
    parts = call.body.objects("combinable_packages", 50)
    if not parts:
        raise bad("combinable_packages", "is required")
    wishes = [(part.needed("id"), part.texts("order_ids", 50)) for part in parts]
    done: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for group_id, order_ids in wishes:
        try:
            package = _combine_one(call, group_id, order_ids)
        except ApiError as error:
            detail = {"package_id": group_id}
            errors.append({"code": error.code, "message": error.message, "detail": detail})
        else:
            done.append({"id": package.id, "order_ids": [order.id for order in package.orders]})
    return {"packages": done, "errors": errors}


def _combine_one(call: Call, group_id: str, order_ids: list[str]) -> Package:
    def do() -> Package:
        for order_id in order_ids:
            if call.world.order_of(call.store, order_id) is None:
                raise ApiError(NOT_THIS_SHOPS_ORDER, f"order {order_id} does not belong to this shop")
        return packing.combine(call.world, call.store.id, group_id, order_ids, call.now)

    return call.act(SHIPPING, "combine", group_id, order_ids[0] if order_ids else "", do)


def uncombine(call: Call) -> Answer:
    """POST /fulfillment/202309/packages/{package_id}/uncombine."""
    package_id = call.params["package_id"]
    order_ids = call.body.texts("order_ids", 50)

    def do() -> list[Package]:
        return packing.uncombine(call.world, call.package(package_id), order_ids, call.now)

    made = call.act(SHIPPING, "uncombine", package_id, order_ids[0] if order_ids else "", do)
    return {"packages": [{"id": one.id, "order_ids": [order.id for order in one.orders]} for one in made]}
