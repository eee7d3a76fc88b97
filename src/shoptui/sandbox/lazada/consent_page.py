"""The page on which a seller lets the app work on shops, in one country or in several at once (section 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ..world.model import Store
from .grants import Grants

PATH = "/oauth/authorize"
#: Stands for the callback address a developer registers in the console.
CALLBACK_PATH = "/oauth/registered"

_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"


class ConsentPage:
    """Shows the shops; several ticked, each of another country, are one seller's login across the borders."""

    def __init__(self, grants: Grants, stores: Sequence[Store], *, app_key: str) -> None:
        self._grants = grants
        self._stores = {store.id: store for store in stores}
        self._app_key = app_key

    def takes(self, path: str) -> bool:
        return path in (PATH, CALLBACK_PATH)

    def answer(self, request: Request, body: bytes, now: int) -> Response:
        """The page, or after its form was sent the way back to the app. `now` is world time, epoch seconds."""
        query = request.query_params
        if request.url.path == CALLBACK_PATH:
            return _page("Done", "<p>Copy the address of this page and paste it into the program that sent you here.")
        if query.get("client_id") != self._app_key:
            return _page("Unknown app", "<p>client_id is not an app of this platform.", 400)
        if query.get("response_type") != "code":
            return _page("Bad request", "<p>response_type must be code.", 400)
        target = query.get("redirect_uri") or CALLBACK_PATH
        if target.rstrip("/") == f"{request.url.scheme}://{request.url.netloc}":
            # An app that registered nothing names this very host, whose front page could tell nobody how to go on.
            target = CALLBACK_PATH
        # The sandbox's app is registered for this machine alone, by any of its names; the real one needs https.
        if target != CALLBACK_PATH and urlsplit(target).hostname not in _OWN_NAMES:
            return _page("Bad request", "<p>redirect_uri is not the callback address of this app.", 400)
        wanted = [one for one in query.get("country", "").lower().split(",") if one]
        shown = [one for one in self._stores.values() if not wanted or "cb" in wanted or one.region.lower() in wanted]
        if request.method != "POST":
            return _page("Let the app work on your shops?", _form(shown))
        form = parse_qsl(body.decode("utf-8", "replace"))
        if ("answer", "agree") not in form:
            return _page("Nothing has changed", "<p>You may close this page.")
        chosen = list(dict.fromkeys(value for name, value in form if name == "shop_id"))
        stores = tuple(store for store in shown if store.id in chosen)
        if not stores or len(stores) != len(chosen):
            return _page("No shop", "<p>Tick at least one of the shops shown.", 400)
        if len({store.region for store in stores}) != len(stores):
            return _page("Too many shops", "<p>One login has one shop in each country.", 400)
        pairs = [("code", self._grants.mint_code(stores, now))]
        if "state" in query:
            pairs.append(("state", query["state"]))
        parts = urlsplit(target)
        joined = "&".join(part for part in (parts.query, urlencode(pairs)) if part)
        return RedirectResponse(urlunsplit(parts._replace(query=joined)), 302)


def _form(stores: list[Store]) -> str:
    shops = "".join(
        f'<p><label><input type=checkbox name=shop_id value="{escape(store.id)}"> '
        f"{escape(store.name)} ({escape(store.region)})</label>"
        for store in stores
    )
    buttons = "<button name=answer value=agree>Confirm</button> <button name=answer value=refuse>Cancel</button>"
    return f"<form method=post>{shops}<p>{buttons}</form>"


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)
