"""Account health, as far as conversations go: the chat response rate (sheet, section 11)."""

from __future__ import annotations

from typing import Any

from .call import Answer, Call

_PERIOD_S = 30 * 86_400
_WITHIN_S = 12 * 3600
_CUSTOMER_SERVICE = 3
_RESPONSE_RATE = 11
_TARGET = 70
_PER_CENT = 2


def shop_performance(call: Call) -> Answer:
    """GET get_shop_performance: per cent of the present period and the one before, null without a question."""
    now = call.now
    current, last = _rate(call, now - _PERIOD_S, now), _rate(call, now - 2 * _PERIOD_S, now - _PERIOD_S)
    failed = current is not None and current < _TARGET
    metric: dict[str, Any] = {
        "metric_type": _CUSTOMER_SERVICE,
        "metric_id": _RESPONSE_RATE,
        "parent_metric_id": 0,
        "metric_name": "response_rate",
        "current_period": current,
        "last_period": last,
        "unit": _PER_CENT,
        "target": {"value": _TARGET, "comparator": ">="},
    }
    overall = {
        "rating": 2 if failed else 3,
        "fulfillment_failed": 0,
        "listing_failed": 0,
        "custom_service_failed": int(failed),
    }
    return Answer({"overall_performance": overall, "metric_list": [metric]})


def _rate(call: Call, since: int, until: int) -> float | None:
    """Automatic answers do not count."""
    chats = call.world.chats
    asked, answered = chats.answered_in_time(call.store, since, until, _WITHIN_S, robots=False)
    return round(100 * answered / asked, 2) if asked else None
