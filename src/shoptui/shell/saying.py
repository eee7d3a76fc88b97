"""What shell commands say to the person at the terminal: sentences whose words stay whole, and questions."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

from shoptui.cellwidth import wrap_cells


def say(sentence: str) -> None:
    """One sentence for the person; results alone go to standard output."""
    click.echo(wrapped(sentence, sys.stderr), err=True)


def wrapped(words: str, out: TextIO, indent: int | None = None) -> str:
    """The words broken between words where they go to a terminal, else as they are.

    Later lines start `indent` blanks in; None: two more than the first.
    """
    width = _columns(out)
    if width is None:
        return words
    lines = []
    for line in words.split("\n"):
        blanks = len(line) - len(line.lstrip(" ")) + 2 if indent is None else indent
        lines += wrap_cells(line, width, blanks, cut=False)
    return "\n".join(lines)


def _columns(out: TextIO) -> int | None:
    """The cells of a line of this terminal; None where it is none."""
    try:
        return os.get_terminal_size(out.fileno()).columns or None
    except (OSError, ValueError):
        return None


def typed(wanted: str, to_do_it: str, for_scripts: str) -> bool:
    """Whether the person at the terminal typed what `to_do_it` asks for; scripts are told how to go on."""
    if not sys.stdin.isatty():
        say(f"Not a terminal: {for_scripts}")
        return False
    answer: str = click.prompt(f"{to_do_it}, anything else leaves", default="", show_default=False, err=True)
    return answer.strip() == wanted
