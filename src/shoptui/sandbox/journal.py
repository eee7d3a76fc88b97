"""The record of every state-changing call the sandbox answered, with the effect it really had."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

Effect: TypeAlias = Literal["applied", "already", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect. `world_at` is epoch seconds in the world, `wire_at` epoch seconds on the wire.

    `text` is what was said, for messages to buyers, and for stock what was there and what is: `12>8`; else "".
    """

    seq: int
    world_at: int
    wire_at: float
    marketplace: str
    shop_id: str
    op: str
    target: str
    order_id: str
    effect: Effect
    code: int | str
    request_id: str
    text: str = ""


class Journal:
    """Append-only; `seq` starts at 1 and has no gaps."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self,
        *,
        world_at: int,
        wire_at: float,
        marketplace: str,
        shop_id: str,
        op: str,
        target: str,
        order_id: str,
        effect: Effect,
        code: int | str,
        request_id: str,
        text: str = "",
    ) -> Entry:
        entry = Entry(
            seq=len(self._entries) + 1,
            world_at=world_at,
            wire_at=wire_at,
            marketplace=marketplace,
            shop_id=shop_id,
            op=op,
            target=target,
            order_id=order_id,
            effect=effect,
            code=code,
            request_id=request_id,
            text=text,
        )
        self._entries.append(entry)
        return entry

    def since(self, seq: int = 0) -> list[dict[str, object]]:
        """Entries after the given number, oldest first."""
        return [asdict(entry) for entry in self._entries[max(0, seq) :]]
