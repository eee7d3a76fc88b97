"""Tracking numbers for many orders at once: pasted columns or a CSV file, checked before anything is sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from shoptui.domain.records import dataclass
from shoptui.domain.verbs import BadArguments, check_tracking

#: Words a first line may have over the columns, in small letters.
_ORDER_HEADS = frozenset({"order", "order_no", "order no", "order number", "order id", "order_id", "订单", "订单号"})
_NUMBER_HEADS = frozenset(
    {"tracking", "tracking_number", "tracking number", "tracking no", "awb", "运单", "运单号", "物流单号"}
)
_CARRIER_HEADS = frozenset({"provider", "carrier", "courier", "承运商", "物流公司", "快递"})

#: A larger file is no list of parcels.
FILE_MAX_OCTETS = 4 * 1024 * 1024


class BadTrackingFile(ValueError):
    """The text cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class TrackingLine:
    """One line that was read: `order_no` is "" where the text had one column. `line` is its number, from 1."""

    line: int
    order_no: str
    tracking_number: str
    provider: str = ""


@dataclass(frozen=True, slots=True)
class TrackingRead:
    """What a text held: the usable lines, and a sentence for each line that cannot be used."""

    lines: tuple[TrackingLine, ...]
    problems: tuple[str, ...]


def decode_tracking(content: bytes) -> str:
    """The text of a file. Raises BadTrackingFile for what is too large or no text in a known encoding."""
    if len(content) > FILE_MAX_OCTETS:
        raise BadTrackingFile(f"The file has {len(content):,} bytes; at most {FILE_MAX_OCTETS:,} are read.")
    # Spreadsheets in Chinese Windows save CSV as GB 18030 unless told otherwise.
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if wide else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadTrackingFile("The file is no text: save it as CSV (UTF-8) and try again.")


def read_tracking(text: str) -> TrackingRead:
    """Lines of `order, tracking number[, provider]`, or of tracking numbers alone; tabs, commas or semicolons between.

    A first line of column names decides which column is which. Order numbers and tracking numbers that stand twice, and
    numbers no carrier would give, are problems of their lines.
    """
    rows = [(number, row) for number, row in enumerate(cells_of(text), start=1) if any(cell.strip() for cell in row)]
    if not rows:
        raise BadTrackingFile("There is no line in it: order number and tracking number are wanted, one pair a line.")
    columns = _columns(rows[0][1])
    if columns is not None:
        rows = rows[1:]
    elif _is_heads(rows[0][1]):
        names = ", ".join(cell.strip() for cell in rows[0][1] if cell.strip())
        raise BadTrackingFile(
            f"No column is named as a tracking number: there are {names}. "
            "Name them order, tracking and, if wanted, carrier."
        )
    found: list[TrackingLine] = []
    problems: list[str] = []
    seen_orders: dict[str, int] = {}
    seen_numbers: dict[str, int] = {}
    for number, row in rows:
        cells = [plain_cell(cell) for cell in row]
        order_no, tracking, provider = _pick(cells, columns)
        try:
            tracking = check_tracking(tracking)
        except BadArguments as error:
            problems.append(_of_line(number, str(error)))
            continue
        if order_no and order_no in seen_orders:
            problems.append(_of_line(number, f"order {order_no} stands in line {seen_orders[order_no]} already."))
            continue
        if tracking in seen_numbers:
            problems.append(_of_line(number, f"{tracking} stands in line {seen_numbers[tracking]} already."))
            continue
        if order_no:
            seen_orders[order_no] = number
        seen_numbers[tracking] = number
        found.append(TrackingLine(number, order_no, tracking, provider))
    return TrackingRead(tuple(found), tuple(problems))


def _of_line(number: int, what: str) -> str:
    return f"Line {number}: {what}"


def cells_of(text: str) -> Iterable[list[str]]:
    """The lines of a table as cells: tabs, commas or semicolons between them, blanks where there is none of these.

    Raises BadTrackingFile for what no spreadsheet would have written.
    """
    sample = text[:4096]
    delimiter = max("\t;,", key=sample.count)
    if not any(mark in sample for mark in "\t;,"):
        return [line.split() for line in text.splitlines()]
    try:
        # Lines may end in any of the three ways, the old Macintosh's included.
        return list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter))
    except csv.Error as error:
        raise BadTrackingFile(f"The file is no table of columns: {error}. Save it as CSV (UTF-8) again.") from error


def _columns(first: Sequence[str]) -> tuple[int, int, int] | None:
    """Where order, number and provider stand by a line of names (-1: nowhere); None when it is a line of values."""
    names = [cell.strip().casefold() for cell in first]

    def place(heads: frozenset[str]) -> int:
        return next((index for index, name in enumerate(names) if name in heads), -1)

    found = place(_ORDER_HEADS), place(_NUMBER_HEADS), place(_CARRIER_HEADS)
    return found if found[1] >= 0 else None


def _is_heads(first: Sequence[str]) -> bool:
    """Whether a line is of names: order and tracking numbers have digits, so several words without one are none."""
    cells = [cell.strip() for cell in first if cell.strip()]
    names = all(not any(mark.isdigit() for mark in cell) for cell in cells)
    return names and (len(cells) > 1 or cells[0].casefold() in _ORDER_HEADS | _CARRIER_HEADS)


def _pick(cells: Sequence[str], columns: tuple[int, int, int] | None) -> tuple[str, str, str]:
    def cell(place: int) -> str:
        return cells[place] if 0 <= place < len(cells) else ""

    if columns is not None:
        order, number, provider = columns
        return cell(order), cell(number), cell(provider)
    if len([each for each in cells if each]) < 2:
        return "", next((each for each in cells if each), ""), ""
    return cell(0), cell(1), cell(2)


def plain_cell(cell: str) -> str:
    """A cell without what spreadsheets put around numbers to keep them text: `="577"`, `'577`."""
    value = cell.strip()
    if value.startswith("=") and value[1:2] == '"' and value.endswith('"'):
        value = value[2:-1]
    return value.removeprefix("'").strip()
