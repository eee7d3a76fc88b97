"""Reading a simulated store's money, and what is truly in its book, as the tests of all three marketplaces do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from shoptui.adapters.base import Unsupported
from shoptui.adapters.finance import Finance, LinePage
from shoptui.domain.finance import FeeKind, Statement, StatementLine, Unsettled, WalletMove
from shoptui.sandbox.world.finance import Book
from shoptui.sandbox.world.finance_model import Entry, Piece
from tests.adapters.sandboxed import House

DAY = 86_400
WEEK = 7 * DAY
#: What the pieces of a book's entries are, where a marketplace tells them apart.
KINDS = {
    Piece.ITEM: FeeKind.ITEM,
    Piece.SELLER_DISCOUNT: FeeKind.SELLER_DISCOUNT,
    Piece.COMMISSION: FeeKind.COMMISSION,
    Piece.PAYMENT: FeeKind.PAYMENT_FEE,
    Piece.SERVICE: FeeKind.SERVICE_FEE,
    Piece.ORDER_FEE: FeeKind.SERVICE_FEE,
    Piece.SHIPPING_BUYER: FeeKind.SHIPPING_BUYER,
    Piece.SHIPPING: FeeKind.SHIPPING,
    Piece.SUBSIDY: FeeKind.SHIPPING_SUBSIDY,
    Piece.SHIPPING_BACK: FeeKind.SHIPPING_BACK,
    Piece.TAX: FeeKind.TAX,
    Piece.REFUND: FeeKind.REFUND,
    Piece.ADS: FeeKind.MARKETING,
    Piece.PENALTY: FeeKind.PENALTY,
    Piece.COMPENSATION: FeeKind.COMPENSATION,
}


def finance_of(at: House) -> Finance:
    assert at.shop.finance is not None
    return at.shop.finance


def book_of(at: House) -> Book:
    return at.sandbox.world.finance.book(at.sandbox.world.stores[at.store.shop_id])


async def statements(at: House, since: int | None = None, until: int | None = None) -> list[Statement]:
    """Statements of periods that end in `[since, until)`: of the last eight weeks and up to now, where not said."""
    now = int(at.clock.now())
    since, until = now - 8 * WEEK if since is None else since, now + 1 if until is None else until
    return [one async for page in finance_of(at).statements(at.store, since, until) for one in page.statements]


async def pages(at: House, statement: Statement) -> list[LinePage]:
    return [page async for page in finance_of(at).lines(at.store, statement)]


async def lines(at: House, statement: Statement) -> list[StatementLine]:
    return [line for page in await pages(at, statement) for line in page.lines]


async def moves(at: House, days: int = 60) -> list[WalletMove]:
    """What moved the wallet in so many days until now."""
    now = int(at.clock.now())
    found = finance_of(at).moves(at.store, now - days * DAY, now + 1)
    assert not isinstance(found, Unsupported)
    return [one async for page in found for one in page.moves]


async def unsettled(at: House) -> list[Unsettled]:
    """What is not settled of all orders up to now."""
    found = finance_of(at).unsettled(at.store, 0, int(at.clock.now()) + 1)
    assert not isinstance(found, Unsupported)
    return [one async for page in found for one in page.unsettled]


def kinds_of(found: Iterable[StatementLine]) -> dict[FeeKind, int]:
    """What lines come to by kind, in minor units; what comes to nothing is left out."""
    return _summed((part.kind, part.amount.minor) for line in found for part in line.parts)


def wanted_of(entries: Iterable[Entry], **other: FeeKind) -> dict[FeeKind, int]:
    """What a book's entries come to likewise; `other` are pieces, by their names, that are told as something else."""
    kinds = KINDS | {Piece[name]: kind for name, kind in other.items()}
    return _summed((kinds[piece], amount) for entry in entries for piece, amount in entry.pieces.items())


def _summed(amounts: Iterable[tuple[FeeKind, int]]) -> dict[FeeKind, int]:
    sums: Counter[FeeKind] = Counter()
    for kind, amount in amounts:
        sums[kind] += amount
    return {kind: amount for kind, amount in sums.items() if amount}
