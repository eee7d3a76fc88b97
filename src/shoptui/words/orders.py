"""Words for orders: statuses, clocks, flags and history."""

from __future__ import annotations

from shoptui.domain.clocks import Clock, Consequence
from shoptui.domain.marketplaces import name_of
from shoptui.domain.orders import Flag, Status
from shoptui.i18n import _, pgettext


def status_short(status: str, raw: str = "") -> str:
    """The four-letter word of a canonical status; a status no mapping knows shows the marketplace's own word."""
    words = {
        Status.UNPAID: pgettext("status", "unpd"),
        Status.ON_HOLD: pgettext("status", "wait"),
        Status.TO_SHIP: pgettext("status", "ship"),
        Status.TO_HAND_OVER: pgettext("status", "hand"),
        Status.IN_TRANSIT: pgettext("status", "move"),
        Status.DELIVERY_FAILED: pgettext("status", "undl"),
        Status.RETURNING: pgettext("status", "back"),
        Status.DELIVERED: pgettext("status", "dlvd"),
        Status.COMPLETED: pgettext("status", "done"),
        Status.LOST: pgettext("status", "lost"),
        Status.CANCELLED: pgettext("status", "cxld"),
    }
    known = words.get(Status(status)) if status in set(Status) else None
    return known if known is not None else (raw or status)


def status_words(status: str) -> str:
    """A canonical status as the pane names it: the word filters take, in Chinese what that means."""
    words = {
        Status.UNPAID: _("unpaid"),
        Status.ON_HOLD: _("on_hold"),
        Status.TO_SHIP: _("to_ship"),
        Status.TO_HAND_OVER: _("to_hand_over"),
        Status.IN_TRANSIT: _("in_transit"),
        Status.DELIVERY_FAILED: _("delivery_failed"),
        Status.RETURNING: _("returning"),
        Status.DELIVERED: _("delivered"),
        Status.COMPLETED: _("completed"),
        Status.LOST: _("lost"),
        Status.CANCELLED: _("cancelled"),
    }
    return words.get(Status(status), status) if status in set(Status) else status


def kind_word(kind: str) -> str:
    """The short word of a clock's kind as the grid shows it."""
    words = {
        "arr": _("arr"),
        "pick": _("pick"),
        "hand": _("hand"),
        "fast": _("fast"),
        "cxl": _("cxl"),
        "creq": _("creq"),
        "dlv": _("dlv"),
        "scan": _("scan"),
        "rply": _("rply"),
        "esc": _("esc"),
        "wake": _("wake"),
        "retn": _("retn"),
        "insp": _("insp"),
        "vfy": _("vfy"),
        "pay": _("pay"),
        "neg": _("neg"),
        "out": _("out"),
        "over": _("over"),
    }
    return words.get(kind, kind)


def consequence_words(consequence: Consequence) -> str:
    """What is lost when a clock reaches zero."""
    words = {
        Consequence.LATE_DISPATCH: _("late dispatch"),
        Consequence.AUTO_CANCEL: _("cancelled, our fault"),
        Consequence.LATE_DELIVERY: _("late delivery"),
        Consequence.AUTO_APPROVED: _("approved without us"),
        Consequence.INCENTIVE_LOST: _("bonus lost"),
        Consequence.ADVICE: _("advice, nothing is lost"),
        Consequence.REPLY_RATE: _("reply rate falls"),
        Consequence.BUYER_PAID: _("buyer is paid unasked"),
        Consequence.WITHDRAWALS_FROZEN: _("withdrawals frozen"),
        Consequence.ORDERS_STOP: _("orders stop coming"),
        Consequence.NOTHING: _("nothing is lost"),
    }
    return words[consequence]


def kind_loss(kind: str) -> str:
    """What is lost when a clock of this kind reaches zero, in the few words of a list's line."""
    words = {
        "cxl": _("we cancel, at fault"),
        "creq": _("request granted unasked"),
        "dlv": _("late delivery"),
        "fast": _("bonus lost"),
        "rply": _("reply rate falls"),
        "esc": _("a promise is broken"),
        "wake": _("it comes back"),
        "retn": _("buyers are paid unasked"),
        "insp": _("buyers are paid unasked"),
        "out": _("orders stop coming"),
        "over": _("orders are cancelled"),
    }
    return words.get(kind, _("late dispatch"))


def kind_advice(clock: Clock) -> str:
    """What to do about a clock, one sentence."""
    advice = {
        "arr": _("Ship it (s): arranging shipment stops this clock."),
        "pick": _("Have the parcel at the door before the van leaves; the carrier's first scan stops this clock."),
        "hand": _("Hand the parcel to the carrier; its first scan stops this clock."),
        "fast": _("Ship before this time to keep the bonus; nothing worse happens."),
        "cxl": _("Ship before this time, or the marketplace cancels the order and counts it against the store."),
        "creq": _("Answer the buyer (a agrees, x refuses); unanswered, the request is granted."),
        "dlv": _("The carrier must deliver by then; look at its events and chase it."),
        "rply": _("Answer the buyer (r), or note that no answer is needed (d)."),
        "retn": _("Answer the buyer (a agrees, f refunds alone, x refuses); unanswered, the marketplace decides."),
        "insp": _("Look at the goods (c notes it), then answer: a pays, x refuses; unanswered, the buyer is paid."),
        "out": _("Bring more in, or give the last units to the store that sells most (b)."),
        "over": _("Share what is free out anew (s); what is sold beyond it, tell the buyers."),
        "esc": _("Whoever it was escalated to must decide by then; an answer or d ends it."),
    }
    return advice.get(clock.kind.value, _("Settle it before this time."))


def source_words(source: str) -> str:
    """Where a clock's time came from: `tiktok:rts_sla_time` → `TikTok rts_sla_time`."""
    origin, _colon, what = source.partition(":")
    if origin == "rule":
        return _("rule {name}").format(name=what)
    if origin == "ours":
        return _("ours: {what}").format(what=what)
    return f"{marketplace_name(origin)} {what}".strip()


def marketplace_name(marketplace: str) -> str:
    """The marketplace's name as its owner writes it, short enough for a line."""
    return name_of(marketplace)


def flag_words(flags: int) -> list[str]:
    """What is true of an order beside its status."""
    words: list[tuple[Flag, str]] = [
        (Flag.CANCEL_REQUESTED, _("buyer asks to cancel")),
        (Flag.RETURN_OPEN, _("return open")),
        (Flag.PART_SHIPPED, _("part shipped")),
        (Flag.CASH_ON_DELIVERY, _("cash on delivery")),
        (Flag.ADDRESS_CHANGED, _("address changed")),
        (Flag.GIFT, _("gift")),
        (Flag.SAMPLE, _("sample")),
        (Flag.PRE_ORDER, _("pre-order")),
        (Flag.FULFILLED_BY_PLATFORM, _("the platform sends it")),
    ]
    return [word for flag, word in words if flags & flag]


def history_words(what: str) -> str:
    """What happened to an order, from the id adapters use."""
    words = {
        "placed": _("placed"),
        "created": _("placed"),
        "paid": _("paid"),
        "arranged": _("shipment arranged"),
        "collected": _("carrier has it"),
        "delivered": _("delivered"),
        "completed": _("completed"),
        "cancelled": _("cancelled"),
        "cancel_requested": _("buyer asked to cancel"),
        "address_changed": _("buyer changed the address"),
        "updated": _("changed"),
    }
    return words.get(what, what.replace("_", " "))
