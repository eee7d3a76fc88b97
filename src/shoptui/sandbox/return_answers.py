"""Answering a request for money or a return: found by its id, journalled with the stages before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .calling import CheckedCall
from .failing import Dialect
from .world.refusal import Reason, Refused
from .world.returns_model import ReturnCase


def answer_return(
    call: CheckedCall,
    dialect: Dialect[Any],
    op: str,
    return_id: str,
    do: Callable[[ReturnCase], bool | None],
    word: str = "",
) -> None:
    """Let the store answer one of its requests; the journal says `word` (what was answered) and how it moved.

    `do` gives False where an earlier call did it already. Raises the marketplace's CallError.
    """
    case = call.world.returns.case_of(call.store, return_id)
    before = case.stage if case is not None else ""

    def run() -> bool | None:
        if case is None:
            raise Refused(Reason.NOT_FOUND, f"return {return_id} was not found")
        return do(case)

    def told() -> str:
        moved = f"{before} > {case.stage if case is not None else ''}"
        return f"{word}: {moved}" if word else moved

    call.act(dialect, op, return_id, case.order.id if case is not None else "", run, text=told)
