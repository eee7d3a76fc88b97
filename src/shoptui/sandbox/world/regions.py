"""Facts about the countries of the simulated shops: money, clock, carriers, service limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Region:
    """`minor_digits`: decimals of the currency, 0 or 2. `price_factor`: what a price of 1 US dollar becomes in it."""

    code: str
    name: str
    currency: str
    minor_digits: int
    price_factor: float
    utc_offset_s: int
    language: str
    phone_code: str
    is_sea: bool
    has_cod: bool
    carriers: tuple[tuple[str, str], ...]
    """Carrier names with the prefix of their tracking numbers."""
    weight_limit_g: int
    level_names: tuple[str, ...]
    """Names of the address levels below the country, largest first."""


_HOUR = 3600

REGIONS: dict[str, Region] = {
    region.code: region
    for region in (
        Region(
            "VN", "Vietnam", "VND", 0, 25_000, 7 * _HOUR, "vi", "+84", True, True,
            (("J&T Express", "84"), ("Giao Hang Nhanh", "GHN"), ("Viettel Post", "VTP")),
            20_000, ("Province", "District", "Ward"),
        ),
        Region(
            "TH", "Thailand", "THB", 2, 34, 7 * _HOUR, "th", "+66", True, True,
            (("Flash Express", "TH"), ("J&T Express", "66"), ("Thailand Post", "EF")),
            20_000, ("Province", "District", "Subdistrict"),
        ),
        Region(
            "MY", "Malaysia", "MYR", 2, 4.4, 8 * _HOUR, "ms", "+60", True, True,
            (("J&T Express", "60"), ("Ninja Van", "NVMY"), ("Pos Laju", "EP")),
            30_000, ("State", "City", "Area"),
        ),
        Region(
            "PH", "Philippines", "PHP", 2, 57, 8 * _HOUR, "en", "+63", True, True,
            (("J&T Express", "63"), ("Flash Express", "PH"), ("LBC", "LBC")),
            20_000, ("Province", "City", "Barangay"),
        ),
        Region(
            "SG", "Singapore", "SGD", 2, 1.35, 8 * _HOUR, "zh", "+65", True, False,
            (("Ninja Van", "NVSG"), ("SingPost", "SP")),
            30_000, ("Area", "Estate", "Block"),
        ),
        Region(
            "ID", "Indonesia", "IDR", 0, 16_000, 7 * _HOUR, "id", "+62", True, True,
            (("J&T Express", "JP"), ("SiCepat", "00"), ("JNE", "JNE")),
            50_000, ("Province", "City", "District"),
        ),
        Region(
            "GB", "United Kingdom", "GBP", 2, 0.8, 0, "en", "+44", False, False,
            (("Evri", "H00"), ("Royal Mail", "RM"), ("Yodel", "JJD")),
            20_000, ("Nation", "County", "Town"),
        ),
        Region(
            "US", "United States", "USD", 2, 1, -6 * _HOUR, "en", "+1", False, False,
            (("USPS", "9400"), ("UPS", "1Z"), ("FedEx", "7712")),
            31_000, ("State", "County", "City"),
        ),
        Region(
            "JP", "Japan", "JPY", 0, 150, 9 * _HOUR, "ja", "+81", False, False,
            (("ヤマト運輸", "4412"), ("佐川急便", "3011"), ("日本郵便", "6102")),
            25_000, ("Prefecture", "City", "Town"),
        ),
    )
}  # fmt: skip

ORDER_WEIGHT = {"US": 0.4, "JP": 0.4, "SG": 0.6, "GB": 0.8}
"""How many orders a store of the region gets compared with one in the large markets (1)."""


def money_text(minor: int, region: Region) -> str:
    """The amount as a decimal string of the region's currency, without decimals where it has none."""
    if region.minor_digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 100)
    return f"{sign}{whole}.{rest:02d}"


def minor_of(amount: Decimal, region: Region) -> int | None:
    """A decimal amount in minor units, None for one that is not positive or that the currency does not have."""
    minor = amount.scaleb(region.minor_digits)
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor < 2**63:
        return None
    return int(minor)


def local_day_end(at: int, days: int, region: Region) -> int:
    """The last second of the local day that lies `days` after the day of `at`."""
    day = (at + region.utc_offset_s) // 86_400
    return (day + days + 1) * 86_400 - 1 - region.utc_offset_s
