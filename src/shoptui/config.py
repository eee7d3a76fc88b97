"""Owns reading the settings: files checked against the table, the layers over each other, and where a value is from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from shoptui.domain.alike import meant
from shoptui.domain.records import dataclass
from shoptui.looks import load_looks, looks_path
from shoptui.paths import SYSTEM_CONFIG, DataDir
from shoptui.settings import (
    ROLES,
    AppConfig,
    BackupConfig,
    CockpitConfig,
    Config,
    EngineConfig,
    InboxConfig,
    PickConfig,
    PrintingConfig,
    Setting,
    StockConfig,
    StoreConfig,
    Value,
    Where,
    all_settings,
    section_named,
)

if TYPE_CHECKING:
    from shoptui.domain.inbox_rules import AssignRule, AutoReply

__all__ = [
    "AppConfig",
    "BackupConfig",
    "CockpitConfig",
    "Config",
    "ConfigError",
    "EngineConfig",
    "Found",
    "InboxConfig",
    "PickConfig",
    "PrintingConfig",
    "Source",
    "StockConfig",
    "StoreConfig",
    "check_file",
    "cockpit_config",
    "config_path",
    "load_config",
    "load_layers",
    "own_config_path",
    "parse_config",
]

SectionT = TypeVar("SectionT")
_ReadT = TypeVar("_ReadT")

#: The tables of rules inside `[inbox]`; the rest of it are settings like any other.
_INBOX_RULES = ("assign", "auto_reply")


class ConfigError(ValueError):
    """Settings that cannot be used; the message names the file, the key and what to write instead.

    `problems` has a sentence for each thing that is wrong, the first of them is the message.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(problems[0])
        self.problems = problems


class Source(StrEnum):
    """Where a value comes from; a later one overrules the earlier ones."""

    DEFAULT = "default"
    SYSTEM_FILE = "system file"
    OWN_FILE = "own file"
    COCKPIT = "chosen in the cockpit"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Found:
    """One value in force. `place` is the file or the environment variable it stands in, "" for a default.

    `value` None: not set. `name` has the operator's own names where the table has `*`.
    """

    name: str
    value: Value | None
    source: Source
    place: str = ""


def config_path(data_dir: DataDir) -> Path:
    """The settings file of a house: its own, or for a shared one the system's."""
    return SYSTEM_CONFIG if data_dir.shared else data_dir.config


def own_config_path(data_dir: DataDir) -> Path:
    """The operator's own file; in a personal house that is the house's file."""
    if not data_dir.shared:
        return data_dir.config
    from platformdirs import user_config_path

    return user_config_path("shoptui") / "config.toml"


def load_config(path: Path) -> Config:
    """Read a house's settings file; a missing one means all defaults. Raises ConfigError."""
    return parse_config(_read(path), path)


def parse_config(found: Mapping[str, Any], path: Path, *, own: bool = False) -> Config:
    """Check a file's content. Raises ConfigError naming everything that is wrong.

    `own`: it is an operator's own file beside a shared house's, where only what concerns the operator may stand.
    """
    reading = _Reading(path)
    for name in found:
        if own and name in _TOP and name != "cockpit":
            reading.problem(f"{name} concerns everybody: it belongs into {SYSTEM_CONFIG}. Here only [cockpit] counts.")
    reading.known(found, _TOP, "")
    rules = found.get("rules")
    if rules is not None and not isinstance(rules, str):
        reading.problem('rules must be a file name in quotes, as in rules = "rules.toml".')
        rules = None
    offset = reading.whole(found.get("test_clock_offset_s", 0), "test_clock_offset_s", least=None)
    config = Config(
        engine=reading.section("engine", EngineConfig(), found),
        cockpit=reading.section("cockpit", CockpitConfig(), found),
        backup=reading.section("backup", BackupConfig(), found),
        printing=reading.section("printing", PrintingConfig(), found),
        pick=reading.section("pick", PickConfig(), found),
        inbox=reading.inbox(found),
        stock=reading.stock(found),
        assign=reading.assign_rules(found),
        auto_reply=reading.auto_replies(found),
        roles=reading.roles(reading.table(found, "roles")),
        apps=reading.named("apps", AppConfig, found),
        stores=reading.named("stores", StoreConfig, found),
        rules=None if rules is None else path.parent / Path(rules).expanduser(),
        test_clock_offset_s=offset or 0,
    )
    if reading.problems:
        raise ConfigError(*reading.problems)
    return config


def check_file(path: Path, *, own: bool = False, system: bool = False) -> tuple[str, ...]:
    """Everything that is wrong with a file, a sentence each; () when it can be used or is not there.

    What only the system's file of a shared house may say has no effect elsewhere, which is worth a sentence too.
    """
    try:
        content = _read(path)
        parse_config(content, path, own=own)
    except ConfigError as error:
        return error.problems
    return tuple(
        f"{path}: {setting.name} has no effect here; it counts in {SYSTEM_CONFIG} only."
        for setting in all_settings()
        if setting.where is Where.SYSTEM and setting.name in content and not system
    )


def load_layers(data_dir: DataDir, environ: Mapping[str, str] = os.environ) -> tuple[Found, ...]:
    """Every value in force with where it is from, in the table's order. Raises ConfigError."""
    house = config_path(data_dir)
    content = _read(house)
    parse_config(content, house)
    layers = [(Source.SYSTEM_FILE if data_dir.shared else Source.OWN_FILE, house, content)]
    if data_dir.shared:
        own = own_config_path(data_dir)
        mine = _read(own)
        parse_config(mine, own, own=True)
        layers.append((Source.OWN_FILE, own, mine))
    chosen = looks_path(data_dir)
    looks = load_looks(chosen)
    picked = {"cockpit.theme": looks.theme, "cockpit.language": looks.language}
    found: list[Found] = []
    for setting in all_settings():
        if "*" in setting.name:
            found += _named(setting, layers[0])
            continue
        value = Found(setting.name, setting.default, Source.DEFAULT)
        for source, path, content in layers:
            inside = _inside(content, setting.name)
            if inside is not None:
                value = Found(setting.name, inside, source, str(path))
        if picked.get(setting.name):
            value = Found(setting.name, picked[setting.name], Source.COCKPIT, str(chosen))
        if setting.env and (said := environ.get(setting.env)):
            value = Found(setting.name, _from_environment(setting, said), Source.ENVIRONMENT, setting.env)
        found.append(value)
    return tuple(found)


def cockpit_config(data_dir: DataDir, environ: Mapping[str, str] = os.environ) -> tuple[CockpitConfig, str]:
    """How this operator's cockpit looks, and what is wrong with the settings ("" when nothing is).

    A typing error must not keep anybody from their orders: what is wrong is left at its default, and said.
    """
    try:
        found = load_layers(data_dir, environ)
    except ConfigError as error:
        # Two lines of eighty cells are all there is; the operator knows which house this is.
        short = str(error).replace(f"{data_dir.root}/", "")
        looks = load_looks(looks_path(data_dir))
        usual = CockpitConfig(theme=looks.theme or CockpitConfig().theme, language=looks.language)
        return usual, f"{short} The usual settings are in force."
    values: dict[str, Any] = {
        one.name.removeprefix("cockpit."): one.value for one in found if one.name.startswith("cockpit.")
    }
    return CockpitConfig(**values), ""


_TOP = frozenset({setting.name.partition(".")[0] for setting in all_settings()})


def _read(path: Path) -> Mapping[str, Any]:
    """A file's raw content; nothing when it is not there. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}.") from error


def _inside(content: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name, None when it is not there."""
    here: Any = content
    for part in name.split("."):
        if not isinstance(here, dict) or part not in here:
            return None
        here = here[part]
    return here


def _named(setting: Setting, layer: tuple[Source, Path, Mapping[str, Any]]) -> list[Found]:
    """What a file says about a setting whose name the operator chooses."""
    source, path, content = layer
    before, _, after = setting.name.partition("*")
    table = content.get(before.rstrip("."), {})
    values = [(own, inside if not after else inside.get(after.lstrip("."))) for own, inside in table.items()]
    return [Found(f"{before}{own}{after}", value, source, str(path)) for own, value in values if value is not None]


_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def _from_environment(setting: Setting, said: str) -> Value:
    """The value an environment variable gives. Raises ConfigError."""
    if setting.kind is bool:
        word = said.strip().lower()
        if word not in _YES + _NO:
            raise ConfigError(f"The environment's {setting.env} must be true or false; it is {said!r}.")
        return word in _YES
    if setting.choices and said not in setting.choices:
        raise ConfigError(
            f"The environment's {setting.env} is {said!r}; it can be {', '.join(setting.choices)}."
            f"{_nearest(said, setting.choices)}"
        )
    return said


class _Reading:
    """One file being checked: what is wrong is noted, and read as if it were not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[str] = []

    def problem(self, sentence: str) -> None:
        self.problems.append(f"{self._path}: {sentence}")

    def section(self, name: str, defaults: SectionT, found: Mapping[str, Any]) -> SectionT:
        """A section's values over its defaults."""
        table = self.table(found, name)
        settings = {setting.key: setting for setting in section_named(name).settings}
        self.known(table, settings, f"{name}.")
        values = {key: self._value(table[key], setting) for key, setting in settings.items() if key in table}
        good = {key: value for key, value in values.items() if value is not None}
        return replace(defaults, **good)  # type: ignore[type-var]  # every section is a dataclass

    def inbox(self, found: Mapping[str, Any]) -> InboxConfig:
        """The section without its tables of rules."""
        table = self.table(found, "inbox")
        plain = {key: value for key, value in table.items() if key not in _INBOX_RULES}
        config = self.section("inbox", InboxConfig(), {"inbox": plain})
        if config.opens or config.closes:
            # Imported where it is needed: most houses set no hours, and a cockpit's start must not wait for it.
            from shoptui.domain.assign_rules import read_hours

            self._ask(
                lambda: read_hours(config.opens, config.closes, config.open_days, holidays_closed=True), "inbox: "
            )
        if config.van:
            from shoptui.domain.assign_rules import read_time

            self._ask(lambda: read_time("van", config.van), "inbox: ")
        return config

    def stock(self, found: Mapping[str, Any]) -> StockConfig:
        """The section, its rule judged as a whole."""
        config = self.section("stock", StockConfig(), found)
        if "stock" in found:
            # Imported where it is needed, as for the inbox.
            from shoptui.domain.shares import ShareError

            try:
                config.share_rule()
            except ShareError as error:
                self.problem(f"stock: {error}.")
        return config

    def assign_rules(self, found: Mapping[str, Any]) -> tuple[AssignRule, ...]:
        if (tables := self._rules(found, "assign")) is None:
            return ()
        from shoptui.domain.inbox_rules import read_assign_rules

        return self._ask(lambda: read_assign_rules(tables, "")) or ()

    def auto_replies(self, found: Mapping[str, Any]) -> tuple[AutoReply, ...]:
        if (tables := self._rules(found, "auto_reply")) is None:
            return ()
        from shoptui.domain.inbox_rules import read_auto_replies

        rules = self._ask(lambda: read_auto_replies(tables, "")) or ()
        table = found["inbox"]
        if any(rule.when == "outside_hours" for rule in rules) and not (table.get("opens") and table.get("closes")):
            self.problem("inbox.auto_reply has a rule for outside hours; give inbox.opens and inbox.closes.")
        return rules

    def _rules(self, found: Mapping[str, Any], key: str) -> object | None:
        table = found.get("inbox")
        return table.get(key) if isinstance(table, dict) else None

    def _ask(self, read: Callable[[], _ReadT], before: str = "") -> _ReadT | None:
        """What a reader of the domain makes of it; a refusal is noted as a problem."""
        from shoptui.domain.rule_types import RuleError

        try:
            return read()
        except RuleError as error:
            sentence = f"{before}{str(error).removeprefix(': ')}"
            self.problem(sentence if sentence[-1] in ".?" else f"{sentence}.")
            return None

    def roles(self, found: Mapping[str, Any]) -> Mapping[str, str]:
        for who, role in found.items():
            if role not in ROLES:
                near = _nearest(str(role), ROLES)
                self.problem(f"roles.{who} is {role!r}; roles are {', '.join(ROLES)}.{near}")
        return MappingProxyType(dict(found))

    def named(self, name: str, kind: Callable[..., SectionT], found: Mapping[str, Any]) -> Mapping[str, SectionT]:
        """The sections `[<name>.<a name of the operator's>]`, whose values are all text."""
        sections = {}
        keys = [setting.key for setting in section_named(f"{name}.*").settings]
        everything = self.table(found, name)
        for own in everything:
            table = self.table(everything, own, f"{name}.")
            self.known(table, keys, f"{name}.{own}.")
            for key, value in table.items():
                if not isinstance(value, str):
                    self.problem(f"{name}.{own}.{key} must be text in quotes.")
                elif key == "proxy" and value and not _is_proxy(value):
                    # The value is not repeated: it may have a password in it.
                    self.problem(f"{name}.{own}.proxy must be http://host:port, with user:password@ if it wants one.")
            sections[own] = kind(**{key: str(table[key]) for key in keys if key in table})
        return MappingProxyType(sections)

    def table(self, found: Mapping[str, Any], key: str, prefix: str = "") -> Mapping[str, Any]:
        table = found.get(key, {})
        if isinstance(table, dict):
            return table
        self.problem(f"{prefix}{key} must be a section, written [{prefix}{key}].")
        return {}

    def known(self, found: Mapping[str, Any], known: Iterable[str], prefix: str) -> None:
        names = sorted(known)
        for key in found:
            if key not in names:
                self.problem(f"there is no setting {prefix}{key}.{_nearest_setting(key, names, prefix)}")

    def whole(self, value: object, name: str, *, least: int | None) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
            floor = "" if least is None else f" of at least {least}"
            self.problem(f"{name} must be a whole number{floor}; it is {value!r}.")
            return None
        return value

    def _value(self, value: object, setting: Setting) -> Value | None:
        """The value if it is one the setting may have, otherwise None and a note of what is wrong."""
        if setting.kind is int:
            return self.whole(value, setting.name, least=setting.least)
        if setting.kind is bool:
            if isinstance(value, bool):
                return value
            self.problem(f"{setting.name} must be true or false; it is {value!r}.")
            return None
        if not isinstance(value, str):
            self.problem(f"{setting.name} must be text in quotes; it is {value!r}.")
            return None
        if setting.choices and value not in setting.choices:
            near = _nearest(value, setting.choices)
            self.problem(f"{setting.name} is {value!r}; it can be {', '.join(setting.choices)}.{near}")
            return None
        return value


def _is_proxy(address: str) -> bool:
    """Whether calls could leave by it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _nearest_setting(key: str, names: Iterable[str], prefix: str) -> str:
    """The setting that was probably meant: one of the same section, or the same word in another one."""
    elsewhere = {setting.key: setting.name for setting in all_settings() if "*" not in setting.name}
    names = list(names)
    there = meant(key, elsewhere, at_least=0.9)
    if there and not meant(key, names, at_least=0.75):
        return f" Did you mean {elsewhere[there]}?"
    return _nearest(key, names, prefix)


def _nearest(word: str, known: Iterable[str], prefix: str = "") -> str:
    near = meant(word, known)
    return f" Did you mean {prefix}{near}?" if near else ""
