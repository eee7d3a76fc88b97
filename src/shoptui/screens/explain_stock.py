"""Why a pool shows its figures and its time: the sums, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from shoptui.domain.pools import cover_s
from shoptui.i18n import _
from shoptui.queries.stock import PoolDetail, StoreShows
from shoptui.words import moment_words, span_words
from shoptui.words.stock import gap_units, units_count


def explain_pool(
    detail: PoolDetail, gap_s: float, now: int, zone: tzinfo, stores: Sequence[StoreShows] = ()
) -> list[str]:
    """The lines of `K`. Never empty. `stores` is what stores show, where the list has columns of them."""
    row = detail.row
    lines = []
    if detail.counts and row.hand is not None:
        count = detail.counts[0]
        lines.append(
            _("In the house: {counted} counted {time} by {who} ({source}), {left} left since: {hand}.").format(
                counted=count.counted,
                time=moment_words(count.counted_at, now, zone),
                who=count.operator,
                source=count.source,
                left=count.counted - row.hand,
                hand=row.hand,
            )
        )
        lines.append(
            _("Free: {hand} minus {reserved} in open orders: {free}.").format(
                hand=row.hand, reserved=row.reserved, free=row.free
            )
        )
    else:
        lines.append(_("Nobody has counted it: what the listings show stands for what is there. c takes a count."))
    lines.append(
        _("Speed: the faster of {day} in 24 h and {week} in 7 days: {per_day} a day.").format(
            day=max(row.sold_24h, 0), week=max(row.sold_7d, 0), per_day=row.sold_per_day
        )
    )
    left = row.listed if row.free is None else row.free
    lasts = cover_s(left, row.week_units)
    if lasts is None:
        lines.append(_("Nothing of it sells now, so nothing runs out."))
    else:
        lines.append(
            _("What is left ({units}) lasts {span}.").format(units=units_count(max(left, 0)), span=span_words(lasts))
        )
    if row.oversold:
        lines.append(
            _(
                "On offer {listed}, free {free}: {over} too many. s shares out anew; orders beyond it are cancelled."
            ).format(listed=row.listed, free=row.free, over=row.oversold)
        )
    elif row.step:
        lines.append(_("{units} more could be on offer by the rule: s puts them there.").format(units=row.step))
    if changes := [one for one in stores if one.wanted is not None]:
        named = ", ".join(f"{one.store_id} {one.shows}>{one.wanted}" for one in changes)
        lines.append(
            _("By store: 12- shows more than the rule gives it, 4+ less; s would write {changes}.").format(
                changes=named
            )
        )
    lines.append(
        _("A push reads, then writes: in those {gap} s {units} sell, which is why it keeps some back.").format(
            gap=f"{gap_s:g}", units=gap_units(row.week_units, gap_s)
        )
    )
    return lines
