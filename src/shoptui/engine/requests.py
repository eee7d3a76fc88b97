"""Owns what clients may ask of the engine: who asks, whether they may, and which function answers."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoptui import __version__
from shoptui.adapters.base import AdapterError
from shoptui.config import config_path
from shoptui.domain.intents import Verb
from shoptui.engine import (
    app_requests,
    backup_requests,
    chat_requests,
    choices,
    desk_requests,
    erase_requests,
    money_requests,
    order_requests,
    ordering,
    print_requests,
    quick_reply_requests,
    return_requests,
    sign_in_requests,
    stock_requests,
    store_requests,
)
from shoptui.engine.fields import Refusal, optional_whole
from shoptui.engine.peer import Peer
from shoptui.engine.roles import LEAST_ROLE, Role, least_role_for, role_of
from shoptui.engine.secrets import SecretsError
from shoptui.protocol import PROTOCOL, SCHEMA
from shoptui.store.errors import DiskFull, StoreError

if TYPE_CHECKING:
    from shoptui.engine.core import Engine

log = logging.getLogger(__name__)

Handler = Callable[["Engine", "Session", Mapping[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class Session:
    """One connection: who the kernel says it is. `role` is None until hello was granted."""

    peer: Peer
    role: Role | None = None
    subscribed: bool = False

    @property
    def operator(self) -> str:
        return self.peer.user

    @property
    def origin(self) -> str:
        return self.peer.origin


async def _subscribe(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    session.subscribed = True
    return {}


_HANDLERS: Mapping[str, Handler] = {
    "subscribe": _subscribe,
    "order": ordering.order,
    "judge": ordering.judge,
    "choices": choices.choices,
    "printers": print_requests.printers,
    "documents": print_requests.documents,
    "unprint": print_requests.unprint,
    "take_back": order_requests.take_back,
    "retry": ordering.retry,
    "drop": order_requests.drop,
    "settle": order_requests.settle,
    "ack": order_requests.ack,
    "hold": desk_requests.hold,
    "claim": desk_requests.claim,
    "tag": desk_requests.tag,
    "note": desk_requests.note,
    "reveal": desk_requests.reveal,
    "erase_buyer": erase_requests.erase_buyer,
    "assign": chat_requests.assign,
    "escalate": chat_requests.escalate,
    "snooze": chat_requests.snooze,
    "thread_done": chat_requests.thread_done,
    "thread_note": chat_requests.thread_note,
    "claim_thread": chat_requests.claim_thread,
    "link_order": chat_requests.link_order,
    "open_thread": chat_requests.open_thread,
    "thread_refresh": chat_requests.thread_refresh,
    "put_quick_reply": quick_reply_requests.put_quick_reply,
    "delete_quick_reply": quick_reply_requests.delete_quick_reply,
    "return_refresh": return_requests.return_refresh,
    "return_needs": return_requests.return_needs,
    "return_picture": return_requests.return_picture,
    "check_in": return_requests.check_in,
    "stock_count": stock_requests.stock_count,
    "stock_rule": stock_requests.stock_rule,
    "stock_refresh": stock_requests.stock_refresh,
    "push_undecided": stock_requests.push_undecided,
    "mark_verified": money_requests.mark_verified,
    "withdraw_marks": money_requests.withdraw_marks,
    "make_dispute": money_requests.make_dispute,
    "set_dispute": money_requests.set_dispute,
    "see_alert": desk_requests.see_alert,
    "verify_audit": desk_requests.verify_audit,
    "status": store_requests.status,
    "sync_now": store_requests.sync_now,
    "pause_store": store_requests.pause_store,
    "store_remove": store_requests.store_remove,
    "store_rename": store_requests.store_rename,
    "sign_in_begin": sign_in_requests.sign_in_begin,
    "sign_in_code": sign_in_requests.sign_in_code,
    "store_add": sign_in_requests.store_add,
    "apps": app_requests.apps,
    "app_add": app_requests.app_add,
    "app_remove": app_requests.app_remove,
    "handover": store_requests.handover,
    "order_refresh": store_requests.order_refresh,
    "tracking": store_requests.tracking,
    "backup": backup_requests.backup,
    "stop": store_requests.stop,
}


class Requests:
    """Answers requests. Raises Refusal for everything that is not granted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def handle(self, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one message."""
        do = message.get("do")
        if do == "hello":
            return await self._hello(session, message)
        if session.role is None:
            raise Refusal("hello_first", "The first request must be hello.")
        handler = _HANDLERS.get(do) if isinstance(do, str) else None
        if handler is None:
            raise Refusal("unknown_request", f"This engine (version {__version__}) does not know that request.")
        assert isinstance(do, str)
        least = LEAST_ROLE[do]
        if session.role < least:
            raise Refusal(
                "not_allowed",
                f"{session.operator} is a {session.role.word}; this needs a {least.word}. Nothing was done.",
                role=session.role.word,
                needed=least.word,
            )
        if self._engine.stopping and do not in ("status", "stop", "subscribe"):
            raise Refusal("engine_stopping", "The engine is stopping; nothing was accepted. Try again in a moment.")
        try:
            return await handler(self._engine, session, message)
        except DiskFull as error:
            await self._engine.house.alerts.put("disk_full")
            raise Refusal("disk_full", str(error)) from error
        except (StoreError, SecretsError) as error:
            raise Refusal("store_error", str(error)) from error
        except AdapterError as error:
            raise Refusal("marketplace", error.message, code=error.code) from error

    async def _hello(self, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
        engine = self._engine
        shared = engine.house.data_dir.shared
        role = role_of(session.peer, engine.house.config.roles, owner_uid=os.geteuid(), shared=shared)
        if role is None:
            raise Refusal(
                "not_allowed",
                f"{session.operator} has no role here. An administrator adds one under [roles] "
                f"in {config_path(engine.house.data_dir)}.",
            )
        protocol, schema = optional_whole(message, "protocol"), optional_whole(message, "schema")
        if protocol is None or schema is None:
            raise Refusal("bad_request", "hello needs protocol and schema as whole numbers.")
        if protocol < PROTOCOL or schema < SCHEMA:
            raise Refusal(
                "cockpit_too_old",
                f"The engine is newer ({__version__}) than this program. Close it and start it again.",
            )
        if protocol > PROTOCOL or schema > SCHEMA:
            # Only somebody who could stop the engine anyway may make it give way.
            if role is Role.ADMIN:
                engine.stop("a newer program asked")
                raise Refusal(
                    "engine_too_old",
                    f"The engine ({__version__}) is older than this program. It finishes what is on its way and stops.",
                )
            raise Refusal(
                "engine_too_old",
                f"The engine ({__version__}) is older than this program. Ask an administrator to restart it.",
            )
        session.role = role
        return {
            "protocol": PROTOCOL,
            "schema": SCHEMA,
            "version": __version__,
            "operator": session.operator,
            "role": role.word,
            "pid": os.getpid(),
            "started_at": engine.started_at,
            "shared": shared,
            "hold_s": engine.house.config.engine.hold_s,
            "verbs": _verbs(engine, role),
        }


def _verbs(engine: Engine, role: Role) -> dict[str, Any]:
    """What can be ordered: by this role, and at each marketplace, with the reason where it can never be."""
    return {
        "allowed": [verb.value for verb in Verb if role >= least_role_for(verb)],
        "marketplaces": {
            market.name: {
                "can": [verb.value for verb in Verb if verb in market.desks],
                "never": {verb.value: [no.id, no.reason] for verb, no in market.never.items()},
                "reply": None if market.chat is None else asdict(market.chat.limits),
            }
            for market in engine.house.markets.values()
        },
    }
