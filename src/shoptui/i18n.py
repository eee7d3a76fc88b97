"""The operator's language: gettext for every text of the cockpit, English where there is no catalogue."""

from __future__ import annotations

import gettext as _gettext
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from shoptui.domain.clocks import CHINESE_UNITS, ENGLISH_UNITS, CountdownUnits

ENGLISH = "en"
DOMAIN = "shoptui"
LOCALE_PATH = Path(__file__).parent / "locale"

LANGUAGE_NAMES = (("en", "English"), ("zh_CN", "简体中文"))
"""The languages an operator can choose, each under its own name."""

_language = ENGLISH
_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


def _(message: str) -> str:
    """The text in the operator's language. Call it where the text is shown, not where a module is loaded."""
    # An empty text is a catalogue's own heading.
    return _catalogue.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of a text that fits `count`, in the operator's language."""
    return _catalogue.ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """The text in the operator's language where the same English word has several meanings."""
    return _catalogue.pgettext(context, message)


def later(message: str) -> str:
    """Mark a text in a table for translation; whoever shows it passes it to `_`."""
    return message


def available_languages(directory: Path = LOCALE_PATH) -> tuple[str, ...]:
    """The languages there are catalogues for, English first."""
    found = sorted(path.parent.parent.name for path in directory.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (ENGLISH, *(code for code in found if code != ENGLISH))


def set_language(code: str, directory: Path = LOCALE_PATH) -> str:
    """Use the language that fits `code` best (`zh_CN.UTF-8`, `zh-CN`, `zh`) and return the one chosen.

    English is chosen where no catalogue fits: a text in another language than its neighbours helps nobody.
    """
    global _catalogue, _language
    wanted = code.split(".")[0].split("@")[0].replace("-", "_")
    family = wanted.split("_")[0].lower()
    languages = available_languages(directory)
    exact = [language for language in languages if language.lower() == wanted.lower()]
    related = [language for language in languages if language.split("_")[0].lower() == family]
    chosen = next(iter(exact + related), ENGLISH)
    _catalogue = _gettext.translation(DOMAIN, directory, [chosen], fallback=True)
    _language = chosen
    return chosen


def in_every_language(message: str) -> tuple[str, ...]:
    """A text in each language there is, the operator's own first: what a search looks through."""
    others = (catalogue.gettext(message) for catalogue in _every_catalogue())
    return tuple(dict.fromkeys((_(message), message, *others)))


@lru_cache(maxsize=1)
def _every_catalogue() -> tuple[_gettext.NullTranslations, ...]:
    return tuple(_gettext.translation(DOMAIN, LOCALE_PATH, [code]) for code in available_languages() if code != ENGLISH)


def operator_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language the operator's locale asks for."""
    return environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ENGLISH


def language() -> str:
    """The code of the language in use."""
    return _language


def countdown_units() -> CountdownUnits:
    """The letters of a countdown in the language in use."""
    return CHINESE_UNITS if _language.split("_")[0] == "zh" else ENGLISH_UNITS
