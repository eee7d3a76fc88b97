"""Owns what every feed does after a look that failed: how long it waits, and what the log says."""

from __future__ import annotations

import logging

from shoptui.adapters.base import AdapterError, AuthError, RateLimited
from shoptui.engine import feed_state
from shoptui.engine.house import House
from shoptui.engine.schedule import backoff_s, spread
from shoptui.queries.types import FeedRow

log = logging.getLogger(__name__)

#: A signed-out store is tried this often: only a person helps, and the calls count against the app.
_SIGNED_OUT_S = 300.0
#: A store without the permission is asked again this often, or when somebody wants to know.
NOT_PERMITTED_S = 3600.0
#: Whatever is read beside orders is looked for this often while the orders have not been read: they come first.
AFTER_ORDERS_S = 1.0


def gone_wrong(house: House, row: FeedRow, error: AdapterError, wait_s: float | None = None) -> FeedRow:
    """The feed's row after a failure, which is logged; `wait_s` None waits as is usual after such an error."""
    failures = row.failures + 1
    if wait_s is None and isinstance(error, AuthError):
        wait_s = spread(_SIGNED_OUT_S, house.dice)
    elif wait_s is None:
        asked = error.retry_after_s if isinstance(error, RateLimited) else None
        wait_s = backoff_s(failures, house.dice, at_least_s=asked)
    if failures & (failures - 1) == 0:
        # The first of a row, then ever fewer. Kind and code only: a marketplace's words may quote a buyer.
        kind = type(error).__name__
        log.warning("%s: reading %s failed %d times: %s %s", row.store_id, row.feed, failures, kind, error.code)
    return feed_state.failed(row, error, house.now(), house.clock.now() + wait_s)
