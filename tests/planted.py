"""As what the house must find each kind of error that the sandbox plants in its settlements."""

from __future__ import annotations

from shoptui.domain.anomalies import AnomalyKind
from shoptui.sandbox.world.finance_model import Fault

KINDS = {
    Fault.COMMISSION: AnomalyKind.FEE_RATE,
    Fault.SHIPPING: AnomalyKind.SHIPPING_OVER_QUOTE,
    Fault.NEVER_SETTLED: AnomalyKind.NEVER_SETTLED,
    Fault.SETTLED_TWICE: AnomalyKind.SETTLED_TWICE,
    Fault.REFUND_WITHOUT_RETURN: AnomalyKind.REFUND_WITHOUT_RETURN,
    Fault.DOUBLE_REFUND: AnomalyKind.REFUND_WITHOUT_RETURN,
}
