"""`shoptui backup` and `shoptui restore`: the house on one file, and back."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from shoptui.client import EngineClient, EngineGone, Refused
from shoptui.config import ConfigError, config_path, load_config
from shoptui.engine.lease import Lease, LeaseError, LeaseTaken
from shoptui.paths import DataDir
from shoptui.shell.exits import Exit
from shoptui.shell.group import house_of
from shoptui.shell.saying import say, typed
from shoptui.store.backup import (
    SECRETS,
    Manifest,
    make_backup,
    note_in_audit,
    read_manifest,
)
from shoptui.store.backup_names import backup_directory, default_name
from shoptui.store.errors import StoreError
from shoptui.store.restore import Restored, verify
from shoptui.store.restore import restore as restore_house

#: Copying and packing a big vault takes its time, and is asked for at night.
_TIMEOUT_S = 3600.0


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Afterwards keep this house's newest so many; for cron.")
@click.option("--with-secrets", is_flag=True, help="Put app secrets and tokens in it, too. Keep such a file locked up.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing when all went well.")
@click.pass_context
def backup(context: click.Context, file: Path | None, keep: int | None, with_secrets: bool, quiet: bool) -> None:
    """Write ledger and vault to one verified file, while the engine goes on.

    Without FILE: in the folder of the setting backup.directory. With FILE, --keep looks at FILE's folder.
    """
    house = house_of(context)
    try:
        sys.exit(asyncio.run(_backup(house, file, keep, with_secrets, quiet)))
    except (ConfigError, StoreError, LeaseError, LeaseTaken) as error:
        say(str(error))
        sys.exit(Exit.FAILED)


async def _backup(house: DataDir, file: Path | None, keep: int | None, with_secrets: bool, quiet: bool) -> int:
    target = file.expanduser().absolute() if file is not None else None
    try:
        client = await EngineClient.connect(house, program="shell")
    except EngineGone:
        said = _backup_directly(house, target, keep, with_secrets)
    except Refused as refused:
        say(str(refused))
        return Exit.NOT_ALLOWED
    else:
        async with client:
            answer = await client.request(
                "backup",
                timeout_s=_TIMEOUT_S,
                path=None if target is None else str(target),
                keep=keep,
                with_secrets=with_secrets,
            )
        if not answer.ok:
            say(answer.say)
            return Exit.NOT_ALLOWED if answer.reason == "not_allowed" else Exit.FAILED
        said = dict(answer.body)
    if not said["private"]:
        say(f"Others can read {said['path']}: its file system knows no rights. Keep it locked up.")
    if not quiet:
        _say_made(said)
    return Exit.OK


def _backup_directly(house: DataDir, target: Path | None, keep: int | None, with_secrets: bool) -> dict[str, object]:
    """Make the backup in this process, holding the house so that no engine starts meanwhile."""
    if not house.ledger.exists():
        raise StoreError(f"There is no shoptui house in {house.root} yet: nothing to back up.")
    config = load_config(config_path(house))
    now = int(time.time()) + config.test_clock_offset_s
    folder = backup_directory(house, config.backup.directory)
    where = target if target is not None else folder / default_name(house, now)
    with Lease.take(house, now):
        detail = f"to {where}{', with secrets' if with_secrets else ''}"
        note_in_audit(house, now, getpass.getuser(), _origin(), detail)
        made = make_backup(house, where, now=now, with_secrets=with_secrets, keep=keep)
    return {
        "path": str(made.path),
        "size_bytes": made.size_bytes,
        "private": made.private,
        "with_secrets": with_secrets,
        "removed": [str(path) for path in made.removed],
    }


def _say_made(said: dict[str, object]) -> None:
    size = said["size_bytes"]
    assert isinstance(size, int)
    click.echo(str(said["path"]))
    inside = "ledger, vault, app secrets and tokens" if said["with_secrets"] else "ledger and vault, no secrets"
    say(f"{size / 1e3:,.0f} kB: {inside}. It holds buyers' addresses: keep it as safe as the house.")
    if removed := said["removed"]:
        assert isinstance(removed, list)
        say(f"{len(removed)} older removed.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Replace app secrets and tokens as well; newer tokens are lost.")
@click.option("--dry-run", is_flag=True, help="Check the file and say what it holds; replace nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; scripts need it.")
@click.pass_context
def restore(context: click.Context, file: Path, with_secrets: bool, dry_run: bool, yes: bool) -> None:
    """Put a backup in the place of this house's ledger and vault. The engine must be stopped.

    The old files are kept beside; the cache is read anew. Nothing that was open when the backup was made is sent: it is
    put before a person, and what the marketplaces can prove settles itself.
    """
    house = house_of(context)
    try:
        config = load_config(config_path(house))
        now = int(time.time()) + config.test_clock_offset_s
        manifest = read_manifest(file)
        _say_content(file, manifest, house)
        if dry_run:
            verify(file)
            say("The file is whole. Nothing was restored.")
            return
        with Lease.take(house, now):
            if not yes and not typed("restore", "Type restore to do it", "add --yes to restore, or --dry-run to look."):
                say("Nothing was restored.")
                sys.exit(Exit.NOTHING)
            done = restore_house(
                house, file, now=now, operator=getpass.getuser(), origin=_origin(), with_secrets=with_secrets
            )
    except LeaseTaken as error:
        say(f"{error} A backup is restored only while no engine runs; leave open cockpits, they would start one.")
        sys.exit(Exit.FAILED)
    except (ConfigError, StoreError, LeaseError) as error:
        say(str(error))
        sys.exit(Exit.FAILED)
    _say_restored(done, house)


def _say_content(file: Path, manifest: Manifest, house: DataDir) -> None:
    made = datetime.fromtimestamp(manifest.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    stores = ", ".join(manifest.store_ids[:8]) + (" ..." if len(manifest.store_ids) > 8 else "")
    secrets = "with secrets" if manifest.entry(SECRETS) is not None else "no secrets"
    say(f"{file.name}: made {made} by shoptui {manifest.program}, {secrets}")
    say(f"{len(manifest.store_ids)} stores: {stores or 'none'}")
    say(f"{manifest.open_intents} orders were open then; none of them will be sent by itself")
    say(f"into {house.root}")


def _say_restored(done: Restored, house: DataDir) -> None:
    say("Restored.")
    if done.aside is not None:
        say(f"What was there before is in {done.aside}.")
    if done.asked:
        say(f"Open orders that wait for a person in Activity (g a): {done.asked}. None of them is sent.")
    if done.audit_broken_at is not None:
        say(f"The backup's audit log does not fit from entry {done.audit_broken_at} on; keep the file.")
    if not done.secrets and not house.secrets.exists():
        say("There are no secrets here: set the apps up and sign the stores in again.")
    if done.secrets:
        say("The tokens are the backup's: a store that was refreshed since must be signed in again.")
    say("The cache is read anew from the marketplaces when the engine starts.")


def _origin() -> str:
    try:
        return os.ttyname(sys.stdin.fileno()).removeprefix("/dev/")
    except (OSError, ValueError):
        return f"process {os.getpid()}"
