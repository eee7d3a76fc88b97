"""The Shopee server: who may call, in which order things are checked, and the envelope of answers."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..access import ShopAccess
from ..faults import Fault
from ..journal import Effect, Journal
from ..limits import RateLimiter
from ..world.life import Life
from ..world.model import Store
from ..world.refusal import Refused
from ..world.world import World
from . import codes
from .call import Answer, Call, sentence
from .codes import SHIPPING, ApiError
from .consent_page import SIGNED_CANCEL_PATH, SIGNED_PATH, ConsentPage
from .documents import DocumentDesk
from .grants import SCOPES, Grants
from .params import UINT32, Query, read_body
from .render import BREAKAGES, Renderer
from .routes import PREFIX, find
from .signing import same, sign

WINDOW_S = 300
"""How far a call's timestamp may be from now, to either side."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ShopeeSide:
    """One app's view of the world's Shopee shops; `answer` is its ASGI entry."""

    name = "shopee"
    breakages: tuple[str, ...] = BREAKAGES

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        self.world = world
        self.life = life
        self.journal = journal
        digest = hashlib.blake2b(f"{world.seed}/shopee app".encode(), digest_size=32).hexdigest()
        self.app_key = str(2_000_000 + int(digest[:5], 16) % 90_000)
        # The prefix is part of the key, and the rest only looks like hexadecimal (sheet, section 3).
        self.app_secret = f"shpk{digest[5:61]}"
        self.grants = Grants(world.seed, world.settings)
        self.renderer = Renderer(world)
        self.documents = DocumentDesk(world)
        self._limiter = RateLimiter()
        self._numbers = 0
        self._repeats: dict[str, int] = {}
        self._last_rows: dict[str, dict[str, Any]] = {}
        self._stores = {store.id: store for store in world.stores_of(self.name)}
        for store in self._stores.values():
            self.grants.consent(store, world.clocks.started_at)
        self._consents = ConsentPage(self.grants, list(self._stores.values()), partner_id=self.app_key)
        world.on("shopee_state_shown", self._state_shown)

    def takes(self, path: str) -> bool:
        """Shopee has `/api/v2/`, of which TikTok Shop's token host uses one corner, and the pages of consents."""
        own = path.startswith(PREFIX) and not path.startswith("/api/v2/token/")
        return own or self._consents.takes(path)

    def addresses(self, origin: str) -> dict[str, str]:
        """Calls and consent pages come from one origin here; the real ones are two hosts."""
        return {"base_url": origin, "auth_url": origin}

    def access(self, shop_id: str) -> ShopAccess:
        """One shop with its present tokens. Raises KeyError for an unknown one."""
        store = self._stores[shop_id]
        consent = self.grants.consent_of(shop_id)
        return ShopAccess(
            id=store.id,
            cipher="",
            region=store.region,
            name=store.name,
            code="",
            access_token=consent.access,
            refresh_token=consent.refresh,
            access_token_expires_at=self.grants.access_expires_at(consent),
            refresh_token_expires_at=self.grants.refresh_expires_at(consent),
        )

    def _state_shown(self, package_id: str, at: int) -> None:
        """An arrangement becomes visible to readers, which moves the update time of its orders."""
        package = self.world.packages[package_id]
        if package.is_open:
            self.world.touch_package(package, at)

    # --- what tests may provoke ---------------------------------------------------------------------------

    def revoke(self, shop_id: str) -> None:
        """The seller takes the consent back."""
        self.grants.consent_of(shop_id).is_revoked = True

    def expire_access(self, shop_id: str, now: int) -> None:
        """The shop's access tokens expire now."""
        self.grants.expire_access(shop_id, now)

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code a seller's consent would bring back to the app."""
        return self.grants.mint_code(shop_id, now)

    def revoke_scope(self, shop_id: str, scope: str) -> list[str]:
        """Keep the app out of one module and return those left. Raises ValueError for one it cannot use."""
        scopes = self.grants.consent_of(shop_id).scopes
        if scope not in scopes:
            raise ValueError(f"Module {scope!r} is not open to the app: use one of {', '.join(sorted(scopes))}.")
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
        """The shop id a request names, empty when it names none of Shopee's."""
        shop_id = query.get("shop_id", "")
        return shop_id if shop_id in self._stores else ""

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
                if request.url.path in (SIGNED_PATH, SIGNED_CANCEL_PATH):
                    self._check_signed(request, Query(_pairs(request)), is_public=True)
                return self._consents.answer(request, body, now)
            return self._envelope(self._call(request, body, request_id, now), request_id)
        except ApiError as error:
            return self.failure(error.code, error.message, request_id, error.status)
        except Refused as refused:
            return self.failure(SHIPPING.code(refused.reason), sentence(refused), request_id)

    def _request_id(self) -> str:
        self._numbers += 1
        return hashlib.blake2b(f"{self.world.seed}/{self._numbers}".encode(), digest_size=16).hexdigest()

    def _envelope(self, answer: Answer, request_id: str) -> Response:
        if answer.file is not None:
            return Response(answer.file, media_type=answer.media_type)
        content: dict[str, Any] = {"request_id": request_id, "error": answer.error, "message": answer.message}
        content.update(answer.beside)
        if answer.response is not None:
            content["response"] = answer.response
        return Response(_encode(content), media_type="application/json")

    def failure(self, code: str, message: str, request_id: str = "", status: int = 200) -> Response:
        """The envelope of an error; an unknown path answers with nothing but the code."""
        content = {"error": code}
        if status != 404:
            content = {"request_id": request_id or self._request_id(), "error": code, "message": message}
        response = Response(_encode(content), status, media_type="application/json")
        if code == codes.RATE_LIMIT and self.world.settings.retry_after_s:
            response.headers["retry-after"] = str(self.world.settings.retry_after_s)
        return response

    def fault_response(self, fault: Fault) -> Response | None:
        """The answer a fault asks for in this marketplace's words; None when it asks for no answer of its own."""
        if fault.kind == "expired_token":
            return self.failure(codes.TOKEN, "Invalid access_token, please have a check.")
        if fault.kind == "code":
            return self.failure(fault.word, fault.message or "The request was refused.")
        if fault.kind != "status":
            return None
        if fault.number == 429:
            response = self.failure(codes.RATE_LIMIT, "Too many requests.", status=429)
            if fault.retry_after_s is not None:
                response.headers["retry-after"] = str(fault.retry_after_s)
            return response
        if fault.number == 403:
            return self.failure("source_ip_undeclared", "The source IP is not declared for this app.", status=403)
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
        path = request.url.path
        route = find(request.method, path)
        query = Query(_pairs(request))
        self._check_signed(request, query, is_public=route.is_public)
        shop: Store | None = None
        if not route.is_public:
            consent = self.grants.check(query.text("access_token"), query.text("shop_id"), now)
            module = path.removeprefix(PREFIX).partition("/")[0]
            if module in SCOPES and module not in consent.scopes:
                raise ApiError(codes.API_PERMISSION, "This app has no permission to call this API.")
            shop = consent.store
        limit_key = (self.app_key, shop.id if shop else "", path)
        if not self._limiter.admit(limit_key, self.world.clocks.wire_now(), self.world.settings.calls_per_s):
            raise ApiError(codes.RATE_LIMIT, "The API rate limit was exceeded, please try again later.")
        call = Call(
            side=self,
            query=query,
            body=read_body(body if request.method == "POST" else b""),
            shop=shop,
            now=now,
            request_id=request_id,
        )
        return route.handler(call)

    def _check_signed(self, request: Request, query: Query, *, is_public: bool) -> None:
        """Partner, time, signature and then the presence of token and shop. Raises ApiError."""
        partner_id = query.text("partner_id")
        if not partner_id:
            raise ApiError(codes.PARAM, "There is no partner_id in query.")
        if not _is_uint32(partner_id):
            raise ApiError(codes.PARAM, "Invalid partner_id.")
        if partner_id != self.app_key:
            raise ApiError(codes.PARTNER, "partner_id is invalid")
        timestamp = query.text("timestamp")
        if not timestamp:
            raise ApiError(codes.PARAM, "no timestamp")
        if not _is_uint32(timestamp):
            raise ApiError(codes.PARAM, "Invalid timestamp")
        if abs(self.world.clocks.wire_now() - int(timestamp)) > WINDOW_S:
            raise ApiError(codes.PARAM, "Timestamp is expired.")
        given = query.text("sign")
        if not given:
            raise ApiError(codes.PARAM, "There is no sign in query.")
        token, shop_id = query.text("access_token"), query.text("shop_id")
        base = (self.app_secret, partner_id, request.url.path, timestamp)
        as_shop = same(given, sign(*base, token, shop_id))
        # Some clients sign public calls like shop calls once they have a token (sheet, section 15).
        if not as_shop and not (is_public and same(given, sign(*base))):
            raise ApiError(codes.SIGN, "Wrong sign.")
        if is_public:
            return
        if not token:
            raise ApiError(codes.PARAM, "There is no access_token in query.")
        if not shop_id:
            raise ApiError(codes.PARAM, "There is no shop_id in query.")
        if not _is_uint32(shop_id):
            raise ApiError(codes.PARAM, "Invalid shop_id.")


def _pairs(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.url.query, keep_blank_values=True)


def _is_uint32(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < UINT32
