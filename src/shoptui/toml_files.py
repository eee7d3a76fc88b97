"""Reads files of rules, packaged or the house's own: bytes, TOML, and one sentence for whatever is wrong with them."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any


def packaged_toml(name: str, fault: type[Exception]) -> dict[str, Any] | None:
    """A rule file that came with the program, None where there is none of that name. Raises `fault`."""
    file = resources.files("shoptui").joinpath("rules", name)
    return parse_toml(file.read_bytes(), name, fault) if file.is_file() else None


def own_toml(path: Path, fault: type[Exception]) -> dict[str, Any] | None:
    """A file a house may have, None where it has none. Raises `fault` when it cannot be read or is no TOML."""
    try:
        return read_toml(path, fault)
    except fault as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def read_toml(path: Path, fault: type[Exception]) -> dict[str, Any]:
    """A file that must be there. Raises `fault` when it cannot be read or is no TOML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise fault(f"{path}: cannot be read ({reason}); check the path and its permissions") from error
    return parse_toml(content, str(path), fault)


def parse_toml(content: bytes, name: str, fault: type[Exception]) -> dict[str, Any]:
    """What TOML says. Raises `fault` with a sentence that names the place."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise fault(f"{name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise fault(f"{name}: is no valid TOML: {error}; correct that place") from error
