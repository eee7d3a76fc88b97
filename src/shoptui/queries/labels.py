"""What is known about a parcel's documents: which are in the house, and who printed which of them where and when."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from shoptui.domain.records import dataclass
from shoptui.domain.verbs import DocumentKind


class PrintState(StrEnum):
    """Where a print job is.

    `spooling`: written down, not surely with the print system yet. `spooled`: the print system has it. `sent`: the
    printer has taken all of it. `failed`: surely nothing came out. `unsure`: some of it may have come out.
    """

    SPOOLING = "spooling"
    SPOOLED = "spooled"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


#: Documents that carry the parcel's label: a second one of any of these is a second label.
LABEL_KINDS = (DocumentKind.LABEL, DocumentKind.LABEL_AND_SLIP, DocumentKind.LABEL_PICTURE)

#: After these a document counts as printed: a second print of it needs a reason.
PRINTED_STATES = (PrintState.SPOOLED, PrintState.SENT, PrintState.UNSURE)


def is_outdated(on_label: str, of_parcel: str) -> bool:
    """Whether a label's tracking number is not the parcel's any more; "" is a number nobody told us."""
    return bool(on_label and of_parcel) and on_label != of_parcel


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One document on its way to a printer, or there. `at` is when it was written down (epoch s).

    `job` is the print system's own number, None before it has one. `reason` is "" for a first print. `sha256` says
    which bytes it was.
    """

    intent_id: int
    store_id: str
    order_no: str
    package_id: str
    kind: str
    size: str
    sha256: str
    printer: str
    job: int | None
    state: PrintState
    at: int
    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A document that is in the house, without its bytes. `fetched_at` is epoch seconds, `octets` its length.

    `size` is as it was asked for, "" for the marketplace's usual one. `prints` are its prints, newest first.
    """

    store_id: str
    order_no: str
    package_id: str
    kind: str
    size: str
    format: str
    octets: int
    sha256: str
    tracking_number: str
    fetched_at: int
    prints: tuple[PrintedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with its bytes, as the vault has it."""

    store_id: str
    order_no: str
    package_id: str
    kind: str
    size: str
    format: str
    sha256: str
    tracking_number: str
    fetched_at: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPrint:
    """One document of a print job that is about to be spooled, in the job's order."""

    intent_id: int
    store_id: str
    order_no: str
    package_id: str
    kind: str
    size: str
    sha256: str
    operator: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One job for a printer and what is in it, first of the list first.

    `title` is what the print system shows. `job` is its number there, None before that is known. `begun` says that the
    printer was seen working on it, `may_print` that the print system may have been told to print it: while it is false,
    surely nothing came out. Moments are epoch seconds; `settled_at` None: still going.
    """

    print_job_id: int
    batch_id: str
    printer: str
    title: str
    job: int | None
    state: PrintState
    begun: bool
    may_print: bool
    at: int
    settled_at: int | None
    detail: str
    intent_ids: tuple[int, ...]
