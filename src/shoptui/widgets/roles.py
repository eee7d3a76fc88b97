"""The names of colours: what a piece of text means and the ground it stands on (screens, section 8)."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.clocks import Urgency


class Role(StrEnum):
    """What a text means. Colour never says it alone: a glyph or a word always agrees."""

    TEXT = "text"
    QUIET = "quiet"
    MISSED = "missed"
    SOON = "soon"
    NEAR = "near"
    DAY = "day"
    OK = "ok"
    INFO = "info"
    OTHER = "other"


class Ground(StrEnum):
    """What a text stands on: the screen, the bars (status, tabs, keys), the cursor row, a strip of level 2 or 3."""

    BG = "bg"
    BAR = "bar"
    CUR = "cur"
    S2 = "s2"
    S3 = "s3"


URGENCY_ROLES: dict[Urgency, Role] = {
    Urgency.MISSED: Role.MISSED,
    Urgency.SOON: Role.SOON,
    Urgency.NEAR: Role.NEAR,
    Urgency.DAY: Role.DAY,
    Urgency.QUIET: Role.QUIET,
}


def text_variable(role: Role, ground: Ground) -> str:
    """The CSS variable (without `$`) that holds the colour of `role` written on `ground`."""
    return f"{role}-on-{ground}"


def ground_variable(ground: Ground) -> str:
    """The CSS variable (without `$`) that holds the colour of `ground`."""
    return f"ground-{ground}"
