"""The words of the frame's bars: status groups, tabs and the message line, from the session alone."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.cockpit.batch_watch import BatchView, batch_views
from shoptui.cockpit.link import LinkState
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import STALE_AFTER_S, Session, is_stale
from shoptui.command_state import Context
from shoptui.domain.clocks import MINUTE_S
from shoptui.i18n import _
from shoptui.queries.types import StoreRow
from shoptui.screens.lines import width_of
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.line import LineText
from shoptui.widgets.roles import Role
from shoptui.widgets.statusline import status_text
from shoptui.widgets.tabs import Tab
from shoptui.words import LIVE_BELOW_S, age_words, feed_words, hold_line, marketplace_name, progress_line

Group = Sequence[CellText]

NARROW = 80
WIDE = 120
HUGE = 200

#: Cells of line 1 that stay free, one at each edge.
_EDGES = 2

TONE_ROLES = {
    Tone.NEWS: Role.TEXT,
    Tone.GOOD: Role.OK,
    Tone.BAD: Role.MISSED,
    Tone.ASK: Role.SOON,
    Tone.SCAN: Role.SOON,
}


def status_groups(session: Session, width: int, glyphs: Glyphs = UNICODE_GLYPHS) -> list[Group]:
    """Line 1: the time and all clocks; the outbox; how old the data is; who you are.

    What does not fit goes in turn: the words of the calmer clocks first, then those of all, then what the outbox counts
    none of, then the calmer clocks. The operator's name stays: it says who orders from here.
    """
    ways = [(spoken, False, 4) for spoken in ((4, 3, 2, 1, 0) if width >= NARROW else (0,))]
    ways += [(0, True, bands) for bands in (4, 3, 2)]
    groups: list[Group] = []
    for spoken, only_some, bands in ways:
        groups = _status_groups(session, width, glyphs, spoken=spoken, only_some=only_some, bands=bands)
        if width_of(status_text(groups, glyphs).left) <= width - _EDGES:
            break
    return groups


def _status_groups(
    session: Session, width: int, glyphs: Glyphs, *, spoken: int, only_some: bool, bands: int
) -> list[Group]:
    """Line 1 with the first `bands` clocks, `spoken` of them with a word; `only_some` omits the outbox's noughts."""
    counts = session.house.counts
    clocks = [
        (glyphs.missed, counts.missed, " " + _("missed"), Role.MISSED),
        (glyphs.soon, counts.under_2h, " " + _("<2h"), Role.SOON),
        (glyphs.near, counts.under_12h, " " + _("<12h"), Role.NEAR),
        (glyphs.day, counts.under_24h, " " + _("<24h"), Role.DAY),
    ]
    outbox = [
        (glyphs.held, counts.going, Role.INFO),
        (glyphs.failed, counts.failed, Role.MISSED),
        (glyphs.unknown, counts.unknown, Role.SOON),
        (glyphs.decide, counts.needs_person, Role.SOON),
    ]
    who = [CellText(session.operator, Role.INFO)]
    if width >= HUGE and session.hello is not None:
        who.append(CellText(session.hello.role, Role.QUIET))
    return [
        [
            CellText(session.time(session.now)),
            *(
                _count(sign, number, word if place < spoken else "", role)
                for place, (sign, number, word, role) in enumerate(clocks[:bands])
            ),
        ],
        [_count(sign, number, "", role) for sign, number, role in outbox if number or not only_some],
        *_feed_groups(session, width, glyphs),
        who,
    ]


def _count(sign: str, number: int, word: str, role: Role) -> CellText:
    return CellText(f"{sign}{number:,}{word}", role if number else Role.QUIET)


def _feed_groups(session: Session, width: int, glyphs: Glyphs) -> list[Group]:
    link = session.link
    if link.state is LinkState.CONNECTING:
        return [[CellText(_("connecting"), Role.QUIET)]]
    if not link.up:
        return [[CellText(_("NO ENGINE {time}").format(time=session.time(link.since)), Role.MISSED)]]
    now = session.now
    if width < WIDE:
        return [[_worst_store(session.house.stores, now, glyphs)]]
    ages: list[CellText] = []
    for marketplace in sorted({store.marketplace for store in session.house.stores}):
        stores = [store for store in session.house.stores if store.marketplace == marketplace]
        worst = _worst_store(stores, now, glyphs)
        ages.append(CellText(f"{marketplace_name(marketplace)} {worst.text}", worst.role))
        ages.append(CellText(""))
    groups: list[Group] = [ages[:-1]] if ages else []
    if width >= HUGE and session.hello is not None:
        up = age_words(session.hello.started_at, now)
        groups.append([CellText(_("engine {pid} up {time}").format(pid=session.hello.pid, time=up), Role.QUIET)])
    return groups


def _worst_store(stores: Sequence[StoreRow], now: int, glyphs: Glyphs) -> CellText:
    """The store whose orders are oldest, or `live` when none is old."""
    stale = [store for store in stores if not store.paused and is_stale(store.feed, False, now)]
    if not stale:
        return CellText(_("live"), Role.OK) if stores else CellText(_("no stores"), Role.QUIET)
    oldest = min(stale, key=lambda store: (store.feed.last_ok_at or 0) if store.feed else 0)
    last_ok_at = oldest.feed.last_ok_at if oldest.feed else None
    is_recent = last_ok_at is not None and now - last_ok_at < LIVE_BELOW_S
    # A store that has only just failed is not old yet: say what it fails with.
    words = feed_words(oldest, now) if is_recent else age_words(last_ok_at, now)
    return CellText(f"{glyphs.stale}{oldest.store_id} {words}", Role.SOON)


def bars_change_at(session: Session) -> int:
    """When the words of the bars change next by themselves (epoch seconds): a minute, an age or a hold."""
    now = session.now
    if _hold_words(session):
        return now + 1
    changes = [_next_minute(0, now)]
    if session.hello is not None:
        changes.append(_next_minute(session.hello.started_at, now))
    for store in session.house.stores:
        last_ok_at = store.feed.last_ok_at if store.feed is not None else None
        if last_ok_at is not None:
            old_at = last_ok_at + STALE_AFTER_S + 1
            changes.append(old_at if now < old_at else _next_minute(last_ok_at, now))
    return min(changes)


def _next_minute(since: int, now: int) -> int:
    """When the whole minutes since a moment are one more."""
    return now + MINUTE_S - (now - since) % MINUTE_S


def tabs(session: Session, here: Context, width: int) -> list[Tab]:
    """Line 2: the places there are, with what is hot in each."""
    counts = session.house.counts
    failing = sum(1 for store in session.house.stores if store.feed and (store.feed.failures or store.feed.signed_out))
    names = {
        Context.ORDERS: (_("Orders"), _("Orders"), "o", counts.missed + counts.under_2h),
        Context.INBOX: (_("Inbox"), _("Inbox"), "i", counts.replies_missed + counts.replies_under_2h),
        Context.STOCK: (_("Stock"), _("Stock"), "k", counts.stock_missed + counts.stock_under_2h),
        Context.MONEY: (_("Money"), _("Money"), "m", counts.money_missed + counts.money_under_2h),
        Context.RETURNS: (_("Ret"), _("Returns"), "r", counts.returns_missed + counts.returns_under_2h),
        Context.ACTIVITY: (_("Act"), _("Activity"), "a", counts.failed + counts.unknown + counts.needs_person),
        Context.STORES: (_("Stores"), _("Stores"), "e", failing),
    }
    return [
        Tab(long if width >= WIDE else short, hot, letter if width >= HUGE else "", place is here)
        for place, (short, long, letter, hot) in names.items()
    ]


def message_text(session: Session, *, seen_key: str, go_key: str, reads_all: bool = False) -> LineText:
    """Line n-1: a hold that can still be taken back, the passing word or newest notice, or what is on its way.

    A hold is over in seconds and z with it: it comes before everything. A passing word, which answers a key, stands
    after it; what lasts is counted and comes up when the hold is over. With `reads_all` the message is too long for
    its lines, and `go_key` shows all of it.
    """
    held = _hold_words(session)
    notice = shown_notice(session)
    if held:
        pieces: tuple[CellText, ...] = (CellText(held, Role.INFO),)
        if notice is not None:
            words = f"  {notice.said.what} {notice.said.todo}".rstrip()
            pieces = (*pieces, CellText(words, TONE_ROLES[notice.tone]))
        return LineText(pieces, _notice_keys(session, notice, seen_key, go_key, reads_all))
    if notice is None:
        going = next((view for view in _my_batches(session) if view.moving), None)
        if going is None:
            return LineText()
        return LineText((CellText(progress_line(going.sum), Role.INFO),))
    return LineText(_notice_pieces(notice), _notice_keys(session, notice, seen_key, go_key, reads_all))


def shown_notice(session: Session) -> Notice | None:
    """The notice the message line shows, None where there is none or a hold keeps those that last waiting."""
    return session.notices.passing if _hold_words(session) else session.notices.top


def _my_batches(session: Session) -> list[BatchView]:
    return [view for view in batch_views(session.house.batches) if view.operator == session.operator]


def _hold_words(session: Session) -> str:
    """The countdown of what we ordered last and can still take back, "" where nothing is held."""
    held = [view for view in _my_batches(session) if view.held and view.release_at > session.now]
    if not held:
        return ""
    # What one F9 ordered may be several batches; they are released together.
    together = [(view.sum, view.held) for view in held if view.created_at == held[0].created_at]
    return hold_line(held[0].release_at - session.now, together)


def _notice_pieces(notice: Notice) -> tuple[CellText, ...]:
    role = TONE_ROLES[notice.tone]
    if not notice.said.todo:
        return (CellText(notice.said.what, role),)
    return CellText(notice.said.what, role), CellText(f"  {notice.said.todo}", Role.QUIET)


def _notice_keys(
    session: Session, notice: Notice | None, seen_key: str, go_key: str, reads_all: bool
) -> tuple[CellText, ...]:
    keys: list[CellText] = []
    if waiting := session.notices.waiting_beside(notice):
        keys.append(CellText(f"+{waiting}", Role.SOON))
    if notice is None:
        return tuple(keys)
    if reads_all:
        keys += [CellText(go_key, Role.INFO), CellText(_("all"))]
    elif notice.goes_to:
        keys += [CellText(go_key, Role.INFO), CellText(_("go"))]
    if notice.sticky:
        keys += [CellText(seen_key, Role.INFO), CellText(_("seen"))]
    spaced: list[CellText] = []
    for number, piece in enumerate(keys):
        if number:
            spaced.append(CellText(" "))
        spaced.append(piece)
    return tuple(spaced)
