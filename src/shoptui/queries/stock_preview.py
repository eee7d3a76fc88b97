"""What a push of marked pools would write before it is ordered: who would see what, what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from shoptui.domain.intents import Verb
from shoptui.domain.records import dataclass
from shoptui.domain.shares import ShareRule, Simulation, WhyOut, simulate
from shoptui.domain.stock import StockChange, listing_target
from shoptui.queries.admission import Why
from shoptui.queries.preview import Group, Reasons, Target
from shoptui.queries.stock import PoolCandidate


@dataclass(frozen=True, slots=True)
class PoolPush:
    """One pool as it would be pushed. `rule` is the one the simulation used."""

    candidate: PoolCandidate
    rule: ShareRule
    found: Simulation


@dataclass(frozen=True, slots=True)
class PushPreview:
    """What a push would do.

    `ready` are the listings that would be written, `changes` what each would be told (by store and target). What shows
    the right number already is counted in `same` and not written. `left_out` groups listings by reason, with the rows
    of their pools; `uncounted` are rows of pools nobody has counted. `thin` are rows of pools whose buffer is smaller
    than what sells in the gap.
    """

    pushes: tuple[PoolPush, ...]
    ready: tuple[Target, ...]
    changes: Mapping[tuple[str, str], StockChange]
    same: int
    left_out: tuple[Group, ...]
    uncounted: tuple[int, ...]
    thin: tuple[int, ...]
    stores: tuple[str, ...]

    @property
    def pools(self) -> int:
        """Pools of which something would be written."""
        return len({target.row_id for target in self.ready})

    def args(self, target: Target) -> StockChange:
        """What a listing would be told. Raises KeyError for one that is not in the preview."""
        return self.changes[(target.store_id, target.target_id)]


def push_preview(
    candidates: Sequence[PoolCandidate], gap_s: float, marketplaces: Mapping[str, str], rule: ShareRule | None = None
) -> PushPreview:
    """Simulate a push of marked pools; `rule` in place of each pool's own, None to use those.

    `gap_s` is the time from reading a listing to having written it. `marketplaces` has each store's marketplace.
    """
    pushes = []
    ready: list[Target] = []
    changes: dict[tuple[str, str], StockChange] = {}
    left_out = Reasons()
    same = 0
    for one in candidates:
        used = rule or one.rule
        found = simulate(one.stock, used, gap_s)
        pushes.append(PoolPush(one, used, found))
        for out in found.left_out:
            if out.why is not WhyOut.NOT_COUNTED:
                left_out.add(Why(out.why.value), one.row_id)
        for share in found.shares:
            listing = share.listing
            target_id = listing_target(listing.listing_id, listing.warehouse_id)
            if not share.changes:
                same += 1
                continue
            if (listing.store_id, target_id) in one.acts:
                left_out.add(Why("write_ordered"), one.row_id)
                continue
            market = marketplaces.get(listing.store_id, "")
            ready.append(Target(one.row_id, listing.store_id, market, "", target_id, None, Verb.SET_STOCK))
            changes[(listing.store_id, target_id)] = StockChange(
                share.shows, seen=listing.shows, reserve=found.buffer, pool=one.stock.key
            )
    return PushPreview(
        pushes=tuple(pushes),
        ready=tuple(ready),
        changes=MappingProxyType(changes),
        same=same,
        left_out=left_out.groups(),
        uncounted=tuple(push.candidate.row_id for push in pushes if push.found.free is None),
        thin=tuple(
            push.candidate.row_id for push in pushes if push.found.free is not None and push.found.too_little_kept
        ),
        stores=tuple(sorted({target.store_id for target in ready})),
    )


def only(preview: PushPreview, row_id: int) -> PushPreview:
    """The same for one pool alone: the strip's `only this SKU`."""
    ready = tuple(target for target in preview.ready if target.row_id == row_id)
    keys = {(target.store_id, target.target_id) for target in ready}
    pushes = tuple(push for push in preview.pushes if push.candidate.row_id == row_id)
    groups = (
        group._replace(row_ids=tuple(row for row in group.row_ids if row == row_id)) for group in preview.left_out
    )
    same = sum(1 for push in pushes for share in push.found.shares if not share.changes)
    return replace(
        preview,
        pushes=pushes,
        ready=ready,
        changes=MappingProxyType({key: change for key, change in preview.changes.items() if key in keys}),
        same=same,
        left_out=tuple(group for group in groups if group.row_ids),
        uncounted=tuple(row for row in preview.uncounted if row == row_id),
        thin=tuple(row for row in preview.thin if row == row_id),
        stores=tuple(sorted({target.store_id for target in ready})),
    )
