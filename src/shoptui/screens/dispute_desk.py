"""Disputes as every place makes them: the pack is written to files, kept track of, and said where it stands."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.i18n import _, language
from shoptui.screens.forms import Choice, ChoiceForm, TextForm
from shoptui.screens.list_place import ListPlace, RowT

if TYPE_CHECKING:
    from shoptui.cockpit.dispute_pack import Gathered, Written
    from shoptui.cockpit.label_files import LabelFile
    from shoptui.domain.disputes import DisputeState
    from shoptui.queries.money import AnomalyRow
    from shoptui.screens.dispute_form import DisputeForm


class DisputeDesk(ListPlace[RowT]):
    """The part of a place that disputes what its rows are about."""

    def disputes_changed(self) -> None:
        """A pack was written, or a dispute stands somewhere else now."""

    def open_dispute(self, rows: Sequence[AnomalyRow]) -> None:
        """Ask how the pack of these differences and claims is to be made."""
        from shoptui.screens.dispute_form import DisputeForm

        form = DisputeForm(
            rows,
            self.session.data_dir.exports,
            self._make_packs,
            self._ask_folder,
            chinese=language().startswith("zh"),
            tracks=self.session.link.up,
        )
        self.post_message(self.FormWanted(form))

    def _ask_folder(self, form: DisputeForm) -> None:
        """Another folder for the packs; the strip comes back with it."""

        def enter(words: str) -> str | None:
            path = Path(words.strip()).expanduser()
            if not words.strip() or not path.is_absolute():
                return _("Give a whole path, beginning with / or ~.")
            form.folder = path
            self.call_after_refresh(self.post_message, self.FormWanted(form))
            return None

        title = _("WHERE TO: each pack gets a folder of its own in it")
        self.post_message(self.FormWanted(TextForm(title, _("folder"), enter, value=str(form.folder))))

    # The files.

    def _make_packs(self, form: DisputeForm) -> None:
        from shoptui.cockpit.dispute_pack import gather

        async def collect() -> Callable[[], None]:
            found = []
            for store_id in form.stores:
                store = self.session.store(store_id)
                if store is None:
                    continue
                rows = [row for row in form.rows if row.anomaly.store_id == store_id]
                found.append(await gather(self.house.reader, store, rows, self.session.now))
            parcels = [list(parcel) for one in found for parcel in one.parcels]

            def ask_labels() -> None:
                if not form.with_labels or not parcels:
                    self._write_packs(form, found, [])
                    return
                self.ask("documents", partial(self._labels_came, form, found), targets=parcels)

            return ask_labels

        self.session.say(_("Writing {count} lines …").format(count=len(form.ready)))
        self.read(collect, "pack", exclusive=True)

    def _labels_came(self, form: DisputeForm, found: Sequence[Gathered], answer: Answer) -> None:
        from shoptui.cockpit.label_files import LabelFile

        try:
            documents = answer.body.get("documents", []) if answer.ok else []
            labels = [LabelFile.from_answer(entry) for entry in documents]
        except (KeyError, ValueError, binascii.Error):
            labels = []
        self._write_packs(form, found, labels)

    def _write_packs(self, form: DisputeForm, found: Sequence[Gathered], labels: Sequence[LabelFile]) -> None:
        from shoptui.cockpit.dispute_pack import write
        from shoptui.dispute_files import PackError

        async def put() -> Callable[[], None]:
            written: list[Written] = []
            fault = ""
            for one in found:
                try:
                    written.append(await write(one, labels, form.folder, form.language, self.session.now))
                except PackError as error:
                    fault = str(error)
            return lambda: self._packs_written(form, written, fault)

        self.read(put, "pack", exclusive=True)

    def _packs_written(self, form: DisputeForm, written: Sequence[Written], fault: str) -> None:
        if fault:
            self.session.say(fault, tone=Tone.BAD)
        if not written:
            return
        self.disputes_changed()
        where = str(written[0].folder) if len(written) == 1 else str(written[0].folder.parent)
        if not form.track:
            if not fault:
                self.session.say(_("Written to {path}.").format(path=where), tone=Tone.GOOD)
            return
        numbers: list[int] = []
        for one in written:
            self.ask(
                "make_dispute",
                partial(self._tracked, where, numbers, len(written)),
                store_id=one.store_id,
                anomalies=[row.row_id for row in one.rows if row.row_id],
                claims=one.claims,
                amount_minor=one.pack.amount.minor,
                folder=str(one.folder),
                language=form.language.value,
            )

    # Where it stands.

    def _tracked(self, where: str, numbers: list[int], wanted: int, answer: Answer) -> None:
        if not answer.ok:
            words = _("Written to {path}, but it is not tracked: {why}").format(path=where, why=answer.say)
            self.session.say(words, tone=Tone.BAD)
            return
        numbers.append(int(answer.body["dispute_id"]))
        if len(numbers) == wanted:
            shown = ", ".join(str(number) for number in sorted(numbers))
            words = _("✓ Written to {path}; tracked as dispute {numbers}.").format(path=where, numbers=shown)
            self.session.say(words, _("Once it is handed in: menu, Dispute status."), tone=Tone.GOOD)
        self.disputes_changed()

    def ask_dispute_state(self, number: int, now: DisputeState) -> None:
        """Ask where a dispute stands, then for a note."""
        from shoptui.domain.disputes import DISPUTE_MOVES
        from shoptui.words.money import dispute_words

        states = sorted(DISPUTE_MOVES[now], key=lambda state: state.value)
        choices = [Choice((str(place),), str(place), dispute_words(state)) for place, state in enumerate(states, 1)]
        words = _("DISPUTE {number} is: {state}. What is it now?").format(number=number, state=dispute_words(now))
        chosen = lambda place: self._ask_dispute_note(number, states[place])  # noqa: E731
        self.post_message(self.FormWanted(ChoiceForm(words, choices, chosen)))

    def _ask_dispute_note(self, number: int, state: DisputeState) -> None:
        from shoptui.words.money import dispute_words

        def enter(words: str) -> str | None:
            self.ask("set_dispute", self._dispute_set, dispute_id=number, state=state.value, note=words.strip())
            return None

        title = _("DISPUTE {number}: {state}. A note, or just Enter").format(number=number, state=dispute_words(state))
        help_line = _("The ticket's number, what they answered, what came of it.")
        form = TextForm(title, _("note"), enter, help_lines=[help_line], draft=f"dispute:{number}")
        self.post_message(self.FormWanted(form))

    def _dispute_set(self, answer: Answer) -> None:
        if answer.ok:
            self.session.say(_("Noted."), tone=Tone.GOOD)
        else:
            self.session.say(answer.say, tone=Tone.BAD)
        self.disputes_changed()
