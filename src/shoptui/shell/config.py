"""`shoptui config`: the settings in force, where each is from, and what is wrong with the files."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import click

from shoptui.cockpit.keymap import keymap_path
from shoptui.config import ConfigError, Found, check_file, config_path, load_layers, own_config_path
from shoptui.looks import looks_path
from shoptui.paths import DataDir
from shoptui.settings import Value
from shoptui.settings_text import documented_file, toml_value
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import say
from shoptui.shell.tables import Column, print_table

#: A password inside an address is shown to nobody.
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")


@click.group(invoke_without_command=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def config(context: click.Context, form: str) -> None:
    """Print every setting in force and where it is from."""
    if context.invoked_subcommand is not None:
        return
    house = house_of(context)
    try:
        found = load_layers(house)
    except ConfigError as error:
        _say_problems(error.problems)
        sys.exit(Exit.FAILED)
    values = [*_places(context.obj, house), *found]
    if form == "json":
        records = [{"setting": one.name, "value": _safe(one.value), "from": _origin(one)} for one in values]
        click.echo(json.dumps(records, ensure_ascii=False, indent=1))
        return
    columns: list[Column[Found]] = [
        Column("SETTING", lambda one: one.name),
        Column("VALUE", _shown),
        Column("FROM", _origin),
    ]
    print_table(columns, values, sys.stdout)


@config.command()
@click.pass_context
def path(context: click.Context) -> None:
    """Print which files are read, and whether they are there."""
    house = house_of(context)
    files = {
        "house": config_path(house),
        "own": own_config_path(house),
        "keys": keymap_path(house),
        "looks": looks_path(house),
    }
    if files["own"] == files["house"]:
        del files["own"]
    for what, file in files.items():
        there = "" if file.exists() else "   (not there; all as usual)"
        click.echo(f"{what:<6} {file}{there}")


@config.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Say everything that is wrong with the settings; exit code 1 if anything is."""
    from shoptui.cockpit.keymap import load_keymap
    from shoptui.cockpit.shelf_file import ShelfFile

    house = house_of(context)
    problems = list(check_file(config_path(house), system=house.shared))
    if house.shared:
        problems += check_file(own_config_path(house), own=True)
    if not problems:
        try:
            load_layers(house)
        except ConfigError as error:
            problems += error.problems
    problems += _theme_problems(house) + _language_problems(house)
    keymap = load_keymap(keymap_path(house))
    if keymap.fault:
        problems += [keymap.fault, *(f"{keymap_path(house)}: {problem}" for problem in keymap.more)]
    shelf_file = ShelfFile(house)
    shelf_file.look()
    if shelf_file.fault:
        problems.append(shelf_file.fault)
    if problems:
        _say_problems(problems)
        sys.exit(Exit.FAILED)
    click.echo("Nothing is wrong with the settings.")


@config.command()
def template() -> None:
    """Print the documented settings file with every default, to begin with."""
    click.echo(documented_file(), nl=False)


def _theme_problems(house: DataDir) -> list[str]:
    """What is wrong with own theme files, and with the choice of one."""
    from shoptui.config import cockpit_config
    from shoptui.theme_files import choose_theme, gather_themes, theme_directories

    themes, faults = gather_themes(*theme_directories(house))
    config, unreadable = cockpit_config(house)
    chosen = "" if unreadable else choose_theme(themes, config.theme)[1]
    return [*faults, *([chosen] if chosen else [])]


def _language_problems(house: DataDir) -> list[str]:
    """A language that there is no catalogue for."""
    from shoptui.config import cockpit_config
    from shoptui.i18n import available_languages

    chosen = cockpit_config(house)[0].language
    families = {code.split("_")[0].lower() for code in available_languages()}
    if not chosen or re.split(r"[-_.@]", chosen)[0].lower() in families:
        return []
    return [f"cockpit.language is {chosen!r}; there are {', '.join(available_languages())}. English is in force."]


def _places(option: Path | None, house: DataDir) -> list[Found]:
    """Where the house is and why there, in the words of the other rows."""
    from shoptui.config import Source
    from shoptui.paths import SYSTEM_CONFIG

    if option is not None:
        source, place = Source.ENVIRONMENT, "--data-dir"
    elif os.environ.get("SHOPTUI_HOME"):
        source, place = Source.ENVIRONMENT, "SHOPTUI_HOME"
    elif house.shared:
        source, place = Source.SYSTEM_FILE, str(SYSTEM_CONFIG)
    else:
        source, place = Source.DEFAULT, ""
    own = Source.ENVIRONMENT if os.environ.get("SHOPTUI_STATE") else Source.DEFAULT
    return [
        Found("(house)", str(house.root), source, place),
        Found("(socket)", str(house.socket), source if house.socket_override else Source.DEFAULT, place),
        Found("(own state)", str(house.operator_state), own, "SHOPTUI_STATE" if own is Source.ENVIRONMENT else ""),
    ]


def _safe(value: Value | None) -> Value | None:
    return _PASSWORD.sub(r"\1[hidden]@", value) if isinstance(value, str) else value


def _shown(found: Found) -> str:
    value = _safe(found.value)
    if value is None:
        return "-"
    return str(value) if found.name.startswith("(") else toml_value(value)


def _origin(found: Found) -> str:
    if found.place == "--data-dir":
        return "option --data-dir"
    return f"{found.source.value} {found.place}".rstrip()


def _say_problems(problems: tuple[str, ...] | list[str]) -> None:
    for problem in problems:
        say(problem)
