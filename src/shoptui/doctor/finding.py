"""Owns what a check finds: how bad it is, one sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing does. `unknown`: it could not be looked at from here, which is no fault."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `id` is for programs (`store:tt-th-1`); `todo` is "" where there is nothing to do."""

    id: str
    state: State
    said: str
    todo: str = ""


def any_bad(findings: Iterable[Finding]) -> bool:
    """Whether something does not work; warnings do not count."""
    return any(finding.state is State.BAD for finding in findings)
