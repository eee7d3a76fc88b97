"""Waybills: the frame in base64, the link behind it and its short life, HTML, and the older calls."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from typing import Any

import pytest
from pypdf import PdfReader

from shoptui.sandbox.world.model import OrderStatus, Package, Shipping

from .caller import Caller, compact


async def _document(caller: Caller, packages: list[str], kind: str = "PDF", **more: Any) -> dict[str, Any]:
    request = {"doc_type": kind, "packages": [{"package_id": one} for one in packages], **more}
    reply = await caller.post("/order/package/document/get", getDocumentReq=compact(request))
    assert reply.code == "0"
    found: dict[str, Any] = reply.body["result"]
    return found


def _packages(caller: Caller) -> list[Package]:
    return [order.packages[0] for order in caller.packed()]


async def test_a_pdf_is_a_frame_around_a_link_that_dies(caller: Caller) -> None:
    one, two = _packages(caller)[:2]
    data = (await _document(caller, [one.id, two.id]))["data"]
    frame = b64decode(data["file"]).decode()
    found = re.search(r'<iframe src="([^"]+)"', frame)
    assert found is not None and found[1] == data["pdf_url"]
    pages = PdfReader(io.BytesIO((await caller.client.get(data["pdf_url"])).content)).pages
    assert [package.id in page.extract_text() for package, page in zip((one, two), pages, strict=True)] == [True, True]
    assert (await caller.client.get(data["pdf_url"].replace(one.id, two.id))).status_code == 403
    caller.sandbox.advance(601)
    assert (await caller.client.get(data["pdf_url"])).status_code == 403


async def test_html_is_the_page_itself(caller: Caller) -> None:
    package = _packages(caller)[0]
    data = (await _document(caller, [package.id], "HTML", print_item_list=True))["data"]
    page = b64decode(data["file"]).decode()
    assert package.id in page and package.lines[0].sku.code in page and "pdf_url" not in data


async def test_what_has_no_waybill_says_why(caller: Caller) -> None:
    fleet = caller.packable(Shipping.SELLER)[0]
    own = (await caller.pack(fleet))[0]["package_id"]
    cancelled = _packages(caller)[0]
    caller.sandbox.poke("cancel_order", order_id=cancelled.orders[0].id)
    for package_id, code in ((own, "700040"), (cancelled.id, "700040"), ("FP1", "600001")):
        failed = await _document(caller, [package_id])
        assert (failed["success"], failed["errorCode"], failed["data"]) == (False, code, None)
    assert (await _document(caller, [own], "ZPL"))["errorCode"] == "700004"


@pytest.mark.parametrize("kind", ["invoice", "shippingLabel", "carrierManifest"])
async def test_documents_of_units(caller: Caller, kind: str) -> None:
    package = _packages(caller)[0]
    ids = f"[{package.lines[0].id}]"
    found = (await caller.get("/order/document/get", doc_type=kind, order_item_ids=ids)).data["document"]
    assert (found["mime_type"], found["document_type"]) == ("text/html", kind)
    assert package.id in b64decode(found["file"]).decode()


async def test_documents_of_units_name_what_is_wrong(caller: Caller) -> None:
    packed, waiting = _packages(caller)[0].lines[0].id, caller.packable()[0].lines[0].id
    fleet = caller.packable(Shipping.SELLER)[0].lines[0].id
    ended = caller.orders(OrderStatus.CANCELLED)[0].lines[0].id
    path = "/order/document/get"
    for kind, ids, code in (
        ("poster", f"[{packed}]", "32"),
        ("shippingLabel", packed, "6"),
        ("shippingLabel", "[7]", "20"),
        ("shippingLabel", f"[{waiting}]", "34"),
        ("shippingLabel", f"[{fleet}]", "50008"),
        ("shippingLabel", f"[{ended}]", "700040"),
    ):
        assert (await caller.get(path, doc_type=kind, order_item_ids=ids)).code == code, (kind, ids)
    pdf = (await caller.get("/order/document/awb/pdf/get", order_item_ids=f"[{packed}]")).data["document"]
    assert b64decode(pdf["file"]).startswith(b"%PDF")
    page = (await caller.get("/order/document/awb/html/get", order_item_ids=f"[{packed}]")).data["document"]
    assert b64decode(page["file"]).startswith(b"<!doctype html>")
