"""The styles of roles on a ground, straight from the theme's variables.

Textual resolves each component class of each widget through its whole style sheet. With 45 of them on every widget that
shows lines, that alone was a tenth of a second of every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.app import App
from textual.color import Color

from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable


def role_styles(app: App[object], ground: Ground) -> Mapping[Role, Style]:
    """One style per role on `ground`, in the app's present theme."""
    variables = app.theme_variables
    background = variables[ground_variable(ground)]
    return {role: _style(variables[text_variable(role, ground)], background) for role in Role}


@lru_cache(maxsize=512)
def _style(colour: str, background: str) -> Style:
    return Style(color=Color.parse(colour).rich_color, bgcolor=Color.parse(background).rich_color)
