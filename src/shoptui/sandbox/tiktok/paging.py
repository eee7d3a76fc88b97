"""Opaque page tokens: the last row's place in the order, so that moving rows neither skip nor repeat others."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..world.index import Key
from .codes import bad

T = TypeVar("T")

# Encodes to "+/" first, and the padding below keeps "=" last: clients must treat tokens as arbitrary text.
_HEAD = b"\xfb\xff"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended. `total` is the count told on the first page, kept so that pages agree."""

    sort: str
    descending: bool
    key: Key
    total: int


def encode(place: Place) -> str:
    raw = f"{place.sort}|{'D' if place.descending else 'A'}|{place.key[0]}|{place.key[1]}|{place.total}".encode()
    padding = b"~" if (len(_HEAD) + len(raw)) % 3 == 0 else b""
    return base64.b64encode(_HEAD + raw + padding).decode()


def decode(token: str, sort: str, *, descending: bool) -> Place | None:
    """The place a token stands for, None for an empty token. Raises 36009004 for one made elsewhere."""
    if not token:
        return None
    try:
        raw = base64.b64decode(token, validate=True)
        if not raw.startswith(_HEAD):
            raise ValueError
        kind, direction, at, thing_id, total = raw[len(_HEAD) :].rstrip(b"~").decode().split("|")
        place = Place(kind, direction == "D", (int(at), thing_id), int(total))
    except (binascii.Error, ValueError) as error:
        raise bad("page_token") from error
    if place.sort != sort or place.descending != descending:
        raise bad("page_token", "belongs to a search with another sorting")
    return place


def page_of(
    rows: Sequence[tuple[Key, T]], token: str, sort: str, size: int, *, descending: bool
) -> tuple[list[T], str, int]:
    """One page of rows that ascend by their keys, the token of the next one ("" for none), and how many there are.

    Raises 36009004 for a token made elsewhere.
    """
    place = decode(token, sort, descending=descending)
    if descending:
        end = len(rows) if place is None else bisect_left(rows, place.key, key=_key)
        page = list(reversed(rows[max(0, end - size) : end]))
        more = end > size
    else:
        start = 0 if place is None else bisect_right(rows, place.key, key=_key)
        page = list(rows[start : start + size])
        more = start + size < len(rows)
    total = place.total if place is not None else len(rows)
    following = encode(Place(sort, descending, page[-1][0], total)) if more else ""
    return [row for _, row in page], following, total


def _key(row: tuple[Key, object]) -> Key:
    return row[0]
