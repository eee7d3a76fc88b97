"""The strip of `s`: what would be shipped, how, what is left out and why; F9 orders it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.clocks import countdown
from shoptui.i18n import _, countdown_units
from shoptui.queries.preview import Preview
from shoptui.queries.types import Candidate
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import clock_time, left_out_sentence, marketplace_name, moment_words, orders_count, stores_count

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


class ShipForm(Form):
    """The question before a ship order.

    `order` is called with the arguments for each store (`method`, `slot_start_at`, `slot_end_at`) when F9 counts. The
    handover choices are asked for while the strip is open already; until they are known the stores' settings apply.
    """

    level = Level.REACH

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        *,
        now: int,
        zone: tzinfo,
        out_of_sight: int,
        order: Callable[[Mapping[str, Mapping[str, object]]], None],
    ) -> None:
        super().__init__()
        self._preview = preview
        self._names = {candidate.row_id: candidate for candidate in candidates}
        self._asked = len(candidates)
        self._now = now
        self._zone = zone
        self._out_of_sight = out_of_sight
        self._order = order
        self._handover: dict[str, StoreHandover] | None = None
        self._method = 0
        self._slot = 0
        self._rows_shown = False
        self._ready_stores = list(preview.stores)

    @property
    def store_targets(self) -> list[tuple[str, str]]:
        """One package of each store, for asking how it can be handed over."""
        first: dict[str, str] = {}
        for target in self._preview.ready:
            first.setdefault(target.store_id, target.target_id)
        return list(first.items())

    def take_handover(self, answer: Answer) -> None:
        """The engine's answer about handing over has come, or will not come."""
        options = answer.body.get("options", {}) if answer.ok else {}
        self._handover = {str(store_id): StoreHandover.from_answer(found) for store_id, found in options.items()}
        self.changed()

    # What it says.

    def does(self) -> str:
        if not self._preview.ready:
            return ""
        return _("ship {count}").format(count=f"{self._preview.orders:,}")

    def title(self) -> Line:
        if not self._preview.ready:
            return plain(_("SHIP none of {orders}").format(orders=orders_count(self._asked)))
        words = _("SHIP {ready} of {orders}, {stores}").format(
            ready=f"{self._preview.orders:,}",
            orders=orders_count(self._asked),
            stores=stores_count(len(self._ready_stores)),
        )
        if self._preview.first_due_at is not None:
            left = countdown(self._preview.first_due_at, self._now, seconds=False, units=countdown_units()).text
            words += _(", first in {left}").format(left=left)
        return plain(words)

    def title_right(self) -> Line:
        if not self._preview.ready:
            return ()
        return self.held(self._preview.first_due_at, self._now)

    def lines(self, width: int, now: int) -> list[Line]:
        self._now = now
        if self._rows_shown:
            return self._row_lines()
        lines = [self._how_line()] if self._preview.ready else []
        lines += self._choice_lines()
        lines += self._left_out_lines()
        for reason, args, row_ids in self._preview.claimed:
            lines.append(plain(f" {len(row_ids)} {left_out_sentence(reason, args)}", Role.OTHER))
        if self._out_of_sight:
            words = _("{count} of the marked are out of sight: filtered out now").format(
                count=f"{self._out_of_sight:,}"
            )
            lines.append(plain(f" {words}", Role.SOON))
        return lines

    def _how_line(self) -> Line:
        by_market = [
            f"{marketplace_name(market)} {count:,}: {self._method_words()}"
            for market, count in sorted(self._preview.by_market.items())
        ]
        parcels = len(self._preview.ready)
        if parcels != self._preview.orders:
            # What is held and what comes back is counted in parcels.
            by_market.append(_("{count} parcels").format(count=f"{parcels:,}"))
        return text(f" {_('how')}       ", Role.QUIET), text("   ".join(by_market))

    def _method_words(self) -> str:
        method = METHODS[self._method]
        if method is None:
            return _("as the store's setting says")
        if method == "DROP_OFF":
            return _("drop-off")
        slots = self._slots()
        if self._slot and self._slot <= len(slots):
            return _("pick-up {slot}").format(slot=self._slot_words(slots[self._slot - 1]))
        return _("pick-up")

    def _choice_lines(self) -> list[Line]:
        if not self._preview.ready:
            return []
        if self._handover is None:
            return [plain(f"           {_('reading how they can be handed over ...')}", Role.QUIET)]
        honouring = self._honouring()
        if not honouring:
            return []
        line: Line = (text("           "), text("1", Role.INFO), text(f" {_('method')}: {self._method_words()}"))
        slots = self._slots()
        if METHODS[self._method] == "PICKUP" and slots:
            chosen = self._slot_words(slots[self._slot - 1]) if self._slot else _("none")
            line = (*line, text("   2", Role.INFO), text(f" {_('slot')}: {chosen}"))
        if len(honouring) < len(self._ready_stores):
            words = _("   for {stores}; the others go by their setting").format(stores=stores_count(len(honouring)))
            line = (*line, text(words, Role.QUIET))
        return [line]

    def _left_out_lines(self) -> list[Line]:
        left_out = self._preview.left_out
        count = sum(len(row_ids) for _reason, _args, row_ids in left_out)
        if not count:
            return [(text(f" {_('left out')}  ", Role.QUIET), text(_("none")))]
        parts = [f"{len(row_ids)} {left_out_sentence(reason, args)}" for reason, args, row_ids in left_out]
        lines: list[Line] = []
        lead = f" {_('left out')}  {count}: "
        for number, part in enumerate(parts[:4]):
            lines.append((text(lead if number == 0 else " " * len(lead), Role.QUIET), text(part)))
        if len(parts) > 4:
            lines.append(plain(" " * len(lead) + _("and {count} more reasons: Tab").format(count=len(parts) - 4)))
        return lines

    def _row_lines(self) -> list[Line]:
        lines: list[Line] = []
        for reason, args, row_ids in self._preview.left_out:
            words = left_out_sentence(reason, args)
            for row_id in row_ids:
                candidate = self._names.get(row_id)
                if candidate is not None:
                    lines.append((text(f" {candidate.store_id:<9} {candidate.order_no}  "), text(words, Role.QUIET)))
        return lines

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [KeyHint("F9", does)] if does else []
        hints.append(KeyHint("◄", _("no")))
        count = sum(len(row_ids) for _reason, _args, row_ids in self._preview.left_out)
        if count:
            label = _("back") if self._rows_shown else _("the {count} left out").format(count=count)
            hints.append(KeyHint("Tab", label))
        if self._honouring():
            hints.append(KeyHint("1-2", _("change")))
        return hints

    # What its keys do.

    def option(self, number: int) -> bool:
        if number == 1 and self._honouring():
            self._method = (self._method + 1) % len(METHODS)
            self._slot = 0
        elif number == 2 and METHODS[self._method] == "PICKUP" and self._slots():
            self._slot = (self._slot + 1) % (len(self._slots()) + 1)
        else:
            return False
        self.changed()
        return True

    def show_rows(self) -> bool:
        if not self._preview.left_out:
            return False
        self._rows_shown = not self._rows_shown
        self.changed()
        return True

    def do(self) -> None:
        if self._preview.ready:
            self.close()
            self._order(self._arguments())

    def _honouring(self) -> list[str]:
        """The stores whose marketplace follows a choice."""
        if not self._handover:
            return []
        return [
            store_id
            for store_id in self._ready_stores
            if store_id in self._handover and self._handover[store_id].honoured
        ]

    def _slots(self) -> list[tuple[int, int]]:
        """Every slot some store offers, earliest first."""
        handover = self._handover or {}
        return sorted({slot for store_id in self._honouring() for slot in handover[store_id].slots})

    def _slot_words(self, slot: tuple[int, int]) -> str:
        return f"{moment_words(slot[0], self._now, self._zone)}-{clock_time(slot[1], self._zone)}"

    def _arguments(self) -> dict[str, dict[str, object]]:
        """What the intents of each store carry; a store that cannot follow the choice goes by its own setting."""
        method = METHODS[self._method]
        if method is None:
            return {}
        slots = self._slots()
        slot = slots[self._slot - 1] if self._slot else None
        arguments: dict[str, dict[str, object]] = {}
        for store_id in self._honouring():
            offer = (self._handover or {})[store_id]
            if (method == "PICKUP" and not offer.can_pickup) or (method == "DROP_OFF" and not offer.can_drop_off):
                continue
            chosen: dict[str, object] = {"method": method}
            if slot is not None and slot in offer.slots:
                chosen |= {"slot_start_at": slot[0], "slot_end_at": slot[1]}
            arguments[store_id] = chosen
        return arguments


#: One request carries at most this many intents; more are ordered as several batches.
INTENTS_PER_ORDER = 2000


def ship_requests(
    preview: Preview, arguments: Mapping[str, Mapping[str, object]], new_batch_id: Callable[[], str]
) -> list[dict[str, Any]]:
    """The engine requests (`order`) for everything a preview found ready, each with a batch id of its own."""
    requests: list[dict[str, Any]] = []
    for first in range(0, len(preview.ready), INTENTS_PER_ORDER):
        requests.append(
            {
                "batch_id": new_batch_id(),
                "verb": "ship",
                "origin": "cockpit",
                "intents": [
                    {
                        "store_id": target.store_id,
                        "order_no": target.order_no,
                        "target_kind": "package",
                        "target_id": target.target_id,
                        "args": dict(arguments.get(target.store_id, {})),
                        "clock_due_at": target.next_at,
                    }
                    for target in preview.ready[first : first + INTENTS_PER_ORDER]
                ],
            }
        )
    return requests
