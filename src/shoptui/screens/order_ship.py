"""The strips of `s` and `e`: ship by the marketplaces' logistics, as their stores are set or as chosen here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.domain.intents import Verb
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.queries.ordering import Arguments, OrderPart, chain_parts
from shoptui.queries.preview import Preview, Target
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.lines import Line, plain, wrap
from shoptui.screens.order_form import VerbForm
from shoptui.screens.strip_lines import LEAD, Option
from shoptui.widgets.roles import Role
from shoptui.words import clock_time, moment_words

METHODS: tuple[str | None, ...] = (None, "PICKUP", "DROP_OFF")


@dataclass(frozen=True, slots=True)
class StoreHandover:
    """How one store's parcels can be handed over. `honoured` False: the marketplace ignores a choice (SEA)."""

    can_pickup: bool
    can_drop_off: bool
    honoured: bool
    slots: tuple[tuple[int, int], ...]

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> StoreHandover:
        """Read the engine's answer for one store; one that cannot be asked honours nothing."""
        if "unsupported" in answer:
            return cls(False, False, False, ())
        slots = tuple((int(start), int(end)) for start, end, available in answer["slots"] if available)
        return cls(bool(answer["can_pickup"]), bool(answer["can_drop_off"]), bool(answer["honoured"]), slots)


class ShipForm(VerbForm):
    """The question before a ship order.

    The handover choices are asked for while the strip is open already; until they are known the stores' settings
    apply. With `choosing` the strip is there for the choice: it begins with the first slot on offer, if there is one.
    """

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        choosing: bool = False,
    ) -> None:
        super().__init__(preview, candidates, facts, order)
        self._handover: dict[str, StoreHandover] | None = None
        self._choosing = choosing
        self._method = 0
        self._slot = 0

    @property
    def handover_targets(self) -> list[list[str]]:
        """One package of each store that is yet to be arranged, for asking how it can be handed over."""
        first: dict[str, str] = {}
        for target in self.preview.starting(Verb.SHIP):
            first.setdefault(target.store_id, target.target_id)
        return [[store_id, package_id] for store_id, package_id in first.items()]

    def take_handover(self, answer: Answer) -> None:
        """The engine's answer about handing over has come, or will not come."""
        options = answer.body.get("options", {}) if answer.ok else {}
        self._handover = {str(store_id): StoreHandover.from_answer(found) for store_id, found in options.items()}
        if self._choosing and self._honouring():
            self._method = METHODS.index("PICKUP" if self._slots() else "DROP_OFF")
            self._slot = 1 if self._slots() else 0
        self.changed()

    # What it says.

    def body(self, width: int) -> list[Line]:
        shipped = self._shipped_stores()
        if not shipped:
            return self.how_lines(self.by_market(), width)
        ways = self._ways()
        if ways and (len(ways) < len(shipped) or len({_slot_of(way) for way in ways.values()}) > 1):
            return [*self.how_lines(self.by_market(), width), *self._ways_lines(ways, width)]
        method = METHODS[self._method] if ways else None
        lines = self.how_lines(f"{self.by_market()}: {self._method_words(method)}", width)
        if self._handover is None:
            lines.append(plain(LEAD + _("reading how they can be handed over ..."), Role.QUIET))
            return lines
        honouring = self._honouring()
        if not honouring and self._choosing:
            words = _("these marketplaces take no choice: their stores' own setting decides")
            lines.append(plain(LEAD + words, Role.SOON))
        elif METHODS[self._method] is not None and not ways:
            lines.append(plain(LEAD + _("no store offers that: their own setting decides"), Role.SOON))
        elif 0 < len(honouring) < len(shipped):
            words = _("a choice counts for {stores}; the others go by their setting")
            lines += _with_names(words, honouring, width)
        return lines

    def _ways_lines(self, ways: Mapping[str, Arguments], width: int) -> list[Line]:
        """Which stores' parcels go as chosen, which without the slot, and that the others do not."""
        method = METHODS[self._method]
        alike: dict[str, list[str]] = {}
        for store_id, way in ways.items():
            if self._slot and _slot_of(way) is None:
                words = _("pick-up, that slot is not offered there")
            else:
                words = self._method_words(method)
            alike.setdefault(words, []).append(store_id)
        groups = sorted(alike.items(), key=lambda group: group[0] != self._method_words(method))
        lines: list[Line] = []
        for words, store_ids in groups[:-1]:
            lines += _with_names(_("{way} for {stores}").format(way=words, stores="{stores}"), store_ids, width)
        words, store_ids = groups[-1]
        alone = _("{way} for {stores}").format(way=words, stores="{stores}")
        if len(ways) == len(self._shipped_stores()):
            return [*lines, *_with_names(alone, store_ids, width)]
        together = _("{way} for {stores}; the others by their setting").format(way=words, stores=", ".join(store_ids))
        if cell_width(LEAD + together) <= width:
            return [*lines, plain(LEAD + together, Role.QUIET)]
        others = plain(LEAD + _("the others by their setting"), Role.QUIET)
        return [*lines, *_with_names(alone, store_ids, width), others]

    def _method_words(self, method: str | None) -> str:
        if method is None:
            return _("as the store's setting says")
        if method == "DROP_OFF":
            return _("drop-off")
        slots = self._slots()
        if self._slot and self._slot <= len(slots):
            return _("pick-up {slot}").format(slot=self._slot_words(slots[self._slot - 1]))
        return _("pick-up")

    def _slot_words(self, slot: tuple[int, int]) -> str:
        return f"{moment_words(slot[0], self.now, self.facts.zone)}-{clock_time(slot[1], self.facts.zone)}"

    # The choices.

    def options(self) -> Sequence[Option]:
        return self.handover_options()

    def handover_options(self) -> list[Option]:
        """Method and slot, where a marketplace follows a choice."""
        if not self._honouring():
            return []
        options = [Option(_("method"), self._method_words(METHODS[self._method]), self._turn_method)]
        slots = self._slots()
        if METHODS[self._method] == "PICKUP" and slots:
            chosen = self._slot_words(slots[self._slot - 1]) if self._slot else _("none")
            options.append(Option(_("slot"), chosen, self._turn_slot))
        return options

    def _turn_method(self) -> None:
        self._method = (self._method + 1) % len(METHODS)
        self._slot = 0

    def _turn_slot(self) -> None:
        self._slot = (self._slot + 1) % (len(self._slots()) + 1)

    def _shipped_stores(self) -> list[str]:
        return sorted({target.store_id for target in self.preview.starting(Verb.SHIP)})

    def _honouring(self) -> list[str]:
        """The stores whose marketplace follows a choice."""
        handover = self._handover or {}
        return [store_id for store_id in self._shipped_stores() if store_id in handover and handover[store_id].honoured]

    def _slots(self) -> list[tuple[int, int]]:
        """Every slot some store offers, earliest first."""
        handover = self._handover or {}
        return sorted({slot for store_id in self._honouring() for slot in handover[store_id].slots})

    # What it orders.

    def parts(self) -> Sequence[OrderPart]:
        return chain_parts(self.preview, {Verb.SHIP: self.ship_arguments()})

    def ship_arguments(self) -> Callable[[Target], Arguments]:
        """What the ship intents carry; a store that cannot follow the choice goes by its own setting."""
        ways = self._ways()
        return lambda target: ways.get(target.store_id, {})

    def _ways(self) -> dict[str, Arguments]:
        """What the parcels of each store carry that can follow the choice."""
        method = METHODS[self._method]
        slots = self._slots()
        slot = slots[self._slot - 1] if self._slot else None
        by_store: dict[str, Arguments] = {}
        for store_id in self._honouring() if method is not None else ():
            offer = (self._handover or {})[store_id]
            if (method == "PICKUP" and not offer.can_pickup) or (method == "DROP_OFF" and not offer.can_drop_off):
                continue
            chosen: dict[str, object] = {"method": method}
            if slot is not None and slot in offer.slots:
                chosen |= {"slot_start_at": slot[0], "slot_end_at": slot[1]}
            by_store[store_id] = chosen
        return by_store


def _slot_of(way: Arguments) -> object:
    """When the slot of these arguments begins (epoch s), None without one."""
    return way.get("slot_start_at")


def _with_names(sentence: str, store_ids: Sequence[str], width: int) -> list[Line]:
    """A quiet line of a strip with as many of the stores' names in place of `{stores}` as it has room for."""
    room = width - cell_width(LEAD + sentence.replace("{stores}", ""))
    return wrap(LEAD + sentence.format(stores=names_within(store_ids, room)), width, Role.QUIET, indent=len(LEAD))


def names_within(names: Sequence[str], room: int) -> str:
    """Names in `room` cells: all, else the first and how many more, as `tt-uk-1, tt-uk-2, +4`; at least one."""
    for shown in range(len(names), 0, -1):
        more = [f"+{len(names) - shown}"] if shown < len(names) else []
        said = ", ".join([*names[:shown], *more])
        if cell_width(said) <= room or shown == 1:
            return said
    return ""
