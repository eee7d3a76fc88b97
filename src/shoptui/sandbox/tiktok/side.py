"""The TikTok Shop server: who may call, in which order things are checked, and the envelope of answers."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..faults import Fault
from ..journal import Journal
from ..reading import decoded, is_digits, origin_of
from ..side_base import Side
from ..world.life import Life
from ..world.model import Store
from ..world.world import World
from . import codes, documents
from .call import Call
from .chats import ChatCalls
from .codes import ApiError, bad
from .consent_page import ConsentPage
from .finance import Ledgers
from .grants import CHAT_SCOPE, Grant, Grants
from .params import Query, read_body
from .render import BREAKAGES, OrderRenderer, encode
from .routes import Route, find
from .signing import is_signed

WINDOW_PAST_S = 300
WINDOW_FUTURE_S = 30


class TikTokSide(Side[bytes]):
    """One app's view of the world's TikTok shops; `answer` is its ASGI entry."""

    name = "tiktok"
    breakages = BREAKAGES
    unknown_scope = "Scope {scope} is not granted"
    takes_the_rest = True

    grants: Grants

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        super().__init__(world, life, journal)
        digest = self.app_digest(32)
        self.app_key = "6" + digest[:12]
        self.app_secret = digest[12:52]
        self.service_id = str(7_300_000_000_000_000_000 + int(digest[:8], 16))
        self.grants = Grants(world.seed, world.settings)
        self.renderer = OrderRenderer()
        self.chat_calls = ChatCalls()
        self.ledgers = Ledgers()
        self._by_cipher = {store.cipher: store for store in self.stores.values()}
        for store in self.stores.values():
            grant = self.grants.consent([store], world.clocks.started_at)
            if not world.chats.is_granted(store):
                grant.scopes.discard(CHAT_SCOPE)
        self._consents = ConsentPage(self.grants, self.stores, app_key=self.app_key, service_id=self.service_id)

    def takes(self, path: str) -> bool:
        """TikTok Shop has everything that belongs to no other marketplace, unknown paths too."""
        return True

    def cipher_of(self, store: Store) -> str:
        return store.cipher

    def code_of(self, store: Store) -> str:
        return store.code

    def shop_of(self, query: dict[str, str]) -> str:
        """The shop id a request names by its cipher, empty when it names none."""
        store = self._by_cipher.get(query.get("shop_cipher", ""))
        return store.id if store is not None else ""

    # --- answering ----------------------------------------------------------------------------------------

    def respond(self, request: Request, body: bytes) -> Response:
        self.count()
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
        return stamp + self.digest(10).upper()

    def _ok(self, data: dict[str, Any] | bytes, request_id: str) -> Response:
        content = data if isinstance(data, bytes) else encode(data).encode()
        head = f'{{"code":0,"message":"Success","request_id":"{request_id}","data":'.encode()
        return Response(head + content + b"}", media_type="application/json")

    def failure(self, code: int, message: str, request_id: str = "") -> Response:
        """The envelope of an error, with the HTTP status its code travels with."""
        content = {"code": code, "message": message, "request_id": request_id or self._request_id(), "data": None}
        response = Response(encode(content).encode(), codes.HTTP_STATUS.get(code, 200), media_type="application/json")
        return self.asking_to_wait(response) if code == codes.RATE_LIMITED else response

    def token_ended(self) -> Response:
        return self.failure(codes.TOKEN_EXPIRED, "access token is expired")

    def refused(self, fault: Fault) -> Response:
        return self.failure(fault.number or codes.INTERNAL, fault.message or "the request was refused")

    def too_many(self) -> Response:
        return self.failure(codes.RATE_LIMITED, "too many requests")

    def down(self, status: int) -> Response | None:
        """The server's own failure comes in its envelope."""
        if status != 500:
            return None
        response = self.failure(codes.INTERNAL, "internal error")
        response.status_code = 500
        return response

    # --- tokens -------------------------------------------------------------------------------------------

    def _token(self, request: Request, request_id: str) -> dict[str, Any]:
        """GET /api/v2/token/{get,refresh}: unsigned, credentials in the query."""
        action = request.url.path.removeprefix("/api/v2/token/")
        if action not in ("get", "refresh"):
            raise ApiError(codes.NO_SUCH_PATH, f"no such path: {request.url.path}")
        if request.method != "GET":
            raise ApiError(codes.WRONG_METHOD, f"method {request.method} is not allowed for this path")
        query = Query(decoded(request.url.query))
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
        pairs = decoded(request.url.query)
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
        if not self.admits(shop.id if shop else grant.seller_id, method, route.category, route.resource):
            raise ApiError(codes.RATE_LIMITED, "too many requests, slow down")
        call = Call(
            side=self,
            params=params,
            query=query,
            body=read_body(b"" if method == "GET" or route.takes_files else body, content_type),
            grant=grant,
            shop=shop,
            now=now,
            request_id=request_id,
            origin=origin_of(request),
            version=version,
            raw=body,
            content_type=content_type,
        )
        return route.handler(call)

    def _check_app(self, query: Query) -> None:
        if query.needed("app_key") != self.app_key:
            raise bad("app_key")

    def _check_timestamp(self, query: Query) -> None:
        text = query.needed("timestamp")
        if not (is_digits(text) and len(text) == 10):
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
