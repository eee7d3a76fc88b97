"""What every kind of failure means, what is repeated, and what never gets out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate

import httpx
import pytest

from shoptui.adapters.base import AdapterError, Effect, Malformed, RateLimited, Rejected, Temporary
from shoptui.adapters.http import Answer, Call, HttpClients, HttpSettings, StoreHttpOptions, error_for_status
from shoptui.adapters.limits import CallBudget
from shoptui.clock import DrivenClock

SECRET = "s3cr3t-t0ken"
READ = Call("GET", "http://shop.test/orders", endpoint="orders", app="main", marketplace="tiktok", feed="orders")
WRITE = Call(
    "POST",
    "http://shop.test/ship",
    endpoint="ship",
    app="main",
    marketplace="tiktok",
    feed="ship",
    params={"token": SECRET},
    body=SECRET.encode(),
    write=True,
)

Handler = Callable[[httpx.Request], httpx.Response]


def clients(clock: DrivenClock, handler: Handler, settings: HttpSettings | None = None) -> HttpClients:
    async def advance(seconds: float) -> None:
        clock.advance(seconds)

    return HttpClients(clock, CallBudget(clock), settings, transport=httpx.MockTransport(handler), sleep=advance)


def body_of(answer: Answer) -> bytes:
    """A reader that knows no codes: what is not 200 is told by its status."""
    if answer.status != 200:
        raise error_for_status(answer)
    return answer.body


def failing(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


def counting(*responses: httpx.Response) -> tuple[Handler, list[httpx.Request]]:
    """Answers in turn, the last one for ever; and the list of what was asked."""
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return responses[min(len(asked), len(responses)) - 1]

    return handler, asked


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        (httpx.ConnectError("refused"), Effect.NONE),
        (httpx.ConnectTimeout("slow"), Effect.NONE),
        (httpx.PoolTimeout("busy"), Effect.NONE),
        (httpx.ProxyError("403"), Effect.NONE),
        (httpx.UnsupportedProtocol("ftp"), Effect.NONE),
        (httpx.ReadTimeout("slow"), Effect.POSSIBLE),
        (httpx.WriteTimeout("slow"), Effect.POSSIBLE),
        (httpx.ReadError("reset"), Effect.POSSIBLE),
        (httpx.WriteError("reset"), Effect.POSSIBLE),
        (httpx.RemoteProtocolError("cut"), Effect.POSSIBLE),
        (httpx.LocalProtocolError("odd"), Effect.POSSIBLE),
    ],
)
async def test_a_lost_write_may_have_happened_once_bytes_left(
    clock: DrivenClock, error: httpx.HTTPError, effect: Effect
) -> None:
    http = clients(clock, failing(error))
    with pytest.raises(Temporary) as caught:
        await http.fetch(WRITE, body_of)
    assert caught.value.effect is effect
    assert "shop.test" in caught.value.message


async def test_a_lost_read_has_no_effect_and_is_repeated_a_bounded_number_of_times(clock: DrivenClock) -> None:
    tries = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise httpx.ReadTimeout("slow")

    http = clients(clock, handler)
    with pytest.raises(Temporary) as caught:
        await http.fetch(READ, body_of)
    assert caught.value.effect is Effect.NONE
    assert tries == 4
    assert http.budget.snapshot()[0].today == 4


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_read_survives_a_passing_failure(clock: DrivenClock, status: int) -> None:
    handler, asked = counting(httpx.Response(status, html="<h1>Bad gateway</h1>"), httpx.Response(200, text="fine"))
    assert await clients(clock, handler).fetch(READ, body_of) == b"fine"
    assert len(asked) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_write_is_never_repeated(clock: DrivenClock, status: int) -> None:
    handler, asked = counting(httpx.Response(status, headers={"retry-after": "1"}), httpx.Response(200))
    with pytest.raises(AdapterError):
        await clients(clock, handler).fetch(WRITE, body_of)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "kind", "effect"),
    [
        (502, Temporary, Effect.POSSIBLE),
        (408, Temporary, Effect.POSSIBLE),
        (407, Temporary, Effect.NONE),
        (302, Malformed, Effect.NONE),
        (429, RateLimited, None),
        (403, Rejected, None),
        (404, Rejected, None),
    ],
)
async def test_what_a_bare_status_means_for_a_write(
    clock: DrivenClock, status: int, kind: type[AdapterError], effect: Effect | None
) -> None:
    handler, _ = counting(httpx.Response(status, html="<p>nginx</p>", headers={"location": "http://portal.test/"}))
    with pytest.raises(kind) as caught:
        await clients(clock, handler).fetch(WRITE, body_of)
    assert getattr(caught.value, "effect", None) is effect


@pytest.mark.parametrize("form", ["3", "date"])
async def test_retry_after_is_obeyed_before_the_next_attempt(clock: DrivenClock, form: str) -> None:
    started_at = clock.wire_now()
    # The date counts from the server's own clock, which here is an hour fast.
    server_at = started_at + 3600
    headers = {"date": formatdate(server_at, usegmt=True)}
    headers["retry-after"] = form if form == "3" else formatdate(server_at + 3, usegmt=True)
    asked_at: list[float] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked_at.append(clock.wire_now() - started_at)
        return httpx.Response(200) if len(asked_at) == 2 else httpx.Response(429, headers=headers)

    http = clients(clock, handler)
    await http.fetch(READ, body_of)
    assert asked_at == [0, 3]
    assert http.budget.snapshot()[0].refused_today == 1


async def test_what_time_it_is_there_is_noted_whatever_the_answer(clock: DrivenClock) -> None:
    fast = {"date": formatdate(clock.wire_now() + 90, usegmt=True)}
    handler, _ = counting(httpx.Response(403, headers=fast), httpx.Response(200, headers={"date": "yesterday"}))
    http = clients(clock, handler)
    with pytest.raises(Rejected):
        await http.fetch(WRITE, body_of)
    await http.fetch(READ, body_of)
    (seen,) = http.budget.clocks()
    assert (seen.marketplace, round(seen.off_s), seen.seen_at) == ("tiktok", -90, clock.wire_now())


async def test_a_long_pause_goes_to_the_caller_and_stops_further_calls(clock: DrivenClock) -> None:
    handler, asked = counting(httpx.Response(429, headers={"retry-after": "120"}), httpx.Response(200))
    http = clients(clock, handler)
    with pytest.raises(RateLimited) as caught:
        await http.fetch(READ, body_of)
    assert caught.value.retry_after_s == 120
    clock.advance(20)
    with pytest.raises(RateLimited) as caught:
        await http.fetch(READ, body_of)
    assert caught.value.retry_after_s == 100
    assert len(asked) == 1
    clock.advance(100)
    await http.fetch(READ, body_of)
    assert len(asked) == 2


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "-5", "Wed, 99 Foo 2026"])
async def test_an_odd_retry_after_is_no_hint(clock: DrivenClock, value: str) -> None:
    handler, _ = counting(httpx.Response(429, headers={"retry-after": value}))
    with pytest.raises(RateLimited) as caught:
        await clients(clock, handler).fetch(WRITE, body_of)
    assert not caught.value.retry_after_s


async def test_a_body_over_the_cap_is_not_read_to_its_end(clock: DrivenClock) -> None:
    handler, _ = counting(httpx.Response(200, content=b"x" * 2001))
    settings = HttpSettings(max_body_bytes=2000, read_attempts=1)
    with pytest.raises(Malformed):
        await clients(clock, handler, settings).fetch(READ, body_of)
    handler, _ = counting(httpx.Response(200, content=b"x" * 2000))
    assert len(await clients(clock, handler, settings).fetch(READ, body_of)) == 2000


async def test_a_body_that_does_not_unpack_is_malformed(clock: DrivenClock) -> None:
    handler, _ = counting(httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"plain")))
    with pytest.raises(Malformed) as caught:
        await clients(clock, handler).fetch(WRITE, body_of)
    assert caught.value.effect is Effect.POSSIBLE


async def test_secrets_stay_out_of_errors_and_logs(clock: DrivenClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    http = clients(clock, failing(httpx.ReadError(SECRET)))
    with pytest.raises(Temporary) as caught:
        await http.fetch(WRITE, body_of)
    handler, _ = counting(httpx.Response(200))
    await clients(clock, handler).fetch(WRITE, body_of)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(WRITE) + caplog.text
    assert SECRET not in shown
    assert caught.value.__context__ is None


async def test_cookies_of_one_store_never_travel_with_another_call(clock: DrivenClock) -> None:
    handler, asked = counting(httpx.Response(200, headers={"set-cookie": "session=abc; Path=/"}))
    http = clients(clock, handler)
    await http.fetch(READ, body_of)
    await http.fetch(READ, body_of)
    assert "cookie" not in asked[1].headers


async def test_each_store_has_its_own_user_agent(clock: DrivenClock) -> None:
    handler, asked = counting(httpx.Response(200))
    http = clients(clock, handler)
    await http.fetch(READ, body_of)
    await http.fetch(READ, body_of, options=StoreHttpOptions(user_agent="warehouse/7"))
    assert [request.headers["user-agent"].partition("/")[0] for request in asked] == ["shoptui", "warehouse"]


@pytest.mark.parametrize("proxy", ["", "proxy:3128", "socks5://proxy:1080", "http://", "//user:pw@host"])
def test_a_proxy_that_is_no_address_is_refused_without_showing_it(proxy: str) -> None:
    with pytest.raises(ValueError, match="http://host:port") as caught:
        StoreHttpOptions(proxy=proxy)
    assert "pw" not in str(caught.value).replace("user:password", "")
    assert "hunter2" not in repr(StoreHttpOptions(proxy="http://user:hunter2@proxy.test:3128"))


# Real sockets from here on: what a mock cannot cut off.


@contextlib.asynccontextmanager
async def listening(answer: bytes, *, hold_open: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads one request, writes `answer`, and closes (or keeps the connection open)."""
    requests: list[bytes] = []
    done = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        if hold_open:
            await done.wait()
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", requests
    finally:
        done.set()
        server.close()
        await server.wait_closed()


def _call(address: str, *, write: bool) -> Call:
    return Call("POST", f"{address}/x", endpoint="x", app="a", marketplace="tiktok", feed="f", write=write)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"code":0',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    ],
)
async def test_a_connection_cut_after_the_request_leaves_the_effect_open(clock: DrivenClock, answer: bytes) -> None:
    http = HttpClients(clock, CallBudget(clock))
    async with listening(answer) as (address, requests):
        with pytest.raises(Temporary) as caught:
            await http.fetch(_call(address, write=True), body_of)
    await http.close()
    assert caught.value.effect is Effect.POSSIBLE
    assert len(requests) == 1


async def test_nobody_listening_means_no_effect(clock: DrivenClock) -> None:
    http = HttpClients(clock, CallBudget(clock))
    async with listening(b"") as (address, _):
        pass
    with pytest.raises(Temporary) as caught:
        await http.fetch(_call(address, write=True), body_of)
    await http.close()
    assert caught.value.effect is Effect.NONE


async def test_an_answer_that_never_ends_is_given_up(clock: DrivenClock) -> None:
    http = HttpClients(clock, CallBudget(clock), HttpSettings(total_timeout_s=0.1))
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", hold_open=True) as (address, _):
        with pytest.raises(Temporary) as caught:
            await http.fetch(_call(address, write=True), body_of)
        await http.close()
    assert caught.value.effect is Effect.POSSIBLE


async def test_a_store_with_a_proxy_leaves_through_it(clock: DrivenClock) -> None:
    http = HttpClients(clock, CallBudget(clock))
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (proxy, requests):
        options = StoreHttpOptions(proxy=proxy.replace("://", "://user:pw@"))
        assert await http.fetch(_call("http://shop.test", write=True), body_of, options=options) == b"ok"
    await http.close()
    assert requests[0].startswith(b"POST http://shop.test/x HTTP/1.1")
    assert b"proxy-authorization: basic " in requests[0].lower()


async def test_the_environments_proxy_is_not_used(clock: DrivenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    http = HttpClients(clock, CallBudget(clock))
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (address, _):
        assert await http.fetch(_call(address, write=True), body_of) == b"ok"
    await http.close()
