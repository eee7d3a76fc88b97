"""Owns the checks of the house: engine, clocks, stores, databases, backups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shoptui import __version__
from shoptui.doctor.finding import Finding, State
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.i18n import _, ngettext
from shoptui.paths import DataDir
from shoptui.queries.types import FeedRow, StoreRow

#: Signed calls are refused from a few minutes on (TikTok Shop: five).
_CLOCK_WARN_S, _CLOCK_BAD_S = 30.0, 240.0
_LAG_WARN_S, _LAG_BAD_S = 900, 3600
_DAY_S = 86_400
_AUTHORISATION_WARN_S = 7 * _DAY_S


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine answered. `gone`: none listens; `refused`: why it does not talk to us, "" when it does.

    `status` is its answer to `status`, empty without one.
    """

    gone: bool = False
    refused: str = ""
    version: str = ""
    role: str = ""
    pid: int = 0
    status: Mapping[str, Any] = field(default_factory=dict)


def check_engine(data_dir: DataDir, facts: EngineFacts) -> list[Finding]:
    """The engine itself, and what waits for a person."""
    if facts.gone and data_dir.shared:
        said = _("The shared engine does not run: nothing is read and nothing goes out.")
        return [Finding("engine", State.BAD, said, "systemctl start shoptui-engine")]
    if facts.gone:
        said = _("None runs now: nothing is read and nothing goes out.")
        return [Finding("engine", State.WARN, said, _("The next cockpit starts it; so does `shoptui engine`."))]
    if facts.refused:
        return [Finding("engine", State.BAD, facts.refused)]
    found = [_engine(facts)]
    waiting = int(facts.status.get("queue", {}).get("needs_person", 0))
    if waiting:
        said = ngettext("{count} order waits for a decision.", "{count} orders wait for a decision.", waiting)
        found.append(Finding("decisions", State.WARN, said.format(count=waiting), _("In the cockpit: g a.")))
    return found


def _engine(facts: EngineFacts) -> Finding:
    about = _("{version}, process {pid}; you are {role}").format(version=facts.version, pid=facts.pid, role=facts.role)
    if facts.version != __version__:
        said = _("{about}; this program is {ours}").format(about=about, ours=__version__)
        return Finding(
            "engine", State.WARN, said, _("Restart it: `shoptui engine --stop`; the next one is the new one.")
        )
    return Finding("engine", State.OK, about)


def check_clocks(facts: EngineFacts) -> list[Finding]:
    """How far this machine's clock is from the marketplaces', as the engine saw it at their last answers."""
    clocks = facts.status.get("clocks", [])
    if not clocks:
        why = _("No engine to ask.") if facts.gone or facts.refused else _("No marketplace has answered yet.")
        return [Finding("clock", State.UNKNOWN, why)]
    return [_clock(str(clock["marketplace"]), float(clock["off_s"])) for clock in clocks]


def _clock(marketplace: str, off_s: float) -> Finding:
    seconds = round(abs(off_s))
    if seconds < _CLOCK_WARN_S:
        said = _("{marketplace}: ours is right within {seconds} s").format(
            marketplace=marketplace, seconds=max(1, seconds)
        )
        return Finding(f"clock:{marketplace}", State.OK, said)
    words = _("ours is {seconds} s ahead") if off_s > 0 else _("ours is {seconds} s behind")
    said = f"{marketplace}: {words.format(seconds=seconds)}"
    todo = _("Let the machine set its clock by itself: timedatectl set-ntp true. Far off, every call is refused.")
    return Finding(f"clock:{marketplace}", State.BAD if seconds >= _CLOCK_BAD_S else State.WARN, said, todo)


def check_stores(stores: Sequence[StoreRow] | None, now: int) -> list[Finding]:
    """Token, lag and gaps of every store; None: there is no house to read."""
    if stores is None:
        return [Finding("stores", State.UNKNOWN, _("There is nothing to read yet."))]
    if not stores:
        return [Finding("stores", State.WARN, _("No store is connected."), "shoptui stores add")]
    return [_store(store, now) for store in stores]


def _store(store: StoreRow, now: int) -> Finding:
    """The worst that is to be said of a store."""
    name, feed = f"store:{store.store_id}", store.feed
    sign_in = f"shoptui stores sign-in {store.store_id}"
    ends_at = store.authorisation_ends_at
    if feed is not None and feed.signed_out:
        return Finding(name, State.BAD, _("It signed us out: nothing comes in, nothing goes out."), sign_in)
    if ends_at is not None and ends_at <= now:
        return Finding(name, State.BAD, _("Its authorisation has ended."), sign_in)
    if store.paused:
        return Finding(name, State.OK, _("paused"))
    if feed is None or feed.last_ok_at is None:
        said = _("It was never read.") if feed is None or not feed.error else feed.error
        return Finding(name, State.WARN, said, _("Look again when the engine runs; `shoptui logs` says more."))
    lag_s = now - feed.last_ok_at
    if feed.failures or lag_s >= _LAG_WARN_S:
        said = _("Last read {ago} ago. {error}").format(ago=_span(lag_s), error=feed.error).strip()
        state = State.BAD if lag_s >= _LAG_BAD_S else State.WARN
        return Finding(name, state, said, _("The engine tries again by itself; `shoptui logs --store` says more."))
    if ends_at is not None and ends_at - now < _AUTHORISATION_WARN_S:
        said = _("Its authorisation ends in {span}.").format(span=_span(ends_at - now))
        return Finding(name, State.WARN, said, sign_in)
    if (gap := _gap(feed)) is not None:
        here, there = gap
        said = _("{here} open orders here, {there} counted by the marketplace.").format(here=here, there=there)
        return Finding(name, State.WARN, said, _("The next full sweep looks for the rest; F5 starts it now."))
    if store.messages is not None and store.messages.not_granted:
        line = MARKETPLACES.get(store.marketplace)
        todo = (
            f"{sign_in} --chat" if line is not None and line.has_chat_apps else _("The inbox says how: open it there.")
        )
        return Finding(name, State.WARN, _("Chat is not granted: its conversations are not seen."), todo)
    words = [_("read {ago} ago").format(ago=_span(lag_s))]
    if not feed.first_done:
        words.append(_("first sync under way"))
    if ends_at is not None:
        words.append(_("authorised for {span}").format(span=_span(ends_at - now)))
    return Finding(name, State.OK, ", ".join(words))


def _gap(feed: FeedRow) -> tuple[int, int] | None:
    if feed.here is None or feed.there is None or feed.here == feed.there:
        return None
    return feed.here, feed.there


def check_databases(found: Mapping[str, str | None]) -> list[Finding]:
    """What looking the files through found: "" whole, None could not be looked at, else what is wrong."""
    return [_database(name, wrong) for name, wrong in found.items()]


def _database(name: str, wrong: str | None) -> Finding:
    if wrong is None:
        return Finding(name, State.UNKNOWN, _("Not there, or only the engine's user may look."))
    if not wrong:
        return Finding(name, State.OK, _("whole"))
    if name == "cache.db":
        return Finding(name, State.WARN, wrong, _("Restart the engine: it reads all of it anew."))
    return Finding(
        name, State.BAD, wrong, _("Copy the folder to a safe place, then `shoptui restore` the newest backup.")
    )


def check_backups(newest_at: int | None, now: int, *, oldest_h: int, looked: bool) -> list[Finding]:
    """How old the newest backup is; `looked` False: the folder may not be read by us."""
    todo = _("`shoptui backup --keep 14`, once a day by cron or the systemd timer (docs/install.md).")
    if not looked:
        return [Finding("backup", State.UNKNOWN, _("Only the engine's user may look."))]
    if newest_at is None:
        return [Finding("backup", State.WARN if oldest_h else State.OK, _("There is none."), todo if oldest_h else "")]
    said = _("The newest is {span} old.").format(span=_span(now - newest_at))
    if oldest_h and now - newest_at > oldest_h * 3600:
        return [Finding("backup", State.WARN, said, todo)]
    return [Finding("backup", State.OK, said)]


def check_settings(problems: Sequence[str]) -> list[Finding]:
    """What is wrong with the settings files."""
    if not problems:
        return [Finding("settings", State.OK, _("nothing is wrong with them"))]
    todo = _("`shoptui config check` says it again when it is mended.")
    return [Finding("settings", State.BAD, problem, todo) for problem in problems]


def _span(seconds: int) -> str:
    """A length of time in its largest unit."""
    seconds = max(0, seconds)
    for unit_s, words in ((_DAY_S, _("{count} d")), (3600, _("{count} h")), (60, _("{count} min"))):
        if seconds >= 2 * unit_s or (unit_s == 60 and seconds >= 60):
            return words.format(count=seconds // unit_s)
    return _("{count} s").format(count=seconds)
