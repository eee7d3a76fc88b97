"""Owns reading app secrets that are kept outside secrets.json: a file, a systemd credential, a program's output.

Where a secret is kept comes from the settings file alone: whoever may write that file runs the engine anyway, whoever
speaks over the socket does not.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from shoptui.config import AppConfig
from shoptui.engine.secrets import SecretsError, SecretsFile

#: A program that asks a person, or a network that hangs, must not keep the engine from starting.
_PROGRAM_WITHIN_S = 15.0
_SECRET_MAX_BYTES = 4096


def is_elsewhere(config: AppConfig) -> bool:
    """Whether the app's secret is kept outside secrets.json."""
    return bool(config.secret_file or config.secret_command)


async def lend_all(secrets: SecretsFile, configs: Mapping[str, AppConfig]) -> dict[str, str]:
    """Read the secrets of all apps that keep theirs elsewhere; why not, for each app that has none now."""
    why_not: dict[str, str] = {}
    for name in secrets.apps:
        try:
            await lend(secrets, name, configs.get(name, AppConfig()))
        except SecretsError as error:
            why_not[name] = str(error)
    return why_not


async def lend(secrets: SecretsFile, app: str, config: AppConfig) -> None:
    """Read one app's secret if it is kept elsewhere. Raises SecretsError, also when it has none at all."""
    if is_elsewhere(config):
        secrets.lend(app, await read_secret(app, config))
    elif not secrets.apps[app].app_secret:
        raise SecretsError(
            f"The secret of the app {app} is not in secrets.json and the settings do not say where it is. "
            f"Set secret_file or secret_command under [apps.{app}], or run: shoptui apps add"
        )


async def read_secret(app: str, config: AppConfig) -> str:
    """An app's secret from where the settings say it is. Raises SecretsError, without quoting any of it."""
    if config.secret_file and config.secret_command:
        raise SecretsError(f"[apps.{app}] has both secret_file and secret_command; keep one of them.")
    if config.secret_file:
        found = await asyncio.to_thread(_from_file, app, config.secret_file)
    else:
        found = await _from_program(app, config.secret_command)
    secret = found.decode("utf-8", "replace").strip()
    if not secret or len(secret.split()) != 1:
        raise SecretsError(f"What was found as the secret of the app {app} is not one word; look at [apps.{app}].")
    return secret


def _from_file(app: str, name: str) -> bytes:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    is_credential = "/" not in name
    if is_credential and not credentials:
        raise SecretsError(
            f"[apps.{app}] names the systemd credential {name}, but the engine was not started with credentials. "
            "Write a whole path, or add LoadCredential= to the unit."
        )
    path = Path(credentials or "") / name if is_credential else Path(name).expanduser()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            # systemd guards its own directory, with access lists that show as group permissions (systemd.exec(5)).
            if not is_credential and stat.S_IMODE(mode) & 0o077:
                raise SecretsError(f"{path} can be read by other users. Run: chmod 600 {path}")
            return file.read(_SECRET_MAX_BYTES)
    except OSError as error:
        raise SecretsError(f"The secret of the app {app}: {path} cannot be read: {error.strerror}.") from error


async def _from_program(app: str, command: str) -> bytes:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SecretsError(f"[apps.{app}] secret_command is no command line: {error}.") from error
    if not words:
        raise SecretsError(f"[apps.{app}] secret_command is empty.")
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise SecretsError(f"The secret of the app {app}: {words[0]} cannot be run: {error.strerror}.") from error
    try:
        async with asyncio.timeout(_PROGRAM_WITHIN_S):
            found, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise SecretsError(
            f"The secret of the app {app}: {words[0]} gave none within {_PROGRAM_WITHIN_S:.0f} s. "
            "It must not ask anybody: the engine has no terminal."
        ) from None
    if process.returncode != 0:
        raise SecretsError(f"The secret of the app {app}: {words[0]} ended with exit code {process.returncode}.")
    return found[:_SECRET_MAX_BYTES]
