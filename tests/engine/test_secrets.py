"""The secrets file: refused when others can read it, replaced as a whole, never printed."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.engine import secrets as secrets_module
from shoptui.engine.logs import Redactor
from shoptui.engine.secrets import SecretsError, SecretsFile

APP = AppCredentials("tt", "tiktok", "key-1", "app-secret-value", "https://a.example", "https://b.example")


def tokens(name: str) -> TokenSet:
    return TokenSet(f"access-{name}", f"refresh-{name}", 100, 200)


async def test_what_was_saved_is_there_for_the_next_engine_and_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = SecretsFile.open(path)
    assert first.load("tt-th-1") is None
    await first.save_app(APP)
    await first.save("tt-th-1", tokens("one"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = SecretsFile.open(path)
    assert again.load("tt-th-1") == tokens("one")
    assert again.apps == {"tt": APP}
    await again.forget("tt-th-1")
    assert SecretsFile.open(path).load("tt-th-1") is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.json"]


async def test_a_renamed_store_keeps_its_tokens_and_a_forgotten_app_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = SecretsFile.open(path)
    await secrets.save_app(replace(APP, consent_url="https://c.example/?service_id=7"))
    await secrets.save("tt-th-1", tokens("one"))
    await secrets.save("tt-th-2", tokens("two"))
    await secrets.rename("tt-th-1", "siam")
    await secrets.rename("nobody", "else")
    again = SecretsFile.open(path)
    assert sorted(again.store_ids) == ["siam", "tt-th-2"] and again.load("siam") == tokens("one")
    assert again.apps["tt"].consent_url == "https://c.example/?service_id=7"
    await again.forget_all(["tt-th-2", "nobody"])
    await again.forget_app("tt")
    assert SecretsFile.open(path).apps == {} and list(SecretsFile.open(path).store_ids) == ["siam"]


async def test_a_secret_that_is_kept_elsewhere_is_lent_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = SecretsFile.open(path)
    await secrets.save_app(replace(APP, app_secret=""))
    secrets.lend("tt", "from-elsewhere")
    await secrets.save("tt-th-1", tokens("one"))
    assert secrets.apps["tt"].app_secret == "from-elsewhere"
    assert "from-elsewhere" not in path.read_text()
    assert SecretsFile.open(path).apps["tt"].app_secret == ""


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
async def test_a_file_others_can_read_is_refused_with_the_command_that_helps(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secrets.json"
    await SecretsFile.open(path).save("tt-th-1", tokens("one"))
    path.chmod(mode)
    with pytest.raises(SecretsError, match=r"chmod 600 .*secrets\.json"):
        SecretsFile.open(path)


@pytest.mark.parametrize("content", ["", "{", '{"version": 1}', '{"version": 1, "apps": [], "tokens": {}}', "[]"])
def test_a_damaged_file_is_refused_without_quoting_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SecretsError, match="damaged") as caught:
        SecretsFile.open(path)
    assert caught.value.__cause__ is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("{}")
    (tmp_path / "secrets.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SecretsError):
        SecretsFile.open(tmp_path / "secrets.json")


async def test_saves_at_once_lose_nothing(tmp_path: Path) -> None:
    vault = SecretsFile.open(tmp_path / "secrets.json")
    await asyncio.gather(*(vault.save(f"store-{number}", tokens(str(number))) for number in range(20)))
    again = SecretsFile.open(tmp_path / "secrets.json")
    assert all(again.load(f"store-{number}") == tokens(str(number)) for number in range(20))


async def test_a_failed_save_is_said_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = SecretsFile.open(tmp_path / "secrets.json")
    await vault.save("tt-th-1", tokens("old"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(secrets_module.os, "fsync", full)
    with pytest.raises(SecretsError, match="No space left"):
        await vault.save("tt-th-1", tokens("new"))
    assert vault.load("tt-th-1") == tokens("old")
    assert SecretsFile.open(tmp_path / "secrets.json").load("tt-th-1") == tokens("old")


def test_nothing_shows_a_secret() -> None:
    assert "access-one" not in repr(tokens("one")) and "app-secret-value" not in repr(APP)
    redactor = Redactor(lambda: ["access-one", "app-secret-value"])
    line = redactor.clean('GET /x?app_secret=abc&refresh_token=def said "access-one" x-tts-access-token: ghi\nsecond')
    for secret in ("abc", "def", "ghi", "access-one"):
        assert secret not in line
    assert "\n" not in line
