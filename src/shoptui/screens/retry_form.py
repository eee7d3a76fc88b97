"""The strip of Activity's `e` and `s`: send a failed group again, as it was or with what mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.intents import CauseId, Intent
from shoptui.i18n import _
from shoptui.queries.types import BatchRow
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.screens.order_ship import StoreHandover
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import as_sentence, cause_said, cause_short, clock_time, moment_words, orders_count

RetryPart = tuple[tuple[int, ...], dict[str, object] | None]
Slot = tuple[int, int]

#: The causes for which another pick-up slot is proposed.
SLOT_CAUSES = frozenset({CauseId.SLOT_GONE, CauseId.NO_SLOT})


class RetryForm(Form):
    """The question before a retry. For a slot that is gone it proposes the next one each store offers."""

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

    @property
    def wants_slots(self) -> bool:
        """Whether the proposal is another pick-up slot, which has to be asked for."""
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
            lines += wrap(
                f" {_('failed')}   {as_sentence(cause_short(cause))} {cause_said(cause, self._group.verb).what}",
                width,
                indent=10,
            )
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
        slots = self._slots()
        if not slots:
            words = _("No store offers a slot that can be chosen: it is sent as the store's setting says.")
            return wrap(f" {_('fix')}      {words}", width, Role.SOON, indent=10)
        slot = slots[self._slot]
        offering = sum(1 for intent in self._intents if slot in self._offers[intent.store_id].slots)
        line: Line = (
            text(f" {_('fix')}      ", Role.QUIET),
            text("1", Role.INFO),
            text(" " + _("slot: {slot}").format(slot=self._slot_words(slot))),
            text("   " + _("{count} of {slots}").format(count=self._slot + 1, slots=len(slots)), Role.QUIET),
        )
        lines = [line]
        if offering < len(self._intents):
            words = _("{count} go by their store's setting: that slot is not offered there")
            lines.append(plain("          " + words.format(count=len(self._intents) - offering), Role.QUIET))
        return lines

    def hints(self) -> list[KeyHint]:
        hints = super().hints()
        if self.wants_slots and len(self._slots()) > 1:
            hints.append(KeyHint("1", _("next slot")))
        return hints

    def option(self, number: int) -> bool:
        slots = self._slots()
        if number != 1 or not slots:
            return False
        self._slot = (self._slot + 1) % len(slots)
        self.changed()
        return True

    def do(self) -> None:
        if self.does():
            self.close()
            self._retry(self._parts())

    def _slots(self) -> list[Slot]:
        offers = self._offers or {}
        return sorted({slot for offer in offers.values() if offer.honoured for slot in offer.slots})

    def _slot_words(self, slot: Slot) -> str:
        return f"{moment_words(slot[0], self._now, self._zone)}-{clock_time(slot[1], self._zone)}"

    def _parts(self) -> list[RetryPart]:
        """The intents with the chosen slot, and those that go without a choice."""
        everything = tuple(intent.intent_id for intent in self._intents)
        if not self.wants_slots:
            return [(everything, None)]
        slots = self._slots()
        if not slots:
            return [(everything, {})]
        slot = slots[self._slot]
        offers = self._offers or {}
        chosen = [i for i in self._intents if i.store_id in offers and slot in offers[i.store_id].slots]
        rest = [intent for intent in self._intents if intent not in chosen]
        parts: list[RetryPart] = []
        if chosen:
            arguments: dict[str, object] = {"method": "PICKUP", "slot_start_at": slot[0], "slot_end_at": slot[1]}
            parts.append((tuple(intent.intent_id for intent in chosen), arguments))
        if rest:
            parts.append((tuple(intent.intent_id for intent in rest), {}))
        return parts
