"""A marketplace whose answers the test writes, with an adapter on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import httpx

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.adapters.http import HttpClients, HttpSettings
from shoptui.adapters.limits import CallBudget
from shoptui.clock import DrivenClock
from tests.adapters.vault import MemoryVault

ShopT = TypeVar("ShopT")

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]
Script = Mapping[str, list[Reply] | Reply]


class Scripted(Generic[ShopT]):
    """Answers each path from its script, the last line for ever; remembers every request."""

    def __init__(
        self,
        make: Callable[..., ShopT],
        clock: DrivenClock,
        script: Script,
        *,
        app: AppCredentials,
        tokens: Mapping[str, TokenSet],
        root: str = "",
        vault: MemoryVault | None = None,
        settings: HttpSettings | None = None,
        **setup: Any,
    ) -> None:
        """`root` begins every path and is left out in the script; `tokens` are held where no `vault` is given."""
        self.asked: list[httpx.Request] = []
        self.vault = vault or MemoryVault(tokens)
        self._root = root
        self._script = {path: list(lines) if isinstance(lines, list) else [lines] for path, lines in script.items()}

        async def advance(seconds: float) -> None:
            clock.advance(seconds)

        self.http = HttpClients(
            clock,
            CallBudget(clock),
            settings or HttpSettings(),
            transport=httpx.MockTransport(self._answer),
            sleep=advance,
        )
        self.shop = make(app, vault=self.vault, clock=clock, http=self.http, **setup)

    def paths(self) -> list[str]:
        return [self._path(request) for request in self.asked]

    def _path(self, request: httpx.Request) -> str:
        return request.url.path.removeprefix(self._root)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        replies = self._script[self._path(request)]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply
