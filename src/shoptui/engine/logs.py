"""Owns the engine's log: one rotating file, closed to others, from which secrets are taken out."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

_BYTES_MAX = 5 * 1024 * 1024
_KEPT = 3
_HIDDEN = "[hidden]"

#: Names under which credentials travel; their values are hidden even when we do not know them.
_NAMED = re.compile(
    r"(?i)((?:access|refresh)_token|app_secret|auth_code|x-tts-access-token|authorization|sign|shop_cipher)"
    r"(\"?\s*[=:]\s*\"?)([^\s\"&,;}]+)"
)


class Redactor(logging.Filter):
    """Takes known secrets, and whatever stands behind a secret's name, out of every line."""

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self.clean(record.getMessage())
        record.args = None
        # Tracebacks quote values of variables in messages; the place alone is logged instead (lanes.describe).
        record.exc_info = None
        record.exc_text = None
        return True

    def clean(self, text: str) -> str:
        """The text without secrets, and on one line."""
        for secret in self._secrets():
            if len(secret) >= 6:
                text = text.replace(secret, _HIDDEN)
        text = _NAMED.sub(rf"\1\2{_HIDDEN}", text)
        return text.replace("\r", " ").replace("\n", " | ")


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating log that is never readable by others, not even for a moment."""

    def _open(self):  # type: ignore[no-untyped-def]  # the base class's type is private to typeshed
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def set_up(path: Path, secrets: Callable[[], Iterable[str]]) -> logging.Handler:
    """Send all logging to `path` until `tear_down`. Returns the handler."""
    handler = _PrivateFile(path, maxBytes=_BYTES_MAX, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    handler.addFilter(Redactor(secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # They log every request with its whole address.
    for noisy in ("httpx", "httpcore", "asyncio", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return handler


def tear_down(handler: logging.Handler) -> None:
    """Close the log again."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def complain(sentence: str) -> None:
    """Say one sentence where the person or the service manager that started the engine sees it."""
    print(f"shoptui engine: {sentence}", file=sys.stderr)  # noqa: T201 (this is the engine's only word to a terminal)
