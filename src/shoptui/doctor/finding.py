"""Owns what a check finds: how bad it is, one sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shoptui.i18n import _, pgettext


class State(StrEnum):
    """How a thing does. `unknown`: it could not be looked at from here, which is no fault."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `id` is for programs (`store:tt-th-1`); `todo` is "" where there is nothing to do."""

    id: str
    state: State
    said: str
    todo: str = ""


def any_bad(findings: Iterable[Finding]) -> bool:
    """Whether something does not work; warnings do not count."""
    return any(finding.state is State.BAD for finding in findings)


def subject_words(finding_id: str) -> str:
    """What a finding is about, as a page names it: `store tt-th-1`; a file by its own name."""
    kind, colon, which = finding_id.partition(":")
    known = {
        "backup": _("backup"),
        "clock": pgettext("machine", "clock"),
        "colours": _("colours"),
        "decisions": _("decisions"),
        "directory": _("directory"),
        "disk": _("disk"),
        "engine": _("engine"),
        "file system": _("file system"),
        "keys": _("keys"),
        "locale": _("locale"),
        "own state": _("own state"),
        "paste": _("paste"),
        "printer": _("printer"),
        "printers": _("printers"),
        "scanner": _("scanner"),
        "secrets": _("secrets"),
        "settings": _("settings"),
        "size": _("size"),
        "socket": _("socket"),
        "store": _("store"),
        "stores": _("stores"),
        "terminal": _("terminal"),
        "widths": _("widths"),
    }
    name = known.get(kind, kind.replace("_", " "))
    return f"{name} {which}" if colon else name
