"""Owns the way to the engine for cockpit and commands: one connection, requests answered by id, change notices."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import field
from types import MappingProxyType, TracebackType
from typing import Any

from shoptui.domain.intents import HOLD_S
from shoptui.domain.records import dataclass
from shoptui.paths import DataDir
from shoptui.protocol import LINE_MAX, PROTOCOL, SCHEMA, Changed, ProtocolError, decode, encode

#: How long one request may take before the engine counts as gone, seconds. Requests that read a marketplace are bounded
#: by the engine's own time-outs, which are shorter.
REQUEST_TIMEOUT_S = 90.0


class EngineGone(RuntimeError):
    """There is no engine at the other end, or no longer.

    What was asked may have been accepted all the same: repeat an order with the same batch id.
    """


class Refused(RuntimeError):
    """The engine refused the connection itself; `reason` is the id, the message the sentence."""

    def __init__(self, reason: str, say: str) -> None:
        super().__init__(say)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request. `body` is what was answered, or with `ok` False the refusal's own details.

    `reason` and `say` are "" when the request was granted.
    """

    ok: bool
    body: Mapping[str, Any]
    reason: str = ""
    say: str = ""


@dataclass(frozen=True, slots=True)
class ReplyBounds:
    """What a marketplace refuses in a reply: `domain.reply_check.Limits`, as the engine said it."""

    text_max: int
    links: bool
    contacts: bool
    unanswered_max: int | None


@dataclass(frozen=True, slots=True)
class Hello:
    """What the engine says about itself and about who we are to it.

    `started_at` is epoch seconds, `hold_s` how long it holds what is ordered before it is sent, 0 for not at all.
    `allowed` are the verbs our role may order. `can` has the verbs of each marketplace; `never` says in a sentence why
    a (marketplace, verb) can never be ordered, `replies` what is refused in a reply, by marketplace.
    """

    version: str
    operator: str
    role: str
    pid: int
    started_at: int
    shared: bool
    hold_s: int = HOLD_S
    allowed: frozenset[str] = frozenset()
    can: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    never: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    replies: Mapping[str, ReplyBounds] = field(default_factory=lambda: MappingProxyType({}))


class EngineClient:
    """A connection to the engine of one house.

    Requests may be made by several tasks at once. After EngineGone the client is spent: connect again.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._pending: Changed | None = None
        self._noticed = asyncio.Event()
        self._gone = False
        self._hello: Hello | None = None
        self._listening = asyncio.create_task(self._listen(), name="engine client")

    @classmethod
    async def connect(cls, data_dir: DataDir, *, program: str = "cockpit", protocol: int = PROTOCOL) -> EngineClient:
        """Connect and say hello.

        Raises EngineGone when no engine listens, Refused with reason `cockpit_too_old`, `engine_too_old` (it is about
        to stop, so that a newer one can start) or `not_allowed`.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(str(data_dir.socket), limit=LINE_MAX)
        except PermissionError as error:
            raise Refused(
                "not_allowed",
                f"You may not use the engine at {data_dir.socket}. Ask its owner to add you to its group.",
            ) from error
        except OSError as error:
            raise EngineGone(f"No engine runs on {data_dir.root}.") from error
        if not _is_the_house_engine(writer, data_dir):
            writer.close()
            raise Refused(
                "not_allowed", f"Somebody else's program listens at {data_dir.socket}; nothing was sent to it."
            )
        client = cls(reader, writer)
        try:
            answer = await client.request("hello", protocol=protocol, schema=SCHEMA, program=program)
            if not answer.ok:
                raise Refused(answer.reason, answer.say)
        except BaseException:
            await client.close()
            raise
        body = answer.body
        verbs = body.get("verbs", {})
        marketplaces = verbs.get("marketplaces", {})
        client._hello = Hello(
            version=str(body["version"]),
            operator=str(body["operator"]),
            role=str(body["role"]),
            pid=int(body["pid"]),
            started_at=int(body["started_at"]),
            shared=bool(body["shared"]),
            hold_s=int(body.get("hold_s", HOLD_S)),
            allowed=frozenset(map(str, verbs.get("allowed", ()))),
            can={name: frozenset(each["can"]) for name, each in marketplaces.items()},
            never={(name, verb): no[1] for name, each in marketplaces.items() for verb, no in each["never"].items()},
            replies={name: _bounds(each["reply"]) for name, each in marketplaces.items() if each.get("reply")},
        )
        return client

    @property
    def hello(self) -> Hello:
        """What the engine said when we connected."""
        assert self._hello is not None
        return self._hello

    @property
    def gone(self) -> bool:
        return self._gone

    async def request(self, do: str, /, *, timeout_s: float = REQUEST_TIMEOUT_S, **fields: Any) -> Answer:
        """Ask for something and wait for the answer. Raises EngineGone when the connection ends first."""
        if self._gone:
            raise EngineGone("The engine has closed the connection.")
        number = next(self._numbers)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(encode({**fields, "id": number, "do": do}))
                await self._writer.drain()
                return await future
        except TimeoutError as error:
            raise EngineGone(f"The engine did not answer within {timeout_s:.0f} s.") from error
        except OSError as error:
            raise EngineGone("The engine has closed the connection.") from error
        finally:
            self._waiting.pop(number, None)

    async def subscribe(self) -> None:
        """Ask for change notices. Raises EngineGone, or Refused."""
        answer = await self.request("subscribe")
        if not answer.ok:
            raise Refused(answer.reason, answer.say)

    async def next_notice(self) -> Changed:
        """The next change, all that happened since the last one merged. Raises EngineGone when the connection ends."""
        await self._noticed.wait()
        pending, self._pending = self._pending, None
        if not self._gone:
            self._noticed.clear()
        if pending is None:
            raise EngineGone("The engine has closed the connection.")
        return pending

    async def notices(self) -> AsyncIterator[Changed]:
        """Every change from now on, until the connection ends."""
        while True:
            try:
                changed = await self.next_notice()
            except EngineGone:
                return
            yield changed

    async def close(self) -> None:
        """End the connection; harmless when repeated."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._end()
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            # The other end went first; there is nothing left to close.
            return

    async def __aenter__(self) -> EngineClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _listen(self) -> None:
        try:
            while line := await self._reader.readline():
                self._receive(decode(line))
        except (OSError, ValueError, ProtocolError):
            # Whatever the reason, an engine that cannot be understood is as good as none.
            return
        finally:
            self._end()

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("notice") == "changed":
            changed = Changed.from_message(message)
            self._pending = changed if self._pending is None else self._pending.merged(changed)
            self._noticed.set()
            return
        future = self._waiting.get(message.get("id", 0))
        if future is None or future.done():
            return
        if "ok" in message:
            future.set_result(Answer(True, message["ok"]))
        else:
            refusal = message.get("no", {})
            future.set_result(Answer(False, refusal, str(refusal.get("reason", "")), str(refusal.get("say", ""))))

    def _end(self) -> None:
        self._gone = True
        self._noticed.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(EngineGone("The engine has closed the connection."))


def _bounds(said: Mapping[str, Any]) -> ReplyBounds:
    most = said.get("unanswered_max")
    return ReplyBounds(
        int(said["text_max"]), bool(said["links"]), bool(said["contacts"]), None if most is None else int(most)
    )


def _is_the_house_engine(writer: asyncio.StreamWriter, data_dir: DataDir) -> bool:
    """Whether the process at the other end belongs to the owner of the house (Linux SO_PEERCRED, unix(7)).

    A socket under /tmp could be anybody's, and what we order is worth money.
    """
    return _peer_uid(writer.get_extra_info("socket")) in (0, data_dir.root.stat().st_uid)


def _peer_uid(connection: socket.socket) -> int:
    """The user whose process is at the other end, as the kernel knows it."""
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(uid)


def may_start_engine(data_dir: DataDir) -> bool:
    """Whether this user's cockpit may start the engine: only of a house of its own."""
    if data_dir.shared:
        return False
    try:
        return data_dir.root.stat().st_uid == os.geteuid()
    except FileNotFoundError:
        return True
