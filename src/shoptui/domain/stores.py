"""Stores: one shop on one marketplace in one region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from types import MappingProxyType

from shoptui.domain.marketplaces import short_of
from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Store:
    """A shop as the house knows it.

    `store_id` is the operator's own short name (`tt-th-2`), unique in the house. `wire` holds what calls to the
    marketplace need besides tokens (TikTok's `cipher`); it is no secret. `time_zone` is an IANA name. `app` names the
    configured marketplace app the store was authorised through. `ship_from_city` is the city parcels leave from, ""
    when not known (some rules are by city).
    """

    store_id: str
    marketplace: str
    region: str
    shop_id: str
    name: str
    time_zone: str
    currency: str
    app: str
    ship_from_city: str = ""
    paused: bool = False
    wire: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


#: The name in `Store.wire` of the app for conversations, where the marketplace wants another than for orders (Lazada).
CHAT_APP = "chat_app"
#: The name in `Store.wire` of the seller's e-mail address, where the marketplace wants one with an answer (Shopee).
CONTACT_EMAIL = "email"
_CHAT_TOKENS = "#chat"


def with_contact(store: Store, email: str) -> Store:
    """The store with this e-mail address for the marketplace; "" leaves it as it is."""
    return replace(store, wire={**store.wire, CONTACT_EMAIL: email}) if email else store


def chat_app_of(store: Store) -> str:
    """The app through which a store's conversations are read; mostly the store's own."""
    return store.wire.get(CHAT_APP) or store.app


def chat_tokens_of(store_id: str) -> str:
    """Under which name a store's tokens for conversations are kept, where they are others than its own."""
    return store_id + _CHAT_TOKENS


def owner_of_tokens(name: str) -> str:
    """The store that tokens kept under this name belong to; short names of stores have no such mark."""
    return name.removesuffix(_CHAT_TOKENS)


#: Time zone and currency of each region the marketplaces sell in, and the prefix of the store's short name.
REGIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "TH": ("Asia/Bangkok", "THB"),
        "VN": ("Asia/Ho_Chi_Minh", "VND"),
        "MY": ("Asia/Kuala_Lumpur", "MYR"),
        "PH": ("Asia/Manila", "PHP"),
        "SG": ("Asia/Singapore", "SGD"),
        "ID": ("Asia/Jakarta", "IDR"),
        "TW": ("Asia/Taipei", "TWD"),
        "GB": ("Europe/London", "GBP"),
        "IE": ("Europe/Dublin", "EUR"),
        "DE": ("Europe/Berlin", "EUR"),
        "FR": ("Europe/Paris", "EUR"),
        "ES": ("Europe/Madrid", "EUR"),
        "IT": ("Europe/Rome", "EUR"),
        "PL": ("Europe/Warsaw", "PLN"),
        "US": ("America/Los_Angeles", "USD"),
        "JP": ("Asia/Tokyo", "JPY"),
        "BR": ("America/Sao_Paulo", "BRL"),
        "MX": ("America/Mexico_City", "MXN"),
        "CL": ("America/Santiago", "CLP"),
        "CO": ("America/Bogota", "COP"),
        "AR": ("America/Argentina/Buenos_Aires", "ARS"),
        "CN": ("Asia/Shanghai", "CNY"),
    }
)

#: Lists show eight cells of a store's short name; a little more may be wanted to tell stores apart in the shell.
STORE_ID_MAX = 12
_STORE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")

#: The operators say "uk" although the marketplaces' code is GB.
_REGION_WORD = {"GB": "uk"}


def propose_store_id(marketplace: str, region: str, taken: set[str]) -> str:
    """The next free short name of the form `tt-th-2`."""
    stem = f"{short_of(marketplace)}-{_REGION_WORD.get(region, region.lower())}"
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def store_id_fault(store_id: str) -> str:
    """What is wrong with a short name, in one sentence; "" when nothing is."""
    if len(store_id) > STORE_ID_MAX:
        return f"{store_id[:20]} is too long for a store's short name: at most {STORE_ID_MAX} characters."
    if not _STORE_ID.fullmatch(store_id):
        return "A store's short name is made of small letters, digits and dashes between them, as in tt-uk-1."
    return ""
