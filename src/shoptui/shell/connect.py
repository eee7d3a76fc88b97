"""The way from a shell command to the engine: started where that may be, asked, and its refusals as exit codes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from shoptui.client import Answer, EngineClient, EngineGone, Refused
from shoptui.engine_start import EngineNotStarted, ensure_engine
from shoptui.paths import DataDir
from shoptui.shell.exits import Exit
from shoptui.shell.saying import say
from shoptui.store.errors import NoHouse, SchemaTooOld, StoreError
from shoptui.store.reader import Reader

#: Refusals that mean something else than "it failed".
_EXITS = {
    "not_allowed": Exit.NOT_ALLOWED,
    "unknown_store": Exit.NOTHING,
    "unknown_app": Exit.NOTHING,
    "unknown_order": Exit.NOTHING,
    "no_app": Exit.NOTHING,
    "bad_request": Exit.USAGE,
    "bad_name": Exit.USAGE,
}


class Stop(Exception):
    """The command is over with this exit code; what had to be said has been said."""

    def __init__(self, code: Exit) -> None:
        super().__init__(code)
        self.code = code


def end_with(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Do a command's work, and end the command with its exit code."""
    try:
        code = asyncio.run(work)
    except Stop as stop:
        code = stop.code
    sys.exit(code)


@asynccontextmanager
async def engine_client(house: DataDir) -> AsyncIterator[EngineClient]:
    """A connection to the house's engine, which is started if it may be. Raises Stop when there is none to be had."""
    try:
        await ensure_engine(house)
        client = await EngineClient.connect(house, program="shell")
    except (EngineNotStarted, EngineGone) as error:
        say(str(error))
        raise Stop(Exit.NO_ENGINE) from error
    except Refused as error:
        say(f"{error} Then call this again." if error.reason == "engine_too_old" else str(error))
        raise Stop(_EXITS.get(error.reason, Exit.NO_ENGINE)) from error
    async with client:
        try:
            yield client
        except EngineGone as error:
            say(f"{error} What was asked may have happened all the same; look before you repeat it.")
            raise Stop(Exit.NO_ENGINE) from error


async def open_reader(house: DataDir) -> Reader:
    """The house's databases, read only. Files an older engine still has are read once it has made way for ours.

    Raises Stop when there is no house yet (the code is NOTHING), or none that can be read.
    """
    try:
        try:
            return await Reader.open(house)
        except SchemaTooOld:
            async with engine_client(house):
                return await Reader.open(house)
    except NoHouse as error:
        say(str(error))
        raise Stop(Exit.NOTHING) from error
    except StoreError as error:
        say(str(error))
        raise Stop(Exit.FAILED) from error


async def ask(client: EngineClient, do: str, /, **fields: Any) -> Answer:
    """A request that must be granted: a refusal is said and ends the command."""
    answer = await client.request(do, **fields)
    if not answer.ok:
        stop(answer)
    return answer


def stop(answer: Answer) -> NoReturn:
    """Say a refusal and end the command with its exit code."""
    say(answer.say)
    raise Stop(_EXITS.get(answer.reason, Exit.FAILED))
