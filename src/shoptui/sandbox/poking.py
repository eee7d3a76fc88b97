"""What all pokes share: their form, what they raise, and the reading of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from .world.model import Order, Store
from .world.world import World

Poke = Callable[[Mapping[str, Any], int], dict[str, Any]]
"""Takes its arguments and the world's time, gives what it changed."""

Word = TypeVar("Word", bound=StrEnum)


class PokeError(ValueError):
    """A poke names something that does not exist or cannot be done now."""


def count_in(arguments: Mapping[str, Any], name: str, default: int, low: int = 0) -> int:
    """The whole number under a name. Raises PokeError for anything else and below `low`, the default excepted."""
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or (value < low and value != default):
        raise PokeError(f"{name} must be a whole number of at least {low}, not {value!r}.")
    return value


def word_in(kind: type[Word], arguments: Mapping[str, Any], name: str, default: Word | None = None) -> Word:
    """The word of a set under a name. Raises PokeError for any other."""
    word = arguments.get(name, default)
    if word not in list(kind):
        raise PokeError(f"{name} must be one of {', '.join(kind)}.")
    return kind(word)


def word_or_none_in(kind: type[Word], arguments: Mapping[str, Any], name: str) -> Word | None:
    """The word of a set under a name, None where there is none. Raises PokeError for any other."""
    word = arguments.get(name)
    if word is not None and word not in list(kind):
        raise PokeError(f"{name} must be null or one of {', '.join(kind)}.")
    return kind(word) if word is not None else None


def order_in(world: World, arguments: Mapping[str, Any]) -> Order:
    """The order that is named. Raises PokeError."""
    order = world.orders.get(str(arguments.get("order_id")))
    if order is None:
        raise PokeError(f"There is no order {arguments.get('order_id')!r}: give order_id.")
    return order


def store_in(world: World, arguments: Mapping[str, Any]) -> Store:
    """The shop that is named, or the first one. Raises PokeError."""
    shop_id = str(arguments.get("shop_id") or next(iter(world.stores), ""))
    store = world.stores.get(shop_id)
    if store is None:
        raise PokeError(f"There is no shop {shop_id!r}: give shop_id.")
    return store
