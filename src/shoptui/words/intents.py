"""Words for what was ordered: states, causes, and why an order is left out of a batch."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.domain.intents import Cause, CauseId, IntentState
from shoptui.i18n import _
from shoptui.words.engine import own_words
from shoptui.words.printing import print_cause_said
from shoptui.words.replies import reply_cause_said
from shoptui.words.said import Said, joined
from shoptui.words.theirs import detail_words, parts_of, quoted, refusal_said
from shoptui.words.verbs import not_done_sentence


def state_words(state: IntentState, cause: Cause | None = None) -> str:
    """What an intent is doing; what it waits for where that is known."""
    if cause is not None and cause.id is CauseId.PRINTER_WAITS:
        return cause_short(cause)
    words = {
        IntentState.HELD: _("waits, z takes back"),
        IntentState.QUEUED: _("next to go"),
        IntentState.SENDING: _("on its way"),
        IntentState.DONE: _("done"),
        IntentState.FAILED: _("failed"),
        IntentState.UNKNOWN: _("answer lost, reading back"),
        IntentState.NOT_DONE: _("was not done"),
        IntentState.NEEDS_PERSON: _("unsure: look, then a or x"),
        IntentState.TAKEN_BACK: _("taken back"),
    }
    return words[state]


def cause_short(cause: Cause | str) -> str:
    """Why something failed, in a few words."""
    cause_id = cause.id.value if isinstance(cause, Cause) else cause
    words = {
        CauseId.TOO_HEAVY: _("too heavy for the service"),
        CauseId.TOO_LARGE: _("too large for the service"),
        CauseId.SLOT_GONE: _("pick-up slot is gone"),
        CauseId.NO_SLOT: _("no pick-up slot is offered"),
        CauseId.ADDRESS: _("the address is refused"),
        CauseId.NO_SERVICE: _("no service goes there"),
        CauseId.HELD: _("put on hold meanwhile"),
        CauseId.CANCEL_REQUESTED: _("buyer asked to cancel first"),
        CauseId.CANCELLED: _("cancelled meanwhile"),
        CauseId.WRONG_STATE: _("not in a state to ship"),
        CauseId.FROZEN: _("frozen by the marketplace"),
        CauseId.NOT_READY: _("not ready yet"),
        CauseId.FULFILLED_BY_PLATFORM: _("the platform sends it"),
        CauseId.NOT_OURS: _("not a parcel of this store"),
        CauseId.INVOICE: _("an invoice is missing"),
        CauseId.MUST_SPLIT: _("must be split first"),
        CauseId.TRACKING_WRONG: _("tracking number refused"),
        CauseId.TRACKING_USED: _("tracking number used before"),
        CauseId.LABEL_EARLY: _("label asked too early"),
        CauseId.LABEL_LATE: _("label asked too late"),
        CauseId.NOT_IN_REGION: _("not possible in this market"),
        CauseId.UNSUPPORTED: _("not possible here"),
        CauseId.SIGNED_OUT: _("the store is signed out"),
        CauseId.NO_PERMISSION: _("the app may not do this"),
        CauseId.UNREACHABLE: _("the marketplace did not answer"),
        CauseId.STORE_REMOVED: _("the store was removed"),
        CauseId.RESTORED: _("ordered before a restored backup"),
        CauseId.EARLIER: _("what comes first was not done"),
        CauseId.ALREADY_SHIPPED: _("shipped already, otherwise"),
        CauseId.REASON: _("the reason is refused"),
        CauseId.WHOLE_ONLY: _("only whole orders here"),
        CauseId.REQUEST_CLOSED: _("no open request any more"),
        CauseId.TOO_LATE: _("too late for that"),
        CauseId.ONLY_ONCE: _("was changed once already"),
        CauseId.NO_SPLIT: _("cannot be split"),
        CauseId.NO_COMBINE: _("cannot be combined"),
        CauseId.LABEL_MISSING: _("its label is not here"),
        CauseId.LABEL_DAMAGED: _("its label is damaged"),
        CauseId.LABEL_OUTDATED: _("its label has an old number"),
        CauseId.NOT_PRINTABLE: _("no printer takes this format"),
        CauseId.PRINTED_BEFORE: _("printed before"),
        CauseId.PRINTER_GONE: _("there is no such printer"),
        CauseId.PRINT_REFUSED: _("the print system refused it"),
        CauseId.PRINT_CANCELLED: _("taken off the printer's queue"),
        CauseId.PRINT_BROKEN: _("broke off at the printer"),
        CauseId.PRINTER_WAITS: _("waits for its printer"),
        CauseId.CANNOT_SEND: _("no message is taken there now"),
        CauseId.TOO_LONG: _("too long for the marketplace"),
        CauseId.SENSITIVE: _("words that are not allowed"),
        CauseId.UNANSWERED: _("too many without an answer"),
        CauseId.NO_THREAD: _("no such conversation there"),
        CauseId.THREAD_MOVED: _("answered by somebody meanwhile"),
        CauseId.QUOTA: _("the day's calls are used up"),
        CauseId.EVIDENCE: _("pictures or words are missing"),
        CauseId.AMOUNT: _("the amount is refused"),
        CauseId.PLATFORM_DECIDES: _("the marketplace decides this one"),
        CauseId.STOCK_LOCKED: _("its stock is locked now"),
        CauseId.BELOW_FLOOR: _("a promotion holds more than that"),
        CauseId.QUANTITY: _("the number is refused"),
        CauseId.WAREHOUSE: _("the warehouse is refused"),
        CauseId.LISTING_GONE: _("no such listing any more"),
        CauseId.STOCK_MOVED: _("sales moved it meanwhile"),
        CauseId.ANSWER_LOST: _("the answer was lost"),
        CauseId.OTHER: _("refused"),
    }
    known = words.get(CauseId(cause_id)) if cause_id in set(CauseId) else None
    if known is None:
        return cause_id.replace("_", " ")
    if isinstance(cause, Cause) and cause.id is CauseId.PRINTER_WAITS and cause.message:
        return _("waits for printer {printer}").format(printer=cause.message)
    if isinstance(cause, Cause) and cause.id is CauseId.OTHER and cause.message:
        ours, theirs = parts_of(cause)
        return _("refused: {words}").format(words=quoted(theirs)) if theirs else own_words(ours)
    return known


def cause_said(cause: Cause, verb: str = "ship") -> Said:
    """What a failure of this verb means and what mends it; where only Seller Center can mend it, that is said."""
    if (special := print_cause_said(cause) or reply_cause_said(cause)) is not None:
        return special
    retry = _("Mend it in Seller Center, then e or s and F9 send it again.")
    not_done = not_done_sentence(verb)
    sentences: dict[CauseId, tuple[str, str]] = {
        CauseId.TOO_HEAVY: (
            joined(_("Heavier than the service takes."), not_done),
            _("Correct the weight or change the service in Seller Center, then e and F9 send it again."),
        ),
        CauseId.TOO_LARGE: (
            joined(_("Larger than the service takes."), not_done),
            _("Correct the size or change the service in Seller Center, then e and F9 send it again."),
        ),
        CauseId.SLOT_GONE: (
            joined(_("The pick-up slot is full or over."), not_done),
            _("e offers the next slot, or drop-off; F9 sends."),
        ),
        CauseId.NO_SLOT: (
            joined(_("No pick-up slot is offered now."), not_done),
            _("e offers drop-off, and slots that came free; F9 sends."),
        ),
        CauseId.ADDRESS: (
            joined(_("The carrier refuses the address."), not_done),
            _("The buyer or Seller Center must correct it, then e and F9 send it again."),
        ),
        CauseId.NO_SERVICE: (
            joined(_("No service goes from here to there."), not_done),
            _("Change the service in Seller Center, then e and F9 send it again."),
        ),
        CauseId.HELD: (
            joined(_("Put on hold before it was sent."), not_done),
            _("Release it (b) in Orders first, then s and F9 send it again."),
        ),
        CauseId.CANCEL_REQUESTED: (
            joined(_("The buyer asked to cancel before we sent it."), not_done),
            _("In Orders a agrees and x refuses; its clock runs."),
        ),
        CauseId.CANCELLED: (joined(_("The order was cancelled before we sent it."), not_done), _("x gives up on it.")),
        CauseId.TRACKING_WRONG: (
            joined(_("The marketplace does not take this tracking number."), not_done),
            _("In Orders e takes another number; x gives up on this one."),
        ),
        CauseId.TRACKING_USED: (
            joined(_("This tracking number was used before."), not_done),
            _("In Orders e takes another number; x gives up on this one."),
        ),
        CauseId.WRONG_STATE: (
            joined(_("The order is not in a state for this any more."), not_done),
            _("Look at it (Enter); x gives up on it."),
        ),
        CauseId.FROZEN: (
            joined(_("The marketplace has frozen this order for a check."), not_done),
            _("It lets go by itself; then s and F9 send it again."),
        ),
        CauseId.NOT_READY: (
            joined(_("The marketplace was not ready for this parcel."), not_done),
            _("s and F9 send it again."),
        ),
        CauseId.FULFILLED_BY_PLATFORM: (
            _("The platform sends this order from its own warehouse."),
            _("x gives up on it."),
        ),
        CauseId.NOT_OURS: (
            _("The marketplace says this parcel is not of this store."),
            _("Read the order anew (c), then look again."),
        ),
        CauseId.INVOICE: (joined(_("An invoice must be uploaded first."), not_done), retry),
        CauseId.MUST_SPLIT: (joined(_("The order must be split into parcels first."), not_done), retry),
        CauseId.NOT_IN_REGION: (_("This market cannot do that."), _("Do it in Seller Center; x gives up on it here.")),
        CauseId.UNSUPPORTED: (_("This cannot be done from here."), _("Do it in Seller Center; x gives up on it here.")),
        CauseId.SIGNED_OUT: (
            joined(_("The store is signed out: nothing goes out."), not_done),
            _("Authorise the store again, then s and F9 send it again."),
        ),
        CauseId.NO_PERMISSION: (
            joined(_("Our app lacks the permission for this."), not_done),
            _("An admin must grant it and authorise the store again."),
        ),
        CauseId.UNREACHABLE: (_("The marketplace did not answer and nothing was sent."), _("s and F9 send it again.")),
        CauseId.EARLIER: (
            _("It comes after something that was not done, so it was not done either."),
            _("Order the first step again; it brings this one along."),
        ),
        CauseId.STORE_REMOVED: (_("The store was removed before this was sent."), _("x gives up on it.")),
        CauseId.RESTORED: (
            _("Older than the restored backup: it may have gone out or been taken back since."),
            _("Look in Seller Center: a it was done, x it was not. Nothing is sent by itself."),
        ),
        CauseId.ALREADY_SHIPPED: (
            _("The parcel was shipped already, with another number or by somebody else."),
            _("Look at its number (Enter); change the tracking number if it is wrong."),
        ),
        CauseId.REASON: (_("The marketplace does not take this reason for this order."), _("Choose another reason.")),
        CauseId.WHOLE_ONLY: (
            _("Single items cannot be cancelled here, only the whole order."),
            _("Cancel the whole order, or settle it with the buyer; x gives up on it."),
        ),
        CauseId.REQUEST_CLOSED: (
            _("The buyer's request is answered, withdrawn or over. Nothing was sent."),
            _("Look at the order (Enter); x gives up on it."),
        ),
        CauseId.EVIDENCE: (
            _("The marketplace wants pictures or words for this answer. Not answered."),
            _("Answer it again in Returns (g r): c writes, p hands a picture in; x gives up on it here."),
        ),
        CauseId.AMOUNT: (
            _("The marketplace does not take this amount. Not answered."),
            _("Offer another part in Returns (g r); x gives up on it here."),
        ),
        CauseId.PLATFORM_DECIDES: (
            _("The marketplace decides this one by itself. Not answered."),
            _("Wait for its word in Returns (g r, 5); x gives up on it here."),
        ),
        CauseId.TOO_LATE: (_("The time for this change is over."), _("Do it in Seller Center; x gives up on it here.")),
        CauseId.ONLY_ONCE: (
            _("The shipment was changed once already; a second change is not taken."),
            _("Ask the marketplace's support; x gives up on it."),
        ),
        CauseId.NO_SPLIT: (
            _("The marketplace does not split this order so."),
            _("Read the order anew (c), then choose other groups."),
        ),
        CauseId.NO_COMBINE: (
            _("The marketplace does not put these parcels together."),
            _("Read the orders anew (c), then look again."),
        ),
    }
    if (known := sentences.get(cause.id)) is not None:
        return Said(*known)
    what, advice = refusal_said(cause, not_done)
    return Said(what, joined(advice, retry) if advice else retry)


def cause_in_full(cause: Cause, verb: str = "ship") -> Said:
    """The same, with the marketplace's own words in quotes behind what it means."""
    said = cause_said(cause, verb)
    detail = detail_words(cause, said.what)
    return Said(joined(said.what, detail), said.todo) if detail else said


def left_out_sentence(reason_id: str, args: Mapping[str, str] | None = None) -> str:
    """Why an order is left out of a batch, as it stands after a number, of one or many: `4 failed before`."""
    arguments = dict(args or {})
    who = str(arguments.get("operator") or arguments.get("who") or "")
    sentences = {
        "status": _("not in a state to ship"),
        "closed": _("closed already"),
        "shipped": _("handed over already"),
        "arranged": _("shipped already"),
        "to_hand_over": _("shipped already"),
        "in_transit": _("handed over already"),
        "unpaid": _("not paid yet"),
        "on_hold": _("still frozen by the marketplace"),
        "held": _("on hold"),
        "cancel_requested": _("buyer asks to cancel"),
        "failed_before": _("failed before (g a, then e)"),
        "open_intent": _("ordered already, not settled yet"),
        "claimed": _("claimed, yet included"),
        "no_package": _("no parcel to ship yet"),
        "seller_shipping": _("by own carrier: e takes the tracking number"),
        "platform_shipping": _("brought by the marketplace's carrier"),
        "not_arranged": _("not shipped yet"),
        "printed": _("printed already (P prints again)"),
        "ours_only": _("kept as our own note"),
        "printed_outdated": _("printed with an old tracking number (P prints the new label)"),
        "not_printed": _("never printed (p prints)"),
        "label_stored": _("label is kept already"),
        "no_tracking": _("no tracking number to correct"),
        "no_request": _("nobody asks to cancel"),
        "answer_first": _("buyer asks to cancel (a agrees, x refuses)"),
        "reason_not_offered": _("that reason is not offered there"),
        "carrier_unknown": _("that carrier is not known there"),
        "fulfilled_by_platform": _("sent by the platform itself"),
        "buys_labels": _("this market buys labels: in Seller Center"),
        "return_open": _("a return or refund is open"),
        "unknown_shipping": _("of an unknown shipping type"),
        "digital": _("digital, nothing to ship"),
        "store_pickup": _("fetched by buyer"),
        "not_in_region": _("not possible in this market"),
        "unsupported": _("not possible here"),
        "unknown_status": _("in a status we do not know"),
        "store_paused": _("store is paused"),
        "gone": _("no longer in the cache"),
    }
    sentence = sentences.get(reason_id)
    if sentence is None and reason_id in set(CauseId):
        sentence = cause_short(reason_id)
    if sentence is None:
        sentence = own_words(str(arguments.get("say") or reason_id.replace("_", " ")), reason_id)
    if reason_id == "failed_before" and arguments.get("cause"):
        sentence = _("failed before: {cause} (g a, then e)").format(cause=cause_short(str(arguments["cause"])))
    if reason_id in {"status", "bad_request"} and arguments.get("say"):
        # The engine's own sentence says which status, and of which parcel.
        sentence = own_words(str(arguments["say"]))
    elif reason_id == "status" and arguments.get("status"):
        sentence = _("status {status}").format(status=arguments["status"])
    return _("{what}: {who}").format(what=sentence, who=who) if who else sentence


def block_words(reason_id: str) -> str:
    """Why an order's parcels cannot be shipped by us, as a clause of its own."""
    return left_out_sentence(reason_id)
