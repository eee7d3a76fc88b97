"""The operator's own time zone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCAL_TIME = Path("/etc/localtime")


def local_zone() -> tzinfo:
    """The zone of this session: `TZ`, then the machine's; a fixed offset where neither names a zone.

    A named zone knows when the clocks change; a fixed offset does not.
    """
    names = [os.environ.get("TZ", "").removeprefix(":")]
    if _LOCAL_TIME.is_symlink():
        names.append(str(_LOCAL_TIME.resolve()).partition("/zoneinfo/")[2])
    for name in names:
        if name and not name.startswith("/"):
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return datetime.now().astimezone().tzinfo or UTC
