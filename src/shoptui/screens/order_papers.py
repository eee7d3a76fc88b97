"""The papers of Orders: labels printed again or saved to a file, and the pick list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from shoptui.cellwidth import cell_width, fit
from shoptui.client import Answer
from shoptui.cockpit.house import House
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session
from shoptui.domain.intents import OPEN_STATES, IntentState, Verb
from shoptui.domain.shelves import NO_SHELVES, Shelves
from shoptui.i18n import _, ngettext
from shoptui.protocol import Changed
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import reprint_preview
from shoptui.queries.types import Candidate, OrderLines
from shoptui.screens.lines import Line, fit_line, plain, rule, text
from shoptui.screens.order_desk import OrdersDesk
from shoptui.widgets.roles import Role
from shoptui.words import Said, orders_count, parcels_count, pieces_count

if TYPE_CHECKING:
    from shoptui.cockpit.label_files import LabelFile
    from shoptui.cockpit.shelf_file import ShelfFile
    from shoptui.queries.pick_list import PickList
    from shoptui.screens.counted_form import FormFacts

#: Stored labels in one request; what does not fit into its answer is asked for again.
_LABELS_AT_ONCE = 50
#: The shortest reason for a second label.
_REASON_MIN = 3
#: Orders whose lines are read at once.
_LINES_AT_ONCE = 500


class OrdersPapers(OrdersDesk):
    """What goes onto paper or into a file."""

    picks: PickList | None = None
    """The pick list in the pane, None while it shows the order under the cursor."""
    shelves: Shelves = NO_SHELVES
    """Where goods lie, as the file named in the settings had it when it was last looked at."""
    _shelf_file: ShelfFile | None = None

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session, house)
        self._to_save: list[tuple[str, ...]] = []
        """What was ordered to be saved to a file once all its labels have come: the batches of one F9 each."""

    # Ship and print; without a printer, ship and save to a file.

    def do_order_print(self, argument: str) -> None:
        from shoptui.screens.order_print import ShipPrintForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            form = ShipPrintForm(
                candidates,
                facts,
                self._order_labels,
                my_printer=self.session.memory.printer,
                chosen_printer=lambda name: self.session.change_memory(printer=name),
                judge=lambda: self.judge(form),
            )
            self.open_ship(form)
            if form.preview.ready:
                self.ask_choices(Verb.LABEL, form.one_per_store, form.take_documents)
            self.ask("printers", form.take_printers)

        self.with_candidates(go_on, "print")

    def _order_labels(self, parts: Sequence[OrderPart]) -> None:
        verbs = {verb for part in parts for verb in (part.verb, *(each for each, _args in part.then))}
        batch_ids = self.order_parts(parts)
        if Verb.PRINT not in verbs:
            self._to_save.append(batch_ids)

    def changed(self, changed: Changed) -> None:
        super().changed(changed)
        if any(batch_id in changed.batches for wanted in self._to_save for batch_id in wanted):
            self.read(self._look_for_labels, "to-save", exclusive=True)

    async def _look_for_labels(self) -> Callable[[], None]:
        """Which of the wanted labels are all there by now, or will not come."""
        there: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for wanted in self._to_save:
            intents = [one for batch_id in wanted for one in await self.house.reader.intents_of(batch_id)]
            if intents and not any(one.state in OPEN_STATES for one in intents):
                done = (one for one in intents if one.verb is Verb.LABEL and one.state is IntentState.DONE)
                there[wanted] = [(one.store_id, one.target_id) for one in done]

        def save() -> None:
            self._to_save = [wanted for wanted in self._to_save if wanted not in there]
            if targets := [target for found in there.values() for target in found]:
                self.save_labels(targets)

        return save

    # Labels: print again, save to a file.

    def do_order_reprint(self, argument: str) -> None:
        from shoptui.screens.order_print import ReprintForm

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            again = reprint_preview(candidates, facts.now)
            if not again.ready:
                form = ReprintForm(candidates, facts, self.order_parts, printer="", reason="")
                self.post_message(self.FormWanted(form))
                return
            self.ask("printers", partial(self._ask_reason, candidates, facts))

        self.with_candidates(go_on, "reprint")

    def _ask_reason(self, candidates: list[Candidate], facts: FormFacts, answer: Answer) -> None:
        """A second label wants a reason before anything else."""
        from shoptui.screens.forms import TextForm
        from shoptui.screens.order_print import ReprintForm, first_printer, printers_from

        printers = printers_from(answer)
        place = first_printer(printers, self.session.memory.printer)
        if place is None:
            self.session.say(answer.say or _("No printer is set up: save the labels to a file instead (F10 menu)."))
            return
        printer = printers[place].name

        def enter(words: str) -> str | None:
            reason = words.strip()
            if len(reason) < _REASON_MIN:
                return _("Say in a few words why it is printed again: it is kept with your name.")
            form = ReprintForm(candidates, facts, self.order_parts, printer=printer, reason=reason)
            self.post_message(self.FormWanted(form))
            return None

        orders = orders_count(reprint_preview(candidates, facts.now).orders)
        title = _("PRINT AGAIN {orders} on {printer}: why?").format(orders=orders, printer=printer)
        self.post_message(self.FormWanted(TextForm(title, _("reason"), enter)))

    def do_order_save_labels(self, argument: str) -> None:
        from shoptui.queries.admission import label_is_stored

        def go_on(candidates: list[Candidate], facts: FormFacts) -> None:
            targets = [
                (candidate.store_id, parcel.package_id)
                for candidate in candidates
                for parcel in candidate.parcels
                if label_is_stored(candidate, parcel.package_id)
            ]
            outdated = sum(parcel.label_outdated for candidate in candidates for parcel in candidate.parcels)
            if not targets:
                none = _("No label of these orders is in the house yet: p fetches them.")
                self.session.say(outdated_words(outdated) if outdated else none)
                return
            self.save_labels(targets, outdated)

        self.with_candidates(go_on, "labels")

    def save_labels(self, targets: Sequence[tuple[str, str]], outdated: int = 0) -> None:
        """Ask for stored labels and write them to a file, which the message line names.

        `outdated` labels were left out, which is said with the file.
        """
        count = len(targets)
        words = ngettext("Writing {count} label ...", "Writing {count} labels ...", count)
        self.session.say(words.format(count=count))
        self._ask_labels([list(target) for target in targets], [], outdated)

    def _ask_labels(self, targets: list[list[str]], got: list[LabelFile], outdated: int) -> None:
        from shoptui.cockpit.label_files import LabelFile

        def answered(answer: Answer) -> None:
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
                return
            got.extend(LabelFile.from_answer(item) for item in answer.body.get("documents", ()))
            left = answer.body.get("left", [])
            rest = [*left, *targets[_LABELS_AT_ONCE:]]
            if rest:
                self._ask_labels(rest, got, outdated)
            elif got:
                self._write_labels(got, outdated)
            else:
                self.session.say(_("None of these labels is in the house any more: p fetches them again."))

        self.ask("documents", answered, targets=targets[:_LABELS_AT_ONCE])

    def _write_labels(self, labels: list[LabelFile], outdated: int) -> None:
        from shoptui.cockpit.label_files import labels_folder, write_labels

        moment = datetime.fromtimestamp(self.session.now, self.session.zone)
        folder = labels_folder(self.session.data_dir)

        async def write() -> Callable[[], None]:
            said = await asyncio.to_thread(write_labels, labels, folder, moment)
            # Stays until it is seen: whoever prints them elsewhere needs the name of the file.
            told = Said(said, outdated_words(outdated) if outdated else "")
            notice = Notice(f"labels:{moment:%H%M%S}", told, Tone.GOOD, sticky=True)
            return lambda: self.session.notices.post(notice)

        self.read(write, "labels")

    # The pick list.

    def do_order_pick_list(self, argument: str) -> None:
        from shoptui.queries.pick_list import pick_list

        if self.picks is not None:
            self.leave_pane()
            return
        ids = self.target_ids()

        async def read_lines() -> Callable[[], None]:
            orders: list[OrderLines] = []
            for first in range(0, len(ids), _LINES_AT_ONCE):
                orders += await self.house.reader.order_lines(ids[first : first + _LINES_AT_ONCE])
            shelves = await self.look_for_shelves()
            found = pick_list(orders, shelves)
            return partial(self._show_picks, found, shelves)

        self.read(read_lines, "picks", exclusive=True)

    async def look_for_shelves(self) -> Shelves:
        """The shelves as their file has them now; read by a worker."""
        from shoptui.cockpit.shelf_file import ShelfFile

        if self._shelf_file is None:
            self._shelf_file = ShelfFile(self.session.data_dir)
        return NO_SHELVES if self._shelf_file.is_none else await asyncio.to_thread(self._shelf_file.look)

    def _show_picks(self, picks: PickList, shelves: Shelves) -> None:
        self.shelves = shelves
        if self._shelf_file is not None and self._shelf_file.fault:
            self.session.say(self._shelf_file.fault, tone=Tone.BAD)
        if not picks.lines:
            self.session.say(_("Nothing is to be fetched for these: all of it has gone out or is cancelled."))
            return
        self.picks = picks
        self.pane.to_top()
        self.enter_pane()

    def leave_pane(self) -> None:
        self.picks = None
        super().leave_pane()

    def do_list_export(self, argument: str) -> None:
        from shoptui.cockpit.label_files import labels_folder

        picks = self.picks
        if picks is None:
            super().do_list_export(argument)
            return
        moment = datetime.fromtimestamp(self.session.now, self.session.zone)
        folder = labels_folder(self.session.data_dir)

        async def write() -> Callable[[], None]:
            # The library of PDFs is loaded only by those who write one.
            from shoptui.cockpit.pick_files import write_pick_list

            said = await asyncio.to_thread(write_pick_list, picks, folder, moment)
            return lambda: self.session.say(said, tone=Tone.GOOD)

        self.session.say(_("Writing the pick list ..."))
        self.read(write, "export", exclusive=True)


def outdated_words(count: int) -> str:
    """That so many labels are not saved, because their parcels have other tracking numbers by now."""
    return ngettext(
        "{count} label has an old tracking number and is not saved: p fetches the new one.",
        "{count} labels have old tracking numbers and are not saved: p fetches the new ones.",
        count,
    ).format(count=f"{count:,}")


def pick_lines(picks: PickList, width: int) -> list[Line]:
    """The pick list as the pane shows it: pieces, shelf, SKU, name, how many orders and parcels, where from."""
    words = _("PICK LIST {pieces}, {orders}, {parcels}").format(
        pieces=pieces_count(picks.quantity), orders=orders_count(picks.orders), parcels=parcels_count(picks.parcels)
    )
    lines = [rule(width, plain(words), plain(_("o writes PDF and CSV, L closes"), Role.QUIET))]
    if picks.left_out:
        said = ngettext(
            "{count} order has nothing to fetch any more",
            "{count} orders have nothing to fetch any more",
            picks.left_out,
        )
        lines.append(plain(" " + said.format(count=picks.left_out), Role.QUIET))
    sku_cells = 16 if width >= 70 else 12
    shelf_cells = max((cell_width(line.shelf) + 1 for line in picks.lines if line.shelf), default=0)
    warehouse: str | None = None
    for line in picks.lines:
        if line.warehouse != warehouse:
            warehouse = line.warehouse
            if warehouse:
                lines.append(rule(width, plain(_("from {warehouse}").format(warehouse=warehouse), Role.QUIET)))
        tail = orders_count(line.orders)
        if line.parcels != line.orders:
            tail += " " + parcels_count(line.parcels)
        name_cells = max(8, width - shelf_cells - sku_cells - cell_width(tail) - 12)
        lines.append(
            fit_line(
                (
                    text(f" {line.quantity:>5}x "),
                    text(fit(line.shelf, shelf_cells)),
                    text(fit(line.sku, sku_cells), Role.INFO),
                    text(f" {fit(line.name, name_cells)} ", Role.QUIET),
                    text(tail, Role.QUIET),
                ),
                width,
            )
        )
    return lines
