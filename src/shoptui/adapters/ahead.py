"""Work under way before it is needed: the next page while this one is written, several calls of one reading at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: Calls of one reading under way at once; the rate limit holds all the same.
AT_ONCE = 4


async def ahead(pages: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """The same pages, each asked for while the one before is worked on. What was asked for in vain is dropped."""
    asked = asyncio.ensure_future(_next(pages))
    try:
        while True:
            try:
                page = await asked
            except StopAsyncIteration:
                return
            asked = asyncio.ensure_future(_next(pages))
            yield page
    finally:
        await _drop([asked])
        if (close := getattr(pages, "aclose", None)) is not None:
            await close()


async def in_order(
    work: AsyncIterable[T] | Iterable[T], do: Callable[[T], Coroutine[Any, Any, R]], *, at_once: int = AT_ONCE
) -> AsyncGenerator[R, None]:
    """`do` for each piece of work, so many under way at once; the results in the order of the work.

    A failure, also one in finding the work, comes in its turn and ends it: what was begun before has its result.
    """
    under_way: deque[asyncio.Task[R]] = deque()
    pieces = work if isinstance(work, AsyncIterable) else _each(work)
    failure: Exception | None = None
    source = aiter(pieces)
    try:
        while True:
            try:
                piece = await anext(source)
            except StopAsyncIteration:
                break
            except Exception as error:
                failure = error
                break
            under_way.append(asyncio.create_task(do(piece)))
            while under_way and (len(under_way) >= at_once or under_way[0].done()):
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
        if failure is not None:
            raise failure
    finally:
        await _drop(under_way)
        if (close := getattr(source, "aclose", None)) is not None:
            await close()


async def together(work: Iterable[Coroutine[Any, Any, R]]) -> list[R]:
    """All of it side by side; the first failure ends the rest."""
    tasks = [asyncio.create_task(piece) for piece in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        await _drop(tasks)


async def _next(pages: AsyncIterator[T]) -> T:
    return await anext(pages)


async def _each(work: Iterable[T]) -> AsyncIterator[T]:
    for piece in work:
        yield piece


async def _drop(futures: Iterable[asyncio.Future[R]]) -> None:
    under_way = list(futures)
    for future in under_way:
        future.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
