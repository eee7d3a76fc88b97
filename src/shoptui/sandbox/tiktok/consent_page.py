"""The page on which a seller lets the app work on a shop, and the address the seller is sent back to afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ..world.model import Store
from .grants import Grants

#: The link sellers open today, and the older one that needs nothing but the app key (sheet, section 2.1).
PATHS = ("/open/authorize", "/oauth/authorize")
#: Stands for the address a developer registers in Partner Center.
REDIRECT_PATH = "/oauth/registered"

_PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"


class ConsentPage:
    """Shows the shops of this marketplace; the seller ticks those to be opened, and agrees or refuses.

    Ticking several shops makes one consent that covers them all, as for a seller with shops in several countries.
    """

    def __init__(self, grants: Grants, stores: Sequence[Store], *, app_key: str, service_id: str) -> None:
        self._grants = grants
        self._stores = {store.id: store for store in stores}
        self._app_key = app_key
        self._service_id = service_id

    def takes(self, path: str) -> bool:
        return path in PATHS or path == REDIRECT_PATH

    def answer(self, request: Request, body: bytes, now: int) -> Response:
        """The page, or after its form was sent the way back to the app. `now` is world time, epoch seconds."""
        if request.url.path == REDIRECT_PATH:
            return _page("Done", "<p>Copy the address of this page and paste it into the program that sent you here.")
        query = request.query_params
        named = (query.get("app_key"), query.get("service_id"))
        if named not in ((self._app_key, None), (None, self._service_id)):
            return _page("Unknown app", "<p>This link names no app that is registered here.", 400)
        if request.method != "POST":
            return _page("Let the app work on your shops?", self._form())
        form = parse_qsl(body.decode("utf-8", "replace"))
        chosen = list(dict.fromkeys(value for name, value in form if name == "shop_id"))
        if ("answer", "agree") not in form:
            # Refusing brings a code that is none (developer guide "Authorization").
            return self._back([("code", "null"), ("error", "auth_denied")], query.get("state"))
        if not chosen or any(shop_id not in self._stores for shop_id in chosen):
            return _page("No shop", "<p>Tick at least one of the shops shown.", 400)
        code = self._grants.agree([self._stores[shop_id] for shop_id in chosen], now)
        pairs = [("app_key", self._app_key), ("code", code), ("locale", "en")]
        return self._back([*pairs, ("shop_region", self._stores[chosen[0]].region)], query.get("state"))

    def _back(self, pairs: list[tuple[str, str]], state: str | None) -> Response:
        # Consent given from the app store carries no state.
        pairs = [*pairs, ("state", state)] if state is not None else pairs
        return RedirectResponse(f"{REDIRECT_PATH}?{urlencode(pairs)}", 302)

    def _form(self) -> str:
        shops = "".join(
            f'<p><label><input type=checkbox name=shop_id value="{escape(store.id)}"> '
            f"{escape(store.name)} ({escape(store.region)})</label>"
            for store in self._stores.values()
        )
        buttons = "<button name=answer value=agree>Agree</button> <button name=answer value=refuse>Refuse</button>"
        return f"<form method=post>{shops}<p>{buttons}</form>"


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)
