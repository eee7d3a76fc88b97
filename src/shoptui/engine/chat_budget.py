"""Owns how often conversations may be asked for: the marketplace's pace, within the day's calls."""

from __future__ import annotations

from collections.abc import Callable

from shoptui.adapters.chat import ChatPace
from shoptui.engine.feed_state import MESSAGES
from shoptui.engine.house import House

_DAY_S = 86400
#: The share of a day's calls that looks alone may use; the rest is for messages and replies.
_FOR_LOOKS = 0.5
#: From this share of a day's calls on the budget counts as nearly used, and looks become rare.
NEARLY_USED = 0.9
_STRETCH = 4
#: The share of a day's calls for reading again what nobody tells of, and how many threads that is at most in one go.
_FOR_AGAIN = 0.1
_AGAIN_MOST = 40
#: Feeds whose calls count against the budget of chat.
_CHAT_FEEDS = frozenset({MESSAGES, "reply", "mark_read"})


class ChatBudget:
    """One app's budget for chat. `stores_of_app` says how many stores share it."""

    def __init__(self, house: House, app: str, stores_of_app: Callable[[], int]) -> None:
        self._house = house
        self._app = app
        self._stores_of_app = stores_of_app

    def interval_s(self, pace: ChatPace, *, near: bool) -> float:
        """Seconds until the next look; `near`: a reply clock has less than two hours left."""
        wanted = pace.near_s if near else pace.usual_s
        if pace.calls_per_day is None:
            return wanted
        affordable = _DAY_S * max(1, self._stores_of_app()) / (pace.calls_per_day * _FOR_LOOKS)
        wanted = max(wanted, affordable)
        return wanted * _STRETCH if self._nearly_used(pace.calls_per_day) else wanted

    def again_most(self, pace: ChatPace) -> int:
        """How many of a store's conversations may be read again now, each by one call."""
        if pace.again_s is None:
            return 0
        if pace.calls_per_day is None:
            return _AGAIN_MOST
        if self._nearly_used(pace.calls_per_day):
            return 0
        affordable = pace.calls_per_day * _FOR_AGAIN * pace.again_s / _DAY_S / max(1, self._stores_of_app())
        return min(_AGAIN_MOST, int(affordable))

    async def tell(self, pace: ChatPace) -> None:
        """Keep the alert about the day's budget in step with the calls that were counted."""
        alerts = self._house.alerts
        if pace.calls_per_day is not None and self._nearly_used(pace.calls_per_day):
            used, most = str(self.used()), str(pace.calls_per_day)
            # Rounded, so that a lasting condition is not written down anew at every call.
            await alerts.put(
                "chat_budget", self._app, subject_is="app", share=str(100 * int(used) // int(most)), most=most
            )
        else:
            await alerts.clear("chat_budget", self._app)

    async def tell_used_up(self) -> None:
        """The marketplace says that the day's calls are used up."""
        await self._house.alerts.put("chat_budget", self._app, subject_is="app", share="100", most="")

    def until_tomorrow_s(self) -> float:
        """Seconds until the next day begins (UTC) and a few, since no two clocks agree."""
        now = self._house.clock.wire_now()
        return _DAY_S - now % _DAY_S + 30.0

    def used(self) -> int:
        """Calls of chat that have left today, all stores of the app together."""
        rows = self._house.budget.snapshot()
        return sum(row.today for row in rows if row.app == self._app and row.feed in _CHAT_FEEDS)

    def _nearly_used(self, calls_per_day: int) -> bool:
        return self.used() >= calls_per_day * NEARLY_USED
