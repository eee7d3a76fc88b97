"""What all screens share: the house, the clock, the operator, the readers, the link, messages and memory."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from shoptui.client import Hello
from shoptui.clock import Clock
from shoptui.cockpit.link import Link, LinkState
from shoptui.cockpit.memory import CockpitMemory, PlaceMemory
from shoptui.cockpit.notices import Notice, NoticeBoard, Tone
from shoptui.cockpit.undo import UndoStack
from shoptui.domain.intents import HOLD_S
from shoptui.domain.records import dataclass
from shoptui.paths import DataDir
from shoptui.queries.types import Alert, BatchRow, Counts, FeedRow, StoreRow
from shoptui.words import LIVE_BELOW_S, Said, clock_time

NO_COUNTS = Counts(missed=0, under_2h=0, under_12h=0, under_24h=0, going=0, failed=0, unknown=0, needs_person=0)


@dataclass(frozen=True, slots=True)
class HouseView:
    """What the frame shows of the house at one moment.

    `batches` are those not settled or not yet seen; `set_aside` counts the records that could not be read, by store.
    """

    counts: Counts = NO_COUNTS
    stores: tuple[StoreRow, ...] = ()
    alerts: tuple[Alert, ...] = ()
    batches: tuple[BatchRow, ...] = ()
    set_aside: Mapping[str, int] = field(default_factory=dict)


@cache
def os_user() -> str:
    """The name of the operating system's user, or its number where it has no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


@dataclass
class Session:
    """The cockpit's state apart from widgets. Screens change it in message handlers only, never in workers."""

    data_dir: DataDir
    clock: Clock
    zone: tzinfo
    link: Link = field(default_factory=lambda: Link(LinkState.CONNECTING, 0))
    house: HouseView = field(default_factory=HouseView)
    notices: NoticeBoard = field(default_factory=NoticeBoard)
    undo: UndoStack = field(default_factory=UndoStack)
    memory: CockpitMemory = field(default_factory=CockpitMemory)
    memory_revision: int = 0
    stale_stores: frozenset[str] = frozenset()
    stale_chats: frozenset[str] = frozenset()
    """Stores whose conversations are old."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """The operator's own keys by command id, as the bindings have them."""

    @property
    def now(self) -> int:
        """World time, epoch seconds."""
        return int(self.clock.now())

    @property
    def hello(self) -> Hello | None:
        """What the engine last said about itself."""
        return self.link.hello

    @property
    def operator(self) -> str:
        """Who we are to the engine; before it has said so, the operating system's user."""
        return self.hello.operator if self.hello is not None else os_user()

    @property
    def hold_s(self) -> int:
        """How long the engine holds what is ordered (seconds); the usual time until it has said so."""
        return self.hello.hold_s if self.hello is not None else HOLD_S

    def time(self, at: int) -> str:
        """A moment as a clock time in the operator's zone."""
        return clock_time(at, self.zone)

    def local(self, at: int) -> datetime:
        """A moment in the operator's zone."""
        return datetime.fromtimestamp(at, self.zone)

    def store(self, store_id: str) -> StoreRow | None:
        """A store by its name."""
        return next((store for store in self.house.stores if store.store_id == store_id), None)

    def take_house(self, house: HouseView) -> None:
        """The house as it was just read."""
        self.house = house
        self.stale_stores = frozenset(
            store.store_id for store in house.stores if is_stale(store.feed, store.paused, self.now)
        )
        self.stale_chats = frozenset(
            store.store_id
            for store in house.stores
            if is_stale(store.messages, store.paused, self.now, after_s=STALE_MESSAGES_AFTER_S)
        )

    def say(self, what: str, todo: str = "", tone: Tone = Tone.NEWS) -> None:
        """A passing word in the message line."""
        self.notices.post(Notice("word", Said(what, todo), tone))

    def remember_place(self, name: str, memory: PlaceMemory) -> None:
        """A place has changed: it is saved soon."""
        if self.memory.places.get(name) != memory:
            self.change_memory(places={**self.memory.places, name: memory})

    def change_memory(self, **changes: Any) -> None:
        """Change what is remembered."""
        self.memory = replace(self.memory, **changes)
        self.memory_revision += 1

    def keep_draft(self, key: str, text: str) -> None:
        """What is typed in a field now, "" when it was handed in or emptied."""
        if self.memory.drafts.get(key, "") != text:
            self.memory = self.memory.with_draft(key, text)
            self.memory_revision += 1

    def memory_to_keep(self) -> CockpitMemory:
        """What is saved: the memory with the present as the time the operator was last here."""
        return replace(self.memory, left_at=self.now)

    def add_pending(self, batch_id: str, request: Mapping[str, Any]) -> None:
        """A request is about to be made that must not be forgotten until it is answered."""
        self.change_memory(pending={**self.memory.pending, batch_id: request})

    def answered(self, batch_id: str) -> None:
        """The request with this batch id has its answer."""
        self.change_memory(pending={key: value for key, value in self.memory.pending.items() if key != batch_id})


#: A feed that has gone well within this time is not shown as old, even if the engine polls slowly.
STALE_AFTER_S = 5 * LIVE_BELOW_S

#: Conversations are asked for less often: the marketplaces count those calls by the day.
STALE_MESSAGES_AFTER_S = 15 * LIVE_BELOW_S


def is_stale(feed: FeedRow | None, paused: bool, now: int, *, after_s: int = STALE_AFTER_S) -> bool:
    """Whether a store's rows are old: its feed fails, is signed out, or has not been read for `after_s`."""
    if feed is None:
        return False
    if feed.failures or feed.signed_out or paused:
        return True
    return feed.last_ok_at is not None and now - feed.last_ok_at > after_s
