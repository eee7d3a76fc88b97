"""What can be asked of balances, statements and anomalies, and what may stand after each field's colon."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.anomalies import CLAIMED, AnomalyKind
from shoptui.domain.disputes import DisputeState
from shoptui.domain.finance import FeeKind
from shoptui.queries.field_reading import FieldTable, Reader, choice, glob, market, money, region, tail
from shoptui.queries.filter import parse
from shoptui.queries.query import Query


class MoneyField(StrEnum):
    """What can be asked of money, as typed before the colon."""

    KIND = "kind"
    STORE = "store"
    REGION = "region"
    MARKET = "market"
    ORDER = "order"
    STATEMENT = "statement"
    FEE = "fee"
    DIFF = "diff"
    STATUS = "status"


#: The words of `status:` for a store's balance. `unverified`: it has statements nobody marked; `negative`: it is below
#: zero; `overdue`: a payout should have come; `anomalies`: something does not agree; `changed`: a mark came off.
BALANCE_WORDS = ("unverified", "negative", "overdue", "anomalies", "changed")
#: Those for an anomaly: whether its statement is marked, whether money is missing or too much, and its dispute.
ANOMALY_WORDS = ("unverified", "verified", "missing", "extra", "undisputed", "disputed")

_STATUS = {word: word for word in (*BALANCE_WORDS, *ANOMALY_WORDS, *(state.value for state in DisputeState))}

_READERS: Mapping[StrEnum, Reader] = MappingProxyType(
    {
        MoneyField.KIND: choice({kind.value: kind.value for kind in AnomalyKind if kind not in CLAIMED}),
        MoneyField.STORE: glob,
        MoneyField.REGION: region,
        MoneyField.MARKET: market,
        MoneyField.ORDER: tail,
        MoneyField.STATEMENT: glob,
        MoneyField.FEE: choice({kind.value: kind.value for kind in FeeKind}),
        MoneyField.DIFF: money,
        MoneyField.STATUS: choice(_STATUS),
    }
)

#: One example of each field, for help and for sentences.
MONEY_EXAMPLE: Mapping[StrEnum, str] = MappingProxyType(
    {
        MoneyField.KIND: "kind:settled_twice",
        MoneyField.STORE: "store:sp-my-*",
        MoneyField.REGION: "region:my",
        MoneyField.MARKET: "market:shopee",
        MoneyField.ORDER: "order:1J8C3T",
        MoneyField.STATEMENT: "statement:wallet-2026-*",
        MoneyField.FEE: "fee:commission",
        MoneyField.DIFF: "diff:>5",
        MoneyField.STATUS: "status:unverified",
    }
)

#: The language of money. `diff:` is about the size of a difference, whichever way it goes: in the store's own currency,
#: or as in `diff:>5usd` in dollars by the day's rates. A bare word finds order and statement numbers by a part of them.
MONEY_FIELDS = FieldTable(readers=_READERS, examples=MONEY_EXAMPLE)

#: What says nothing of a balance: such a filter is about anomalies.
ABOUT_ANOMALIES = frozenset({MoneyField.KIND, MoneyField.ORDER, MoneyField.STATEMENT, MoneyField.FEE, MoneyField.DIFF})


def parse_money(text: str) -> Query:
    """Read a filter over money. Raises FilterError, which says where and why it cannot be read."""
    return parse(text, MONEY_FIELDS)
