"""The unsigned admin endpoints of the sandbox under `/_sandbox/`, for tests and demonstrations only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .clock import ClockError, Clocks
from .faults import FaultBox, FaultError
from .journal import Journal
from .pokes import Pokes
from .poking import PokeError
from .settings import SettingError
from .stock_report import stock_report
from .world.world import World

_REFUSALS = (ClockError, FaultError, PokeError, SettingError)


class Admin:
    """Reads the journal and turns clocks, faults, settings and the world."""

    def __init__(self, world: World, journal: Journal, faults: FaultBox, pokes: Pokes) -> None:
        self._world = world
        self._journal = journal
        self._faults = faults
        self._pokes = pokes

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/health", self._health, methods=["GET"]),
            Route("/_sandbox/journal", self._read_journal, methods=["GET"]),
            Route("/_sandbox/faults", self._change_faults, methods=["GET", "POST", "DELETE"]),
            Route("/_sandbox/clock", self._change_clock, methods=["GET", "POST"]),
            Route("/_sandbox/settings", self._change_settings, methods=["GET", "POST"]),
            Route("/_sandbox/planted", self._planted, methods=["GET"]),
            Route("/_sandbox/world", self._poke, methods=["POST"]),
            Route("/_sandbox/stock", self._read_stock, methods=["GET"]),
        ]

    async def _health(self, request: Request) -> Response:
        world = self._world
        return JSONResponse(
            {
                "ok": True,
                "stores": len(world.stores),
                "orders": len(world.orders),
                "packages": len(world.packages),
                "chats": len(world.chats),
                "returns": len(world.returns),
                "journal": len(self._journal),
                **self._clock_state(),
            }
        )

    async def _read_stock(self, request: Request) -> Response:
        self._world.catch_up()
        return JSONResponse(stock_report(self._world))

    async def _read_journal(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdigit():
            return _refuse(f"since must be a number, not {since!r}.")
        return JSONResponse(self._journal.since(int(since)))

    async def _change_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            return await _changing(request, self._replace_faults)
        return JSONResponse({"rules": self._faults.report()})

    def _replace_faults(self, value: Any) -> dict[str, Any]:
        rules = value.get("rules") if isinstance(value, dict) else value
        if not isinstance(rules, list):
            raise FaultError("Faults are a list of rules, or an object with the list under 'rules'.")
        self._faults.replace(rules)
        return {"rules": self._faults.report()}

    async def _change_clock(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(self._clock_state())
        return await _changing(request, self._turn_clock)

    def _turn_clock(self, value: Any) -> dict[str, Any]:
        clocks: Clocks = self._world.clocks
        if not isinstance(value, dict) or not set(value) <= {"advance_s", "offset_s", "freeze"} or not value:
            raise ClockError("Give advance_s, offset_s or freeze.")
        if "freeze" in value:
            if value["freeze"] is True:
                clocks.freeze()
            else:
                clocks.thaw()
        if "offset_s" in value:
            clocks.set_offset(_seconds(value, "offset_s"))
        if "advance_s" in value:
            clocks.advance(_seconds(value, "advance_s"))
        self._world.catch_up()
        return self._clock_state()

    def _clock_state(self) -> dict[str, Any]:
        clocks = self._world.clocks
        return {
            "world_at": clocks.world_now(),
            "wire_at": clocks.wire_now(),
            "offset_s": clocks.offset_s,
            "frozen": clocks.frozen,
        }

    async def _change_settings(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(self._world.settings.as_dict())
        return await _changing(request, self._set)

    def _set(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise SettingError("Settings are an object of names and whole numbers.")
        self._world.settings.change(value)
        return dict(self._world.settings.as_dict())

    async def _planted(self, request: Request) -> Response:
        """The errors made on purpose in what is settled; `amount_minor` is what was paid less what was right."""
        rows = [
            {
                "store": one.order.store.id,
                "order_no": one.order.id,
                "kind": one.fault,
                "amount_minor": one.amount_minor,
                "currency": self._world.region_of(one.order.store).currency,
            }
            for one in self._world.finance.planted()
        ]
        return JSONResponse({"planted": rows})

    async def _poke(self, request: Request) -> Response:
        return await _changing(request, self._poke_one)

    def _poke_one(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise PokeError('A poke is an object such as {"do": "collect", "package_id": "…"}.')
        return self._pokes.do(value)


def _seconds(value: dict[str, Any], name: str) -> int:
    seconds = value[name]
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise ClockError(f"{name} must be a whole number of seconds, not {seconds!r}.")
    return seconds


async def _changing(request: Request, change: Callable[[Any], dict[str, Any]]) -> Response:
    """Run a change on the JSON body; what it refuses becomes a 400 with one sentence."""
    try:
        return JSONResponse(change(json.loads(await request.body())))
    except json.JSONDecodeError:
        return _refuse("The body is not valid JSON.")
    except _REFUSALS as error:
        return _refuse(str(error))


def _refuse(sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status_code=400)
