"""What the cockpit adds to its operator's own files: another key that confirms. Nothing is rewritten."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from shoptui.cockpit.keymap import keymap_path
from shoptui.commands import check_keymap
from shoptui.i18n import _
from shoptui.paths import DataDir


def keep_confirm_key(data_dir: DataDir, key: str) -> tuple[bool, str]:
    """Have another key confirm (a Textual key name), from the next start on; whether it may, and a sentence."""
    if problems := check_keymap({"strip.do": key}):
        return False, problems[0]
    return True, _add(keymap_path(data_dir), "keys", "strip.do", key)


def _add(path: Path, table: str, name: str, value: str) -> str:
    """Add a line to a TOML file that does not have the table yet; a person's own lines are never touched."""
    line = f'"{name}" = "{value}"' if "." in name else f'{name} = "{value}"'
    by_hand = _("Write {line} under [{table}] in {path}; the file is left as it is.").format(
        line=line, table=table, path=path
    )
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        there = tomllib.loads(text).get(table)
        if there is not None and (not isinstance(there, dict) or there.get(name) != value):
            return by_hand
        if there is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            before = "" if not text else "\n" if text.endswith("\n") else "\n\n"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(f"{before}[{table}]\n{line}\n")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return by_hand
    return _("Kept in {path}; all of it from the next start.").format(path=path)
