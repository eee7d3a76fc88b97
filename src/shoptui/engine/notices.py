"""Owns change notices: what changed is merged per client until that client reads it, and never queued without bound."""

from __future__ import annotations

import asyncio

from shoptui.protocol import Changed

NOTHING = Changed()


class Mailbox:
    """One subscriber's pending notice. A slow reader finds one merged notice, however much happened meanwhile."""

    def __init__(self) -> None:
        self._pending: Changed = NOTHING
        self._filled = asyncio.Event()

    def put(self, changed: Changed) -> None:
        self._pending = changed if self._pending is NOTHING else self._pending.merged(changed)
        self._filled.set()

    async def take(self) -> Changed:
        """Wait for something and take all of it."""
        await self._filled.wait()
        self._filled.clear()
        taken, self._pending = self._pending, NOTHING
        return taken


class NoticeHub:
    """Hands every change to every subscriber."""

    def __init__(self) -> None:
        self._boxes: set[Mailbox] = set()

    def publish(self, changed: Changed) -> None:
        for box in self._boxes:
            box.put(changed)

    def subscribe(self) -> Mailbox:
        box = Mailbox()
        self._boxes.add(box)
        return box

    def unsubscribe(self, box: Mailbox) -> None:
        self._boxes.discard(box)

    @property
    def subscribers(self) -> int:
        return len(self._boxes)
