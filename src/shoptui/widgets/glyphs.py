"""The two sets of signs the screens are drawn with (screens, section 3): one cell each, Unicode or plain ASCII."""

from __future__ import annotations

from shoptui.domain.clocks import Urgency
from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs. Every field is one cell wide; `sparks` holds one sign for each of nine levels."""

    cursor: str
    back: str
    mark: str
    missed: str
    soon: str
    near: str
    day: str
    stale: str
    held: str
    going: str
    done: str
    failed: str
    unknown: str
    decide: str
    rule: str
    bar: str
    ellipsis: str
    sparks: str
    block: str

    def urgency(self, band: Urgency) -> str:
        """The sign of a clock's band; a space where nothing is urgent."""
        return {
            Urgency.MISSED: self.missed,
            Urgency.SOON: self.soon,
            Urgency.NEAR: self.near,
            Urgency.DAY: self.day,
            Urgency.QUIET: " ",
        }[band]


UNICODE_GLYPHS = Glyphs(
    cursor="►",
    back="◄",
    mark="*",
    missed="!",
    soon="▴",
    near="▵",
    day="◦",
    stale="~",
    held="»",
    going="~",
    done="✓",
    failed="✗",
    unknown="?",
    decide="Y",
    rule="─",
    bar="│",
    ellipsis="…",
    sparks=" ▁▂▃▄▅▆▇█",
    block="█",
)

ASCII_GLYPHS = Glyphs(
    cursor=">",
    back="<",
    mark="*",
    missed="!",
    soon="^",
    near="'",
    day=".",
    stale="~",
    held="w",
    going="~",
    done="+",
    failed="x",
    unknown="?",
    decide="Y",
    rule="-",
    bar="|",
    ellipsis=".",
    sparks="012345678",
    block="#",
)
