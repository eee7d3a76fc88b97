"""Owns the request for a backup: made by the engine, which alone may read the vault, while everything goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoptui.engine.fields import Refusal, flag, optional_text, optional_whole
from shoptui.engine.order_requests import audit
from shoptui.store.backup import make_backup
from shoptui.store.backup_names import backup_directory, default_name

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

_PATH_MAX = 4096


async def backup(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Write a backup: to `path` (absolute), or under a name of its own in the configured folder.

    Written to the audit log before it begins: a backup holds every buyer's address.
    """
    house = engine.house
    named = optional_text(message, "path", longest=_PATH_MAX)
    keep, with_secrets = optional_whole(message, "keep"), flag(message, "with_secrets", default=False)
    if keep is not None and keep < 1:
        raise Refusal("bad_request", "keep must be at least 1: how many backups are to stay.")
    made_at = house.now()
    folder = backup_directory(house.data_dir, house.config.backup.directory)
    target = Path(named) if named else folder / default_name(house.data_dir, made_at)
    if not target.is_absolute():
        raise Refusal("bad_request", f"{target} must be an absolute path: the engine works elsewhere.")
    detail = f"to {target}{', with secrets' if with_secrets else ''}"
    await audit(engine, session, "backup", "house", detail)
    made = await asyncio.to_thread(
        make_backup, house.data_dir, target, now=made_at, with_secrets=with_secrets, keep=keep
    )
    return {
        "path": str(made.path),
        "size_bytes": made.size_bytes,
        "made_at": made.manifest.made_at,
        "private": made.private,
        "with_secrets": with_secrets,
        "removed": [str(path) for path in made.removed],
    }
