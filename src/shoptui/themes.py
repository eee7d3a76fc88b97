"""Themes: colour files read, checked and handed to Textual as a theme with one variable per role and ground."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable

DEFAULT_THEME: Final = "dark"

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ANSI_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_FALLBACK_TEXT: Final = "#ffffff"
_FALLBACK_GROUND: Final = "#000000"

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

    def to_textual(self) -> Theme:
        """The theme as Textual knows it; its own names get the nearest of our roles."""
        background = css_colour(self.grounds[Ground.BG])
        text = css_colour(self.roles[Role.TEXT])
        info = css_colour(self.roles[Role.INFO])
        on_cursor = css_colour(self.text_on(Role.TEXT, Ground.CUR))
        cursor = css_colour(self.grounds[Ground.CUR])
        return Theme(
            name=self.name,
            primary=info,
            secondary=css_colour(self.roles[Role.OTHER]),
            warning=css_colour(self.roles[Role.SOON]),
            error=css_colour(self.roles[Role.MISSED]),
            success=css_colour(self.roles[Role.OK]),
            accent=info,
            foreground=text,
            background=background,
            surface=background,
            panel=css_colour(self.grounds[Ground.BAR]),
            boost=background,
            dark=self.dark,
            ansi=self.uses_palette,
            variables={
                # Textual's own style sheet wants further variables of a theme in the terminal's colours.
                **(BUILTIN_THEMES["ansi-dark"].variables if self.uses_palette else {}),
                "block-cursor-foreground": on_cursor,
                "block-cursor-background": cursor,
                "input-cursor-foreground": background,
                "input-cursor-background": text,
                "input-selection-foreground": on_cursor,
                "input-selection-background": cursor,
                **self.css_variables(),
            },
        )


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
        raise ThemeError(f"{source}: not a TOML file ({error}). Correct that line.") from error
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise ThemeError(f'{source}: the name is missing. Add name = "..." at the top.')
    dark = data.get("dark", True)
    if not isinstance(dark, bool):
        raise ThemeError(f"{source}: dark is {dark!r}. Write true or false.")
    grounds = _table(data, "grounds", source)
    roles = _table(data, "roles", source)
    only = _table(data, "only", source) if "only" in data else {}
    _refuse_unknown(data, {"name", "dark", "grounds", "roles", "only"}, "the file", source)
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
        raise ThemeError(f"{path.name}: cannot be read ({error}). Check the file and its rights.") from error
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


def fallback_variables() -> dict[str, str]:
    """Plain values for every variable, for a Textual theme that is not one of ours: readable, without distinctions."""
    variables = {ground_variable(ground): _FALLBACK_GROUND for ground in Ground}
    variables[ground_variable(Ground.CUR)] = "#333333"
    for ground in Ground:
        for role in Role:
            variables[text_variable(role, ground)] = _FALLBACK_TEXT
    return variables


class ThemedApp(App[Any]):
    """An app whose style sheets may use our variables under any theme."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return fallback_variables()

    def install_themes(self, themes: Mapping[str, ColourTheme], name: str = DEFAULT_THEME) -> None:
        """Register themes and switch to `name`. Raises ThemeError, naming the choice, where it is not among them."""
        if name not in themes:
            raise ThemeError(f"There is no theme {name!r}. Choose one of: {', '.join(sorted(themes))}.")
        for theme in themes.values():
            self.register_theme(theme.to_textual())
        self.theme = name


def _table(data: Mapping[str, Any], name: str, source: str) -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, dict):
        raise ThemeError(f"{source}: the table [{name}] is missing. Add it with one colour per line.")
    return table


def _refuse_unknown(table: Mapping[str, Any], known: set[Any], where: str, source: str) -> None:
    for key in table:
        if key not in known:
            raise ThemeError(f"{source}: {key!r} in {where} is unknown. Known are: {', '.join(sorted(known))}.")


def _colour(table: Mapping[str, Any], key: str, where: str, source: str) -> Colour:
    if key not in table:
        raise ThemeError(f"{source}: the colour '{key}' is missing in [{where}]. Add {key} = \"#rrggbb\".")
    value = table[key]
    if isinstance(value, str) and _HEX.fullmatch(value):
        return value.lower()
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 15:
        return value
    raise ThemeError(
        f'{source}: {key} = {value!r} in [{where}] is no colour. Write "#rrggbb" or a number from 0 to 15.'
    )
