"""The books of all stores: what completed orders brought, statements, wallets, and what is still to come.

Everything follows from the orders and refunds of the world and is worked out when somebody asks. A book only grows at
its end: what was shown once stays as it was.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from .fees import FeeSchedule
from .finance_model import (
    ACCOUNT_PIECES,
    Entry,
    EntryKind,
    Estimate,
    Fault,
    Move,
    MoveKind,
    Piece,
    Planted,
    Statement,
    pieces_of_refund,
    pieces_of_sale,
)
from .market import IdSeries
from .model import Line, Order, OrderStatus, Store
from .planting import Plan, plan_faults, planted_sale

if TYPE_CHECKING:
    from .regions import Region
    from .world import World

_HOUR = 3600
_DAY = 86_400
_WEEK = 7 * _DAY
_ENTRY_IDS = IdSeries(3_459_275_187_040_258_849, 10_007)
_MOVE_IDS = IdSeries(3_461_180_000_000_258_849, 10_007)
#: Books of stores are this far apart in the numbers of their entries.
_PER_STORE = 20_000_000

#: How far back charges that belong to no order go from the world's first moment.
_ACCOUNT_PAST_S = 42 * _DAY
_WITHDRAWN_AT_S = 4 * _HOUR

#: How long the balance of the store in debt has been below zero at the world's first moment, and how long it will be.
IN_DEBT_S = 9 * _DAY - 2 * _HOUR
_STAYS_IN_DEBT_S = 36 * _HOUR
_DEBT_USD_CENTS = 2_105

_UNDERWAY = (
    OrderStatus.TO_SHIP,
    OrderStatus.PARTLY_ARRANGED,
    OrderStatus.ARRANGED,
    OrderStatus.IN_TRANSIT,
    OrderStatus.DELIVERED,
    OrderStatus.COMPLETED,
)


# 1970-01-05 was a Monday.
_FIRST_MONDAY = 4 * _DAY


class Finance:
    """The books of the world's stores, and the errors that were planted in them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._faults = 0
        self._books: dict[str, Book] = {}

    def plant(self, faults: int) -> None:
        """Let so many known errors be made, and one store's balance be below zero; before anybody asks for a book."""
        self._faults = faults

    def book(self, store: Store) -> Book:
        """A store's book as it stands now."""
        book = self._books.get(store.id)
        if book is None:
            number = list(self._world.stores).index(store.id)
            book = Book(self._world, store, number, self.plan, in_debt=store.id == self._in_debt)
            self._books[store.id] = book
        book.bring_up(self._world.clocks.world_now())
        return book

    def planted(self) -> list[Planted]:
        """All errors made on purpose, marketplace by marketplace."""
        return list(self.plan.faults.values())

    @cached_property
    def plan(self) -> Plan:
        """The errors, chosen among what was completed before the world's first moment."""
        return plan_faults(self._world, self._faults, spared=self._in_debt)

    @cached_property
    def _in_debt(self) -> str:
        """The id of the store whose balance is below zero, "" for none: where wallets have balances, if anywhere."""
        if not self._faults:
            return ""
        stores = list(self._world.stores.values())
        stores.sort(key=lambda store: (self._has_wallet(store), store.region == "PH"))
        return stores[-1].id if stores else ""

    def _has_wallet(self, store: Store) -> bool:
        return self._world.market_of(store).rhythm.period_s is None


@dataclass(frozen=True, slots=True)
class _Coming:
    """An entry that is to be booked at a time ahead."""

    kind: EntryKind
    order: Order | None
    lines: tuple[Line, ...]
    pieces: Mapping[Piece, int]
    return_id: str = ""


class Book:
    """One store's settled amounts, the oldest first."""

    def __init__(self, world: World, store: Store, number: int, plan: Plan, *, in_debt: bool) -> None:
        self.store = store
        self.number = number
        self.region: Region = world.region_of(store)
        market = world.market_of(store)
        self.fees: FeeSchedule = market.fees.schedule(store.region)
        self.entries: list[Entry] = []
        self.times: list[int] = []
        self.statements: list[Statement] = []
        self.moves: list[Move] = []
        self._rhythm = market.rhythm
        self._world = world
        self._plan = plan
        self._coming: list[tuple[int, int, _Coming]] = []
        self._order = count()
        self._seen: set[str] = set()
        self._settled: dict[str, list[Entry]] = {}
        self._early: dict[str, list[tuple[int, _Coming]]] = {}
        self._read_until = 0
        self._refunds_read = 0
        self._balance = 0
        self._withdraw_at = 0
        started_at = world.clocks.started_at
        self._debt_from = started_at - IN_DEBT_S if in_debt else None
        self._debt_until = started_at + _STAYS_IN_DEBT_S
        if self._debt_from is not None:
            # Its amount follows from the balance of that moment.
            self._push(self._debt_from, _Coming(EntryKind.PENALTY, None, (), {}))
        self._account_week = self._week_of(started_at - _ACCOUNT_PAST_S)
        self._credited = 0
        self._up_to = 0

    # --- reading ------------------------------------------------------------------------------------------

    def between(self, since: int, until: int) -> list[Entry]:
        """What was settled in `[since, until)`."""
        return self.entries[bisect_left(self.times, since) : bisect_left(self.times, until)]

    def entries_of(self, statement: Statement) -> list[Entry]:
        return self.entries[statement.first : statement.last]

    def of_order(self, order: Order) -> list[Entry]:
        """Everything settled about an order, the oldest first."""
        return self._settled.get(order.id, [])

    @property
    def balance(self) -> int:
        """What the wallet holds now."""
        return self._balance

    def moves_between(self, since: int, until: int) -> list[Move]:
        """What moved the wallet in `[since, until)`."""
        first, last = (bisect_left(self.moves, at, key=lambda move: move.at) for at in (since, until))
        return self.moves[first:last]

    def unsettled(self, since: int, until: int) -> Iterator[Estimate]:
        """Paid orders made in `[since, until)` that are not settled, the oldest first."""
        lookup = self._world.shelves[self.store.id].orders.lookup("created", None)
        for _at, order_id in lookup.walk(ge=since, lt=until, descending=False, after=None):
            order = self._world.orders[order_id]
            if order.status not in _UNDERWAY or order_id in self._settled or not order.open_lines:
                continue
            fault = self._plan.faults.get(order_id)
            if fault is not None and fault.fault is Fault.NEVER_SETTLED:
                continue
            pieces = pieces_of_sale(order, self.fees)
            due_at = None if order.completed_at is None else self._settles_at(order, order.completed_at)
            yield Estimate(order, pieces, sum(pieces.values()), due_at)

    # --- growing ------------------------------------------------------------------------------------------

    def bring_up(self, now: int) -> None:
        """Book everything that has become due."""
        if now <= self._up_to:
            return
        self._read_orders(now)
        self._read_refunds()
        self._read_account(now)
        while self._coming and self._coming[0][0] <= now:
            at, _, coming = heapq.heappop(self._coming)
            self._book(max(at, self._up_to), coming)
        self._up_to = now
        self._cut(now)
        self._credit(now)

    def _read_orders(self, now: int) -> None:
        lookup = self._world.shelves[self.store.id].orders.lookup("updated", OrderStatus.COMPLETED)
        for _at, order_id in lookup.walk(ge=self._read_until, lt=None, descending=False, after=None):
            order = self._world.orders[order_id]
            if order_id in self._seen or order.completed_at is None or not order.open_lines:
                continue
            self._seen.add(order_id)
            settles_at = self._settles_at(order, order.completed_at)
            for later_s, kind, pieces in planted_sale(order, pieces_of_sale(order, self.fees), self.fees, self._plan):
                self._push(settles_at + later_s, _Coming(kind, order, tuple(order.open_lines), pieces))
        self._read_until = now

    def _settles_at(self, order: Order, completed_at: int) -> int:
        return completed_at + self.fees.settles_after_h * _HOUR + self._world.between(0, 2 * _HOUR, "settles", order.id)

    def _read_refunds(self) -> None:
        refunds = self._world.returns.refunds
        for refund in refunds[self._refunds_read :]:
            if refund.order.store is not self.store:
                continue
            lines = tuple(unit.line for unit in refund.units)
            pieces = pieces_of_refund(refund.order, refund.amount_minor, self.fees, goods_back=refund.goods_back)
            coming = _Coming(EntryKind.REFUND, refund.order, lines, pieces, refund.return_id)
            times = [refund.at + _HOUR]
            if refund.return_id in self._plan.refunded_twice:
                times.append(refund.at + _HOUR + _DAY)
            for at in times:
                if refund.order.id in self._settled:
                    self._push(at, coming)
                else:
                    # A refund is taken from what the order brought, so it waits for that.
                    self._early.setdefault(refund.order.id, []).append((at, coming))
        self._refunds_read = len(refunds)

    def _read_account(self, now: int) -> None:
        """Charges and gifts of each week that has begun: advertising, now and then a penalty or a compensation."""
        while self._account_week <= self._week_of(now):
            monday = self._monday(self._account_week)
            for kind, at_s, usd_cents in self._weekly(self._account_week):
                if self._debt_from is not None and self._debt_from <= monday + at_s < self._debt_until:
                    continue
                piece = ACCOUNT_PIECES[kind]
                amount = self._world.price_of_usd(self.store, usd_cents)
                signed = amount if kind is EntryKind.COMPENSATION else -amount
                self._push(monday + at_s, _Coming(kind, None, (), {piece: signed}))
            self._account_week += 1

    def _weekly(self, week: int) -> Iterator[tuple[EntryKind, int, int]]:
        """Kind, seconds from the week's beginning, amount in cents of a US dollar."""
        chance, between = self._world.chance, self._world.between
        yield EntryKind.ADS, 2 * _DAY + 10 * _HOUR, between(300, 1_200, "ads", self.store.id, week)
        if chance("penalty", self.store.id, week) < 0.12:
            yield EntryKind.PENALTY, 3 * _DAY + 9 * _HOUR, 500
        if chance("compensation", self.store.id, week) < 0.2:
            yield EntryKind.COMPENSATION, 4 * _DAY + 15 * _HOUR, between(200, 900, "compensation", self.store.id, week)

    def _push(self, at: int, coming: _Coming) -> None:
        heapq.heappush(self._coming, (at, next(self._order), coming))

    def _book(self, at: int, coming: _Coming) -> None:
        order = coming.order
        if order is None and not coming.pieces:
            coming = self._debt(at)
        net = sum(coming.pieces.values())
        if order is None and coming.kind is not EntryKind.PENALTY and self._at_hand(at) + net < 0:
            # A shop without sales has nothing to advertise with.
            return
        if self._debt_from is not None and self._debt_from <= at < self._debt_until and net > 0:
            # Advertising on credit eats what comes in just before it comes, so that the debt stays.
            self._enter(at, _Coming(EntryKind.ADS, None, (), {Piece.ADS: -net}), -net)
        entry = self._enter(at, coming, net)
        if order is None:
            return
        if order.id in self._settled:
            self._settled[order.id].append(entry)
        else:
            self._settled[order.id] = [entry]
            for refund_at, refund in self._early.pop(order.id, ()):
                self._push(max(refund_at, at + _HOUR), refund)

    def _debt(self, at: int) -> _Coming:
        """A penalty that leaves the store with a small debt."""
        amount = max(self._at_hand(at), 0) + self._world.price_of_usd(self.store, _DEBT_USD_CENTS)
        return _Coming(EntryKind.PENALTY, None, (), {Piece.PENALTY: -amount})

    def _at_hand(self, at: int) -> int:
        """What there is to take charges from: the wallet, or what the running period brought."""
        self._cut(at)
        self._credit(at)
        if self._rhythm.period_s is None:
            return self._balance
        return sum(one.net for one in self.entries[self.statements[-1].last if self.statements else 0 :])

    def _enter(self, at: int, coming: _Coming, net: int) -> Entry:
        entry_id = _ENTRY_IDS.nth(self.number * _PER_STORE + len(self.entries))
        entry = Entry(entry_id, coming.kind, at, coming.order, coming.lines, coming.pieces, net, coming.return_id)
        self.entries.append(entry)
        self.times.append(at)
        return entry

    # --- statements and wallet ----------------------------------------------------------------------------

    def _cut(self, now: int) -> None:
        """Close every period that has ended and has something in it."""
        length = self._rhythm.period_s
        if length is None:
            return
        while True:
            first = self.statements[-1].last if self.statements else 0
            if first == len(self.entries):
                return
            start_at = self._period_start(self.times[first], length)
            end_at = start_at + length
            if end_at > now:
                return
            last = bisect_left(self.times, end_at)
            net = sum(entry.net for entry in self.entries[first:last])
            before = self.statements[-1] if self.statements else None
            # Only where a period's end settles with the seller is a debt carried on; a day's is taken at once.
            opening = min(before.closing, 0) if before is not None and length == _WEEK else 0
            closing = opening + net
            paid = closing > 0 if length == _WEEK else closing != 0
            paid_at = end_at + self._rhythm.paid_after_s if paid else None
            number = len(self.statements)
            self.statements.append(Statement(number, start_at, end_at, first, last, net, opening, closing, paid_at))

    def _period_start(self, at: int, length: int) -> int:
        offset = self.region.utc_offset_s if self._rhythm.is_local else 0
        epoch = _FIRST_MONDAY if length == _WEEK else 0
        return (at + offset - epoch) // length * length + epoch - offset

    def _credit(self, now: int) -> None:
        """Bring the wallet up to now: what is paid comes in, every Monday all of it is withdrawn."""
        for at, amount, entry in self._credits(now):
            self._withdraw_before(at)
            self._move(MoveKind.SETTLED, at, amount, entry)
        self._withdraw_before(now + 1)

    def _credits(self, now: int) -> Iterator[tuple[int, int, Entry | None]]:
        if self._rhythm.period_s is None:
            for entry in self.entries[self._credited :]:
                self._credited += 1
                yield entry.at, entry.net, entry
            return
        while self._credited < len(self.statements):
            statement = self.statements[self._credited]
            if statement.paid_at is not None:
                if statement.paid_at > now:
                    return
                yield statement.paid_at, statement.closing, None
            self._credited += 1

    def _withdraw_before(self, at: int) -> None:
        if not self._withdraw_at:
            self._withdraw_at = self._monday(self._week_of(at) + 1) + _WITHDRAWN_AT_S
        while self._withdraw_at < at:
            if self._balance > 0:
                self._move(MoveKind.WITHDRAWN, self._withdraw_at, -self._balance, None)
            self._withdraw_at += _WEEK

    def _move(self, kind: MoveKind, at: int, amount: int, entry: Entry | None) -> None:
        self._balance += amount
        move_id = _MOVE_IDS.nth(self.number * _PER_STORE + len(self.moves))
        self.moves.append(Move(move_id, kind, at, amount, self._balance, entry))

    # --- weeks --------------------------------------------------------------------------------------------

    def _week_of(self, at: int) -> int:
        return (at + self.region.utc_offset_s - _FIRST_MONDAY) // _WEEK

    def _monday(self, week: int) -> int:
        return week * _WEEK + _FIRST_MONDAY - self.region.utc_offset_s
