"""The line of the guided tour: what to press next and why, above the message line; it takes no key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shoptui.cockpit.tour import Sight, Tour
from shoptui.command_state import Context
from shoptui.domain.intents import IntentState
from shoptui.i18n import _
from shoptui.screens.forms import Choice, ChoiceForm, MenuForm
from shoptui.screens.lines import Line, RoleLines, text, wrap
from shoptui.screens.orders import OrdersPlace
from shoptui.widgets.roles import Ground, Role

if TYPE_CHECKING:
    from shoptui.screens.frame import Frame

_GOING = frozenset({IntentState.HELD, IntentState.QUEUED, IntentState.SENDING})
_FAILED = frozenset({IntentState.FAILED, IntentState.NOT_DONE})
_ENDED = _FAILED | {IntentState.DONE, IntentState.UNKNOWN}


class TourLine(RoleLines):
    """Shows the present step. `looked` and `ran` are called by the frame; they change nothing but the tour."""

    DEFAULT_CSS = """
    TourLine { height: auto; display: none; }
    """

    def __init__(self, tour: Tour, keymap: Mapping[str, str]) -> None:
        super().__init__(ground=Ground.S2, id="tour")
        self.tour = tour
        self._keymap = keymap

    def looked(self, frame: Frame) -> None:
        """The bars are drawn: see whether the step is done, and say what is next."""
        self.tour.look(sight_of(frame))
        self._draw(frame)

    def ran(self, command_id: str, frame: Frame) -> None:
        """A command was run."""
        self.tour.ran(command_id, sight_of(frame))

    def _draw(self, frame: Frame) -> None:
        lines = [] if self.tour.hidden else step_lines(self.tour, self._keymap, frame.app.size.width)
        self.display = bool(lines)
        if lines and self.line_count != len(lines):
            self.styles.height = len(lines)
        self.show(lines)

    def choices(self, frame: Frame) -> ChoiceForm:
        """The form of the menu's entry: go on, back, begin again, put the line away."""
        tour = self.tour
        put_away = _("show the line again") if tour.hidden else _("put the line away; the menu brings it back")
        labels = [_("next step"), _("step before"), _("begin again"), put_away]

        def chosen(place: int) -> None:
            sight = sight_of(frame)
            if place == 3:
                tour.hidden = not tour.hidden
            elif place == 2:
                tour.begin_again(sight)
            else:
                tour.turn(1 if place == 0 else -1, sight)
            self._draw(frame)

        choices = [Choice((str(number),), str(number), label) for number, label in enumerate(labels, 1)]
        return ChoiceForm(_("TOUR: a digit"), choices, chosen)


def step_lines(tour: Tour, keymap: Mapping[str, str], width: int) -> list[Line]:
    """The present step as it is drawn: its number, then what to press and why."""
    place, count = tour.position
    head = _("Tour {place}/{count}").format(place=place, count=count)
    first, *rest = wrap(f" {head}  {tour.text(keymap)}", width - 1, indent=1)
    words = "".join(piece.text for piece in first)
    return [(text(f" {head}", Role.INFO), text(words[len(head) + 1 :])), *rest]


def sight_of(frame: Frame) -> Sight:
    """What the tour sees of the cockpit now."""
    batches, form = frame.session.house.batches, frame.strip.form
    orders = frame.places[Context.ORDERS]
    assert isinstance(orders, OrdersPlace)
    state = frame.command_state()
    row = orders.grid.cursor_row
    usual = orders.view_of("0")
    order_no = row.order_no if row is not None else ""
    others = (other for other in map(orders.window.row, orders.listed_ids[:40]) if other is not None)
    return Sight(
        place=frame.place.context,
        explained=orders.explained is not None,
        filtered=orders.filter_text != (usual.filter_text if usual is not None else ""),
        marked=len(orders.grid.marks),
        asks=form is not None and form.does() != "",
        in_menu=isinstance(form, MenuForm),
        takeable=state.takeable,
        going=sum(group.count for group in batches if group.state in _GOING),
        failed=sum(group.count for group in batches if group.state in _FAILED and not group.again),
        ended=sum(group.count for group in batches if group.state in _ENDED),
        order_no=order_no,
        other_no=next((other.order_no for other in others if other.order_no != order_no), ""),
    )
