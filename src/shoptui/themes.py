"""Themes as Textual knows them: one variable per role and ground, and an app whose style sheets may use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from shoptui.theme_files import DEFAULT_THEME, ColourTheme, ThemeError, css_colour
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable

_FALLBACK_TEXT: Final = "#ffffff"
_FALLBACK_GROUND: Final = "#000000"


def textual_theme(theme: ColourTheme) -> Theme:
    """The theme as Textual knows it; its own names get the nearest of our roles."""
    background = css_colour(theme.grounds[Ground.BG])
    text = css_colour(theme.roles[Role.TEXT])
    info = css_colour(theme.roles[Role.INFO])
    on_cursor = css_colour(theme.text_on(Role.TEXT, Ground.CUR))
    cursor = css_colour(theme.grounds[Ground.CUR])
    return Theme(
        name=theme.name,
        primary=info,
        secondary=css_colour(theme.roles[Role.OTHER]),
        warning=css_colour(theme.roles[Role.SOON]),
        error=css_colour(theme.roles[Role.MISSED]),
        success=css_colour(theme.roles[Role.OK]),
        accent=info,
        foreground=text,
        background=background,
        surface=background,
        panel=css_colour(theme.grounds[Ground.BAR]),
        boost=background,
        dark=theme.dark,
        ansi=theme.uses_palette,
        variables={
            # Textual's own style sheet wants further variables of a theme in the terminal's colours.
            **(BUILTIN_THEMES["ansi-dark"].variables if theme.uses_palette else {}),
            "block-cursor-foreground": on_cursor,
            "block-cursor-background": cursor,
            "input-cursor-foreground": background,
            "input-cursor-background": text,
            "input-selection-foreground": on_cursor,
            "input-selection-background": cursor,
            **theme.css_variables(),
        },
    )


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
            self.register_theme(textual_theme(theme))
        self.theme = name
