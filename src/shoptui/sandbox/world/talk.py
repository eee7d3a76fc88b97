"""What people say in chats: topics, and the sentences of one language for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a buyer writes about."""

    WHERE = "where"
    """Where is my parcel?"""
    WHEN = "when"
    """When is it sent?"""
    ADDRESS = "address"
    SIZE = "size"
    CANCEL = "cancel"
    DAMAGED = "damaged"
    ORIGINAL = "original"
    STOCK = "stock"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Subject:
    """One topic in one language.

    `asks` begin it, `adds` follow before anybody answered, `answers` are the store's, `back` is what the buyer asks
    then. Sentences may have `{order}`, `{item}`, `{store}` and, where one is sure to be known, `{tracking}`.
    """

    asks: tuple[str, ...]
    adds: tuple[str, ...]
    answers: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """One language. `nudges` come when nobody answers, `thanks` when somebody did, `closings` are the store's."""

    subjects: Mapping[Topic, Subject]
    thanks: tuple[str, ...]
    nudges: tuple[str, ...]
    closings: tuple[str, ...]
    robot: str
