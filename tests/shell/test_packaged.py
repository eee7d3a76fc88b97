"""What packages install beside the program: completion that works, a man page of all commands, units that start us."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from scripts.packaged import man_page

from shoptui.commands import COMMANDS
from shoptui.shell.completion import SHELLS
from shoptui.shell.group import cli
from shoptui.shell.unit import UNITS, unit


def completions(words: str, number: int) -> set[str]:
    """What bash is told when the word of that number is to be completed."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['shoptui']; from shoptui.cli import main; main()"],
        env={**os.environ, "_SHOPTUI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


def test_a_shell_gets_commands_and_options_instead_of_a_cockpit() -> None:
    assert completions("shoptui conf", 1) == {"config"}
    assert {"--since", "--store"} <= completions("shoptui logs --s", 2)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script(shell: str) -> None:
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert f"_SHOPTUI_COMPLETE={shell}_complete" in done.output
    if found := shutil.which(shell):
        subprocess.run([found, "-n"], input=done.output, text=True, check=True, timeout=30)


def test_an_unknown_shell_is_named_with_those_there_are() -> None:
    done = CliRunner().invoke(cli, ["completion", "csh"])
    assert done.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in done.output


def test_the_man_page_has_every_command_and_every_key() -> None:
    page = man_page()
    context = click.Context(cli)
    for name in cli.list_commands(context):
        assert f".SS shoptui {name}" in page
    for command in COMMANDS:
        assert command.label.replace("-", "\\-") in page
    # A line that begins with a dot is a command to roff: nothing of ours may become one by accident.
    macros = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert macros == {".TH", ".SH", ".SS", ".B", ".TP", ".PP"}


@pytest.mark.parametrize("kind", UNITS)
def test_a_unit_starts_the_program_it_was_asked_for(kind: str, tmp_path: Path) -> None:
    text = unit(kind, "/opt/shoptui/bin/shoptui")
    assert ("ExecStart=/opt/shoptui/bin/shoptui " in text) == (kind != "timer")
    assert "$program" not in text
    printed = CliRunner().invoke(cli, ["engine", "--print-unit", kind])
    assert printed.exit_code == 0
    assert printed.output.splitlines()[-1] == text.splitlines()[-1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for kind, (name, _) in UNITS.items():
        path = tmp_path / name
        path.write_text(unit(kind, "/bin/true").replace("Documentation=man:shoptui(1)\n", ""))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert f"{name}:" not in done.stderr, done.stderr
