"""What the simulated Shopee charges and when it pays: the demo's own round figures."""

from __future__ import annotations

from ..world.fees import FeePlan, Rhythm

#: No statements: every entry is in the wallet at once.
RHYTHM = Rhythm(None, is_local=True, paid_after_s=0)

FEES = FeePlan(
    rates={
        "MY": (800, 212, 300, 50),
        "SG": (700, 218, 200, 0),
        "TH": (700, 321, 300, 100),
        "VN": (900, 500, 300, 3_000),
        "ID": (750, 180, 300, 1_250),
        "PH": (650, 224, 350, 500),
    },
    back=0,
    gives_back=False,
    settles_after_h=2,
    late_after_days=3,
)
