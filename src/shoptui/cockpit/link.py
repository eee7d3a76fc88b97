"""The link to the engine: connects, reconnects with growing pauses, starts an engine of our own, passes notices on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from shoptui.client import Answer, EngineClient, EngineGone, Hello, Refused
from shoptui.clock import Clock
from shoptui.domain.records import dataclass
from shoptui.engine_start import EngineNotStarted, ensure_engine
from shoptui.paths import DataDir
from shoptui.protocol import Changed

#: Pauses between tries, seconds; the last one repeats.
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class LinkState(StrEnum):
    """How we stand with the engine."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Link:
    """The link as screens show it.

    `since` is when this state began (epoch seconds), `tries` counts connects since the link was lost, `say` is the
    last reason in plain words, "" without one. `hello` is what the engine last said about itself, None before that.
    """

    state: LinkState
    since: int
    tries: int = 0
    say: str = ""
    hello: Hello | None = None

    @property
    def up(self) -> bool:
        return self.state is LinkState.UP


class NotLinked(RuntimeError):
    """The request could not be made or its answer was lost. With a batch id it may be asked again."""


Pause = Callable[[float], Awaitable[None]]


class EngineLink:
    """Keeps one connection to the engine alive for as long as `run` runs.

    With `ensure` an engine that is not there is started (personal arrangement only; in a shared one the reason says
    how to start it). `on_link` and `on_notice` are called from the same event loop and must return at once.
    """

    def __init__(
        self,
        data_dir: DataDir,
        clock: Clock,
        *,
        ensure: bool,
        on_link: Callable[[Link], None],
        on_notice: Callable[[Changed], None],
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._data_dir = data_dir
        self._clock = clock
        self._ensure = ensure
        self._on_link = on_link
        self._on_notice = on_notice
        self._pause = pause
        self._client: EngineClient | None = None
        self.link = Link(LinkState.CONNECTING, int(clock.now()))

    async def run(self) -> None:
        """Connect and stay connected until cancelled, or until the engine refuses us for good."""
        tries = 0
        while True:
            tries += 1
            try:
                await self._connect()
                tries = 0
                await self._listen()
                self._set(LinkState.DOWN, say="")
            except Refused as refusal:
                if refusal.reason != "engine_too_old":
                    self._set(LinkState.REFUSED, tries=tries, say=str(refusal))
                    return
                # It drains and stops, so that a newer one can start.
                self._set(LinkState.DOWN, tries=tries, say=str(refusal))
            except (EngineGone, EngineNotStarted) as reason:
                self._set(LinkState.DOWN, tries=tries, say=str(reason))
            finally:
                await self._drop()
            await self._pause(PAUSES_S[min(tries, len(PAUSES_S) - 1)])

    async def ask(self, do: str, **fields: Any) -> Answer:
        """One request. Raises NotLinked when there is no engine or the answer was lost."""
        if self._client is None:
            raise NotLinked(self.link.say or "The engine is not running.")
        try:
            return await self._client.request(do, **fields)
        except EngineGone as gone:
            raise NotLinked(str(gone)) from gone

    async def _connect(self) -> None:
        try:
            client = await EngineClient.connect(self._data_dir)
        except EngineGone:
            if not self._ensure:
                raise
            await ensure_engine(self._data_dir)
            client = await EngineClient.connect(self._data_dir)
        self._client = client
        await client.subscribe()
        self._set(LinkState.UP, hello=client.hello)

    async def _listen(self) -> None:
        assert self._client is not None
        async for changed in self._client.notices():
            self._on_notice(changed)

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _set(self, state: LinkState, *, tries: int = 0, say: str = "", hello: Hello | None = None) -> None:
        before = self.link
        since = before.since if before.state is state else int(self._clock.now())
        self.link = replace(before, state=state, since=since, tries=tries, say=say, hello=hello or before.hello)
        if self.link != before:
            self._on_link(self.link)
