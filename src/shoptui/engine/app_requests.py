"""Owns the requests about marketplace apps: which there are, one that comes or changes, one that goes."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shoptui.adapters.base import AppCredentials
from shoptui.adapters.consent import consent_of
from shoptui.adapters.registry import addresses_of, marketplaces
from shoptui.config import AppConfig, ConfigError
from shoptui.domain.stores import Store, chat_app_of
from shoptui.engine.fields import Refusal, flag, optional_text, text
from shoptui.engine.order_requests import audit
from shoptui.engine.secret_sources import is_elsewhere
from shoptui.engine.tenants import put_app, remove_app, reread_settings

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_URL_MAX = 1000
#: So much of an app key is shown: enough to tell two apart.
_KEY_SHOWN = 6


async def apps(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """The apps that are set up, without their secrets, and the marketplaces there may be apps for."""
    house = engine.house
    stores = await house.writer.stores()
    for_chat = chat_apps(stores)
    return {
        "apps": [
            {
                "app": name,
                "marketplace": app.marketplace,
                "app_key": _shown(app.app_key),
                "base_url": app.base_url,
                "auth_url": app.auth_url,
                "secret": _where(house.config.apps.get(name, AppConfig())),
                "usable": name in house.markets,
                "can_sign_in": name not in for_chat and consent_of(house.markets.get(name)) is not None,
                "stores": [store.store_id for store in stores if name in {store.app, chat_app_of(store)}],
            }
            for name, app in sorted(house.secrets.apps.items())
        ],
        "marketplaces": list(marketplaces()),
    }


async def app_add(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Bring an app in; with `replace` an app of that name gets a new key, secret or address.

    Addresses that are left out come from the settings, then from what is known of the marketplace. The secret is left
    out exactly when the settings say where it is kept.
    """
    house = engine.house
    reread(engine)
    name = app_name(message)
    marketplace = text(message, "marketplace")
    if marketplace not in marketplaces():
        known = ", ".join(marketplaces())
        raise Refusal("bad_request", f"{marketplace} is no marketplace this engine knows (known: {known}).")
    config = house.config.apps.get(name, AppConfig())
    secret = optional_text(message, "app_secret", longest=512)
    if is_elsewhere(config) and secret:
        raise Refusal(
            "bad_request", f"[apps.{name}] in the settings says where the secret is; do not give it here too."
        )
    if not is_elsewhere(config) and not secret:
        raise Refusal("bad_request", "The app secret is missing. It stands beside the app key on the developer site.")
    before = house.secrets.apps.get(name)
    _check_replacing(name, before, text(message, "app_key"), flag(message, "replace", default=False))
    usual = addresses_of(marketplace)
    credentials = AppCredentials(
        app=name,
        marketplace=marketplace,
        app_key=_word(text(message, "app_key"), "app key"),
        app_secret=_word(secret, "app secret") if secret else "",
        base_url=_address(message, "base_url", config.base_url or (usual.base_url if usual else "")),
        auth_url=_address(message, "auth_url", config.auth_url or (usual.auth_url if usual else "")),
        consent_url=_address(message, "consent_url", config.consent_url, optional=True),
    )
    what = "add app" if before is None else "change app"
    await audit(engine, session, what, name, f"{marketplace}, key {_shown(credentials.app_key)}")
    await put_app(engine, credentials)
    return {"app": name, "marketplace": marketplace, "replaced": before is not None}


async def app_remove(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Let an app go; refused while stores are authorised through it."""
    house, name = engine.house, app_name(message)
    if name not in house.secrets.apps:
        raise Refusal("unknown_app", f"There is no app {name} here.")
    stores = [store.store_id for store in await house.writer.stores() if name in {store.app, chat_app_of(store)}]
    if stores:
        raise Refusal(
            "app_in_use",
            f"{len(stores)} stores are authorised through {name}: {', '.join(stores[:5])}. Remove them first.",
            stores=stores,
        )
    await audit(engine, session, "remove app", name, "")
    await remove_app(engine, name)
    return {"app": name}


def chat_apps(stores: Sequence[Store]) -> set[str]:
    """The apps that stores use for their conversations alone; no store is read through those."""
    return {chat_app_of(store) for store in stores} - {store.app for store in stores}


def reread(engine: Engine) -> None:
    """Take over what the settings say about apps and stores. Raises Refusal saying what is wrong in them."""
    try:
        reread_settings(engine.house)
    except (ConfigError, ValueError) as error:
        raise Refusal("bad_settings", str(error)) from error


def app_name(message: Mapping[str, Any]) -> str:
    """The app's own name in this house."""
    name = text(message, "app")
    if not _NAME.fullmatch(name):
        raise Refusal("bad_request", "An app's name is up to 32 small letters, digits, dots and dashes.")
    return name


def _check_replacing(name: str, before: AppCredentials | None, app_key: str, replace: bool) -> None:
    if before is None:
        return
    if not replace:
        raise Refusal(
            "app_exists", f"There is an app {name} already (key {_shown(before.app_key)}). Choose another name."
        )
    if before.app_key != app_key.strip():
        raise Refusal(
            "app_exists",
            f"{name} has the key {_shown(before.app_key)}; another key is another app. Give it another name.",
        )


def _shown(app_key: str) -> str:
    return app_key if len(app_key) <= _KEY_SHOWN else app_key[:_KEY_SHOWN] + "…"


def _where(config: AppConfig) -> str:
    """Where the app's secret is kept: `house`, `file` or `program`."""
    return "program" if config.secret_command else "file" if config.secret_file else "house"


def _word(value: str, what: str) -> str:
    value = value.strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise Refusal("bad_request", f"That is no {what}: it is one word of letters and digits. Copy it once more.")
    return value


def _address(message: Mapping[str, Any], key: str, usual: str, *, optional: bool = False) -> str:
    """An address that secrets may be sent to: https, or http to this very machine."""
    address = optional_text(message, key, longest=_URL_MAX).strip() or usual
    if not address and optional:
        return ""
    parts = urlsplit(address)
    if not address or parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        raise Refusal("bad_request", f"{key} must be an address such as https://shop.example.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise Refusal("bad_request", f"{key} must begin with https://: secrets do not travel in the open.")
    return address.rstrip("/") if not optional else address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
