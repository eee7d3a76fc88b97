"""The way from a shell command to the engine: started where that may be, asked, and its refusals as exit codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import click

from shoptui.client import Answer, EngineClient, EngineGone, Refused
from shoptui.engine_start import EngineNotStarted, ensure_engine
from shoptui.paths import DataDir
from shoptui.shell.exits import Exit

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
        say(str(error))
        raise Stop(_EXITS.get(error.reason, Exit.NO_ENGINE)) from error
    async with client:
        try:
            yield client
        except EngineGone as error:
            say(f"{error} What was asked may have happened all the same; look before you repeat it.")
            raise Stop(Exit.NO_ENGINE) from error


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


def say(sentence: str) -> None:
    """One sentence for the person; results alone go to standard output."""
    click.echo(sentence, err=True)
