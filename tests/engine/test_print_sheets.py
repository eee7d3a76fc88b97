"""One file of many labels: order, size, and what is damaged."""

from __future__ import annotations

import hashlib
import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from shoptui.engine.sheets import Damaged, check, in_jobs, merge, pages
from shoptui.queries.labels import StoredDocument
from shoptui.sandbox.labels import pdf, png

GOOD = pdf([("TH1", ["first"])], "A6")
SLIP = pdf([("TH2", ["second"]), ("", ["slip"])], "A5")


def locked() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(GOOD)))
    writer.encrypt("1234", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def stored(content: bytes, form: str = "pdf", sha256: str = "") -> StoredDocument:
    digest = sha256 or hashlib.sha256(content).hexdigest()
    return StoredDocument("s", "1", "P1", "label", "", form, digest, "", 0, content)


def texts(content: bytes) -> list[str]:
    return [page.extract_text().split("\n")[0] for page in PdfReader(io.BytesIO(content)).pages]


def test_pages_keep_their_order_and_their_size() -> None:
    out = io.BytesIO()
    assert merge([SLIP, GOOD, SLIP], out) == ()
    assert texts(out.getvalue()) == ["second", "slip", "first", "second", "slip"]
    sizes = [(page.mediabox.width, page.mediabox.height) for page in PdfReader(out).pages]
    assert sizes == [(420, 595), (420, 595), (298, 420), (420, 595), (420, 595)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cannot be read"),
        (b"<html>an error page</html>", "cannot be read"),
        (b"%PDF-1.4\n%%EOF", "cannot be read"),
        (locked(), "password"),
    ],
    ids=["empty", "HTML", "cut short", "locked"],
)
def test_a_damaged_one_is_named_and_the_rest_goes_on(content: bytes, why: str) -> None:
    out = io.BytesIO()
    (bad,) = merge([GOOD, content, SLIP], out)
    assert bad.place == 1 and why in bad.why
    assert texts(out.getvalue()) == ["first", "second", "slip"]


def test_nothing_is_written_when_all_are_damaged() -> None:
    out = io.BytesIO()
    assert [bad.place for bad in merge([b"x", b""], out)] == [0, 1]
    assert out.getvalue() == b""


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(SLIP)), st.binary(max_size=40))
def test_whatever_is_wrong_with_one_the_others_are_whole(at: int, junk: bytes) -> None:
    out = io.BytesIO()
    bad = merge([GOOD, SLIP[:at] + junk + SLIP[at + len(junk) :], GOOD], out)
    assert all(one.place == 1 for one in bad)
    found = PdfReader(out).pages
    assert "first" in found[0].extract_text() and "first" in found[-1].extract_text()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (stored(GOOD, sha256="0" * 64), "changed"),
        (stored(b"  "), "empty"),
        (stored(b"<html>"), "begin as a PDF"),
        (stored(GOOD[: len(GOOD) // 2]), "ends early"),
        (stored(GOOD, "png"), "begin as a PNG"),
        (stored(png("TH1")[:-20], "png"), "ends early"),
    ],
)
def test_what_came_damaged_is_not_printed(document: StoredDocument, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        check(document)


def test_what_came_whole_is_fine() -> None:
    for document in (stored(GOOD), stored(SLIP + b"\n\n"), stored(png("TH1"), "png"), stored(b"^XA^XZ", "zpl")):
        check(document)
    assert (pages(GOOD), pages(SLIP)) == (1, 2)
    with pytest.raises(Damaged):
        pages(b"%PDF-1.4")


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 40))),
    st.integers(1, 5),
    st.integers(1, 100),
)
def test_jobs_are_the_list_cut_and_nothing_else(sizes: list[tuple[bool, int]], most: int, most_octets: int) -> None:
    jobs = in_jobs(sizes, most=most, most_octets=most_octets)
    assert [place for job in jobs for place in job] == list(range(len(sizes)))
    for job in jobs:
        assert len(job) == 1 or all(sizes[place][0] for place in job)
        assert len(job) <= most
        assert len(job) == 1 or sum(sizes[place][1] for place in job) <= most_octets
    for job, after in itertools.pairwise(jobs):
        together = sum(sizes[place][1] for place in (*job, after[0]))
        can_merge = sizes[job[-1]][0] and sizes[after[0]][0]
        assert not (can_merge and len(job) < most and together <= most_octets), "no job is cut without need"
