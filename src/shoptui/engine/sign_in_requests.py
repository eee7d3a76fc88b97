"""Owns the requests by which stores are authorised: a link, the code it brings, the choice of shops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.adapters.consent import CodeWrong, Consent, OfferedShop, consent_of
from shoptui.adapters.http import DIRECT
from shoptui.domain.marketplaces import MARKETPLACES, title_of
from shoptui.domain.stores import (
    CHAT_APP,
    CONTACT_EMAIL,
    REGIONS,
    Store,
    chat_app_of,
    propose_store_id,
    store_id_fault,
)
from shoptui.engine.app_requests import chat_apps, reread
from shoptui.engine.fields import Refusal, flag, optional_text, pairs, text
from shoptui.engine.order_requests import audit
from shoptui.engine.sign_in import SignIn, hand_in, shops_of
from shoptui.engine.tenants import add_store, held_elsewhere, renew_chat, renew_store

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session

#: What may be pasted: an address with everything a marketplace hangs on it.
_PASTED_MAX = 4096


async def sign_in_begin(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """A link for a seller to open: with `store_id` to authorise that store again, else to add stores.

    `app` (or a `marketplace` with one app) says through which app. `name` is what a single added store will be called;
    its settings then say how even the first calls leave. `chat` with a store: only its conversations, where the
    marketplace wants an app of their own for them. `pasted` true: a code was handed in before and only the choice
    of shops is missing.
    """
    house = engine.house
    reread(engine)
    store_id, name = optional_text(message, "store_id"), optional_text(message, "name")
    for_chat = flag(message, "chat", default=False)
    if for_chat:
        app = _chat_app(engine, await store_of(engine, store_id), optional_text(message, "app"))
    elif store_id:
        store = await store_of(engine, store_id)
        app = _app_named(engine, store.app)
    else:
        stores = await house.writer.stores()
        app = _app_wanted(engine, optional_text(message, "app"), optional_text(message, "marketplace"), stores)
        if name:
            check_name(name, stores)
    consent = _consent(engine, app)
    options = house.stores_http.get(store_id or name, DIRECT)
    sign_in = engine.sign_ins.begin(
        app.app, session.operator, options, house.now(), store_id=store_id, name=name, for_chat=for_chat
    )
    return {
        "state": sign_in.state,
        "link": consent.link(sign_in.state),
        "app": app.app,
        "marketplace": app.marketplace,
        "pasted": sign_in.tokens is not None,
    }


async def sign_in_code(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Hand in what the link brought. Every refusal leaves the sign-in as it was: another code may be handed in.

    Stores of this house that the consent covers are signed in again. Answers with those in `signed_in`, and with the
    shops that could be added in `shops`. Nothing pasted lists once more what was opened up before.
    """
    house = engine.house
    sign_in = engine.sign_ins.find(text(message, "state"), session.operator, house.now())
    app = _app_named(engine, sign_in.app)
    consent = _consent(engine, app)
    pasted = message.get("pasted")
    if not isinstance(pasted, str) or len(pasted) > _PASTED_MAX:
        raise Refusal("not_a_code", "That is no authorisation code: paste the code, or the address it came in.")
    try:
        if not pasted.strip() and sign_in.tokens is not None:
            # The link was dropped after the exchange: there is nothing left to paste.
            offered = await shops_of(sign_in, consent)
        else:
            offered = await hand_in(engine.sign_ins, sign_in, consent, pasted, house.now())
    except CodeWrong as wrong:
        raise Refusal(wrong.reason, wrong.message, code=wrong.code) from wrong
    if sign_in.store_id:
        await _check_covers(engine, sign_in, offered)
    assert sign_in.tokens is not None
    if sign_in.for_chat:
        talking = await _renew_chat(engine, session, app, offered, sign_in.tokens)
        engine.sign_ins.end(sign_in)
        return {"signed_in": talking, "shops": []}
    renewed = await _renew(engine, session, app, offered, sign_in.tokens)
    if sign_in.store_id:
        engine.sign_ins.end(sign_in)
    return {"signed_in": renewed, "shops": await _choices(engine, app, offered, sign_in.name)}


async def store_add(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take chosen shops in, as [[shop id, short name], …]; they are read from now on. May be repeated."""
    house = engine.house
    sign_in = engine.sign_ins.find(text(message, "state"), session.operator, house.now())
    if sign_in.tokens is None or not sign_in.shops:
        raise Refusal("no_sign_in", "No code has been handed in for this link yet.")
    wanted = [pair for pair in pairs(message, "shops") if pair not in sign_in.added]
    app = _app_named(engine, sign_in.app)
    offered = {shop.shop_id: shop for shop in sign_in.shops}
    stores = await _checked(engine, app, offered, wanted)
    for store in stores:
        await audit(engine, session, "add store", store.store_id, f"{store.marketplace} {store.shop_id}, app {app.app}")
        await add_store(engine, store, sign_in.tokens)
        sign_in.added.append((store.shop_id, store.store_id))
    return {"added": [store_id for _, store_id in sign_in.added]}


async def store_of(engine: Engine, store_id: str) -> Store:
    """The store of that name, also one that cannot be read now. Raises Refusal."""
    for store in await engine.house.writer.stores():
        if store.store_id == store_id:
            return store
    raise Refusal("unknown_store", f"There is no store {store_id} here.")


def _app_wanted(engine: Engine, name: str, marketplace: str, stores: Sequence[Store]) -> AppCredentials:
    if name:
        return _app_named(engine, name)
    for_chat = chat_apps(stores)
    found = [
        app
        for app in engine.house.secrets.apps.values()
        if marketplace in {"", app.marketplace} and app.app not in for_chat
    ]
    if not found:
        what = f" for {marketplace}" if marketplace else ""
        raise Refusal("no_app", f"No app{what} is set up here. First: shoptui apps add {marketplace or 'tiktok'}")
    if len(found) > 1:
        names = ", ".join(sorted(app.app for app in found))
        raise Refusal(
            "which_app", f"Several apps are set up ({names}): say which one.", apps=[app.app for app in found]
        )
    return found[0]


def _chat_app(engine: Engine, store: Store, name: str) -> AppCredentials:
    """The app for a store's conversations: the one named, the one it has, or the only other one there is."""
    title = title_of(store.marketplace)
    if not MARKETPLACES[store.marketplace].has_chat_apps:
        raise Refusal(
            "unsupported",
            f"On {title} conversations belong to the store's own app: sign {store.store_id} in without --chat.",
        )
    if name == store.app:
        raise Refusal("other_app", f"{name} is {store.store_id}'s app for orders; --chat takes another one.")
    if not name and chat_app_of(store) != store.app:
        name = chat_app_of(store)
    if name:
        app = _app_named(engine, name)
        if app.marketplace != store.marketplace:
            raise Refusal("other_app", f"{name} is an app for {title_of(app.marketplace)}, not for {title}.")
        return app
    others = [
        app
        for app in engine.house.secrets.apps.values()
        if app.marketplace == store.marketplace and app.app != store.app
    ]
    if not others:
        raise Refusal(
            "no_app",
            f"No app for conversations on {title} is set up here. First: "
            f"shoptui apps add {store.marketplace} --name {store.marketplace}-chat",
        )
    if len(others) > 1:
        names = sorted(app.app for app in others)
        raise Refusal("which_app", f"Several apps could be it ({', '.join(names)}): say which one, --app.", apps=names)
    return _app_named(engine, others[0].app)


def _app_named(engine: Engine, name: str) -> AppCredentials:
    app = engine.house.secrets.apps.get(name)
    if app is None:
        raise Refusal("unknown_app", f"There is no app {name} here. First: shoptui apps add")
    if name not in engine.house.markets:
        raise Refusal("unknown_app", f"The app {name} cannot be used: its secret cannot be read. See [apps.{name}].")
    return app


def _consent(engine: Engine, app: AppCredentials) -> Consent:
    consent = consent_of(engine.house.markets[app.app])
    if consent is None:
        raise Refusal("unsupported", f"Stores of {app.marketplace} cannot be authorised from here.")
    return consent


async def _check_covers(engine: Engine, sign_in: SignIn, offered: Sequence[OfferedShop]) -> None:
    """Raise Refusal when another shop's seller has agreed than the one that is to be signed in again."""
    store = await store_of(engine, sign_in.store_id)
    if any(shop.shop_id == store.shop_id for shop in offered):
        return
    names = ", ".join(f"{shop.name} ({shop.region}, {shop.shop_id})" for shop in offered[:3])
    sign_in.drop_tokens()
    raise Refusal(
        "other_shop",
        f"That code is for {names}, not for {store.store_id}, {store.name} ({store.shop_id}). Nothing was changed; "
        "open the link signed in as that shop's seller.",
    )


async def _renew(
    engine: Engine, session: Session, app: AppCredentials, offered: Sequence[OfferedShop], tokens: TokenSet
) -> list[str]:
    """Give the new tokens to the stores of this house that they cover."""
    by_shop = {shop.shop_id: shop for shop in offered}
    renewed = []
    for store in await engine.house.writer.stores():
        shop = by_shop.get(store.shop_id)
        if shop is None or store.app != app.app:
            continue
        await audit(engine, session, "sign in store", store.store_id, f"app {app.app}")
        kept = {name: store.wire[name] for name in (CHAT_APP, CONTACT_EMAIL) if name in store.wire}
        again = replace(store, name=shop.name or store.name, wire={**shop.wire, **kept})
        await renew_store(engine, again, tokens)
        renewed.append(store.store_id)
    return renewed


async def _renew_chat(
    engine: Engine, session: Session, app: AppCredentials, offered: Sequence[OfferedShop], tokens: TokenSet
) -> list[str]:
    """Give the new tokens to the conversations of the stores of this house that they cover."""
    covered = {shop.shop_id for shop in offered}
    renewed = []
    for store in await engine.house.writer.stores():
        if store.marketplace != app.marketplace or store.shop_id not in covered:
            continue
        await audit(engine, session, "sign in store", store.store_id, f"conversations, app {app.app}")
        await renew_chat(engine, store, app.app, tokens)
        renewed.append(store.store_id)
    return renewed


async def _choices(
    engine: Engine, app: AppCredentials, offered: Sequence[OfferedShop], name: str
) -> list[dict[str, Any]]:
    """The shops that were opened up: which are here, which can be added under what name, and why not."""
    house = engine.house
    stores = await house.writer.stores()
    here = {store.shop_id: store.store_id for store in stores if store.marketplace == app.marketplace}
    elsewhere = await held_elsewhere(house, app, [shop.shop_id for shop in offered])
    taken = {store.store_id for store in stores}
    only_one = sum(1 for shop in offered if shop.shop_id not in here) == 1
    answer = []
    for shop in offered:
        proposed = ""
        if shop.shop_id not in here and shop.region in REGIONS:
            proposed = name if name and only_one else propose_store_id(app.marketplace, shop.region, taken)
            taken.add(proposed)
        neighbour = elsewhere.get(shop.shop_id)
        answer.append(
            {
                "shop_id": shop.shop_id,
                "name": shop.name,
                "region": shop.region,
                "cross_border": shop.cross_border,
                "here": here.get(shop.shop_id, ""),
                "store_id": proposed,
                "elsewhere": None if neighbour is None else {"root": neighbour.root, "user": neighbour.user},
                "why_not": _why_not(shop),
            }
        )
    return answer


def _why_not(shop: OfferedShop) -> str:
    if shop.region in REGIONS:
        return ""
    return f"The region {shop.region or '(none)'} is not known to this version of shoptui."


async def _checked(
    engine: Engine, app: AppCredentials, offered: Mapping[str, OfferedShop], wanted: Sequence[tuple[str, str]]
) -> list[Store]:
    """The stores to be made of the chosen shops. Raises Refusal before anything is done."""
    stores = await engine.house.writer.stores()
    made: list[Store] = []
    for shop_id, store_id in wanted:
        shop = offered.get(shop_id)
        if shop is None:
            raise Refusal("unknown_shop", f"The consent does not cover a shop {shop_id}.")
        if why_not := _why_not(shop):
            raise Refusal("unsupported", why_not)
        for store in [*stores, *made]:
            if (store.marketplace, store.shop_id) == (app.marketplace, shop_id):
                raise Refusal("shop_here", f"{shop.name} is in this house already, as {store.store_id}.")
        check_name(store_id, [*stores, *made])
        time_zone, currency = REGIONS[shop.region]
        made.append(
            Store(
                store_id=store_id,
                marketplace=app.marketplace,
                region=shop.region,
                shop_id=shop_id,
                name=shop.name or store_id,
                time_zone=time_zone,
                currency=currency,
                app=app.app,
                wire=shop.wire,
            )
        )
    return made


def check_name(store_id: str, stores: Sequence[Store]) -> None:
    """Raise Refusal for a short name that is none, or that a store has already."""
    if fault := store_id_fault(store_id):
        raise Refusal("bad_name", fault)
    if any(store.store_id == store_id for store in stores):
        raise Refusal("name_taken", f"There is a store {store_id} already; choose another name.")
