"""Writing a pick list to paper and spreadsheet: a PDF with this machine's fonts, and a CSV file."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.cockpit.new_file import write_new
from shoptui.i18n import _, ngettext
from shoptui.queries.pick_list import PickLine, PickList, pick_rows
from shoptui.words import orders_count, parcels_count, pieces_count

if TYPE_CHECKING:
    from fpdf import FPDF

# A warning for every glyph a font lacks helps nobody; what cannot be drawn is said once.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)

_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")

#: Looked at first, in this order: plain faces for Latin, Thai, and Chinese, Japanese and Korean.
_FONT_NAMES = (
    "NotoSans-Regular",
    "DejaVuSans",
    "LiberationSans-Regular",
    "NotoSansThai-Regular",
    "Loma",
    "Garuda",
    "NotoSansCJK-Regular",
    "NotoSansSC-Regular",
    "wqy-microhei",
    "wqy-zenhei",
    "DroidSansFallback",
    "DroidSansFallbackFull",
)

#: The widths of the columns on A4, millimetres: tick, quantity, SKU, name, orders, parcels.
_WIDTHS = (8, 16, 44, 86, 16, 20)
#: The same with the shelf before the SKU.
_WIDTHS_WITH_SHELF = (8, 16, 28, 40, 62, 16, 20)
_ROW_MM = 7


def write_pick_list(picks: PickList, folder: Path, moment: datetime) -> str:
    """Write both files and say where, or why not. Blocks for the disk and for the fonts."""
    stem = f"pick-list-{moment:%Y-%m-%d-%H%M%S}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content, undrawn = pick_sheet(picks, moment)
        pdf = write_new(folder, stem, "pdf", content)
        write_new(folder, stem, "csv", pick_csv(picks))
    except OSError as error:
        return _("The pick list cannot be written to {folder}: {why}").format(
            folder=folder, why=error.strerror or error
        )
    said = _("Pick list written to {path} and .csv").format(path=pdf)
    if undrawn:
        words = ngettext(
            "{count} name has letters no font of this machine can draw: go by its SKU.",
            "{count} names have letters no font of this machine can draw: go by their SKUs.",
            undrawn,
        )
        said += ". " + words.format(count=undrawn)
    return said


def pick_csv(picks: PickList) -> bytes:
    """The list for a spreadsheet."""
    out = StringIO(newline="")
    csv.writer(out).writerows(pick_rows(picks))
    return out.getvalue().encode("utf-8-sig")


def pick_sheet(picks: PickList, moment: datetime, folders: Sequence[str] = _FONT_FOLDERS) -> tuple[bytes, int]:
    """The list on A4, a box to tick before each line, and how many lines have letters that cannot be drawn.

    Those are drawn as `?`. Thai marks are set without shaping: above their letters, not always at the nicest height.
    """
    from fpdf import FPDF

    sheet = FPDF(format="A4")
    sheet.set_auto_page_break(False)
    letters = {letter for line in picks.lines for letter in f"{line.shelf}{line.sku}{line.name}{line.warehouse}"}
    drawable = _use_fonts(sheet, letters, folders)
    undrawn = sum(1 for line in picks.lines if set(f"{line.sku}{line.name}") - drawable)
    page = 0
    warehouse: str | None = None
    for line in picks.lines:
        if line.warehouse != warehouse or sheet.get_y() > sheet.h - 20:
            warehouse = line.warehouse
            page += 1
            _begin_page(sheet, picks, moment, warehouse, page)
        _row(sheet, line, drawable, with_shelf=picks.has_shelves)
    return bytes(sheet.output()), undrawn


def _begin_page(sheet: FPDF, picks: PickList, moment: datetime, warehouse: str, page: int) -> None:
    sheet.add_page()
    sheet.set_font(size=14)
    title = _("Pick list {moment}").format(moment=f"{moment:%Y-%m-%d %H:%M}")
    sheet.cell(w=0, h=9, text=f"{title}   {warehouse}".rstrip(), new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(size=9)
    words = _("{pieces} of {skus} SKUs for {orders}, {parcels}   page {page}").format(
        pieces=pieces_count(picks.quantity),
        skus=len(picks.lines),
        orders=orders_count(picks.orders),
        parcels=parcels_count(picks.parcels),
        page=page,
    )
    sheet.cell(w=0, h=6, text=words, new_x="LMARGIN", new_y="NEXT")
    shelf_head = (_("shelf"),) if picks.has_shelves else ()
    heads = ("", _("pieces"), *shelf_head, _("SKU"), _("name"), _("orders"), _("parcels"))
    for width, head in zip(_widths(picks.has_shelves), heads, strict=True):
        sheet.cell(w=width, h=_ROW_MM, text=head, border="B")
    sheet.ln(_ROW_MM)


def _widths(with_shelf: bool) -> tuple[int, ...]:
    return _WIDTHS_WITH_SHELF if with_shelf else _WIDTHS


def _row(sheet: FPDF, line: PickLine, drawable: set[str], *, with_shelf: bool) -> None:
    sheet.set_font(size=9)
    sheet.rect(sheet.get_x() + 1, sheet.get_y() + 1.5, 4, 4)
    shelf = (line.shelf,) if with_shelf else ()
    cells = ("", str(line.quantity), *shelf, line.sku, line.name, str(line.orders), str(line.parcels))
    for place, (width, words) in enumerate(zip(_widths(with_shelf), cells, strict=True)):
        sheet.set_font(size=12 if place == 1 else 9)
        shown = "".join(letter if letter in drawable else "?" for letter in words)
        sheet.cell(w=width, h=_ROW_MM, text=_cut(sheet, shown, width - 2), border="B")
    sheet.ln(_ROW_MM)


def _cut(sheet: FPDF, words: str, width_mm: float) -> str:
    while words and sheet.get_string_width(words) > width_mm:
        words = words[:-1]
    return words


# -- fonts ------------------------------------------------------------------------------------------------------------


def _use_fonts(sheet: FPDF, letters: set[str], folders: Sequence[str]) -> set[str]:
    """Give the sheet fonts for as many of the letters as this machine has; what can be drawn with them."""
    drawable = {chr(code) for code in range(0x20, 0x7F)}
    families: list[str] = []
    for path in _fonts(folders):
        missing = letters - drawable
        if families and not missing:
            break
        known = _letters_of(path)
        # The first one also draws the heads, in whatever language they are.
        if not families and not drawable <= known:
            continue
        if families and not missing & known:
            continue
        family = f"face{len(families)}"
        sheet.add_font(family, fname=str(path))
        families.append(family)
        drawable |= known
    if not families:
        sheet.set_font("helvetica", size=9)
        return drawable
    sheet.set_fallback_fonts(families[1:], exact_match=False)
    sheet.set_font(families[0], size=9)
    return drawable


def _fonts(folders: Iterable[str]) -> Iterator[Path]:
    """The plain TrueType faces there are, the best known first."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(Path(folder).expanduser().rglob("*.tt[fc]")):
            if path.is_file():
                found.setdefault(path.stem, path)
    for name in _FONT_NAMES:
        if name in found:
            yield found.pop(name)
    yield from (path for name, path in found.items() if not {"Bold", "Italic", "Oblique"} & _words(name))


def _words(name: str) -> set[str]:
    return {word for word in ("Bold", "Italic", "Oblique") if word in name}


def _letters_of(path: Path) -> set[str]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            # Outlines of the other kind (CFF) cannot be put into a PDF this way.
            if "glyf" not in font:
                return set()
            return {chr(code) for code in font.getBestCmap() or {}}
    except (TTLibError, OSError, KeyError):
        # A damaged font is as good as none.
        return set()
