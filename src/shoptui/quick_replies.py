"""Owns what the house says in quick replies: their file, shipped until there is an own one, and the settings' part."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from shoptui.domain.assign_rules import read_time
from shoptui.domain.reply_values import HouseSays
from shoptui.domain.templates import QuickReply, TemplateError, quick_replies_toml, read_quick_replies
from shoptui.paths import DataDir
from shoptui.settings import Config

_NAME = "quick_replies.toml"


def quick_replies_path(data_dir: DataDir) -> Path:
    """Where a house keeps its quick replies."""
    return data_dir.root / _NAME


def load_quick_replies(path: Path) -> tuple[QuickReply, ...]:
    """The house's quick replies, the shipped ones while it has no file. Raises TemplateError with one sentence."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return shipped_quick_replies()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TemplateError(f"{path}: cannot be read ({reason}); check its permissions") from error
    return _parsed(content, str(path))


def shipped_quick_replies() -> tuple[QuickReply, ...]:
    """What a house begins with."""
    return _parsed(resources.files("shoptui").joinpath(_NAME).read_bytes(), _NAME)


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


def _parsed(content: bytes, name: str) -> tuple[QuickReply, ...]:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TemplateError(f"{name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{name}: is no valid TOML: {error}; correct that place") from error
    return read_quick_replies(data, name)
