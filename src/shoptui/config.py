"""Owns the settings: one TOML file per house, every key known, checked and explained."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shoptui.paths import SYSTEM_CONFIG, DataDir

_ROLES = ("viewer", "packer", "agent", "manager", "admin")


class ConfigError(ValueError):
    """A settings file that cannot be used; the message names the file, the key and what to write instead."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Section `[engine]`. Durations are seconds unless the name says otherwise.

    hold_s: how long an order waits before it is sent and can be taken back.
    history_days: how far back the first sync reads closed orders.
    overlap_s: how much of the time already read is read again, because results move while they are paged.
    poll_nearest_s, poll_near_s, poll_usual_s: time between looks for changes while a store's nearest clock has under
      ten minutes, under two hours, or more.
    sweep_s: time between full sweeps over open orders, which find what the looks missed.
    calls_per_minute: calls one app may spend on looking for changes, shared by its stores.
    stop_s: how long a stopping engine waits for calls in flight.
    """

    hold_s: int = 10
    history_days: int = 30
    overlap_s: int = 300
    poll_nearest_s: int = 15
    poll_near_s: int = 30
    poll_usual_s: int = 60
    sweep_s: int = 900
    calls_per_minute: int = 600
    stop_s: int = 20


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Section `[stores.<name>]`: how calls for this store leave the machine. "" means the usual way."""

    proxy: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file.

    roles: OS user or `@group` → viewer, packer, agent, manager or admin.
    rules: an own rule file added to the packaged rule book, None without one.
    test_clock_offset_s: shifts the clock of deadlines and ages; only for a sandbox whose world is driven.
    """

    engine: EngineConfig = EngineConfig()
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stores: Mapping[str, StoreConfig] = field(default_factory=lambda: MappingProxyType({}))
    rules: Path | None = None
    test_clock_offset_s: int = 0


def config_path(data_dir: DataDir) -> Path:
    """The settings file of a house: its own, or for a shared one the system's."""
    return SYSTEM_CONFIG if data_dir.shared else data_dir.config


def load_config(path: Path) -> Config:
    """Read a settings file; a missing one means all defaults. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}.") from error
    return parse_config(found, path)


def parse_config(found: Mapping[str, Any], path: Path) -> Config:
    """Check the file's content. Raises ConfigError naming the first wrong key."""
    # A shared house names itself in the same file (paths.find_data_dir reads these two).
    _known(found, {"engine", "roles", "stores", "rules", "test_clock_offset_s", "data_dir", "socket"}, "", path)
    rules = found.get("rules")
    if rules is not None and not isinstance(rules, str):
        raise ConfigError(f'{path}: rules must be a file name in quotes, as in rules = "rules.toml".')
    return Config(
        engine=_engine(_table(found, "engine", path), path),
        roles=_roles(_table(found, "roles", path), path),
        stores=_stores(_table(found, "stores", path), path),
        rules=None if rules is None else path.parent / Path(rules).expanduser(),
        test_clock_offset_s=_whole(found.get("test_clock_offset_s", 0), "test_clock_offset_s", path, least=None),
    )


def _engine(found: Mapping[str, Any], path: Path) -> EngineConfig:
    names = {item.name for item in fields(EngineConfig)}
    _known(found, names, "engine.", path)
    least = {"hold_s": 0, "stop_s": 0, "overlap_s": 0}
    return EngineConfig(
        **{key: _whole(value, f"engine.{key}", path, least=least.get(key, 1)) for key, value in found.items()}
    )


def _roles(found: Mapping[str, Any], path: Path) -> Mapping[str, str]:
    for who, role in found.items():
        if role not in _ROLES:
            nearest = _nearest(str(role), _ROLES)
            raise ConfigError(f"{path}: roles.{who} is {role!r}; roles are {', '.join(_ROLES)}.{nearest}")
    return MappingProxyType(dict(found))


def _stores(found: Mapping[str, Any], path: Path) -> Mapping[str, StoreConfig]:
    stores = {}
    for name in found:
        section = _table(found, name, path, "stores.")
        _known(section, {"proxy", "user_agent"}, f"stores.{name}.", path)
        for key, value in section.items():
            if not isinstance(value, str):
                raise ConfigError(f"{path}: stores.{name}.{key} must be text in quotes.")
        stores[name] = StoreConfig(**section)
    return MappingProxyType(stores)


def _table(found: Mapping[str, Any], key: str, path: Path, prefix: str = "") -> Mapping[str, Any]:
    table = found.get(key, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {prefix}{key} must be a section, written [{prefix}{key}].")
    return table


def _whole(value: object, name: str, path: Path, *, least: int | None) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
        floor = "" if least is None else f" of at least {least}"
        raise ConfigError(f"{path}: {name} must be a whole number{floor}; it is {value!r}.")
    return value


def _known(found: Mapping[str, Any], known: set[str], prefix: str, path: Path) -> None:
    for key in found:
        if key not in known:
            raise ConfigError(f"{path}: there is no setting {prefix}{key}.{_nearest(key, sorted(known), prefix)}")


def _nearest(word: str, known: tuple[str, ...] | list[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.0)
    return f" Did you mean {prefix}{close[0]}?" if close else ""
