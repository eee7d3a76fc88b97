"""Lazada's own Python SDK reads and answers reverse orders of the sandbox, and hands in a picture."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus
from shoptui.sandbox.world.returns_model import Stage

from .caller import Caller, compact

pytestmark = pytest.mark.conformance


async def test_it_lists_agrees_refuses_and_uploads(caller: Caller, sdk: Any) -> None:
    world, sandbox = caller.sandbox.world, caller.sandbox
    client = sdk.LazopClient(caller.gateway, sandbox.app_key, sandbox.app_secret)

    async def call(path: str, picture: bytes | None = None, **params: str) -> Any:
        request = sdk.LazopRequest(path, "GET" if picture is None else "POST")
        for name, value in params.items():
            request.add_api_param(name, value)
        if picture is not None:
            request.add_file_param("image", picture)
        return (await asyncio.to_thread(client.execute, request, caller.token)).body

    def asked(**about: Any) -> Any:
        order = next(
            one for one in caller.orders(OrderStatus.DELIVERED) if len(world.returns.free_lines(one)) == len(one.lines)
        )
        sandbox.poke("buyer_returns", order_id=order.id, units=1, **about)
        return world.returns.every()[-1]

    goods, money = asked(ask="return"), asked(ask="refund")
    query = {"page_no": "1", "page_size": "10", "request_type_list": '["RETURN","ONLY_REFUND"]'}
    listed = (await call("/reverse/getreverseordersforseller", **query))["result"]
    lines = {
        str(one["reverse_order_id"]): [line["reverse_order_line_id"] for line in one["reverse_order_lines"]]
        for one in listed["items"]
    }
    assert set(lines) == {goods.id, money.id} and listed["total"] == 2
    own = {"reverse_order_id": goods.id, "reverse_order_item_ids": compact(lines[goods.id])}
    agreed = await call("/order/reverse/return/update", action="agreeReturn", **own)
    assert agreed["data"]["reverse_order_id"] == int(goods.id)
    link = (await call("/image/upload", b"\xff\xd8\xff" + bytes(60)))["data"]["image"]["url"]
    dispute = await call(
        "/order/reverse/onlyrefund/seller/decide",
        action="startDispute",
        reverse_order_id=money.id,
        reverse_order_item_ids=compact(lines[money.id]),
        comment="It was delivered.",
        image_info_list=compact([{"file_name": "a.jpg", "file_url": link}]),
    )
    assert dispute["code"] == "0"
    assert [goods.stage, money.stage] == [Stage.BUYER_SENDS, Stage.JUDGED]
