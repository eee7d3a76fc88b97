"""Reads a count of the house's goods from a CSV or XLSX file: codes, units, and a sentence for what cannot be used."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shoptui.domain.counting import CountLine
from shoptui.domain.pools import pool_key
from shoptui.domain.shares import UNITS_MAX
from shoptui.text import sanitise_cell

#: Words a first line may have over the columns, in small letters.
SKU_HEADS = frozenset({"sku", "seller sku", "seller_sku", "code", "item", "商品编码", "货号", "商家编码", "编码"})
COUNT_HEADS = frozenset(
    {
        "count",
        "counted",
        "quantity",
        "qty",
        "units",
        "stock",
        "on hand",
        "hand",
        "数量",
        "库存",
        "盘点",
        "盘点数量",
        "实盘数",
    }
)

#: Larger files are no counts of goods. An XLSX file is measured unpacked.
FILE_MAX_OCTETS = 16 * 1024 * 1024
UNPACKED_MAX_OCTETS = 256 * 1024 * 1024
LINES_MAX = 200_000
#: So many sentences about single lines; what is beyond is counted.
PROBLEMS_MAX = 50
_SHOWN_MAX = 40
_SKU_MAX = 128

_WHOLE = re.compile(r"[+-]?(?:\d{1,3}(?:[, ]\d{3})+|\d+)(?:[.,]0+)?", re.ASCII)
#: What a spreadsheet would run; a sign before digits alone is a number.
_RUNS = ("=", "+", "-", "@", "\t", "\r")


class BadCount(ValueError):
    """A file that cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class CountRead:
    """What a file held.

    `lines` are usable, each code once. `problems` has a sentence for each line that is not, at most PROBLEMS_MAX;
    `unusable` counts them all. `encoding` is how the text was read, "" for XLSX; `doubt` a sentence where that was a
    guess, "" where it was sure. `sku_column` and `count_column` are their names, or their places where none has a name.
    """

    lines: tuple[CountLine, ...]
    problems: tuple[str, ...]
    unusable: int
    encoding: str
    doubt: str
    delimiter: str
    sku_column: str
    count_column: str


def read_count(content: bytes) -> CountRead:
    """Read a count: CSV in any usual encoding, or XLSX, told apart by their first bytes. Raises BadCount."""
    if len(content) > FILE_MAX_OCTETS:
        raise BadCount(f"The file has {len(content):,} bytes; at most {FILE_MAX_OCTETS:,} are read.")
    if content.startswith(b"PK\x03\x04"):
        return _read_rows(_xlsx_rows(content), encoding="", doubt="", delimiter="")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadCount("The file is in the old XLS form: save it as XLSX or as CSV (UTF-8) and try again.")
    text, encoding, doubt = decode(content)
    delimiter = delimiter_of(text)
    return _read_rows(_csv_rows(text, delimiter), encoding, doubt, delimiter)


def decode(content: bytes) -> tuple[str, str, str]:
    """The text of a file, the encoding it was read in, and a sentence where that was a guess ("" where it was not).

    Raises BadCount for what is no text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding), encoding.removesuffix("-sig"), ""
    if wide := _wide_without_mark(content):
        return _decoded(content, wide), wide, f"The file has no mark of its encoding; it was read as {wide.upper()}."
    try:
        return _refuse_zeros(content.decode("utf-8")), "utf-8", ""
    except UnicodeDecodeError:
        pass
    # Spreadsheets in Chinese Windows save CSV as GB 18030, those in western Windows as code page 1252.
    for encoding in ("gb18030", "cp1252"):
        try:
            text = _refuse_zeros(content.decode(encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and not _looks_chinese(text):
            continue
        return (
            text,
            encoding,
            f"The file is not UTF-8; it was read as {encoding.upper()}. Look whether names are right.",
        )
    raise BadCount("The file is no text in a known encoding: save it as CSV (UTF-8) or XLSX and try again.")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return _refuse_zeros(content.decode(encoding))
    except UnicodeDecodeError as error:
        raise BadCount(
            f"The file says it is {encoding.upper()} but is not: save it as CSV (UTF-8) or XLSX and try again."
        ) from error


def _refuse_zeros(text: str) -> str:
    if "\x00" in text:
        raise BadCount("The file is no text: save it as CSV (UTF-8) or XLSX and try again.")
    return text


def _wide_without_mark(content: bytes) -> str:
    """UTF-16 without a mark, by its zeros: nearly every second byte of a table is one."""
    sample = content[:4096]
    if len(sample) < 4 or sample.count(0) < len(sample) // 4:
        return ""
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


def _looks_chinese(text: str) -> bool:
    """Whether what is beyond ASCII are characters of a list of goods, not accents read as pairs."""
    beyond = [char for char in text if ord(char) > 127]
    usual = sum(
        "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" for char in beyond
    )
    return bool(beyond) and usual * 10 >= len(beyond) * 9


def delimiter_of(text: str) -> str:
    """What stands between cells: the mark of tab, semicolon, comma and bar that most lines have equally often."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    best, best_score = ",", 0
    for mark in "\t;,|":
        counts = [_outside_quotes(line, mark) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        score = counts.count(usual) * 10 + usual if usual else 0
        if score > best_score:
            best, best_score = mark, score
    return best


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[0::2])


def _csv_rows(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter))
    except csv.Error as error:
        raise BadCount(f"The file is no table of columns: {error}. Save it as CSV (UTF-8) or XLSX again.") from error


def _xlsx_rows(content: bytes) -> list[list[str]]:
    """The cells of the first sheet as texts; formulas stand as they are written, nothing is worked out."""
    try:
        import openpyxl
    except ImportError as error:
        raise BadCount("Reading XLSX needs openpyxl: pip install 'shoptui[xlsx]', or save the file as CSV.") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_MAX_OCTETS:
                raise BadCount(f"The file unpacks to more than {UNPACKED_MAX_OCTETS:,} bytes; save it as CSV instead.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        try:
            sheet = book.worksheets[0]
            rows = []
            for row in sheet.iter_rows(values_only=True):
                rows.append([_cell_text(value) for value in row])
                if len(rows) > LINES_MAX + 1:
                    break
            return rows
        finally:
            book.close()
    except BadCount:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError, SyntaxError) as error:
        raise BadCount("The file is no XLSX that can be read: save it as XLSX again, or as CSV (UTF-8).") from error


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _read_rows(every: Iterable[Sequence[str]], encoding: str, doubt: str, delimiter: str) -> CountRead:
    rows = [(number, list(row)) for number, row in enumerate(every, start=1) if any(cell.strip() for cell in row)]
    if not rows:
        raise BadCount("There is no line in it: a code (SKU) and the counted units are wanted, one pair a line.")
    if len(rows) > LINES_MAX:
        raise BadCount(f"The file has more than {LINES_MAX:,} lines; split it and read the parts one by one.")
    sku_at, count_at, named = _columns(rows[0][1])
    first = rows[0][1]
    if named:
        rows = rows[1:]
    found: list[CountLine] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    unusable = 0
    for number, row in rows:
        line, what = _line(number, row, sku_at, count_at, seen)
        if line is not None:
            seen[pool_key(line.sku)] = number
            found.append(line)
            continue
        unusable += 1
        if len(problems) < PROBLEMS_MAX:
            problems.append(f"Line {number}: {what}")
    return CountRead(
        lines=tuple(found),
        problems=tuple(problems),
        unusable=unusable,
        encoding=encoding,
        doubt=doubt,
        delimiter=delimiter,
        sku_column=_shown(first[sku_at]) if named else f"column {sku_at + 1}",
        count_column=_shown(first[count_at]) if named else f"column {count_at + 1}",
    )


def _columns(first: Sequence[str]) -> tuple[int, int, bool]:
    """Where codes and units stand, and whether the first line is one of names. Raises BadCount with what was found."""
    names = [cell.strip().strip("\ufeff").casefold() for cell in first]
    sku_at = [place for place, name in enumerate(names) if name in SKU_HEADS]
    count_at = [place for place, name in enumerate(names) if name in COUNT_HEADS]
    if len(sku_at) == 1 and len(count_at) == 1:
        return sku_at[0], count_at[0], True
    if not sku_at and not count_at and len(names) == 2 and _WHOLE.fullmatch(names[1]):
        return 0, 1, False
    there = ", ".join(_shown(cell) or "(empty)" for cell in first[:12])
    if len(sku_at) > 1 or len(count_at) > 1:
        raise BadCount(f"Two columns could be meant in: {there}. Leave one column named sku and one named count.")
    missing = "sku and count" if not sku_at and not count_at else "count" if sku_at else "sku"
    raise BadCount(f"The columns are {there}; there is none named {missing}. Name one column sku and one count.")


def _line(
    number: int, row: Sequence[str], sku_at: int, count_at: int, seen: dict[str, int]
) -> tuple[CountLine | None, str]:
    """The line, or None and what is wrong with it."""
    sku = _plain(row[sku_at] if sku_at < len(row) else "")
    typed = _plain(row[count_at] if count_at < len(row) else "")
    if not sku:
        return None, "there is no code (SKU) in it."
    if sku.startswith(_RUNS) and not sku.lstrip("+-").isdigit():
        return None, f"the code {_shown(sku)} is a formula, which is not run; type the code itself."
    if len(sku) > _SKU_MAX:
        return None, f"the code has {len(sku)} characters; at most {_SKU_MAX} are taken."
    if not typed:
        return None, f"{_shown(sku)} has no units; type 0 where there are none."
    if typed.startswith(_RUNS) and not _WHOLE.fullmatch(typed):
        return None, f"the units of {_shown(sku)}, {_shown(typed)}, are a formula, which is not run; type the number."
    if not _WHOLE.fullmatch(typed):
        return None, f"{_shown(typed)} is no whole number of units of {_shown(sku)}."
    digits = re.sub(r"[.,]0+$", "", typed) if not re.fullmatch(r"[+-]?\d{1,3}(?:[, ]\d{3})+", typed) else typed
    digits = re.sub(r"[, ]", "", digits)
    # Long digits are refused before they are made a number, which takes time that grows with their square.
    if len(digits.lstrip("+-0")) > len(str(UNITS_MAX)) or abs(int(digits)) > UNITS_MAX:
        return None, f"{_shown(typed)} units of {_shown(sku)} are more than {UNITS_MAX:,}; check the number."
    units = int(digits)
    if units < 0:
        return None, f"{_shown(typed)} units of {_shown(sku)} are less than none; check the number."
    key = pool_key(sku)
    if key in seen:
        return None, f"{_shown(sku)} stands in line {seen[key]} already; add the two up or remove one."
    return CountLine(sanitise_cell(sku, limit=_SKU_MAX), units, number), ""


def _plain(cell: str) -> str:
    """A cell without what spreadsheets put around numbers to keep them text: `="577"`, `'577`."""
    value = cell.strip().strip("\ufeff")
    if value.startswith('="') and value.endswith('"') and len(value) >= 3:
        value = value[2:-1]
    return value.removeprefix("'").strip()


def _shown(text: str) -> str:
    return sanitise_cell(text.strip(), limit=_SHOWN_MAX)
