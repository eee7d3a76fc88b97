"""Owns what the house says in quick replies: their file, shipped until there is an own one, and the settings' part."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from shoptui.domain.assign_rules import read_time
from shoptui.domain.reply_values import HouseSays
from shoptui.domain.templates import QuickReply, TemplateError, quick_replies_toml, read_quick_replies
from shoptui.paths import DataDir
from shoptui.settings import Config
from shoptui.toml_files import own_toml, parse_toml

_NAME = "quick_replies.toml"


def quick_replies_path(data_dir: DataDir) -> Path:
    """Where a house keeps its quick replies."""
    return data_dir.root / _NAME


def load_quick_replies(path: Path) -> tuple[QuickReply, ...]:
    """The house's quick replies, the shipped ones while it has no file. Raises TemplateError with one sentence."""
    found = own_toml(path, TemplateError)
    return shipped_quick_replies() if found is None else read_quick_replies(found, str(path))


def shipped_quick_replies() -> tuple[QuickReply, ...]:
    """What a house begins with."""
    content = resources.files("shoptui").joinpath(_NAME).read_bytes()
    return read_quick_replies(parse_toml(content, _NAME, TemplateError), _NAME)


def keep_quick_replies(path: Path, replies: Iterable[QuickReply]) -> None:
    """Write all quick replies, all of them or nothing. Raises TemplateError when the disk refuses."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(quick_replies_toml(replies))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TemplateError(f"{path}: cannot be written ({reason}); nothing was changed") from error


def house_says(config: Config) -> HouseSays:
    """What the settings say that fills quick replies."""
    own = {store_id: store.return_address for store_id, store in config.stores.items() if store.return_address}
    inbox = config.inbox
    van = read_time("van", inbox.van) if inbox.van else None
    return HouseSays(van, inbox.return_address, own, inbox.delivery_days)
