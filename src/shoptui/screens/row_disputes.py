"""Disputes begun where orders and returns are: packs of those marked, and where a dispute about one stands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shoptui.i18n import _
from shoptui.screens.desk_place import DeskPlace, DeskRowT
from shoptui.screens.dispute_desk import DisputeDesk
from shoptui.words import orders_count

if TYPE_CHECKING:
    from shoptui.queries.money import AnomalyRow

#: So many rows are disputed at once: each is read with all that is known of it.
_ROWS_MAX = 200


class RowDisputes(DeskPlace[DeskRowT], DisputeDesk[DeskRowT]):
    """A list whose rows belong to orders, and what is disputed about them."""

    @abstractmethod
    async def disputable(self, rows: Sequence[DeskRowT]) -> list[AnomalyRow]:
        """What can be disputed about rows."""

    def dispute_about(self, row: DeskRowT) -> str:
        """By what a dispute about this very row is known, beside those about its order."""
        return row.order_no

    def disputes_changed(self) -> None:
        self.grid.clear_marks()
        # The pane says where it stands.
        self.cursor_rested()

    def do_dispute_pack(self, argument: str) -> None:
        if len(self.target_ids()) > _ROWS_MAX:
            words = _("A pack is of at most {orders}: mark fewer.")
            self.session.say(words.format(orders=orders_count(_ROWS_MAX)))
            return
        self.with_rows(self._open_pack)

    def _open_pack(self, rows: list[DeskRowT]) -> None:
        async def look() -> Callable[[], None]:
            found = await self.disputable(rows)
            return lambda: self.open_dispute(found)

        self.read(look, "targets", exclusive=True)

    def do_dispute_status(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None:
            return

        async def look() -> Callable[[], None]:
            known = await self.house.reader.money.disputed([(row.store_id, row.order_no)])
            own = [one for one in known if one.about == self.dispute_about(row)]
            found = next(iter([*own, *known]), None)
            if found is None:
                return lambda: self.session.say(_("There is no dispute about this; D makes its pack."))
            return lambda: self.ask_dispute_state(found.dispute_id, found.state)

        self.read(look, "targets", exclusive=True)
