"""The words of the frame's bars: status groups, tabs and the message line, from the session alone."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.cockpit.batch_watch import batch_views
from shoptui.cockpit.link import LinkState
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session, is_stale
from shoptui.command_state import Context
from shoptui.i18n import _
from shoptui.queries.types import StoreRow
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.line import LineText
from shoptui.widgets.roles import Role
from shoptui.widgets.tabs import Tab
from shoptui.words import LIVE_BELOW_S, age_words, feed_words, hold_line, marketplace_name, progress_line

Group = Sequence[CellText]

NARROW = 80
WIDE = 120
HUGE = 200

TONE_ROLES = {
    Tone.NEWS: Role.TEXT,
    Tone.GOOD: Role.OK,
    Tone.BAD: Role.MISSED,
    Tone.ASK: Role.SOON,
    Tone.SCAN: Role.SOON,
}


def status_groups(session: Session, width: int, glyphs: Glyphs = UNICODE_GLYPHS) -> list[Group]:
    """Line 1: the time and all clocks; the outbox; how old the data is; who you are."""
    counts = session.house.counts
    bands = [
        (glyphs.missed, counts.missed, " " + _("missed"), Role.MISSED),
        (glyphs.soon, counts.under_2h, " " + _("<2h"), Role.SOON),
        (glyphs.near, counts.under_12h, " " + _("<12h"), Role.NEAR),
        (glyphs.day, counts.under_24h, " " + _("<24h"), Role.DAY),
    ]
    clocks = [CellText(session.time(session.now))]
    clocks += [_count(sign, number, word if width >= NARROW else "", role) for sign, number, word, role in bands]
    outbox = [
        _count(glyphs.held, counts.going, "", Role.INFO),
        _count(glyphs.failed, counts.failed, "", Role.MISSED),
        _count(glyphs.unknown, counts.unknown, "", Role.SOON),
        _count(glyphs.decide, counts.needs_person, "", Role.SOON),
    ]
    groups: list[Group] = [clocks, outbox, *_feed_groups(session, width, glyphs)]
    who = [CellText(session.operator, Role.INFO)]
    if width >= HUGE and session.hello is not None:
        who.append(CellText(session.hello.role, Role.QUIET))
    return [*groups, who]


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


def tabs(session: Session, here: Context, width: int) -> list[Tab]:
    """Line 2: the places there are, with what is hot in each."""
    counts = session.house.counts
    failing = sum(1 for store in session.house.stores if store.feed and (store.feed.failures or store.feed.signed_out))
    names = {
        Context.ORDERS: (_("Orders"), _("Orders"), "o", counts.missed + counts.under_2h),
        Context.ACTIVITY: (_("Act"), _("Activity"), "a", counts.failed + counts.unknown + counts.needs_person),
        Context.STORES: (_("Stores"), _("Stores"), "e", failing),
    }
    return [
        Tab(long if width >= WIDE else short, hot, letter if width >= HUGE else "", place is here)
        for place, (short, long, letter, hot) in names.items()
    ]


def message_text(session: Session, *, seen_key: str, go_key: str, reads_all: bool = False) -> LineText:
    """Line n-1: the passing word, a hold that can still be taken back, the newest notice, or what is on its way.

    With `reads_all` the message is too long for its lines, and `go_key` shows all of it.
    """
    now = session.now
    word = session.notices.passing
    if word is not None:
        return LineText(_notice_pieces(word), _notice_keys(session, word, seen_key, go_key, reads_all))
    mine = [view for view in batch_views(session.house.batches) if view.operator == session.operator]
    held = [view for view in mine if view.held and view.release_at > now]
    if held:
        # What one F9 ordered may be several batches; they are released together.
        together = [(view.sum, view.held) for view in held if view.created_at == held[0].created_at]
        return LineText((CellText(hold_line(held[0].release_at - now, together), Role.INFO),))
    notice = session.notices.top
    if notice is None:
        going = next((view for view in mine if view.moving), None)
        if going is None:
            return LineText()
        return LineText((CellText(progress_line(going.sum), Role.INFO),))
    return LineText(_notice_pieces(notice), _notice_keys(session, notice, seen_key, go_key, reads_all))


def _notice_pieces(notice: Notice) -> tuple[CellText, ...]:
    role = TONE_ROLES[notice.tone]
    if not notice.said.todo:
        return (CellText(notice.said.what, role),)
    return CellText(notice.said.what, role), CellText(f"  {notice.said.todo}", Role.QUIET)


def _notice_keys(session: Session, notice: Notice, seen_key: str, go_key: str, reads_all: bool) -> tuple[CellText, ...]:
    keys: list[CellText] = []
    if session.notices.waiting:
        keys.append(CellText(f"+{session.notices.waiting}", Role.SOON))
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
