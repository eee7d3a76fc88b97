"""Owns how an intent becomes a call: its arguments checked when ordered, and read again when sent."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.adapters.base import ShipRequest
from shoptui.domain.intents import Intent, ShipChoice

_SHIP_ARGUMENTS = {"method", "slot_start_at", "slot_end_at"}
#: Ways a parcel can be handed over (TikTok Shop, fulfilment 6.4).
_METHODS = ("PICKUP", "DROP_OFF")


class BadArguments(ValueError):
    """The verb's arguments make no sense; the message says which and what they may be."""


def ship_choice(arguments: Mapping[str, object]) -> ShipChoice:
    """The handover choice of a ship intent. Raises BadArguments."""
    if unknown := set(arguments) - _SHIP_ARGUMENTS:
        raise BadArguments(f"ship knows no argument {sorted(unknown)[0]}; it takes method, slot_start_at, slot_end_at.")
    method = arguments.get("method")
    if method is not None and method not in _METHODS:
        raise BadArguments("method must be PICKUP or DROP_OFF, or be left out.")
    start, end = _moment(arguments, "slot_start_at"), _moment(arguments, "slot_end_at")
    if (start is None) != (end is None):
        raise BadArguments("A pick-up slot needs both slot_start_at and slot_end_at.")
    if start is not None and end is not None and end <= start:
        raise BadArguments("A pick-up slot must end after it starts.")
    if start is not None and method == "DROP_OFF":
        raise BadArguments("A pick-up slot makes no sense with method DROP_OFF.")
    return ShipChoice(method=str(method) if method is not None else None, slot_start_at=start, slot_end_at=end)


def ship_request(intent: Intent) -> ShipRequest:
    """The adapter's request for a ship intent, whose arguments were checked when it was accepted."""
    return ShipRequest(intent.order_no, intent.target_id, ship_choice(intent.args))


def _moment(arguments: Mapping[str, object], key: str) -> int | None:
    value = arguments.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise BadArguments(f"{key} must be epoch seconds.")
    return value
