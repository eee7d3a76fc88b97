"""The Stores place: how each store's link does, its feed in detail, and the engine."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoptui.client import Answer
from shoptui.cockpit.house import House
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.session import Session, is_stale
from shoptui.cockpit.undo import UndoRequest
from shoptui.command_state import Context
from shoptui.commands import Command, Level
from shoptui.domain.clocks import DAY_S, MINUTE_S, countdown
from shoptui.domain.stores import STORE_ID_MAX, store_id_fault
from shoptui.i18n import _, countdown_units, later, ngettext
from shoptui.protocol import Changed
from shoptui.queries.filter import parse
from shoptui.queries.types import FeedRow, StoreRow
from shoptui.screens.add_store import SignInForm, code_lines
from shoptui.screens.forms import ConfirmForm, TextForm
from shoptui.screens.lines import Line, plain, rule, text, wrap
from shoptui.screens.place import ViewLine
from shoptui.screens.small_list import SmallList
from shoptui.screens.store_connector import StoreConnector
from shoptui.screens.strip import Strip
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, Column
from shoptui.widgets.roles import Role
from shoptui.words import (
    age_words,
    clock_time_s,
    date_words,
    feed_words,
    gap_words,
    marketplace_name,
    own_words,
    span_words,
    stores_count,
)
from shoptui.words.stores import first_sync_share, first_sync_words, removal_lines

#: An authorisation that ends within this time is shown as urgent.
_TOKEN_SOON_S = 7 * DAY_S
_VIEW_NAMES = {"0": later("all"), "1": later("failing"), "2": later("authorisation under 7 days")}


class StoresPlace(SmallList[StoreRow]):
    """All stores, the failing ones first."""

    context = Context.STORES
    pane_context = Context.STORES

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session, house)
        self.connector = StoreConnector(self, self._stores_changed)
        self._drawn_minute = session.now // MINUTE_S

    def key_of(self, row: StoreRow) -> Hashable:
        return row.store_id

    def words_of(self, row: StoreRow) -> str:
        return f"{row.store_id} {row.name} {row.marketplace} {row.region}"

    async def read_rows(self, view: str) -> Sequence[StoreRow]:
        now = self.session.now
        rows = [row for row in await self.house.reader.stores() if _in_view(row, view, now)]
        return sorted(rows, key=lambda row: (not _failing(row), _ends_at(row) - now > _TOKEN_SOON_S, row.store_id))

    def columns_for(self, width: int) -> Sequence[AnyColumn[StoreRow]]:
        columns: list[AnyColumn[StoreRow]] = [
            Column("store", " " + _("STORE"), 9, self._store_cell),
            Column("name", _("NAME"), 18, lambda row, context: CellText(row.name), drop=2, shrink_to=8),
            Column("link", _("LINK"), 12, self._link_cell),
            Column("orders", _("ORDERS"), 6, self._age_cell, align="right"),
            Column("open", _("OPEN"), 6, lambda row, context: CellText(f"{row.open_orders:,}"), align="right"),
            Column("queue", _("QUEUE"), 5, self._queue_cell, align="right"),
            Column("token", _("TOKEN"), 6, self._token_cell, align="right"),
            Column("zone", _("ZONE"), 5, self._zone_cell, align="right", drop=1),
        ]
        if width >= 110:
            columns.append(
                Column("shop", _("SHOP"), 20, lambda row, context: CellText(row.shop_id, Role.QUIET), drop=1, rest=True)
            )
        return columns

    def _store_cell(self, row: StoreRow, context: CellContext) -> tuple[CellText, ...]:
        sign, role = " ", Role.TEXT
        if _failing(row):
            sign, role = context.glyphs.stale, Role.SOON
        elif _ends_at(row) - self.session.now <= _TOKEN_SOON_S:
            sign, role = context.glyphs.near, Role.NEAR
        return CellText(sign, role), CellText(row.store_id)

    def _link_cell(self, row: StoreRow, context: CellContext) -> CellText:
        words = feed_words(row, self.session.now)
        if row.feed is not None and not row.feed.first_done and not _failing(row) and not row.paused:
            return CellText(first_sync_share(row.feed), Role.INFO)
        if row.paused:
            return CellText(words, Role.QUIET)
        return CellText(words, Role.SOON if _failing(row) else Role.OK if words == _("good") else Role.TEXT)

    def _age_cell(self, row: StoreRow, context: CellContext) -> CellText:
        stale = is_stale(row.feed, row.paused, self.session.now)
        return CellText(
            age_words(row.feed.last_ok_at if row.feed else None, self.session.now), Role.SOON if stale else Role.TEXT
        )

    def _queue_cell(self, row: StoreRow, context: CellContext) -> CellText:
        return CellText(f"{row.waiting_intents:,}", Role.INFO if row.waiting_intents else Role.QUIET)

    def _token_cell(self, row: StoreRow, context: CellContext) -> CellText:
        if row.authorisation_ends_at is None:
            return CellText("?", Role.QUIET)
        left = countdown(row.authorisation_ends_at, self.session.now, seconds=False, units=countdown_units())
        soon = row.authorisation_ends_at - self.session.now <= _TOKEN_SOON_S
        return CellText(left.text, Role.NEAR if soon else Role.TEXT)

    def _zone_cell(self, row: StoreRow, context: CellContext) -> CellText:
        return CellText(_zone_offset(row.time_zone, self.session.now), Role.QUIET)

    # What the frame asks.

    def view_line(self, width: int) -> ViewLine:
        name = _VIEW_NAMES.get(self.view, "")
        left: Line = (text(f"{self.view} {_(name)}", Role.INFO),)
        if self.filter_text:
            left = (*left, text(f"  {self.filter_text}"))
        stores = self.session.house.stores
        failing = sum(1 for store in stores if _failing(store))
        right: Line = (text(stores_count(len(stores))),)
        if failing:
            right = (*right, text("  " + _("{count} failing").format(count=failing), Role.SOON))
        link = self.session.link
        word = (_("engine live"), Role.OK) if link.up else (_("no engine"), Role.MISSED)
        return ViewLine(left, (*right, text(f"  {word[0]}", word[1])))

    def changed(self, changed: Changed) -> None:
        if changed.stores or changed.counts or changed.batches:
            self.read_list()

    def tick(self, now: int) -> None:
        super().tick(now)
        # Ages are in the cells: they pass without any notice.
        if now // MINUTE_S != self._drawn_minute:
            self._drawn_minute = now // MINUTE_S
            self.grid.redraw()

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        if kind == "store":
            self.turn_to("0", lambda rows: what)

    def label_of(self, command: Command) -> str:
        row = self.grid.cursor_row
        return _("Go on") if command.id == "store.pause" and row is not None and row.paused else ""

    # The pane.

    def strip_changed(self, is_open: bool) -> None:
        super().strip_changed(is_open)
        # A link in the strip has its code in the pane.
        self.show_pane()

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        form = self.screen.query_one(Strip).form
        if isinstance(form, SignInForm) and self.pane_is_side and (code := code_lines(form.link, self.app, width)):
            return code
        row = self.grid.cursor_row
        if row is None:
            return [(), plain(" " + self._nothing_here(), Role.QUIET)]
        title = (text(row.store_id), text(f"  {marketplace_name(row.marketplace)} {row.region}", Role.QUIET))
        lines = [rule(width, title, plain(_("shop {id}").format(id=row.shop_id), Role.QUIET) if width >= 60 else ())]
        if full:
            lines += wrap(f" {row.name}", width, indent=1)
        lines += self._feed_lines(row, width)
        if full:
            lines += self._more_lines(row, width)
            lines += self._engine_lines(width)
        return lines

    def _nothing_here(self) -> str:
        if self.session.house.stores:
            return _("No stores here. 0 shows all.")
        return _("No stores yet. A connects one.")

    def _feed_lines(self, row: StoreRow, width: int) -> list[Line]:
        feed = row.feed
        if feed is None:
            return [plain(" " + _("orders    not read yet"), Role.QUIET)]
        zone = self.session.zone
        good = clock_time_s(feed.last_ok_at, zone) if feed.last_ok_at is not None else _("never")
        parts = [_("last good {time}").format(time=good)]
        if feed.failures:
            times = ngettext("{count} time", "{count} times", feed.failures).format(count=feed.failures)
            parts.append(f"{own_words(feed.error)} ({times})" if feed.error else times)
        if feed.next_try_at is not None:
            parts.append(_("next try {time}, F6 tries now").format(time=clock_time_s(feed.next_try_at, zone)))
        if not feed.first_done:
            parts.append(first_sync_words(feed))
        lines = self._fact(_("orders"), "   ".join(parts), width, Role.SOON if feed.failures else Role.TEXT)
        gap = gap_words(feed, row.marketplace, self.session.time)
        differs = feed.here is not None and feed.there is not None and feed.here != feed.there
        lines += self._fact(_("gaps"), gap, width, Role.SOON if differs else Role.TEXT)
        return lines

    def _more_lines(self, row: StoreRow, width: int) -> list[Line]:
        lines: list[Line] = []
        if row.authorisation_ends_at is not None:
            ends = datetime.fromtimestamp(row.authorisation_ends_at, self.session.zone)
            day = date_words(ends.date(), self.session.local(self.session.now).date())
            words = _("renews itself until the authorisation ends {date}").format(date=f"{day} {ends:%H:%M}")
            soon = row.authorisation_ends_at - self.session.now <= _TOKEN_SOON_S
            if soon:
                words += "; " + _("a signs in again")
            lines += self._fact(_("token"), words, width, Role.NEAR if soon else Role.TEXT)
        waiting = ngettext("{count} intent waits here", "{count} intents wait here", row.waiting_intents)
        meanwhile = waiting.format(count=row.waiting_intents)
        if row.paused:
            meanwhile += _("; paused: nothing is read or sent, nothing is lost (b lets it go on)")
        elif _failing(row):
            meanwhile += _("; nothing is lost; the other stores go on")
        lines += self._fact(_("meanwhile"), meanwhile, width)
        lines += self._fact(_("zone"), f"{row.time_zone} ({_zone_offset(row.time_zone, self.session.now)})", width)
        return lines

    def _engine_lines(self, width: int) -> list[Line]:
        link, hello = self.session.link, self.session.hello
        lines = [rule(width, plain(_("Engine")))]
        if hello is None:
            words = link.say or _("not reached yet")
            return lines + wrap(f" {words}", width, Role.SOON, 1)
        if not link.up:
            since = self.session.time(link.since)
            words = _("gone since {time}. {why}").format(time=since, why=link.say)
            return lines + wrap(f" {words.strip()}", width, Role.MISSED, 1)
        arrangement = _("shared") if hello.shared else _("yours alone")
        up = span_words(self.session.now - hello.started_at)
        words = _("pid {pid}, version {version}, up {up}, {arrangement}").format(
            pid=hello.pid, version=hello.version, up=up, arrangement=arrangement
        )
        lines += wrap(f" {words}", width, indent=1)
        lines += wrap(" " + _("you are {who}, {role}").format(who=hello.operator, role=hello.role), width, indent=1)
        return lines

    def _fact(self, name: str, words: str, width: int, role: Role = Role.TEXT) -> list[Line]:
        indent = 11
        wrapped = wrap(words, width - indent, role)
        lines: list[Line] = [(text(f" {name:<{indent - 1}}"[:indent], Role.QUIET), *wrapped[0])]
        return lines + [(text(" " * indent), *line) for line in wrapped[1:]]

    # Commands.

    def do_view_pick(self, argument: str) -> None:
        if argument not in _VIEW_NAMES:
            self.session.say(_("Stores has views 0 to 2."))
            return
        self.turn_to(argument)

    def do_store_check(self, argument: str) -> None:
        rows = self.marked_rows()
        names = [row.store_id for row in rows]

        def answered(answer: Answer) -> None:
            if answer.ok:
                self.session.say(_("Reading {stores} now.").format(stores=", ".join(names[:5])), tone=Tone.GOOD)
            else:
                self.session.say(answer.say, tone=Tone.BAD)

        self.ask("sync_now", answered, store_ids=names)

    def do_store_pause(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None:
            return
        on = not row.paused

        def answered(answer: Answer) -> None:
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
                return
            undone = _("{store} goes on.") if on else _("{store} is paused again.")
            undo = UndoRequest(
                "pause_store", {"store_id": row.store_id, "on": not on}, undone.format(store=row.store_id)
            )
            self.session.undo.push(undo)
            done = (
                _("{store} is paused: nothing is read or sent there. z lets it go on.") if on else _("{store} goes on.")
            )
            self.session.say(done.format(store=row.store_id), tone=Tone.GOOD)
            self.read_list()

        self.ask("pause_store", answered, store_id=row.store_id, on=on)

    def do_store_add(self, argument: str) -> None:
        self.connector.add()

    def do_store_sign_in(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.connector.sign_in(row)

    def do_store_rename(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None:
            return

        def enter(words: str) -> str | None:
            new_id = words.strip()
            if fault := store_id_fault(new_id):
                return fault
            self.ask("store_rename", partial(self._renamed, row.store_id), store_id=row.store_id, new_id=new_id)
            return None

        title = _("RENAME {store}: its new short name").format(store=row.store_id)
        help_line = _("Up to {count} small letters, digits and dashes.").format(count=STORE_ID_MAX)
        form = TextForm(title, _("name"), enter, value=row.store_id, help_lines=[help_line])
        self.post_message(self.FormWanted(form))

    def _stores_changed(self) -> None:
        """Show what has come or gone by our own doing at once, also while rows hold still."""
        self.hold_still(False)
        self.read_list()

    def _renamed(self, store_id: str, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)
            return
        new_id = str(answer.body["store_id"])
        self.session.say(_("{store} is called {new} now.").format(store=store_id, new=new_id), tone=Tone.GOOD)
        self.hold_still(False)
        self.turn_to(self.view, lambda rows: new_id)

    def do_store_remove(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None:
            return

        async def count() -> Callable[[], None]:
            query = parse(f"store:{row.store_id}")
            orders = await self.house.reader.count(query, now=self.session.now, operator=self.session.operator)
            return lambda: self.ask("store_remove", partial(self._confirm_removal, row, orders), store_id=row.store_id)

        self.read(count, "remove", exclusive=True)

    def _confirm_removal(self, row: StoreRow, orders: int, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)
            return
        width = self.app.size.width
        body = [
            line for words in removal_lines(orders, answer.body["queue"]) for line in wrap(f" {words}", width, indent=1)
        ]
        title = _("REMOVE {store}, {name}").format(store=row.store_id, name=row.name)
        does = _("remove {store}").format(store=row.store_id)
        remove = partial(self._remove, row.store_id)
        form = ConfirmForm(Level.COSTS, title, body, does, remove, count=max(1, orders))
        self.post_message(self.FormWanted(form))

    def _remove(self, store_id: str) -> None:
        def answered(answer: Answer) -> None:
            if answer.ok:
                self.session.say(_("{store} is removed.").format(store=store_id), tone=Tone.GOOD)
                self._stores_changed()
            else:
                self.session.say(answer.say, tone=Tone.BAD)

        self.session.say(_("Removing {store}: calls on their way may finish first.").format(store=store_id))
        self.ask("store_remove", answered, store_id=store_id, sure=True)

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.copy(row.shop_id)


def _failing(row: StoreRow) -> bool:
    feed: FeedRow | None = row.feed
    return feed is not None and not row.paused and (feed.failures > 0 or feed.signed_out)


def _in_view(row: StoreRow, view: str, now: int) -> bool:
    if view == "1":
        return _failing(row)
    if view == "2":
        return _ends_at(row) - now <= _TOKEN_SOON_S
    return True


def _ends_at(row: StoreRow) -> int:
    return row.authorisation_ends_at if row.authorisation_ends_at is not None else 1 << 62


def _zone_offset(name: str, now: int) -> str:
    """A zone's distance from UTC now: `+7`, `+5:30`; the zone's name where it is not known on this machine."""
    try:
        offset = datetime.fromtimestamp(now, ZoneInfo(name)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return name
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02d}" if rest else f"{sign}{hours}"
