"""What every marketplace's side has alike: its stores, its journal, what tests provoke, and how a fault is answered."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import ClassVar, Generic

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .access import ChatAccess, Consents, ShopAccess
from .faults import Fault
from .journal import Journal
from .limits import RateLimiter
from .repeats import PageRepeats, Row
from .world.life import Life
from .world.model import Store
from .world.world import World


class Side(ABC, Generic[Row]):
    """One marketplace's server: its app, its consents, its answers. It sees only its own stores of the world.

    A marketplace sets `app_key`, `app_secret` and `grants` when it is made, and answers calls in `respond`. `Row` is
    what its order list is made of.
    """

    name: ClassVar[str]
    breakages: ClassVar[tuple[str, ...]]
    """The ways in which a test may have one order rendered broken; the first is the usual one."""
    unknown_scope: ClassVar[str]
    """How a part of the API is called that the app cannot use; `{scope}` is its name."""
    takes_the_rest: ClassVar[bool] = False
    """Whether it takes every path that nobody else claims, and is asked last."""

    app_key: str
    app_secret: str
    grants: Consents

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        self.world = world
        self.life = life
        self.journal = journal
        self.stores = {store.id: store for store in world.stores_of(self.name)}
        self.repeats: PageRepeats[Row] = PageRepeats()
        self._limiter = RateLimiter()
        self._number = 0

    # --- what a marketplace says for itself ---------------------------------------------------------------

    @abstractmethod
    def takes(self, path: str) -> bool:
        """Whether a call to this path is for this marketplace; where several do, the app in the query decides."""

    @abstractmethod
    def respond(self, request: Request, body: bytes) -> Response:
        """The answer to any call."""

    @abstractmethod
    def shop_of(self, query: dict[str, str]) -> str:
        """The shop id a request names in its query, empty when it names none."""

    @abstractmethod
    def token_ended(self) -> Response:
        """The answer to a call whose access token has expired."""

    @abstractmethod
    def refused(self, fault: Fault) -> Response:
        """The answer with the code, and the message if there is one, that a fault asks for."""

    @abstractmethod
    def too_many(self) -> Response:
        """The answer to a call beyond the rate limit."""

    def down(self, status: int) -> Response | None:
        """The marketplace's own answer with this HTTP status; None where a proxy in front answers, without envelope."""
        return None

    def addresses(self, origin: str) -> dict[str, str]:
        """`base_url` and `auth_url` as an app's configuration wants them; one origin here, mostly two hosts in fact."""
        return {"base_url": origin, "auth_url": origin}

    def cipher_of(self, store: Store) -> str:
        """What calls name the shop by beside its id, empty where there is no such thing."""
        return ""

    def code_of(self, store: Store) -> str:
        """The marketplace's short code of the shop, empty where there is no such thing."""
        return ""

    # --- calls --------------------------------------------------------------------------------------------

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry for any call to this marketplace."""
        request = Request(scope, receive)
        response = self.respond(request, await request.body())
        await response(scope, receive, send)

    def count(self) -> int:
        """The running number of one more call or answer, from 1."""
        self._number += 1
        return self._number

    def digest(self, size: int) -> str:
        """So many bytes in hexadecimal digits that look random, the same ones until the next is counted."""
        return _digest(f"{self.world.seed}/{self._number}", size)

    def app_digest(self, size: int, kind: str = "app") -> str:
        """So many bytes in hexadecimal digits for the keys of one of the marketplace's apps."""
        return _digest(f"{self.world.seed}/{self.name} {kind}", size)

    def admits(self, *key: str, calls_per_s: int | None = None) -> bool:
        """Whether one more call of this kind fits into the common limit, or into a stricter one of its own."""
        common = self.world.settings.calls_per_s
        limit = common if calls_per_s is None else min(calls_per_s, common)
        return self._limiter.admit((self.app_key, *key), self.world.clocks.wire_now(), limit)

    def asking_to_wait(self, response: Response) -> Response:
        """The answer to a call beyond the limit, with `retry-after` where the settings want it."""
        return _retrying(response, self.world.settings.retry_after_s or None)

    def fault_response(self, fault: Fault) -> Response | None:
        """The answer a fault asks for in this marketplace's words; None when it asks for no answer of its own."""
        if fault.kind == "expired_token":
            return self.token_ended()
        if fault.kind == "code":
            return self.refused(fault)
        if fault.kind != "status":
            return None
        if fault.number == 429:
            return _retrying(self.too_many(), fault.retry_after_s)
        proxied = Response(f"upstream error {fault.number}\n", fault.number, media_type="text/plain")
        return self.down(fault.number) or proxied

    # --- consents and what tests may provoke --------------------------------------------------------------

    def access(self, shop_id: str) -> ShopAccess:
        """A shop with its present tokens. Raises KeyError for a shop that is not this marketplace's."""
        return self.access_by(self.grants, shop_id)

    def access_by(self, grants: Consents, shop_id: str) -> ShopAccess:
        """A shop with the present tokens of one app's consents. Raises KeyError as `access` does."""
        store = self.stores[shop_id]
        consent = grants.consent_of(shop_id)
        access_ends_at, refresh_ends_at = grants.ends_of(shop_id)
        return ShopAccess(
            id=store.id,
            cipher=self.cipher_of(store),
            region=store.region,
            name=store.name,
            code=self.code_of(store),
            access_token=consent.access,
            refresh_token=consent.refresh,
            access_token_expires_at=access_ends_at,
            refresh_token_expires_at=refresh_ends_at,
        )

    @property
    def app_keys(self) -> frozenset[str]:
        """The keys of all apps the marketplace knows."""
        return frozenset({self.app_key})

    def chat_access(self) -> ChatAccess | None:
        """The app for conversations, None where the marketplace's one app has them too."""
        return None

    def revoke_scope(self, shop_id: str, scope: str) -> list[str]:
        """Take one permission away and return those left. Raises ValueError for one that is not granted."""
        scopes = self.grants.consent_of(shop_id).scopes
        if scope not in scopes:
            raise ValueError(f"{self.unknown_scope.format(scope=repr(scope))}: use one of {', '.join(sorted(scopes))}.")
        scopes.discard(scope)
        return sorted(scopes)


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _retrying(response: Response, seconds: int | None) -> Response:
    if seconds is not None:
        response.headers["retry-after"] = str(seconds)
    return response
