"""Which notices the state of the house deserves: alerts, results of batches, and what went on while away."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.cockpit.batch_watch import BatchView, batch_views
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session, is_stale
from shoptui.domain.clocks import HOUR_S
from shoptui.queries.types import Alert
from shoptui.words import Said, alert_said, away_line, result_line, stores_silent_said
from shoptui.words.money_alerts import MONEY_ALERTS

#: Good results older than this are not brought up again at a start; failures always are.
_GOOD_NEWS_S = 12 * HOUR_S
#: Alerts that tell of a lasting state, not of something that happened: they stand in Activity and in their own place,
#: and one line for each store would only have to be waved away at every start.
_LASTING = frozenset({"chat_not_granted"})


class HouseNotices:
    """Brings the message line up to date with the house, without showing again what was seen."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: set[tuple[str, str]] = set()
        self._away_since: int | None = None

    def away_since(self, left_at: int | None) -> None:
        """When the operator left last time (epoch seconds), None the first time."""
        self._away_since = left_at

    def seen(self, notice: Notice) -> None:
        """The operator has seen a notice: it does not come back as long as it says the same."""
        self._seen.add((notice.key, notice.said.what))

    def update(self) -> None:
        """Post what is new, withdraw what is over, and forget batches that can no longer be taken back."""
        notices = [*self._alert_notices(), *self._batch_notices()]
        fresh = [notice for notice in notices if (notice.key, notice.said.what) not in self._seen]
        keys = {notice.key for notice in fresh}
        self._session.notices.keep_only("alert:", keys)
        self._session.notices.keep_only("batch:", keys)
        for notice in fresh:
            self._session.notices.post(notice)

    def _alert_notices(self) -> list[Notice]:
        notices: list[Notice] = []
        alerts = tuple(alert for alert in self._session.house.alerts if alert.kind not in _LASTING)
        silent = [alert for alert in alerts if alert.kind == "store_silent"]
        if len(silent) > 1:
            # What cuts off several stores is one matter, and one Del.
            alerts = tuple(alert for alert in alerts if alert.kind != "store_silent")
            notices.append(self._many_silent(silent))
        for alert in reversed(alerts):
            store = str(alert.args.get("store", ""))
            goes_to = f"store:{store}" if store and alert.kind != "set_aside" else f"alert:{alert.alert_id}"
            if alert.kind in MONEY_ALERTS:
                goes_to = f"money:{store}/{alert.args.get('statement', '')}"
            said = alert_said(alert, self._session.time)
            key, alert_ids = f"alert:{alert.alert_id}", (alert.alert_id,)
            notices.append(Notice(key, said, Tone.BAD, sticky=True, goes_to=goes_to, alert_ids=alert_ids))
        return notices

    def _many_silent(self, silent: Sequence[Alert]) -> Notice:
        first = min(silent, key=lambda alert: alert.raised_at)
        read = [store for store in self._session.house.stores if not store.paused]
        others = sum(1 for store in read if not is_stale(store.feed, False, self._session.now))
        said = stores_silent_said(len(silent), self._session.time(first.raised_at), others)
        alert_ids = tuple(alert.alert_id for alert in silent)
        goes_to = f"store:{first.args.get('store', '')}"
        return Notice("alert:stores_silent", said, Tone.BAD, sticky=True, goes_to=goes_to, alert_ids=alert_ids)

    def _batch_notices(self) -> list[Notice]:
        notices: list[Notice] = []
        for view in reversed(batch_views(self._session.house.batches)):
            if view.takeable == 0:
                self._session.undo.drop_batch(view.batch_id)
            if view.operator != self._session.operator or view.acked or view.moving or not self._is_news(view):
                continue
            notices.append(
                Notice(
                    f"batch:{view.batch_id}",
                    Said(self._words(view)),
                    _tone(view),
                    sticky=True,
                    goes_to=f"batch:{view.batch_id}",
                    batch_id=view.batch_id,
                )
            )
        return notices

    def _is_news(self, view: BatchView) -> bool:
        if view.sum.in_trouble:
            return True
        return view.settled_at is not None and self._session.now - view.settled_at < _GOOD_NEWS_S

    def _words(self, view: BatchView) -> str:
        left = self._away_since
        if left is not None and view.settled_at is not None and view.settled_at > left >= view.created_at:
            return away_line(self._session.now - left, view.sum)
        return result_line(view.sum)


def _tone(view: BatchView) -> Tone:
    if any(each.failed for each in view.sum.steps):
        return Tone.BAD
    return Tone.ASK if view.sum.in_trouble else Tone.GOOD
