"""Lazada's settled amounts in the house's words: weeks with what they carry over, rows, account movements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shoptui.adapters.amounts import read_amount, read_if_given
from shoptui.adapters.finance_records import completed
from shoptui.adapters.lazada.fee_types import kind_of
from shoptui.adapters.lazada.finance_wire import MoveRecord, PayoutRecord, RowRecord
from shoptui.adapters.lazada.times import moment
from shoptui.adapters.lazada.ventures import offset_s
from shoptui.domain.finance import FeeKind, MoveKind, PaidState, Part, Statement, StatementLine, WalletMove
from shoptui.domain.money import Money
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

DAY_S = 86_400
#: How long a period is taken for when no statement lies before it.
WEEK_S = 7 * DAY_S
#: A longer distance between two statements is a time without sales, not a longer period.
_LONGEST_S = 31 * DAY_S

# The day behind the seller's code is the first after the period, as far as seen.
_NUMBER = re.compile(r"-(\d{4})-(\d{2})(\d{2})$", re.ASCII)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAY = re.compile(r"^\s*(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})\s*$", re.ASCII)
_OUT = "withdrawal"
#: What of the payments goes out; others come in.
_SPENT = "sponsored solutions top-up"
_KINDS = {"deposit": MoveKind.SETTLED, "withdrawal": MoveKind.WITHDRAWN, "payment": MoveKind.PAYMENT}
_UNPAID = "0"
_PAID = {"1": PaidState.PAID, _UNPAID: PaidState.OPEN}


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout with the moment its period ended."""

    record: PayoutRecord
    end_at: int


def to_payout(record: PayoutRecord, store: Store) -> Payout:
    """When a payout's period ended: by the day in its number, else the day before it was made. Raises ValueError."""
    offset = offset_s(store.region)
    found = _NUMBER.search(record.statement_number)
    if found is not None:
        try:
            return Payout(record, _midnight(date(*(int(part) for part in found.groups())), offset))
        except ValueError:
            # Other numbers end in digits that are no day.
            pass
    made_at = moment(record.created_at, offset)
    return Payout(record, (made_at + offset) // DAY_S * DAY_S - offset - DAY_S)


def periods(payouts: Iterable[Payout]) -> Iterator[tuple[Payout, int]]:
    """Payouts in order of time, each with the moment its period began: where the one before ended."""
    before: int | None = None
    for one in sorted(payouts, key=lambda one: one.end_at):
        follows = before is not None and 0 < one.end_at - before <= _LONGEST_S
        yield one, max(before if before is not None and follows else 0, one.end_at - WEEK_S)
        before = one.end_at


def to_statement(one: Payout, start_at: int, store: Store) -> Statement:
    """A payout as a statement. Raises MoneyError for an amount that is none, ValueError for a time that is none."""
    record, currency = one.record, store.currency
    paid = _PAID.get((record.paid or "").strip(), PaidState.UNKNOWN)
    stamp = record.updated_at or record.created_at
    revenue, other = (read_if_given(part, currency) for part in (record.item_revenue, record.other_revenue_total))
    fees, refunds = (read_if_given(part, currency) for part in (record.fees_total, record.refunds))
    return Statement(
        store_id=store.store_id,
        statement_id=sanitise_cell(record.statement_number),
        start_at=start_at,
        end_at=one.end_at,
        payout=read_amount(record.payout, currency),
        paid=paid,
        raw_paid=sanitise_cell(record.paid or ""),
        paid_at=moment(stamp, offset_s(store.region)) if paid is PaidState.PAID else None,
        opening=read_if_given(record.opening_balance, currency),
        closing=read_if_given(record.closing_balance, currency),
        revenue=revenue + other if revenue is not None and other is not None else revenue,
        # Costs come without a sign here, everywhere else with theirs.
        fees=Money(-abs(fees.minor), currency) if fees is not None else None,
        refunds=-refunds if refunds is not None else None,
    )


def to_line(record: RowRecord, statement: Statement, store: Store) -> StatementLine | None:
    """A row of a statement, None for one of another statement. Raises MoneyError, ValueError for no day."""
    offset = offset_s(store.region)
    ends = period_end(record.statement or "", offset)
    if ends is not None and ends != statement.end_at:
        return None
    amount = read_amount(record.amount, store.currency)
    word = record.transaction_type or ""
    fee = record.fee_type or ""
    parts = [Part(kind_of(fee, word), amount, sanitise_cell(record.fee_name or fee))]
    withheld = read_if_given(record.wht_amount, store.currency)
    if withheld is not None and withheld.minor and (record.wht_included or "").strip().casefold() == "yes":
        parts = [
            Part(parts[0].kind, amount - withheld, parts[0].raw),
            Part(FeeKind.TAX, withheld, "WHT_amount"),
        ]
    return StatementLine(
        store_id=store.store_id,
        statement_id=statement.statement_id,
        line_id=sanitise_cell(record.transaction_number),
        order_no=record.order_no or "",
        at=_midnight(to_day(record.transaction_date), offset),
        amount=amount,
        parts=completed(parts, amount),
        raw_kind=sanitise_cell(f"{fee} {word}".strip()),
        sku=sanitise_cell(record.seller_sku or ""),
        sku_id=sanitise_cell(record.lazada_sku or ""),
        quantity=1 if record.order_line else 0,
        order_line_id=record.order_line or "",
        note=sanitise_cell(record.comment or ""),
    )


def period_end(text: str, offset: int) -> int | None:
    """When a period such as `11 May 2016 - 17 May 2016` is over (epoch s), None for what is none."""
    _, dash, last = text.rpartition(" - ")
    try:
        return _midnight(to_day(last), offset) + DAY_S if dash else None
    except ValueError:
        return None


def to_day(text: str) -> date:
    """A day such as `17 May 2016`. Raises ValueError."""
    found = _DAY.match(text)
    month = _MONTHS.get(found[2].lower()) if found is not None else None
    if found is None or month is None:
        raise ValueError(f"{text[:40]!r} is no day of Lazada's")
    return date(int(found[3]), month, int(found[1]))


def _midnight(day: date, offset: int) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - offset


def local_day(at: int, store: Store) -> date:
    """The day on the venture's wall."""
    return (datetime.fromtimestamp(at, UTC) + timedelta(seconds=offset_s(store.region))).date()


def to_move(record: MoveRecord, store: Store) -> WalletMove:
    """A movement of the account, with the sign its type gives it. Raises MoneyError, ValueError for no time."""
    amount = read_amount(record.amount, record.currency or store.currency)
    kind, sub_kind = (record.type or "").casefold(), (record.sub_type or "").casefold()
    goes_out = kind == _OUT or sub_kind == _SPENT
    return WalletMove(
        store_id=store.store_id,
        move_id=sanitise_cell(record.transaction_number),
        at=moment(record.transaction_time, offset_s(store.region)),
        kind=_KINDS.get(kind, MoveKind.OTHER),
        amount=Money(-abs(amount.minor), amount.currency) if goes_out else amount,
        raw_kind=sanitise_cell(f"{record.type or ''} {record.sub_type or ''}".strip()),
        note=sanitise_cell(record.remarks or ""),
    )
