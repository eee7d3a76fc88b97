"""What an adapter's package shows of itself: how the adapter is made, and where its marketplace is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shoptui.adapters.base import AppCredentials, Marketplace, TokenVault
from shoptui.adapters.consent import Addresses
from shoptui.adapters.http import HttpClients, StoreHttpOptions
from shoptui.clock import Clock


class Factory(Protocol):
    """Makes the adapter of one app; an adapter's class is one."""

    def __call__(
        self,
        app: AppCredentials,
        *,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions],
    ) -> Marketplace:
        """`stores_http`, by store id, is looked at for each call, so that stores may come and go."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One marketplace's way in. `addresses` is None where an app's settings have to say where it is.

    `app_calls_per_s` is what all calls of one app together may be, None where no such limit is known.
    """

    make: Factory
    addresses: Addresses | None
    app_calls_per_s: float | None = None
