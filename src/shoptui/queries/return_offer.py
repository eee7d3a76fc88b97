"""The part of the money that is offered to each of some requests, from a percentage or an amount as it was typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from shoptui.domain.money import minor_digits
from shoptui.domain.records import dataclass
from shoptui.queries.admission import Why
from shoptui.queries.return_preview import AnswerPreview

_PERCENT = re.compile(r"(\d{1,2}(?:\.\d+)?)%")
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,6})?")


class BadOffer(ValueError):
    """What was typed is no offer: `reason_id` is `no_amount` or `no_coin`; the text says it in English."""

    def __init__(self, reason_id: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason_id = reason_id


@dataclass(frozen=True, slots=True)
class Offer:
    """`parts` by row in minor units of each request's currency; `refused` by store and id whom it cannot be offered."""

    parts: Mapping[int, int]
    refused: Mapping[tuple[str, str], Why]


def offers_of(preview: AnswerPreview, typed: str) -> Offer:
    """What `30%` or `12.50` is for each request that is ready. Raises BadOffer.

    A percentage is rounded down to whole minor units. An amount is in the currency that most of them are in.
    """
    words = typed.strip().replace(" ", "")
    rows = [preview.rows[target.row_id] for target in preview.ready]
    if (percent := _PERCENT.fullmatch(words)) is not None:
        parts = {one.row_id: int(one.value_minor * Decimal(percent[1]) / 100) for one in rows}
    else:
        (currency, _count), *_others = Counter(one.currency for one in rows).most_common(1)
        if _AMOUNT.fullmatch(words) is None:
            raise BadOffer("no_amount", f"{typed.strip()} is no amount. Type 30% or a number as in 12.50")
        minor = Decimal(words).scaleb(minor_digits(currency))
        if minor <= 0 or minor != int(minor):
            raise BadOffer("no_coin", "Offer more than nothing, and no parts of the smallest coin.")
        parts = {one.row_id: int(minor) for one in rows if one.currency == currency}
    refused: dict[tuple[str, str], Why] = {}
    for target in preview.ready:
        part = parts.get(target.row_id)
        if part is None:
            refused[(target.store_id, target.target_id)] = Why("offer_not_that_currency")
        elif not 0 < part < preview.rows[target.row_id].value_minor:
            refused[(target.store_id, target.target_id)] = Why("offer_too_much")
    return Offer(parts, refused)
