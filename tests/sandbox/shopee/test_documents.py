"""Shipping documents: made in the background, failing, downloaded as PDF or ZIP."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from shoptui.sandbox.shopee.documents import NORMAL, THERMAL, prints_thermal
from shoptui.sandbox.shopee.states import channel
from shoptui.sandbox.world.model import Package, Shipping

from .caller import Caller, Reply

CREATE = "logistics/create_shipping_document"
RESULT = "logistics/get_shipping_document_result"
DOWNLOAD = "logistics/download_shipping_document"


async def _arranged(caller: Caller, count: int = 1) -> list[Package]:
    """Parcels of one channel, arranged and with their tracking numbers known."""
    groups: dict[int, list[Package]] = {}
    for package in caller.shippable():
        groups.setdefault(channel(package.orders[0])[0], []).append(package)
    chosen = max(groups.values(), key=len)[:count]
    for package in chosen:
        assert (await caller.ship(package)).error == ""
    caller.sandbox.advance(5)
    return chosen


def _rows(packages: list[Package], kind: str = NORMAL, **more: str) -> dict[str, Any]:
    return {
        "order_list": [
            {
                "order_sn": one.orders[0].id,
                "package_number": one.id,
                "tracking_number": one.tracking,
                "shipping_document_type": kind,
                **more,
            }
            for one in packages
        ]
    }


async def _state(caller: Caller, package: Package, kind: str = NORMAL) -> str:
    reply = await caller.post(RESULT, _rows([package], kind))
    row = reply.data["result_list"][0]
    return str(row.get("status") or row["fail_error"])


async def _download(caller: Caller, packages: list[Package], kind: str = NORMAL) -> Reply:
    orders = [{"order_sn": one.orders[0].id, "package_number": one.id} for one in packages]
    return await caller.post(DOWNLOAD, {"shipping_document_type": kind, "order_list": orders})


async def test_a_document_is_ordered_made_and_fetched(caller: Caller) -> None:
    package = (await _arranged(caller))[0]
    assert await _state(caller, package) == "logistics.shipping_document_should_print_first"
    assert (await _download(caller, [package])).error == "logistics.shipping_document_should_print_first"
    created = await caller.post(CREATE, _rows([package]))
    assert created.error == "" and created.data["result_list"][0]["fail_error"] == ""
    assert await _state(caller, package) == "PROCESSING"
    assert (await _download(caller, [package])).error == "logistics.download_later"
    caller.sandbox.advance(2)
    assert await _state(caller, package) == "READY"
    file = await _download(caller, [package])
    assert (file.status, file.headers["content-type"]) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(file.content)).pages[0].extract_text()
    assert package.tracking in text and package.id in text and package.orders[0].buyer.name not in text
    assert (await _download(caller, [package])).content == file.content
    assert caller.effects("create_document") == [(package.id, "applied", "")]


async def test_label_printers_get_a_zip_with_a_pdf_per_parcel(caller: Caller) -> None:
    packages = await _arranged(caller, 2)
    await caller.post(CREATE, _rows(packages, THERMAL))
    caller.sandbox.advance(2)
    file = await _download(caller, packages, THERMAL)
    assert file.headers["content-type"] == "application/octet-stream"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.namelist() == [f"{one.id}.pdf" for one in packages]
        for package in packages:
            pages = PdfReader(io.BytesIO(archive.read(f"{package.id}.pdf"))).pages
            assert len(pages) == 1 and package.tracking in pages[0].extract_text()
    assert (await _download(caller, packages, NORMAL)).error == "logistics.shipping_document_should_print_first"


async def test_the_kind_suggested_is_the_shops_own(caller: Caller) -> None:
    package = (await _arranged(caller))[0]
    reply = await caller.post("logistics/get_shipping_document_parameter", _rows([package]))
    row = reply.data["result_list"][0]
    assert row["suggest_shipping_document_type"] == (THERMAL if prints_thermal(package.store) else NORMAL)
    assert set(row["selectable_shipping_document_type"]) == {NORMAL, THERMAL}
    assert len({prints_thermal(store) for store in caller.sandbox.world.stores.values()}) == 2


async def test_rows_fail_one_by_one_with_a_warning(caller: Caller) -> None:
    good, early = caller.shippable()[:2]
    await caller.ship(good)
    caller.sandbox.advance(5)
    await caller.ship(early)
    wrong = _rows([good], tracking_number="SPX0")["order_list"]
    kind = _rows([good], "A4_PAGE")["order_list"]
    body = {"order_list": [*_rows([good, early])["order_list"], *wrong, *kind, {"order_sn": "2601010000000X"}]}
    reply = await caller.post(CREATE, body)
    assert reply.error == ""
    assert [row["fail_error"] for row in reply.data["result_list"]] == [
        "",
        "logistics.package_can_not_print",
        "logistics.tracking_number_invalid",
        "logistics.shipping_document_type_invalid",
        "logistics.order_not_exist",
    ]
    assert "try again later" in reply.data["result_list"][1]["fail_message"]
    assert reply.body["warning"][0]["order_sn"] == early.orders[0].id
    none = await caller.post(CREATE, _rows([early]))
    assert none.error == "common.batch_api_all_failed" and len(none.data["result_list"]) == 1


async def test_there_is_no_document_once_the_carrier_has_the_parcel(caller: Caller) -> None:
    package = (await _arranged(caller))[0]
    caller.sandbox.poke("collect", package_id=package.id)
    reply = await caller.post(CREATE, _rows([package]))
    assert reply.data["result_list"][0]["fail_error"] == "logistics.package_can_not_print"
    offered = await caller.post("logistics/get_shipping_document_parameter", _rows([package]))
    assert offered.error == ""


async def test_own_fleet_and_waiting_parcels_have_none(caller: Caller) -> None:
    own = caller.with_own_fleet()
    fleet, waiting = own.shippable(Shipping.SELLER)[0], own.shippable()[0]
    reply = await own.post("logistics/get_shipping_document_parameter", _rows([fleet, waiting]))
    assert {row["fail_error"] for row in reply.data["result_list"]} == {"logistics.package_can_not_print"}
    assert reply.error == "common.batch_api_all_failed"


async def test_a_failed_document_may_be_made_again(caller: Caller) -> None:
    package = (await _arranged(caller))[0]
    caller.sandbox.settings.change({"label_fails_every": 1})
    await caller.post(CREATE, _rows([package]))
    caller.sandbox.advance(2)
    reply = await caller.post(RESULT, _rows([package]))
    row = reply.data["result_list"][0]
    assert (row["status"], row["fail_error"]) == ("FAILED", "logistics.package_print_failed")
    assert (await _download(caller, [package])).error == "logistics.package_print_failed"
    caller.sandbox.settings.change({"label_fails_every": 0})
    await caller.post(CREATE, _rows([package]))
    caller.sandbox.advance(2)
    assert await _state(caller, package) == "READY"
    caller.sandbox.poke("cancel_order", order_id=package.orders[0].id)
    assert await _state(caller, package) == "FAILED"


async def test_several_channels_cannot_be_downloaded_together(caller: Caller) -> None:
    first = caller.shippable()[0]
    second = next(one for one in caller.shippable() if channel(one.orders[0]) != channel(first.orders[0]))
    for package in (first, second):
        await caller.ship(package)
    caller.sandbox.advance(5)
    assert (await caller.post(CREATE, _rows([first, second]))).body["warning"] == []
    caller.sandbox.advance(2)
    assert (await _download(caller, [first, second])).error == "logistics.packages_can_not_download_together"
    assert (await _download(caller, [second])).error == ""


@pytest.mark.parametrize("operation", [CREATE, RESULT, DOWNLOAD])
async def test_lists_have_one_to_fifty_entries(caller: Caller, operation: str) -> None:
    for count in (0, 51):
        rows = [{"order_sn": f"2601{number:010d}"} for number in range(count)]
        assert (await caller.post(operation, {"order_list": rows})).error == "error_param"
