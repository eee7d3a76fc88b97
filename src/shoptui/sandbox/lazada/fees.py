"""What the simulated Lazada charges and when it pays: the demo's own round figures."""

from __future__ import annotations

from ..world.fees import FeePlan, Rhythm

_DAY = 86_400

#: A statement a week, by the local clock, paid three days later.
RHYTHM = Rhythm(7 * _DAY, is_local=True, paid_after_s=3 * _DAY)

FEES = FeePlan(
    rates={
        "MY": (600, 200, 250, 0),
        "TH": (650, 300, 300, 0),
        "VN": (700, 250, 350, 0),
        "PH": (550, 225, 300, 0),
        "ID": (650, 180, 300, 0),
        "SG": (600, 200, 200, 0),
    },
    back=5_000,
    gives_back=True,
    settles_after_h=24,
    late_after_days=10,
)
