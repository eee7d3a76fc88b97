"""The TikTok Shop server: who may call, in which order things are checked, and the envelope of answers."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..access import ShopAccess
from ..faults import Fault
from ..journal import Journal
from ..limits import RateLimiter
from ..world.life import Life
from ..world.model import Store
from ..world.world import World
from . import codes, documents
from .call import Call
from .codes import ApiError, bad
from .consent_page import ConsentPage
from .grants import Grant, Grants
from .params import Query, read_body
from .render import BREAKAGES, OrderRenderer, encode
from .routes import Route, find
from .signing import is_signed

WINDOW_PAST_S = 300
WINDOW_FUTURE_S = 30


class TikTokSide:
    """One app's view of the world's TikTok shops; `answer` is its ASGI entry."""

    name = "tiktok"
    breakages: tuple[str, ...] = BREAKAGES

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        self.world = world
        self.life = life
        self.journal = journal
        digest = hashlib.blake2b(f"{world.seed}/tiktok app".encode(), digest_size=32).hexdigest()
        self.app_key = "6" + digest[:12]
        self.app_secret = digest[12:52]
        self.service_id = str(7_300_000_000_000_000_000 + int(digest[:8], 16))
        self.grants = Grants(world.seed, world.settings)
        self.renderer = OrderRenderer()
        self._limiter = RateLimiter()
        self._by_cipher: dict[str, Store] = {}
        self._numbers = 0
        self._repeats: dict[str, int] = {}
        self._last_rows: dict[str, bytes] = {}
        for store in world.stores_of(self.name):
            self._by_cipher[store.cipher] = store
            self.grants.consent([store], world.clocks.started_at)
        self._consents = ConsentPage(
            self.grants, world.stores_of(self.name), app_key=self.app_key, service_id=self.service_id
        )

    def takes(self, path: str) -> bool:
        """TikTok Shop has everything that belongs to no other marketplace, unknown paths too."""
        return True

    def addresses(self, origin: str) -> dict[str, str]:
        """Calls and tokens come from one origin here; the real ones are two hosts."""
        return {"base_url": origin, "auth_url": origin}

    def access(self, shop_id: str) -> ShopAccess:
        """One shop with its present tokens. Raises KeyError for an unknown one."""
        store = self.world.stores[shop_id]
        grant = self.grants.grant_of(shop_id)
        return ShopAccess(
            id=store.id,
            cipher=store.cipher,
            region=store.region,
            name=store.name,
            code=store.code,
            access_token=grant.access,
            refresh_token=grant.refresh,
            access_token_expires_at=self.grants.access_expires_at(grant),
            refresh_token_expires_at=grant.expires_at,
        )

    # --- what tests may provoke ---------------------------------------------------------------------------

    def revoke(self, shop_id: str) -> None:
        """The seller takes the consent back."""
        self.grants.grant_of(shop_id).is_revoked = True

    def expire_access(self, shop_id: str, now: int) -> None:
        """The shop's access token expires now."""
        self.grants.expire_access(self.grants.grant_of(shop_id), now)

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code a seller's consent would bring back to the app."""
        return self.grants.mint_code(shop_id, now)

    def revoke_scope(self, shop_id: str, scope: str) -> list[str]:
        """Take one scope away and return those left. Raises ValueError for one that is not granted."""
        grant = self.grants.grant_of(shop_id)
        if scope not in grant.scopes:
            raise ValueError(f"Scope {scope!r} is not granted: use one of {', '.join(sorted(grant.scopes))}.")
        grant.scopes.discard(scope)
        return sorted(grant.scopes)

    def duplicate_rows(self, shop_id: str, pages: int) -> None:
        """Let the next so many following pages of the shop's order search begin with the row before them."""
        self._repeats[shop_id] = pages

    def repeat_last_row(self, shop_id: str, rows: list[bytes]) -> list[bytes]:
        """The rows of a following page, with the previous page's last one in front if that was provoked."""
        left = self._repeats.get(shop_id, 0)
        if left <= 0 or shop_id not in self._last_rows:
            return rows
        self._repeats[shop_id] = left - 1
        return [self._last_rows[shop_id], *rows]

    def remember_last_row(self, shop_id: str, row: bytes) -> None:
        self._last_rows[shop_id] = row

    def shop_of(self, query: dict[str, str]) -> str:
        """The shop id a request names by its cipher, empty when it names none."""
        store = self._by_cipher.get(query.get("shop_cipher", ""))
        return store.id if store is not None else ""

    # --- answering ----------------------------------------------------------------------------------------

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry for any call to this marketplace."""
        request = Request(scope, receive)
        response = self._respond(request, await request.body())
        await response(scope, receive, send)

    def _respond(self, request: Request, body: bytes) -> Response:
        self._numbers += 1
        request_id = self._request_id()
        self.world.catch_up()
        try:
            if request.url.path.startswith(documents.PREFIX):
                return self._document(request)
            if self._consents.takes(request.url.path):
                return self._consents.answer(request, body, self.world.clocks.world_now())
            if request.url.path.startswith("/api/v2/token/"):
                return self._ok(self._token(request, request_id), request_id)
            return self._ok(self._business(request, body, request_id), request_id)
        except ApiError as error:
            return self.failure(error.code, error.message, request_id)

    def _request_id(self) -> str:
        stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(self.world.clocks.wire_now()))
        text = f"{self.world.seed}/{self._numbers}".encode()
        return stamp + hashlib.blake2b(text, digest_size=10).hexdigest().upper()

    def _ok(self, data: dict[str, Any] | bytes, request_id: str) -> Response:
        content = data if isinstance(data, bytes) else encode(data).encode()
        head = f'{{"code":0,"message":"Success","request_id":"{request_id}","data":'.encode()
        return Response(head + content + b"}", media_type="application/json")

    def failure(self, code: int, message: str, request_id: str = "") -> Response:
        """The envelope of an error, with the HTTP status its code travels with."""
        content = {"code": code, "message": message, "request_id": request_id or self._request_id(), "data": None}
        response = Response(encode(content).encode(), codes.HTTP_STATUS.get(code, 200), media_type="application/json")
        if code == codes.RATE_LIMITED and self.world.settings.retry_after_s:
            response.headers["retry-after"] = str(self.world.settings.retry_after_s)
        return response

    def fault_response(self, fault: Fault) -> Response | None:
        """The answer a fault asks for in this marketplace's words; None when it asks for no answer of its own."""
        if fault.kind == "expired_token":
            return self.failure(codes.TOKEN_EXPIRED, "access token is expired")
        if fault.kind == "code":
            return self.failure(fault.number or codes.INTERNAL, fault.message or "the request was refused")
        if fault.kind != "status":
            return None
        if fault.number == 429:
            response = self.failure(codes.RATE_LIMITED, "too many requests")
            if fault.retry_after_s is not None:
                response.headers["retry-after"] = str(fault.retry_after_s)
            return response
        if fault.number == 500:
            response = self.failure(codes.INTERNAL, "internal error")
            response.status_code = 500
            return response
        # Other gateway failures come from a proxy in front, which knows no envelope.
        return Response(f"upstream error {fault.number}\n", fault.number, media_type="text/plain")

    # --- tokens -------------------------------------------------------------------------------------------

    def _token(self, request: Request, request_id: str) -> dict[str, Any]:
        """GET /api/v2/token/{get,refresh}: unsigned, credentials in the query."""
        action = request.url.path.removeprefix("/api/v2/token/")
        if action not in ("get", "refresh"):
            raise ApiError(codes.NO_SUCH_PATH, f"no such path: {request.url.path}")
        if request.method != "GET":
            raise ApiError(codes.WRONG_METHOD, f"method {request.method} is not allowed for this path")
        query = Query(parse_qsl(request.url.query, keep_blank_values=True))
        if query.needed("app_key") != self.app_key:
            raise bad("app_key")
        if query.needed("app_secret") != self.app_secret:
            raise bad("app_secret")
        now = self.world.clocks.world_now()
        if action == "get":
            query.needed("grant_type", ("authorized_code",))
            code = query.needed("auth_code")
            return self._granted("token_get", request_id, lambda: self.grants.exchange(code, now))
        # The official Node SDK sends authorized_code on refresh as well.
        query.needed("grant_type", ("refresh_token", "authorized_code"))
        token = query.needed("refresh_token")
        return self._granted("token_refresh", request_id, lambda: self.grants.refresh(token, now))

    def _granted(self, op: str, request_id: str, action: Any) -> dict[str, Any]:
        code = 0
        grant: Grant | None = None
        try:
            grant = action()
            return self.grants.answer(grant)
        except ApiError as error:
            code = error.code
            raise
        finally:
            self.journal.add(
                world_at=self.world.clocks.world_now(),
                wire_at=self.world.clocks.wire_now(),
                marketplace=self.name,
                shop_id=grant.stores[0].id if grant is not None else "",
                op=op,
                target=grant.seller_id if grant is not None else "",
                order_id="",
                effect="applied" if grant is not None else "refused",
                code=code,
                request_id=request_id,
            )

    # --- signed calls -------------------------------------------------------------------------------------

    def _business(self, request: Request, body: bytes, request_id: str) -> dict[str, Any] | bytes:
        path, method = request.url.path, request.method
        route, params, version = find(method, path)
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        query = Query(pairs)
        content_type = request.headers.get("content-type", "")
        self._check_app(query)
        self._check_timestamp(query)
        self._check_sign(path, method, pairs, body, content_type)
        now = self.world.clocks.world_now()
        grant = self.grants.check(request.headers.get("x-tts-access-token", ""), now)
        if route.scope not in grant.scopes:
            raise ApiError(codes.NO_SCOPE, f"access denied: scope {route.scope} is not granted")
        shop = self._shop(route, query, grant)
        limit_key = (self.app_key, shop.id if shop else grant.seller_id, method, route.category, route.resource)
        if not self._limiter.admit(limit_key, self.world.clocks.wire_now(), self.world.settings.calls_per_s):
            raise ApiError(codes.RATE_LIMITED, "too many requests, slow down")
        call = Call(
            side=self,
            params=params,
            query=query,
            body=read_body(b"" if method == "GET" else body, content_type),
            grant=grant,
            shop=shop,
            now=now,
            request_id=request_id,
            origin=f"{request.url.scheme}://{request.url.netloc}",
            version=version,
        )
        return route.handler(call)

    def _check_app(self, query: Query) -> None:
        if query.needed("app_key") != self.app_key:
            raise bad("app_key")

    def _check_timestamp(self, query: Query) -> None:
        text = query.needed("timestamp")
        if not (text.isascii() and text.isdigit() and len(text) == 10):
            raise bad("timestamp", "must be 10 digits of Unix seconds")
        age_s = self.world.clocks.wire_now() - int(text)
        if age_s > WINDOW_PAST_S:
            raise bad("timestamp", "is older than 5 minutes")
        if age_s < -WINDOW_FUTURE_S:
            raise bad("timestamp", "is more than 30 seconds ahead")

    def _check_sign(self, path: str, method: str, pairs: list[tuple[str, str]], body: bytes, content_type: str) -> None:
        if not any(name == "sign" and value for name, value in pairs):
            raise bad("sign", "is required")
        if not is_signed(self.app_secret, path, pairs, body, content_type, is_get=method == "GET"):
            raise ApiError(codes.BAD_SIGN, "the sign query parameter is invalid")

    def _shop(self, route: Route, query: Query, grant: Grant) -> Store | None:
        """The shop of the call. Raises 106013 (missing), 36009004 (not allowed, wrong id), 101000 (not the token's)."""
        cipher = query.text("shop_cipher")
        if not route.takes_shop:
            if "shop_cipher" in query:
                raise bad("shop_cipher", "is not expected on this path")
            return None
        if not cipher:
            raise ApiError(codes.NO_CIPHER, "shop_cipher is missing")
        store = self._by_cipher.get(cipher)
        if store is None:
            raise bad("shop_cipher")
        if store not in grant.stores:
            raise ApiError(codes.WRONG_SHOP, "the access token does not match the shop_cipher")
        shop_id = query.text("shop_id")
        if shop_id and shop_id != store.id:
            raise bad("shop_id")
        return store

    # --- documents ----------------------------------------------------------------------------------------

    def _document(self, request: Request) -> Response:
        """A label behind its signed link; 403 once the link is spoilt or older than a day of world time."""
        query = request.query_params
        name = request.url.path.removeprefix(documents.PREFIX)
        kind, size, expires = query.get("type", ""), query.get("size", ""), query.get("expires", "")
        now = self.world.clocks.world_now()
        if not expires.isdigit() or query.get("key") != documents.link_key(
            self.app_secret, name, kind, size, int(expires)
        ):
            return Response("access denied\n", 403, media_type="text/plain")
        if now >= int(expires):
            return Response("the link has expired\n", 403, media_type="text/plain")
        package = self.world.packages.get(name.partition(".")[0])
        if package is None:
            return Response("not found\n", 404, media_type="text/plain")
        content, media_type = documents.content(package, kind, size)
        return Response(content, media_type=media_type)
