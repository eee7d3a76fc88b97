"""Tables that leave the program in CSV and Excel files: typed cells, exact amounts, nothing a spreadsheet would run.

A file is written row by row, so that a million lines need no more memory than one, and takes its name only when it is
whole.
"""

from __future__ import annotations

import csv
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from shoptui.domain.money import Money, minor_digits
from shoptui.domain.records import dataclass
from shoptui.queries.order_export import safe_cell

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

#: A spreadsheet's numbers have fifteen digits; longer ones stay exact as text.
_DIGITS_MAX = 15
#: Characters no Excel file may hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDTH_MAX = 40


class SheetError(Exception):
    """A file that cannot be written; the sentence says what to do."""


class Format(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"


class Kind(StrEnum):
    """What a column holds: `money` an amount (`Money`), `moment` epoch seconds, None in all of them for nothing."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    MOMENT = "moment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; of money columns with `total` the last rows can have the exact sum, one row per currency."""

    name: str
    kind: Kind = Kind.TEXT
    total: bool = False


Cell = str | int | bool | Money | None


class TableFile(Protocol):
    """A file being written."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write some rows; each has a cell for every column."""

    def close(self) -> None:
        """Write the totals, and give the file its name."""

    def discard(self) -> None:
        """Leave nothing behind."""

    def __enter__(self) -> TableFile: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_table(
    path: Path, columns: Sequence[Column], *, title: str, replace: bool = False, totals: bool = False
) -> TableFile:
    """Begin a file, of the kind its name ends with (.csv or .xlsx). Use it as a context: an error leaves no file.

    `totals` ends a CSV file with a row of sums for each currency, as an Excel file always does. Only this user may read
    it. Raises SheetError when the kind is not known or its library is not installed, the file
    is there already and `replace` is False, or the directory cannot be written to.
    """
    try:
        form = Format(path.suffix.lower().removeprefix("."))
    except ValueError:
        raise SheetError(f"{path.name} is neither CSV nor Excel; end its name with .csv or .xlsx") from None
    if not replace and path.exists():
        raise SheetError(f"{path} is there already; remove it or name another file")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _CsvFile(path, columns, totals) if form is Format.CSV else _XlsxFile(path, columns, title)
    except OSError as error:
        raise SheetError(f"{path} cannot be written: {error.strerror or error}") from error


class _Named(ABC):
    """What both kinds do: a file beside the wanted one that takes its name at the end."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._columns = columns
        self._done = False
        self._sums: dict[str, dict[int, int]] = {}

    @abstractmethod
    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write some rows."""

    @abstractmethod
    def _finish(self) -> None:
        """Write what comes last, under the name of the part."""

    @abstractmethod
    def _drop(self) -> None:
        """Give up what is open."""

    def close(self) -> None:
        if self._done:
            return
        self._done = True
        try:
            self._finish()
            os.replace(self._part, self._path)
        except OSError as error:
            self._part.unlink(missing_ok=True)
            raise SheetError(f"{self._path} cannot be written: {error.strerror or error}") from error

    def discard(self) -> None:
        if not self._done:
            self._done = True
            self._drop()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> TableFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _add_up(self, row: Sequence[Cell]) -> None:
        """Count a row in for the totals."""
        for number, (cell, column) in enumerate(zip(row, self._columns, strict=True)):
            if column.total and isinstance(cell, Money):
                sums = self._sums.setdefault(cell.currency, {})
                sums[number] = sums.get(number, 0) + cell.minor

    def _totals(self) -> Iterator[list[Cell]]:
        """The rows of sums, by currency; the first cell says so where no sum stands there."""
        for currency, sums in sorted(self._sums.items()):
            cells: list[Cell] = [
                Money(sums[number], currency) if number in sums else None for number in range(len(self._columns))
            ]
            if cells and cells[0] is None:
                cells[0] = f"total {currency}"
            yield cells

    def _open(self) -> int:
        self._part.unlink(missing_ok=True)
        return os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


class _CsvFile(_Named):
    """Amounts as plain decimals, moments in ISO 8601 UTC. Totals only where they are wanted: what reads CSV adds up."""

    def __init__(self, path: Path, columns: Sequence[Column], totals: bool) -> None:
        super().__init__(path, columns)
        self._with_totals = totals
        self._file: TextIO = os.fdopen(self._open(), "w", newline="", encoding="utf-8-sig")
        self._writer = csv.writer(self._file)
        self._writer.writerow([column.name for column in columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            if self._with_totals:
                self._add_up(row)
            self._write(row)

    def _write(self, row: Sequence[Cell]) -> None:
        self._writer.writerow([_plain(cell, column.kind) for cell, column in zip(row, self._columns, strict=True)])

    def _finish(self) -> None:
        for row in self._totals():
            self._write(row)
        self._file.close()

    def _drop(self) -> None:
        with suppress(OSError):
            self._file.close()


class _XlsxFile(_Named):
    """Amounts and moments as numbers with their formats, the header frozen, totals in the last rows."""

    def __init__(self, path: Path, columns: Sequence[Column], title: str) -> None:
        try:
            from openpyxl import Workbook
        except ImportError as error:
            raise SheetError("Excel files need openpyxl; install shoptui[xlsx], or choose .csv") from error
        super().__init__(path, columns)
        os.close(self._open())
        self._book = Workbook(write_only=True)
        self._sheet: WriteOnlyWorksheet = self._book.create_sheet(_sheet_title(title))
        self._sheet.freeze_panes = "A2"
        for number, column in enumerate(columns):
            letters = self._letters(number)
            self._sheet.column_dimensions[letters].width = min(max(len(column.name) + 2, 12), _WIDTH_MAX)
        self._sheet.append([self._cell(column.name, bold=True) for column in columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            self._add_up(row)
            self._append(row)

    def _append(self, row: Sequence[Cell], *, bold: bool = False) -> None:
        cells = zip(row, self._columns, strict=True)
        self._sheet.append([self._typed(cell, column.kind, bold=bold) for cell, column in cells])

    def _finish(self) -> None:
        for row in self._totals():
            self._append(row, bold=True)
        self._book.save(self._part)
        os.chmod(self._part, 0o600)

    def _drop(self) -> None:
        # What the sheet has written so far lies in a temporary file, which goes when the program ends.
        with suppress(OSError):
            self._sheet.close()

    def _typed(self, cell: Cell, kind: Kind, *, bold: bool = False) -> Any:
        if cell is None:
            return None
        if isinstance(cell, Money):
            if len(str(abs(cell.minor))) > _DIGITS_MAX:
                return self._cell(cell.plain(), bold=bold)
            digits = minor_digits(cell.currency)
            number = Decimal(cell.minor).scaleb(-digits)
            return self._number(number, "#,##0" + (f".{'0' * digits}" if digits else ""), bold=bold)
        if kind is Kind.MOMENT and isinstance(cell, int):
            moment = datetime.fromtimestamp(cell, UTC).replace(tzinfo=None)
            return self._number(moment, "yyyy-mm-dd hh:mm:ss", bold=bold)
        if isinstance(cell, bool):
            return cell
        if isinstance(cell, int):
            return cell if len(str(abs(cell))) <= _DIGITS_MAX else self._cell(str(cell))
        return self._cell(cell, bold=bold)

    def _cell(self, text: str, *, bold: bool = False) -> Any:
        """A text that stays a text, whatever it begins with."""
        cell = self._blank(bold)
        cell.value = _UNPRINTABLE.sub(" ", text)
        cell.data_type = "s"
        return cell

    def _number(self, value: object, number_format: str, *, bold: bool) -> Any:
        cell = self._blank(bold)
        cell.value = value
        cell.number_format = number_format
        return cell

    def _blank(self, bold: bool) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        cell = WriteOnlyCell(self._sheet)
        if bold:
            cell.font = Font(bold=True)
        return cell

    @staticmethod
    def _letters(number: int) -> str:
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(number + 1))


def _sheet_title(title: str) -> str:
    """A name Excel takes: no more than 31 characters, and none of those it reserves."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip() or "shoptui"


def _plain(cell: Cell, kind: Kind) -> object:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return cell.plain()
    if kind is Kind.MOMENT and isinstance(cell, int):
        return datetime.fromtimestamp(cell, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, bool):
        return int(cell)
    return safe_cell(cell)
