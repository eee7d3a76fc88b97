"""The page on which a seller lets the app work on a shop, and the address the seller is sent back to afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from .. import consenting
from ..world.model import Store
from .grants import Grants

#: The link sellers open today, and the older one that needs nothing but the app key (sheet, section 2.1).
PATHS = ("/open/authorize", "/oauth/authorize")
#: Stands for the address a developer registers in Partner Center.
REDIRECT_PATH = "/oauth/registered"


class ConsentPage:
    """Shows the shops of this marketplace; the seller ticks those to be opened, and agrees or refuses.

    Ticking several shops makes one consent that covers them all, as for a seller with shops in several countries.
    """

    def __init__(self, grants: Grants, stores: Mapping[str, Store], *, app_key: str, service_id: str) -> None:
        self._grants = grants
        self._stores = stores
        self._app_key = app_key
        self._service_id = service_id

    def takes(self, path: str) -> bool:
        return path in PATHS or path == REDIRECT_PATH

    def answer(self, request: Request, body: bytes, now: int) -> Response:
        """The page, or after its form was sent the way back to the app. `now` is world time, epoch seconds."""
        if request.url.path == REDIRECT_PATH:
            return consenting.arrived()
        query = request.query_params
        named = (query.get("app_key"), query.get("service_id"))
        if named not in ((self._app_key, None), (None, self._service_id)):
            return consenting.page("Unknown app", "<p>This link names no app that is registered here.", 400)
        if request.method != "POST":
            return consenting.page(consenting.QUESTION, consenting.form(self._stores.values(), "Agree", "Refuse"))
        chosen = consenting.read_form(body)
        if chosen is None:
            # Refusing brings a code that is none (developer guide "Authorization").
            return self._back([("code", "null"), ("error", "auth_denied")], query.get("state"))
        if not chosen or any(shop_id not in self._stores for shop_id in chosen):
            return consenting.no_shop()
        code = self._grants.agree([self._stores[shop_id] for shop_id in chosen], now)
        pairs = [("app_key", self._app_key), ("code", code), ("locale", "en")]
        return self._back([*pairs, ("shop_region", self._stores[chosen[0]].region)], query.get("state"))

    def _back(self, pairs: list[tuple[str, str]], state: str | None) -> Response:
        # Consent given from the app store carries no state.
        pairs = [*pairs, ("state", state)] if state is not None else pairs
        return consenting.back(REDIRECT_PATH, pairs)
