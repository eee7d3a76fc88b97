"""Opaque page tokens: the last row's place in the order, so that moving rows neither skip nor repeat others."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from ..world.index import Key
from .codes import bad

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
