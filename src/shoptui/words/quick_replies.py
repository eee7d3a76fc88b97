"""The sentences about quick replies: what stays without a value, why, and who gets none."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.domain.reply_values import Empty
from shoptui.i18n import _, ngettext
from shoptui.queries.quick_reply import LeftOutGroup, LeftOutId


def buyers_count(count: int) -> str:
    """`5 buyers`."""
    return ngettext("{count} buyer", "{count} buyers", count).format(count=f"{count:,}")


def variable_words(name: str) -> str:
    """What a variable is filled with, for whoever writes a quick reply."""
    words = {
        "buyer": _("the buyer's name as chat shows it"),
        "order": _("the order's number"),
        "tracking": _("the parcel's tracking number"),
        "eta": _("the day until which the marketplace promises the parcel"),
        "carrier": _("who brings the parcel"),
        "items": _("what was bought"),
        "store": _("the store's name"),
        "return_address": _("where returns are sent, by the settings"),
        "van": _("when the parcel leaves today: its pick-up slot, else inbox.van of the settings"),
    }
    return words.get(name, name)


def why_empty_words(why: Empty) -> str:
    """Why a variable has no value, as it stands after a colon."""
    words = {
        Empty.NO_NAME: _("the marketplace gives none"),
        Empty.NO_ORDER: _("no order linked"),
        Empty.ORDER_AWAY: _("its order is not read yet"),
        Empty.NOT_SHIPPED: _("not shipped yet"),
        Empty.NO_CARRIER: _("no carrier yet"),
        Empty.NO_DATE: _("no day is promised"),
        Empty.LATE: _("the promised day has passed"),
        Empty.NOT_HERE: _("left already, or never will"),
        Empty.NOT_TODAY: _("not leaving today"),
        Empty.NO_VAN: _("no pick-up known, inbox.van is not set"),
        Empty.NOT_SET: _("the settings name none (inbox.return_address)"),
    }
    return words[why]


def left_out_words(group: LeftOutGroup, asked: int) -> str:
    """Why some of the conversations asked for get no reply: `{tracking} is empty for 2 of 5: not shipped yet`."""
    if group.reason is LeftOutId.EMPTY:
        return _empty_sentence(group, asked)
    return f"{len(group.rows):,} {_reason_words(group)}"


def _reason_words(group: LeftOutGroup) -> str:
    words = {
        LeftOutId.NO_TEXT: _("the store has no quick reply with this number"),
        LeftOutId.NOT_GRANTED: _("chat is not granted to the store"),
        LeftOutId.CANNOT_SEND: _("the marketplace takes no message there now"),
        LeftOutId.UNDER_WAY: _("a reply is on its way already"),
        LeftOutId.CLAIMED: _("{operator} is on it").format(operator=group.args.get("operator", "")),
        LeftOutId.REFUSED: group.args.get("say", ""),
    }
    return words[group.reason]


def left_out_row_words(group: LeftOutGroup) -> str:
    """The same of one conversation, where it is named itself."""
    if group.reason is LeftOutId.EMPTY:
        return "; ".join(
            _("{name} is empty: {why}").format(name=f"{{{name}}}", why=why_empty_words(why))
            for name, why in group.empty
        )
    return _reason_words(group)


def _empty_sentence(group: LeftOutGroup, asked: int) -> str:
    names = ", ".join(f"{{{name}}}" for name, _why in group.empty)
    whys = "; ".join(_distinct([why_empty_words(why) for _name, why in group.empty]))
    words = ngettext(
        "{names} is empty for {count} of {asked}: {why}",
        "{names} are empty for {count} of {asked}: {why}",
        len(group.empty),
    )
    return words.format(names=names, count=f"{len(group.rows):,}", asked=f"{asked:,}", why=whys)


def _distinct(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(words))
