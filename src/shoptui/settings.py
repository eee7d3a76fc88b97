"""Owns the table of settings: what can be set, in which file, within which bounds, and what each one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from shoptui.domain.records import dataclass

if TYPE_CHECKING:
    from shoptui.domain.inbox_rules import AssignRule, AutoReply
    from shoptui.domain.shares import ShareRule

ROLES = ("viewer", "packer", "agent", "manager", "admin")

#: What a setting may hold.
Value = str | int | bool


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Section `[engine]`; the table below says what each one does. Durations are seconds, `_days` are days."""

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
class CockpitConfig:
    """Section `[cockpit]`: how the cockpit looks to one operator. `language` "" means: as the locale says."""

    theme: str = "dark"
    language: str = ""
    mouse: bool = False
    colours: str = "auto"


@dataclass(frozen=True, slots=True)
class BackupConfig:
    """Section `[backup]`. `directory` "" means `backups` in the data directory; `oldest_h` is hours, 0 no warning."""

    directory: str = ""
    oldest_h: int = 26


@dataclass(frozen=True, slots=True)
class PrintingConfig:
    """Section `[printing]`: how labels get onto paper. `printer` "" means: the print system's own default."""

    printer: str = ""
    labels_per_job: int = 50
    order_wait_s: int = 20
    reverse: bool = False
    keep_days: int = 90


@dataclass(frozen=True, slots=True)
class PickConfig:
    """Section `[pick]`: where goods lie. `locations` "" means: nobody says."""

    locations: str = ""


@dataclass(frozen=True, slots=True)
class InboxConfig:
    """Section `[inbox]`: how conversations are shared out and answered. Hours are local times of each store."""

    supervisor: str = ""
    escalation_h: int = 4
    opens: str = ""
    closes: str = ""
    open_days: str = "mon tue wed thu fri"
    holidays_closed: bool = True
    auto_replies: bool = False
    auto_reply_most: int = 1
    auto_reply_within_h: int = 24
    van: str = ""
    delivery_days: int = 0
    return_address: str = ""


@dataclass(frozen=True, slots=True)
class StockConfig:
    """Section `[stock]`: how pools are shared out among listings, and when they are low.

    keep_back -1: what sells while a push is written. listing_max 0: no limit. last_to "": the store that sells most.
    """

    keep_back: int = -1
    keep_back_percent: int = 0
    listing_max: int = 0
    last_units: int = 10
    last_to: str = ""
    gap_s: int = 6
    low_units: int = 5
    low_cover_h: int = 72

    def share_rule(self) -> ShareRule:
        """The house's rule, for pools without one of their own. Raises ShareError for what cannot be meant."""
        from shoptui.domain.shares import ShareRule

        return ShareRule(
            keep_back=None if self.keep_back < 0 else self.keep_back,
            keep_back_percent=self.keep_back_percent or None,
            listing_max=self.listing_max or None,
            last_units=self.last_units,
            last_to=self.last_to,
        )


@dataclass(frozen=True, slots=True)
class AppConfig:
    """Section `[apps.<name>]`: where an app's marketplace is, and where its secret is kept. "" means the usual way."""

    base_url: str = ""
    auth_url: str = ""
    consent_url: str = ""
    secret_file: str = ""
    secret_command: str = ""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Section `[stores.<name>]`: what differs for this store. "" means as for all."""

    proxy: str = ""
    user_agent: str = ""
    return_address: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """A whole file.

    roles: OS user or `@group` → viewer, packer, agent, manager or admin.
    assign: who gets which conversations, in the order in which the rules are tried (`[[inbox.assign]]`).
    auto_reply: what is answered automatically (`[[inbox.auto_reply]]`), in force only with `inbox.auto_replies`.
    rules: an own rule file added to the packaged rule book, None without one.
    test_clock_offset_s: shifts the clock of deadlines and ages; only for a sandbox whose world is driven.
    """

    engine: EngineConfig = EngineConfig()
    cockpit: CockpitConfig = CockpitConfig()
    backup: BackupConfig = BackupConfig()
    printing: PrintingConfig = PrintingConfig()
    pick: PickConfig = PickConfig()
    inbox: InboxConfig = InboxConfig()
    stock: StockConfig = StockConfig()
    assign: tuple[AssignRule, ...] = ()
    auto_reply: tuple[AutoReply, ...] = ()
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    apps: Mapping[str, AppConfig] = field(default_factory=lambda: MappingProxyType({}))
    stores: Mapping[str, StoreConfig] = field(default_factory=lambda: MappingProxyType({}))
    rules: Path | None = None
    test_clock_offset_s: int = 0


class Where(StrEnum):
    """Which file may hold a setting."""

    #: The house's file alone: it concerns everybody.
    HOUSE = "house"
    #: Only the system's file of a shared house: it says where that house is.
    SYSTEM = "system"
    #: The house's file, over it the operator's own, over both the environment.
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `name` is dotted, `*` in it stands for a name of the operator's choosing.

    `default` None: not set. `least` bounds a whole number from below, None: any. `choices` () means free text.
    `env` is the environment variable that overrules the files, "" for none. `example` is what the documented file shows
    for a setting without a default, as TOML.
    """

    name: str
    help: str
    default: Value | None = None
    kind: type[str] | type[int] | type[bool] = str
    least: int | None = None
    choices: tuple[str, ...] = ()
    where: Where = Where.HOUSE
    env: str = ""
    example: str = ""

    @property
    def key(self) -> str:
        """The name inside its section."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the file: its name ("" for what stands above all sections), what it is about, and its settings."""

    name: str
    about: str
    settings: tuple[Setting, ...]


def _section(
    name: str,
    about: str,
    defaults: Any,
    helps: Mapping[str, str],
    *,
    least: Mapping[str, int] = MappingProxyType({}),
    choices: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    env: Mapping[str, str] = MappingProxyType({}),
    where: Where = Where.HOUSE,
) -> Section:
    """A section whose keys, kinds and defaults are a dataclass's fields; whole numbers are at least 1 if not said."""
    made = []
    for item in fields(defaults):
        default: Value = getattr(defaults, item.name)
        whole = type(default) is int
        made.append(
            Setting(
                name=f"{name}.{item.name}",
                help=helps[item.name],
                default=default,
                kind=type(default),
                least=least.get(item.name, 1) if whole else None,
                choices=choices.get(item.name, ()),
                where=where,
                env=env.get(item.name, ""),
            )
        )
    return Section(name, about, tuple(made))


SECTIONS: tuple[Section, ...] = (
    Section(
        "",
        "",
        (
            Setting(
                "rules",
                "an own rule file, added to the packaged rule book; the path is relative to this file",
                example='"rules.toml"',
            ),
            Setting(
                "data_dir",
                "only in the system's file of a shared house: where the house is",
                where=Where.SYSTEM,
                example='"/var/lib/shoptui"',
            ),
            Setting(
                "socket",
                "only in the system's file: where the engine listens",
                where=Where.SYSTEM,
                example='"/run/shoptui/engine.sock"',
            ),
            Setting(
                "test_clock_offset_s",
                "only for a sandbox whose world is driven: shifts the clock of deadlines and ages, seconds",
                default=0,
                kind=int,
            ),
        ),
    ),
    _section(
        "engine",
        "How the engine reads and sends.",
        EngineConfig(),
        {
            "hold_s": "how long an order waits before it is sent and can be taken back",
            "history_days": "how far back the first sync reads closed orders",
            "overlap_s": "how much of the time already read is read again: results move while they are paged",
            "poll_nearest_s": "between looks for changes, while a clock of the store has under ten minutes",
            "poll_near_s": "... under two hours",
            "poll_usual_s": "... or more",
            "sweep_s": "between full sweeps over open orders, which find what the looks missed",
            "calls_per_minute": "what one app may spend on looks for changes, shared by its stores",
            "stop_s": "how long a stopping engine waits for calls on their way",
        },
        least={"hold_s": 0, "overlap_s": 0, "stop_s": 0},
    ),
    _section(
        "cockpit",
        "How the cockpit looks. In a shared house each operator may have a file of their own with this section alone.",
        CockpitConfig(),
        {
            "theme": "dark, light, high (contrast), ansi (the terminal's own sixteen colours) or an own one: a file in "
            "the folder themes beside this file",
            "language": 'such as "en" or "zh_CN"; "" takes the locale\'s',
            "mouse": "whether the cockpit takes the mouse; then the terminal cannot select text with it",
            "colours": "auto, or what the terminal really has: 16, 256 or truecolor",
        },
        choices={"colours": ("auto", "16", "256", "truecolor")},
        env={
            "theme": "SHOPTUI_THEME",
            "language": "SHOPTUI_LANGUAGE",
            "mouse": "SHOPTUI_MOUSE",
            "colours": "SHOPTUI_COLOURS",
        },
        where=Where.OPERATOR,
    ),
    _section(
        "backup",
        "Where `shoptui backup` puts its files, and when `shoptui doctor` warns.",
        BackupConfig(),
        {
            "directory": '"" is the folder backups in the data directory; another disk is better',
            "oldest_h": "hours after which the newest backup is too old; 0 never warns",
        },
        least={"oldest_h": 0},
    ),
    _section(
        "printing",
        "How labels get onto paper. Labels are printed as they came, never scaled: the printer's own paper size in "
        "CUPS must be the label's.",
        PrintingConfig(),
        {
            "printer": 'the usual printer, as lpstat -e names it; "" is the print system\'s default',
            "labels_per_job": "labels in one print job: what a jam can cost at most",
            "order_wait_s": "how long labels that are here wait for those before them in the list",
            "reverse": "last of the list first: for printers that stack face up, so that the first ends on top",
            "keep_days": "days after which the bytes of a label are forgotten; who printed it stays known",
        },
        least={"order_wait_s": 0},
    ),
    _section(
        "pick",
        "What pick lists and the lines of an order say about where goods lie.",
        PickConfig(),
        {
            "locations": "a CSV file of SKUs and their shelves (columns sku and location); its path is relative to "
            "this file",
        },
    ),
    _section(
        "inbox",
        "Who answers buyers, and when nobody does. Rules for it are tables of their own, one per rule, tried in their "
        "order.",
        InboxConfig(),
        {
            "supervisor": 'who gets what is escalated without a name; "" asks for one',
            "escalation_h": "hours in which something escalated should be looked at",
            "opens": 'when somebody is there, such as "09:00", in each store\'s own time; "" means always',
            "closes": '... and until when, such as "18:00"; before opens: on the next day',
            "open_days": "the days on which that is so",
            "holidays_closed": "whether nobody is there on a holiday of the store's region",
            "auto_replies": "whether the rules below answer by themselves; every such answer is marked as automatic",
            "auto_reply_most": "how many of them one conversation gets at most ...",
            "auto_reply_within_h": "... within so many hours",
            "van": 'when parcels leave, such as "18:00", in each store\'s own time: {van} where no pick-up is known',
            "delivery_days": "days a parcel takes: {eta} where the marketplace promises no day; 0 means nobody says",
            "return_address": "{return_address} of quick replies: where buyers send returns",
        },
        least={"delivery_days": 0},
    ),
    _section(
        "stock",
        "How a pool of goods is shared out among the listings that sell it, unless the pool has a rule of its own, and "
        "when it is low.",
        StockConfig(),
        {
            "keep_back": "units that are on offer nowhere; -1: what sells while a push is written, at least 1",
            "keep_back_percent": "... or so many of a hundred free units, if that is more",
            "listing_max": "the most one listing shows; 0 means no limit",
            "last_units": "with fewer free units than this, one store gets all of them",
            "last_to": "which store that is; empty: the one that sells the pool most",
            "gap_s": "how long a push takes from reading a listing to having written it",
            "low_units": "fewer units left than this are low",
            "low_cover_h": "what is left lasts fewer hours than this: low",
        },
        least={
            "keep_back": -1,
            "keep_back_percent": 0,
            "listing_max": 0,
            "last_units": 0,
            "low_units": 0,
            "low_cover_h": 0,
        },
    ),
    Section(
        "roles",
        "Who may do what: an OS user, or a group with @. Each role may do what the lower ones may. A user's own entry "
        "decides; otherwise the highest of the groups. In a personal house its owner is the admin; in a shared one, "
        "who is not named has no access.",
        (Setting("roles.*", "viewer, packer, agent, manager or admin", choices=ROLES),),
    ),
    Section(
        "apps.*",
        "Where an app's marketplace is, and where its secret is kept if not in secrets.json; `shoptui apps add` brings "
        "the app in.",
        (
            Setting("apps.*.base_url", "the host of calls; empty: the marketplace's own", default=""),
            Setting("apps.*.auth_url", "the host that gives tokens; empty: the marketplace's own", default=""),
            Setting("apps.*.consent_url", "the link sellers open, as the developer site shows it", default=""),
            Setting(
                "apps.*.secret_file",
                "a file with the app secret, closed to others; a bare name is a systemd credential",
                default="",
            ),
            Setting(
                "apps.*.secret_command",
                "a program that prints the app secret, run without a shell when the engine starts",
                default="",
                example='"pass show shoptui/tiktok"',
            ),
        ),
    ),
    Section(
        "stores.*",
        "What differs for one store: how its calls leave the machine, where its returns go.",
        (
            Setting("stores.*.proxy", "http://host:port, with user:password@ if it wants one; empty: none", default=""),
            Setting("stores.*.user_agent", "what calls say they come from; empty: shoptui", default=""),
            Setting(
                "stores.*.return_address", "where its buyers send returns; empty: inbox.return_address", default=""
            ),
            Setting(
                "stores.*.email",
                "the seller's e-mail address, which Shopee wants when a return is refused; empty: no such refusals",
                default="",
            ),
        ),
    ),
)


def all_settings() -> Iterator[Setting]:
    """Every setting in the order of the documented file."""
    for section in SECTIONS:
        yield from section.settings


def section_named(name: str) -> Section:
    """The section of that name. Raises KeyError for one that is not there."""
    for section in SECTIONS:
        if section.name == name:
            return section
    raise KeyError(name)
