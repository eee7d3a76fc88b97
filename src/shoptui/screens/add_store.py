"""The strip's forms for connecting stores: an app's key and secret, the link and the code, the choice of shops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import App

from shoptui.cellwidth import cell_width
from shoptui.commands import Level
from shoptui.i18n import _, ngettext
from shoptui.qr import qr_lines
from shoptui.screens.forms import Field, Form
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role

#: Shops on one page of the choice: as many as there are digits.
_PER_PAGE = 9
#: A QR code above the strip wants a terminal with this many lines.
_CODE_TERMINAL_LINES = 40


class EntryForm(Form):
    """One line that is handed in with Enter and checked elsewhere; what was wrong before stands under the field.

    Nothing typed here is kept when the form is left: it may be a secret.
    """

    def __init__(
        self,
        title: str,
        label: str,
        help_lines: Sequence[str],
        submit: Callable[[str], None],
        *,
        value: str = "",
        wrong: str = "",
        hidden: bool = False,
    ) -> None:
        super().__init__()
        # A terminal without bracketed paste pastes as fast as a scanner writes.
        self.field = Field(label, value, accepts_scan=True, hidden=hidden)
        self._title = title
        self._help = list(help_lines)
        self._submit = submit
        self._wrong = wrong
        self._asking = False
        self.gone = False
        """Whether the operator has left the form, or another one stands in its place."""

    def left(self) -> None:
        self.gone = True

    def title(self) -> Line:
        return plain(self._title)

    def lines(self, width: int, now: int) -> list[Line]:
        return [line for words in self._help for line in wrap(f" {words}", width, Role.QUIET, 1)]

    def lines_below(self, width: int) -> list[Line]:
        if self._asking:
            return [plain(" " + _("asking ..."), Role.QUIET)]
        return wrap(f" {self._wrong}", width, Role.MISSED, 1) if self._wrong else []

    def hints(self) -> list[KeyHint]:
        return [KeyHint("Enter", _("hand in")), KeyHint("Esc", _("leave, nothing is kept"))]

    def text_changed(self, value: str) -> None:
        if self._wrong and value:
            self._wrong = ""
            self.changed()

    def text_submitted(self, value: str) -> None:
        if self._asking:
            return
        if not value.strip():
            self._wrong = _("Nothing was typed or pasted yet.")
            self.changed()
            return
        self._asking = True
        self.changed()
        self._submit(value.strip())


class SignInForm(EntryForm):
    """The link for the seller's browser, and the field for what it brings back."""

    def __init__(
        self, title: str, link: str, submit: Callable[[str], None], copy: Callable[[], None], *, wrong: str = ""
    ) -> None:
        super().__init__(title, _("code or address"), (), submit, wrong=wrong)
        self.link = link
        self._copy = copy

    def lines(self, width: int, now: int) -> list[Line]:
        steps = _(
            "Open this link where the shop's seller is signed in, and agree. Then paste here the whole address the "
            "browser ends up at, or the code in it, within 30 minutes."
        )
        return [*wrap(f" {steps}", width, Role.TEXT, 1), *_whole(self.link, width)]

    def hints(self) -> list[KeyHint]:
        return [KeyHint("Enter", _("hand in")), KeyHint("F8", _("copy the link")), KeyHint("Esc", _("leave"))]

    def key(self, key: str, character: str | None) -> bool:
        if key != "f8":
            return False
        self._copy()
        return True


def code_lines(link: str, app: App[Any], width: int) -> list[Line]:
    """The link as a QR code for a page or pane of this width; nothing where the terminal has no room for all of it."""
    drawn = qr_lines(link, draw_dark=not app.current_theme.dark)
    if app.size.height < _CODE_TERMINAL_LINES or cell_width(drawn[0]) > width:
        return []
    return [plain(line) for line in drawn]


def _whole(link: str, width: int) -> list[Line]:
    """The link over as many lines as it takes, from the left edge, so that it can be marked with the terminal."""
    return [plain(link[start : start + width], Role.INFO) for start in range(0, len(link), width)]


class ChooseShopsForm(Form):
    """The shops that were opened up: digits tick, F9 takes the ticked ones in under the names shown."""

    level = Level.OURS

    def __init__(self, shops: Sequence[Mapping[str, Any]], take: Callable[[list[tuple[str, str]]], None]) -> None:
        """`shops` as the engine lists them; `take` gets (shop id, short name) of each ticked one."""
        super().__init__()
        self._shops = list(shops)
        self._take = take
        self._page = 0
        # A shop another house holds has to be wanted: both would work on its orders.
        self._ticked = {place for place, shop in enumerate(self._shops) if _is_free(shop) and not shop["elsewhere"]}

    def does(self) -> str:
        if not self._ticked:
            return ""
        return ngettext("connect {count} shop", "connect {count} shops", len(self._ticked)).format(
            count=len(self._ticked)
        )

    def title(self) -> Line:
        return plain(
            ngettext("CONNECT: the seller opened up {count} shop", "CONNECT: the seller opened up {count} shops",
                     len(self._shops)).format(count=len(self._shops))
        )  # fmt: skip

    def title_right(self) -> Line:
        pages = -(-len(self._shops) // _PER_PAGE)
        return plain(f"{self._page + 1}/{pages}", Role.QUIET) if pages > 1 else ()

    def lines(self, width: int, now: int) -> list[Line]:
        first = self._page * _PER_PAGE
        shown = list(enumerate(self._shops))[first : first + _PER_PAGE]
        lines: list[Line] = []
        for place, shop in shown:
            free = _is_free(shop)
            mark = "*" if place in self._ticked else " "
            number = f"{place - first + 1}" if free else " "
            name = shop["store_id"] or shop["here"]
            role = Role.TEXT if free else Role.QUIET
            head = (text(f" {number} ", Role.INFO), text(f"{mark} {name:<12} {shop['region']:<3} {shop['name']}", role))
            room = width - sum(cell_width(piece.text) for piece in head)
            lines.append((*head, text(_remark(shop)[: max(0, room)], Role.SOON if shop["elsewhere"] else Role.QUIET)))
        held = [shop for place, shop in shown if shop["elsewhere"]]
        if held:
            words = _("{root} of {user} holds {shop} too: both houses would ship its orders.").format(
                shop=held[0]["name"], **held[0]["elsewhere"]
            )
            lines += wrap(f" {words}", width, Role.SOON, 1)
        return lines

    def hints(self) -> list[KeyHint]:
        hints = [*super().hints(), KeyHint("1-9", _("tick"))]
        return [*hints, KeyHint("Tab", _("more"))] if len(self._shops) > _PER_PAGE else hints

    def option(self, number: int) -> bool:
        place = self._page * _PER_PAGE + number - 1
        if place >= len(self._shops) or not _is_free(self._shops[place]):
            return False
        self._ticked ^= {place}
        self.changed()
        return True

    def show_rows(self) -> bool:
        if len(self._shops) <= _PER_PAGE:
            return False
        self._page = (self._page + 1) % -(-len(self._shops) // _PER_PAGE)
        self.changed()
        return True

    def do(self) -> None:
        if self._ticked:
            chosen = [self._shops[place] for place in sorted(self._ticked)]
            self.close()
            self._take([(str(shop["shop_id"]), str(shop["store_id"])) for shop in chosen])


def _is_free(shop: Mapping[str, Any]) -> bool:
    return not shop["here"] and not shop["why_not"]


def _remark(shop: Mapping[str, Any]) -> str:
    if shop["here"]:
        return "  " + _("here already, signed in again")
    if shop["why_not"]:
        return f"  {shop['why_not']}"
    if shop["elsewhere"]:
        return "  " + _("held by another house on this machine")
    return "  " + _("cross-border") if shop["cross_border"] else ""
