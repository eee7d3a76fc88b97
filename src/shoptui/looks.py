"""Owns what an operator has chosen in the cockpit's menu, theme and language: a small file beside their own state."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from shoptui.domain.records import dataclass
from shoptui.paths import DataDir

_ABOUT = (
    "# Chosen in the cockpit (F10 menu: Theme, Language). It goes before the settings; without this file they count.\n"
)


@dataclass(frozen=True, slots=True)
class Looks:
    """`theme` and `language` as chosen; "" means: as the settings say."""

    theme: str = ""
    language: str = ""


def looks_path(data_dir: DataDir) -> Path:
    """Where the choice is kept."""
    return data_dir.operator_state.parent / "looks.toml"


def load_looks(path: Path) -> Looks:
    """What was chosen; a file that cannot be read is as if nothing had been, since choosing again mends it."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return Looks()
    theme, language = found.get("theme", ""), found.get("language", "")
    return Looks(theme if isinstance(theme, str) else "", language if isinstance(language, str) else "")


def keep_looks(path: Path, looks: Looks) -> str:
    """Keep a choice, all of it or nothing; the system's own words where the disk refuses, "" when it is kept."""
    values = {"theme": looks.theme, "language": looks.language}
    # A text of JSON is one of TOML too.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items() if value]
    try:
        if not lines:
            path.unlink(missing_ok=True)
            return ""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(_ABOUT + "".join(lines), encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        return error.strerror or str(error)
    return ""
