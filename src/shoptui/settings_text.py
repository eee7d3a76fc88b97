"""Owns the documented settings file: every setting with its default and what it does, written from the table."""

from __future__ import annotations

import textwrap

from shoptui.settings import SECTIONS, Section, Setting, Value

_WIDTH = 110
#: Where the words about a setting begin, when its line is short enough.
_WORDS_AT = 27

#: The sections with names of the operator's own are shown by example.
_EXAMPLES = {
    "roles": ('mei = "manager"', '"@packers" = "packer"'),
    "apps.*": ('secret_command = "pass show shoptui/tiktok"',),
    "stores.*": ('proxy = "http://10.0.0.1:3128"', 'user_agent = ""'),
}
#: Tables of rules a section may have below its settings, by example.
_RULES = {
    "inbox": (
        "[[inbox.assign]]",
        'name = "thai"',
        'to = ["mei", "an"]         # they take turns',
        'stores = ["tt-th-*"]       # and languages = ["th"], keywords = ["refund"]: all that are given must hold',
        "",
        "[[inbox.auto_reply]]",
        'name = "closed"',
        'when = "outside_hours"     # or "always", with keywords',
        "[inbox.auto_reply.text]    # variables as in quick replies; one line per language",
        'en = "Hi {buyer}, we are back in the morning."',
    ),
}
_OWN_NAMES = {"apps.*": "apps.tiktok", "stores.*": "stores.tt-th-2"}


def toml_value(value: Value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def documented_file() -> str:
    """A valid settings file that holds every default, every setting explained."""
    return "\n".join(line for section in SECTIONS for line in _section(section)).strip() + "\n"


def _section(section: Section) -> list[str]:
    lines = [f"# {line}" for line in textwrap.wrap(section.about, _WIDTH)]
    if examples := _EXAMPLES.get(section.name):
        # Commented out: an example in force would give an invented user a role.
        lines += [f"# {setting.key}: {setting.help}" for setting in section.settings if setting.key != "*"]
        name = _OWN_NAMES.get(section.name, section.name)
        return [*lines, f"# [{name}]", *(f"# {example}" for example in examples), ""]
    if section.name:
        lines.append(f"[{section.name}]")
    for setting in section.settings:
        lines += _setting(setting, apart=not section.name)
    if rules := _RULES.get(section.name):
        lines += ["", *(f"# {line}" if line else "" for line in rules)]
    return [*lines, ""]


def _setting(setting: Setting, *, apart: bool) -> list[str]:
    words = setting.help + (f" (also {setting.env})" if setting.env else "")
    if setting.default is None:
        return [*_words(words), f"# {setting.key} = {setting.example}", ""]
    line = f"{setting.key} = {toml_value(setting.default)}"
    if apart:
        return [*_words(words), line, ""]
    beside = f"{line.ljust(_WORDS_AT - 1)} # {words}"
    return [beside] if len(beside) <= _WIDTH + 10 else [*_words(words), line]


def _words(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]
