"""App secrets that are kept outside secrets.json: read when they can be, refused with the way to mend it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.config import AppConfig
from shoptui.engine import secret_sources
from shoptui.engine.secret_sources import lend_all, read_secret
from shoptui.engine.secrets import SecretsError, SecretsFile
from tests.engine.test_secrets import APP


def closed(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


async def test_a_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    path = closed(tmp_path / "secret", "word-1\n")
    assert await read_secret("tt", AppConfig(secret_file=str(path))) == "word-1"


async def test_a_bare_name_is_a_systemd_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(tmp_path / "tiktok", "word-2").chmod(0o440)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretsError, match="LoadCredential="):
        await read_secret("tt", AppConfig(secret_file="tiktok"))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert await read_secret("tt", AppConfig(secret_file="tiktok")) == "word-2"


async def test_a_program_is_run_without_a_shell() -> None:
    command = f"{sys.executable} -c \"print('$HOME;ls')\""
    assert await read_secret("tt", AppConfig(secret_command=command)) == "$HOME;ls"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (AppConfig(secret_file="/no/such"), "/no/such cannot be read"),
        (AppConfig(secret_command="no-such-program"), "no-such-program cannot be run"),
        (AppConfig(secret_command="false"), "exit code 1"),
        (AppConfig(secret_command="true"), "is not one word"),
        (AppConfig(secret_command="echo two words"), "is not one word"),
        (AppConfig(secret_command="'"), "no command line"),
        (AppConfig(secret_command=" "), "is empty"),
        (AppConfig(secret_file="a", secret_command="b"), "keep one of them"),
    ],
)
async def test_what_gives_no_secret_is_said_so(config: AppConfig, words: str) -> None:
    with pytest.raises(SecretsError, match=words):
        await read_secret("tt", config)


async def test_a_file_others_can_read_is_refused(tmp_path: Path) -> None:
    path = closed(tmp_path / "secret", "word-3")
    path.chmod(0o644)
    with pytest.raises(SecretsError, match="chmod 600") as caught:
        await read_secret("tt", AppConfig(secret_file=str(path)))
    assert "word-3" not in str(caught.value)


async def test_a_program_that_waits_for_somebody_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_sources, "_PROGRAM_WITHIN_S", 0.05)
    with pytest.raises(SecretsError, match="gave none within"):
        await read_secret("tt", AppConfig(secret_command="sleep 60"))


async def test_one_app_without_a_secret_keeps_no_other_from_its_own(tmp_path: Path) -> None:
    secrets = SecretsFile.open(tmp_path / "secrets.json")
    for name in ("here", "file", "gone", "nowhere"):
        await secrets.save_app(replace(APP, app=name, app_secret="kept" if name == "here" else ""))
    configs = {
        "file": AppConfig(secret_file=str(closed(tmp_path / "secret", "word"))),
        "gone": AppConfig(secret_command="false"),
    }
    why_not = await lend_all(secrets, configs)
    assert set(why_not) == {"gone", "nowhere"}
    assert "[apps.nowhere]" in why_not["nowhere"]
    assert (secrets.apps["here"].app_secret, secrets.apps["file"].app_secret) == ("kept", "word")
