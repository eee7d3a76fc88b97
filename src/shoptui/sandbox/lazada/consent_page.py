"""The page on which a seller lets the app work on shops, in one country or in several at once (section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from .. import consenting
from ..reading import origin_of
from ..world.model import Store
from .apps import App

PATH = "/oauth/authorize"
#: Stands for the callback address a developer registers in the console.
CALLBACK_PATH = "/oauth/registered"


class ConsentPage:
    """Shows the shops; several ticked, each of another country, are one seller's login across the borders."""

    def __init__(self, apps: Mapping[str, App], stores: Mapping[str, Store]) -> None:
        """`apps` by their keys, of which the seller's link names one."""
        self._apps = apps
        self._stores = stores

    def takes(self, path: str) -> bool:
        return path in (PATH, CALLBACK_PATH)

    def answer(self, request: Request, body: bytes, now: int) -> Response:
        """The page, or after its form was sent the way back to the app. `now` is world time, epoch seconds."""
        query = request.query_params
        if request.url.path == CALLBACK_PATH:
            return consenting.arrived()
        app = self._apps.get(query.get("client_id", ""))
        if app is None:
            return consenting.page("Unknown app", "<p>client_id is not an app of this platform.", 400)
        if query.get("response_type") != "code":
            return consenting.page("Bad request", "<p>response_type must be code.", 400)
        target = query.get("redirect_uri") or CALLBACK_PATH
        if target.rstrip("/") == origin_of(request):
            # An app that registered nothing names this very host, whose front page could tell nobody how to go on.
            target = CALLBACK_PATH
        # The real one needs https.
        if target != CALLBACK_PATH and not consenting.is_on_this_machine(target):
            return consenting.page("Bad request", "<p>redirect_uri is not the callback address of this app.", 400)
        wanted = [one for one in query.get("country", "").lower().split(",") if one]
        shown = [one for one in self._stores.values() if not wanted or "cb" in wanted or one.region.lower() in wanted]
        if request.method != "POST":
            return consenting.page(consenting.QUESTION, consenting.form(shown, "Confirm", "Cancel"))
        chosen = consenting.read_form(body)
        if chosen is None:
            return consenting.unchanged()
        stores = tuple(store for store in shown if store.id in chosen)
        if not stores or len(stores) != len(chosen):
            return consenting.no_shop()
        if len({store.region for store in stores}) != len(stores):
            return consenting.page("Too many shops", "<p>One login has one shop in each country.", 400)
        pairs = [("code", app.grants.agree(stores, now))]
        if "state" in query:
            pairs.append(("state", query["state"]))
        return consenting.back(target, pairs)
