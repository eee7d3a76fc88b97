"""What the cache keeps of an order in columns: the list row, its codes and its searchable text."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from shoptui.domain.clocks import NextLoss, next_loss
from shoptui.domain.making import quickly_made
from shoptui.domain.orders import CLOSED, Order, Package, Recipient, Status
from shoptui.domain.records import dataclass
from shoptui.store.codes import (
    CODE_BUYER,
    CODE_ORDER,
    CODE_PACKAGE,
    CODE_TRACKING,
    GROUP_AHEAD,
    GROUP_MISSED,
    NEVER,
    SEPARATOR,
    SHIPPING_CODE,
    STATUS_CODE,
    code_key,
)
from shoptui.store.fulltext import indexed
from shoptui.text import mask_name, mask_phone, mask_street

#: The columns `column_values` fills, in its order; `row_id`, `store_id` and `order_no` come before them.
COLUMNS = (
    "status",
    "raw_status",
    "flags",
    "missed_group",
    "next_at",
    "next_kind",
    "then_at",
    "then_kind",
    "missed",
    "last_missed_at",
    "last_missed_kind",
    "skus",
    "items",
    "carrier",
    "tracking",
    "buyer",
    "shipping_type",
    "delivery_option",
    "created_at",
    "updated_at",
    "value_minor",
    "value_milli",
    "currency",
    "ship_block",
    "packages",
    "seen_at",
    "content",
)

#: The columns that follow from the clocks alone, in the order of `loss_values`.
LOSS_COLUMNS = (
    "missed_group",
    "next_at",
    "next_kind",
    "then_at",
    "then_kind",
    "missed",
    "last_missed_at",
    "last_missed_kind",
)

_NO_LOSS = NextLoss(None, "", None, "", 0, None, "")

#: Where an order has no SKU at all, this much of the product's name stands in its place.
_NAME_IN_PLACE_OF_SKU = 24

_MASKED_PARTS = 4096
_mask_name = lru_cache(_MASKED_PARTS)(mask_name)
_mask_street = lru_cache(_MASKED_PARTS)(mask_street)


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderText:
    """What full text finds an order by."""

    buyer: str
    goods: str
    notes: str


def masked(recipient: Recipient) -> Recipient:
    """The recipient as the cache may have it: initials, last digits, no street."""
    if recipient.masked or not (recipient.name or recipient.phone or recipient.street):
        return recipient
    return Recipient(
        name=_mask_name(recipient.name),
        phone=mask_phone(recipient.phone),
        street=_mask_street(recipient.street),
        city=recipient.city,
        postal_code=recipient.postal_code,
        region=recipient.region,
        masked=recipient.masked,
    )


def loss_of(order: Order, now: int) -> NextLoss:
    """What the order loses next; a closed order loses nothing, whatever clocks its marketplace left running."""
    return _NO_LOSS if order.status in CLOSED else next_loss(order.clocks, now)


def loss_values(loss: NextLoss) -> tuple[object, ...]:
    """The values of LOSS_COLUMNS."""
    return (
        GROUP_MISSED if loss.missed else GROUP_AHEAD,
        NEVER if loss.at is None else loss.at,
        loss.kind,
        loss.then_at,
        loss.then_kind,
        loss.missed,
        loss.last_missed_at,
        loss.last_missed_kind,
    )


def column_values(order: Order, loss: NextLoss, ship_block: str, seen_at: int, content: bytes) -> tuple[object, ...]:
    """The values of COLUMNS for an order whose recipient is masked."""
    return (
        STATUS_CODE[order.status],
        order.raw_status,
        int(order.flags),
        *loss_values(loss),
        skus_of(order),
        items_of(order),
        order.carrier_name,
        order.tracking_number,
        order.buyer_name or order.recipient.name,
        SHIPPING_CODE[order.shipping_type],
        order.delivery_option,
        order.created_at,
        order.updated_at,
        order.total.minor,
        order.total.milli,
        order.total.currency,
        ship_block,
        SEPARATOR.join(packages_to_arrange(order)),
        seen_at,
        content,
    )


def packages_to_arrange(order: Order) -> list[str]:
    """The packages a ship order would act on: those the seller has not arranged yet.

    A copy without its packages still names them on its lines.
    """
    if order.packages:
        return [package.package_id for package in order.packages if package.status is Status.TO_SHIP]
    return list(
        dict.fromkeys(line.package_id for line in order.lines if line.package_id and line.status is Status.TO_SHIP)
    )


def skus_of(order: Order) -> str:
    """Every line's SKU once, in the order of the lines."""
    if len(order.lines) == 1:
        return order.lines[0].sku.replace(SEPARATOR, " ")
    return SEPARATOR.join(dict.fromkeys(line.sku.replace(SEPARATOR, " ") for line in order.lines))


def items_of(order: Order) -> str:
    """Ready text for the grid: `2x BAG-RD-M +1`, where +1 counts the further lines."""
    if not order.lines:
        return ""
    first = order.lines[0]
    what = first.sku or first.product_name[:_NAME_IN_PLACE_OF_SKU]
    more = f" +{len(order.lines) - 1}" if len(order.lines) > 1 else ""
    return f"{first.quantity}x {what}{more}"


def codes_of(order: Order) -> set[tuple[int, str]]:
    """Everything a scan or a typed number may find the order by, and by whose it is."""
    codes = {(CODE_ORDER, code_key(order.order_no))}
    if order.buyer_id:
        codes.add((CODE_BUYER, order.buyer_id))
    if order.tracking_number:
        codes.add((CODE_TRACKING, code_key(order.tracking_number)))
    for package in order.packages:
        codes.add((CODE_PACKAGE, code_key(package.package_id)))
        if package.tracking_number:
            codes.add((CODE_TRACKING, code_key(package.tracking_number)))
    return codes


def text_of(order: Order) -> OrderText:
    """What of the order is searched as text, cut for the index."""
    if len(order.lines) == 1:
        line = order.lines[0]
        parts: tuple[str, ...] = (line.product_name, line.variant_name, line.sku)
    else:
        parts = tuple([part for line in order.lines for part in (line.product_name, line.variant_name, line.sku)])
    notes = f"{order.buyer_note} {order.seller_note}" if order.buyer_note or order.seller_note else ""
    return OrderText(indexed(order.buyer_name or order.recipient.name), _indexed_goods(parts), indexed(notes))


# A shop sells the same goods over and over: cutting their names once is most of the work saved.
@lru_cache(_MASKED_PARTS)
def _indexed_goods(parts: tuple[str, ...]) -> str:
    return indexed(" ".join(dict.fromkeys(part for part in parts if part)))


def with_known_packages(incoming: Order, known: Order) -> Order:
    """The incoming copy with package details an earlier copy of the same version had and this one lacks.

    Marketplaces give packages in full only when each is asked for; a list read of the same version must not undo that.
    """
    if incoming.packages:
        by_id = {package.package_id: package for package in known.packages}
        packages = tuple(
            _filled(package, by_id[package.package_id]) if package.package_id in by_id else package
            for package in incoming.packages
        )
    else:
        packages = known.packages
    merged = replace(
        incoming,
        packages=packages,
        carrier_name=incoming.carrier_name or known.carrier_name,
        tracking_number=incoming.tracking_number or known.tracking_number,
        history=incoming.history or known.history,
    )
    return incoming if merged == incoming else merged


def _filled(package: Package, known: Package) -> Package:
    return replace(
        package,
        line_ids=package.line_ids or known.line_ids,
        tracking_number=package.tracking_number or known.tracking_number,
        carrier_id=package.carrier_id or known.carrier_id,
        carrier_name=package.carrier_name or known.carrier_name,
        raw_sub_status=package.raw_sub_status or known.raw_sub_status,
        handover_method=package.handover_method or known.handover_method,
        slot=package.slot or known.slot,
        weight_g=known.weight_g if package.weight_g is None else package.weight_g,
        updated_at=known.updated_at if package.updated_at is None else package.updated_at,
    )
