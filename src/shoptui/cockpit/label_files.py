"""Writing labels to files for whoever has no printer here: PDFs as one file in list order, other formats one by one."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from shoptui.cockpit.new_file import write_new
from shoptui.domain.records import dataclass
from shoptui.i18n import _, ngettext
from shoptui.paths import DataDir


@dataclass(frozen=True, slots=True)
class LabelFile:
    """One label with its bytes. `format` is `pdf`, `png`, `zpl`, `html` or `zip`."""

    store_id: str
    order_no: str
    package_id: str
    format: str
    content: bytes = field(repr=False)

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> LabelFile:
        """Read one entry of the engine's answer to `documents`."""
        return cls(
            str(answer["store_id"]),
            str(answer["order_no"]),
            str(answer["package_id"]),
            str(answer["format"]),
            base64.b64decode(answer["content"]),
        )


def labels_folder(data_dir: DataDir) -> Path:
    """Where labels are written: beside the operator's own state."""
    return data_dir.operator_state.parent / "exports"


def write_labels(labels: Sequence[LabelFile], folder: Path, moment: datetime) -> str:
    """Write the labels and say where, or why not. Blocks for the disk; buyers' addresses are in them, so 0600."""
    stem = f"labels-{moment:%Y-%m-%d-%H%M%S}"
    sheets = [label for label in labels if label.format == "pdf"]
    others = [label for label in labels if label.format != "pdf"]
    paths: list[Path] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sheets:
            content, bad = merged(sheets)
            sheets = [label for label in sheets if label not in bad]
            # What cannot be read as a PDF is kept as it came: a viewer may know better.
            others += bad
            if sheets:
                paths.append(write_new(folder, stem, "pdf", content))
        for label in others:
            name = f"{stem}-{label.store_id}-{label.order_no}-{label.package_id}"
            paths.append(write_new(folder, _plain(name), _plain(label.format) or "bin", label.content))
    except OSError as error:
        return _("The labels cannot be written to {folder}: {why}").format(folder=folder, why=error.strerror or error)
    count = ngettext("{count} label", "{count} labels", len(labels)).format(count=len(labels))
    if len(paths) == 1:
        return _("{labels} written to {path}").format(labels=count, path=paths[0])
    return _("{labels} written as {files} files to {folder}").format(labels=count, files=len(paths), folder=folder)


def merged(labels: Iterable[LabelFile]) -> tuple[bytes, list[LabelFile]]:
    """The PDFs as one, in this order, and those that cannot be read."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    writer = PdfWriter()
    bad: list[LabelFile] = []
    for label in labels:
        try:
            reader = PdfReader(BytesIO(label.content))
            pages = list(reader.pages)
        except (PyPdfError, ValueError, KeyError, TypeError):
            bad.append(label)
            continue
        for page in pages:
            writer.add_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue(), bad


def _plain(name: str) -> str:
    """A name that is safe in any file system, whatever a marketplace calls its orders."""
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in name)[:120]
