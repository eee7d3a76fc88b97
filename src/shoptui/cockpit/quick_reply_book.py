"""What quick replies are made of, as the cockpit reads it: texts, settings, and conversations with their orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoptui.config import ConfigError, config_path, load_config
from shoptui.domain.records import dataclass
from shoptui.domain.reply_values import HouseSays, Subject
from shoptui.domain.templates import QuickReply, TemplateError
from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.quick_reply import Candidate
from shoptui.quick_replies import house_says, load_quick_replies, quick_replies_path
from shoptui.store.reader import Reader

#: Conversations in one read, with their orders.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class QuickReplyBook:
    """The house's quick replies. `fault` says why there are none, "" when they could be read."""

    replies: tuple[QuickReply, ...]
    says: HouseSays
    fault: str = ""


def read_book(house: DataDir) -> QuickReplyBook:
    """The quick replies as the file has them now; blocks for the disk."""
    try:
        replies = load_quick_replies(quick_replies_path(house))
    except TemplateError as error:
        return QuickReplyBook((), HouseSays(), str(error))
    try:
        says = house_says(load_config(config_path(house)))
    except ConfigError:
        # What is wrong with the settings is said where the house is looked at; quick replies do with what they have.
        says = HouseSays()
    return QuickReplyBook(replies, says)


async def read_candidates(
    reader: Reader, ids: Sequence[int], zones: Mapping[str, str], now: int
) -> tuple[Candidate, ...]:
    """Conversations with what fills a quick reply there, in this order; `zones` has the time zone of each store."""
    found: list[Candidate] = []
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        rows = await reader.threads.rows(some, now)
        values = await reader.threads.template_values(some)
        orders = await reader.threads.linked_orders(some)
        found += [
            Candidate(row, Subject(row.store_id, row.order_no, values.get(row.row_id, {}), order, zone_of(row, zones)))
            for row in rows
            for order in [orders.get(row.row_id)]
        ]
    return tuple(found)


def zone_of(row: ThreadRow, zones: Mapping[str, str]) -> tzinfo:
    """The time zone of a thread's store, UTC where this machine does not know it."""
    try:
        return ZoneInfo(zones.get(row.store_id, ""))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
