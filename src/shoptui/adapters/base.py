"""What every marketplace adapter is: its protocol, what it can do, and the one small tree of errors.

```
AdapterError
├── AuthError            the store is signed out (token revoked, refresh refused): a person must authorise again
├── ScopeError           signed in, but the app lacks a scope
├── RateLimited          asked to slow down; nothing happened (retry_after_s when the marketplace says)
├── Temporary            it may work later; `effect` says whether a write may have happened
├── Rejected             the marketplace said no, with its code and a plain sentence
└── Malformed            the answer is not what the protocol promises
```
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from shoptui.domain.intents import Cause, Verb
from shoptui.domain.orders import HistoryEvent, Order, Slot
from shoptui.domain.stores import Store

if TYPE_CHECKING:
    from shoptui.adapters.chat import Chat
    from shoptui.adapters.desks import Choices, Desk
    from shoptui.adapters.finance import Finance
    from shoptui.adapters.returns import Returns
    from shoptui.adapters.stock import Stock


class Effect(StrEnum):
    """Whether a write whose answer is missing may have happened."""

    NONE = "none"
    POSSIBLE = "possible"


class AdapterError(Exception):
    """Base of all errors an adapter raises. `code` is the marketplace's own, "" where there is none."""

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id


class AuthError(AdapterError):
    """The store is signed out; only authorising it again helps."""


class ScopeError(AdapterError):
    """The app or its token lacks the permission for this call."""


class RateLimited(AdapterError):
    """The marketplace asked for a pause; the call had no effect. `retry_after_s` is None when it gave no hint."""

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, code: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.retry_after_s = retry_after_s


class Temporary(AdapterError):
    """Unreachable, timed out or answering 5xx. `effect` is `possible` once a request's bytes may have arrived."""

    def __init__(self, message: str, *, effect: Effect, code: str = "", request_id: str = "") -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.effect = effect


class Rejected(AdapterError):
    """The marketplace refused; `cause` names why in the house's words."""

    def __init__(self, cause: Cause, *, request_id: str = "") -> None:
        super().__init__(cause.message, code=cause.code, request_id=request_id)
        self.cause = cause


class Malformed(AdapterError):
    """An answer that cannot be read: not JSON, truncated, or without what the protocol promises.

    For a write, `effect` says whether it may have happened all the same.
    """

    def __init__(self, message: str, *, effect: Effect = Effect.POSSIBLE, code: str = "", request_id: str = "") -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.effect = effect


class TooMany(Exception):
    """More orders than were to be read at once; `total` is how many at least."""

    def __init__(self, total: int) -> None:
        super().__init__(f"{total} orders or more")
        self.total = total


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An answer, not an error: this marketplace or market cannot do that, and why (a plain English sentence).

    `id` names the reason for translation, such as `seller_shipping` or `us_label`.
    """

    reason: str
    id: str = "unsupported"


@dataclass(frozen=True, slots=True)
class TokenSet:
    """A store's tokens. Expiry moments are absolute epoch seconds. Never logged: the repr hides the values."""

    access_token: str
    refresh_token: str
    access_expires_at: int
    refresh_expires_at: int

    def __repr__(self) -> str:
        return f"TokenSet(access_expires_at={self.access_expires_at}, refresh_expires_at={self.refresh_expires_at})"


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A marketplace app, configured once. Base addresses are settings, so that the sandbox serves the same adapter.

    `consent_url` is the link a seller opens to authorise the app, as the marketplace's developer site shows it; ""
    means the one the adapter makes from `auth_url` and the app key.
    """

    app: str
    marketplace: str
    app_key: str
    app_secret: str
    base_url: str
    auth_url: str
    consent_url: str = ""

    def __repr__(self) -> str:
        return f"AppCredentials(app={self.app!r}, marketplace={self.marketplace!r}, base_url={self.base_url!r})"


class TokenVault(Protocol):
    """Where tokens live; the engine's own. `save` returns only when the tokens are durable."""

    def load(self, store_id: str) -> TokenSet | None: ...

    async def save(self, store_id: str, tokens: TokenSet) -> None: ...


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that could not be read: kept raw and reported, while its page goes on."""

    store_id: str
    order_no: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of orders.

    `total` is the marketplace's count for a whole search and stands on that search's first page only, None elsewhere
    and where it gives none. A sweep may be several searches: the sum over its pages is the count of all.
    """

    orders: tuple[Order, ...]
    set_aside: tuple[SetAside, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class HandoverOptions:
    """How one package may be handed over. `honoured` is False where the marketplace ignores the choice (SEA)."""

    can_pickup: bool
    can_drop_off: bool
    slots: tuple[Slot, ...]
    honoured: bool = True


class Verdict(StrEnum):
    """What is known of one write."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    WAIT = "wait"
    NOT_DONE = "not_done"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How much a marketplace answers at once: orders per search page and orders per detail call.

    `renew_before_s` is how long before an access token's end the engine has it renewed (seconds).
    """

    page_max: int
    detail_max: int
    renew_before_s: int = 86400


#: No order has been read before.
NONE_KNOWN: Mapping[str, int] = MappingProxyType({})


class Marketplace(Protocol):
    """One marketplace. All methods may raise AdapterError; reads may be repeated, writes are never retried inside.

    `desks` are the verbs it can do; `never` those it can never do, with the reason. A verb in neither is not built.
    `chat` reads its conversations, `returns` its return requests, `stock` its listings, `finance` its money; None where
    it has no such thing for programs.
    """

    name: str
    capabilities: Capabilities
    desks: Mapping[Verb, Desk]
    never: Mapping[Verb, Unsupported]
    chat: Chat | None
    returns: Returns | None
    stock: Stock | None
    finance: Finance | None

    async def refresh(self, store: Store) -> TokenSet:
        """Renew the store's tokens, single-flight, saved before they are used or returned."""

    def changed_orders(
        self, store: Store, since: int, until: int, *, known: Mapping[str, int] = NONE_KNOWN
    ) -> AsyncIterator[OrderPage]:
        """Orders updated in `[since, until)`, oldest change first, page by page.

        `known` are open orders that were read after `until`, with when each was updated. They may be left out where
        that saves calls; what comes then need not be in order.
        """

    def month(
        self, store: Store, since: int, until: int, *, known: Container[str], at_most: int
    ) -> AsyncIterator[OrderPage]:
        """Every order not yet with the carrier, however old, and all others updated in `[since, until)`, each once.

        The fewest calls that bring all of them; what can still be lost comes first where a list tells it before all is
        read. The totals add up to how many there are, `known` ones included, which were read after `until` and may be
        left out. Raises TooMany before any page when more than `at_most` were updated in that time.
        """

    def open_orders(self, store: Store) -> AsyncIterator[OrderPage]:
        """Every order not yet with the carrier, for the full sweep; the totals add up to its own count."""

    async def orders_by_no(self, store: Store, order_nos: Sequence[str]) -> OrderPage:
        """The named orders in full, any number (asked in chunks of `detail_max`)."""

    async def order_packages(self, store: Store, order: Order) -> Order:
        """The order with its packages read in full (weight, slot, sub-status)."""

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        """The ways and windows in which a package can be handed over."""

    async def choices(self, store: Store, verb: Verb, order: Order) -> Choices | Unsupported:
        """What may be chosen for this verb on this order; Unsupported when the verb cannot be done there."""

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        """The carrier's events, oldest first."""

    async def close(self) -> None:
        """Close all connections."""
