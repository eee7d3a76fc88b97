"""Numbers that stand for words in the columns of returns. Written out: they are on disk."""

from __future__ import annotations

from shoptui.domain.returns import ENDED, OUR_TURN, ReturnAsk, ReturnState

#: Sorting by it puts what costs money first.
ASK_CODE: dict[ReturnAsk, int] = {
    ReturnAsk.REFUND: 0,
    ReturnAsk.RETURN: 1,
    ReturnAsk.REPLACE: 2,
    ReturnAsk.CANCEL: 3,
}
ASK_OF_CODE: dict[int, ReturnAsk] = {code: ask for ask, code in ASK_CODE.items()}

#: Sorting by state follows a request's way to its end.
STATE_CODE: dict[ReturnState, int] = {
    ReturnState.ASKED: 0,
    ReturnState.OFFERED: 1,
    ReturnState.BUYER_SENDS: 2,
    ReturnState.ON_WAY_BACK: 3,
    ReturnState.ARRIVED: 4,
    ReturnState.JUDGED: 5,
    ReturnState.REFUNDED: 6,
    ReturnState.REFUSED: 7,
    ReturnState.WITHDRAWN: 8,
    ReturnState.CLOSED: 9,
    ReturnState.UNKNOWN: 10,
}
STATE_OF_CODE: dict[int, ReturnState] = {code: state for state, code in STATE_CODE.items()}


def codes_of(states: frozenset[ReturnState]) -> str:
    """The states as a list of SQL literals."""
    return ", ".join(str(code) for code in sorted(STATE_CODE[state] for state in states))


OURS_SQL = codes_of(OUR_TURN)
ENDED_SQL = codes_of(ENDED)
