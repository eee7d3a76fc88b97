"""Owns the marks of what the whole cache was last computed by: changed rules are noticed at the next start."""

from __future__ import annotations

from shoptui.paths import DataDir


def is_applied(data_dir: DataDir, what: str, digest: str) -> bool:
    """Whether all rows were computed by the rules of this digest."""
    mark = data_dir.root / f"{what}.applied"
    return mark.exists() and mark.read_text(encoding="ascii", errors="replace") == digest


def note_applied(data_dir: DataDir, what: str, digest: str) -> None:
    """Note that they were. To be written last: an engine that ends half-way does it again."""
    mark = data_dir.root / f"{what}.applied"
    draft = mark.with_suffix(".part")
    draft.write_text(digest, encoding="ascii")
    draft.replace(mark)
