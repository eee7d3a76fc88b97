"""The sentences about labels and printers: why a label did not come out, and what a printer that stopped wants."""

from __future__ import annotations

from shoptui.domain.intents import Cause, CauseId
from shoptui.i18n import _, ngettext
from shoptui.queries.types import Alert
from shoptui.words.said import Said


def print_cause_said(cause: Cause) -> Said | None:
    """What the failure of a print means and what mends it; None for the causes of other verbs."""
    about = cause.message
    sentences = {
        CauseId.LABEL_MISSING: Said(
            _("The label is not in the house. Not printed."),
            _("Fetch it (p fetches and prints), while the parcel is not handed over."),
        ),
        CauseId.LABEL_DAMAGED: Said(
            _("The label is damaged: {why}. Not printed.").format(why=about or "?"),
            _("Fetch it anew (p fetches and prints)."),
        ),
        CauseId.LABEL_OUTDATED: Said(
            _("The label has an old tracking number ({numbers}). Not printed.").format(numbers=about or "?"),
            _("p in Orders fetches and prints the new one; P, if the old one was printed."),
        ),
        CauseId.NOT_PRINTABLE: Said(
            _("The label came as {format}, which cannot be printed from here.").format(format=about or "?"),
            _("Save it and print it from another program."),
        ),
        CauseId.PRINTED_BEFORE: Said(
            _("Printed before ({where}). A second label can get the parcel cancelled.").format(where=about or "?"),
            _("Look for the first one; P prints again, with a reason."),
        ),
        CauseId.PRINTER_GONE: Said(
            _("There is no printer {printer} any more. Not printed.").format(printer=about or "?"),
            _("Choose another printer and order the print again."),
        ),
        CauseId.PRINT_REFUSED: Said(
            _("The print system refused it: {why}.").format(why=about.rstrip(".") or "?"),
            _("Nothing came out. Mend it there, then order the print again."),
        ),
        CauseId.PRINT_CANCELLED: Said(
            _("Taken off the queue of {printer} before it began: nothing came out.").format(printer=about or "?"),
            _("Order the print again, here or on another printer."),
        ),
        CauseId.PRINT_BROKEN: Said(
            _("The job broke off at {printer}: some of its labels may have come out.").format(printer=about or "?"),
            _("Compare with the stack; P prints again what is missing, with a reason."),
        ),
        CauseId.PRINTER_WAITS: Said(
            _("It waits for printer {printer}, which takes nothing now; it is not lost.").format(printer=about or "?"),
            _("It goes on by itself once the printer does; Activity, 5 says what is wrong with it."),
        ),
    }
    return sentences.get(cause.id)


def printer_said(alert: Alert, since: str) -> Said | None:
    """The sentence of an alert about printers; None for any other. `since` is when it was raised, as a clock time."""
    printer = str(alert.args.get("printer", "?"))
    reason = str(alert.args.get("reason", "")).rstrip(".") or "?"
    waiting = str(alert.args.get("waiting", "0"))
    count = int(waiting) if waiting.isdigit() else 0
    wait = ngettext("{count} label waits, it is not lost", "{count} labels wait, none is lost", count).format(
        count=count
    )
    if alert.kind == "printer_stopped":
        return Said(
            _("{printer} has stopped since {since} ({reason}): {wait}.").format(
                printer=printer, since=since, reason=reason, wait=wait
            ),
            _("Look at the printer; if it stays stopped: cupsenable {printer} on the engine's machine.").format(
                printer=printer
            ),
        )
    if alert.kind == "printing_down":
        return Said(
            _("Nothing can be printed since {since} ({reason}): {wait}.").format(since=since, reason=reason, wait=wait),
            _("An admin looks at CUPS on the engine's machine; it is tried again by itself."),
        )
    return None
