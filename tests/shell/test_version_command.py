"""`shoptui version`: enough for a report, and nothing about anybody."""

from __future__ import annotations

import getpass
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from shoptui import __version__
from shoptui.shell.group import cli


def test_a_report_says_what_runs_and_not_who_or_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTUI_HOME", str(tmp_path / "secret-house"))
    assert CliRunner().invoke(cli, ["version"]).output == f"shoptui {__version__}\n"
    said = CliRunner().invoke(cli, ["version", "-v"]).output
    rows = dict(line.split(None, 1) for line in said.splitlines())
    assert rows["engine"] == "none runs"
    assert rows["house"] == "personal"
    assert rows["sqlite"] == sqlite3.sqlite_version
    assert "secret-house" not in said
    assert getpass.getuser() not in said.split()
