"""How a store answers: questions counted by what became of them, their rate, and how many may still be late.

What is counted is the question: a run of one buyer's messages up to the store's answer (`reply_clock.questions`). It
counts at the moment of its first message, once, as waiting, answered in time or late; a late one that is answered
afterwards stays late. A question that was taken back before an answer is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Answers:
    """Questions of a stretch of time; two stretches that do not overlap add up.

    `waiting` ones still have time, so that they are in no rate.
    """

    in_time: int = 0
    late: int = 0
    waiting: int = 0

    def __add__(self, other: Answers) -> Answers:
        return Answers(self.in_time + other.in_time, self.late + other.late, self.waiting + other.waiting)

    @property
    def rate(self) -> float | None:
        """The share answered in time, from 0 to 1; None when nothing was decided yet."""
        decided = self.in_time + self.late
        return self.in_time / decided if decided else None

    def misses_left(self, least_percent: int) -> int | None:
        """How many questions more may be late, with none in time, before the rate is below `least_percent`.

        0 when the next one, or the rate as it is, is below; None when nothing was decided yet.
        """
        decided = self.in_time + self.late
        if not decided:
            return None
        return max(0, self.in_time * 100 // least_percent - decided)


def judge(answered_at: int | None, due_at: int | None, now: int) -> Answers:
    """One question as a count: when it was answered and until when it had to be, None where not and where no rule.

    All are epoch seconds. Without a rule every answer is in time.
    """
    if answered_at is None:
        overdue = due_at is not None and due_at <= now
        return Answers(late=1) if overdue else Answers(waiting=1)
    return Answers(in_time=1) if due_at is None or answered_at <= due_at else Answers(late=1)


def total(parts: Iterable[Answers]) -> Answers:
    """All of them added up."""
    return sum(parts, Answers())
