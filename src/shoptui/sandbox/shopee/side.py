"""The Shopee server: who may call, in which order things are checked, and the envelope of answers."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..faults import Fault
from ..journal import Journal
from ..reading import decoded, is_digits
from ..side_base import Side
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


class ShopeeSide(Side[dict[str, Any]]):
    """One app's view of the world's Shopee shops; `answer` is its ASGI entry."""

    name = "shopee"
    breakages = BREAKAGES
    unknown_scope = "Module {scope} is not open to the app"

    grants: Grants

    def __init__(self, world: World, life: Life, journal: Journal) -> None:
        super().__init__(world, life, journal)
        digest = self.app_digest(32)
        self.app_key = str(2_000_000 + int(digest[:5], 16) % 90_000)
        # The prefix is part of the key, and the rest only looks like hexadecimal (sheet, section 3).
        self.app_secret = f"shpk{digest[5:61]}"
        self.grants = Grants(world.seed, world.settings)
        self.renderer = Renderer(world)
        self.documents = DocumentDesk(world)
        for store in self.stores.values():
            self.grants.consent(store, world.clocks.started_at)
        self._consents = ConsentPage(self.grants, self.stores, partner_id=self.app_key)
        world.on("shopee_state_shown", self._state_shown)

    def takes(self, path: str) -> bool:
        """Shopee has `/api/v2/`, of which TikTok Shop's token host uses one corner, and the pages of consents."""
        own = path.startswith(PREFIX) and not path.startswith("/api/v2/token/")
        return own or self._consents.takes(path)

    def _state_shown(self, package_id: str, at: int) -> None:
        """An arrangement becomes visible to readers, which moves the update time of its orders."""
        package = self.world.packages[package_id]
        if package.is_open:
            self.world.touch_package(package, at)

    def shop_of(self, query: dict[str, str]) -> str:
        """The shop id a request names, empty when it names none of Shopee's."""
        shop_id = query.get("shop_id", "")
        return shop_id if shop_id in self.stores else ""

    # --- answering ----------------------------------------------------------------------------------------

    def respond(self, request: Request, body: bytes) -> Response:
        request_id = self._request_id()
        now = self.world.catch_up()
        try:
            if self._consents.takes(request.url.path):
                if request.url.path in (SIGNED_PATH, SIGNED_CANCEL_PATH):
                    self._check_signed(request, Query(decoded(request.url.query)), is_public=True)
                return self._consents.answer(request, body, now)
            return self._envelope(self._call(request, body, request_id, now), request_id)
        except ApiError as error:
            return self.failure(error.code, error.message, request_id, error.status)
        except Refused as refused:
            return self.failure(SHIPPING.code(refused.reason), sentence(refused), request_id)

    def _request_id(self) -> str:
        self.count()
        return self.digest(16)

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
        return self.asking_to_wait(response) if code == codes.RATE_LIMIT else response

    def token_ended(self) -> Response:
        return self.failure(codes.TOKEN, "Invalid access_token, please have a check.")

    def refused(self, fault: Fault) -> Response:
        return self.failure(fault.word, fault.message or "The request was refused.")

    def too_many(self) -> Response:
        return self.failure(codes.RATE_LIMIT, "Too many requests.", status=429)

    def down(self, status: int) -> Response | None:
        """The gateway itself keeps out callers whose address nobody declared."""
        if status != 403:
            return None
        return self.failure("source_ip_undeclared", "The source IP is not declared for this app.", status=403)

    # --- the gate -----------------------------------------------------------------------------------------

    def _call(self, request: Request, body: bytes, request_id: str, now: int) -> Answer:
        path = request.url.path
        route = find(request.method, path)
        query = Query(decoded(request.url.query))
        self._check_signed(request, query, is_public=route.is_public)
        shop: Store | None = None
        if not route.is_public:
            consent = self.grants.check(query.text("access_token"), query.text("shop_id"), now)
            module = path.removeprefix(PREFIX).partition("/")[0]
            if module in SCOPES and module not in consent.scopes:
                raise ApiError(codes.API_PERMISSION, "This app has no permission to call this API.")
            shop = consent.store
        if not self.admits(shop.id if shop else "", path):
            raise ApiError(codes.RATE_LIMIT, "The API rate limit was exceeded, please try again later.")
        call = Call(
            side=self,
            query=query,
            body=read_body(b"" if request.method != "POST" or route.takes_files else body),
            shop=shop,
            now=now,
            request_id=request_id,
            raw=body,
            content_type=request.headers.get("content-type", ""),
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


def _is_uint32(text: str) -> bool:
    return is_digits(text) and int(text) < UINT32
