"""What reading back says about a ship call whose answer was lost."""

from __future__ import annotations

from shoptui.adapters.base import Rejected, Verdict
from shoptui.adapters.desks import Evidence
from shoptui.adapters.tiktok.mapping import PACKAGE_STATUS
from shoptui.adapters.tiktok.wire import PackageDetail
from shoptui.domain.orders import Order, Package, Status
from shoptui.text import sanitise_cell

# Sub-statuses between "not arranged" and "arranged": the label is being bought, or the carrier has yet to confirm.
_IN_BETWEEN = frozenset({"RTSING", "TSP_PENDING"})

_DONE = frozenset({Status.TO_HAND_OVER, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED})


def evidence_of(package_id: str, detail: PackageDetail | Rejected | None, order: Order | None) -> Evidence:
    """The verdict on one package from its detail and its order; where the two disagree it is too early to say.

    `detail` is the refusal where TikTok Shop does not show the package (split and combine replace ids) and None where
    there is no package id; `order` is None where the order could not be read.
    """
    facts: dict[str, str] = {}
    package = None
    if order is not None:
        package = next((each for each in order.packages if each.package_id == package_id), None)
        _add_order_facts(facts, order, package)
    if detail is None or isinstance(detail, Rejected):
        if detail is not None:
            facts["package"] = detail.message
        return Evidence(_from_order_alone(order, package), facts)
    _add_package_facts(facts, detail)
    return Evidence(_verdict(detail, order, package), facts)


def _verdict(detail: PackageDetail, order: Order | None, package: Package | None) -> Verdict:
    status = PACKAGE_STATUS.get(detail.package_status, Status.UNKNOWN)
    if status in _DONE:
        return Verdict.DONE
    if status is Status.CANCELLED or (order is not None and order.status is Status.CANCELLED):
        return Verdict.NOT_DONE
    if status is not Status.TO_SHIP:
        return Verdict.UNDECIDED
    if detail.package_sub_status in _IN_BETWEEN:
        return Verdict.WAIT
    if package is not None and package.status in _DONE:
        return Verdict.WAIT
    return Verdict.NOT_DONE


def _from_order_alone(order: Order | None, package: Package | None) -> Verdict:
    if order is None:
        return Verdict.UNDECIDED
    if order.status is Status.CANCELLED:
        return Verdict.NOT_DONE
    if package is not None and package.status in _DONE:
        return Verdict.DONE
    return Verdict.UNDECIDED


def _add_order_facts(facts: dict[str, str], order: Order, package: Package | None) -> None:
    facts["order_status"] = order.raw_status
    for event in order.history:
        if event.what in {"arranged", "collected", "cancel_requested", "cancelled"}:
            facts[f"{event.what}_at"] = str(event.at)
            if event.detail:
                facts[f"{event.what}_why"] = event.detail
    if package is not None and package.raw_status:
        facts["package_status_in_order"] = package.raw_status
    if package is not None and package.tracking_number:
        facts["tracking_number"] = package.tracking_number


def _add_package_facts(facts: dict[str, str], detail: PackageDetail) -> None:
    for name, value in (
        ("package_status", detail.package_status),
        ("package_sub_status", detail.package_sub_status),
        ("tracking_number", detail.tracking_number),
        ("carrier", detail.shipping_provider_name),
    ):
        if value:
            facts[name] = sanitise_cell(value)
    if detail.update_time:
        facts["package_updated_at"] = str(detail.update_time)
