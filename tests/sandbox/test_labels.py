"""Shipping documents: when they exist, their links and their bytes."""

from __future__ import annotations

import zlib

import pytest

from shoptui.sandbox.labels import bars, pdf
from shoptui.sandbox.world.model import OrderStatus, Shipping

from .caller import Caller


async def _document(caller: Caller, package_id: str, kind: str = "SHIPPING_LABEL", **params: str) -> tuple[int, str]:
    path = f"/fulfillment/202309/packages/{package_id}/shipping_documents"
    reply = await caller.get(path, document_type=kind, **params)
    return reply.code, reply.data["doc_url"] if reply.code == 0 else ""


async def test_a_label_exists_from_arranging_until_pickup_after_a_moment_of_generating(caller: Caller) -> None:
    package = caller.shippable()[0]
    assert (await _document(caller, package.id))[0] == 21023035
    await caller.ship(package.id)
    assert (await _document(caller, package.id))[0] == 11034037
    caller.sandbox.advance(2)
    code, url = await _document(caller, package.id)
    assert code == 0
    response = await caller.client.get(url)
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-1.4") and response.content.rstrip().endswith(b"%%EOF")
    assert package.tracking.encode() in response.content
    caller.sandbox.poke("collect", package_id=package.id)
    assert (await _document(caller, package.id))[0] == 21042102


async def test_a_link_dies_after_a_day_and_cannot_be_altered(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package.id)
    caller.sandbox.advance(10)
    _, url = await _document(caller, package.id)
    assert (await caller.client.get(url.replace("SHIPPING_LABEL", "PACKING_SLIP"))).status_code == 403
    assert (await caller.client.get(url.split("&key=")[0])).status_code == 403
    caller.sandbox.advance(24 * 3600 - 1)
    assert (await caller.client.get(url)).status_code == 200
    caller.sandbox.advance(1)
    assert (await caller.client.get(url)).status_code == 403


async def test_other_documents(caller: Caller) -> None:
    package = caller.shippable()[0]
    await caller.ship(package.id)
    caller.sandbox.advance(10)
    pages = {}
    for kind in ("PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP", "HAZMAT_LABEL"):
        _, url = await _document(caller, package.id, kind, document_size="A5")
        pages[kind] = (await caller.client.get(url)).content
    assert pages["PACKING_SLIP"].count(b"/Type /Page ") == 1
    assert pages["SHIPPING_LABEL_AND_PACKING_SLIP"].count(b"/Type /Page ") == 2
    assert b"[0 0 595 842]" in pages["HAZMAT_LABEL"] and b"[0 0 420 595]" in pages["PACKING_SLIP"]
    _, url = await _document(caller, package.id, "SHIPPING_LABEL_PICTURE")
    picture = await caller.client.get(url)
    assert picture.headers["content-type"] == "image/png"
    start = picture.content.index(b"IDAT") + 4
    size = int.from_bytes(picture.content[start - 8 : start - 4], "big")
    assert set(zlib.decompress(picture.content[start : start + size])) == {0, 255}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"document_type": "POSTER"}, 36009004),
        ({"document_type": ""}, 36009004),
        ({"document_type": "INVOICE_LABEL"}, 36009004),
        ({"document_type": "SHIPPING_LABEL", "document_format": "ZPL"}, 36009004),
        ({"document_type": "SHIPPING_LABEL", "document_size": "A0"}, 36009004),
    ],
)
async def test_document_parameters_are_checked(caller: Caller, params: dict[str, str], code: int) -> None:
    package = caller.shippable()[0]
    path = f"/fulfillment/202309/packages/{package.id}/shipping_documents"
    assert (await caller.get(path, **params)).code == code


async def test_packages_that_never_have_a_platform_label(caller: Caller) -> None:
    own = caller.shippable(Shipping.SELLER)[0]
    assert (await _document(caller, own.id))[0] == 21008017
    cancelled = next(one for one in caller.orders(OrderStatus.CANCELLED, Shipping.PLATFORM) if one.packages)
    assert (await _document(caller, cancelled.packages[0].id))[0] == 21023059
    fbt = caller.shippable()[0]
    fbt.orders[0].is_platform_fulfilled = True
    assert (await _document(caller, fbt.id))[0] == 21008043


def test_every_character_of_a_bar_takes_five_bars() -> None:
    assert len(bars("AB12")) == 5 * 6
    assert bars("ab12") == bars("AB12")
    offsets = [at for at, _ in bars("X-1.")]
    assert offsets == sorted(offsets)


def test_pdf_cross_references_point_at_objects() -> None:
    document = pdf([("A1", ["one (1)"]), ("", ["back\\slash"])], "A6")
    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    lines = document[start:].split(b"\n")
    assert lines[0] == b"xref"
    count = int(lines[1].split()[1])
    for number in range(1, count):
        offset = int(lines[2 + number].split()[0])
        assert document[offset:].startswith(b"%d 0 obj" % number)
