"""What a verb would do to the marked orders before it is ordered: how many, which stores, what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from shoptui.domain.intents import Verb
from shoptui.domain.records import dataclass
from shoptui.queries.admission import Why, printed, targets_of
from shoptui.queries.types import Candidate

#: What `p` does: arrange where that is due, fetch the label, print it. A parcel enters where it stands.
SHIP_AND_PRINT = (Verb.SHIP, Verb.LABEL, Verb.PRINT)
#: The same without a printer: labels are kept in the house, and saved from there.
SHIP_AND_LABEL = (Verb.SHIP, Verb.LABEL)
#: A second print where a parcel's tracking number has changed: the label that is printed is fetched anew.
FETCH_AND_PRINT = (Verb.LABEL, Verb.PRINT)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that would be acted on. `verb` is what is ordered on it first; what follows comes from the chain.

    `target_id` is a package id, or the order's number where the verb acts on orders. `next_at` is its order's next loss
    (epoch s), None without one.
    """

    row_id: int
    store_id: str
    marketplace: str
    order_no: str
    target_id: str
    next_at: int | None
    verb: Verb


class Group(NamedTuple):
    """Orders that share a reason: its id, its arguments, and their rows in the order of the marks."""

    reason_id: str
    args: Mapping[str, str]
    row_ids: tuple[int, ...]


class Reasons:
    """Rows by the reason they share, as they are found."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        self._rows: dict[tuple[str, tuple[tuple[str, str], ...]], Counter[int]] = {
            (group.reason_id, tuple(group.args.items())): Counter(group.row_ids) for group in groups
        }

    def add(self, why: Why, row_id: int) -> None:
        """One more thing of a row is left out for a reason."""
        self._of(why)[row_id] += 1

    def add_row(self, why: Why, row_id: int) -> None:
        """A row is left out for a reason, however often that is said."""
        self._of(why)[row_id] = 1

    def _of(self, why: Why) -> Counter[int]:
        return self._rows.setdefault((why.reason_id, tuple(why.args.items())), Counter())

    def groups(self) -> tuple[Group, ...]:
        """The largest group first."""
        found = [
            Group(why, MappingProxyType(dict(args)), (*rows.elements(),)) for (why, args), rows in self._rows.items()
        ]
        found.sort(key=lambda group: -len(group.row_ids))
        return tuple(found)


def on_it(operator: str) -> Why:
    """The reason by which rows are named that a colleague is on."""
    return Why("claimed", MappingProxyType({"operator": operator}))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a chain of verbs would do.

    `ready` lists targets in the order of the marks; `orders` and `asked` count orders. `left_out` has the largest
    group first. `claimed` are orders a colleague is on: they are included, and said. `first_due_at` is the earliest
    next loss among the ready ones that is still ahead, None without one. `by_market` counts orders per marketplace.
    """

    chain: tuple[Verb, ...]
    ready: tuple[Target, ...]
    left_out: tuple[Group, ...]
    claimed: tuple[Group, ...]
    asked: int
    now: int
    orders: int
    stores: tuple[str, ...]
    first_due_at: int | None
    by_market: Mapping[str, int]

    @property
    def left_out_count(self) -> int:
        """Orders left out."""
        return len({row_id for group in self.left_out for row_id in group.row_ids})

    def count(self, verb: Verb) -> int:
        """Targets that are ordered `verb`, as the first thing or after another."""
        place = self.chain.index(verb)
        return sum(1 for target in self.ready if self.chain.index(target.verb) <= place)

    def starting(self, verb: Verb) -> tuple[Target, ...]:
        """Targets on which `verb` is the first thing ordered."""
        return tuple(target for target in self.ready if target.verb is verb)

    def then(self, verb: Verb) -> tuple[Verb, ...]:
        """What follows on targets that begin with `verb`."""
        return self.chain[self.chain.index(verb) + 1 :]

    def without(self, refused: Mapping[tuple[str, str], Why]) -> Preview:
        """The same, with the targets (store id, target id) that the engine would refuse left out for its reasons."""
        left_out = Reasons(self.left_out)
        kept: list[Target] = []
        for target in self.ready:
            why = refused.get((target.store_id, target.target_id))
            if why is None:
                kept.append(target)
            else:
                left_out.add_row(why, target.row_id)
        return _preview(self.chain, kept, left_out.groups(), self.claimed, self.asked, self.now)


def preview(chain: Sequence[Verb], candidates: Sequence[Candidate], now: int) -> Preview:
    """Sort marked orders into those that would be acted on and those left out, each with its reason.

    `now` (epoch s): a loss that has passed since the rows were read is not announced as the first one due.
    """
    ready: list[Target] = []
    left_out, claimed = Reasons(), Reasons()
    for candidate in candidates:
        found = targets_of(chain, candidate)
        if isinstance(found, Why):
            left_out.add(found, candidate.row_id)
            continue
        ready.extend(
            Target(
                candidate.row_id,
                candidate.store_id,
                candidate.marketplace,
                candidate.order_no,
                target_id,
                candidate.next_at,
                verb,
            )
            for verb, target_id in found
        )
        if candidate.claimed_by:
            claimed.add(on_it(candidate.claimed_by), candidate.row_id)
    return _preview(tuple(chain), ready, left_out.groups(), claimed.groups(), len(candidates), now)


def ship_preview(candidates: Sequence[Candidate], now: int) -> Preview:
    """The preview of a plain ship."""
    return preview((Verb.SHIP,), candidates, now)


def print_preview(candidates: Sequence[Candidate], now: int) -> Preview:
    """The preview of a plain print, which fetches a label anew only where it is outdated."""
    outdated = any(parcel.label_outdated for candidate in candidates for parcel in candidate.parcels)
    return preview(FETCH_AND_PRINT if outdated else (Verb.PRINT,), candidates, now)


def reprint_preview(candidates: Sequence[Candidate], now: int) -> Preview:
    """The preview of a second print: parcels whose label was printed before."""
    found = print_preview(candidates, now)
    by_row = {candidate.row_id: candidate for candidate in candidates}
    return found.without(
        {
            (target.store_id, target.target_id): Why("not_printed")
            for target in found.ready
            if printed(by_row[target.row_id], target.target_id) is None
        }
    )


def _preview(
    chain: tuple[Verb, ...],
    ready: Iterable[Target],
    left_out: tuple[Group, ...],
    claimed: tuple[Group, ...],
    asked: int,
    now: int,
) -> Preview:
    targets = tuple(ready)
    market_of_row = {target.row_id: target.marketplace for target in targets}
    ahead = [target.next_at for target in targets if target.next_at is not None and target.next_at > now]
    return Preview(
        chain=chain,
        ready=targets,
        left_out=left_out,
        claimed=tuple(
            group._replace(row_ids=rows)
            for group in claimed
            if (rows := tuple(row_id for row_id in group.row_ids if row_id in market_of_row))
        ),
        asked=asked,
        now=now,
        orders=len(market_of_row),
        stores=tuple(sorted({target.store_id for target in targets})),
        first_due_at=min(ahead, default=None),
        by_market=MappingProxyType(dict(Counter(market_of_row.values()).most_common())),
    )
