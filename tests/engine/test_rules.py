"""What a lost answer comes to under each settle rule, and what holds whatever the marketplace answers."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shoptui.domain.intents import (
    OPEN_STATES,
    Cause,
    CauseId,
    Intent,
    IntentState,
    NewIntent,
    SettleRule,
    Settling,
    TargetKind,
    Verb,
)
from shoptui.engine.turns import in_their_turn
from shoptui.store.errors import DiskFull
from tests.engine.scripted import STORE, Bare, Look, Reply, ScriptedDesk, ScriptedMarket, bare

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ_BACK = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=60, resends=1)
LATE = SettleRule(Settling.READ_BACK_LATE, first_look_s=1200, give_up_s=7200, resends=1)
PERSON = SettleRule(Settling.PERSON, first_look_s=5, give_up_s=600, resends=0)
RECOMPUTE = SettleRule(Settling.RECOMPUTE, first_look_s=5, give_up_s=60, resends=0)
REPEAT = SettleRule(Settling.REPEAT, first_look_s=3, give_up_s=1800, resends=40)

_NUMBERS = itertools.count()
DONE, FAILED, NOT_DONE = IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE
ASKS = IntentState.NEEDS_PERSON
R, L = Reply, Look


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bare]:
    root: Path = tmp_path_factory.mktemp("rules")
    async with bare(root) as found:
        yield found


async def order(house: Bare, *verbs: Verb) -> list[int]:
    """A chain of verbs on a parcel of its own, let go at once."""
    number = next(_NUMBERS)
    args = {Verb.PRINT: {"printer": "dock2"}}
    steps = [
        NewIntent(
            verb,
            STORE.store_id,
            f"57{number}",
            TargetKind.PACKAGE,
            f"11{number}",
            args.get(verb, {}),
            after_index=place - 1 if place else None,
        )
        for place, verb in enumerate(verbs)
    ]
    now = int(house.clock.now())
    accepted = await house.writer.accept_batch(
        f"batch {number}", verbs[0], "mei", "pts/1", steps, [now] * len(steps), now
    )
    return list(accepted.intent_ids)


async def close_all(house: Bare) -> None:
    """What an example has left open is answered by somebody, so that the next begins with an empty outbox."""
    left = [intent.intent_id for intent in await house.writer.open_intents()]
    now = int(house.clock.now())
    await house.writer.take_back(None, left, now)
    await house.writer.move(left, NOT_DONE, now=now)
    assert await house.writer.open_intents() == []


@pytest.mark.parametrize(
    ("rule", "replies", "looks", "end", "tries", "took_s"),
    [
        (READ_BACK, [R.LOST_AFTER], [], DONE, 1, 3),
        (READ_BACK, [R.LOST_BEFORE], [], DONE, 2, 3),
        (READ_BACK, [R.LOST_BEFORE, R.LOST_BEFORE], [], NOT_DONE, 2, 6),
        (READ_BACK, [R.WAIT], [L.WAIT, L.LOST], DONE, 2, 13),
        (READ_BACK, [R.FAULT], [L.UNDECIDED] * 20, ASKS, 1, 60),
        # Nothing is believed for twenty minutes, then there is one more try, believed as late.
        (LATE, [R.LOST_AFTER], [], DONE, 1, 1200),
        (LATE, [R.LOST_BEFORE], [], DONE, 2, 1200),
        (LATE, [R.LOST_BEFORE, R.LOST_BEFORE], [], NOT_DONE, 2, 2400),
        # Its absence proves nothing, so nothing is sent again and a person decides; its presence is proof.
        (PERSON, [R.LOST_BEFORE], [], ASKS, 1, 600),
        (PERSON, [R.LOST_AFTER], [], DONE, 1, 5),
        # Nothing is read back and nothing sent again: it is decided anew.
        (RECOMPUTE, [R.LOST_BEFORE], [], FAILED, 1, 0),
        (RECOMPUTE, [R.LOST_AFTER], [], FAILED, 1, 0),
        (RECOMPUTE, [R.WAIT], [], FAILED, 1, 0),
        # Asked again and again without harm, at last less often, never read back.
        (REPEAT, [R.LOST_AFTER, R.WAIT, R.LOST_BEFORE], [], DONE, 4, 9),
        (REPEAT, [R.WAIT] * 100, [], FAILED, 26, 1800),
        (REPEAT, [R.REFUSED], [], FAILED, 1, 0),
    ],
)
async def test_a_lost_answer(
    house: Bare,
    rule: SettleRule,
    replies: Sequence[Reply],
    looks: Sequence[Look],
    end: IntentState,
    tries: int,
    took_s: int,
) -> None:
    desk = ScriptedDesk(Verb.SHIP, rule, replies, looks)
    (intent_id,) = await order(house, Verb.SHIP)
    began_at = house.clock.now()
    await house.run(ScriptedMarket(desk))
    (found,) = await house.writer.intents([intent_id])
    assert found.state is end
    assert sum(desk.tries.values()) == tries
    assert (desk.looked == 0) == (rule.settling in (Settling.REPEAT, Settling.RECOMPUTE))
    assert took_s <= house.clock.now() - began_at <= took_s + 125
    assert len({request.key for request in desk.sent}) == 1
    await close_all(house)


async def test_giving_up_on_what_may_be_repeated_says_why_and_when_it_began(house: Bare) -> None:
    desk = ScriptedDesk(Verb.LABEL, REPEAT, [Reply.WAIT] * 100)
    (intent_id,) = await order(house, Verb.LABEL)
    began_at = int(house.clock.now())
    await house.run(ScriptedMarket(desk))
    (found,) = await house.writer.intents([intent_id])
    assert found.cause is not None and (found.cause.id, found.cause.message) == (CauseId.NOT_READY, "being made")
    assert found.evidence is not None and found.evidence["asked_since"] == began_at


async def test_what_was_put_off_again_and_again_ends_with_what_the_marketplace_said(house: Bare) -> None:
    desk = ScriptedDesk(Verb.SHIP, READ_BACK, [Reply.WAIT, Reply.WAIT])
    (intent_id,) = await order(house, Verb.SHIP)
    await house.run(ScriptedMarket(desk))
    (found,) = await house.writer.intents([intent_id])
    assert found.state is NOT_DONE and found.evidence is not None and found.evidence["seen"] == "all"
    assert found.cause == Cause(CauseId.NOT_READY, "2", "being made")
    # An answer that was lost says nothing, and nothing is made up for it.
    lost = ScriptedDesk(Verb.SHIP, READ_BACK, [Reply.LOST_BEFORE, Reply.LOST_BEFORE])
    (intent_id,) = await order(house, Verb.SHIP)
    await house.run(ScriptedMarket(lost))
    (found,) = await house.writer.intents([intent_id])
    assert (found.state, found.cause) == (NOT_DONE, None)


async def test_what_a_marketplace_cannot_do_fails_with_its_reason(house: Bare) -> None:
    number = next(_NUMBERS)
    note = NewIntent(Verb.NOTE, STORE.store_id, f"57{number}", TargetKind.ORDER, f"57{number}", {"text": "fragile"})
    now = int(house.clock.now())
    accepted = await house.writer.accept_batch(f"batch {number}", Verb.NOTE, "mei", "pts/1", [note], [now], now)
    await house.run(ScriptedMarket())
    (found,) = await house.writer.intents(accepted.intent_ids)
    assert found.state is FAILED and found.cause is not None
    assert (found.cause.id, found.cause.message) == (CauseId.UNSUPPORTED, "Nobody writes notes here.")


async def test_what_was_under_way_when_its_desk_went_is_put_before_a_person(house: Bare) -> None:
    (intent_id,) = await order(house, Verb.SHIP)
    now = int(house.clock.now())
    for state in (IntentState.QUEUED, IntentState.SENDING):
        await house.writer.move([intent_id], state, now=now, sent_at=now)
    await house.run(ScriptedMarket())
    (found,) = await house.writer.intents([intent_id])
    assert found.state is ASKS
    await close_all(house)


async def test_a_label_is_done_only_when_it_is_in_the_house(house: Bare) -> None:
    desk = ScriptedDesk(Verb.LABEL, REPEAT, [Reply.WAIT])
    (intent_id,) = await order(house, Verb.LABEL)
    await house.run(ScriptedMarket(desk))
    (found,) = await house.writer.intents([intent_id])
    stored = await house.writer.document(STORE.store_id, found.target_id, "label")
    assert found.state is DONE and stored is not None and stored.content.startswith(b"%PDF")


async def test_a_label_that_a_full_disk_kept_out_is_fetched_again(house: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = ScriptedDesk(Verb.LABEL, REPEAT)
    (intent_id,) = await order(house, Verb.LABEL)
    market = ScriptedMarket(desk)

    async def no_room(*args: object, **fields: object) -> str:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(house.writer, "put_document", no_room)
    with pytest.raises(DiskFull):
        await house.outbox(market).step()
    (found,) = await house.writer.intents([intent_id])
    assert found.state is IntentState.QUEUED and found.evidence is not None
    assert found.evidence["last_answer"] == "The disk is full."
    monkeypatch.undo()
    await house.run(market)
    (found,) = await house.writer.intents([intent_id])
    assert (found.state, sum(desk.tries.values())) == (DONE, 2)
    assert await house.writer.document(STORE.store_id, found.target_id, "label") is not None


rules = st.builds(
    SettleRule,
    settling=st.sampled_from(Settling),
    first_look_s=st.integers(0, 30),
    give_up_s=st.integers(0, 300),
    resends=st.integers(0, 3),
)
replies = st.lists(st.sampled_from(Reply), max_size=12)
looks = st.lists(st.sampled_from(Look), max_size=12)
chains = st.sampled_from([(Verb.SHIP,), (Verb.LABEL,), (Verb.SHIP, Verb.LABEL), (Verb.SHIP, Verb.LABEL, Verb.PRINT)])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chains, st.tuples(rules, rules), st.tuples(replies, replies), st.tuples(looks, looks), st.sets(st.integers(1, 9))
)
@example((Verb.SHIP,), (REPEAT, REPEAT), ([Reply.LOST_AFTER] * 60, []), ([], []), {1, 2, 3})
async def test_whatever_is_answered_and_whenever_the_engine_starts_anew(
    house: Bare,
    chain: tuple[Verb, ...],
    ruled: tuple[SettleRule, SettleRule],
    said: tuple[list[Reply], list[Reply]],
    seen: tuple[list[Look], list[Look]],
    restart_at: set[int],
) -> None:
    desks = [
        ScriptedDesk(Verb.SHIP, ruled[0], said[0], seen[0]),
        ScriptedDesk(Verb.LABEL, ruled[1], said[1], seen[1]),
    ]
    market = ScriptedMarket(*desks)
    await close_all(house)
    ids = await order(house, *chain)
    await house.run(market, restart_at=frozenset(restart_at))
    ended = await house.writer.intents(ids)
    by_verb = {intent.verb: intent for intent in ended}
    for desk in desks:
        _sent_no_more_than_allowed(desk, by_verb.get(desk.verb))
    for first, after in itertools.pairwise(ended):
        _in_turn(first, after, market)
    if Verb.PRINT in chain:
        turn, failed = await in_their_turn(house.engine.house, [by_verb[Verb.PRINT]])
        assert bool(turn) == (by_verb[Verb.LABEL].state is DONE)
        assert bool(failed) == (by_verb[Verb.LABEL].state not in {DONE, *OPEN_STATES})


def _sent_no_more_than_allowed(desk: ScriptedDesk, intent: Intent | None) -> None:
    tries = sum(desk.tries.values())
    if intent is None:
        assert tries == 0
        return
    assert len(desk.tries) <= 1
    assert tries <= 1 + desk.rule.resends
    assert tries == intent.attempts
    if desk.rule.settling in (Settling.PERSON, Settling.RECOMPUTE):
        assert tries <= 1
    if intent.state is NOT_DONE:
        assert sum(desk.effects.values()) == 0
    if intent.state is IntentState.QUEUED:
        assert tries == 0


def _in_turn(first: Intent, after: Intent, market: ScriptedMarket) -> None:
    """A follower moves only after its predecessor is done, and fails with it."""
    desk = market.desks.get(after.verb)
    if first.state is DONE:
        assert after.cause is None or after.attempts
        return
    assert after.attempts == 0 and after.sent_at is None
    assert desk is None or not desk.sent
    if first.state not in OPEN_STATES and after.verb is not Verb.PRINT:
        assert after.state is FAILED and after.cause is not None
        assert after.cause == first.cause or (first.cause is None and after.cause.id is CauseId.EARLIER)
