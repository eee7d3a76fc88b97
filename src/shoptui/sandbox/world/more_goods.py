"""Words for as many further goods as are asked for: things, colours and sizes in the languages they are sold in."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

LANGUAGES = ("en", "vi", "th", "ms", "id", "zh", "ja")


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of goods. `names` are in the order of LANGUAGES; `usd_cents` is its price level."""

    code: str
    usd_cents: int
    weight_g: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Colour:
    code: str
    names: tuple[str, ...]


def _things() -> tuple[Thing, ...]:
    text = resources.files(__package__).joinpath("more_goods.csv").read_text(encoding="utf-8")
    return tuple(
        Thing(row["code"], int(row["usd_cents"]), int(row["weight_g"]), tuple(row[language] for language in LANGUAGES))
        for row in csv.DictReader(text.splitlines())
    )


THINGS = _things()

COLOURS = (
    Colour("RD", ("red", "đỏ", "แดง", "merah", "merah", "红", "赤")),
    Colour("BL", ("blue", "xanh dương", "น้ำเงิน", "biru", "biru", "蓝", "青")),
    Colour("BK", ("black", "đen", "ดำ", "hitam", "hitam", "黑", "黒")),
    Colour("WH", ("white", "trắng", "ขาว", "putih", "putih", "白", "白")),
    Colour("GN", ("green", "xanh lá", "เขียว", "hijau", "hijau", "绿", "緑")),
    Colour("GY", ("grey", "xám", "เทา", "kelabu", "abu-abu", "灰", "灰")),
    Colour("PK", ("pink", "hồng", "ชมพู", "merah jambu", "merah muda", "粉", "桃")),
    Colour("SD", ("sand", "be", "เบจ", "krim", "krem", "米色", "砂色")),
)

SIZES = ("S", "M", "L")
