"""Owns the requests about stock: taking a count over, rules of pools, reading pools anew, and what a push was."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shoptui.adapters.base import AdapterError
from shoptui.domain.counting import CountLine
from shoptui.domain.intents import Intent, Verb
from shoptui.domain.pools import pool_key
from shoptui.domain.shares import UNITS_MAX, ShareError, ShareRule, rule_of, simulate
from shoptui.engine.fields import (
    Refusal,
    mapping,
    optional_text,
    optional_whole,
    sequence,
    text,
    texts,
    whole,
)
from shoptui.engine.intake import shown
from shoptui.engine.order_requests import audit
from shoptui.engine.stock_admission import change_of
from shoptui.protocol import Changed
from shoptui.text import sanitise_cell

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

#: A count may be entered this long after it was made, seconds: what left the house since is known no longer back.
COUNT_AGE_MAX_S = 60 * 86_400
#: Listings read so recently need not be read once more when a push of them is accepted, seconds.
_FRESH_S = 30


async def stock_count(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take over what was counted in the house; codes that no store lists are kept and wait for a listing."""
    house = engine.house
    now = house.now()
    lines = _lines(message)
    counted_at = optional_whole(message, "counted_at")
    at = now if counted_at is None else counted_at
    if not now - COUNT_AGE_MAX_S <= at <= now:
        raise Refusal("bad_request", "counted_at must be within the last 60 days and not in the future.")
    source = sanitise_cell(optional_text(message, "source")) or "typed"
    await audit(engine, session, "check a count in", source, f"{len(lines)} codes")
    rows = await house.writer.stock.count(lines, at, source, session.operator, now)
    house.hub.publish(Changed(pools=shown(rows), counts=True))
    return {"changed": len(rows)}


def _lines(message: Mapping[str, Any]) -> list[CountLine]:
    lines: dict[str, CountLine] = {}
    for item in sequence(message, "counts"):
        if not isinstance(item, dict):
            raise Refusal("bad_request", "Each of counts must be an object with sku and counted.")
        sku = optional_text(item, "sku").strip()
        key, counted = pool_key(sku), whole(item, "counted")
        if not key:
            raise Refusal("bad_request", "Each of counts needs sku: the seller's own code.")
        if not 0 <= counted <= UNITS_MAX:
            raise Refusal("bad_request", f"{sku}: counted must be between 0 and {UNITS_MAX:,}; it is {counted}.")
        if key in lines:
            raise Refusal("bad_request", f"{sku} is in this count twice; add its units up and enter it once.")
        lines[key] = CountLine(sku, counted)
    return list(lines.values())


async def stock_rule(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give pools a rule of their own, or with no rule the house's again; nothing is written to a marketplace."""
    house = engine.house
    keys = [pool_key(key) for key in texts(message, "pools")]
    rule = rule_asked(message)
    known = await house.writer.stock.pools(keys, house.now())
    for key in keys:
        if key not in known:
            raise Refusal("unknown_pool", f"There is no SKU {key} here.")
    names = " ".join(keys[:10])
    await audit(engine, session, "rule of stock", names, "the house's" if rule is None else str(rule.as_data()))
    rows = await house.writer.stock.put_rule(keys, rule, session.operator, house.now())
    house.hub.publish(Changed(pools=shown(rows), counts=True))
    return {"changed": len(rows)}


async def stock_refresh(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Read the listings of pools from their marketplaces now, and have their stores' orders read."""
    keys = [pool_key(key) for key in texts(message, "pools")]
    by_store = await engine.house.writer.stock.listings_of(keys)

    failed = await asyncio.gather(*(read_store(engine, store_id, ids) for store_id, ids in by_store.items()))
    return {"read": len(by_store) - sum(map(bool, failed)), "silent": sorted(filter(None, failed))}


async def push_undecided(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a push will still be worked out anew by itself where sales overtook it."""
    return {"undecided": await engine.pushes.undecided(text(message, "batch_id"))}


async def read_store(engine: Engine, store_id: str, listing_ids: Sequence[str]) -> str:
    """Read listings of a store now, and have its orders read after that; the store's id when it does not answer."""
    lane = engine.lanes.get(store_id)
    if lane is None:
        return store_id
    try:
        await lane.stock.read_now(listing_ids)
    except AdapterError:
        return store_id
    finally:
        # What is missing from a listing by an order that is not here yet would be given away again.
        lane.look_at_orders()
    return ""


def rule_asked(message: Mapping[str, Any]) -> ShareRule | None:
    """The rule a request names, None for none."""
    if message.get("rule") is None:
        return None
    try:
        return rule_of(mapping(message, "rule"))
    except ShareError as error:
        raise Refusal("bad_request", f"rule: {error}.") from error


async def note_pushes(
    engine: Engine, session: Session, batch_id: str, intents: Sequence[Intent], rule: ShareRule | None
) -> None:
    """Keep what pools looked like when they were pushed, and by which rule; they are read again meanwhile.

    What was read just now is not: each write is preceded by a reading of its own, with which it would share the limits.
    """
    house = engine.house
    pools = dict.fromkeys(change_of(intent).pool for intent in intents if intent.verb is Verb.SET_STOCK)
    pools.pop("", None)
    if not pools:
        return
    now, gap_s = house.now(), float(house.config.stock.gap_s)
    found = await house.writer.stock.pools(list(pools), now)
    seen = {key: (simulate(pool.stock, rule or pool.rule, gap_s), rule or pool.rule) for key, pool in found.items()}
    await house.writer.stock.log_pushes(seen, batch_id, session.operator, now)
    for store_id, old in (await house.writer.stock.listings_of(list(pools), read_before=now - _FRESH_S)).items():
        if (lane := engine.lanes.get(store_id)) is not None:
            lane.refresh_listings(old)
            lane.look_at_orders()
