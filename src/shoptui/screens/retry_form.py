"""The strip of Activity's `e` and `s`: send a failed group again, as it was or with what mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.intents import CauseId, Intent
from shoptui.i18n import _, ngettext
from shoptui.queries.types import BatchRow
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.screens.order_ship import StoreHandover
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import (
    as_sentence,
    cause_in_full,
    cause_said,
    cause_short,
    clock_time,
    moment_words,
    orders_count,
)
from shoptui.words.said import joined

RetryPart = tuple[tuple[int, ...], dict[str, object] | None]
Slot = tuple[int, int]

PICKUP, DROP_OFF = "PICKUP", "DROP_OFF"

#: The causes for which another pick-up slot, or drop-off, is proposed.
SLOT_CAUSES = frozenset({CauseId.SLOT_GONE, CauseId.NO_SLOT})


class RetryForm(Form):
    """The question before a retry. Where pick-up failed it proposes the next slot on offer, or drop-off without one."""

    level = Level.REACH

    def __init__(
        self,
        group: BatchRow,
        intents: Sequence[Intent],
        *,
        now: int,
        zone: tzinfo,
        fixing: bool,
        retry: Callable[[Sequence[RetryPart]], None],
    ) -> None:
        super().__init__()
        self._group = group
        self._intents = list(intents)
        self._now = now
        self._zone = zone
        self._fixing = fixing
        self._retry = retry
        self._offers: dict[str, StoreHandover] | None = None
        self._slot = 0
        self._method = 0

    @property
    def wants_slots(self) -> bool:
        """Whether the proposal is another slot or way to hand over, which has to be asked for."""
        return self._fixing and self._group.cause is not None and self._group.cause.id in SLOT_CAUSES

    @property
    def one_per_store(self) -> list[Intent]:
        """One intent of each store: slots belong to the warehouse."""
        first: dict[str, Intent] = {}
        for intent in self._intents:
            first.setdefault(intent.store_id, intent)
        return list(first.values())

    def take_handover(self, answer: Answer) -> None:
        """The engine's answer about slots has come, or will not come."""
        options = answer.body.get("options", {}) if answer.ok else {}
        self._offers = {str(store_id): StoreHandover.from_answer(found) for store_id, found in options.items()}
        self.changed()

    def does(self) -> str:
        if self.wants_slots and self._offers is None:
            return ""
        return _("send {count} again").format(count=len(self._intents))

    def title(self) -> Line:
        verb = _("FIX AND RETRY {orders}") if self._fixing else _("RETRY AS IT IS: {orders}")
        return plain(verb.format(orders=orders_count(len(self._intents))))

    def title_right(self) -> Line:
        return self.held()

    def lines(self, width: int, now: int) -> list[Line]:
        self._now = now
        cause = self._group.cause
        lines: list[Line] = []
        if cause is not None:
            what = cause_in_full(cause, self._group.verb).what
            if cause.id is not CauseId.OTHER:
                what = joined(as_sentence(cause_short(cause)), what)
            lines += wrap(f" {_('failed')}   {what}", width, indent=10)
        if self.wants_slots:
            lines += self._slot_lines(width)
        elif self._fixing and cause is not None:
            words = _("Nothing can be changed from here for this cause: F9 sends the same again. {todo}")
            lines += wrap(
                f" {_('fix')}      {words.format(todo=cause_said(cause, self._group.verb).todo)}",
                width,
                Role.SOON,
                indent=10,
            )
        else:
            words = _("nothing; what was done meanwhile is not done twice")
            lines.append((text(f" {_('changes')}  ", Role.QUIET), text(words)))
        return lines

    def _slot_lines(self, width: int) -> list[Line]:
        if self._offers is None:
            return [plain("          " + _("asking which slots are free ..."), Role.QUIET)]
        methods = self._methods()
        if not methods:
            words = _("No store offers a slot or drop-off to choose: it is sent as the store's setting says.")
            return wrap(f" {_('fix')}      {words}", width, Role.SOON, indent=10)
        # With one way only there is nothing to turn: the digit stays with the slot then.
        line: Line = (text(f" {_('fix')}      ", Role.QUIET),)
        if len(methods) > 1:
            line = (*line, text("1", Role.INFO), text(" " + _("method: {method}").format(method=self._method_words())))
        elif self._chosen_method == DROP_OFF:
            line = (*line, text(_("drop-off: no other slot is offered")))
        slot = self._chosen_slot
        if slot is not None:
            digit, gap = ("2", "   ") if len(methods) > 1 else ("1", "")
            of = _("{count} of {slots}").format(count=self._slot + 1, slots=len(self._slots()))
            line = (
                *line,
                text(gap + digit, Role.INFO),
                text(" " + _("slot: {slot}").format(slot=self._slot_words(slot))),
                text("   " + of, Role.QUIET),
            )
        return [line, *self._other_lines(width)]

    def _other_lines(self, width: int) -> list[Line]:
        """How those go where the choice cannot be followed."""
        ways = [self._way(intent.store_id).get("method") for intent in self._intents]
        lines: list[Line] = []
        if self._chosen_method == PICKUP and (dropped := ways.count(DROP_OFF)):
            words = ngettext(
                "{count} goes by drop-off: no slot is offered there",
                "{count} go by drop-off: no slot is offered there",
                dropped,
            )
            lines += wrap("          " + words.format(count=dropped), width, Role.QUIET, indent=10)
        if left := ways.count(None):
            if self._chosen_method == PICKUP:
                words = _("{count} go by their store's setting: that slot is not offered there")
            else:
                words = _("{count} go by their store's setting: drop-off is not offered there")
            lines += wrap("          " + words.format(count=left), width, Role.QUIET, indent=10)
        return lines

    def hints(self) -> list[KeyHint]:
        hints = super().hints()
        if not self.wants_slots:
            return hints
        both = len(self._methods()) > 1
        if both:
            hints.append(KeyHint("1", _("next method")))
        if self._chosen_slot is not None and len(self._slots()) > 1:
            hints.append(KeyHint("2" if both else "1", _("next slot")))
        return hints

    def option(self, number: int) -> bool:
        if not self.wants_slots:
            return False
        methods = self._methods()
        both = len(methods) > 1
        if both and number == 1:
            self._method = (self._method + 1) % len(methods)
        elif number == (2 if both else 1) and self._chosen_slot is not None:
            self._slot = (self._slot + 1) % len(self._slots())
        else:
            return False
        self.changed()
        return True

    def do(self) -> None:
        if self.does():
            self.close()
            self._retry(self._parts())

    def _slots(self) -> list[Slot]:
        offers = self._offers or {}
        return sorted({slot for offer in offers.values() if offer.honoured for slot in offer.slots})

    def _methods(self) -> list[str]:
        """The ways to choose from: pick-up where it has a slot, which is what failed for want of one, and drop-off."""
        methods = [PICKUP] if self._slots() else []
        if any(offer.honoured and offer.can_drop_off for offer in (self._offers or {}).values()):
            methods.append(DROP_OFF)
        return methods

    @property
    def _chosen_method(self) -> str | None:
        methods = self._methods()
        return methods[self._method] if methods else None

    @property
    def _chosen_slot(self) -> Slot | None:
        return self._slots()[self._slot] if self._chosen_method == PICKUP else None

    def _method_words(self) -> str:
        return _("pick-up") if self._chosen_method == PICKUP else _("drop-off")

    def _slot_words(self, slot: Slot) -> str:
        return f"{moment_words(slot[0], self._now, self._zone)}-{clock_time(slot[1], self._zone)}"

    def _way(self, store_id: str) -> dict[str, object]:
        """What the intents of one store carry; empty where its own setting decides."""
        offer = (self._offers or {}).get(store_id)
        if offer is None or not offer.honoured:
            return {}
        slot = self._chosen_slot
        if slot is not None and slot in offer.slots:
            return {"method": PICKUP, "slot_start_at": slot[0], "slot_end_at": slot[1]}
        # A store that has other slots is not moved to the counter because this one is not among them.
        if offer.can_drop_off and (self._chosen_method == DROP_OFF or not offer.slots):
            return {"method": DROP_OFF}
        return {}

    def _parts(self) -> list[RetryPart]:
        """The intents by what they carry, those that follow the choice first."""
        if not self.wants_slots:
            return [(tuple(intent.intent_id for intent in self._intents), None)]
        alike: dict[tuple[tuple[str, object], ...], list[int]] = {}
        for intent in self._intents:
            alike.setdefault(tuple(self._way(intent.store_id).items()), []).append(intent.intent_id)
        return [(tuple(alike[way]), dict(way)) for way in sorted(alike, key=len, reverse=True)]
