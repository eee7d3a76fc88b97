"""Owns what an order on conversations would refuse, looked up in the cache for many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shoptui.domain.intents import Intent, NewIntent, Verb
from shoptui.engine.admission import No, Refused, judge_each
from shoptui.engine.chat_admission import judge_thread, standing_of

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.lanes import Lane

#: Of more replies in one batch the threads are not read again before they are sent: it would cost two calls each.
_WATCHED_MAX = 50


async def judge_talks(
    engine: Engine, intents: Sequence[NewIntent], operator: str, *, take_over: bool
) -> tuple[dict[int, int | None], dict[int, Refused]]:
    """By place in the list: when the reply clock ends (epoch s, None without one), and what is refused."""
    house = engine.house
    keys = [(intent.store_id, intent.target_id) for intent in intents]
    claims = await house.writer.threads.claims(keys, house.now())

    async def judge(lane: Lane, intent: NewIntent) -> No | int | None:
        claimed_by = claims.get((intent.store_id, intent.target_id), "")
        standing = await standing_of(house.writer, intent, "" if claimed_by == operator else claimed_by)
        no = judge_thread(lane.market, lane.chat.feed, intent, standing, take_over=take_over)
        return no or (standing.facts.reply_at if standing.facts is not None else None)

    return await judge_each(engine.lanes, intents, judge)


def watch_while_held(engine: Engine, intents: Sequence[Intent]) -> None:
    """Have threads read while replies are held: somebody may answer elsewhere. The day's calls bound how many."""
    replies = [intent for intent in intents if intent.verb is Verb.REPLY]
    for intent in replies if len(replies) <= _WATCHED_MAX else ():
        engine.watch_thread(intent.store_id, intent.target_id)
