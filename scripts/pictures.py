"""`make pictures`: takes the pictures in docs/pictures from the real cockpit on a live demo house.

Usage: python -m scripts.pictures [directory [name ...]]. A name is a shot (`ship`) or one size of it (`ship-80x24`);
without names those that the documents show are taken. SVG comes from Textual; PNG by rsvg-convert where it is
installed (it finds fonts for every script), else by CairoSVG.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from PIL import Image
from textual.pilot import Pilot

from shoptui.app import CockpitApp
from shoptui.cellwidth import cell_width
from shoptui.cockpit.tour import Tour
from shoptui.demo import DemoHouse, DemoSize, ensure_demo
from shoptui.queries.types import StoreRow
from shoptui.widgets.scan_gate import ScanSettings

SIZES = ((80, 24), (120, 40), (200, 50))
#: Name of the picture, and the keys that lead to it from the start.
SHOTS: Sequence[tuple[str, Sequence[str]]] = (
    ("orders", ()),
    ("ship", ("2", "asterisk", "s")),
    ("filter", ("slash",)),
    ("wrong-filter", ("slash", "ctrl+u", *"due", "colon", *"<4x", "enter")),
    ("detail", ("down", "down", "enter")),
    ("why", ("K",)),
    ("menu", ("f10",)),
    ("help", ("question_mark",)),
    ("stores", ("g", "e")),
    ("activity", ("g", "a")),
    ("print", ("2", "asterisk", "p")),
    ("inbox", ("g", "i", "g", "g", "down")),
    ("stock", ("g", "k", "4", "down")),
    ("push", ("g", "k", "4", "down", "s")),
    ("returns", ("g", "r", "g", "g", "down")),
    ("refund", ("g", "r", "3", "asterisk", "f")),
    ("quick-reply", ("g", "i", "1", "asterisk", "t", "3")),
    ("money", ("g", "m", "0", "g", "g")),
    ("differences", ("g", "m", "1", "down")),
    ("tour", ()),
)
#: The pictures the README and the manual show.
SHOWN = (
    "orders-120x40",
    "ship-80x24",
    "detail-80x24",
    "wrong-filter-80x24",
    "help-80x24",
    "tour-80x24",
    "inbox-120x40",
    "money-120x40",
    "differences-80x24",
    "quick-reply-80x24",
    "returns-120x40",
    "refund-80x24",
    "stock-200x50",
    "push-80x24",
)
#: Colours of a picture: the cockpit has few, and a picture with a palette takes half the room.
_COLOURS = 256


async def _take(demo: DemoHouse, out: Path, only: Sequence[str]) -> None:
    for columns, rows in SIZES:
        for name, keys in SHOTS:
            if not {name, f"{name}-{columns}x{rows}"} & set(only):
                continue
            # A state of its own for each picture: the cockpit would come back where the last one was.
            os.environ["SHOPTUI_STATE"] = tempfile.mkdtemp(dir=demo.root)
            tour = Tour("mark") if name == "tour" else None
            app = CockpitApp(demo.data_dir, ensure=False, ticking=False, tour=tour)
            async with app.run_test(size=(columns, rows)) as pilot:
                app.set_scan_settings(ScanSettings(hold_s=0))
                await _read_once(app, pilot)
                await _settled(pilot)
                for key in keys:
                    await pilot.press(key)
                await _settled(pilot)
                svg = out / f"{name}-{columns}x{rows}.svg"
                svg.write_text(app.export_screenshot(title="shoptui"), encoding="utf-8")
            to_png(svg)
            sys.stdout.write(svg.stem + "\n")


async def _read_once(app: CockpitApp, pilot: Pilot[object]) -> None:
    """Wait until the engine has read every store once and compared its statements, which comes last."""
    while not (stores := app.session.house.stores) or not all(_is_read(store) for store in stores):
        await pilot.pause(0.2)
        app.read_house()
    while not await _money_is_read(app):
        await pilot.pause(0.5)


async def _money_is_read(app: CockpitApp) -> bool:
    """Whether every store's balance is there and every statement was compared."""
    told = await app.house.reader.money.balances(app.session.now, *app.house.money.look())
    return all(row.balance is not None and not row.unchecked for row in told.rows)


def _is_read(store: StoreRow) -> bool:
    orders, messages = store.feed, store.messages
    return bool(orders and orders.first_done and messages and (messages.first_done or messages.not_granted))


async def _settled(pilot: Pilot[object]) -> None:
    for _ in range(6):
        await pilot.pause(0.1)


_RUN = re.compile(
    r'x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="(?P<length>[\d.]+)"(?P<rest>[^>]*)>(?P<spaces>(?:&#160;)+)'
)
#: The width of one cell in Textual's SVG (its font size times 0.61), in user units.
_CELL = 12.2


_WIDE_RUN = re.compile(
    r'<text(?P<head>[^>]*?) x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="[\d.]+"(?P<rest>[^>]*)>'
    r"(?P<words>[^<]*)</text>"
)


def _cell_by_cell(run: re.Match[str]) -> str:
    """rsvg-convert draws letters of other scripts at their fonts' own widths: what follows them begins at its cell."""
    words = html.unescape(run["words"])
    if words.isascii():
        return run[0]
    x, pieces = float(run["x"]), []
    for _latin, letters in groupby(words, key=lambda letter: letter.isascii() or letter == "\xa0"):
        piece = "".join(letters)
        length = cell_width(piece) * _CELL
        drawn = html.escape(piece).replace("\xa0", "&#160;")
        pieces.append(
            f'<text{run["head"]} x="{x:g}" y="{run["y"]}" textLength="{length:g}"{run["rest"]}>{drawn}</text>'
        )
        x += length
    return "".join(pieces)


def _without_leading_spaces(run: re.Match[str]) -> str:
    """rsvg-convert drops spaces at the start of a run, so the run is moved to where its first letter stands."""
    shift = run["spaces"].count("&") * _CELL
    x, length = float(run["x"]) + shift, float(run["length"]) - shift
    return f'x="{x:g}" y="{run["y"]}" textLength="{max(length, 0):g}"{run["rest"]}>'


def to_png(svg: Path) -> None:
    """Draw an SVG beside itself as PNG and remove the SVG."""
    png = svg.with_suffix(".png")
    if shutil.which("rsvg-convert"):
        text = svg.read_text(encoding="utf-8").replace("Fira Code", "DejaVu Sans Mono")
        # The font's letters are 0.16 units narrower than cells.
        text = text.replace("font-size: 20px;", "font-size: 20px; letter-spacing: 0.16px;", 1)
        text = _RUN.sub(_without_leading_spaces, _WIDE_RUN.sub(_cell_by_cell, text))
        subprocess.run(["rsvg-convert", "-o", str(png)], input=text.encode(), check=True)
    else:
        import cairosvg

        cairosvg.svg2png(url=str(svg), write_to=str(png))
    svg.unlink()
    with Image.open(png) as drawn:
        small = drawn.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(png, optimize=True)


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/pictures")
    out.mkdir(parents=True, exist_ok=True)
    demo = DemoHouse(Path(tempfile.mkdtemp(prefix="shoptui-pictures-")))
    ensure_demo(demo, DemoSize())
    try:
        asyncio.run(_take(demo, out, sys.argv[2:] or SHOWN))
    finally:
        demo.stop()
        shutil.rmtree(demo.root, ignore_errors=True)


if __name__ == "__main__":
    main()
