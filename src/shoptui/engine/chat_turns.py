"""Owns whose turn it was in each rule that shares conversations out, across restarts."""

from __future__ import annotations

import json
import logging
from pathlib import Path

log = logging.getLogger(__name__)


class Turns:
    """The operator each rule chose last. A lost file costs no more than that turns begin anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: dict[str, str] = {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read (%s); turns begin anew", path.name, type(error).__name__)
            return
        if isinstance(found, dict):
            self._last = {str(rule): str(operator) for rule, operator in found.items()}

    def last(self, rule: str) -> str:
        """Whom the rule chose last, "" for nobody yet."""
        return self._last.get(rule, "")

    def took(self, rule: str, operator: str) -> None:
        """The rule has chosen an operator."""
        self._last[rule] = operator
        draft = self._path.with_suffix(".part")
        try:
            draft.write_text(json.dumps(self._last, ensure_ascii=False), encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:
            log.warning("%s cannot be written (%s)", self._path.name, type(error).__name__)
