"""Owns secrets.json: marketplace apps and the stores' tokens, readable by the engine's user alone."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.domain.stores import owner_of_tokens

_VERSION = 1
_APP_FIELDS = ("marketplace", "app_key", "app_secret", "base_url", "auth_url")
_APP_OPTIONAL = ("consent_url",)
_TOKEN_FIELDS = ("access_token", "refresh_token", "access_expires_at", "refresh_expires_at")


class SecretsError(RuntimeError):
    """The secrets file cannot be used; the message says why and what to do, never what is in it."""


class SecretsFile:
    """Apps and tokens, kept in one file that is replaced as a whole. Implements `adapters.base.TokenVault`.

    An app whose secret is kept elsewhere stands in the file without it; `lend` says it for as long as the engine runs.
    """

    def __init__(self, path: Path, apps: dict[str, AppCredentials], tokens: dict[str, TokenSet]) -> None:
        self._path = path
        self._apps = apps
        self._tokens = tokens
        self._lent: dict[str, str] = {}
        self._lock = asyncio.Lock()

    @classmethod
    def open(cls, path: Path) -> SecretsFile:
        """Read the file; a missing one is an empty vault. Raises SecretsError when it is unfit."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return cls(path, {}, {})
        except OSError as error:
            raise SecretsError(f"{path} cannot be read: {error.strerror}.") from error
        with os.fdopen(descriptor, encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid():
                raise SecretsError(f"{path} belongs to another user. Run: chown {os.geteuid()} {path}")
            if stat.S_IMODE(status.st_mode) & 0o077:
                raise SecretsError(f"{path} can be read by other users. Run: chmod 600 {path}")
            return cls._parse(path, file.read())

    @classmethod
    def _parse(cls, path: Path, text: str) -> SecretsFile:
        damaged = f"{path} is damaged. Restore it from a backup, or move it away and authorise the stores again."
        try:
            found = json.loads(text)
            version = found["version"]
            apps = {name: _app(name, fields) for name, fields in found["apps"].items()}
            tokens = {store_id: _tokens(fields) for store_id, fields in found["tokens"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            # The parser's own message would quote the file.
            raise SecretsError(damaged) from None
        if version != _VERSION:
            raise SecretsError(f"{path} was written by a newer shoptui. Update this one.")
        return cls(path, apps, tokens)

    @property
    def apps(self) -> Mapping[str, AppCredentials]:
        """The apps by name; `app_secret` is "" where it is kept elsewhere and has not been lent."""
        return {
            name: replace(app, app_secret=self._lent[name]) if name in self._lent else app
            for name, app in self._apps.items()
        }

    def lend(self, app: str, secret: str) -> None:
        """The secret of an app that is kept outside this file: used, never written."""
        self._lent[app] = secret

    def load(self, store_id: str) -> TokenSet | None:
        """The store's tokens, None when it was never authorised."""
        return self._tokens.get(store_id)

    def tokens(self) -> Collection[TokenSet]:
        """All tokens, for what has to keep them out of logs."""
        return self._tokens.values()

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        """Keep the tokens: on disk, with its directory entry, when this returns. Raises SecretsError."""
        async with self._lock:
            await self._replace(self._apps, {**self._tokens, store_id: tokens})

    async def save_app(self, credentials: AppCredentials) -> None:
        """Keep a marketplace app under its name, replacing an earlier one."""
        async with self._lock:
            await self._replace({**self._apps, credentials.app: credentials}, self._tokens)

    async def forget_app(self, app: str) -> None:
        """Drop a removed app. Its name may be used again."""
        async with self._lock:
            kept = {name: held for name, held in self._apps.items() if name != app}
            await self._replace(kept, self._tokens)
            self._lent.pop(app, None)

    async def forget(self, store_id: str) -> None:
        """Drop a removed store's tokens, also those for its conversations."""
        await self.forget_all([store_id])

    async def forget_all(self, store_ids: Collection[str]) -> None:
        """Drop the tokens of stores that are not in the house (any more)."""
        async with self._lock:
            kept = {name: held for name, held in self._tokens.items() if owner_of_tokens(name) not in store_ids}
            if len(kept) < len(self._tokens):
                await self._replace(self._apps, kept)

    async def rename(self, store_id: str, new_id: str) -> None:
        """Keep a store's tokens under another name; nothing happens when there are none under the old one."""
        async with self._lock:
            if any(owner_of_tokens(name) == store_id for name in self._tokens):
                moved = {
                    name.replace(store_id, new_id, 1) if owner_of_tokens(name) == store_id else name: held
                    for name, held in self._tokens.items()
                }
                await self._replace(self._apps, moved)

    @property
    def store_ids(self) -> Collection[str]:
        """The stores there are tokens for."""
        return {owner_of_tokens(name) for name in self._tokens}

    async def _replace(self, apps: dict[str, AppCredentials], tokens: dict[str, TokenSet]) -> None:
        writing = asyncio.ensure_future(asyncio.to_thread(_write, self._path, apps, tokens))
        # A refresh token is valid once: a caller that is cancelled must not leave the file and memory apart.
        await asyncio.shield(writing)
        self._apps, self._tokens = apps, tokens


def _app(name: str, fields: Mapping[str, Any]) -> AppCredentials:
    required = {field: _text(fields[field]) for field in _APP_FIELDS}
    optional = {field: _text(fields.get(field, "")) for field in _APP_OPTIONAL}
    return AppCredentials(app=name, **required, **optional)


def _tokens(fields: Mapping[str, Any]) -> TokenSet:
    return TokenSet(
        access_token=_text(fields["access_token"]),
        refresh_token=_text(fields["refresh_token"]),
        access_expires_at=int(fields["access_expires_at"]),
        refresh_expires_at=int(fields["refresh_expires_at"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _write(path: Path, apps: Mapping[str, AppCredentials], tokens: Mapping[str, TokenSet]) -> None:
    content = {
        "version": _VERSION,
        "apps": {name: _only(asdict(app), _APP_FIELDS + _APP_OPTIONAL) for name, app in apps.items()},
        "tokens": {store_id: _only(asdict(held), _TOKEN_FIELDS) for store_id, held in tokens.items()},
    }
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise SecretsError(f"{path} cannot be written: {error.strerror}. Tokens are not safe until it can.") from error


def _only(fields: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: fields[name] for name in names}
