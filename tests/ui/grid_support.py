"""A list of orders for the grid's tests: rows made from their id, columns as the screens draw them, counted bytes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from shoptui.domain.clocks import DAY_S, HOUR_S, MINUTE_S
from shoptui.theme_files import load_themes
from shoptui.themes import ThemedApp
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, ClockColumn, ClockFace, Column
from shoptui.widgets.grid import ColumnChoice, Grid
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import GroupLine, RowWindow
from shoptui.widgets.quiet import QuietApp, QuietScreen
from shoptui.widgets.roles import Role

NOW = 1_784_047_320

STORES = ("tt-th-2", "sp-my-1", "lz-ph-1", "tt-vn-1", "sp-sg-1")
BUYERS = ("สมช** ใ.", "陈*华", "Nguyễn T***", "Ma. D***", "กมล** ว.", "Trần H***")
ITEMS = ("2x BAG-RD-M +1", "1x STK-CAT", "3x MUG-WH", "1x กระเป๋าผ้าแคนวาส", "2x 帆布袋 红 M 加大号")
KINDS = ("pick", "arr", "creq", "hand")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An invented order as a list shows it."""

    id: int
    due_at: int | None
    kind: str
    store: str
    tail: str
    status: str
    act: str
    items: str
    carrier: str
    buyer: str
    then_at: int | None = None
    missed: bool = False


def due_at_of(row_id: int) -> int:
    """The clock of an invented order: the lower the id the sooner, two minutes apart."""
    return NOW + 4 * MINUTE_S + (row_id * 120) % (20 * DAY_S)


def order(row_id: int, **changes: object) -> OrderRow:
    """The invented order of this id."""
    values: dict[str, object] = {
        "id": row_id,
        "due_at": due_at_of(row_id),
        "kind": KINDS[row_id % len(KINDS)],
        "store": STORES[row_id % len(STORES)],
        "tail": f"{480000 + row_id % 99999:06d}",
        "status": "ship",
        "act": "✗ c " if row_id % 7 == 3 else "   m" if row_id % 5 == 0 else "",
        "items": ITEMS[row_id % len(ITEMS)],
        "carrier": ("J&T", "SPX", "NINJA", "LEX")[row_id % 4],
        "buyer": BUYERS[row_id % len(BUYERS)],
        "then_at": due_at_of(row_id) + 7 * HOUR_S,
    }
    values.update(changes)
    return OrderRow(**values)  # type: ignore[arg-type]


def _text(name: str) -> object:
    def cell(row: OrderRow, context: CellContext) -> CellText:
        return CellText(getattr(row, name), Role.QUIET if name == "carrier" else Role.TEXT)

    return cell


def _act(row: OrderRow, context: CellContext) -> tuple[CellText, ...]:
    return tuple(CellText(sign, Role.MISSED if sign == "✗" else Role.TEXT) for sign in row.act)


def order_columns() -> tuple[AnyColumn[OrderRow], ...]:
    """The columns of the order list with all that a wide screen has."""

    def column(name: str, heading: str, width: int, **more: object) -> Column[OrderRow]:
        return Column(name, heading, width, _text(name), **more)  # type: ignore[arg-type]

    return (
        ClockColumn("clock", "NEXT LOSS", lambda row: ClockFace(row.due_at, row.missed, "?")),
        column("kind", "", 4, gap=2),
        column("store", "STORE", 8),
        column("tail", "ORDER", 6),
        column("status", "ST", 4),
        Column("act", "ACT", 4, _act, drop=9, shrink_to=2),
        column("items", "ITEMS", 17, drop=8, shrink_to=8),
        column("carrier", "CARR.", 5, drop=2),
        ClockColumn(
            "then", "THEN", lambda row: ClockFace(row.then_at, label="cxl"), 8, align="left", drop=3, urgent=False
        ),
        column("buyer", "BUYER", 13, drop=1, rest=True),
    )


def columns_for(width: int) -> Sequence[AnyColumn[OrderRow]]:
    """Up to 80 cells the buyer stands in place of the second clock, as the screens have it."""
    if width >= 100:
        return order_columns()
    without = "buyer" if width < 80 else "then"
    return tuple(column for column in order_columns() if column.id != without)


class OrderModel(RowWindow[OrderRow]):
    """Answers requests at once from invented orders, or keeps them in `asked` while `answers` is False."""

    def __init__(self, index: RowIndex, *, answers: bool = True) -> None:
        super().__init__(self._asked_for, lambda row: row.id, index=index, capacity=400)
        self.answers = answers
        self.asked: list[tuple[int, ...]] = []
        self.changed: dict[int, OrderRow] = {}

    def _asked_for(self, ids: Sequence[int]) -> None:
        self.asked.append(tuple(ids))
        if self.answers:
            self.answer()

    def answer(self) -> list[int]:
        taken: list[int] = []
        for ids in self.asked:
            taken += self.deliver([self.changed.get(row_id) or order(row_id) for row_id in ids], ids)
        self.asked.clear()
        return taken

    def change(self, row: OrderRow) -> None:
        self.changed[row.id] = row
        self.deliver([row])


def index_of(count: int, start: int = 1) -> RowIndex:
    """An index of invented orders with consecutive ids, keyed by id."""
    ids = array("q", range(start, start + count))
    return RowIndex(ids, array("q", ids))


GROUP = GroupLine(
    3,
    ClockFace(NOW + 3 * HOUR_S + 58 * MINUTE_S + 30, missed=True),
    "cxl",
    "3 missed, folded: tt-uk-1 3, we cancel, at fault   Enter opens",
    "3 missed: tt-uk-1 3, we cancel, at fault   Enter folds",
)


class GridApp(ThemedApp, QuietApp):
    """Nothing but a grid."""

    CSS = "Screen { layout: vertical; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        model: OrderModel,
        columns: ColumnChoice[OrderRow] = columns_for,
        group: GroupLine | None = None,
        theme: str = "dark",
        context: CellContext | None = None,
    ) -> None:
        super().__init__()
        self.grid: Grid[OrderRow] = Grid(model, columns, now=NOW, group=group, context=context)
        self.first_theme = theme
        self.frames: list[str] = []
        self.watch_frames: Callable[[], None] = lambda: None
        self.true_colour = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)

    def get_default_screen(self) -> Screen[object]:
        return QuietScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.install_themes(load_themes(), self.first_theme)
        self.grid.focus()

    def lines(self) -> list[str]:
        """The screen as text, one string a line."""
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """What Textual calls with each frame; a headless run would drop it."""
        if renderable is not None:
            self.frames.append(renderable.render_segments(self.true_colour))  # type: ignore[union-attr]
            self.watch_frames()
        super()._display(screen, renderable)

    def written(self) -> int:
        """Bytes sent to the terminal since the last call."""
        count = sum(len(frame.encode()) for frame in self.frames)
        self.frames.clear()
        return count


async def after(pilot: Pilot[None], app: GridApp) -> list[str]:
    """The lines once everything that was asked for is painted."""
    await pilot.pause()
    return app.lines()
