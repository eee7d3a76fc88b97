"""Keeps the message catalogues true: gathers the cockpit's texts, says what is not translated, compiles."""

from __future__ import annotations

import argparse
import ast
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from scripts.catalogues import LOCALE, compile_catalogues

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "shoptui"

_HEADER_NOISE = (
    b'"Report-Msgid-Bugs-To',
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Last-Translator',
    b'"Language-Team',
    b'"Generated-By',
)

#: Which calls name messages, and which of their arguments (from 0) are texts; `_c` is a line of the command table.
_TEXTS: Mapping[str, Sequence[int]] = {"_": (0,), "later": (0,), "pgettext": (1,), "_c": (3, 7)}
_PLURAL = "ngettext"
_COMMAND_TABLE = "command_table"
_COMMENT = "# For translators:"


@cache
def gathered() -> Catalog:
    """Every text of the program, in the order of the files."""
    found = Catalog(project="shoptui", header_comment="# Texts of shoptui.")
    for path in sorted(SOURCE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "i18n" in source or path.parent.name == _COMMAND_TABLE:
            # Whoever has texts imports the functions that name them; the table of commands is data.
            _gather(source, path, found)
    return found


def _gather(source: str, path: Path, found: Catalog) -> None:
    # Parsed rather than read word by word: calls inside f-strings count as well.
    lines = source.splitlines()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        name, arguments = call.func.id, [_text(argument) for argument in call.args]
        texts: list[str | tuple[str, ...] | None] = []
        if name == _PLURAL and all(arguments[:2]):
            texts = [(str(arguments[0]), str(arguments[1]))]
        elif name in _TEXTS:
            texts = [arguments[at] for at in _TEXTS[name] if at < len(arguments)]
        before = lines[call.lineno - 2].strip() if call.lineno > 1 else ""
        comments = [before.removeprefix("# ")] if before.startswith(_COMMENT) else []
        context = arguments[0] if name == "pgettext" else None
        for text in texts:
            if text:
                found.add(text, None, [(str(path.relative_to(ROOT)), 0)], auto_comments=comments, context=context)


def _text(argument: ast.expr) -> str | None:
    """The argument if it is a text that stands there, None for what is only known at run time."""
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def catalogues() -> list[Path]:
    """The catalogues there are, one per language."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def update(path: Path) -> None:
    """Bring one catalogue up to date: new texts are added without a translation, those that went are dropped."""
    catalogue = _read(path)
    catalogue.update(gathered(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    path.write_bytes(_written(catalogue))


def problems(path: Path) -> Iterator[str]:
    """What is wrong with a catalogue, a sentence each."""
    catalogue = _read(path)
    wanted = {(message.id, message.context) for message in gathered() if message.id}
    has = {(message.id, message.context): message for message in catalogue if message.id}
    for key in sorted(wanted, key=repr):
        message = has.get(key)
        if message is None:
            yield f"{_first(key[0])!r} is missing; run: python -m scripts.messages update"
        elif not _is_translated(message) or message.fuzzy:
            yield f"{_first(key[0])!r} is not translated"
        else:
            yield from _wrong_fields(message)
    for key in sorted(has.keys() - wanted, key=repr):
        yield f"{_first(key[0])!r} is no text of the program any more; run: python -m scripts.messages update"


def pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Each text of a catalogue with its translation; of a plural its first form."""
    for message in _read(path):
        if message.id and _is_translated(message):
            yield _first(message.id), _first(message.string)


def _wrong_fields(message: Message) -> Iterator[str]:
    """Fields such as `{count}` that a translation has too many; a plural form may leave the count out."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    known = {field for source in sources for field in _fields(source)}
    texts = [message.string] if isinstance(message.string, str) else list(message.string)
    for text in texts:
        if unknown := _fields(text) - known:
            yield f"{sources[0]!r}: the translation has {{{sorted(unknown)[0]}}}, which the text has not"
        if lost := known - _fields(text):
            yield f"{sources[0]!r}: the translation lacks {{{sorted(lost)[0]}}}"


def _fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def _is_translated(message: Message) -> bool:
    texts = [message.string] if isinstance(message.string, str) else list(message.string)
    return bool(texts) and all(texts)


def _first(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def _written(catalogue: Catalog) -> bytes:
    target = BytesIO()
    write_po(target, catalogue, no_location=True, omit_header=False, sort_output=True, width=110)
    # Dates and addresses would change with every run, or stand there empty.
    return b"".join(line for line in target.getvalue().splitlines(keepends=True) if not line.startswith(_HEADER_NOISE))


def main() -> int:
    """`update` writes the catalogues anew, `check` fails on what is wrong, `compile` makes them usable."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", choices=("update", "check", "compile"))
    what = parser.parse_args().what
    if what == "compile":
        compile_catalogues()
        return 0
    wrong = 0
    for path in catalogues():
        if what == "update":
            update(path)
            continue
        for problem in problems(path):
            wrong += 1
            sys.stderr.write(f"{path.relative_to(ROOT)}: {problem}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
