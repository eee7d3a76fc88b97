"""Writing on in the operator's own editor, while the cockpit has given the terminal away."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from shoptui.i18n import _
from shoptui.text import sanitise

#: Longer texts are cut: no marketplace takes one.
_TEXT_MAX = 20_000


class EditorFailed(RuntimeError):
    """The text could not be edited; the sentence says why and what to do. What was there before stays."""


def editor_command() -> list[str]:
    """The editor as $VISUAL, else $EDITOR names it. Raises EditorFailed without one."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(named)
    except ValueError as error:
        raise EditorFailed(_("$EDITOR cannot be read: {why}.").format(why=error)) from error
    if not command:
        raise EditorFailed(_("No editor is set: put EDITOR=nano (or another) into your shell's settings."))
    return command


def edit_text(text: str, directory: Path) -> str:
    """Let the operator edit `text` in a private file under `directory`, which is gone afterwards.

    Blocks until the editor ends; the terminal must be its own meanwhile. Raises EditorFailed.
    """
    command = editor_command()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix="reply-", suffix=".txt", dir=directory)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            ended = subprocess.run([*command, name], check=False)
        except OSError as error:
            words = _("{editor} cannot be started: {why}.")
            raise EditorFailed(words.format(editor=command[0], why=error.strerror or error)) from error
        if ended.returncode != 0:
            words = _("{editor} ended with {code}: the text stays as it was.")
            raise EditorFailed(words.format(editor=command[0], code=ended.returncode))
        edited = path.read_text(encoding="utf-8", errors="replace")
    finally:
        path.unlink(missing_ok=True)
    return sanitise(edited.replace("\r\n", "\n").rstrip("\n"), limit=_TEXT_MAX)
