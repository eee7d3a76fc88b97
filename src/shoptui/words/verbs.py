"""Words for the verbs: in lists, in heads, on F9, and for what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.i18n import _, ngettext
from shoptui.words.said import as_sentence


def verb_word(verb: str) -> str:
    """The verb as a small word for lists, at most nine cells."""
    words = {
        "ship": _("ship"),
        "ship_own": _("own ship"),
        "change_tracking": _("tracking"),
        "cancel": _("cancel"),
        "answer_cancel": _("answer"),
        "note": _("note"),
        "split": _("split"),
        "combine": _("combine"),
        "label": _("label"),
        "print": _("print"),
        "reply": _("reply"),
        "mark_read": _("mark read"),
        "answer_return": _("return"),
        "set_stock": _("stock"),
    }
    return words.get(verb, verb.replace("_", " "))


def verb_head(verb: str) -> str:
    """The verb in capitals for heads of strips and messages."""
    words = {
        "ship": _("SHIP"),
        "ship_own": _("SHIP BY OWN CARRIER"),
        "change_tracking": _("CHANGE TRACKING"),
        "cancel": _("CANCEL"),
        "answer_cancel": _("ANSWER CANCEL REQUEST"),
        "note": _("NOTE"),
        "split": _("SPLIT"),
        "combine": _("COMBINE"),
        "label": _("FETCH LABEL"),
        "print": _("PRINT"),
        "reply": _("REPLY"),
        "mark_read": _("MARK AS READ"),
        "answer_return": _("ANSWER RETURN"),
        "set_stock": _("SET STOCK"),
    }
    return words.get(verb, verb.replace("_", " ").upper())


def chain_head(chain: Sequence[str]) -> str:
    """The head of a strip that orders verbs one after another."""
    if len(chain) > 1 and chain[0] == "ship":
        return _("SHIP AND PRINT") if chain[-1] == "print" else _("SHIP, KEEP LABELS")
    return verb_head(chain[-1])


def does_words(chain: Sequence[str], count: str) -> str:
    """What F9 does, as the key line says it; `count` of what, where that is not plain."""
    if len(chain) > 1 and chain[0] == "ship":
        words = _("ship and print {count}") if chain[-1] == "print" else _("ship {count}, keep labels")
        return words.format(count=count)
    words = {
        "ship": _("ship {count}"),
        "ship_own": _("mark {count} as shipped"),
        "change_tracking": _("change {count}"),
        "cancel": _("cancel {count}"),
        "answer_cancel": _("answer {count}"),
        "note": _("write {count}"),
        "split": _("split {count}"),
        "combine": _("combine {count}"),
        "label": _("fetch {count}"),
        "print": _("print {count}"),
        "reply": _("send {count}"),
        "mark_read": _("mark {count} as read"),
        "answer_return": _("answer {count}"),
        "set_stock": _("write {count}"),
    }.get(chain[0], chain[0].replace("_", " ") + " {count}")
    return words.format(count=count)


def done_words(verb: str, count: int, printer: str = "") -> str:
    """What was done, counted: `32 shipped`, `32 labels sent to dock2`."""
    shown = f"{count:,}"
    if verb == "print":
        if printer:
            words = ngettext("{count} label sent to {printer}", "{count} labels sent to {printer}", count)
            return words.format(count=shown, printer=printer)
        return ngettext("{count} label printed", "{count} labels printed", count).format(count=shown)
    words = {
        "ship": _("{count} shipped"),
        "ship_own": _("{count} marked as shipped"),
        "change_tracking": ngettext("{count} tracking number changed", "{count} tracking numbers changed", count),
        "cancel": _("{count} cancelled"),
        "answer_cancel": ngettext("{count} request answered", "{count} requests answered", count),
        "note": ngettext("{count} note written", "{count} notes written", count),
        "split": _("{count} split"),
        "combine": _("{count} combined"),
        "label": ngettext("{count} label kept", "{count} labels kept", count),
        "reply": ngettext("{count} reply sent", "{count} replies sent", count),
        "mark_read": _("{count} marked as read"),
        "answer_return": ngettext("{count} return answered", "{count} returns answered", count),
        "set_stock": ngettext("{count} listing written", "{count} listings written", count),
    }.get(verb, "{count} " + verb.replace("_", " "))
    return words.format(count=shown)


def not_done_words(verb: str) -> str:
    """What a failed one is not: `not shipped`."""
    return {
        "ship": _("not shipped"),
        "ship_own": _("not marked as shipped"),
        "change_tracking": _("not changed"),
        "cancel": _("not cancelled"),
        "answer_cancel": _("not answered"),
        "note": _("not written"),
        "split": _("not split"),
        "combine": _("not combined"),
        "label": _("without a label"),
        "print": _("not printed"),
        "reply": _("not sent"),
        "mark_read": _("not marked as read"),
        "answer_return": _("not answered"),
        "set_stock": _("not written"),
    }.get(verb, _("not done"))


def not_done_sentence(verb: str) -> str:
    """The same as a sentence that follows what went wrong: `Not shipped.`"""
    words = not_done_words(verb)
    return as_sentence(words[:1].upper() + words[1:])


def may_be_words(verb: str) -> str:
    """What one may be whose answer was lost: `shipped`."""
    return {
        "ship": _("shipped"),
        "ship_own": _("marked as shipped"),
        "change_tracking": _("changed"),
        "cancel": _("cancelled"),
        "answer_cancel": _("answered"),
        "note": _("written"),
        "split": _("split"),
        "combine": _("combined"),
        "label": _("fetched"),
        "print": _("printed"),
        "reply": _("sent"),
        "mark_read": _("marked as read"),
        "answer_return": _("answered"),
        "set_stock": _("written"),
    }.get(verb, _("done"))


def document_words(kind: str) -> str:
    """What a document is called."""
    return {
        "label": _("label"),
        "packing_slip": _("packing slip"),
        "label_and_slip": _("label and packing slip"),
        "label_picture": _("label as a picture"),
        "invoice": _("invoice"),
        "hazmat": _("dangerous goods paper"),
    }.get(kind, kind.replace("_", " "))


def printer_words(state: str, reason: str, waiting: int) -> str:
    """Why a printer may not print at once, "" when nothing speaks against it."""
    words = "" if state in {"", "idle", "printing", "ready"} else _("has stopped")
    if words and reason:
        words += f" ({reason})"
    if waiting:
        jobs = ngettext("{count} job waits", "{count} jobs wait", waiting).format(count=waiting)
        words = f"{words}, {jobs}" if words else jobs
    return words
