"""`shoptui apps`: the marketplace apps stores are authorised through."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from shoptui.client import EngineClient
from shoptui.paths import DataDir
from shoptui.shell.connect import Stop, ask, end_with, engine_client, stop
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import say
from shoptui.shell.tables import Column, print_csv, print_table

_FIELDS = ("app", "marketplace", "app_key", "base_url", "auth_url", "secret", "usable", "stores")


@click.group()
def apps() -> None:
    """Set up marketplace apps: the key and secret a developer site gives."""


@apps.command("add")
@click.argument("marketplace")
@click.option("--name", help="What the app is called here; the marketplace's name if left out.")
@click.option("--base-url", help="The host of calls, for instance a sandbox.")
@click.option("--auth-url", help="The host that gives tokens.")
@click.option("--consent-url", help="The link sellers open, as the developer site shows it.")
@click.option("--replace", is_flag=True, help="The app is there: give it another secret or other addresses.")
@click.pass_context
def add_app(
    context: click.Context,
    marketplace: str,
    replace: bool,
    name: str | None,
    base_url: str | None,
    auth_url: str | None,
    consent_url: str | None,
) -> None:
    """Set up an app. Key and secret are asked for, the secret without showing it; scripts hand in two lines.

    Exit codes: 0 set up, 1 refused, 2 wrong usage, 4 no engine, 6 not allowed.
    """
    options = {"name": name, "base_url": base_url, "auth_url": auth_url, "consent_url": consent_url}
    end_with(_add(house_of(context), marketplace, options, replace))


async def _add(house: DataDir, marketplace: str, options: Mapping[str, str | None], replace: bool) -> int:
    async with engine_client(house) as client:
        await set_up_app(client, house, marketplace, options, replace=replace)
    return Exit.OK


async def set_up_app(
    client: EngineClient,
    house: DataDir,
    marketplace: str,
    options: Mapping[str, str | None] | None = None,
    *,
    replace: bool = False,
) -> str:
    """Ask for key and secret and bring the app in; its name. A refused secret is asked for again on a terminal."""
    given = {key: value for key, value in (options or {}).items() if value and key != "name"}
    name = (options or {}).get("name") or marketplace
    elsewhere = _secret_is_elsewhere(house, name)
    while True:
        app_key = _line("App key", hidden=False)
        secret = "" if elsewhere else _line("App secret (not shown)", hidden=True)
        fields: dict[str, Any] = {**given, "app": name, "marketplace": marketplace, "app_key": app_key}
        if secret:
            fields["app_secret"] = secret
        answer = await client.request("app_add", replace=replace, **fields)
        if answer.ok:
            break
        if answer.reason == "app_exists" and not replace:
            answer = dataclasses.replace(
                answer, say=f"{answer.say} Or give this one another secret or other addresses with --replace."
            )
        if answer.reason != "bad_request" or not sys.stdin.isatty() or not app_key:
            stop(answer)
        say(answer.say)
    verb = "changed" if answer.body["replaced"] else "set up"
    say(f"The app {name} is {verb}. Next: shoptui stores add {marketplace}")
    return name


def _line(label: str, *, hidden: bool) -> str:
    """One line from the person, or from the script that feeds us."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    found: str = click.prompt(label, hide_input=hidden, default="", show_default=False, err=True)
    return found.strip()


def _secret_is_elsewhere(house: DataDir, name: str) -> bool:
    """Whether the settings say where the app's secret is kept, so that it is not asked for."""
    from shoptui.config import AppConfig, ConfigError, config_path, load_config

    try:
        config = load_config(config_path(house)).apps.get(name, AppConfig())
    except ConfigError as error:
        say(str(error))
        raise Stop(Exit.USAGE) from error
    return bool(config.secret_file or config.secret_command)


@apps.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_context
def list_apps(context: click.Context, form: str) -> None:
    """The apps that are set up, without their secrets. Exit code 3 when there are none."""
    end_with(_list(house_of(context), form))


async def _list(house: DataDir, form: str) -> int:
    async with engine_client(house) as client:
        found: list[dict[str, Any]] = (await ask(client, "apps")).body["apps"]
    rows = [{name: app[name] for name in _FIELDS} for app in found]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "csv":
        print_csv(_FIELDS, rows, sys.stdout)
    else:
        print_table(_COLUMNS, rows, sys.stdout)
    return Exit.OK if rows else Exit.NOTHING


_SECRET_WORDS = {"house": "in the house", "file": "in a file", "program": "from a program"}
_COLUMNS: list[Column[dict[str, Any]]] = [
    Column("APP", lambda app: str(app["app"])),
    Column("MARKETPLACE", lambda app: str(app["marketplace"])),
    Column("KEY", lambda app: str(app["app_key"])),
    Column("SECRET", lambda app: _SECRET_WORDS[app["secret"]] + ("" if app["usable"] else ", not readable")),
    Column("STORES", lambda app: str(len(app["stores"])), right=True),
    Column("HOST", lambda app: str(app["base_url"])),
]


@apps.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")
@click.pass_context
def remove_app(context: click.Context, name: str, yes: bool) -> None:
    """Let an app go, with its secret; refused while stores use it. Exit codes: 0, 1 refused, 3 no such app."""
    end_with(_remove(house_of(context), name, yes))


async def _remove(house: DataDir, name: str, yes: bool) -> int:
    async with engine_client(house) as client:
        known = {app["app"]: app for app in (await ask(client, "apps")).body["apps"]}
        if not yes and name in known and not known[name]["stores"] and not confirmed(f"Forget {name} and its secret?"):
            say("Nothing was changed.")
            return Exit.NOTHING
        await ask(client, "app_remove", app=name)
    say(f"The app {name} is gone.")
    return Exit.OK


def confirmed(question: str) -> bool:
    """A yes or no from a person; a script has to say --yes."""
    if not sys.stdin.isatty():
        say("Not a terminal: add --yes.")
        return False
    return click.confirm(question, default=False, err=True)
