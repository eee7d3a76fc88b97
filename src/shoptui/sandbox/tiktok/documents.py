"""Shipping documents: when they exist, the signed link that fetches them and what is printed (section 6.6)."""

from __future__ import annotations

import hashlib
import hmac

from ..labels import pdf, png
from ..world.model import Package, PackageStatus, Shipping
from . import codes
from .call import Answer, Call
from .codes import ApiError, bad
from .render import mask_words

PREFIX = "/_files/labels/"

_TYPES = (
    "SHIPPING_LABEL",
    "PACKING_SLIP",
    "SHIPPING_LABEL_AND_PACKING_SLIP",
    "SHIPPING_LABEL_PICTURE",
    "HAZMAT_LABEL",
    "INVOICE_LABEL",
)


def shipping_documents(call: Call) -> Answer:
    """GET /fulfillment/202309/packages/{package_id}/shipping_documents: a link valid for 24 world hours."""
    kind = call.query.needed("document_type", _TYPES)
    size = call.query.text("document_size", "A6", ("A6", "A5"))
    call.query.text("document_format", "PDF", ("PDF", "ZPL"))
    if call.query.text("document_format") == "ZPL":
        raise bad("document_format", "ZPL is not offered in this market")
    if kind == "INVOICE_LABEL":
        raise bad("document_type", "INVOICE_LABEL is not offered in this market")
    package = call.package(call.params["package_id"])
    _check(call, package)
    if kind == "HAZMAT_LABEL":
        size = "A4"
    expires_at = call.now + call.world.settings.label_link_s
    suffix = "png" if kind == "SHIPPING_LABEL_PICTURE" else "pdf"
    name = f"{package.id}.{suffix}"
    key = link_key(call.side.app_secret, name, kind, size, expires_at)
    url = f"{call.origin}{PREFIX}{name}?type={kind}&size={size}&expires={expires_at}&key={key}"
    return {"doc_url": url, "tracking_number": package.tracking}


def _check(call: Call, package: Package) -> None:
    """Raises the code that says why there is no label now."""
    order = package.orders[0]
    if order.is_platform_fulfilled:
        raise ApiError(codes.LABEL_PLATFORM_FULFILLED, "the order is fulfilled by TikTok")
    if order.shipping is Shipping.SELLER:
        raise ApiError(codes.LABEL_NOT_PLATFORM, "the package is not shipped by the platform")
    match package.status:
        case PackageStatus.CANCELLED:
            raise ApiError(codes.LABEL_CANCELLED, "the package is cancelled")
        case PackageStatus.TO_ARRANGE:
            raise ApiError(codes.LABEL_TOO_EARLY, "ship the package before printing its label")
        case PackageStatus.COLLECTED | PackageStatus.DELIVERED:
            raise ApiError(codes.LABEL_TOO_LATE, "the package has been picked up")
        case PackageStatus.ARRANGED:
            pass
    if any(one.cancel_request is not None for one in package.orders):
        raise ApiError(codes.LABEL_AFTER_SALE, "a cancellation request is open on this order")
    if package.label_ready_at is not None and call.now < package.label_ready_at:
        raise ApiError(codes.LABEL_PENDING, "the document is being generated, try again later")


def link_key(secret: str, name: str, kind: str, size: str, expires_at: int) -> str:
    """The proof in a document link that this server made it."""
    text = f"{name}|{kind}|{size}|{expires_at}".encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()[:32]


def content(package: Package, kind: str, size: str) -> tuple[bytes, str]:
    """The bytes of a document and their media type."""
    if kind == "SHIPPING_LABEL_PICTURE":
        return png(package.tracking), "image/png"
    pages: list[tuple[str, list[str]]] = []
    if kind != "PACKING_SLIP":
        pages.append((package.tracking, _label_lines(package)))
    if kind in ("PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP"):
        pages.append(("", _slip_lines(package)))
    return pdf(pages, size), "application/pdf"


def _label_lines(package: Package) -> list[str]:
    order = package.orders[0]
    buyer = order.buyer
    lines = [
        package.tracking,
        f"Carrier  {package.carrier.prefix}  {order.option.name}",
        f"Package  {package.id}",
        *(f"Order    {one.id}" for one in package.orders),
        f"To       {order.store.region} {buyer.postcode}  {mask_words(buyer.street)}",
        f"From     {order.store.code}  {order.warehouse.postcode}",
        f"Weight   {package.weight_g} g   Items {len(package.lines)}",
    ]
    if order.is_cod:
        lines.append("CASH ON DELIVERY")
    return lines


def _slip_lines(package: Package) -> list[str]:
    counts: dict[str, int] = {}
    for line in package.lines:
        counts[line.sku.code] = counts.get(line.sku.code, 0) + 1
    return ["Packing slip", f"Package {package.id}", *(f"{count} x {code}" for code, count in counts.items())]
