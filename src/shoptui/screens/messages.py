"""The messages workers and the link post to the frame: frozen data, never a widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.message import Message

from shoptui.client import Answer
from shoptui.cockpit.link import Link
from shoptui.cockpit.memory import CockpitMemory
from shoptui.cockpit.row_list import ListPart, ListQuery
from shoptui.cockpit.session import HouseView
from shoptui.protocol import Changed
from shoptui.widgets.grid import Keep


class LinkChanged(Message):
    """The link to the engine changed its state."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class Noticed(Message):
    """The engine says that something changed."""

    def __init__(self, changed: Changed) -> None:
        super().__init__()
        self.changed = changed


class HouseRead(Message):
    """Counts, stores, alerts and batches were read."""

    def __init__(self, house: HouseView) -> None:
        super().__init__()
        self.house = house


class NoHouseYet(Message):
    """There is no cache to read; `say` tells what to do. `exists`: there is one, which an older engine still has."""

    def __init__(self, say: str, exists: bool = False) -> None:
        super().__init__()
        self.say = say
        self.exists = exists


class Begun(Message):
    """What was remembered is loaded and the house is open, if there is one. `fault` says why memory is empty."""

    def __init__(self, memory: CockpitMemory, fault: str) -> None:
        super().__init__()
        self.memory = memory
        self.fault = fault


class Answered(Message):
    """A request to the engine was answered, or could not be made (reason `no_engine`)."""

    def __init__(self, answer: Answer, answered: Callable[[Answer], None]) -> None:
        super().__init__()
        self.answer = answer
        self.answered = answered


class Read(Message):
    """Something was read from the cache for whoever asked; `done` takes it."""

    def __init__(self, done: Callable[[], None]) -> None:
        super().__init__()
        self.done = done


class AskWanted(Message):
    """A place wants to ask the engine something."""

    def __init__(self, do: str, fields: dict[str, object], answered: Callable[[Answer], None]) -> None:
        super().__init__()
        self.do = do
        self.fields = fields
        self.answered = answered


class ListRead(Message):
    """A part of a list was read; `keep` is what the cursor does, `rows` are those shown first, if they came too."""

    def __init__(self, wanted: ListQuery, part: ListPart, keep: Keep, rows: Sequence[Any] = ()) -> None:
        super().__init__()
        self.wanted = wanted
        self.part = part
        self.keep = keep
        self.rows = rows


class ListMerged(Message):
    """A list was brought up to date; `came` rows were not in it before."""

    def __init__(self, wanted: ListQuery, part: ListPart, came: int) -> None:
        super().__init__()
        self.wanted = wanted
        self.part = part
        self.came = came


class ListFailed(Message):
    """A list could not be read; `stopped` when that was wanted."""

    def __init__(self, wanted: ListQuery, say: str, *, stopped: bool) -> None:
        super().__init__()
        self.wanted = wanted
        self.say = say
        self.stopped = stopped
