"""Reading a count: encodings, marks between cells, columns by any name, and lines that cannot be used."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.counting import CountLine
from shoptui.domain.shares import PoolListing, PoolStock
from shoptui.stock_count import PROBLEMS_MAX, BadCount, delimiter_of, read_count
from shoptui.stock_source import CountFile, ListedStock, StockSource


def lines(content: bytes) -> list[tuple[str, int]]:
    return [(line.sku, line.counted) for line in read_count(content).lines]


CHINESE = "货号,名称,数量\r\nBAG-RD-M,帆布袋 红,15\r\n杯子-白,陶瓷杯,58\r\n"


@pytest.mark.parametrize(
    ("encoding", "name", "doubts"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8", False),
        ("utf-16", "utf-16", False),
        ("utf-16-le", "utf-16-le", True),
        ("utf-16-be", "utf-16-be", True),
        ("gb18030", "gb18030", True),
    ],
)
def test_a_table_is_read_in_whatever_encoding_it_was_saved(encoding: str, name: str, doubts: bool) -> None:
    text = CHINESE if not encoding.endswith(("-le", "-be")) else "sku,count\nBAG-RD-M,15\nMUG,58\n"
    read = read_count(text.encode(encoding))
    assert read.encoding == name and bool(read.doubt) is doubts
    assert [line.counted for line in read.lines] == [15, 58]
    if text == CHINESE:
        assert read.lines[1].sku == "杯子-白" and read.sku_column == "货号"


def test_western_accents_are_told_from_chinese_and_said() -> None:
    read = read_count("sku,name,count\nCAFÉ-1,Tasse à café,3\nMÜ-2,Müsli,4\n".encode("cp1252"))
    assert (read.encoding, [line.sku for line in read.lines]) == ("cp1252", ["CAFÉ-1", "MÜ-2"])
    assert "CP1252" in read.doubt


@pytest.mark.parametrize("mark", ["\t", ";", ",", "|"])
def test_what_stands_between_cells_is_found(mark: str) -> None:
    text = f'sku{mark}name{mark}count\nA{mark}"bag, red; {mark} M"{mark}3\nB{mark}mug{mark}4\n'
    assert delimiter_of(text) == mark
    assert lines(text.encode()) == [("A", 3), ("B", 4)]


def test_two_columns_need_no_names_and_lines_may_end_any_way() -> None:
    assert lines(b"BAG,15\rMUG,58\r") == [("BAG", 15), ("MUG", 58)]
    assert lines(b'\r\n\r\n="0577",15\r\n\'0578,2\r\n') == [("0577", 15), ("0578", 2)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no line in it"),
        (b"a,b,c\n1,2,3\n", "The columns are a, b, c; there is none named sku and count"),
        (b"sku,price\nA,2\n", "none named count"),
        (b"name,count\nA,2\n", "none named sku"),
        (b"sku,sku,count\nA,B,2\n", "Two columns could be meant"),
        (b"sku,count\n\x00\x01,2\n", "no text"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "says it is UTF-16 but is not"),
        (b"\xd0\xcf\x11\xe0 old", "old XLS form"),
        (b"PK\x03\x04 nonsense", "no XLSX that can be read"),
        (b"sku,count\n" + b"\x81\x8d\x8f" * 3 + b",1\n", "no text in a known encoding"),
    ],
)
def test_what_cannot_be_used_says_what_was_found(content: bytes, words: str) -> None:
    with pytest.raises(BadCount, match=words):
        read_count(content)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("A,=1+1", "Line 2: the units of A, =1.1, are a formula, which is not run"),
        ("=cmd|' /C calc'!A0,3", "the code =cmd.* is a formula"),
        ("@SUM(A1),3", "is a formula"),
        ("+A1,3", "is a formula"),
        ("A,-A1", "are a formula"),
        ("A,-3", "less than none"),
        ("A,3.5", "no whole number"),
        ("A,three", "no whole number"),
        ("A,٣", "no whole number"),
        ("A,", "has no units"),
        (",3", "there is no code"),
        ("A,99999999999999999999999", "more than 1,000,000,000"),
        ("A," + "9" * 5000, "more than 1,000,000,000"),
        ("A,1000000001", "more than"),
        ("X" * 200 + ",3", "the code has 200 characters"),
        ("B,3\nb ,4", "Line 3: b stands in line 2 already"),
    ],
)
def test_a_line_that_cannot_be_used_says_why_and_the_others_count(cell: str, words: str) -> None:
    read = read_count(f"sku,count\n{cell}\nGOOD,7\n".encode())
    assert read.unusable == len(read.problems) == 1
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(read.problems[0])
    assert read.lines[-1].sku == "GOOD"


@pytest.mark.parametrize(
    ("cell", "units"), [("1,234", 1234), ("1 234", 1234), ("12.0", 12), ("12.00", 12), ("+5", 5), ("007", 7), ("0", 0)]
)
def test_numbers_as_spreadsheets_write_them(cell: str, units: int) -> None:
    assert lines(f'sku,count\nA,"{cell}"\n'.encode()) == [("A", units)]


def test_many_problems_are_counted_not_all_told() -> None:
    read = read_count(("sku,count\n" + "A,x\n" * 70 + "B,1\n").encode())
    assert (len(read.problems), read.unusable, len(read.lines)) == (PROBLEMS_MAX, 70, 1)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_a_workbook_is_read_without_running_anything() -> None:
    read = read_count(
        workbook(
            ("SKU", "Name", "Quantity"), ("BAG", "帆布袋", 15), (577, "mug", 58.0), ("C", "x", "=1+1"), ("D", "", 1.5)
        )
    )
    assert [(line.sku, line.counted) for line in read.lines] == [("BAG", 15), ("577", 58)]
    assert read.unusable == 2 and "formula" in read.problems[0] and "1.5" in read.problems[1]


@given(
    st.dictionaries(
        st.text("ABCdef0123-/漢字", min_size=1, max_size=8).filter(lambda one: not one.startswith("-")),
        st.integers(0, 10**9),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(counted: dict[str, int], mark: str, encoding: str) -> None:
    keys = {sku.casefold() for sku in counted}
    text = f"sku{mark}count\n" + "".join(f'"{sku}"{mark}{units}\n' for sku, units in counted.items())
    read = read_count(text.encode(encoding))
    if len(keys) == len(counted):
        assert {line.sku: line.counted for line in read.lines} == counted and not read.problems
    else:
        assert len(read.lines) == len(keys)


async def test_sources_say_how_many_and_who_says_so() -> None:
    file: StockSource = CountFile("count.csv", "货号,数量\nA,3\n".encode("gb18030"))
    found = await file.counted()
    assert (file.name, found.lines, len(found.problems)) == ("file count.csv", (CountLine("A", 3, 2),), 1)
    live = PoolListing("tt-th-1", "1/1", "w1", 5)
    theirs = PoolListing("tt-th-1", "1/1", "w2", 50, ours=False)
    off = PoolListing("sp-vn-1", "1/1", "", 4, live=False, silent=True)
    bag = PoolStock("bag", None, 3, (live, theirs, off))
    listed: StockSource = ListedStock((("Bag", bag), ("Theirs", PoolStock("theirs", 9, 1, (theirs,)))))
    found = await listed.counted()
    assert (listed.name, found.lines) == ("marketplaces", (CountLine("Bag", 8),))
    assert [problem.split(":")[0] for problem in found.problems] == ["Bag", "Theirs"]
    assert "sp-vn-1 did not answer lately" in found.problems[0]
