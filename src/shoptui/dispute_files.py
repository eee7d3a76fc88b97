"""Writes a dispute's pack: one folder with the letter, the document, the amounts and copies of what supports them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from shoptui.domain.disputes import DisputePack, Language
from shoptui.queries.dispute_pack import AMOUNT_COLUMNS, amount_cells, document, letter
from shoptui.queries.sheets import SheetError, open_table

LETTER, DOCUMENT, AMOUNTS = "letter.txt", "dispute.md", "amounts.csv"
#: What the links in the document begin with.
EVIDENCE_FOLDER = "evidence"

_SAFE = re.compile(r"[^0-9A-Za-z._-]+")


class PackError(Exception):
    """A pack that cannot be written; the sentence says what to do."""


def folder_name(store_id: str, day: str) -> str:
    """`sp-my-1-2026-07-14`: what a pack's folder is called, `day` being the store's local one."""
    return f"{safe_name(store_id)}-{safe_name(day)}"


def safe_name(name: str) -> str:
    """A name a file may have on any system; nothing in it leads out of its folder."""
    return _SAFE.sub("-", name).strip(".-")[:80] or "file"


def free_folder(parent: Path, name: str) -> Path:
    """The folder of that name, or the next free one with a number behind."""
    path, number = parent / name, 2
    while path.exists():
        path = parent / f"{name}-{number}"
        number += 1
    return path


def write_pack(
    pack: DisputePack, folder: Path, language: Language, time_zone: str, copies: Mapping[str, bytes]
) -> list[Path]:
    """Write a pack into a folder that must not be there yet; returns its files.

    `copies` are files of evidence by name, which the pack's evidence links to as `evidence/<name>`. Only this user may
    read them. The folder appears when all of it is written. Raises PackError when nothing is to be claimed or it cannot
    be written.
    """
    if not pack.orders:
        raise PackError("None of the marked lines can be claimed, so there is nothing to write.")
    if folder.exists():
        raise PackError(f"{folder} is there already; choose another name.")
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.mkdir(mode=0o700)
        _write(part / LETTER, letter(pack, language, time_zone).encode("utf-8"))
        _write(part / DOCUMENT, document(pack, language, time_zone).encode("utf-8"))
        with open_table(part / AMOUNTS, AMOUNT_COLUMNS, title=pack.store_id) as table:
            table.add(amount_cells(pack))
        if copies:
            (part / EVIDENCE_FOLDER).mkdir(mode=0o700)
        for name, content in copies.items():
            _write(part / EVIDENCE_FOLDER / safe_name(name), content)
        os.rename(part, folder)
    except (OSError, SheetError) as error:
        shutil.rmtree(part, ignore_errors=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise PackError(f"{folder} cannot be written: {reason}.") from error
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
