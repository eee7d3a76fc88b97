"""The page on which a seller lets the app work on shops, in its current form and in the older, signed one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ..world.model import Store
from .grants import Grants

PATH = "/auth"
CANCEL_PATH = "/cancel_auth"
SIGNED_PATH = "/api/v2/shop/auth_partner"
SIGNED_CANCEL_PATH = "/api/v2/shop/cancel_auth_partner"
#: Stands for the address a developer registers in the console.
REDIRECT_PATH = "/auth/registered"

_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"


class ConsentPage:
    """Shows the shops; one ticked is a shop's own login, several are a main account's."""

    def __init__(self, grants: Grants, stores: Sequence[Store], *, partner_id: str) -> None:
        self._grants = grants
        self._stores = {store.id: store for store in stores}
        self._partner_id = partner_id

    def takes(self, path: str) -> bool:
        """Whether the path is a page of consents; the signed ones are checked before they come here."""
        return path in (PATH, CANCEL_PATH, SIGNED_PATH, SIGNED_CANCEL_PATH, REDIRECT_PATH)

    def answer(self, request: Request, body: bytes, now: int) -> Response:
        """The page, or after its form was sent the way back to the app. `now` is world time, epoch seconds."""
        path, query = request.url.path, request.query_params
        if path == REDIRECT_PATH:
            return _page("Done", "<p>Copy the address of this page and paste it into the program that sent you here.")
        signed = path in (SIGNED_PATH, SIGNED_CANCEL_PATH)
        if query.get("partner_id") != self._partner_id:
            return _refusal("error_auth", "partner_id is invalid")
        if not signed and (query.get("auth_type") != "seller" or query.get("response_type") != "code"):
            return _refusal("error_param", "auth_type must be seller and response_type must be code")
        target = query.get("redirect" if signed else "redirect_uri") or REDIRECT_PATH
        # The sandbox's app is registered for this machine alone, by any of its names.
        if target != REDIRECT_PATH and urlsplit(target).hostname not in _OWN_NAMES:
            return _refusal("error_param", "The redirect domain is not the one registered for this app")
        if urlsplit(target).netloc == request.url.netloc and urlsplit(target).path in ("", "/"):
            # This host has no page of its own at the top.
            target = REDIRECT_PATH
        giving = path in (PATH, SIGNED_PATH)
        if request.method != "POST":
            title = "Let the app work on your shops?" if giving else "Take your shops away from the app?"
            return _page(title, self._form())
        form = parse_qsl(body.decode("utf-8", "replace"))
        if ("answer", "agree") not in form:
            return _page("Nothing has changed", "<p>You may close this page.")
        chosen = list(dict.fromkeys(value for name, value in form if name == "shop_id"))
        if not chosen or any(shop_id not in self._stores for shop_id in chosen):
            return _page("No shop", "<p>Tick at least one of the shops shown.", 400)
        return self._give(chosen, target, query.get("state"), now) if giving else self._take(chosen, target)

    def _give(self, chosen: list[str], target: str, state: str | None, now: int) -> Response:
        code, main_account_id = self._grants.agree(chosen, now)
        pairs = [("code", code)]
        pairs.append(("main_account_id", main_account_id) if main_account_id else ("shop_id", chosen[0]))
        if state is not None:
            pairs.append(("state", state))
        return _back(target, pairs)

    def _take(self, chosen: list[str], target: str) -> Response:
        for shop_id in chosen:
            self._grants.consent_of(shop_id).is_revoked = True
        return _back(target, [("shop_id", shop_id) for shop_id in chosen])

    def _form(self) -> str:
        shops = "".join(
            f'<p><label><input type=checkbox name=shop_id value="{escape(store.id)}"> '
            f"{escape(store.name)} ({escape(store.region)})</label>"
            for store in self._stores.values()
        )
        buttons = "<button name=answer value=agree>Confirm</button> <button name=answer value=refuse>Cancel</button>"
        return f"<form method=post>{shops}<p>{buttons}</form>"


def _back(target: str, pairs: list[tuple[str, str]]) -> Response:
    parts = urlsplit(target)
    query = "&".join(part for part in (parts.query, urlencode(pairs)) if part)
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 302)


def _refusal(error: str, text: str) -> Response:
    # The page's own shape of an error: the text is under `msg` (sheet, section 2.1).
    return JSONResponse({"code": 1, "error": error, "msg": text, "debug_message": ""})


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)
