"""Words for records that could not be read."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.i18n import _, ngettext


def set_aside_line(counts: Mapping[str, int]) -> str:
    """The line above the orders about records that could not be read, by store; "" without any."""
    if not counts:
        return ""
    count = sum(counts.values())
    where = next(iter(counts)) if len(counts) == 1 else _("{count} stores").format(count=len(counts))
    words = ngettext(
        "? {count} record of {where} could not be read, raw kept, not listed   g a 5",
        "? {count} records of {where} could not be read, raw kept, not listed   g a 5",
        count,
    )
    return words.format(count=f"{count:,}", where=where)
