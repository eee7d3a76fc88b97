"""Owns stores and apps that come, change and go while the engine runs; each change can be finished after a crash."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.adapters.http import StoreHttpOptions
from shoptui.config import AppConfig, Config, config_path, load_config
from shoptui.domain.stores import CHAT_APP, Store, chat_app_of, chat_tokens_of
from shoptui.engine import neighbours
from shoptui.engine.drain import close_orphans
from shoptui.engine.house import House
from shoptui.engine.secret_sources import is_elsewhere, read_secret
from shoptui.protocol import Changed

if TYPE_CHECKING:
    from shoptui.engine.core import Engine

log = logging.getLogger(__name__)

_EVERYTHING = Changed(orders=None, stores=True, counts=True, alerts=True)


def ways_out(config: Config) -> dict[str, StoreHttpOptions]:
    """How each store's calls leave, by the settings. Raises ValueError for a proxy that is no address."""
    return {
        store_id: StoreHttpOptions(proxy=options.proxy or None, user_agent=options.user_agent)
        for store_id, options in config.stores.items()
    }


def reread_settings(house: House) -> None:
    """Take over what the settings say about apps and stores now; the rest of them holds from the engine's next start.

    Raises ConfigError or ValueError; nothing changes then.
    """
    path = config_path(house.data_dir)
    if not path.exists():
        return
    found = load_config(path)
    ways = ways_out(found)
    house.config = replace(house.config, apps=found.apps, stores=found.stores)
    # The markets look into this very mapping.
    house.stores_http.clear()
    house.stores_http.update(ways)


# -- stores -----------------------------------------------------------------------------------------------------------


async def add_store(engine: Engine, store: Store, tokens: TokenSet) -> None:
    """Take a new store in and begin to read it. Tokens first: a store without tokens would show as signed out."""
    house = engine.house
    await house.secrets.save(store.store_id, tokens)
    await house.writer.put_store(store)
    await house.writer.put_store_facts(store.store_id, tokens.access_expires_at, tokens.refresh_expires_at)
    await engine.take_on(store)
    await tell_neighbours(house)
    house.hub.publish(_EVERYTHING)


async def renew_store(engine: Engine, store: Store, tokens: TokenSet) -> None:
    """Keep the tokens of a store that was authorised again, with what else came with them, and read it at once."""
    house = engine.house
    await house.secrets.save(store.store_id, tokens)
    await house.writer.put_store(store)
    await house.writer.put_store_facts(store.store_id, tokens.access_expires_at, tokens.refresh_expires_at)
    lane = engine.lanes.get(store.store_id)
    if lane is None:
        await engine.take_on(store)
    else:
        lane.replace_store(store)
        lane.sync_now()
    house.hub.publish(Changed(stores=True))


async def renew_chat(engine: Engine, store: Store, app: str, tokens: TokenSet) -> None:
    """Keep the tokens with which an app of their own reads a store's conversations; they are read at once."""
    house = engine.house
    await house.secrets.save(chat_tokens_of(store.store_id), tokens)
    told = replace(store, wire={**store.wire, CHAT_APP: app})
    await house.writer.put_store(told)
    # The lane speaks to its apps as they were when it began.
    await engine.let_go(store.store_id)
    await engine.take_on(told)
    if (lane := engine.lanes.get(store.store_id)) is not None:
        lane.sync_now()
    house.hub.publish(Changed(stores=True))


async def remove_store(engine: Engine, store: Store) -> None:
    """Let a store go: its tokens, its cached orders, its buyers. What waited there is given up, and says so."""
    house, store_id = engine.house, store.store_id
    await engine.let_go(store_id)
    await house.secrets.forget(store_id)
    await house.writer.remove_store(store_id)
    await close_orphans(house, {one.store_id for one in await house.writer.stores()})
    await house.alerts.clear_store(store_id)
    await tell_neighbours(house)
    house.hub.publish(_EVERYTHING)


async def rename_store(engine: Engine, store: Store, new_id: str) -> Store:
    """Give a store another short name everywhere; its lane rests meanwhile. Nothing may be open there."""
    house = engine.house
    await engine.let_go(store.store_id)
    await asyncio.to_thread(_write_journal, _journal(house), store.store_id, new_id)
    await _finish_renaming(house)
    await house.alerts.clear_store(store.store_id)
    renamed = replace(store, store_id=new_id)
    await engine.take_on(renamed)
    house.hub.publish(_EVERYTHING)
    return renamed


async def finish_changes(house: House) -> None:
    """At start: finish a renaming or a removal that a crash cut short."""
    await _finish_renaming(house)
    known = {store.store_id for store in await house.writer.stores()}
    for store_id in await house.writer.stores_with_leftovers():
        if store_id not in known:
            await house.writer.remove_store(store_id)
            await house.secrets.forget(store_id)


async def tell_neighbours(house: House) -> None:
    """Let other houses of this host know which shops are held here."""
    apps = house.secrets.apps
    digests = [
        neighbours.shop_digest(apps[store.app].base_url, store.marketplace, store.shop_id)
        for store in await house.writer.stores()
        if store.app in apps
    ]
    await asyncio.to_thread(neighbours.note, house.data_dir.root, digests)


async def held_elsewhere(
    house: House, app: AppCredentials, shop_ids: Sequence[str]
) -> Mapping[str, neighbours.Neighbour]:
    """Which of these shops another house of this host holds, by shop id."""
    by_digest = {neighbours.shop_digest(app.base_url, app.marketplace, shop_id): shop_id for shop_id in shop_ids}
    found = await asyncio.to_thread(neighbours.holders, house.data_dir.root, list(by_digest))
    return {by_digest[digest]: neighbour for digest, neighbour in found.items()}


# -- a renaming spans three databases and a file, which no transaction does -------------------------------------------


def _journal(house: House) -> Path:
    return house.data_dir.root / "renaming.json"


def _write_journal(path: Path, store_id: str, new_id: str) -> None:
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"from": store_id, "to": new_id}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def _finish_renaming(house: House) -> None:
    path = _journal(house)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    store_id, new_id = str(found["from"]), str(found["to"])
    await house.writer.rename_store(store_id, new_id)
    await house.secrets.rename(store_id, new_id)
    path.unlink()
    log.info("%s is called %s now", store_id, new_id)


# -- apps -------------------------------------------------------------------------------------------------------------


async def put_app(engine: Engine, credentials: AppCredentials) -> None:
    """Bring an app in, or its changed secret or addresses, and (again) read the stores authorised through it.

    Raises SecretsError when its secret is kept elsewhere and cannot be read.
    """
    house, name = engine.house, credentials.app
    config = house.config.apps.get(name, AppConfig())
    if is_elsewhere(config):
        secret = await read_secret(name, config)
        await house.secrets.save_app(replace(credentials, app_secret=""))
        house.secrets.lend(name, secret)
    else:
        await house.secrets.save_app(credentials)
    stores = [store for store in await house.writer.stores() if name in {store.app, chat_app_of(store)}]
    for store in stores:
        await engine.let_go(store.store_id)
    before = house.markets.pop(name, None)
    house.markets[name] = house.connect(house.secrets.apps[name])
    if before is not None:
        await before.close()
    for store in stores:
        await engine.take_on(store)
    house.hub.publish(Changed(stores=True, alerts=True))


async def remove_app(engine: Engine, name: str) -> None:
    """Let an app go that no store uses."""
    house = engine.house
    market = house.markets.pop(name, None)
    if market is not None:
        await market.close()
    await house.secrets.forget_app(name)
