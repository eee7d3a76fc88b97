"""Claims of the house's own as rows beside the differences that statements show."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.anomalies import Anomaly
from shoptui.queries.money import AnomalyRow, DisputedRow


def claim_row(claim: Anomaly, about: str, order_row: int | None, known: Sequence[DisputedRow]) -> AnomalyRow:
    """A claim with the newest dispute about the same thing; `known` are disputes of its order, newest first.

    `about` is the number of the order or return. A claim has no row of its own: its number is 0.
    """
    same = (claim.store_id, claim.kind.value, about)
    found = next((one for one in known if (one.store_id, one.kind, one.about) == same), None)
    return AnomalyRow(
        row_id=0,
        anomaly=claim,
        about=about,
        order_row=order_row,
        statement_row=None,
        dispute_id=None if found is None else found.dispute_id,
        dispute_state=None if found is None else found.state,
        verified=False,
    )
