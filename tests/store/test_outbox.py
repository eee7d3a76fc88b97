"""The outbox: batches accepted once, targets ordered once, and only the moves there are."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from shoptui.domain.intents import TRANSITIONS, Cause, CauseId, Intent, IntentState, NewIntent, Verb
from shoptui.paths import DataDir
from shoptui.store.outbox import SETTLED_STATES
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, intent

#: A way from `held` to each state.
PATHS: dict[IntentState, list[IntentState]] = {
    IntentState.HELD: [],
    IntentState.QUEUED: [IntentState.QUEUED],
    IntentState.SENDING: [IntentState.QUEUED, IntentState.SENDING],
    IntentState.DONE: [IntentState.QUEUED, IntentState.SENDING, IntentState.DONE],
    IntentState.FAILED: [IntentState.QUEUED, IntentState.SENDING, IntentState.FAILED],
    IntentState.UNKNOWN: [IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN],
    IntentState.NOT_DONE: [IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN, IntentState.NOT_DONE],
    IntentState.NEEDS_PERSON: [
        IntentState.QUEUED,
        IntentState.SENDING,
        IntentState.UNKNOWN,
        IntentState.NEEDS_PERSON,
    ],
    IntentState.TAKEN_BACK: [IntentState.TAKEN_BACK],
}


async def accept(writer: Writer, batch_id: str, *wanted: NewIntent, release_at: int = NOW + 10) -> tuple[int, ...]:
    answer = await writer.accept_batch(batch_id, Verb.SHIP, "mei", "tty1", wanted, [release_at] * len(wanted), NOW)
    return answer.intent_ids


async def bring_to(writer: Writer, intent_id: int, state: IntentState) -> Intent:
    for step in PATHS[state]:
        assert await writer.move([intent_id], step, now=NOW)
    return (await writer.intents([intent_id]))[0]


async def test_an_accepted_batch_is_there_after_a_crash(writer: Writer, house: DataDir) -> None:
    ids = await accept(writer, "b1", intent("1", "P1"), intent("2", "P2"))
    # No close: another process reads what this one left, as after a kill.
    async with await Writer.open(house, NOW) as reopened:
        found = await reopened.batch("b1")
    assert [each.intent_id for each in found] == list(ids)
    assert {each.state for each in found} == {IntentState.HELD}
    assert (found[0].operator, found[0].release_at, found[0].order_no) == ("mei", NOW + 10, "1")


async def test_a_repeated_batch_gets_its_first_answer(writer: Writer) -> None:
    await accept(writer, "b0", intent("1", "P1"))
    wanted = [intent("1", "P1"), intent("2", "P2")]
    first = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty1", wanted, [NOW, NOW], NOW)
    assert first.refused == ((0, "open_intent"),)
    again = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty1", wanted, [NOW, NOW], NOW + 99)
    assert (again.intent_ids, again.refused, again.already) == (first.intent_ids, first.refused, True)
    assert len(await writer.open_intents()) == 2


async def test_the_same_target_twice_in_one_batch_is_ordered_once(writer: Writer) -> None:
    answer = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty1", [intent(), intent()], [NOW, NOW], NOW)
    assert (len(answer.intent_ids), answer.refused) == (1, ((1, "open_intent"),))


async def test_what_is_moved_at_once_is_moved_each_in_its_own_way(writer: Writer) -> None:
    ids = await accept(writer, "b1", *(intent(str(number), f"P{number}") for number in range(6)))
    await writer.move(ids[:5], IntentState.QUEUED, now=NOW)
    facts = {ids[2]: {"before": "3"}}
    moved = await asyncio.gather(
        writer.move(ids[:2], IntentState.SENDING, now=NOW + 1, sent_at=NOW + 1, attempts_plus=1),
        writer.move(ids[2:4], IntentState.FAILED, now=NOW + 2, cause=Cause(CauseId.OTHER), facts=facts),
        writer.move(ids[4:], IntentState.TAKEN_BACK, now=NOW + 3),
        writer.move([ids[5], 999], IntentState.DONE, now=NOW + 4),
    )
    assert [[one.intent_id for one in each] for each in moved] == [[*ids[:2]], [*ids[2:4]], [*ids[4:]], []]
    found = await writer.intents(ids)
    assert [one for each in moved for one in each] == found
    assert [(one.sent_at, one.attempts, one.settled_at) for one in found[::2]] == [
        (NOW + 1, 1, None),
        (None, 0, NOW + 2),
        (None, 0, NOW + 3),
    ]
    assert [one.evidence for one in found[2:4]] == [{"before": "3"}, None]


async def test_a_move_that_cannot_be_written_keeps_no_other_from_being_written(writer: Writer) -> None:
    ids = await accept(writer, "b1", *(intent(str(number), f"P{number}") for number in range(3)))
    found = await asyncio.gather(
        writer.move(ids[:1], IntentState.QUEUED, now=NOW),
        writer.move(ids[1:2], IntentState.QUEUED, now=NOW, evidence={"seen": object()}),
        writer.move(ids[2:], IntentState.QUEUED, now=NOW),
        return_exceptions=True,
    )
    assert isinstance(found[1], TypeError)
    assert [one.state for one in await writer.intents(ids)] == ["queued", "held", "queued"]
    assert [one.intent_id for one in await writer.move(ids, IntentState.TAKEN_BACK, now=NOW)] == list(ids)


@pytest.mark.parametrize("state", PATHS)
async def test_a_target_can_be_ordered_again_only_when_settled(writer: Writer, state: IntentState) -> None:
    (first,) = await accept(writer, "b1", intent())
    await bring_to(writer, first, state)
    again = await accept(writer, "b2", intent())
    assert bool(again) == (state in SETTLED_STATES)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(PATHS, IntentState)))
async def test_only_the_moves_of_the_table_are_made(writer: Writer, old: IntentState, new: IntentState) -> None:
    (intent_id,) = await accept(writer, "b1", intent())
    before = await bring_to(writer, intent_id, old)
    moved = await writer.move([intent_id], new, now=NOW + 5)
    after = (await writer.intents([intent_id]))[0]
    if new in TRANSITIONS[old]:
        assert moved == [after]
        assert after.state is new
        assert after.settled_at == (NOW + 5 if new in SETTLED_STATES else None)
    else:
        assert moved == []
        assert after == before


async def test_a_move_keeps_evidence_and_replaces_the_cause(writer: Writer) -> None:
    (intent_id,) = await accept(writer, "b1", intent())
    await bring_to(writer, intent_id, IntentState.SENDING)
    await writer.move(
        [intent_id], IntentState.UNKNOWN, now=NOW, sent_at=NOW, look_at=NOW + 600, attempts_plus=1,
        evidence={"status": "TO_FULFILL"},
    )  # fmt: skip
    cause = Cause(CauseId.TOO_HEAVY, "21042", "over 5 kg")
    await writer.move([intent_id], IntentState.NOT_DONE, now=NOW + 700, cause=cause)
    (after,) = await writer.intents([intent_id])
    assert (after.cause, after.evidence, after.sent_at, after.look_at, after.attempts) == (
        cause,
        {"status": "TO_FULFILL"},
        NOW,
        None,
        1,
    )


async def test_looking_later_does_not_move(writer: Writer) -> None:
    (intent_id,) = await accept(writer, "b1", intent())
    await bring_to(writer, intent_id, IntentState.UNKNOWN)
    await writer.look_later([intent_id], NOW + 900, {"tries": 2})
    (after,) = await writer.intents([intent_id])
    assert (after.state, after.look_at, after.evidence) == (IntentState.UNKNOWN, NOW + 900, {"tries": 2})


async def test_take_back_stops_what_has_not_left(writer: Writer) -> None:
    held, queued, sent = await accept(writer, "b1", *(intent(str(n), f"P{n}") for n in range(3)))
    await bring_to(writer, queued, IntentState.QUEUED)
    await bring_to(writer, sent, IntentState.SENDING)
    answer = await writer.take_back("b1", None, NOW)
    assert (answer.taken, answer.gone) == ((held, queued), (sent,))
    again = await writer.take_back(None, [held, 999], NOW)
    assert (again.taken, again.gone) == ((), (held, 999))


async def test_holds_end_when_their_time_has_come(writer: Writer) -> None:
    (early,) = await accept(writer, "b1", intent("1", "P1"), release_at=NOW + 2)
    (late,) = await accept(writer, "b2", intent("2", "P2", store_id="tt-uk-1"), release_at=NOW + 10)
    assert [each.intent_id for each in await writer.due_intents(NOW + 1)] == []
    assert [each.intent_id for each in await writer.due_intents(NOW + 2)] == [early]
    assert [each.intent_id for each in await writer.due_intents(NOW + 10)] == [early, late]
    assert [each.intent_id for each in await writer.due_intents(NOW + 10, "tt-uk-1")] == [late]


async def test_results_wait_until_they_are_seen(writer: Writer) -> None:
    done, still_open = await accept(writer, "b1", intent("1", "P1"), intent("2", "P2"))
    await bring_to(writer, done, IntentState.FAILED)
    assert await writer.unacked() == ["b1"]
    assert (await writer.counts(NOW)).failed == 1
    assert await writer.ack("b1", "mei", NOW) == 1
    assert await writer.unacked() == []
    assert (await writer.counts(NOW)).failed == 0
    assert (await writer.counts(NOW)).going == 1
    await bring_to(writer, still_open, IntentState.DONE)
    assert await writer.unacked() == ["b1"]


async def test_what_was_taken_back_needs_no_look(writer: Writer) -> None:
    await accept(writer, "b1", intent())
    await writer.take_back("b1", None, NOW)
    assert await writer.unacked() == []


async def test_sending_rows_are_found_at_the_start(writer: Writer) -> None:
    first, second = await accept(writer, "b1", intent("1", "P1"), intent("2", "P2"))
    await bring_to(writer, first, IntentState.SENDING)
    await bring_to(writer, second, IntentState.QUEUED)
    assert [each.intent_id for each in await writer.sending_at_start()] == [first]


async def test_a_retry_names_what_it_repeats(writer: Writer) -> None:
    (first,) = await accept(writer, "b1", intent())
    await bring_to(writer, first, IntentState.FAILED)
    answer = await writer.accept_batch("b2", Verb.SHIP, "an", "tty2", [intent()], [NOW], NOW, retry_of_by_index=[first])
    (second,) = await writer.intents(answer.intent_ids)
    assert (second.retry_of, second.batch_id) == (first, "b2")


async def counted_failed(writer: Writer) -> int:
    return (await writer.counts(NOW)).failed


async def test_a_failure_that_is_ordered_again_no_longer_counts(writer: Writer, house: DataDir) -> None:
    first, other = await accept(writer, "b1", intent("1", "P1"), intent("2", "P2"))
    await bring_to(writer, first, IntentState.FAILED)
    await bring_to(writer, other, IntentState.FAILED)
    assert await counted_failed(writer) == 2
    (second,) = await accept(writer, "b2", intent("1", "P1"))
    assert await counted_failed(writer) == 1
    await bring_to(writer, second, IntentState.DONE)
    async with await Reader.open(house) as reader:
        groups = {(group.batch_id, group.again): group for group in await reader.batches()}
        assert groups["b1", True].intent_ids == (first,)
        assert groups["b1", True].acked
        assert groups["b1", False].intent_ids == (other,)
        assert not groups["b1", False].acked
        assert not groups["b2", False].again
        assert await reader.ordered_again([first, other, second]) == {first}


async def test_a_failure_counts_again_when_its_repetition_is_taken_back(writer: Writer, house: DataDir) -> None:
    (first,) = await accept(writer, "b1", intent("1", "P1"))
    await bring_to(writer, first, IntentState.FAILED)
    (second,) = await accept(writer, "b2", intent("1", "P1"))
    await writer.take_back("b2", None, NOW + 1)
    assert await counted_failed(writer) == 1
    async with await Reader.open(house) as reader:
        assert await reader.ordered_again([first]) == set()
    (third,) = await accept(writer, "b3", intent("1", "P1"))
    await bring_to(writer, third, IntentState.FAILED)
    assert await counted_failed(writer) == 1, "the newest failure counts, not both"
    assert second < third


async def test_taking_back_does_not_bring_up_what_had_been_seen_before(writer: Writer) -> None:
    (first,) = await accept(writer, "b1", intent("1", "P1"))
    await bring_to(writer, first, IntentState.FAILED)
    await writer.ack("b1", "mei", NOW - 5)
    await accept(writer, "b2", intent("1", "P1"))
    await writer.take_back("b2", None, NOW + 1)
    assert await counted_failed(writer) == 0


async def test_five_hundred_in_one_batch(writer: Writer) -> None:
    ids = await accept(writer, "b1", *(intent(str(n), f"P{n}") for n in range(500)))
    assert len(await writer.move(ids, IntentState.QUEUED, now=NOW)) == 500
    assert len(await writer.open_intents("tt-th-1")) == 500


def chain(order_no: str, package_id: str, at: int = 0) -> list[NewIntent]:
    """Ship, label and print of one package, as they stand from place `at` of a batch."""
    first = intent(order_no, package_id)
    return [
        first,
        replace(first, verb=Verb.LABEL, after_index=at),
        replace(first, verb=Verb.PRINT, after_index=at + 1),
    ]


async def test_what_comes_after_another_knows_it_by_id(writer: Writer) -> None:
    ids = await accept(writer, "b1", *chain("1", "P1"), *chain("2", "P2", 3))
    found = await writer.batch("b1")
    assert [each.intent_id for each in found] == list(ids)
    assert [each.after_intent_id for each in found] == [None, *ids[:2], None, *ids[3:5]]
    assert [each.intent_id for each in await writer.followers([ids[0], ids[4]])] == [ids[1], ids[2], ids[5]]
    assert [each.intent_id for each in await writer.followers(ids[:2])] == [*ids[1:3]]
    assert await writer.followers([ids[2]]) == []


async def test_one_refused_step_refuses_its_chain_and_no_other(writer: Writer) -> None:
    printing = replace(intent("1", "P1"), verb=Verb.PRINT)
    await writer.accept_batch("b0", Verb.PRINT, "an", "tty2", [printing], [NOW], NOW)
    wanted = [*chain("1", "P1"), *chain("2", "P2", 3)]
    answer = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty1", wanted, [NOW] * 6, NOW)
    assert answer.refused == ((2, "open_intent"),)
    found = await writer.batch("b1")
    assert [each.intent_id for each in found] == list(answer.intent_ids)
    assert {each.target_id for each in found} == {"P2"} and len(found) == 3
    again = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty1", wanted, [NOW] * 6, NOW)
    assert (again.intent_ids, again.refused, again.already) == (answer.intent_ids, answer.refused, True)


async def test_what_comes_after_is_taken_back_with_it(writer: Writer) -> None:
    ids = await accept(writer, "b1", *chain("1", "P1"), *chain("2", "P2", 3))
    assert (await writer.take_back(None, [ids[1]], NOW)).taken == ids[1:3]
    await bring_to(writer, ids[3], IntentState.SENDING)
    done = await writer.take_back("b1", None, NOW)
    assert (done.taken, done.gone) == ((ids[0], *ids[4:]), ids[1:4])


async def test_an_intent_cannot_come_after_a_later_one(writer: Writer) -> None:
    wanted = [replace(intent(), after_index=1), intent("2", "P2")]
    with pytest.raises(ValueError, match="before it"):
        await accept(writer, "b1", *wanted)
    assert await writer.batch("b1") == []
