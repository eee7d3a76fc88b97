"""Finds a marketplace's adapter by the line it has in `domain.marketplaces`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from shoptui.adapters.base import AppCredentials, Marketplace, TokenVault
from shoptui.adapters.consent import Addresses
from shoptui.adapters.entry import Entry
from shoptui.adapters.http import HttpClients, HttpSettings, StoreHttpOptions
from shoptui.adapters.limits import CallBudget
from shoptui.clock import Clock
from shoptui.domain.marketplaces import MARKETPLACES


def marketplaces() -> tuple[str, ...]:
    """The names `build` knows."""
    return tuple(MARKETPLACES)


def addresses_of(marketplace: str) -> Addresses | None:
    """Where a marketplace is, None where an app's settings have to say it."""
    return _entry(marketplace).addresses if marketplace in MARKETPLACES else None


def build(
    credentials: AppCredentials,
    *,
    vault: TokenVault,
    clock: Clock,
    stores_http: Mapping[str, StoreHttpOptions] = MappingProxyType({}),
    settings: HttpSettings | None = None,
    budget: CallBudget | None = None,
) -> Marketplace:
    """The adapter of one configured app; its marketplace decides which.

    `stores_http` is by store id. `budget` is where calls are counted: hand the same one to every adapter to see all
    calls in one place. `settings` None means the usual ones with the marketplace's own limits. Raises ValueError, in
    words for the configuration's author, for an unknown marketplace.
    """
    if credentials.marketplace not in MARKETPLACES:
        known = ", ".join(sorted(MARKETPLACES))
        raise ValueError(
            f"app {credentials.app} is for {credentials.marketplace!r}, which is no marketplace here (known: {known})"
        )
    entry = _entry(credentials.marketplace)
    usual = HttpSettings(app_calls_per_s=entry.app_calls_per_s)
    http = HttpClients(clock, budget or CallBudget(clock), settings or usual)
    return entry.make(credentials, vault=vault, clock=clock, http=http, stores_http=stores_http)


def app_calls_per_s(marketplace: str) -> float | None:
    """What all calls of one app there together may be in a second, None where no such limit is known."""
    return _entry(marketplace).app_calls_per_s


def _entry(marketplace: str) -> Entry:
    """What the adapter's package shows of itself. The package is only loaded now: most houses need one or two."""
    package = MARKETPLACES[marketplace].package
    entry = getattr(import_module(package), "ENTRY", None)
    if not isinstance(entry, Entry):
        raise TypeError(f"{package} shows no ENTRY, which the line of {marketplace} in domain/marketplaces.py promises")
    return entry
