"""Reports of faults in the cockpit itself: where it happened, without any data that was at hand."""

from __future__ import annotations

import os
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

from shoptui import __version__
from shoptui.paths import DataDir

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBERS = re.compile(r"\d{5,}")

#: A report file beyond this is begun anew, bytes.
_LOG_MAX = 1_000_000


def log_path(data_dir: DataDir) -> Path:
    """Where the cockpit's faults are written: beside the operator's own state."""
    return data_dir.operator_state.parent / "cockpit.log"


def report(error: BaseException, now: float) -> str:
    """A fault as text: kind, redacted message, and the lines of code it passed through. No local variables."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = f"{moment} shoptui {__version__} {type(error).__name__}: {redacted(str(error))}"
    return "\n".join([head, *places, ""])


def redacted(message: str) -> str:
    """A message without what may be data: quoted text and long numbers."""
    return _NUMBERS.sub("#####", _QUOTED.sub("'…'", message))


def _own_eyes_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def write_report(data_dir: DataDir, error: BaseException, now: float) -> Path | None:
    """Append a report to the log; None where it cannot be written."""
    path = log_path(data_dir)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LOG_MAX:
            path.replace(path.with_suffix(".log.1"))
        with open(path, "a", encoding="utf-8", opener=_own_eyes_only) as log:
            log.write(report(error, now) + "\n")
    except OSError:
        return None
    return path
