"""Seeded chance that depends on what is decided, not on when, so that equal calls give equal worlds."""

from __future__ import annotations

from zlib import crc32


def chance(seed: int, *parts: object) -> float:
    """A number in [0, 1) fixed by the seed and the things named."""
    text = "|".join(str(part) for part in (seed, *parts))
    # Two rounds: one CRC alone leaves neighbouring ids with neighbouring results.
    first = crc32(text.encode())
    return crc32(f"{first:08x}{text[::-1]}".encode()) / 2**32


def between(seed: int, low: int, high: int, *parts: object) -> int:
    """A whole number in [low, high] fixed by the seed and the things named."""
    return low + int(chance(seed, *parts) * (high - low + 1))
