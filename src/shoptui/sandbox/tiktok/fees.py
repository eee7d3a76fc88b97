"""What the simulated TikTok Shop charges and when it pays: the demo's own round figures."""

from __future__ import annotations

from ..world.fees import FeePlan, Rhythm

_DAY = 86_400

#: A statement a day, by UTC, paid two days later.
RHYTHM = Rhythm(_DAY, is_local=False, paid_after_s=2 * _DAY)

FEES = FeePlan(
    rates={
        "VN": (600, 224, 0, 3_000),
        "TH": (550, 224, 0, 100),
        "MY": (600, 224, 0, 50),
        "PH": (550, 224, 0, 500),
        "SG": (500, 224, 0, 0),
        "ID": (600, 200, 0, 1_250),
        "GB": (900, 0, 0, 0),
        "US": (600, 0, 0, 0),
        "JP": (700, 0, 0, 0),
    },
    back=10_000,
    gives_back=True,
    settles_after_h=24,
    late_after_days=4,
)
