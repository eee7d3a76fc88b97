"""Tokens and the seller (sheet, sections 2.2 and 13)."""

from __future__ import annotations

from .call import Answer, Call, data
from .codes import ROWS
from .grants import account_of, short_code


def token_create(call: Call) -> Answer:
    """GET or POST /auth/token/create: a code for the first pair."""
    code = call.params.needed("code")
    grants = call.app.grants
    consent = call.act(ROWS, "token_create", "", "", lambda: grants.exchange(code, call.now))
    if call.app.is_for_chat:
        for store in consent.stores:
            call.world.chats.grant(store, granted=True)
    return Answer(grants.answer(consent, call.now, "country_user_info"))


def token_refresh(call: Call) -> Answer:
    """GET or POST /auth/token/refresh: the next pair; the refresh token's own end stays where it was."""
    token = call.params.needed("refresh_token")
    grants = call.app.grants
    consent = call.act(ROWS, "token_refresh", "", "", lambda: grants.refresh(token, call.now))
    return Answer(grants.answer(consent, call.now, "country_user_info_list"))


def metrics(call: Call) -> Answer:
    """GET /seller/metrics/get: the response rate is a share, the others are in per cent."""
    asked, answered = call.world.chats.answered_in_time(call.store, call.now - 7 * 86_400, call.now, robots=False)
    return data(
        {
            "seller_id": int(call.store.id),
            "main_category_id": 9231,
            "main_category_name": "Kitchen Appliances",
            "positive_seller_rating": "91.3",
            "ship_on_time": "98.62",
            "response_rate": f"{answered / asked:.4f}" if asked else "",
            "response_time": "10.3333" if asked else "",
        }
    )


def seller(call: Call) -> Answer:
    """GET /seller/get."""
    store = call.store
    return data(
        {
            "seller_id": int(store.id),
            "name": store.name,
            "name_company": store.name,
            "short_code": short_code(store),
            "email": account_of(store),
            "logo_url": "",
            "location": store.warehouses[0].state,
            "cb": False,
            "status": "ACTIVE",
            "verified": True,
            "marketplaceEaseMode": False,
        }
    )
