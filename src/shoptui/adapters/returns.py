"""How a marketplace tells of buyers' return and refund requests, and which answers it takes.

Answers are desks like every other verb (`Verb.ANSWER_RETURN` on a return). Wishes to cancel are part of orders and have
a desk of their own (`Verb.ANSWER_CANCEL`); `Returns` does not tell of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shoptui.adapters.base import SetAside, Unsupported
from shoptui.adapters.desks import Reason
from shoptui.domain.returns import ReturnAnswer, ReturnEvent, ReturnRequest
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """Some requests. `set_aside` are records that could not be read (`order_no` is then the return's id).

    `total` is the marketplace's count for the whole search, on its first page only; None elsewhere.
    """

    requests: tuple[ReturnRequest, ...]
    set_aside: tuple[SetAside, ...] = ()
    total: int | None = None


def joined(pages: Sequence[ReturnPage]) -> ReturnPage:
    """Several pages as one, which says nothing of a total."""
    return ReturnPage(
        tuple(request for page in pages for request in page.requests),
        tuple(aside for page in pages for aside in page.set_aside),
    )


@dataclass(frozen=True, slots=True)
class AnswerNeeds:
    """What an answer wants besides the word: the marketplace's reasons to choose from, a comment, pictures.

    `comment_max` is in characters, 0 where no comment is taken. `pictures` is how many must be given. `batch` is False
    where the marketplace takes this answer for one request at a time only by a person's look at it (Lazada refuses
    one by one). `ship_to` is where the goods come back to by this answer, "" where none do or nobody says.
    """

    reasons: tuple[Reason, ...] = ()
    comment_needed: bool = False
    comment_max: int = 0
    pictures: int = 0
    batch: bool = True
    ship_to: str = ""


class Returns(Protocol):
    """One marketplace's returns. All methods may raise AdapterError; reads may be repeated."""

    def changed(self, store: Store, since: int, until: int) -> AsyncIterator[ReturnPage]:
        """Requests updated in `[since, until)` (epoch s), page by page."""

    def waiting(self, store: Store) -> AsyncIterator[ReturnPage]:
        """Every request that has not ended, for the full sweep; the totals add up to the marketplace's own count."""

    async def by_id(self, store: Store, return_ids: Sequence[str]) -> ReturnPage:
        """The named requests in full."""

    async def needs(self, store: Store, request: ReturnRequest, answer: ReturnAnswer) -> AnswerNeeds | Unsupported:
        """What this answer to this request wants; Unsupported when it cannot be given."""

    async def history(self, store: Store, request: ReturnRequest) -> Sequence[ReturnEvent]:
        """What happened to the request, oldest first."""

    async def upload(self, store: Store, request: ReturnRequest, name: str, content: bytes) -> str | Unsupported:
        """Hand in a picture for a refusal of this request; the address to put into `ReturnDecision.pictures`.

        What kind of picture it is its first bytes say, not its `name`. Unsupported when the marketplace takes no such
        picture. It may be repeated: a picture that no answer names has no effect.
        """
