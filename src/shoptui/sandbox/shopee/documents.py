"""Shipping documents: what can be printed, making them in the background, fetching them (sheet, section 6.6)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..labels import pdf
from ..world.model import Order, OrderStatus, Package, PackageStatus, Shipping, Store
from ..world.world import World
from . import codes
from .arranging import MAX_PARCELS
from .call import Answer, Call, is_split
from .codes import ApiError
from .params import Fields
from .render import masked
from .states import channel, known_tracking

NORMAL, THERMAL = "NORMAL_AIR_WAYBILL", "THERMAL_AIR_WAYBILL"
KINDS = (NORMAL, THERMAL, "NORMAL_JOB_AIR_WAYBILL", "THERMAL_JOB_AIR_WAYBILL", "THERMAL_UNPACKAGED_LABEL")
_SELECTABLE = (NORMAL, THERMAL)
_PRINTABLE = frozenset({PackageStatus.ARRANGED})


@dataclass(slots=True)
class _Job:
    ready_at: int
    fails: bool


class DocumentDesk:
    """Remembers which documents were ordered, in world time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._jobs: dict[tuple[str, str], _Job] = {}
        self._count = 0

    def order(self, package: Package, kind: str, now: int) -> None:
        """Have a document made; one that is being made or ready is left as it is, a failed one is made again."""
        if self.state(package, kind, now) in ("PROCESSING", "READY"):
            return
        self._count += 1
        every = self._world.settings.label_fails_every
        fails = every > 0 and self._count % every == 0
        self._jobs[package.id, kind] = _Job(now + self._world.settings.label_delay_s, fails)

    def state(self, package: Package, kind: str, now: int) -> str:
        """PROCESSING, READY or FAILED; empty when the document was never ordered."""
        job = self._jobs.get((package.id, kind))
        if job is None:
            return ""
        if now < job.ready_at:
            return "PROCESSING"
        return "FAILED" if job.fails or not package.is_open else "READY"


def prints_thermal(store: Store) -> bool:
    """The shop's own print setting: half of the sandbox's shops have label printers."""
    return int(store.id) % 2 == 0


def _package(call: Call, order_sn: str, number: str) -> Package:
    """The parcel of a row. Raises ApiError in the words of the document calls."""
    order = call.world.order_of(call.store, order_sn)
    if order is None:
        raise ApiError(codes.NO_SUCH_PRINT_ORDER, "The order does not exist.")
    if not number and is_split(order):
        raise ApiError(codes.NEED_PACKAGE, "The order is split, please give package_number.")
    found = [one for one in order.packages if not number or one.id == number]
    if not found:
        raise ApiError(codes.NO_SUCH_PRINT_PACKAGE, "The package_number is not found.")
    return found[0]


def _check_kind(order: Order) -> None:
    if order.shipping is Shipping.SELLER:
        raise ApiError(codes.CAN_NOT_PRINT, "The channel of this package has no shipping document.")
    if order.status in (OrderStatus.UNPAID, OrderStatus.ON_HOLD, OrderStatus.CANCELLED):
        raise ApiError(codes.BAD_PRINT_STATUS, "The status of the order does not allow printing.")


def _check_printable(package: Package, now: int) -> None:
    """Raises ApiError while there is no number yet, and once the carrier has the parcel."""
    _check_kind(package.orders[0])
    if package.status not in _PRINTABLE:
        raise ApiError(codes.CAN_NOT_PRINT, "The package can not be printed in its present status.")
    if not known_tracking(package, now):
        raise ApiError(codes.CAN_NOT_PRINT, "The package is not yet ready to be printed, please try again later.")


def _rows(call: Call, fill: Callable[[Package, Fields, dict[str, Any]], None]) -> Answer:
    """One row per order of the body; every row failing is an error, some of them a warning."""
    rows: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for part in call.body.objects("order_list", MAX_PARCELS):
        order_sn, number = part.needed("order_sn"), part.optional_number("package_number")
        row: dict[str, Any] = {"order_sn": order_sn, "package_number": number}
        try:
            package = _package(call, order_sn, number)
            row["package_number"] = package.id
            fill(package, part, row)
            row |= {"fail_error": "", "fail_message": ""}
        except ApiError as error:
            row |= {"fail_error": error.code, "fail_message": error.message}
            failed.append({"order_sn": order_sn, "package_number": row["package_number"]})
        rows.append(row)
    if len(failed) == len(rows):
        return Answer({"result_list": rows}, error=codes.ALL_FAILED, message="All orders failed.")
    return Answer({"result_list": rows}, {"warning": failed})


def parameter(call: Call) -> Answer:
    """POST get_shipping_document_parameter: the kinds to choose from, also for parcels long gone."""

    def fill(package: Package, part: Fields, row: dict[str, Any]) -> None:
        _check_kind(package.orders[0])
        if package.arranged_at is None:
            raise ApiError(codes.CAN_NOT_PRINT, "The package is not yet ready to be printed, please try again later.")
        suggested = THERMAL if prints_thermal(package.store) else NORMAL
        row |= {"suggest_shipping_document_type": suggested, "selectable_shipping_document_type": list(_SELECTABLE)}

    return _rows(call, fill)


def _kind(fields: Fields, store: Store) -> str:
    """The kind asked for, the shop's own when none is. Raises ApiError."""
    kind = fields.text("shipping_document_type")
    if not kind:
        return THERMAL if prints_thermal(store) else NORMAL
    if kind not in KINDS or kind not in _SELECTABLE:
        raise ApiError(codes.BAD_DOCUMENT, "The shipping_document_type is not available for this package.")
    return kind


def create(call: Call) -> Answer:
    """POST create_shipping_document: made in the background; the tracking number has to be given."""

    def fill(package: Package, part: Fields, row: dict[str, Any]) -> None:
        kind = _kind(part, package.store)
        order_sn = package.orders[0].id

        def make() -> None:
            _check_printable(package, call.now)
            if part.text("tracking_number") != package.tracking:
                raise ApiError(codes.BAD_TRACKING, "The tracking_number is invalid.")
            call.side.documents.order(package, kind, call.now)

        call.act(codes.SHIPPING, "create_document", package.id, order_sn, make)

    return _rows(call, fill)


def result(call: Call) -> Answer:
    """POST get_shipping_document_result: PROCESSING, READY or FAILED."""

    def fill(package: Package, part: Fields, row: dict[str, Any]) -> None:
        state = call.side.documents.state(package, _kind(part, package.store), call.now)
        if not state:
            raise ApiError(codes.PRINT_FIRST, "Please create the shipping document first.")
        row["status"] = state
        if state == "FAILED":
            raise ApiError(codes.PRINT_FAILED, "The shipping document could not be made, please create it again.")

    return _rows(call, fill)


def download(call: Call) -> Answer:
    """POST download_shipping_document: a PDF, or a ZIP of PDFs for label printers."""
    kind = _kind(call.body, call.store)
    parts = call.body.objects("order_list", MAX_PARCELS)
    packages = [_package(call, one.needed("order_sn"), one.optional_number("package_number")) for one in parts]
    for package in packages:
        state = call.side.documents.state(package, kind, call.now)
        if not state:
            raise ApiError(codes.PRINT_FIRST, "Please create the shipping document first.")
        if state == "PROCESSING":
            raise ApiError(codes.DOWNLOAD_LATER, "The shipping document is being made, please download it later.")
        if state == "FAILED":
            raise ApiError(codes.PRINT_FAILED, "The shipping document could not be made, please create it again.")
    if len({channel(package.orders[0])[0] for package in packages}) > 1:
        raise ApiError(codes.NOT_TOGETHER, "Packages of several channels can not be downloaded together.")
    pages = [(package.tracking, _lines(package)) for package in packages]
    if kind == NORMAL:
        return Answer(file=pdf(pages, "A6"), media_type="application/pdf")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for package, page in zip(packages, pages, strict=True):
            # A fixed date, so that equal labels are equal bytes.
            archive.writestr(zipfile.ZipInfo(f"{package.id}.pdf"), pdf([page], "A6"))
    return Answer(file=held.getvalue(), media_type="application/octet-stream")


def _lines(package: Package) -> list[str]:
    order = package.orders[0]
    lines = [
        package.tracking,
        f"Channel  {channel(order)[1]}  {order.option.name}",
        f"Package  {package.id}",
        f"Order    {order.id}",
        f"To       {order.store.region} {order.buyer.postcode}  {masked(order.buyer.name)}",
        f"From     {order.store.name}  {order.warehouse.postcode}",
        f"Weight   {package.weight_g} g   Items {len(package.lines)}",
    ]
    return [*lines, "CASH ON DELIVERY"] if order.is_cod else lines
