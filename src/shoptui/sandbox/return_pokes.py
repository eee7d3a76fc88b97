"""What a test may do to requests for money or a return: buyers, carriers and the platform at its command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .poking import Poke, PokeError, count_in, order_in, word_in
from .world.life import Life
from .world.returns_model import Ask, ReturnCase, Stage, Trouble
from .world.world import World

_STEPS = (
    "send",
    "arrive",
    "take_offer",
    "decline_offer",
    "counter",
    "complain",
    "judge_for_buyer",
    "judge_for_seller",
    "withdraw",
)
_BREAKAGES = ("", "bad_money", "missing_id")


class ReturnPokes:
    """The pokes on requests by name, in the form `Pokes` has; what does not exist is a PokeError."""

    def __init__(self, world: World, life: Life) -> None:
        self._world = world
        self._life = life
        self.by_name: Mapping[str, Poke] = {
            "buyer_returns": self._buyer_returns,
            "return_step": self._return_step,
            "malform_return": self._malform_return,
            "unknown_return_status": self._unknown_status,
        }

    def _buyer_returns(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """A buyer asks, `age_s` ago; `stage` is where the request stands since, `left_s` how long that still lasts.

        `units` is how many units it is about (all that are free), `part_minor` a part of the price, `platform_checks`
        whether the platform looks at the goods itself.
        """
        order = order_in(self._world, arguments)
        ask = word_in(Ask, arguments, "ask", Ask.REFUND)
        trouble = word_in(Trouble, arguments, "trouble", Trouble.BROKEN)
        stage = word_in(Stage, arguments, "stage", Stage.ASKED)
        asked_at = now - count_in(arguments, "age_s", 0)
        free = self._world.returns.free_lines(order)
        lines = free[: count_in(arguments, "units", len(free))]
        part = count_in(arguments, "part_minor", 0) if arguments.get("part_minor") is not None else None
        case = self._life.returns.ask(order, asked_at, ask=ask, trouble=trouble, part_minor=part, lines=lines)
        case.platform_checks = arguments.get("platform_checks", False) is True
        left_s = count_in(arguments, "left_s", -1, low=-10 * 86_400)
        if stage is not Stage.ASKED or left_s != -1:
            self._life.returns.bring_to(case, stage, now, now, None if left_s == -1 else left_s)
        return _named(case)

    def _return_step(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        case, returns = self._case(arguments), self._world.returns
        match arguments.get("step"):
            case "send":
                returns.send_back(case, now)
            case "arrive":
                returns.arrive(case, now)
            case "take_offer":
                returns.take_offer(case, now)
            case "decline_offer":
                returns.decline_offer(case, now)
            case "counter":
                returns.decline_offer(case, now, count_in(arguments, "amount_minor", case.asked_minor))
            case "complain":
                returns.complain(case, now)
            case "judge_for_buyer":
                returns.judge(case, True, now)
            case "judge_for_seller":
                returns.judge(case, False, now)
            case "withdraw":
                returns.withdraw(case, now)
            case _:
                raise PokeError(f"step must be one of {', '.join(_STEPS)}.")
        return _named(case)

    def _malform_return(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        case, how = self._case(arguments), arguments.get("how", "bad_money")
        if how not in _BREAKAGES:
            raise PokeError(f"how must be empty or one of {', '.join(_BREAKAGES[1:])}.")
        case.malformed, case.updated_at = how, now
        return _named(case)

    def _unknown_status(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        case = self._case(arguments)
        case.strange_status, case.updated_at = str(arguments.get("status", "AWAITING_TELEPORT") or ""), now
        return _named(case)

    def _case(self, arguments: Mapping[str, Any]) -> ReturnCase:
        wanted = str(arguments.get("return_id"))
        case = next((one for one in self._world.returns.every() if one.id == wanted), None)
        if case is None:
            raise PokeError(f"There is no return {wanted!r}: give return_id.")
        return case


def _named(case: ReturnCase) -> dict[str, Any]:
    return {"shop_id": case.store.id, "return_id": case.id, "order_id": case.order.id, "stage": case.stage.value}
