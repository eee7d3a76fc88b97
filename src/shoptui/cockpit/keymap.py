"""An operator's own keys: a TOML file beside their state, checked against the command table before it counts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from shoptui.commands import check_keymap
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.paths import DataDir


@dataclass(frozen=True, slots=True)
class Keymap:
    """Own keys by command id (`{"order.ship": "f"}`); `fault` says why the file does not count, "" when it does.

    `more` is what else is wrong with it, a sentence each.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    more: tuple[str, ...] = ()


def keymap_path(data_dir: DataDir) -> Path:
    """Where the file is looked for."""
    return data_dir.operator_state.parent / "keymap.toml"


def load_keymap(path: Path) -> Keymap:
    """Read the file: a table `[keys]` with one command id and its keys per line. One wrong line and none counts."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Keymap()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Keymap(
            fault=_("{path} cannot be read: {why}. The usual keys are in force.").format(path=path, why=error)
        )
    keys = data.get("keys", {})
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        words = _('{path} needs a table [keys] with lines like "order.ship" = "f". The usual keys are in force.')
        return Keymap(fault=words.format(path=path))
    problems = check_keymap(keys)
    if problems:
        words = _("{path}: {problem} The usual keys are in force.")
        return Keymap(fault=words.format(path=path, problem=problems[0]), more=tuple(problems[1:]))
    return Keymap(keys)
