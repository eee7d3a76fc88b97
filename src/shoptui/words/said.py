"""The shape of a sentence: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What happened and what it means, and (second line, "" where there is nothing to do) what to do."""

    what: str
    todo: str = ""
