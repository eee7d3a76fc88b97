"""What was read back about an intent, as operators read it: each fact with its word, moments in their own zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from shoptui.domain.intents import CauseId, IntentState
from shoptui.i18n import _
from shoptui.words.engine import own_words
from shoptui.words.intents import cause_short, state_words
from shoptui.words.times import clock_time, moment_words

#: The end of a field's name that says why the event of the same name happened.
_WHY = "_why"


def evidence_words(evidence: Mapping[str, object] | None, now: int, zone: tzinfo) -> str:
    """The facts in a row: `read 17:42  order AWAITING_COLLECTION  tracking 1152`; "" where nothing was read back.

    Statuses stand as the marketplace writes them, since they are compared with its own pages. A field this program
    does not know stands as it is, with its name.
    """
    facts = {key: value for key, value in (evidence or {}).items() if str(value).strip()}
    said: list[str] = []
    for key, value in facts.items():
        if key.endswith(_WHY) and f"{key.removesuffix(_WHY)}_at" in facts:
            continue
        words = _fact_words(key, value, now, zone)
        why = facts.get(f"{key.removesuffix('_at')}{_WHY}") if key.endswith("_at") else None
        said.append(f"{words} ({why})" if why is not None else words)
    return "  ".join(said)


def _fact_words(key: str, value: object, now: int, zone: tzinfo) -> str:
    if (template := _moment_templates().get(key)) is not None and (moment := _moment(value, now, zone)):
        return template.format(time=moment)
    if key == "kept_back":
        return _("the marketplace keeps it from the buyer")
    if key == "answer" and value == "already":
        return _("it was done already")
    if (template := _value_templates().get(key)) is not None:
        return template.format(value=_value_words(key, value))
    return f"{key} {value}"


def _value_words(key: str, value: object) -> str:
    words = str(value)
    if key == "was" and words in set(IntentState):
        return state_words(IntentState(words))
    if key == "last_answer" and words in set(CauseId):
        return cause_short(words)
    if key == "document" and words == "ready":
        return _("ready")
    if key == "store_said" and words == "nothing":
        return _("nothing")
    return own_words(words) if key in {"unreadable", "last_answer", "comment"} else words


def _moment(value: object, now: int, zone: tzinfo) -> str:
    """The time of today, `Thu 21:59` for other days; "" for what is no moment."""
    digits = str(value)
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= 11):
        return ""
    at = int(digits)
    if datetime.fromtimestamp(at, zone).date() == datetime.fromtimestamp(now, zone).date():
        return clock_time(at, zone)
    return moment_words(at, now, zone)


def _moment_templates() -> dict[str, str]:
    return {
        "read_at": _("read {time}"),
        "arranged_at": _("arranged {time}"),
        "collected_at": _("collected {time}"),
        "cancel_requested_at": _("asked to cancel {time}"),
        "cancelled_at": _("cancelled {time}"),
        "package_updated_at": _("parcel changed {time}"),
        "updated_at": _("request changed {time}"),
        "asked_since": _("asked since {time}"),
        "sent_at": _("sent {time}"),
        "store_said_at": _("said {time}"),
        "restored_at": _("restored {time}"),
        "backup_made_at": _("from the backup of {time}"),
    }


def _value_templates() -> dict[str, str]:
    return {
        "unreadable": _("could not be read: {value}"),
        "order_status": _("order {value}"),
        "item_status": _("items {value}"),
        "package": _("parcel {value}"),
        "package_status": _("parcel {value}"),
        "package_sub_status": _("in detail {value}"),
        "package_status_in_order": _("parcel in the order {value}"),
        "packages": _("parcels {value}"),
        "package_id": _("parcel no. {value}"),
        "tracking_number": _("tracking {value}"),
        "carrier": _("carrier {value}"),
        "handover": _("handed over by {value}"),
        "document": _("document: {value}"),
        "bytes": _("{value} bytes"),
        "request": _("request {value}"),
        "cancel_id": _("request no. {value}"),
        "reverse_order_id": _("request no. {value}"),
        "cancellation": _("cancellation {value}"),
        "buyers_reason": _("the buyer says: {value}"),
        "note": _("note: {value}"),
        "comment": _("comment: {value}"),
        "warning": _("warning: {value}"),
        "printer": _("printer {value}"),
        "job": _("job {value}"),
        "was": _("before: {value}"),
        "decided_by": _("decided by {value}"),
        "last_answer": _("last answer: {value}"),
        "message_id": _("message no. {value}"),
        "messages_since": _("messages since: {value}"),
        "store_said": _("the store said: {value}"),
    }
