"""Tracking numbers from pastes and files: columns, encodings, repeats, formulas."""

from __future__ import annotations

import pytest

from shoptui.queries.tracking_file import (
    FILE_MAX_OCTETS,
    BadTrackingFile,
    TrackingLine,
    decode_tracking,
    read_tracking,
)

TEXTS = [
    ("576\tTH0001\n577\tTH0002\n", [("576", "TH0001"), ("577", "TH0002")]),
    ("576,TH0001\r\n577,TH0002", [("576", "TH0001"), ("577", "TH0002")]),
    ("576;TH0001\n\n577;TH0002\n", [("576", "TH0001"), ("577", "TH0002")]),
    ("576 TH0001\n577   TH0002", [("576", "TH0001"), ("577", "TH0002")]),
    ("TH0001\nTH0002\n", [("", "TH0001"), ("", "TH0002")]),
    ("tracking number,order no\nTH0001,576\n", [("576", "TH0001")]),
    ("订单号,物流公司,运单号\n576,Flash,TH0001\n", [("576", "TH0001")]),
    ('="576",="TH0001"\n', [("576", "TH0001")]),
    ("'576,'TH0001\n", [("576", "TH0001")]),
]


@pytest.mark.parametrize(("text", "found"), TEXTS)
def test_columns_are_found_however_they_come(text: str, found: list[tuple[str, str]]) -> None:
    read = read_tracking(text)
    assert [(line.order_no, line.tracking_number) for line in read.lines] == found
    assert read.problems == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("576,AB\n", "Line 1: A tracking number has 4 to 64 characters"),
        ("576,=HYPERLINK(1)\n", "Line 1: A tracking number has only"),
        ("576,\n", "Line 1: A tracking number has"),
        ("576,TH0001\n576,TH0002\n", "Line 2: order 576 stands in line 1 already."),
        ("576,TH0001\n577,TH0001\n", "Line 2: TH0001 stands in line 1 already."),
    ],
)
def test_a_line_that_cannot_be_used_is_named(text: str, words: str) -> None:
    read = read_tracking(text)
    assert [problem for problem in read.problems if problem.startswith(words)], read.problems


def test_what_is_good_in_a_text_is_kept_beside_what_is_not() -> None:
    read = read_tracking("order,tracking,carrier\n576,TH0001,Flash\n577,?\n578,TH0003\n")
    assert read.lines == (TrackingLine(2, "576", "TH0001", "Flash"), TrackingLine(4, "578", "TH0003"))
    assert len(read.problems) == 1


@pytest.mark.parametrize("text", ["", "\n\n", " , \n"])
def test_an_empty_text_is_refused(text: str) -> None:
    with pytest.raises(BadTrackingFile):
        read_tracking(text)


@pytest.mark.parametrize("heads", ["sku,qty", "date;number;courier", "order", "订单号\t日期"])
def test_wrong_columns_are_named_with_the_right_ones(heads: str) -> None:
    with pytest.raises(BadTrackingFile, match=r"No column is named as a tracking number.*order, tracking"):
        read_tracking(f"{heads}\n576,TH0001\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_files_of_any_spreadsheet_are_text(encoding: str) -> None:
    assert read_tracking(decode_tracking("订单号,运单号\n576,TH0001\n".encode(encoding))).lines[0].order_no == "576"


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03", b"PK\x03\x04\x00\x00", b"x" * (FILE_MAX_OCTETS + 1)])
def test_what_is_no_text_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(BadTrackingFile):
        decode_tracking(content)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(ending: str) -> None:
    found = read_tracking(ending.join(["order,tracking", "576,TH0001", "577,TH0002"]))
    assert [line.order_no for line in found.lines] == ["576", "577"]


def test_a_cell_that_no_spreadsheet_writes_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadTrackingFile, match="no table of columns"):
        read_tracking('576,"' + "1" * 200_000)
