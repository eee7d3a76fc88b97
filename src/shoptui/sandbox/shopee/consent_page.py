"""The page on which a seller lets the app work on shops, in its current form and in the older, signed one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import consenting
from ..world.model import Store
from .grants import Grants

PATH = "/auth"
CANCEL_PATH = "/cancel_auth"
SIGNED_PATH = "/api/v2/shop/auth_partner"
SIGNED_CANCEL_PATH = "/api/v2/shop/cancel_auth_partner"
#: Stands for the address a developer registers in the console.
REDIRECT_PATH = "/auth/registered"


class ConsentPage:
    """Shows the shops; one ticked is a shop's own login, several are a main account's."""

    def __init__(self, grants: Grants, stores: Mapping[str, Store], *, partner_id: str) -> None:
        self._grants = grants
        self._stores = stores
        self._partner_id = partner_id

    def takes(self, path: str) -> bool:
        """Whether the path is a page of consents; the signed ones are checked before they come here."""
        return path in (PATH, CANCEL_PATH, SIGNED_PATH, SIGNED_CANCEL_PATH, REDIRECT_PATH)

    def answer(self, request: Request, body: bytes, now: int) -> Response:
        """The page, or after its form was sent the way back to the app. `now` is world time, epoch seconds."""
        path, query = request.url.path, request.query_params
        if path == REDIRECT_PATH:
            return consenting.arrived()
        signed = path in (SIGNED_PATH, SIGNED_CANCEL_PATH)
        if query.get("partner_id") != self._partner_id:
            return _refusal("error_auth", "partner_id is invalid")
        if not signed and (query.get("auth_type") != "seller" or query.get("response_type") != "code"):
            return _refusal("error_param", "auth_type must be seller and response_type must be code")
        target = query.get("redirect" if signed else "redirect_uri") or REDIRECT_PATH
        if target != REDIRECT_PATH and not consenting.is_on_this_machine(target):
            return _refusal("error_param", "The redirect domain is not the one registered for this app")
        if urlsplit(target).netloc == request.url.netloc and urlsplit(target).path in ("", "/"):
            # This host has no page of its own at the top.
            target = REDIRECT_PATH
        giving = path in (PATH, SIGNED_PATH)
        if request.method != "POST":
            title = consenting.QUESTION if giving else "Take your shops away from the app?"
            return consenting.page(title, consenting.form(self._stores.values(), "Confirm", "Cancel"))
        chosen = consenting.read_form(body)
        if chosen is None:
            return consenting.unchanged()
        if not chosen or any(shop_id not in self._stores for shop_id in chosen):
            return consenting.no_shop()
        return self._give(chosen, target, query.get("state"), now) if giving else self._take(chosen, target)

    def _give(self, chosen: list[str], target: str, state: str | None, now: int) -> Response:
        code, main_account_id = self._grants.agree(chosen, now)
        pairs = [("code", code)]
        pairs.append(("main_account_id", main_account_id) if main_account_id else ("shop_id", chosen[0]))
        if state is not None:
            pairs.append(("state", state))
        return consenting.back(target, pairs)

    def _take(self, chosen: list[str], target: str) -> Response:
        for shop_id in chosen:
            self._grants.revoke(shop_id)
        return consenting.back(target, [("shop_id", shop_id) for shop_id in chosen])


def _refusal(error: str, text: str) -> Response:
    # The page's own shape of an error: the text is under `msg` (sheet, section 2.1).
    return JSONResponse({"code": 1, "error": error, "msg": text, "debug_message": ""})
