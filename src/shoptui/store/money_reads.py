"""Statements, lines, anomalies and disputes as rows. Runs on a reader's thread, with the ledger attached."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain

from shoptui.domain.anomalies import Anomaly
from shoptui.domain.disputes import DisputeState
from shoptui.domain.fee_rules import FeeBook
from shoptui.domain.finance import MoveKind as WalletKind
from shoptui.domain.finance import Unsettled, WalletMove
from shoptui.domain.money import Money
from shoptui.domain.negative import day_of, verify_clock
from shoptui.domain.stores import Store
from shoptui.queries.money import AnomalyRow, DisputeRow, LineRow, Mark, StatementRow
from shoptui.queries.money_views import AnomalySort, AnomalySortBy
from shoptui.queries.query import Query
from shoptui.store import stores as store_table
from shoptui.store.filter_parts import Context
from shoptui.store.money_codes import KIND_OF_CODE
from shoptui.store.money_desk import VERIFIED
from shoptui.store.money_filter_sql import DISPUTE, MARK_OF, condition
from shoptui.store.money_lines import LINE_COLUMNS, STATEMENT_COLUMNS, line_of, statement_of

_STATEMENT = ", ".join(f"s.{column}" for column in STATEMENT_COLUMNS.split(", "))
_LINE = ", ".join(f"l.{column}" for column in LINE_COLUMNS.split(", "))

_ORDER: Mapping[AnomalySortBy, tuple[str, ...]] = {
    AnomalySortBy.SIZE: ("o.size_usd", "o.size_milli"),
    AnomalySortBy.STORE: ("o.store_id",),
    AnomalySortBy.KIND: ("o.kind",),
    AnomalySortBy.ORDER: ("o.order_no",),
    AnomalySortBy.BOOKED: ("o.at",),
}


def statement_ids(db: sqlite3.Connection, store_id: str, most: int) -> list[int]:
    """The rows of a store's statements, newest first, at most so many."""
    rows = db.execute(
        "SELECT row_id FROM statement WHERE store_id = ? ORDER BY end_at DESC, row_id DESC LIMIT ?", (store_id, most)
    )
    return [row_id for (row_id,) in rows]


def statement_row(db: sqlite3.Connection, store_id: str, statement_id: str) -> int | None:
    """The row of a statement, None when it is not here."""
    row = db.execute(
        "SELECT row_id FROM statement WHERE store_id = ? AND statement_id = ?", (store_id, statement_id)
    ).fetchone()
    return None if row is None else int(row[0])


def statements(db: sqlite3.Connection, ids: Sequence[int], book: FeeBook | None) -> list[StatementRow]:
    """The statements of these rows, in this order; those that are gone are left out."""
    stores = {store.store_id: store for store in store_table.stores(db, "ledger")}
    rows = db.execute(
        f"""
        SELECT s.row_id, s.lines, s.lines_expected, s.lines_at, s.lines_minor, s.sold, s.expected, s.orders, s.agreeing,
            s.checked_at, s.stale, s.checking, s.arrived, s.first_at, m.what, m.operator, m.at, {_STATEMENT}
        FROM json_each(?) j CROSS JOIN statement s ON s.row_id = j.value
        LEFT JOIN ledger.statement_mark m ON m.mark_id = (
            SELECT n.mark_id FROM ledger.statement_mark n
            WHERE n.store_id = s.store_id AND n.statement_id = s.statement_id ORDER BY n.mark_id DESC LIMIT 1
        )
        ORDER BY j.key
        """,
        (json.dumps(list(ids)),),
    ).fetchall()
    return [_statement_row(db, row, stores, book) for row in rows]


def _statement_row(
    db: sqlite3.Connection, row: Sequence[object], stores: Mapping[str, Store], book: FeeBook | None
) -> StatementRow:
    (
        row_id, lines, lines_expected, lines_at, lines_minor, sold, expected, orders, agreeing, checked_at, is_stale,
        checking, arrived, first_at, what, operator, at, *columns,
    ) = row  # fmt: skip
    statement = statement_of(columns)
    currency = statement.payout.currency
    mark = None if what is None else Mark(str(what), str(operator), _int(at))
    store = stores.get(statement.store_id)
    rule = None
    if store is not None and book is not None:
        rule = book.settlement(store.marketplace, store.region, day_of(store, statement.end_at))
    clock = verify_clock(statement, mark is not None and mark.what == VERIFIED, rule, _int(first_at))
    differences = [
        difference
        for (difference,) in db.execute(
            "SELECT difference FROM anomaly WHERE store_id = ? AND statement_id = ?",
            (statement.store_id, statement.statement_id),
        )
    ]
    return StatementRow(
        row_id=_int(row_id),
        statement=statement,
        lines=_int(lines if arrived is None else arrived),
        lines_expected=None if lines_expected is None else _int(lines_expected),
        whole=lines_at is not None and arrived is None,
        lines_sum=Money(_int(lines_minor), currency),
        sold=Money(_int(sold), currency),
        expected=Money(_int(expected), currency),
        orders=_int(orders),
        agreeing=_int(agreeing),
        checked_at=None if checked_at is None else _int(checked_at),
        stale=bool(is_stale),
        checking=None if checking is None else _int(checking),
        anomalies=len(differences),
        missing=Money(sum(each for each in differences if each < 0), currency),
        mark=mark,
        verify_by=None if clock is None else clock.due_at,
    )


def line_ids(db: sqlite3.Connection, row_id: int, after: tuple[int, int] | None, count: int) -> list[tuple[int, int]]:
    """The next lines of a statement after one, by time: (moment, row)."""
    at, row = after or (-(2**63), 0)
    return db.execute(
        """
        SELECT at, row_id FROM statement_line INDEXED BY line_by_time
        WHERE statement_row = ? AND (at, row_id) > (?, ?) ORDER BY at, row_id LIMIT ?
        """,
        (row_id, at, row, count),
    ).fetchall()


def line_ids_of_order(db: sqlite3.Connection, store_id: str, order_no: str) -> list[int]:
    """The rows of everything a store's statements have of an order, oldest statement first."""
    rows = db.execute(
        """
        SELECT l.row_id FROM statement_line l INDEXED BY line_by_order
        CROSS JOIN statement s ON s.row_id = l.statement_row
        WHERE l.order_no = ? AND l.order_no <> '' AND s.store_id = ? ORDER BY s.end_at, l.at, l.row_id
        """,
        (order_no, store_id),
    )
    return [row_id for (row_id,) in rows]


def lines(db: sqlite3.Connection, ids: Sequence[int]) -> list[LineRow]:
    """The lines of these rows, in this order; those that are gone are left out."""
    rows = db.execute(
        f"""
        SELECT l.row_id, o.row_id, s.store_id, s.statement_id, s.currency, {_LINE}
        FROM json_each(?) j CROSS JOIN statement_line l ON l.row_id = j.value
        CROSS JOIN statement s ON s.row_id = l.statement_row
        LEFT JOIN orders o ON o.store_id = s.store_id AND o.order_no = l.order_no
        ORDER BY j.key
        """,
        (json.dumps(list(ids)),),
    )
    return [
        LineRow(row_id, line_of(line, store_id, statement_id, currency), order_row)
        for row_id, order_row, store_id, statement_id, currency, *line in rows
    ]


def anomaly_ids(
    db: sqlite3.Connection, query: Query, sort: AnomalySort, now: int, operator: str, statement: int | None
) -> array[int]:
    """The rows of anomalies that match, in order; of one statement, also what its days should have settled."""
    context = Context(now, operator, tuple(store_table.stores(db, "ledger")))
    where = condition(query, context)
    values = list(where.values)
    within = ""
    if statement is not None:
        row = db.execute(
            "SELECT store_id, statement_id, start_at, end_at FROM statement WHERE row_id = ?", (statement,)
        ).fetchone()
        if row is None:
            return array("q")
        within = " AND o.store_id = ? AND (o.statement_id = ? OR (o.statement_id = '' AND o.at >= ? AND o.at < ?))"
        values += list(row)
    way = " DESC" if sort.descending else ""
    order = ", ".join(f"{expression}{way}" for expression in _ORDER[sort.by])
    rest = "" if sort.by is AnomalySortBy.SIZE else ", o.size_usd DESC, o.size_milli DESC"
    rows = db.execute(
        f"SELECT o.row_id FROM anomaly o WHERE ({where.text}){within} ORDER BY {order}{rest}, o.store_id, o.row_id",
        values,
    )
    return array("q", chain.from_iterable(rows))


def anomalies(db: sqlite3.Connection, ids: Sequence[int]) -> list[AnomalyRow]:
    """The anomalies of these rows, in this order; those that are gone are left out."""
    rows = db.execute(
        f"""
        SELECT o.row_id, o.kind, o.store_id, o.statement_id, o.order_no, o.expected, o.paid, o.currency, o.why, o.args,
            o.at, o.fee, o.about, r.row_id, s.row_id, {MARK_OF}, d.dispute_id, d.state
        FROM json_each(?) j CROSS JOIN anomaly o ON o.row_id = j.value
        LEFT JOIN orders r ON r.store_id = o.store_id AND r.order_no = o.order_no
        LEFT JOIN statement s ON s.store_id = o.store_id AND s.statement_id = o.statement_id
        LEFT JOIN ledger.dispute d ON d.dispute_id = {DISPUTE}
        ORDER BY j.key
        """,
        (json.dumps(list(ids)),),
    )
    return [_anomaly_row(row) for row in rows]


def _anomaly_row(row: Sequence[object]) -> AnomalyRow:
    (
        row_id, kind, store_id, statement_id, order_no, expected, paid, currency, why, args, at, fee, about, order_row,
        statement, mark, dispute_id, state,
    ) = row  # fmt: skip
    code = str(currency)
    return AnomalyRow(
        row_id=_int(row_id),
        anomaly=Anomaly(
            kind=KIND_OF_CODE[_int(kind)],
            store_id=str(store_id),
            statement_id=str(statement_id),
            order_no=str(order_no),
            expected=Money(_int(expected), code),
            paid=Money(_int(paid), code),
            why=str(why),
            args=tuple((str(name), str(value)) for name, value in json.loads(str(args))),
            at=_int(at),
            fee=str(fee),
        ),
        about=str(about),
        order_row=None if order_row is None else _int(order_row),
        statement_row=None if statement is None else _int(statement),
        dispute_id=None if dispute_id is None else _int(dispute_id),
        dispute_state=None if state is None else DisputeState(str(state)),
        verified=mark == VERIFIED,
    )


def disputes(db: sqlite3.Connection, store_id: str | None, dispute_id: int | None, most: int) -> list[DisputeRow]:
    """The newest disputes, of one store or that of one number unless None."""
    rows = db.execute(
        """
        SELECT d.dispute_id, d.store_id, d.state, d.amount, d.currency, d.folder, d.language, d.made_by, d.made_at,
            (SELECT count(DISTINCT i.order_no) FROM ledger.dispute_item i WHERE i.dispute_id = d.dispute_id),
            e.operator, e.at,
            coalesce((SELECT n.note FROM ledger.dispute_event n WHERE n.dispute_id = d.dispute_id AND n.note <> ''
                ORDER BY n.event_id DESC LIMIT 1), '')
        FROM ledger.dispute d
        JOIN ledger.dispute_event e ON e.event_id = (
            SELECT max(x.event_id) FROM ledger.dispute_event x
            WHERE x.dispute_id = d.dispute_id AND x.state = d.state
        )
        WHERE d.store_id = coalesce(?, d.store_id) AND d.dispute_id = coalesce(?, d.dispute_id)
        ORDER BY d.dispute_id DESC LIMIT ?
        """,
        (store_id, dispute_id, most),
    )
    return [
        DisputeRow(
            dispute_id=dispute_id,
            store_id=store_id,
            state=DisputeState(state),
            amount=Money(amount, currency),
            orders=orders,
            folder=folder,
            language=language,
            made_by=made_by,
            made_at=made_at,
            state_by=by,
            state_at=at,
            note=note,
        )
        for dispute_id, store_id, state, amount, currency, folder, language, made_by, made_at, orders, by, at, note
        in rows
    ]  # fmt: skip


def dispute_events(db: sqlite3.Connection, dispute_id: int) -> list[tuple[int, str, DisputeState, str]]:
    """A dispute's way, oldest first: when, who, state, note."""
    rows = db.execute(
        "SELECT at, operator, state, note FROM ledger.dispute_event WHERE dispute_id = ? ORDER BY event_id",
        (dispute_id,),
    )
    return [(at, operator, DisputeState(state), note) for at, operator, state, note in rows]


def marks(db: sqlite3.Connection, store_id: str, statement_id: str) -> list[Mark]:
    """Everything that was said of a statement, newest first."""
    rows = db.execute(
        """
        SELECT what, operator, at FROM ledger.statement_mark WHERE store_id = ? AND statement_id = ?
        ORDER BY mark_id DESC
        """,
        (store_id, statement_id),
    )
    return [Mark(*row) for row in rows]


def moves(db: sqlite3.Connection, store_id: str, most: int) -> list[WalletMove]:
    """A store's newest wallet moves, newest first."""
    rows = db.execute(
        """
        SELECT move_id, at, kind, amount, currency, balance, done, order_no, raw_kind, note FROM wallet_move
        WHERE store_id = ? ORDER BY at DESC, move_id DESC LIMIT ?
        """,
        (store_id, most),
    )
    return [
        WalletMove(
            store_id=store_id,
            move_id=move_id,
            at=at,
            kind=WalletKind(kind),
            amount=Money(amount, currency),
            balance=None if balance is None else Money(balance, currency),
            done=bool(done),
            order_no=order_no,
            raw_kind=raw_kind,
            note=note,
        )
        for move_id, at, kind, amount, currency, balance, done, order_no, raw_kind, note in rows
    ]


def unsettled(db: sqlite3.Connection, store_id: str) -> list[Unsettled]:
    """What a store's marketplace says is still to come, the oldest promise first."""
    rows = db.execute(
        """
        SELECT order_no, amount, currency, expected_at, delivered_at, reason FROM unsettled
        WHERE store_id = ? ORDER BY coalesce(expected_at, delivered_at, 0), order_no
        """,
        (store_id,),
    )
    return [Unsettled(store_id, row[0], Money(row[1], row[2]), row[3], row[4], row[5]) for row in rows]


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a column of integers holds {value!r}")
    return value
