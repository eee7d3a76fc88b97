"""Theme and language as the operator chooses them in the menu: in force at once, kept for the next start."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from shoptui.cockpit.notices import Tone
from shoptui.config import cockpit_config
from shoptui.i18n import LANGUAGE_NAMES, _, language, operator_language, set_language
from shoptui.looks import Looks, keep_looks, load_looks, looks_path
from shoptui.screens.forms import Choice, ChoiceForm
from shoptui.theme_files import choose_theme

if TYPE_CHECKING:
    from shoptui.app import CockpitApp

#: The keys of the choices; 0 goes back to what the settings say.
_KEYS = "123456789abcdefgijklmnoprstuvwxyz"


class LooksMenu:
    """Asks for theme and language, puts the choice in force and keeps it."""

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._path = looks_path(app.session.data_dir)

    def ask_theme(self) -> None:
        """Open the strip with every theme there is."""
        names = sorted(self._app.own_themes)
        self._ask(_("THEME: its digit"), [(name, name) for name in names], self._app.theme, self.use_theme)

    def ask_language(self) -> None:
        """Open the strip with every language there is, each under its own name."""
        self._ask(_("LANGUAGE: its digit"), LANGUAGE_NAMES, language(), self.use_language)

    def _ask(self, title: str, known: Sequence[tuple[str, str]], present: str, choose: Callable[[str], None]) -> None:
        choices = [
            Choice((key,), key, name, _("now") if code == present else "")
            for key, (code, name) in zip(_KEYS, known, strict=False)
        ]
        choices.append(Choice(("0",), "0", _("as the settings say")))
        codes = [*(code for code, _name in known[: len(_KEYS)]), ""]
        self._app.frame.open_form(ChoiceForm(title, choices, lambda place: choose(codes[place])))

    def use_theme(self, name: str) -> None:
        """Put a theme in force; "" is the one of the settings."""
        kept = self._keep(replace(load_looks(self._path), theme=name))
        wanted = name or cockpit_config(self._app.session.data_dir)[0].theme
        chosen, fault = choose_theme(self._app.own_themes, wanted)
        self._app.theme = chosen
        self._say(_("Theme {name}.").format(name=chosen), fault or kept or self._overruled("SHOPTUI_THEME"))

    def use_language(self, code: str) -> None:
        """Speak a language; "" is the one of the settings, or of the locale."""
        kept = self._keep(replace(load_looks(self._path), language=code))
        wanted = code or cockpit_config(self._app.session.data_dir)[0].language or operator_language()
        chosen = set_language(wanted)
        self._app.frame.language_changed()
        name = dict(LANGUAGE_NAMES).get(chosen, chosen)
        self._say(_("Language: {name}.").format(name=name), kept or self._overruled("SHOPTUI_LANGUAGE"))

    def _keep(self, looks: Looks) -> str:
        why = keep_looks(self._path, looks)
        return (
            _("It holds until you leave: {path} cannot be written: {why}").format(path=self._path, why=why)
            if why
            else ""
        )

    def _overruled(self, variable: str) -> str:
        if variable in os.environ:
            return _("It holds until you leave: the environment's {variable} decides at the start.").format(
                variable=variable
            )
        return ""

    def _say(self, what: str, wrong: str) -> None:
        if wrong:
            self._app.frame.say(what, wrong, Tone.ASK)
        else:
            self._app.frame.say(what, _("It is kept."), Tone.GOOD)
