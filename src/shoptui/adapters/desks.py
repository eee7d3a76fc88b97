"""How a marketplace does one verb: what is asked, what is answered, and what reading back can say.

Each marketplace has one desk per verb it can do. A desk declares its row of the verb table (`rule`), takes a batch of
requests in one call, and answers row by row. It never retries a write; the engine decides that by the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeVar

from shoptui.adapters.base import Marketplace, Unsupported, Verdict
from shoptui.domain.intents import Cause, SettleRule, Verb
from shoptui.domain.making import quickly_made
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import DocumentKind, VerbArgs

_NOTHING: Mapping[str, str] = MappingProxyType({})

Args = TypeVar("Args", bound=VerbArgs)


@quickly_made
@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of a marketplace.

    `target_id` is what the verb acts on: a package id, or the order number; "" where the market makes the package by
    shipping (US, JP). `key` is the same for every try of one intent and different for any other, for marketplaces that
    take an idempotency key.
    """

    order_no: str
    target_id: str
    args: VerbArgs
    key: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came. `format` is `pdf`, `zpl`, `png`, `html` or `zip`; `content` is never looked into here."""

    kind: DocumentKind
    format: str
    content: bytes = field(repr=False)
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one request.

    DONE and ALREADY settle it; REFUSED carries the cause; WAIT means an in-between state (ask again later, no resend).
    `document` is there for a label that has come. `facts` are kept as evidence. `whole_call` marks the refusal of a
    call that carried several requests, any one of which may have been the reason: each is then asked by itself.
    """

    verdict: Verdict
    cause: Cause | None = None
    document: Document | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    whole_call: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What reading back says about one request: DONE, NOT_DONE, WAIT (in between) or UNDECIDED.

    `facts` are shown to the person who may have to decide: marketplace words, tracking number, times.
    """

    verdict: Verdict
    facts: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


class Desk(Protocol):
    """One verb at one marketplace. `batch_max`: requests per call of `send`, all of one store."""

    @property
    def verb(self) -> Verb: ...

    @property
    def rule(self) -> SettleRule: ...

    @property
    def batch_max(self) -> int: ...

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        """None if the verb can be done on this order in this market, otherwise why not. Looks at nothing else."""

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Do it: one outcome per request, same order. Raises AdapterError when the call failed as a whole."""

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """Read the marketplace for requests whose answer was lost: one evidence per request, same order."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the marketplace's own reasons, for a choice on the screen."""

    reason_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A carrier the marketplace knows for seller shipping."""

    provider_id: str
    name: str


@dataclass(frozen=True, slots=True)
class DocumentOffer:
    """A document the market offers. `sizes` is empty where there is one size only; the first is the usual one."""

    kind: DocumentKind
    sizes: tuple[str, ...] = ()
    format: str = "pdf"


@dataclass(frozen=True, slots=True)
class Choices:
    """What an operator may choose from for one verb on one order. Empty means that nothing is to be chosen.

    `whole_only` is why an order is cancelled as a whole or not at all, "" where single lines of it may be.
    `line_reasons` are the ids of the reasons for which single lines may be cancelled, none where any will do.
    `same_for_all_orders` says that the answer holds for every order of the store, so that it may be kept for a while.
    """

    reasons: tuple[Reason, ...] = ()
    providers: tuple[Provider, ...] = ()
    documents: tuple[DocumentOffer, ...] = ()
    can_split: bool | None = None
    #: Packages that may be combined with the order's own, as (order number, package id).
    combinable: tuple[tuple[str, str], ...] = ()
    whole_only: str = ""
    line_reasons: tuple[str, ...] = ()
    same_for_all_orders: bool = False


def why_not(market: Marketplace, verb: Verb, store: Store, order: Order) -> Unsupported | None:
    """None if this marketplace can do the verb on this order, otherwise why not. Looks at nothing else."""
    desk = market.desks.get(verb)
    return no_desk(market, verb) if desk is None else desk.why_not(store, order)


def no_desk(market: Marketplace, verb: Verb) -> Unsupported:
    """Why this marketplace has no desk for the verb: it can never do it, or shoptui cannot."""
    word = verb.value.replace("_", " ")
    return market.never.get(verb, Unsupported(f"shoptui cannot {word} at this marketplace.", "no_desk"))


def arguments_of(request: Request, kind: type[Args]) -> Args:
    """The request's arguments as the kind its verb takes. Raises TypeError when a desk is asked for another verb."""
    if not isinstance(request.args, kind):
        raise TypeError(f"a desk that takes {kind.__name__} was handed {type(request.args).__name__}")
    return request.args
