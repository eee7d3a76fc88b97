"""Owns alerts: conditions raised once while they last, kept in the ledger, and cleared when they are over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from shoptui.clock import Clock
from shoptui.engine.notices import NoticeHub
from shoptui.protocol import Changed
from shoptui.queries.types import Alert
from shoptui.store.errors import DiskFull
from shoptui.store.writer import Writer


class AlertBoard:
    """The engine's alerts. An alert's id is its kind and subject, so that a lasting condition is one alert.

    Kinds about a store: `signed_out`, `no_permission`, `store_silent`, `gap`, `set_aside`, `authorisation_ends`,
    `no_app`, `chat_not_granted`, `statement_changed`, `negative_balance`, `payout_overdue`. About an app:
    `chat_budget`. About a printer: `printer_stopped`. About the house: `printing_down`, `disk_full`, `cache_rebuilt`,
    `audit_broken`, `stock_oversold`, `stock_runs_out`, `stock_low`, `stock_out_of_step`.
    """

    def __init__(self, writer: Writer, hub: NoticeHub, clock: Clock) -> None:
        self._writer = writer
        self._hub = hub
        self._clock = clock
        self._raised: dict[str, Alert] = {}
        self._known_clear: set[str] = set()
        self._unsaved: dict[str, Callable[[], Awaitable[object]]] = {}

    async def load(self) -> None:
        """Take over what an earlier engine raised, so that it can be cleared."""
        # Also what an operator has seen: it stays until it is cleared, and only then is it told when it comes again.
        self._raised = {alert.alert_id: alert for alert in await self._writer.alerts(seen_too=True)}

    async def put(self, kind: str, subject: str = "", *, subject_is: str = "store", **arguments: str) -> None:
        """Raise an alert, or bring its arguments up to date; nothing happens when it is raised already.

        `subject` is among the arguments under the name `subject_is`.
        """
        alert_id = f"{kind}:{subject}" if subject else kind
        said = {subject_is: subject, **arguments} if subject else arguments
        before = self._raised.get(alert_id)
        if before is not None and dict(before.args) == said:
            return
        raised_at = before.raised_at if before is not None else int(self._clock.now())
        alert = Alert(alert_id, kind, raised_at, said)
        self._raised[alert_id] = alert
        self._known_clear.discard(alert_id)
        await self._save(alert_id, lambda: self._writer.raise_alert(alert))

    async def clear(self, kind: str, subject: str = "") -> None:
        """The condition is over; nothing happens when it was not raised."""
        await self._clear(f"{kind}:{subject}" if subject else kind)

    async def keep_only(self, kind: str, subjects: Collection[str]) -> None:
        """Clear the alerts of a kind that are about anything else than these."""
        kept = {f"{kind}:{subject}" for subject in subjects}
        for alert in self.standing():
            if alert.kind == kind and alert.alert_id not in kept:
                await self._clear(alert.alert_id)

    async def clear_store(self, store_id: str) -> None:
        """Clear whatever is about a store: it is gone."""
        for alert in self.standing():
            if alert.args.get("store") == store_id:
                await self._clear(alert.alert_id)

    async def _clear(self, alert_id: str) -> None:
        if alert_id in self._known_clear:
            return
        self._raised.pop(alert_id, None)
        self._known_clear.add(alert_id)
        await self._save(alert_id, lambda: self._writer.clear_alert(alert_id))

    def standing(self) -> tuple[Alert, ...]:
        """All alerts raised now, those included that a full disk kept out of the ledger."""
        return tuple(self._raised.values())

    async def save_rest(self) -> None:
        """Write down what a full disk refused before. Raises DiskFull while it still does."""
        for alert_id in list(self._unsaved):
            await self._unsaved[alert_id]()
            del self._unsaved[alert_id]

    async def _save(self, alert_id: str, write: Callable[[], Awaitable[object]]) -> None:
        try:
            await write()
            self._unsaved.pop(alert_id, None)
        except DiskFull:
            # The alert about the full disk is the one that cannot be written; `status` still shows it.
            self._unsaved[alert_id] = write
        self._hub.publish(Changed(alerts=True))
