"""The table a benchmark run prints: what was measured, against which budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `budget` is the upper (or with `at_least` the lower) limit, None where there is none."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return ""
        met = self.value >= self.budget if self.at_least else self.value <= self.budget
        return "met" if met else "MISSED"


@dataclass(slots=True)
class Report:
    """All figures of one run, printed as they come and as one table at the end."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        self.figures.append(figure)
        print(
            f"  {figure.what}: {_number(figure.value)} {figure.unit} {figure.verdict} {figure.note}".rstrip(),
            flush=True,
        )

    def table(self) -> str:
        lines = ["| what | measured | budget | | note |", "|---|---|---|---|---|"]
        for figure in self.figures:
            sign = "≥" if figure.at_least else "≤"
            budget = "" if figure.budget is None else f"{sign} {_number(figure.budget)} {figure.unit}"
            measured = f"{_number(figure.value)} {figure.unit}"
            lines.append(f"| {figure.what} | {measured} | {budget} | {figure.verdict} | {figure.note} |")
        return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
