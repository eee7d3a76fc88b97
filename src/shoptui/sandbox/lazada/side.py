"""The Lazada server: who may call, in which order things are checked, and the envelope of answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..access import ChatAccess
from ..faults import Fault
from ..journal import Journal
from ..reading import is_digits, origin_of
from ..side_base import Side
from ..world.life import Life
from ..world.model import Line, Order, Store
from ..world.refusal import Refused
from ..world.world import World
from . import codes
from .apps import App
from .call import Answer, Call
from .codes import ApiError, ResultError, fault_type, invalid, missing
from .consent_page import ConsentPage
from .documents import LINK_PATH, download
from .finance import RowCounts
from .grants import CHAT_SCOPES, SCOPES, Grants, short_code
from .params import Params, gather
from .render import BREAKAGES, HOSTS, Renderer
from .routes import find, split
from .signing import is_signed

WINDOW_S = 7200
"""How far a call's timestamp may be from now, to either side."""

_MOST_UNITS = 60
_COUNTRY_OF_HOST = {f"api.{host}": country for country, host in HOSTS.items()}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class LazadaSide(Side[dict[str, Any]]):
    """Two apps' view of the world's Lazada shops, one of them for conversations; `answer` is the ASGI entry."""

    name = "lazada"
    breakages = BREAKAGES
    unknown_scope = "Group {scope} is not open to the app"

    grants: Grants

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        super().__init__(world, life, journal)
        self.orders_app = self._app("app", SCOPES, "lazada")
        self.chat_app = self._app("chat app", CHAT_SCOPES, "lazada chat")
        self.app_key, self.app_secret, self.grants = (
            self.orders_app.key,
            self.orders_app.secret,
            self.orders_app.grants,
        )
        self._apps = {app.key: app for app in (self.chat_app, self.orders_app)}
        self.repacked: set[str] = set()
        """Units whose parcel was dissolved and that have not been packed again."""
        self.renderer = Renderer(world, self.repacked)
        self.row_counts = RowCounts()
        for store in self.stores.values():
            self.grants.consent((store,), world.clocks.started_at)
            if world.chats.is_granted(store):
                self.chat_app.grants.consent((store,), world.clocks.started_at)
        self._consents = ConsentPage(self._apps, self.stores)

    def _app(self, kind: str, scopes: tuple[str, ...], tokens: str) -> App:
        """An app of the console, with keys that hang on the world's seed."""
        digest = self.app_digest(24, kind)
        key = str(100_000 + int(digest[:5], 16) % 900_000)
        grants = Grants(self.world.seed, self.world.settings, key, scopes, tokens)
        return App(key, digest[5:37], grants, is_for_chat=scopes is CHAT_SCOPES)

    def takes(self, path: str) -> bool:
        """The gateway, plain or below a country's name, the pages of consents and the links to waybills."""
        return split(path) is not None or path == LINK_PATH or self._consents.takes(path)

    def addresses(self, origin: str) -> dict[str, str]:
        """The gateway, and the host of consents whose token calls are under `/rest` too.

        The real gateway is another host in each country; here `ORIGIN/my/rest` stands for the one of Malaysia, so the
        address has `{country}` where the two letters go. `ORIGIN/rest` serves tokens of one country as well.
        """
        return {"base_url": f"{origin}/{{country}}/rest", "auth_url": origin}

    def code_of(self, store: Store) -> str:
        return short_code(store)

    def line_of(self, store: Store, line_id: str) -> tuple[Order, Line] | None:
        """The unit with this id and its order; unit ids lie in equal steps above their order's (section 5.6)."""
        step = self.world.market_of(store).line_step
        for units in range(1, _MOST_UNITS):
            order = self.world.order_of(store, str(int(line_id) - units * step))
            if order is not None:
                return next(((order, line) for line in order.lines if line.id == line_id), None)
        return None

    def shop_of(self, query: dict[str, str]) -> str:
        """The shop of the access token in the query, empty when there is none; calls name no shop themselves."""
        token = query.get("access_token", "")
        stores = self.grants.shops_of(token) or self.chat_app.grants.shops_of(token)
        return stores[0].id if stores else ""

    @property
    def app_keys(self) -> frozenset[str]:
        return frozenset(self._apps)

    def chat_access(self) -> ChatAccess:
        app = self.chat_app
        shops = tuple(self.access_by(app.grants, one) for one in self.stores if app.grants.covers(one))
        return ChatAccess(app.key, app.secret, shops)

    # --- answering ----------------------------------------------------------------------------------------

    def respond(self, request: Request, body: bytes) -> Response:
        request_id = self._request_id()
        now = self.world.catch_up()
        try:
            if self._consents.takes(request.url.path):
                return self._consents.answer(request, body, now)
            if request.url.path == LINK_PATH:
                return download(self.app_secret, self.world, request, now)
            answer = self._call(request, body, request_id, now)
        except ApiError as error:
            return self.failure(error.code, error.message, request_id, detail=error.detail)
        except ResultError as error:
            failed = {"data": None, "success": False, "errorCode": error.code, "errorMsg": error.message}
            answer = Answer({"result": failed})
        except Refused as refused:
            return self.failure(codes.ROWS.of(refused), refused.detail, request_id)
        content = {**answer.content, "code": "0", "request_id": request_id}
        return Response(_encode(content), media_type="application/json")

    def _request_id(self) -> str:
        """Eight hexadecimal digits, milliseconds and a running number."""
        number = self.count()
        return f"{self.digest(4)}{int(self.world.clocks.wire_now() * 1000)}{number % 10_000:04d}"

    def failure(
        self,
        code: str,
        message: str,
        request_id: str = "",
        status: int = 200,
        detail: Sequence[Mapping[str, str]] = (),
    ) -> Response:
        """The envelope of an error; an empty message is left out, as happens on the real gateway."""
        content: dict[str, Any] = {"type": fault_type(code), "code": code}
        if message:
            content["message"] = message
        if detail:
            content["detail"] = list(detail)
        content["request_id"] = request_id or self._request_id()
        response = Response(_encode(content), status, media_type="application/json")
        is_limit = code in (codes.API_LIMIT, codes.SELLER_LIMIT, codes.APP_LIMIT)
        return self.asking_to_wait(response) if is_limit else response

    def token_ended(self) -> Response:
        return self.failure(codes.TOKEN, codes.TOKEN_TEXT)

    def refused(self, fault: Fault) -> Response:
        return self.failure(fault.word, fault.message)

    def too_many(self) -> Response:
        return self.failure(codes.API_LIMIT, codes.LIMIT_TEXT, status=429)

    # --- the gate -----------------------------------------------------------------------------------------

    def _call(self, request: Request, body: bytes, request_id: str, now: int) -> Answer:
        country, path = split(request.url.path) or ("", "")
        route = find(path)
        values = gather(request.url.query, request.headers.get("content-type", ""), body)
        params = Params(values)
        app = self._check_signed(path, params)
        shop: Store | None = None
        if route.scope is not None:
            token = params.needed("access_token")
            consent = app.grants.check(token, now)
            if route.scope not in consent.scopes:
                raise ApiError(codes.PERMISSION, "App does not have permission to access this api")
            shop = _meant(consent.stores, country.upper() or _COUNTRY_OF_HOST.get(request.url.hostname or "", ""))
        limit_key = (shop.id if shop else "", path)
        if not self.admits(*limit_key):
            raise ApiError(codes.API_LIMIT, codes.LIMIT_TEXT)
        if not self.admits(*limit_key, "own", calls_per_s=route.calls_per_s):
            raise ApiError(codes.SELLER_LIMIT, "The seller access frequency exceeds the limit")
        call = Call(
            side=self,
            app=app,
            params=params,
            shop=shop,
            now=now,
            request_id=request_id,
            origin=origin_of(request),
            raw=body,
            content_type=request.headers.get("content-type", ""),
        )
        return route.handler(call)

    def _check_signed(self, path: str, params: Params) -> App:
        """The calling app, once its key, the time and the signature are right. Raises ApiError."""
        app = self._apps.get(params.needed("app_key"))
        if app is None:
            raise ApiError(codes.BAD_APP, "The specified App Key is invalid")
        timestamp = _epoch_s(params.needed("timestamp"))
        if params.needed("sign_method") != "sha256":
            raise invalid("sign_method", "use sha256")
        given = params.text("sign")
        if not given:
            raise missing("sign")
        # Which code a stale time brings is not known; the signature's own is the likeliest (section 5.3).
        if abs(self.world.clocks.wire_now() - timestamp) > WINDOW_S:
            raise ApiError(codes.SIGN, codes.SIGN_TEXT)
        if not is_signed(given, app.secret, path, params.values):
            raise ApiError(codes.SIGN, codes.SIGN_TEXT)
        return app


def _meant(stores: tuple[Store, ...], country: str) -> Store:
    """The shop a call is for: the token's shop in the country whose gateway was called. Raises ApiError for none."""
    if not country:
        if len(stores) > 1:
            raise invalid("path", "the token is good for several countries, so call one's gateway: /my/rest")
        return stores[0]
    found = next((store for store in stores if store.region == country), None)
    if found is None:
        raise ApiError(codes.TOKEN, codes.TOKEN_TEXT)
    return found


def _epoch_s(text: str) -> float:
    """A timestamp in milliseconds or as UTC text. Raises ApiError."""
    if is_digits(text):
        return int(text) / 1000
    try:
        if text.endswith("Z"):
            return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    raise invalid("timestamp", "use milliseconds since 1970 or UTC such as 2017-11-11T12:00:00Z")
