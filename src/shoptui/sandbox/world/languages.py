"""Which languages buyers of a country write, and the sentences of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .talk import Talk
from .talk_en import ENGLISH
from .talk_id import INDONESIAN
from .talk_ja import JAPANESE
from .talk_ms import MALAY
from .talk_th import THAI
from .talk_tl import FILIPINO
from .talk_vi import VIETNAMESE
from .talk_zh import CHINESE

TALKS: Mapping[str, Talk] = MappingProxyType(
    {
        "en": ENGLISH,
        "zh": CHINESE,
        "th": THAI,
        "vi": VIETNAMESE,
        "id": INDONESIAN,
        "ms": MALAY,
        "tl": FILIPINO,
        "ja": JAPANESE,
    }
)

_SPOKEN: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {
        "VN": (("vi", 0.96), ("en", 0.04)),
        "TH": (("th", 0.97), ("en", 0.03)),
        "MY": (("ms", 0.6), ("en", 0.22), ("zh", 0.18)),
        "PH": (("tl", 0.55), ("en", 0.45)),
        "SG": (("en", 0.6), ("zh", 0.4)),
        "ID": (("id", 0.97), ("en", 0.03)),
        "JP": (("ja", 1.0),),
        "TW": (("zh", 1.0),),
    }
)


def language_of(region: str, roll: float) -> str:
    """The language a buyer of the region writes, by a roll in [0, 1)."""
    spoken = _SPOKEN.get(region, (("en", 1.0),))
    for language, share in spoken:
        roll -= share
        if roll < 0:
            return language
    return spoken[0][0]
