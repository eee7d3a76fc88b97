"""The small, versioned protocol between engine and everybody else: JSON lines over a Unix socket.

A client sends `{"id": n, "do": "<request>", ...}` and gets `{"id": n, "ok": {...}}` or
`{"id": n, "no": {"reason": "<id>", "say": "<plain English sentence>", ...}}` back. After `subscribe` the engine also
sends `{"notice": "changed", ...}` lines. The first request must be `hello`. Unknown fields are ignored, unknown
requests are refused with reason `unknown_request`. See docs/protocol.md for every request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shoptui.domain.records import dataclass

#: Raised whenever a request changes its meaning; hello carries it.
PROTOCOL = 1

#: The generation of the databases this program writes and reads; hello carries it beside the protocol. It is the number
#: of migrations there are, so that an engine which lacks one makes way; it stands here because clients import no store.
SCHEMA = 22

#: The longest line either side accepts, bytes.
LINE_MAX = 4 * 1024 * 1024

#: With more changed rows than this a notice says "many" and the cockpit re-reads its index.
NOTICE_ROWS_MAX = 2000


class ProtocolError(ValueError):
    """A line that is no message of this protocol."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as a line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """A line as a message. Raises ProtocolError for anything but a JSON object."""
    try:
        message = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ProtocolError("a line that is no JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("a line that is no JSON object")
    return message


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change notice says: re-read this.

    `orders`, `threads`, `returns` and `pools` are row ids, None means "many, re-read the index"; `money` says that
    balances, statements or what was found in them changed.
    """

    orders: Sequence[int] | None = ()
    batches: Sequence[str] = ()
    stores: bool = False
    counts: bool = False
    alerts: bool = False
    threads: Sequence[int] | None = ()
    returns: Sequence[int] | None = ()
    pools: Sequence[int] | None = ()
    money: bool = False

    def to_message(self) -> dict[str, Any]:
        return {
            "notice": "changed",
            "orders": None if self.orders is None else list(self.orders),
            "batches": list(self.batches),
            "stores": self.stores,
            "counts": self.counts,
            "alerts": self.alerts,
            "threads": None if self.threads is None else list(self.threads),
            "returns": None if self.returns is None else list(self.returns),
            "pools": None if self.pools is None else list(self.pools),
            "money": self.money,
        }

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Changed:
        return cls(
            orders=_rows(message.get("orders")),
            batches=tuple(str(batch) for batch in message.get("batches", ())),
            stores=bool(message.get("stores")),
            counts=bool(message.get("counts")),
            alerts=bool(message.get("alerts")),
            # An engine that knows no such thing says nothing of it, which is not "many".
            threads=_rows(message.get("threads", ())),
            returns=_rows(message.get("returns", ())),
            pools=_rows(message.get("pools", ())),
            money=bool(message.get("money")),
        )

    def merged(self, other: Changed) -> Changed:
        """Both at once; too many rows become "many"."""
        return Changed(
            orders=_union(self.orders, other.orders),
            batches=tuple(dict.fromkeys((*self.batches, *other.batches))),
            stores=self.stores or other.stores,
            counts=self.counts or other.counts,
            alerts=self.alerts or other.alerts,
            threads=_union(self.threads, other.threads),
            returns=_union(self.returns, other.returns),
            pools=_union(self.pools, other.pools),
            money=self.money or other.money,
        )


def _rows(found: Sequence[Any] | None) -> Sequence[int] | None:
    return None if found is None else tuple(int(row) for row in found)


def _union(one: Sequence[int] | None, other: Sequence[int] | None) -> Sequence[int] | None:
    if one is None or other is None:
        return None
    union = tuple(dict.fromkeys((*one, *other)))
    return union if len(union) <= NOTICE_ROWS_MAX else None
