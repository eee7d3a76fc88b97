"""A stock pool as it leaves the program in a file: its fields and their values."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.queries.stock import PoolRow

#: The columns of an export, in order; the keys of its JSON.
FIELDS = (
    "sku",
    "name",
    "hand",
    "reserved",
    "free",
    "listed",
    "listings",
    "sold_24h",
    "sold_7d",
    "sold_per_day",
    "lasts_s",
    "runs_out_at",
    "next_loss",
    "oversold",
    "out_of_step",
    "counted_at",
    "own_rule",
    "act",
    "act_cause",
)


def pool_record(row: PoolRow) -> Mapping[str, object]:
    """A pool by field. Moments are epoch seconds, durations seconds, None where there is none."""
    return {
        "sku": row.sku,
        "name": row.name,
        "hand": row.hand,
        "reserved": row.reserved,
        "free": row.free,
        "listed": row.listed,
        "listings": row.listings,
        "sold_24h": max(row.sold_24h, 0),
        "sold_7d": max(row.sold_7d, 0),
        "sold_per_day": row.sold_per_day,
        "lasts_s": row.cover_s,
        "runs_out_at": row.next_at,
        "next_loss": row.next_kind,
        "oversold": row.oversold,
        "out_of_step": row.step,
        "counted_at": row.counted_at,
        "own_rule": row.own_rule,
        "act": "" if row.act_state is None else row.act_state.value,
        "act_cause": row.act_cause,
    }
