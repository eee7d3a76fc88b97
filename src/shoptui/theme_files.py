"""Theme files: colours as data, read and checked; a file that cannot be used says why and changes nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from shoptui.domain.alike import meant
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.paths import DataDir
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable

DEFAULT_THEME: Final = "dark"

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ANSI_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")

Colour = str | int
"""`#rrggbb`, or the number (0 to 15) of one of the terminal's own colours."""


class ThemeError(ValueError):
    """A theme file that cannot be used; the text says which file, what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class ColourTheme:
    """The colours of one theme file.

    `only` holds grounds on which every role is written in one colour, as the terminal's own palette needs it.
    """

    name: str
    dark: bool
    grounds: Mapping[Ground, Colour]
    roles: Mapping[Role, Colour]
    only: Mapping[Ground, Colour]

    @property
    def uses_palette(self) -> bool:
        """Whether any colour is one of the terminal's own."""
        return any(isinstance(colour, int) for colour in (*self.grounds.values(), *self.roles.values()))

    def text_on(self, role: Role, ground: Ground) -> Colour:
        """The colour of a role written on a ground."""
        return self.only.get(ground, self.roles[role])

    def css_variables(self) -> dict[str, str]:
        """Every CSS variable of this theme, without `$`."""
        variables = {ground_variable(ground): css_colour(self.grounds[ground]) for ground in Ground}
        for ground in Ground:
            for role in Role:
                variables[text_variable(role, ground)] = css_colour(self.text_on(role, ground))
        return variables


def css_colour(colour: Colour) -> str:
    """A colour as Textual's CSS writes it."""
    if isinstance(colour, str):
        return colour
    return f"ansi_bright_{_ANSI_NAMES[colour - 8]}" if colour >= 8 else f"ansi_{_ANSI_NAMES[colour]}"


def parse_theme(text: str, source: str) -> ColourTheme:
    """Read one theme file's text; `source` names it in errors. Raises ThemeError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = _("{file}: not a TOML file ({why}). Correct that line.")
        raise ThemeError(words.format(file=source, why=error)) from error
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise ThemeError(_('{file}: the name is missing. Add name = "..." at the top.').format(file=source))
    dark = data.get("dark", True)
    if not isinstance(dark, bool):
        raise ThemeError(_("{file}: dark is {value}. Write true or false.").format(file=source, value=repr(dark)))
    grounds = _table(data, "grounds", source)
    roles = _table(data, "roles", source)
    only = _table(data, "only", source) if "only" in data else {}
    _refuse_unknown(data, {"name", "dark", "grounds", "roles", "only"}, _("the file"), source)
    _refuse_unknown(grounds, set(Ground), "[grounds]", source)
    _refuse_unknown(roles, set(Role), "[roles]", source)
    _refuse_unknown(only, set(Ground), "[only]", source)
    return ColourTheme(
        name=name,
        dark=dark,
        grounds={ground: _colour(grounds, ground, "grounds", source) for ground in Ground},
        roles={role: _colour(roles, role, "roles", source) for role in Role},
        only={ground: _colour(only, ground, "only", source) for ground in Ground if ground in only},
    )


def load_theme(path: Path) -> ColourTheme:
    """Read and check one theme file. Raises ThemeError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        words = _("{file}: cannot be read ({why}). Check the file and its rights.")
        raise ThemeError(words.format(file=path.name, why=error)) from error
    return parse_theme(text, path.name)


def shipped_themes_path() -> Path:
    """Where the themes that come with the program are: beside this module in a wheel, at the root of a checkout."""
    beside = Path(__file__).parent / "themes"
    return beside if beside.is_dir() else Path(__file__).parents[2] / "themes"


def load_themes(*directories: Path) -> dict[str, ColourTheme]:
    """All themes of the shipped directory, then of `directories`; a later one replaces an earlier of its name.

    Raises ThemeError on the first file that cannot be used.
    """
    themes: dict[str, ColourTheme] = {}
    for directory in (shipped_themes_path(), *directories):
        for path in sorted(directory.glob("*.toml")):
            theme = load_theme(path)
            themes[theme.name] = theme
    return themes


def theme_directories(data_dir: DataDir) -> tuple[Path, ...]:
    """Where own themes are looked for: the house's, then the operator's, which in a personal house are one."""
    from shoptui.config import config_path, own_config_path

    return tuple(dict.fromkeys(path.parent / "themes" for path in (config_path(data_dir), own_config_path(data_dir))))


def gather_themes(*directories: Path) -> tuple[dict[str, ColourTheme], tuple[str, ...]]:
    """All themes as `load_themes` orders them, and a sentence for each own file that cannot be used.

    Such a file changes nothing: where it was to replace a theme, that one stays.
    """
    themes, faults = load_themes(), []
    for directory in directories:
        for path in sorted(directory.glob("*.toml")):
            try:
                theme = load_theme(path)
            except ThemeError as error:
                faults.append(str(error))
            else:
                themes[theme.name] = theme
    return themes, tuple(faults)


def choose_theme(themes: Mapping[str, ColourTheme], name: str) -> tuple[str, str]:
    """The theme of that name, or the usual one; and what is wrong with the choice, "" when nothing is."""
    if name in themes:
        return name, ""
    words = _("There is no theme {name}.{hint} There are: {known}. {usual} is in force.")
    return DEFAULT_THEME, words.format(
        name=name, hint=_hint(name, themes), known=", ".join(sorted(themes)), usual=DEFAULT_THEME
    )


def _table(data: Mapping[str, Any], name: str, source: str) -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, dict):
        words = _("{file}: the table [{table}] is missing. Add it with one colour per line.")
        raise ThemeError(words.format(file=source, table=name))
    return table


def _refuse_unknown(table: Mapping[str, Any], known: set[Any], where: str, source: str) -> None:
    for key in table:
        if key not in known:
            words = _("{file}: {key} in {where} is unknown.{hint} Known are: {known}.")
            raise ThemeError(
                words.format(
                    file=source, key=repr(key), where=where, hint=_hint(key, known), known=", ".join(sorted(known))
                )
            )


def _colour(table: Mapping[str, Any], key: str, where: str, source: str) -> Colour:
    if key not in table:
        words = _("{file}: the colour '{key}' is missing in [{table}]. Add {key} = \"#rrggbb\".")
        raise ThemeError(words.format(file=source, key=key, table=where))
    value = table[key]
    if isinstance(value, str) and _HEX.fullmatch(value):
        return value.lower()
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 15:
        return value
    words = _('{file}: {key} = {value} in [{table}] is no colour. Write "#rrggbb" or a number from 0 to 15.')
    raise ThemeError(words.format(file=source, key=key, value=repr(value), table=where))


def _hint(word: str, known: Iterable[str]) -> str:
    near = meant(word, known)
    return _(" Did you mean {word}?").format(word=near) if near else ""
