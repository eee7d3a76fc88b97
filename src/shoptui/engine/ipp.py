"""Owns the few questions asked of a print system in its own language: IPP over HTTP, to CUPS on this machine.

CUPS' commands do not say whether a job that has left the queue was printed, cancelled or broken off, nor what a job is
called; the protocol does. Only questions are asked here: nothing in this file changes anything. Encoding as RFC 8010,
meanings as RFC 8011 have it.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Operations (RFC 8011, section 5.4.15; the last is CUPS' own).
GET_JOB_ATTRIBUTES = 0x0009
GET_JOBS = 0x000A
GET_PRINTERS = 0x4002
GET_DEFAULT = 0x4001

#: Statuses (RFC 8011, appendix B); whatever is below 0x0100 is a success.
NOT_FOUND = 0x0406
_OK_BELOW = 0x0100

_VERSION = b"\x02\x00"
_OPERATION_GROUP, _JOB_GROUP, _END, _PRINTER_GROUP = 0x01, 0x02, 0x03, 0x04
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_TEXT_WITH_LANGUAGE, _NAME_WITH_LANGUAGE = 0x35, 0x36
_NAME, _KEYWORD, _URI, _CHARSET, _LANGUAGE = 0x42, 0x44, 0x45, 0x47, 0x48
#: Tags below this one begin a group (RFC 8010, section 3.5.1); the next ones carry no value.
_FIRST_VALUE_TAG = 0x10
_FIRST_TAG_WITH_VALUE = 0x20

#: An answer longer than this is no list of our printers or jobs.
_ANSWER_MAX = 8 * 1024 * 1024
_HEAD_MAX = 64 * 1024

Value = str | int | bool
Attributes = Mapping[str, Sequence[Value]]


class IppError(RuntimeError):
    """The print system did not answer, or not in a way that can be read; the message says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, and the groups of attributes about jobs or printers, one per job or printer."""

    status: int
    groups: tuple[Attributes, ...]

    @property
    def ok(self) -> bool:
        return self.status < _OK_BELOW


def encode(operation: int, fields: Sequence[tuple[str, Value]], wanted: Iterable[str] = ()) -> bytes:
    """A request. `fields` are the operation's own in their order: text for a URI is told from other text by `-uri`."""
    parts = [_VERSION, struct.pack(">HIB", operation, 1, _OPERATION_GROUP)]
    parts.append(_attribute(_CHARSET, "attributes-charset", b"utf-8"))
    parts.append(_attribute(_LANGUAGE, "attributes-natural-language", b"en"))
    for name, value in fields:
        if isinstance(value, bool):
            parts.append(_attribute(_BOOLEAN, name, b"\x01" if value else b"\x00"))
        elif isinstance(value, int):
            parts.append(_attribute(_INTEGER, name, struct.pack(">i", value)))
        else:
            tag = _URI if name.endswith("-uri") else _NAME if name.endswith("-name") else _KEYWORD
            parts.append(_attribute(tag, name, value.encode()))
    for place, name in enumerate(wanted):
        parts.append(_attribute(_KEYWORD, "requested-attributes" if place == 0 else "", name.encode()))
    return b"".join((*parts, bytes([_END])))


def decode(body: bytes) -> Answer:
    """An answer from its bytes. Raises IppError when they are none."""
    try:
        return _decode(body)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise IppError("The print system's answer cannot be read.") from error


def _decode(body: bytes) -> Answer:
    (status,) = struct.unpack_from(">H", body, 2)
    at = 8
    groups: list[dict[str, list[Value]]] = []
    current: dict[str, list[Value]] = {}
    values: list[Value] = []
    while (tag := body[at]) != _END:
        at += 1
        if tag < _FIRST_VALUE_TAG:
            current = {}
            if tag in (_JOB_GROUP, _PRINTER_GROUP):
                groups.append(current)
            continue
        name, at = _counted(body, at)
        raw, at = _counted(body, at)
        if name:
            values = current.setdefault(name.decode(), [])
        if tag >= _FIRST_TAG_WITH_VALUE:
            values.append(_value(tag, raw))
    return Answer(status, tuple(groups))


def _counted(body: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", body, at)
    end = at + 2 + length
    if end > len(body):
        raise IndexError(end)
    return body[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value:
    if tag in (_INTEGER, _ENUM):
        (number,) = struct.unpack(">i", raw)
        return int(number)
    if tag == _BOOLEAN:
        return raw != b"\x00"
    if tag in (_TEXT_WITH_LANGUAGE, _NAME_WITH_LANGUAGE):
        _language, at = _counted(raw, 0)
        raw, _end = _counted(raw, at)
    return raw.decode("utf-8", "replace")


def _attribute(tag: int, name: str, value: bytes) -> bytes:
    word = name.encode()
    return struct.pack(">BH", tag, len(word)) + word + struct.pack(">H", len(value)) + value


@dataclass(frozen=True, slots=True)
class Server:
    """Where the print system listens: a socket's path, or host and port."""

    path: str = ""
    host: str = ""
    port: int = 631

    @classmethod
    def named(cls, text: str) -> Server:
        """From what `lpstat -H` says: `/run/cups/cups.sock`, `localhost:631`, `[::1]:631`. Raises IppError."""
        name = text.strip()
        if name.startswith("/"):
            # CUPS may name the socket with a port behind it.
            return cls(path=name.partition(":")[0])
        host, colon, port = name.rpartition(":") if not name.endswith("]") else (name, "", "")
        if not colon:
            host, port = name, "631"
        if not host or not port.isdigit():
            raise IppError(f"The print system's address cannot be read: {name!r}.")
        return cls(host=host.strip("[]"), port=int(port))

    async def ask(self, request: bytes, *, within_s: float) -> Answer:
        """Send a request and read the answer. Raises IppError."""
        try:
            async with asyncio.timeout(within_s):
                return decode(await self._exchange(request))
        except TimeoutError as error:
            raise IppError(f"The print system did not answer within {within_s:.0f} s.") from error
        except (OSError, EOFError, ValueError) as error:
            raise IppError("The print system cannot be reached.") from error

    async def _exchange(self, request: bytes) -> bytes:
        if self.path:
            reader, writer = await asyncio.open_unix_connection(self.path, limit=_HEAD_MAX)
        else:
            reader, writer = await asyncio.open_connection(self.host, self.port, limit=_HEAD_MAX)
        try:
            head = (
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nConnection: close\r\n"
                f"Content-Length: {len(request)}\r\n\r\n"
            )
            writer.write(head.encode() + request)
            await writer.drain()
            status, headers = await _head(reader)
            while status < 200:
                status, headers = await _head(reader)
            if status != 200:
                raise IppError(f"The print system refuses to be asked (HTTP {status}).")
            return await _body(reader, headers)
        finally:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, Mapping[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts: list[bytes] = []
        total = 0
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            total = _allowed(total + size)
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        return b"".join(parts)
    if "content-length" in headers:
        return await reader.readexactly(_allowed(int(headers["content-length"])))
    return await reader.read(_ANSWER_MAX)


def _allowed(size: int) -> int:
    if size > _ANSWER_MAX:
        raise IppError("The print system's answer is longer than any list of printers or jobs.")
    return size
