"""What Shopee's refusals of a stock update mean; the umbrella codes mean other things there than for orders."""

from __future__ import annotations

import re

from shoptui.adapters.shopee.errors import last_segment, with_their_words
from shoptui.domain.intents import Cause, CauseId

#: Some models were written and others not: the reasons stand in the failure list (sheet, section 8.5).
PARTLY = "error_busi_update_stock_failed"

_LOCKED = "Shopee holds this stock for a promotion; write it when that has ended."
_BY_CODE: dict[str, tuple[CauseId, str]] = {
    "error_holiday_mode_change_stock": (CauseId.STOCK_LOCKED, "The shop's holiday mode is being switched; try later."),
    "error_promotion_cantnot_update_stock": (CauseId.STOCK_LOCKED, _LOCKED),
    "error_cannt_edit_stock_in_promotion": (CauseId.STOCK_LOCKED, _LOCKED),
    "error_model_update_stock_model_in_promotion": (CauseId.STOCK_LOCKED, _LOCKED),
    "error_edit_item_stock_for_item_has_model": (
        CauseId.LISTING_GONE,
        "The item has variations now; read the store's listings again.",
    ),
    "error_item_not_found": (CauseId.LISTING_GONE, "Shopee does not find the item; read the store's listings again."),
    "error_item_not_belong_shop": (CauseId.LISTING_GONE, "The item belongs to another shop; read the listings again."),
    "error_item_uneditable": (CauseId.WRONG_STATE, "Shopee lets nobody change this item now; see Seller Centre."),
    "error_seller_under_penalty": (CauseId.NO_PERMISSION, "Shopee has restricted the seller; see Seller Centre."),
    "error_wms_shop_block_upate_stock": (
        CauseId.STOCK_LOCKED,
        "Shopee's warehouse system keeps this shop's stock; change it there.",
    ),
    "error_busi_cannot_edit_vsku": (
        CauseId.STOCK_LOCKED,
        "This is a bundle; its stock follows its parts, change those.",
    ),
}
_BY_WORDS: tuple[tuple[re.Pattern[str], CauseId, str], ...] = (
    (re.compile(r"reserved"), CauseId.BELOW_FLOOR, "A promotion holds this stock; no less can be written."),
    (re.compile(r"location|warehouse"), CauseId.WAREHOUSE, "Shopee does not take stock for this place; read it again."),
    (re.compile(r"holiday"), CauseId.STOCK_LOCKED, "The shop's holiday mode is being switched; try later."),
    (re.compile(r"promotion"), CauseId.STOCK_LOCKED, _LOCKED),
    (re.compile(r"virtual|bundle|vsku"), CauseId.STOCK_LOCKED, _BY_CODE["error_busi_cannot_edit_vsku"][1]),
    (re.compile(r"\bfbs\b|fulfil"), CauseId.STOCK_LOCKED, "Shopee's warehouse keeps this stock; nobody can write it."),
    (re.compile(r"model"), CauseId.LISTING_GONE, "Shopee does not know this variation; read the listings again."),
)
#: These stand for many causes, of which only the words tell (sheet, section 8.5).
_UMBRELLAS = frozenset({"error_auth", "error_param", "param", "error_busi", ""})


def stock_cause(code: str, message: str) -> Cause | None:
    """Why an update was refused; None for what is no matter of stock, such as a token or a signature."""
    name, words = last_segment(code), message.lower()
    found = _BY_CODE.get(name)
    if found is None and name in _UMBRELLAS and "token" not in words:
        found = next(((cause, said) for pattern, cause, said in _BY_WORDS if pattern.search(words)), None)
    return Cause(found[0], code.strip(), with_their_words(found[1], message)) if found is not None else None


def row_cause(message: str) -> Cause:
    """Why one model of an update was refused, which is told in words alone."""
    return stock_cause("", message) or Cause(CauseId.OTHER, PARTLY, with_their_words("Shopee refused.", message))
