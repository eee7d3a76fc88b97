"""Pages of answers in which something is strange."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

#: Values that stand nowhere in a usual answer, or at other places.
STRANGE = (None, "", "?", "a b", 5, -1, 10**25, 5.5, True, [], {}, ["x"], {"x": 1}, "\ud83d", "0", "2026")


def body_of(response: Any) -> Any:
    return json.loads(response.content)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a page."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from places(part, (*path, name))


def changed(page: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The page with another value at one place."""
    if not path:
        return value
    made = copy.deepcopy(page)
    at = made
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return made
