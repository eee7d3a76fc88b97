"""The sentences about stores that come and go."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.i18n import _, ngettext
from shoptui.queries.types import FeedRow

#: Intents in these states have not left the house: a removed store's are given up.
_UNSENT = ("held", "queued")
#: These may have reached the marketplace.
_UNDER_WAY = ("sending", "unknown", "needs_person")


def removal_lines(orders: int, queue: Mapping[str, int]) -> list[str]:
    """What removing a store means, a sentence for each thing.

    `orders` counts its cached orders; `queue` what is ordered there and not settled, by state.
    """
    lines = [
        ngettext(
            "{count} cached order goes, with all that is known of its buyer. The marketplace keeps its own.",
            "{count} cached orders go, with all that is known of their buyers. The marketplace keeps its own.",
            orders,
        ).format(count=f"{orders:,}")
    ]
    unsent = sum(queue.get(state, 0) for state in _UNSENT)
    if unsent:
        lines.append(
            ngettext(
                "{count} thing ordered here has not been sent: it is given up.",
                "{count} things ordered here have not been sent: they are given up.",
                unsent,
            ).format(count=unsent)
        )
    under_way = sum(queue.get(state, 0) for state in _UNDER_WAY)
    if under_way:
        lines.append(
            ngettext(
                "{count} may have been sent: it stays in Activity, and only the seller's account can tell.",
                "{count} may have been sent: they stay in Activity, and only the seller's account can tell.",
                under_way,
            ).format(count=under_way)
        )
    lines.append(_("Notes, tags and the audit log stay. Connecting the shop again reads its orders anew."))
    return lines


def first_sync_words(feed: FeedRow) -> str:
    """How far a first sync is: `first sync 1,204 of about 3,000`."""
    expected = f"{feed.expected:,}" if feed.expected is not None else "?"
    return _("first sync {done} of about {all}").format(done=f"{feed.fetched:,}", all=expected)


def first_sync_share(feed: FeedRow) -> str:
    """The same in at most ten cells: `sync 40 %`, or how many orders there are while nobody knows of how many."""
    if not feed.expected:
        return _("sync {done}").format(done=f"{feed.fetched:,}")
    return _("sync {share} %").format(share=min(99, 100 * feed.fetched // feed.expected))
