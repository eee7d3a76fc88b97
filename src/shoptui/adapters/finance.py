"""How a marketplace tells of a store's money: balance, statements with their lines, what is not settled yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from shoptui.adapters.base import SetAside, Unsupported
from shoptui.domain.finance import Balance, Statement, StatementLine, Unsettled, WalletMove
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some statements. `set_aside` are records that could not be read (`order_no` is then the statement's id)."""

    statements: tuple[Statement, ...]
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines of one statement. `total` is how many it has, on the first page only, None where unsaid."""

    lines: tuple[StatementLine, ...]
    set_aside: tuple[SetAside, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class MovePage:
    """Some wallet moves."""

    moves: tuple[WalletMove, ...]
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True)
class UnsettledPage:
    """Some orders whose money is not settled yet."""

    unsettled: tuple[Unsettled, ...]
    set_aside: tuple[SetAside, ...] = ()


class Finance(Protocol):
    """One marketplace's money. All methods may raise AdapterError; reads may be repeated."""

    def statements(self, store: Store, since: int, until: int) -> AsyncIterator[StatementPage]:
        """Statements whose period ends in `[since, until)` (epoch s)."""

    def lines(self, store: Store, statement: Statement) -> AsyncIterator[LinePage]:
        """All lines of one statement; they add up to its payout wherever the marketplace's own figures do."""

    def moves(self, store: Store, since: int, until: int) -> AsyncIterator[MovePage] | Unsupported:
        """What moved the wallet in `[since, until)`; Unsupported where there is no wallet to read."""

    def unsettled(self, store: Store, since: int, until: int) -> AsyncIterator[UnsettledPage] | Unsupported:
        """Orders made in `[since, until)` whose money has not been settled; Unsupported where nothing tells."""

    async def balance(self, store: Store, now: int) -> Balance | Unsupported:
        """What the account holds now, derived and marked so where the marketplace gives no balance."""
