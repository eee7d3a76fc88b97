"""Waybills: a frame around a link that dies after ten minutes, HTML pages, the older calls (sections 7.4, 7.6)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..labels import pdf
from ..reading import is_digits
from ..world.model import Line, Order, OrderStatus, Package, PackageStatus, Shipping
from ..world.world import World
from . import codes
from .call import Answer, Call, data, result
from .codes import ApiError, ResultError
from .packing import packages_of
from .render import masked
from .states import provider, tracking

LINK_PATH = "/_lazada/awb.pdf"
LINK_LIFETIME_S = 600

_KINDS = ("invoice", "shippingLabel", "carrierManifest")
_PAGE = (
    "<!doctype html><html><head><meta charset=utf-8><title>{title}</title>"
    '<script src="https://assets.sandbox.invalid/barcode.js"></script>'
    "<style>.page{{width:105mm;height:148mm;page-break-after:always}}</style></head><body>{body}</body></html>"
)


def package_document(call: Call) -> Answer:
    """GET or POST /order/package/document/get: all parcels of the call in one document."""
    request = call.params.request("getDocumentReq")
    kind = request.needed("doc_type", ("PDF", "HTML"))
    with_items = request.flag("print_item_list")
    packages = [_printable(call, one) for one in packages_of(call, "getDocumentReq")]
    if kind == "HTML":
        page = _html("Waybill", call.world, packages, with_items=with_items)
        return result({"file": _base64(page), "doc_type": kind})
    ids = ",".join(package.id for package in packages)
    expires_at = call.now + min(LINK_LIFETIME_S, call.world.settings.label_link_s)
    key = _key(call.side.app_secret, ids, expires_at, with_items=with_items)
    url = f"{call.origin}{LINK_PATH}?ids={ids}&items={int(with_items)}&expires={expires_at}&key={key}"
    # The "PDF" is a frame in base64; the document itself has to be fetched from the link (trap 29).
    frame = f'<iframe src="{url}" width="100%" height="100%"></iframe>'
    return result({"file": _base64(frame), "doc_type": kind, "pdf_url": url})


def _printable(call: Call, package_id: str) -> Package:
    """Raises ResultError for a parcel without a waybill."""
    package = call.world.package_of(call.store, package_id)
    if package is None:
        raise ResultError(codes.NO_PACKAGE, f"package not found: {package_id}")
    if package.orders[0].is_platform_fulfilled:
        raise ResultError(codes.FBL, "the order is fulfilled by Lazada")
    if package.orders[0].shipping is Shipping.SELLER or package.status is PackageStatus.CANCELLED:
        raise ResultError(codes.NOT_PRINTABLE, f"nothing printable for package {package_id}")
    return package


def download(side_secret: str, world: World, request: Request, now: int) -> Response:
    """The PDF behind a link; links that ended or were tampered with are refused."""
    query = request.query_params
    ids, expires = query.get("ids", ""), query.get("expires", "")
    with_items = query.get("items") == "1"
    if not is_digits(expires):
        return Response("bad link\n", 403, media_type="text/plain")
    wanted = _key(side_secret, ids, int(expires), with_items=with_items)
    if not hmac.compare_digest(wanted.encode(), query.get("key", "").encode()):
        return Response("bad link\n", 403, media_type="text/plain")
    if now > int(expires):
        return Response("the link has expired\n", 403, media_type="text/plain")
    packages = [world.packages[one] for one in ids.split(",")]
    pages = [(tracking(world, package), _lines(world, package, with_items=with_items)) for package in packages]
    return Response(pdf(pages, "A6"), media_type="application/pdf")


def _key(secret: str, ids: str, expires_at: int, *, with_items: bool) -> str:
    text = f"{ids}|{int(with_items)}|{expires_at}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def order_document(call: Call) -> Answer:
    """GET /order/document/get: invoice, label or manifest of packed units, as HTML."""
    kind = call.params.needed("doc_type")
    if kind not in _KINDS:
        raise ApiError("32", f"E032: Document type {kind} is not valid")
    packages = _packages_of_units(call)
    page = _html(kind, call.world, packages, with_items=kind != "shippingLabel")
    return data({"document": {"file": _base64(page), "mime_type": "text/html", "document_type": kind}})


def awb_pdf(call: Call) -> Answer:
    """GET /order/document/awb/pdf/get: the PDF itself."""
    packages = _packages_of_units(call)
    pages = [(tracking(call.world, one), _lines(call.world, one, with_items=False)) for one in packages]
    return data({"document": _document(pdf(pages, "A6"), "application/pdf")})


def awb_html(call: Call) -> Answer:
    """GET /order/document/awb/html/get."""
    page = _html("Waybill", call.world, _packages_of_units(call), with_items=False)
    return data({"document": _document(page.encode(), "text/html")})


def _document(content: bytes, mime_type: str) -> dict[str, Any]:
    return {"file": b64encode(content).decode(), "mime_type": mime_type, "document_type": "shippingLabel"}


def _packages_of_units(call: Call) -> list[Package]:
    """The parcels of `order_item_ids`. Raises ApiError."""
    ids = call.params.ids("order_item_ids")
    if ids is None:
        raise ApiError("6", "E006: order_item_ids must be an array such as [1,2]")
    found = [call.line(one) for one in dict.fromkeys(ids)]
    units: list[tuple[Order, Line]] = [one for one in found if one is not None]
    if len(units) != len(found):
        raise ApiError("20", "E020: Invalid Order Item ID")
    if any(order.shipping is Shipping.SELLER for order, _ in units):
        raise ApiError("50008", "E50008: documents of orders delivered by the seller are not supported")
    if any(line.cancelled_at is not None or order.status is OrderStatus.UNPAID for order, line in units):
        raise ApiError(codes.NOT_PRINTABLE, "E700040: nothing to print")
    packages = [line.package for _, line in units]
    if any(one is None for one in packages):
        raise ApiError("34", "E034: Order Item must be packed")
    return list(dict.fromkeys(one for one in packages if one is not None))


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _lines(world: World, package: Package, *, with_items: bool) -> list[str]:
    order = package.orders[0]
    lines = [
        tracking(world, package),
        f"Provider {provider(package)}  {order.option.name}",
        f"Package  {package.id}",
        f"Order    {order.id}",
        f"To       {order.store.region} {order.buyer.postcode}  {masked(order.buyer.name)}",
        f"From     {order.store.name}  {order.warehouse.postcode}",
        f"Items    {len(package.lines)}",
    ]
    if order.is_cod:
        lines.append("CASH ON DELIVERY")
    if with_items:
        lines += [f"{line.sku.code}  {line.sku.product_name}" for line in package.lines]
    return lines


def _html(title: str, world: World, packages: Sequence[Package], *, with_items: bool) -> str:
    body = "".join(
        "<div class=page>"
        f'<svg class=barcode data-code="{escape(tracking(world, package))}"></svg>'
        + "".join(f"<p>{escape(line)}</p>" for line in _lines(world, package, with_items=with_items))
        + "</div>"
        for package in packages
    )
    return _PAGE.format(title=escape(title), body=body)
