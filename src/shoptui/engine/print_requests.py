"""Owns the requests about printers and stored documents, and whether something was printed before."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shoptui.domain.intents import NewIntent, Verb
from shoptui.domain.verbs import DocumentKind, PrintChoice, read_args
from shoptui.engine.fields import Refusal, choice, optional_text, pairs, text
from shoptui.engine.order_requests import audit
from shoptui.engine.sheets import WAYS
from shoptui.engine.spool import SpoolError
from shoptui.protocol import LINE_MAX
from shoptui.queries.labels import PrintedRow

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

#: What the documents of one answer may have together, bytes: base64 makes four of three, and the line has a limit.
_DOCUMENTS_OCTETS_MAX = LINE_MAX // 2


async def printers(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """The printers of the engine's machine. Without a print system the answer is a refusal that says so."""
    usual = engine.house.config.printing.printer
    try:
        found = await engine.room.spooler.printers()
    except SpoolError as error:
        raise Refusal("no_printing", str(error), trouble=error.trouble.value) from error
    named = {printer.name for printer in found}
    return {
        "printers": [
            {
                "name": printer.name,
                "state": printer.state,
                "reason": printer.trouble,
                "waiting": printer.waiting,
                "accepts": printer.accepts,
                "is_default": printer.name == usual if usual in named else printer.is_default,
            }
            for printer in found
        ],
        "formats": sorted(WAYS),
    }


async def documents(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Stored documents with their bytes, for saving or opening. Written to the audit log before they leave.

    `left` are those that did not fit into the answer and are to be asked for again; `missing` are not in the house.
    """
    house = engine.house
    targets = pairs(message, "targets")
    kind = _kind(message)
    size = optional_text(message, "size")
    names = " ".join(f"{store_id}/{package_id}" for store_id, package_id in targets[:5])
    more = f" and {len(targets) - 5} more" if len(targets) > 5 else ""
    await audit(engine, session, "open documents", names + more, kind.value)
    found: list[dict[str, Any]] = []
    missing: list[list[str]] = []
    octets = 0
    for place, (store_id, package_id) in enumerate(targets):
        document = await house.writer.document(store_id, package_id, kind.value, size)
        if document is None:
            missing.append([store_id, package_id])
            continue
        octets += len(document.content)
        if found and octets > _DOCUMENTS_OCTETS_MAX:
            return {"documents": found, "missing": missing, "left": [list(target) for target in targets[place:]]}
        if octets > _DOCUMENTS_OCTETS_MAX:
            raise Refusal("too_large", f"The {kind.value} of package {package_id} is too large to be sent here.")
        found.append(
            {
                "store_id": document.store_id,
                "order_no": document.order_no,
                "package_id": document.package_id,
                "kind": document.kind,
                "size": document.size,
                "format": document.format,
                "tracking_number": document.tracking_number,
                "fetched_at": document.fetched_at,
                "sha256": document.sha256,
                "content": base64.b64encode(document.content).decode(),
            }
        )
    return {"documents": found, "missing": missing, "left": []}


async def unprint(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take what waits at a printer, and has not begun, off its queue; its prints fail and can be ordered elsewhere."""
    printer = text(message, "printer")
    await audit(engine, session, "take off printer", printer, "")
    try:
        taken, begun = await engine.room.take_off(printer)
    except SpoolError as error:
        raise Refusal("no_printing", str(error), trouble=error.trouble.value) from error
    return {"taken": taken, "begun": begun}


async def printed_before(engine: Engine, prints: Sequence[NewIntent]) -> dict[int, tuple[str, str]]:
    """Which of these prints are a second print of the same document without a reason: by index, (reason id, sentence).

    Intents of other verbs are left out.
    """
    asked: dict[int, tuple[str, str, str]] = {}
    for index, intent in enumerate(prints):
        choice = read_args(intent.verb, intent.args) if intent.verb is Verb.PRINT else None
        if isinstance(choice, PrintChoice) and not choice.reason:
            asked[index] = (intent.store_id, intent.target_id, choice.document.kind.value)
    found = await engine.house.writer.printed_before(list(asked.values()))
    return {
        index: ("printed_before", _printed_say(target[1], found[target]))
        for index, target in asked.items()
        if target in found
    }


def _printed_say(package_id: str, before: PrintedRow) -> str:
    return (
        f"The {before.kind.replace('_', ' ')} of package {package_id} was printed on {before.printer} by "
        f"{before.operator}. A second one needs a reason."
    )


def _kind(message: Mapping[str, Any]) -> DocumentKind:
    return choice(message, "kind", DocumentKind) if optional_text(message, "kind") else DocumentKind.LABEL
