"""Numbers that stand for words in the columns of money. Written out: they are on disk."""

from __future__ import annotations

from shoptui.domain.anomalies import AnomalyKind

KIND_CODE: dict[AnomalyKind, int] = {
    AnomalyKind.FEE_RATE: 0,
    AnomalyKind.SHIPPING_OVER_QUOTE: 1,
    AnomalyKind.NEVER_SETTLED: 2,
    AnomalyKind.SETTLED_TWICE: 3,
    AnomalyKind.REFUND_WITHOUT_RETURN: 4,
    AnomalyKind.AMOUNT_DIFFERS: 5,
    AnomalyKind.UNKNOWN_FEE: 6,
    AnomalyKind.FEE_MISSING: 7,
}
KIND_OF_CODE: dict[int, AnomalyKind] = {code: kind for kind, code in KIND_CODE.items()}
