"""An app and a screen on which the focus moves without a full paint.

Textual repaints the whole screen whenever the focus changes: Tab, a strip that opens, even the terminal's window going
to the background would cost 20 to 40 KB each time. Widgets that look different with the focus repaint themselves.
"""

from __future__ import annotations

from typing import Any, Generic

from textual.app import App
from textual.reactive import Reactive
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget


class QuietApp(App[Any]):
    """The base of the cockpit: nothing is repainted when the terminal's window gains or loses the focus."""

    app_focus = Reactive(True, repaint=False, compute=False)


class QuietScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """The base of the cockpit's screens: only the widgets concerned are repainted when the focus moves."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
