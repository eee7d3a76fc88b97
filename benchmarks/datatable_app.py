"""What the cockpit's grid is compared with: Textual's DataTable filled with rows of the same columns."""

from __future__ import annotations

import sys
import time

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.orders import bench_stores, synthetic_orders


class TableApp(App[None]):
    """One DataTable; rings the bell once it answers keys again."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for heading, width in (
            ("LEFT", 7),
            ("KIND", 4),
            ("STORE", 8),
            ("ORDER", 20),
            ("ST", 12),
            ("ITEMS", 17),
            ("BUYER", 20),
        ):
            table.add_column(heading, width=width)
        now = int(time.time())
        for order in synthetic_orders(self._rows, bench_stores(60), now):
            due = str(order.clocks[0].due_at - now) if order.clocks else ""
            kind = order.clocks[0].kind.value if order.clocks else ""
            table.add_row(
                due, kind, order.store_id, order.order_no, order.status.value, order.lines[0].sku, order.buyer_name
            )
        self.call_after_refresh(self.call_later, self.bell)


TableApp(int(sys.argv[1])).run(mouse=False)
