"""The documents say what the program does: keys with their names, shell commands with options, pictures, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import pytest

from shoptui.commands import COMMANDS, key_label
from shoptui.domain.verbs import TARGETS
from shoptui.queries.filter import parse
from shoptui.queries.money_fields import parse_money
from shoptui.queries.query import Query
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.thread_filter import parse_threads
from shoptui.shell.group import cli

ROOT = Path(__file__).resolve().parent.parent
MANUAL = ROOT / "docs" / "manual.md"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

#: A key with the name of what it does: **`s` Ship**.
_NAMED_KEY = re.compile(r"\*\*`([^`]+)` ([^*]+)\*\*")
#: A word in code that looks like a key: one character, F1, Ctrl-Y, PgDn.
_LIKE_A_KEY = re.compile(r"(?<!\*)`(\S|F\d+|Ctrl-\w|Enter|Esc|Tab|Shift-Tab|Space|Del|PgDn|PgUp|Home|End|Up|Down)`")
_COMMAND = re.compile(r"^(?:[\d*/ ]+  |sudo -u \S+ )?shoptui( (?!= ).*)?$")
_CUT = re.compile(r"\s(#|>)\s?.*$|[|].*$|\s(&&|;)\s.*$")
#: What reads the filter of each group of commands.
_FILTERS: Mapping[str, Callable[[str], Query]] = {
    "orders": parse,
    "inbox": parse_threads,
    "stock": parse_stock,
    "returns": parse_returns,
    "money": parse_money,
    "export": parse_money,
}
#: Signs of the grid, which stand in code as keys do.
_SIGNS = set("»✗?Y~✓!")


def named_keys() -> set[tuple[str, str]]:
    return {(key_label(key), command.label) for command in COMMANDS for key in command.all_keys}


def commands_in(text: str) -> Iterator[list[str]]:
    """The arguments of every `shoptui …` in code: in blocks line by line, and inline."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
    # The table of keys is made from the commands and looked at by itself.
    prose = re.sub(r"<!-- keys -->.*<!-- /keys -->", "", prose, flags=re.S)
    lines += re.findall(r"`(shoptui[^`]*)`", prose)
    for line in lines:
        if found := _COMMAND.match(line):
            yield shlex.split(_CUT.sub("", found[1] or ""))


def parsed(arguments: list[str]) -> None:
    """Parse as the program does, doing nothing; raises click.UsageError. A bare name only has to exist."""
    context = click.Context(cli, info_name="shoptui")
    command: click.Command = cli
    rest = list(arguments)
    if rest[:1] == ["--data-dir"]:
        rest = rest[2:]
    while rest and isinstance(command, click.Group):
        if rest[0].startswith("-"):
            # Options of the group itself, such as --version or those of `config`.
            break
        _name, found, rest = command.resolve_command(context, rest)
        command = found if found is not None else command
    if rest in ([], ["attach"]):
        return
    try:
        command.make_context(command.name, rest, parent=context)
    except click.exceptions.Exit:
        return


@pytest.mark.parametrize("key", sorted(set(_NAMED_KEY.findall(MANUAL.read_text(encoding="utf-8")))))
def test_a_named_key_of_the_manual_does_that(key: tuple[str, str]) -> None:
    assert key in named_keys()


def test_the_manual_names_the_keys_of_the_days_work() -> None:
    named = {label for _key, label in _NAMED_KEY.findall(MANUAL.read_text(encoding="utf-8"))}
    verbs = {command.label for command in COMMANDS if command.verb and command.keys}
    assert verbs <= named, f"the manual does not say: {sorted(verbs - named)}"


def test_other_keys_of_the_manual_exist() -> None:
    labels = {key for key, _label in named_keys()} | {"o", "e", "A", "D", "E"}
    prose = re.sub(r"```.*?```", "", MANUAL.read_text(encoding="utf-8"), flags=re.S)
    assert set(_LIKE_A_KEY.findall(prose)) - labels <= _SIGNS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_a_document_parses(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where a command wants a file that is there, the documents call it FILE.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()
    for arguments in commands_in(document.read_text(encoding="utf-8")):
        try:
            parsed(arguments)
        except click.UsageError as error:
            pytest.fail(f"shoptui {shlex.join(arguments)}: {error.format_message()}")


def test_what_is_no_command_is_found() -> None:
    text = "```\n0 3 * * *  shoptui backup --kepe 14   # cron\nusermod -aG shoptui mei\n```\nand `shoptui frobnicate x`"
    for arguments in (found := list(commands_in(text))):
        with pytest.raises(click.UsageError):
            parsed(arguments)
    assert [arguments[0] for arguments in found] == ["backup", "frobnicate"]


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.cli], ids=lambda command: command.id)
def test_the_shell_twin_of_a_command_exists(command: object) -> None:
    words = shlex.split(getattr(command, "cli"))[1:]  # noqa: B009
    found: click.Command = cli
    while words and isinstance(found, click.Group):
        inner = found.get_command(click.Context(found), words.pop(0))
        assert inner is not None
        found = inner
    options = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_filter_of_a_command_parses_as_its_list_reads_it(document: Path) -> None:
    for arguments in commands_in(document.read_text(encoding="utf-8")):
        if "--filter" in arguments[:-1]:
            _FILTERS[arguments[0]](arguments[arguments.index("--filter") + 1])


def test_the_protocols_page_lists_every_verb_with_its_target() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    table = page[page.index("| verb | target | args |") :].partition("\n\n")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.M)) == {
        verb.value: kind.value for verb, kind in TARGETS.items()
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_pictures_and_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert (document.parent / target.partition("#")[0]).exists(), target
