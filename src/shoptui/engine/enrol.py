"""Owns bringing apps and authorised stores into a house while no engine runs on it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.domain.stores import Store, chat_tokens_of
from shoptui.engine.lease import Lease
from shoptui.engine.secrets import SecretsFile
from shoptui.paths import DataDir
from shoptui.store.writer import Writer


async def enrol(
    data_dir: DataDir,
    credentials: Sequence[AppCredentials],
    stores: Sequence[tuple[Store, TokenSet]],
    *,
    now: int | None = None,
    chat_tokens: Mapping[str, TokenSet] = MappingProxyType({}),
) -> None:
    """Keep the apps, and each store with its tokens; the next engine reads them. Repeating it brings them up to date.

    `now` is epoch seconds, None for the machine's clock. `chat_tokens`, by store id, are those of stores whose
    conversations have an app of their own (`CHAT_APP` in their `wire`).

    Raises LeaseTaken while an engine runs, ValueError for a store whose app is unknown, SecretsError or StoreError.
    """
    at = int(time.time()) if now is None else now
    with Lease.take(data_dir, at):
        secrets = SecretsFile.open(data_dir.secrets)
        known = {*secrets.apps, *(app.app for app in credentials)}
        for store, _ in stores:
            if store.app not in known:
                raise ValueError(f"{store.store_id} was authorised through the app {store.app}, which is not set up.")
        for app in credentials:
            await secrets.save_app(app)
        async with await Writer.open(data_dir, at) as writer:
            for store, tokens in stores:
                # Tokens first: a store without tokens would be shown as signed out.
                await secrets.save(store.store_id, tokens)
                if store.store_id in chat_tokens:
                    await secrets.save(chat_tokens_of(store.store_id), chat_tokens[store.store_id])
                await writer.put_store(store)
                await writer.put_store_facts(store.store_id, tokens.access_expires_at, tokens.refresh_expires_at)
