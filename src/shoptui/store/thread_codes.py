"""Numbers that stand for words in the conversations' columns, and the numbers messages have in the full-text index."""

from __future__ import annotations

from enum import IntEnum

from shoptui.queries.inbox import ThreadState

#: Written out: the numbers are on disk. `NO_STATE` is of the row that stands for a store without chat.
STATE_CODE: dict[ThreadState, int] = {
    ThreadState.WAITING: 0,
    ThreadState.ANSWERED: 1,
    ThreadState.DONE: 2,
}
NO_STATE = 3
STATE_OF_CODE: dict[int, ThreadState] = {
    **{code: state for state, code in STATE_CODE.items()},
    NO_STATE: ThreadState.ANSWERED,
}


class Outcome(IntEnum):
    """What became of a buyer's question, as stored."""

    WAITING = 0
    IN_TIME = 1
    LATE = 2


# A message's number in the index, from the highest bit: when it was sent (31 bits of seconds), its thread's row (24)
# and a number among the thread's messages of that second (8). Newest hits come first by it, and threads are known
# from hits without looking anything up.
_FROM_AT = 1_400_000_000
_TIME_MAX = (1 << 31) - 1
_THREAD_BITS, _NUMBER_BITS = 24, 8
_SECOND_AT = _THREAD_BITS + _NUMBER_BITS
THREAD_ROW_MAX = (1 << _THREAD_BITS) - 1

#: The thread's row of an index number, as SQL over `rowid`.
THREAD_OF_ROWID = f"((rowid >> {_NUMBER_BITS}) & {THREAD_ROW_MAX})"


def thread_of_number(number: int) -> int:
    """The thread's row a message's index number names."""
    return (number >> _NUMBER_BITS) & THREAD_ROW_MAX


def _second(sent_at: int) -> int:
    return min(max(sent_at - _FROM_AT, 0), _TIME_MAX)


def first_number(sent_at: int) -> int:
    """The smallest index number of messages sent at that moment or later (epoch s)."""
    return _second(sent_at) << _SECOND_AT


def search_number(sent_at: int, thread_row: int, taken: set[int]) -> int:
    """A free index number for a message; added to `taken`, the numbers the thread's messages of about then have.

    Where a second is full, the next one is used: the time only orders hits.
    """
    second = _second(sent_at)
    while True:
        first = (second << _SECOND_AT) | (thread_row << _NUMBER_BITS)
        for number in range(first, first + (1 << _NUMBER_BITS)):
            # 0 is kept for messages that are not in the index.
            if number and number not in taken:
                taken.add(number)
                return number
        second = second + 1 if second < _TIME_MAX else 0
