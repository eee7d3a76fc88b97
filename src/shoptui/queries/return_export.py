"""A return request as it leaves the program in a file: its fields and their values."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.domain.money import Money
from shoptui.queries.returns import ReturnRow

#: The columns of an export, in order; the keys of its JSON.
FIELDS = (
    "store",
    "marketplace",
    "region",
    "return",
    "order",
    "ask",
    "state",
    "raw_state",
    "value",
    "currency",
    "value_usd",
    "reason",
    "buyer",
    "goods",
    "answer_at",
    "next_loss_at",
    "next_loss",
    "missed",
    "asked_at",
    "updated_at",
    "goods_back_at",
    "tracking",
    "condition",
    "disputed",
    "answers",
    "act",
    "act_answer",
    "act_cause",
    "elsewhere",
    "claimed_by",
    "tags",
)


def return_record(row: ReturnRow) -> Mapping[str, object]:
    """A request by field. Moments are epoch seconds, None where there is none; amounts are decimal text."""
    return {
        "store": row.store_id,
        "marketplace": row.marketplace,
        "region": row.region,
        "return": row.return_id,
        "order": row.order_no,
        "ask": row.ask.value,
        "state": row.state.value,
        "raw_state": row.raw_state,
        "value": Money(row.value_minor, row.currency).plain(),
        "currency": row.currency,
        "value_usd": None if row.usd_minor is None else Money(row.usd_minor, "USD").plain(),
        "reason": row.reason,
        "buyer": row.buyer,
        "goods": row.items,
        "answer_at": row.answer_at,
        "next_loss_at": row.next_at,
        "next_loss": row.next_kind,
        "missed": row.missed,
        "asked_at": row.created_at,
        "updated_at": row.updated_at,
        "goods_back_at": row.goods_back_at,
        "tracking": row.tracking,
        "condition": "" if row.condition is None else row.condition.value,
        "disputed": row.disputed,
        "answers": " ".join(sorted(answer.value for answer in row.answers)),
        "act": "" if row.act_state is None else row.act_state.value,
        "act_answer": row.act_answer,
        "act_cause": row.act_cause,
        "elsewhere": row.elsewhere,
        "claimed_by": row.claimed_by,
        "tags": " ".join(row.tags),
    }
