"""The guided tour: its steps as data, which of them has been done, and where somebody goes on who left."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from enum import StrEnum

from shoptui.command_state import Context
from shoptui.commands import BY_ID, key_label, keys_under
from shoptui.domain.records import dataclass
from shoptui.i18n import _, later


@dataclass(frozen=True, slots=True)
class Sight:
    """What the tour sees of the cockpit at one moment.

    `explained` says that the clocks of an order are explained, `filtered` that not the usual list is shown.
    `order_no` is the order under the cursor and `other_no` another one of the list, "" where there is none. `asks` says
    that the strip asks for F9. `takeable` counts what can still be taken back; `going`, `failed` and `ended` count what
    is on its way, what has failed and is not ordered again, and every part of an order that has its result.
    """

    place: Context = Context.ORDERS
    explained: bool = False
    filtered: bool = False
    marked: int = 0
    asks: bool = False
    in_menu: bool = False
    takeable: int = 0
    going: int = 0
    failed: int = 0
    ended: int = 0
    order_no: str = ""
    other_no: str = ""


class Seen(StrEnum):
    """What must be seen for a step to be done."""

    EXPLAINED = "explained"
    FILTERED = "filtered"
    TWO_MARKED = "two_marked"
    ASKED = "asked"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    IN_ACTIVITY = "in_activity"
    IN_ORDERS = "in_orders"
    IN_HELP = "in_help"
    IN_MENU = "in_menu"
    ON_CODE = "on_code"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `text` is a message id; in it `{order_ship}` stands for the key of `order.ship`.

    It is done when one of `commands` has been run, or something of `seen` is there. It lapses to the step `back` when
    something of `holds` was there and nothing is any more. With `only` it is passed over where that is not there. In a
    new world the step `again` comes in its place, "" for itself. A step `aside` is not counted, and leads to `then`.
    """

    id: str
    text: str
    commands: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()
    holds: tuple[Seen, ...] = ()
    back: str = ""
    only: Seen | None = None
    again: str = ""
    aside: bool = False
    then: str = ""


STEPS: tuple[Step, ...] = (
    Step(
        "clocks",
        later("What is lost next stands first: the clock, then what it is. {row_runbook} says where it is from."),
        seen=(Seen.EXPLAINED,),
    ),
    Step(
        "filter",
        later("{go_back} leads back to the list. {filter_open} narrows it: type  due:<1d status:ship  and Enter."),
        seen=(Seen.FILTERED,),
    ),
    Step(
        "mark",
        later("{mark_toggle} marks a row and goes one down: mark two. {mark_range} marks a range, {mark_all} all."),
        seen=(Seen.TWO_MARKED, Seen.HELD),
    ),
    Step(
        "print",
        later("{order_print} ships and prints what is marked. It only asks: what goes, what is left out, and why."),
        seen=(Seen.ASKED, Seen.HELD),
        again="mark",
    ),
    Step(
        "send",
        later("{strip_do} does it. It is the only key that sends: no letter, no Enter and no scan ever does."),
        seen=(Seen.HELD,),
        holds=(Seen.ASKED,),
        back="print",
        again="mark",
    ),
    Step(
        "take_back",
        later("Nothing has been sent yet: it waits ten seconds. {undo_last} takes it back. Do that now."),
        commands=("undo.last",),
        holds=(Seen.HELD,),
        back="late",
        again="mark",
    ),
    Step(
        "late",
        later("Too late: it has gone, as it should. Mark another, {order_ship}, {strip_do}, and {undo_last} at once."),
        seen=(Seen.HELD,),
        aside=True,
        then="take_back",
        again="mark",
    ),
    Step(
        "ship",
        later("All is as it was, marks too. Now for good: {order_ship}, {strip_do}, and let the ten seconds pass."),
        seen=(Seen.SENT,),
    ),
    Step(
        "failed",
        later(
            "Not everything went. The line below stays until you have seen it; {go_notice} goes to what it is about."
        ),
        seen=(Seen.IN_ACTIVITY,),
        only=Seen.FAILED,
        again="ship",
    ),
    Step(
        "fix",
        later("What failed stands here by cause. {intent_fix} proposes what mends it."),
        commands=("intent.fix", "intent.again"),
        only=Seen.FAILED,
        again="ship",
    ),
    Step(
        "fix_send",
        later("{strip_do} sends it again. What was done already is never done twice."),
        seen=(Seen.HELD,),
        holds=(Seen.ASKED,),
        back="fix",
        only=Seen.FAILED,
        again="ship",
    ),
    Step(
        "orders",
        later("It goes on by itself. {go_screen} and o leads to the orders, from anywhere."),
        seen=(Seen.IN_ORDERS,),
    ),
    Step(
        "scan",
        later("Scan a label, or paste {code}, or press {filter_open} and type its end, {tail}: there it is."),
        seen=(Seen.ON_CODE,),
    ),
    Step(
        "help",
        later("{app_help} lists the keys that work where you are, and why others do not. Topics are at its end."),
        seen=(Seen.IN_HELP,),
    ),
    Step(
        "menu",
        later("{menu_open} has every command by number or by its name: nothing has to be remembered."),
        seen=(Seen.IN_MENU,),
    ),
    Step(
        "leave",
        later("That was all. {app_quit} leaves, and this world is thrown away. Then: shoptui, or shoptui demo."),
    ),
)

#: The step at which the tour has been taken to its end.
LAST = STEPS[-1].id

_PLACES = {step.id: place for place, step in enumerate(STEPS)}
_COUNTED = [step.id for step in STEPS if not step.aside]


class Tour:
    """Where somebody is in the tour. `keep` is told the id of each step that begins."""

    def __init__(
        self, step_id: str = "", *, keep: Callable[[str], None] = lambda step_id: None, hidden: bool = False
    ) -> None:
        """`step_id` is where to go on; one that is not known means the beginning."""
        self._place = _PLACES.get(step_id, 0)
        self._keep = keep
        self._held = False
        self.hidden = hidden
        self.code = ""
        """The number of the order to be found in the step about scanning, "" before that."""

    @property
    def step(self) -> Step:
        """The present step."""
        return STEPS[self._place]

    @property
    def position(self) -> tuple[int, int]:
        """The number of the present step, and of how many."""
        counted = self.step.then if self.step.aside else self.step.id
        return _COUNTED.index(counted) + 1, len(_COUNTED)

    def ran(self, command_id: str, sight: Sight) -> None:
        """A command was run."""
        if command_id in self.step.commands:
            self._enter(self._after(self._place), sight)
        else:
            self.look(sight)

    def look(self, sight: Sight) -> None:
        """The cockpit looks like this now."""
        # Each step can be done by what is there already; a lapse leads back one step, which is then looked at again.
        for _each in range(2 * len(STEPS)):
            step = self.step
            if step.id == "scan" and not self.code:
                self.code = sight.other_no or sight.order_no
            holds = any(self._is(seen, sight) for seen in step.holds)
            if any(self._is(seen, sight) for seen in step.seen):
                self._enter(self._after(self._place), sight)
            elif self._held and not holds:
                self._enter(_PLACES[step.back], sight)
                return
            else:
                self._held = holds
                return

    def turn(self, steps: int, sight: Sight) -> None:
        """Go on (1) or back (-1) without doing what the step says."""
        places = [_PLACES[step_id] for step_id in _COUNTED]
        here = places.index(_PLACES[self.step.then] if self.step.aside else self._place)
        self._enter(places[max(0, min(here + steps, len(places) - 1))], sight, passing=False)

    def begin_again(self, sight: Sight) -> None:
        """To the first step."""
        self._enter(0, sight)

    def text(self, keymap: Mapping[str, str]) -> str:
        """What the step says, with the operator's own keys (command id → keys)."""
        words = _(self.step.text)
        fields = {name for _text, name, _spec, _conversion in string.Formatter().parse(words) if name}
        return words.format(**{field: self._field(field, keymap) for field in fields})

    def _field(self, field: str, keymap: Mapping[str, str]) -> str:
        if field in {"code", "tail"}:
            code = self.code or "…"
            return code if field == "code" else code[-6:]
        command = BY_ID[field.replace("_", ".", 1)]
        return key_label(keys_under(command, keymap)[0])

    def _after(self, place: int) -> int:
        then = STEPS[place].then
        return _PLACES[then] if then else self._next(place)

    def _next(self, place: int) -> int:
        following = (later_place for later_place in range(place + 1, len(STEPS)) if not STEPS[later_place].aside)
        return next(following, place)

    def _enter(self, place: int, sight: Sight, *, passing: bool = True) -> None:
        while passing and (only := STEPS[place].only) is not None and not self._is(only, sight):
            place = self._next(place)
        if place != self._place:
            self._place = place
            self._held = False
            self.code = ""
            self._keep(self.step.id)

    def _is(self, seen: Seen, sight: Sight) -> bool:
        match seen:
            case Seen.EXPLAINED:
                return sight.explained
            case Seen.FILTERED:
                return sight.filtered
            case Seen.TWO_MARKED:
                return sight.marked >= 2
            case Seen.ASKED:
                return sight.asks
            case Seen.HELD:
                return sight.takeable > 0
            case Seen.SENT:
                return sight.ended > 0 and not sight.going
            case Seen.FAILED:
                return sight.failed > 0
            case Seen.IN_ACTIVITY:
                return sight.place is Context.ACTIVITY
            case Seen.IN_ORDERS:
                return sight.place is Context.ORDERS
            case Seen.IN_HELP:
                return sight.place is Context.HELP
            case Seen.IN_MENU:
                return sight.in_menu
            case Seen.ON_CODE:
                return self.code != "" and sight.order_no == self.code


def in_a_new_world(step_id: str) -> str:
    """The step to go on with when nothing of what was done in the old world is there."""
    place = _PLACES.get(step_id)
    return "" if place is None else STEPS[place].again or step_id
