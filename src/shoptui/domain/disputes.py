"""Disputes about settlements: what goes into the pack for the seller centre, and where a dispute stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.anomalies import Anomaly
from shoptui.domain.money import Money
from shoptui.domain.orders import HistoryEvent
from shoptui.domain.records import dataclass


class DisputeState(StrEnum):
    """Where a dispute stands: its pack is made, it was sent, the marketplace answered, and how it ended."""

    OPEN = "open"
    SENT = "sent"
    ANSWERED = "answered"
    WON = "won"
    LOST = "lost"


#: What may follow what. An end may be taken back to `answered` when somebody chose the wrong one.
DISPUTE_MOVES: Mapping[DisputeState, frozenset[DisputeState]] = MappingProxyType(
    {
        DisputeState.OPEN: frozenset({DisputeState.SENT}),
        DisputeState.SENT: frozenset({DisputeState.OPEN, DisputeState.ANSWERED, DisputeState.WON, DisputeState.LOST}),
        DisputeState.ANSWERED: frozenset({DisputeState.SENT, DisputeState.WON, DisputeState.LOST}),
        DisputeState.WON: frozenset({DisputeState.ANSWERED}),
        DisputeState.LOST: frozenset({DisputeState.ANSWERED}),
    }
)


#: A dispute in one of these states is still being argued: the same thing is not claimed a second time.
ARGUED = frozenset({DisputeState.OPEN, DisputeState.SENT, DisputeState.ANSWERED})


class Language(StrEnum):
    """The languages letters are written in."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that supports a claim: `what` is an id (`parcel`, `weight`, `label`, `return`), `text` says it, `link`
    is a file in the pack or an address, "" without."""

    what: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class DisputedOrder:
    """One order of a pack: what does not agree, what happened and what supports the claim.

    `timeline` is oldest first. `placed_at` is None where the order is not in the house.
    """

    order_no: str
    anomalies: tuple[Anomaly, ...]
    placed_at: int | None = None
    timeline: tuple[HistoryEvent, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def amount(self) -> Money:
        """What is missing, positive; what was paid too much is not claimed."""
        return claimed(self.anomalies)


@dataclass(frozen=True, slots=True)
class DisputePack:
    """What is disputed with one marketplace for one store. `shop_id` is the marketplace's own."""

    store_id: str
    shop_name: str
    shop_id: str
    marketplace: str
    currency: str
    made_at: int
    orders: tuple[DisputedOrder, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def amount(self) -> Money:
        """All that is claimed."""
        total = Money(0, self.currency)
        for order in self.orders:
            total = total + order.amount
        return total


def claimed(anomalies: Sequence[Anomaly]) -> Money:
    """What is missing by these anomalies, as a positive amount. All must be of one currency and at least one."""
    total = Money(0, anomalies[0].paid.currency)
    for anomaly in anomalies:
        if anomaly.difference.minor < 0:
            total = total - anomaly.difference
    return total


def may_follow(now: DisputeState, then: DisputeState) -> bool:
    """Whether a dispute may be set to that state."""
    return then in DISPUTE_MOVES[now]
