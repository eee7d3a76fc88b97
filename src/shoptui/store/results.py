"""Frozen answers of the writer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening the house found: whether the cache had to be rebuilt, and the migrations that ran."""

    cache_rebuilt: bool
    migrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did. `changed` are the row ids that were written, new ones included.

    `same` copies said nothing we did not have; `stale` ones were older than what the cache has.
    """

    changed: tuple[int, ...]
    new: int
    same: int
    stale: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a batch. `refused` are (index in the batch, reason id); `already` when it was answered before."""

    intent_ids: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]
    already: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The intents that were stopped in time, and those that had gone."""

    taken: tuple[int, ...]
    gone: tuple[int, ...]
