"""One checked call, as far as marketplaces agree: who asks, for which shop, and the writing down of its effect."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from .failing import CallError, Dialect
from .journal import Effect
from .reading import parts_of
from .side_base import Side
from .world.model import Store
from .world.refusal import ALREADY_DONE, Refused
from .world.world import World

T = TypeVar("T")


@dataclass(slots=True)
class CheckedCall:
    """What the gate of a marketplace found out; `now` is world time, epoch seconds."""

    done_code: ClassVar[int | str]
    """What stands in the journal for a change that was made."""

    side: Side[Any]
    shop: Store | None
    """None on calls for no shop, such as those for tokens."""
    now: int
    request_id: str
    raw: bytes = field(default=b"", kw_only=True)
    """The body as it came; calls with files have no other."""
    content_type: str = field(default="", kw_only=True)

    @property
    def world(self) -> World:
        return self.side.world

    @property
    def store(self) -> Store:
        """The shop of a shop call; the gate let none through without."""
        if self.shop is None:
            raise LookupError("this operation takes no shop")
        return self.shop

    def parts(self) -> dict[str, bytes]:
        """The parts of a multipart body by name; empty for any other body."""
        return parts_of(self.raw, self.content_type)

    def shop_id(self, target: str) -> str:
        """The shop an effect on the target is journalled for, empty for none."""
        return self.shop.id if self.shop is not None else ""

    @abstractmethod
    def refusal(self, code: Any, refused: Refused) -> CallError[Any]:
        """The error of a change the world refused, in the marketplace's words."""

    def record(self, op: str, target: str, order_id: str, effect: Effect, code: int | str, text: str = "") -> None:
        """Write the effect of a state-changing call into the journal; `text` is what a message said."""
        self.side.journal.add(
            world_at=self.now,
            wire_at=self.world.clocks.wire_now(),
            marketplace=self.side.name,
            shop_id=self.shop_id(target),
            op=op,
            target=target,
            order_id=order_id,
            effect=effect,
            code=code,
            request_id=self.request_id,
            text=text,
        )

    def act(
        self,
        dialect: Dialect[Any],
        op: str,
        target: str,
        order_id: str,
        action: Callable[[], T],
        *,
        text: str | Callable[[], str] = "",
    ) -> T:
        """Run a change and journal what became of it. Raises the marketplace's CallError in the operation's dialect.

        An action that answers False found its work done by an earlier call with the same idempotency key. A `text` that
        tells what became of the target is asked for once that is settled.
        """

        def journal(effect: Effect, code: int | str) -> None:
            self.record(op, target, order_id, effect, code, text if isinstance(text, str) else text())

        try:
            done = action()
        except Refused as refused:
            code = dialect.of(refused)
            journal("already" if refused.reason in ALREADY_DONE else "refused", code)
            raise self.refusal(code, refused) from refused
        except CallError as error:
            journal("refused", error.code)
            raise
        journal("already" if done is False else "applied", self.done_code)
        return done
