"""Owns the requests that change the house's quick replies: one is put in or taken out, the file is written whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoptui.domain.templates import QuickReply, TemplateError, checked, with_reply
from shoptui.engine.fields import Refusal, mapping, text, texts, whole
from shoptui.engine.order_requests import audit
from shoptui.protocol import Changed
from shoptui.quick_replies import keep_quick_replies, load_quick_replies, quick_replies_path

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session


async def put_quick_reply(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Put a quick reply in place of that with its number and stores, or add it."""
    try:
        reply = checked(
            QuickReply(
                number=whole(message, "number"),
                name=text(message, "name"),
                texts={str(code): words for code, words in mapping(message, "texts").items()},
                stores=_stores(message),
            )
        )
    except TemplateError as error:
        raise Refusal("bad_reply", _sentence(error)) from error
    return await _write(engine, session, "put quick reply", reply)


async def delete_quick_reply(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take out the quick reply with a number and stores."""
    return await _write(
        engine, session, "delete quick reply", QuickReply(whole(message, "number"), "", {}, _stores(message))
    )


async def _write(engine: Engine, session: Session, what: str, reply: QuickReply) -> dict[str, Any]:
    path = quick_replies_path(engine.house.data_dir)
    await audit(engine, session, what, f"quick reply {reply.number}", " ".join(reply.stores))
    try:
        # Read anew every time: people edit the file as well. Nothing is awaited in between.
        before = load_quick_replies(path)
        after = with_reply(before, reply)
        if not reply.texts and len(after) == len(before):
            raise Refusal("unknown_reply", f"There is no quick reply {reply.number} for these stores.")
        keep_quick_replies(path, after)
    except TemplateError as error:
        raise Refusal("bad_reply", _sentence(error)) from error
    engine.house.hub.publish(Changed(stores=True))
    return {"count": len(after)}


def _stores(message: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(set(texts(message, "stores")))) if message.get("stores") else ()


def _sentence(error: TemplateError) -> str:
    said = str(error)
    return said if said.endswith((".", "?")) else f"{said}."
