"""The Lazada server: who may call, in which order things are checked, and the envelope of answers."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..access import ShopAccess
from ..faults import Fault
from ..journal import Effect, Journal
from ..limits import RateLimiter
from ..world.life import Life
from ..world.model import Line, Order, Store
from ..world.refusal import Refused
from ..world.world import World
from . import codes
from .call import Answer, Call
from .codes import ApiError, ResultError, fault_type, invalid, missing
from .consent_page import ConsentPage
from .documents import LINK_PATH, download
from .grants import Grants, short_code
from .params import Params, gather
from .render import BREAKAGES, HOSTS, Renderer
from .routes import find, split
from .signing import is_signed

WINDOW_S = 7200
"""How far a call's timestamp may be from now, to either side."""

_MOST_UNITS = 60
_COUNTRY_OF_HOST = {f"api.{host}": country for country, host in HOSTS.items()}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class LazadaSide:
    """One app's view of the world's Lazada shops; `answer` is its ASGI entry."""

    name = "lazada"
    breakages: tuple[str, ...] = BREAKAGES

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        self.world = world
        self.life = life
        self.journal = journal
        digest = hashlib.blake2b(f"{world.seed}/lazada app".encode(), digest_size=24).hexdigest()
        self.app_key = str(100_000 + int(digest[:5], 16) % 900_000)
        self.app_secret = digest[5:37]
        self.repacked: set[str] = set()
        """Units whose parcel was dissolved and that have not been packed again."""
        self.grants = Grants(world.seed, world.settings, self.app_key)
        self.renderer = Renderer(world, self.repacked)
        self._limiter = RateLimiter()
        self._numbers = 0
        self._repeats: dict[str, int] = {}
        self._last_rows: dict[str, dict[str, Any]] = {}
        self._stores = {store.id: store for store in world.stores_of(self.name)}
        for store in self._stores.values():
            self.grants.consent((store,), world.clocks.started_at)
        self._consents = ConsentPage(self.grants, list(self._stores.values()), app_key=self.app_key)

    def takes(self, path: str) -> bool:
        """The gateway, plain or below a country's name, the pages of consents and the links to waybills."""
        return split(path) is not None or path == LINK_PATH or self._consents.takes(path)

    def addresses(self, origin: str) -> dict[str, str]:
        """The gateway, and the host of consents whose token calls are under `/rest` too.

        The real gateway is another host in each country; here `ORIGIN/my/rest` stands for the one of Malaysia, so the
        address has `{country}` where the two letters go. `ORIGIN/rest` serves tokens of one country as well.
        """
        return {"base_url": f"{origin}/{{country}}/rest", "auth_url": origin}

    def access(self, shop_id: str) -> ShopAccess:
        """One shop with its present tokens. Raises KeyError for an unknown one."""
        store = self._stores[shop_id]
        consent = self.grants.consent_of(shop_id)
        return ShopAccess(
            id=store.id,
            cipher="",
            region=store.region,
            name=store.name,
            code=short_code(store),
            access_token=consent.access,
            refresh_token=consent.refresh,
            access_token_expires_at=consent.access_until,
            refresh_token_expires_at=consent.refresh_until,
        )

    def line_of(self, store: Store, line_id: str) -> tuple[Order, Line] | None:
        """The unit with this id and its order; unit ids lie in equal steps above their order's (section 5.6)."""
        step = self.world.market_of(store).line_step
        for units in range(1, _MOST_UNITS):
            order = self.world.order_of(store, str(int(line_id) - units * step))
            if order is not None:
                return next(((order, line) for line in order.lines if line.id == line_id), None)
        return None

    # --- what tests may provoke ---------------------------------------------------------------------------

    def revoke(self, shop_id: str) -> None:
        """The seller takes the consent back."""
        self.grants.revoke(shop_id)

    def expire_access(self, shop_id: str, now: int) -> None:
        """The shop's access tokens expire now."""
        self.grants.expire_access(shop_id, now)

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code a seller's consent would bring back to the app."""
        return self.grants.mint_code((self._stores[shop_id],), now)

    def revoke_scope(self, shop_id: str, scope: str) -> list[str]:
        """Keep the app out of one group of the API and return those left. Raises ValueError for one it has not."""
        scopes = self.grants.consent_of(shop_id).scopes
        if scope not in scopes:
            raise ValueError(f"Group {scope!r} is not open to the app: use one of {', '.join(sorted(scopes))}.")
        scopes.discard(scope)
        return sorted(scopes)

    def duplicate_rows(self, shop_id: str, pages: int) -> None:
        """Let the next so many following pages of the shop's order list begin with the row before them."""
        self._repeats[shop_id] = pages

    def repeat_last_row(self, shop_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a following page, with the previous page's last one in front if that was provoked."""
        left = self._repeats.get(shop_id, 0)
        if left <= 0 or shop_id not in self._last_rows:
            return rows
        self._repeats[shop_id] = left - 1
        return [self._last_rows[shop_id], *rows]

    def remember_last_row(self, shop_id: str, row: dict[str, Any]) -> None:
        self._last_rows[shop_id] = row

    def shop_of(self, query: dict[str, str]) -> str:
        """The shop of the access token in the query, empty when there is none; calls name no shop themselves."""
        stores = self.grants.shops_of(query.get("access_token", ""))
        return stores[0].id if stores else ""

    # --- answering ----------------------------------------------------------------------------------------

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry for any call to this marketplace."""
        request = Request(scope, receive)
        response = self._respond(request, await request.body())
        await response(scope, receive, send)

    def _respond(self, request: Request, body: bytes) -> Response:
        request_id = self._request_id()
        now = self.world.catch_up()
        try:
            if self._consents.takes(request.url.path):
                return self._consents.answer(request, body, now)
            if request.url.path == LINK_PATH:
                return download(self.app_secret, self.world, request, now)
            answer = self._call(request, body, request_id, now)
        except ApiError as error:
            return self.failure(error.code, error.message, request_id)
        except ResultError as error:
            failed = {"data": None, "success": False, "errorCode": error.code, "errorMsg": error.message}
            answer = Answer({"result": failed})
        except Refused as refused:
            return self.failure(codes.row_code(refused), refused.detail, request_id)
        content = {**answer.content, "code": "0", "request_id": request_id}
        return Response(_encode(content), media_type="application/json")

    def _request_id(self) -> str:
        """Eight hexadecimal digits, milliseconds and a running number."""
        self._numbers += 1
        head = hashlib.blake2b(f"{self.world.seed}/{self._numbers}".encode(), digest_size=4).hexdigest()
        return f"{head}{int(self.world.clocks.wire_now() * 1000)}{self._numbers % 10_000:04d}"

    def failure(self, code: str, message: str, request_id: str = "", status: int = 200) -> Response:
        """The envelope of an error; an empty message is left out, as happens on the real gateway."""
        content = {"type": fault_type(code), "code": code}
        if message:
            content["message"] = message
        content["request_id"] = request_id or self._request_id()
        response = Response(_encode(content), status, media_type="application/json")
        if code in (codes.API_LIMIT, codes.SELLER_LIMIT, codes.APP_LIMIT) and self.world.settings.retry_after_s:
            response.headers["retry-after"] = str(self.world.settings.retry_after_s)
        return response

    def fault_response(self, fault: Fault) -> Response | None:
        """The answer a fault asks for in this marketplace's words; None when it asks for no answer of its own."""
        if fault.kind == "expired_token":
            return self.failure(codes.TOKEN, codes.TOKEN_TEXT)
        if fault.kind == "code":
            return self.failure(fault.word, fault.message)
        if fault.kind != "status":
            return None
        if fault.number == 429:
            response = self.failure(codes.API_LIMIT, codes.LIMIT_TEXT, status=429)
            if fault.retry_after_s is not None:
                response.headers["retry-after"] = str(fault.retry_after_s)
            return response
        # Other gateway failures come from a proxy in front, which knows no envelope.
        return Response(f"upstream error {fault.number}\n", fault.number, media_type="text/plain")

    def record(
        self, *, shop_id: str, op: str, target: str, order_id: str, effect: Effect, code: str, request_id: str
    ) -> None:
        """Write one effect into the journal."""
        self.journal.add(
            world_at=self.world.clocks.world_now(),
            wire_at=self.world.clocks.wire_now(),
            marketplace=self.name,
            shop_id=shop_id,
            op=op,
            target=target,
            order_id=order_id,
            effect=effect,
            code=code,
            request_id=request_id,
        )

    # --- the gate -----------------------------------------------------------------------------------------

    def _call(self, request: Request, body: bytes, request_id: str, now: int) -> Answer:
        country, path = split(request.url.path) or ("", "")
        route = find(path)
        values = gather(request.url.query, request.headers.get("content-type", ""), body)
        params = Params(values)
        self._check_signed(path, params)
        shop: Store | None = None
        if route.scope is not None:
            token = params.needed("access_token")
            consent = self.grants.check(token, now)
            if route.scope not in consent.scopes:
                raise ApiError(codes.PERMISSION, "App does not have permission to access this api")
            shop = _meant(consent.stores, country.upper() or _COUNTRY_OF_HOST.get(request.url.hostname or "", ""))
        limit_key = (self.app_key, shop.id if shop else "", path)
        if not self._limiter.admit(limit_key, self.world.clocks.wire_now(), self.world.settings.calls_per_s):
            raise ApiError(codes.API_LIMIT, codes.LIMIT_TEXT)
        own_limit = min(route.calls_per_s, self.world.settings.calls_per_s)
        if not self._limiter.admit((*limit_key, "own"), self.world.clocks.wire_now(), own_limit):
            raise ApiError(codes.SELLER_LIMIT, "The seller access frequency exceeds the limit")
        call = Call(
            side=self,
            params=params,
            shop=shop,
            now=now,
            request_id=request_id,
            origin=f"{request.url.scheme}://{request.url.netloc}",
        )
        return route.handler(call)

    def _check_signed(self, path: str, params: Params) -> None:
        """App, time and signature. Raises ApiError."""
        if params.needed("app_key") != self.app_key:
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
        if not is_signed(given, self.app_secret, path, params.values):
            raise ApiError(codes.SIGN, codes.SIGN_TEXT)


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
    if text.isascii() and text.isdigit():
        return int(text) / 1000
    try:
        if text.endswith("Z"):
            return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    raise invalid("timestamp", "use milliseconds since 1970 or UTC such as 2017-11-11T12:00:00Z")
