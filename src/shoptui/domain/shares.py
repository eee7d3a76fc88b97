"""Who may sell how many of a pool: rules as data, and what would come of them, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from shoptui.domain.making import quickly_made
from shoptui.domain.pools import WEEK_S, week_units
from shoptui.domain.records import dataclass

#: Nothing of ours is larger; it keeps products of two such numbers exact in every database.
UNITS_MAX = 10**9


class ShareError(ValueError):
    """A rule that cannot be meant; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class ShareRule:
    """How a pool is shared out.

    `keep_back` units, or `keep_back_percent` of what is free (the larger of the two), are on offer nowhere; with
    neither (both None) it is what sells in the gap between reading and writing. `listing_max` is the most one listing
    may show, None for no limit. Below `last_units` free units, all go to one store: `last_to`, or with "" the one that
    sells most. `without` are stores that get none.
    """

    keep_back: int | None = None
    keep_back_percent: int | None = None
    listing_max: int | None = None
    last_units: int = 0
    last_to: str = ""
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, value, most in (
            ("keep_back", self.keep_back, UNITS_MAX),
            ("keep_back_percent", self.keep_back_percent, 100),
            ("listing_max", self.listing_max, UNITS_MAX),
            ("last_units", self.last_units, UNITS_MAX),
        ):
            if value is not None and not 0 <= value <= most:
                raise ShareError(f"{name} = {value} is out of range; give a whole number from 0 to {most:,}")
        if self.last_to and self.last_to in self.without:
            raise ShareError(f"{self.last_to} gets the last units and is left out as well; choose one")

    def as_data(self) -> dict[str, object]:
        """The rule as JSON can hold it, without what is left at its default; `rule_of` takes it back."""
        found: dict[str, object] = {
            "keep_back": self.keep_back,
            "keep_back_percent": self.keep_back_percent,
            "listing_max": self.listing_max,
            "last_units": self.last_units or None,
            "last_to": self.last_to or None,
            "without": sorted(self.without) or None,
        }
        return {key: value for key, value in found.items() if value is not None}


_COUNTS = ("keep_back", "keep_back_percent", "listing_max", "last_units")


def rule_of(data: Mapping[str, object]) -> ShareRule:
    """The rule of `as_data`, or of a table of the configuration. Raises ShareError for what it does not know."""
    known = {*_COUNTS, "last_to", "without"}
    for key in data:
        if key not in known:
            raise ShareError(f"the key {key!r} is not known; known are {', '.join(sorted(known))}")
    for key in _COUNTS:
        value = data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ShareError(f"{key} must be a whole number without quotes, not {value!r}")
    last_to, without = data.get("last_to", ""), data.get("without", ())
    if not isinstance(last_to, str):
        raise ShareError(f"last_to must be a store's name in quotes, not {last_to!r}")
    if (
        not isinstance(without, Sequence)
        or isinstance(without, str)
        or not all(isinstance(one, str) for one in without)
    ):
        raise ShareError(f"without must be a list of stores' names, not {without!r}")
    counts = {key: value for key in _COUNTS if isinstance(value := data.get(key), int)}
    return ShareRule(
        keep_back=counts.get("keep_back"),
        keep_back_percent=counts.get("keep_back_percent"),
        listing_max=counts.get("listing_max"),
        last_units=counts.get("last_units", 0),
        last_to=last_to,
        without=frozenset(without),
    )


class WhyOut(StrEnum):
    """Why a listing gets no share. What it shows then stays on offer and counts as promised, where buyers can order."""

    SILENT = "silent"
    """Its store does not answer."""
    LOCKED = "locked"
    """The marketplace lets nobody write its stock now."""
    NOT_LIVE = "not_live"
    """Buyers cannot order it."""
    NOT_OURS = "not_ours"
    """The stock is in the marketplace's own warehouse."""
    FLOOR = "floor"
    """A promotion holds more than there is to give."""
    BY_RULE = "by_rule"
    """The rule leaves its store out, and it shows none already."""
    NOT_COUNTED = "not_counted"
    """Nobody has counted the pool, so there is nothing to share out."""


@quickly_made
@dataclass(frozen=True, slots=True)
class PoolListing:
    """One listing of a pool at one warehouse, as it is known.

    `floor` is the least that may be written. `sold_24h` and `sold_7d` are its store's sales of the pool. `silent`: its
    store has not answered lately, so nothing is written there. `why_locked` is the marketplace's sentence, "" without.
    """

    store_id: str
    listing_id: str
    warehouse_id: str
    shows: int
    floor: int = 0
    sold_24h: int = 0
    sold_7d: int = 0
    live: bool = True
    ours: bool = True
    silent: bool = False
    why_locked: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class PoolStock:
    """A pool as it is shared out: what is in the house (None: not counted), what open orders hold, its listings."""

    key: str
    hand: int | None
    reserved: int
    listings: tuple[PoolListing, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class Share:
    """What a listing would show in place of what it shows now."""

    listing: PoolListing
    shows: int

    @property
    def changes(self) -> bool:
        return self.shows != self.listing.shows


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A listing that gets no share, and why."""

    listing: PoolListing
    why: WhyOut


@quickly_made
@dataclass(frozen=True, slots=True)
class Simulation:
    """Who would see what.

    `free` is None where the pool was not counted: then nothing is shared. `buffer` is kept back, `proposed` what should
    be by what sells in the gap. `promised` stays on offer at listings that are left out. `last_to` is the store that
    gets the last units, "" when they are not the last. All shares together are at most free minus buffer and promised.
    """

    free: int | None
    buffer: int
    proposed: int
    promised: int
    shares: tuple[Share, ...]
    left_out: tuple[LeftOut, ...]
    last_to: str = ""

    @property
    def too_little_kept(self) -> bool:
        """More sells in the gap than is kept back: a push may then oversell."""
        return self.buffer < self.proposed

    @property
    def total(self) -> int:
        """What all listings that are written would show together."""
        return sum(share.shows for share in self.shares)


def proposed_buffer(speed: int, gap_s: float) -> int:
    """What sells in the gap between reading and writing, rounded up; at least 1 when anything sells.

    `speed` is in units a week.
    """
    if speed <= 0:
        return 0
    gap_ms = max(int(gap_s * 1000), 0)
    return max(-(-speed * gap_ms // (WEEK_S * 1000)), 1)


def simulate(pool: PoolStock, rule: ShareRule, gap_s: float) -> Simulation:
    """Share a pool out by a rule; `gap_s` is how long it takes from reading a listing to having written it."""
    proposed = proposed_buffer(_pool_speed(pool.listings), gap_s)
    if pool.hand is None:
        out = dict.fromkeys(range(len(pool.listings)), WhyOut.NOT_COUNTED)
        return Simulation(None, 0, proposed, _promised(pool.listings, out), (), _left_out(pool.listings, out))
    free = pool.hand - pool.reserved
    buffer = _buffer(rule, max(free, 0), proposed)
    out = _out(pool.listings, rule, free - buffer)
    promised = _promised(pool.listings, out)
    taking = [place for place in range(len(pool.listings)) if place not in out]
    to_share = max(free - buffer - promised, 0)
    shows, last_to = _shared(pool.listings, taking, to_share, free, rule)
    return Simulation(
        free=free,
        buffer=buffer,
        proposed=proposed,
        promised=promised,
        shares=tuple(Share(pool.listings[place], shows[place]) for place in taking),
        left_out=_left_out(pool.listings, out),
        last_to=last_to,
    )


def unoffered(pool: PoolStock, rule: ShareRule, gap_s: float) -> int:
    """How many units a simulation would offer that nobody offers now; 0 without a count.

    The same as to share the pool out and add up, in half of the time: it is asked whenever a listing changes.
    """
    if pool.hand is None:
        return 0
    free = pool.hand - pool.reserved
    buffer = _buffer(rule, max(free, 0), proposed_buffer(_pool_speed(pool.listings), gap_s))
    out = _out(pool.listings, rule, free - buffer)
    taking = [one for place, one in enumerate(pool.listings) if place not in out] if out else pool.listings
    floors = sum([one.floor for one in taking])
    rest = free - buffer - _promised(pool.listings, out) - floors
    if rest > 0:
        open_, _ = _open(taking, free, rule)
        # All of it goes out as long as any listing has room.
        rest = min(rest, sum([_room(one, rule) for one in open_]))
    return max(floors + max(rest, 0) - sum([one.shows for one in taking]), 0)


def _pool_speed(listings: Sequence[PoolListing]) -> int:
    """The pool's speed; a store with several listings sells once."""
    by_store = {one.store_id: (one.sold_24h, one.sold_7d) for one in listings}
    return week_units(sum([day for day, _ in by_store.values()]), sum([week for _, week in by_store.values()]))


def _out(listings: Sequence[PoolListing], rule: ShareRule, to_give: int) -> dict[int, WhyOut]:
    """The listings that get no share, by their places; `to_give` is what there is for the others, floors first."""
    out: dict[int, WhyOut] = {}
    for place, listing in enumerate(listings):
        why = _why_out(listing, rule)
        if why is not None:
            out[place] = why
    if any(listing.floor for listing in listings):
        _leave_out_floors(listings, out, to_give)
    return out


def _why_out(listing: PoolListing, rule: ShareRule) -> WhyOut | None:
    if not listing.ours:
        return WhyOut.NOT_OURS
    if not listing.live:
        return WhyOut.NOT_LIVE
    if listing.silent:
        return WhyOut.SILENT
    if listing.why_locked:
        return WhyOut.LOCKED
    if listing.store_id in rule.without and listing.shows == 0:
        return WhyOut.BY_RULE
    return None


def _promised(listings: Sequence[PoolListing], out: Mapping[int, WhyOut]) -> int:
    """What stays on offer from the house's own goods at listings that are not written."""
    return sum(listings[place].shows for place in out if listings[place].live and listings[place].ours)


def _left_out(listings: Sequence[PoolListing], out: Mapping[int, WhyOut]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(listings[place], why) for place, why in sorted(out.items()))


def _buffer(rule: ShareRule, free: int, proposed: int) -> int:
    if rule.keep_back is None and rule.keep_back_percent is None:
        return proposed
    percent = -(-free * (rule.keep_back_percent or 0) // 100)
    return max(rule.keep_back or 0, percent)


def _leave_out_floors(listings: Sequence[PoolListing], out: dict[int, WhyOut], to_give: int) -> None:
    """Leave out listings, the highest floor first, until what promotions hold fits into what there is to give."""
    while True:
        held = [place for place in range(len(listings)) if place not in out and listings[place].floor > 0]
        room = max(to_give - _promised(listings, out), 0)
        if sum(listings[place].floor for place in held) <= room:
            return
        out[max(held, key=lambda place: (listings[place].floor, -place))] = WhyOut.FLOOR


def _shared(
    listings: Sequence[PoolListing], taking: Sequence[int], to_share: int, free: int, rule: ShareRule
) -> tuple[dict[int, int], str]:
    """What each listing shows, and the store that gets the last units; floors are given first."""
    shows = {place: listings[place].floor for place in taking}
    rest = to_share - sum(shows.values())
    room = {place: _room(listings[place], rule) for place in taking}
    able, last_to = _open([listings[place] for place in taking], free, rule)
    stores = {one.store_id for one in able}
    open_ = [place for place in taking if listings[place].store_id in stores]
    weights = _weights(listings, open_)
    while rest > 0 and (roomy := [place for place in open_ if room[place] > 0]):
        given = _proportional(rest, [weights[place] for place in roomy])
        for place, units in zip(roomy, given, strict=True):
            taken = min(units, room[place])
            shows[place] += taken
            room[place] -= taken
            rest -= taken
    return shows, last_to


def _open(taking: Sequence[PoolListing], free: int, rule: ShareRule) -> tuple[Sequence[PoolListing], str]:
    """The listings that get more than their floor, whole stores, and the store that gets the last units."""
    open_ = [one for one in taking if one.store_id not in rule.without]
    if not open_ or free >= rule.last_units:
        return open_, ""
    last_to = _last_store(open_, rule.last_to)
    return [one for one in open_ if one.store_id == last_to], last_to


def _room(listing: PoolListing, rule: ShareRule) -> int:
    most = UNITS_MAX if rule.listing_max is None else rule.listing_max
    return max(most - listing.floor, 0)


def _last_store(listings: Sequence[PoolListing], named: str) -> str:
    """The named store, where it takes any; else the one that sells most, shows most, comes first."""
    stores = {one.store_id for one in listings}
    if named in stores:
        return named
    best = min(listings, key=lambda one: (-week_units(one.sold_24h, one.sold_7d), -one.shows, one.store_id))
    return best.store_id


def _weights(listings: Sequence[PoolListing], places: Sequence[int]) -> dict[int, int]:
    """How much of the rest each may get: by its store's sales, shared among the store's listings."""
    of_store: dict[str, int] = {}
    for place in places:
        of_store[listings[place].store_id] = of_store.get(listings[place].store_id, 0) + 1
    most = max(of_store.values(), default=1)
    found = {}
    for place in places:
        one = listings[place]
        # A store that has sold nothing yet is offered a little, or it never will.
        found[place] = (week_units(one.sold_24h, one.sold_7d) + 1) * most // of_store[one.store_id] or 1
    return found


def _proportional(units: int, weights: Sequence[int]) -> list[int]:
    """Units by weights, exact: the largest remainders get what is left over, the first of equals before the others."""
    total = sum(weights)
    given = [units * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(units * weights[at] % total), at))
    for at in order[: units - sum(given)]:
        given[at] += 1
    return given
