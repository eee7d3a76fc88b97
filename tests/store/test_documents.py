"""Documents in the vault, what readers know of them, and the prints that are never forgotten."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest

from shoptui.adapters.desks import Document
from shoptui.domain.verbs import DocumentKind
from shoptui.paths import DataDir
from shoptui.queries.labels import NewPrint, PrintState
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW

STORE, ORDER, PACKAGE = "tt-th-1", "5001", "P1"


def label(content: bytes = b"%PDF-1.4 one", kind: DocumentKind = DocumentKind.LABEL) -> Document:
    return Document(kind, "pdf", content, "TH123")


def new_print(intent_id: int = 1, *, kind: str = "label", package_id: str = PACKAGE, reason: str = "") -> NewPrint:
    return NewPrint(intent_id, STORE, ORDER, package_id, kind, "", "ab" * 32, "mei", reason)


async def test_a_document_is_kept_with_its_digest_and_replaced_by_a_newer_copy(writer: Writer) -> None:
    await writer.put_document(STORE, ORDER, PACKAGE, label(), now=NOW)
    sha256 = await writer.put_document(STORE, ORDER, PACKAGE, label(b"%PDF-1.4 two"), now=NOW + 5)
    kept = await writer.document(STORE, PACKAGE, "label")
    assert kept is not None
    assert (kept.content, kept.sha256, kept.fetched_at) == (b"%PDF-1.4 two", sha256, NOW + 5)
    assert sha256 == hashlib.sha256(b"%PDF-1.4 two").hexdigest()
    assert kept.tracking_number == "TH123" and kept.order_no == ORDER


async def test_a_size_is_found_by_name_and_without_one_the_newest_will_do(writer: Writer) -> None:
    await writer.put_document(STORE, ORDER, PACKAGE, label(b"a6"), size="A6", now=NOW)
    await writer.put_document(STORE, ORDER, PACKAGE, label(b"a5"), size="A5", now=NOW + 1)
    found = [await writer.document(STORE, PACKAGE, "label", size) for size in ("A6", "A5", "", "A4")]
    assert [one and one.content for one in found] == [b"a6", b"a5", b"a5", None]
    assert await writer.document(STORE, PACKAGE, "invoice") is None
    await writer.put_document(STORE, ORDER, PACKAGE, label(b"usual"), now=NOW - 1)
    usual = await writer.document(STORE, PACKAGE, "label")
    assert usual is not None and usual.content == b"usual", "the one asked for without a size comes first"


async def test_readers_see_which_labels_are_there_but_never_their_bytes(writer: Writer, house: DataDir) -> None:
    await writer.put_document(STORE, ORDER, PACKAGE, label(b"secret street 5"), now=NOW)
    job = await writer.begin_print("b1", "dock2", "shoptui {job}", [new_print()], NOW + 1)
    await writer.note_job(job.print_job_id, 77)
    await writer.note_spooled(job.print_job_id)
    async with await Reader.open(house) as reader:
        found = await reader.labels([(STORE, ORDER), (STORE, "unknown")])
    assert list(found) == [(STORE, ORDER)]
    (row,) = found[(STORE, ORDER)]
    assert (row.package_id, row.format, row.octets, row.fetched_at) == (PACKAGE, "pdf", 15, NOW)
    (printed,) = row.prints
    assert (printed.printer, printed.job, printed.state, printed.operator) == ("dock2", 77, PrintState.SPOOLED, "mei")
    for path in (house.ledger, house.cache):
        assert b"secret street" not in path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()


async def test_erasing_a_buyer_takes_the_label_and_leaves_who_printed_it(writer: Writer) -> None:
    await writer.put_document(STORE, ORDER, PACKAGE, label(), now=NOW)
    await writer.put_document(STORE, "5002", "P2", label(), now=NOW)
    await writer.begin_print("b1", "dock2", "t", [new_print()], NOW)
    await writer.erase_buyer(STORE, ORDER, NOW)
    assert await writer.document(STORE, PACKAGE, "label") is None
    assert await writer.stored_kinds([(STORE, PACKAGE), (STORE, "P2")]) == {(STORE, "P2", "label", "")}
    assert [one.printer for one in await writer.printed_of(STORE, PACKAGE)] == ["dock2"]


async def test_removing_a_store_takes_its_labels_only(writer: Writer) -> None:
    await writer.put_document(STORE, ORDER, PACKAGE, label(), now=NOW)
    await writer.put_document("tt-uk-1", "1", "P9", label(), now=NOW)
    await writer.remove_store(STORE)
    assert await writer.document(STORE, PACKAGE, "label") is None
    assert await writer.stored_kinds([(STORE, PACKAGE), ("tt-uk-1", "P9")]) == {("tt-uk-1", "P9", "label", "")}


async def test_old_documents_go_in_pieces(writer: Writer) -> None:
    for number in range(5):
        await writer.put_document(STORE, ORDER, f"P{number}", label(), now=NOW + number)
    targets = [(STORE, f"P{number}") for number in range(5)]
    assert await writer.forget_documents(NOW + 3, most=2) == 2
    assert len(await writer.stored_kinds(targets)) == 5, "what is listed goes once all old bytes have gone"
    assert await writer.forget_documents(NOW + 3, most=2) == 1
    assert {target[1] for target in await writer.stored_kinds(targets)} == {"P3", "P4"}
    assert await writer.document(STORE, "P4", "label") is not None


async def test_a_job_goes_from_spooling_to_an_end_that_is_known_once(writer: Writer) -> None:
    job = await writer.begin_print("b1", "dock2", "shoptui b1-{job}", [new_print(1), new_print(2)], NOW)
    assert job.title == f"shoptui b1-{job.print_job_id}"
    assert (job.state, job.job, job.begun, job.intent_ids) == (PrintState.SPOOLING, None, False, (1, 2))
    await writer.note_job(job.print_job_id, 41)
    await writer.note_spooled(job.print_job_id)
    await writer.note_spooled(job.print_job_id, begun=True)
    await writer.note_spooled(job.print_job_id)
    (still,) = await writer.open_print_jobs()
    assert (still.job, still.state, still.begun) == (41, PrintState.SPOOLED, True)
    assert await writer.settle_print(job.print_job_id, PrintState.SENT, NOW + 9)
    assert not await writer.settle_print(job.print_job_id, PrintState.FAILED, NOW + 10)
    assert await writer.open_print_jobs() == []
    of_intent = await writer.print_job_of(2)
    assert of_intent is not None and (of_intent.state, of_intent.settled_at) == (PrintState.SENT, NOW + 9)
    assert await writer.print_job_of(3) is None


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (PrintState.SPOOLING, False),
        (PrintState.SPOOLED, True),
        (PrintState.SENT, True),
        (PrintState.UNSURE, True),
        (PrintState.FAILED, False),
    ],
)
async def test_what_may_have_come_out_counts_as_printed(writer: Writer, state: PrintState, counts: bool) -> None:
    job = await writer.begin_print("b1", "dock2", "t", [new_print()], NOW)
    if state is not PrintState.SPOOLING:
        await writer.note_spooled(job.print_job_id)
    if state not in (PrintState.SPOOLING, PrintState.SPOOLED):
        await writer.settle_print(job.print_job_id, state, NOW)
    assert bool(await writer.printed_before([(STORE, PACKAGE, "label")])) is counts


@pytest.mark.parametrize(
    ("printed", "asked", "same"),
    [
        ("label", "label_and_slip", True),
        ("label_picture", "label", True),
        ("packing_slip", "label", False),
        ("label", "invoice", False),
        ("invoice", "invoice", True),
    ],
)
async def test_a_label_in_another_dress_is_the_same_label(writer: Writer, printed: str, asked: str, same: bool) -> None:
    job = await writer.begin_print("b1", "dock2", "t", [new_print(kind=printed)], NOW)
    await writer.note_spooled(job.print_job_id)
    found = await writer.printed_before([(STORE, PACKAGE, asked), (STORE, "other", asked)])
    assert list(found) == ([(STORE, PACKAGE, asked)] if same else [])


async def test_prints_survive_a_new_start_and_stay_in_order(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        await writer.begin_print("b1", "dock1", "t", [new_print(1)], NOW)
        await writer.begin_print("b1", "dock2", "t", [new_print(2, reason="jam")], NOW + 1)
    async with await Writer.open(house, NOW + 2) as writer:
        assert [job.printer for job in await writer.open_print_jobs()] == ["dock1", "dock2"]
        newest = (await writer.printed_of(STORE, PACKAGE))[0]
        assert (newest.printer, newest.reason, newest.at) == ("dock2", "jam", NOW + 1)


async def test_nobody_can_read_a_label_in_the_vault_file_of_another_user(writer: Writer, house: DataDir) -> None:
    await writer.put_document(STORE, ORDER, PACKAGE, label(), now=NOW)
    assert house.vault.stat().st_mode & 0o077 == 0
    with sqlite3.connect(house.vault) as db:
        assert db.execute("SELECT count(*) FROM document").fetchone() == (1,)
