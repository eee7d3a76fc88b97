"""The Returns place: every store's return, refund and cancel requests in one list, next loss first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shoptui.queries.returns import ReturnRow
from shoptui.screens.returns_answers import ReturnsAnswers
from shoptui.screens.returns_desk import ReturnsDesk
from shoptui.screens.row_disputes import RowDisputes

if TYPE_CHECKING:
    from shoptui.queries.money import AnomalyRow


class ReturnsPlace(ReturnsDesk, ReturnsAnswers, RowDisputes[ReturnRow]):
    """The list of requests with its answers, and the pane that shows the one under the cursor."""

    async def disputable(self, rows: Sequence[ReturnRow]) -> list[AnomalyRow]:
        from shoptui.cockpit.disputable import of_returns

        return await of_returns(self.house.reader, rows, self.session.now)

    def dispute_about(self, row: ReturnRow) -> str:
        return row.return_id
