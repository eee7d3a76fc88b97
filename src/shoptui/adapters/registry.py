"""Which marketplaces there are: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shoptui.adapters.base import AppCredentials, Marketplace, TokenVault
from shoptui.adapters.consent import Addresses
from shoptui.adapters.http import HttpClients, HttpSettings, StoreHttpOptions
from shoptui.adapters.lazada.adapter import Lazada
from shoptui.adapters.lazada.consent import ADDRESSES as LAZADA_ADDRESSES
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.shopee.adapter import Shopee
from shoptui.adapters.shopee.consent import ADDRESSES as SHOPEE_ADDRESSES
from shoptui.adapters.tiktok.adapter import TikTokShop
from shoptui.adapters.tiktok.consent import ADDRESSES as TIKTOK_ADDRESSES
from shoptui.clock import Clock


@dataclass(frozen=True, slots=True)
class Setup:
    """What every adapter is built from. `stores_http` is looked at for each call, so that stores may come and go."""

    app: AppCredentials
    vault: TokenVault
    clock: Clock
    http: HttpClients
    stores_http: Mapping[str, StoreHttpOptions]


_FACTORIES: Mapping[str, Callable[[Setup], Marketplace]] = MappingProxyType(
    {
        "tiktok": lambda of: TikTokShop(
            of.app, vault=of.vault, clock=of.clock, http=of.http, stores_http=of.stores_http
        ),
        "shopee": lambda of: Shopee(of.app, vault=of.vault, clock=of.clock, http=of.http, stores_http=of.stores_http),
        "lazada": lambda of: Lazada(of.app, vault=of.vault, clock=of.clock, http=of.http, stores_http=of.stores_http),
    }
)


_ADDRESSES: Mapping[str, Addresses] = MappingProxyType(
    {"tiktok": TIKTOK_ADDRESSES, "shopee": SHOPEE_ADDRESSES, "lazada": LAZADA_ADDRESSES}
)


def addresses_of(marketplace: str) -> Addresses | None:
    """Where a marketplace is, None where an app's settings have to say it."""
    return _ADDRESSES.get(marketplace)


def marketplaces() -> tuple[str, ...]:
    """The names `build` knows."""
    return tuple(_FACTORIES)


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
    calls in one place. Raises ValueError, in words for the configuration's author, for an unknown marketplace.
    """
    factory = _FACTORIES.get(credentials.marketplace)
    if factory is None:
        known = ", ".join(sorted(_FACTORIES))
        raise ValueError(
            f"app {credentials.app} is for {credentials.marketplace!r}, which is no marketplace here (known: {known})"
        )
    http = HttpClients(clock, budget or CallBudget(clock), settings)
    return factory(Setup(credentials, vault, clock, http, stores_http))
