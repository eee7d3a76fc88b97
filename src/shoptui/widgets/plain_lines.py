"""A widget drawn line by line, which makes only those lines anew that were marked to be repainted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Self

from rich.style import Style
from textual.color import Color
from textual.containers import Container
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.strip import Strip
from textual.widget import Widget


def ground_lines(widget: Widget, crop: Region) -> list[Strip]:
    """The lines of a container that has nothing of its own but its ground."""
    ground = widget.visual_style.background
    assert ground is not None
    line = _blank(crop.width, ground)
    for each in widget.get_line_filters():
        line = line.apply_filter(each, ground)
    return [line] * crop.height


@lru_cache(maxsize=64)
def _blank(width: int, ground: Color) -> Strip:
    return Strip.blank(width, Style(bgcolor=ground.rich_color))


class PlainBox(Container):
    """The base of containers that have nothing of their own but their ground, and scroll nothing."""

    virtual_size = Reactive(Size(0, 0), repaint=False)
    """Textual lays the screen out and paints it once more whenever this changes, for scroll bars there are none of."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return ground_lines(self, crop)


class PlainLines(Widget):
    """The base of grids, bars and panes: `render_line` gives whole lines, each exactly as wide as the widget.

    At every frame, however little of it is new, Textual asks every visible widget for all of its lines and puts each
    together from border, padding, links and filters. This has none but the filters, and hands out what it has: with
    fifty lines on the screen that was half of what a cursor key or a turning clock cost.
    """

    virtual_size = Reactive(Size(0, 0), repaint=False)
    """As in `PlainBox`: whoever scrolls here does so by itself."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._made: list[Strip] = []
        self._made_size: Size | None = None
        self._made_filters: Sequence[LineFilter] = ()
        self._stale: set[int] = set()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint these regions anew, or everything when none is given."""
        if repaint:
            self._forget(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget(())

    def _forget(self, regions: Sequence[Region]) -> None:
        if not regions:
            self._made_size = None
        for region in regions:
            self._stale.update(region.line_range)

    def render_lines(self, crop: Region) -> list[Strip]:
        size, filters = self.size, self.get_line_filters()
        if size != self._made_size or filters != self._made_filters:
            self._made = [Strip([])] * size.height
            self._stale.update(range(size.height))
            self._made_size, self._made_filters = size, filters
        if self._stale:
            ground = self.background_colors[1]
            for y in self._stale:
                if 0 <= y < size.height:
                    self._made[y] = self._make_line(y, filters, ground)
            self._stale.clear()
        lines = self._made if crop.height == size.height else self._made[crop.y : crop.bottom]
        if crop.width == size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]

    def _make_line(self, y: int, filters: Sequence[LineFilter], ground: Color) -> Strip:
        line = self.render_line(y)
        for each in filters:
            line = line.apply_filter(each, ground)
        return line
