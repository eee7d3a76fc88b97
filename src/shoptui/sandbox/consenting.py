"""The parts that every marketplace's page of consents is made of: its form, what was sent, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from .world.model import Store

QUESTION = "Let the app work on your shops?"

_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"


def page(title: str, body: str, status: int = 200) -> Response:
    """A page with a heading; `title` is text, `body` is HTML."""
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)


def arrived() -> Response:
    """The page at the callback address of an app that registered nothing of its own."""
    return page("Done", "<p>Copy the address of this page and paste it into the program that sent you here.")


def unchanged() -> Response:
    """The page after a refusal, where the marketplace sends nobody back."""
    return page("Nothing has changed", "<p>You may close this page.")


def no_shop() -> Response:
    """The page after a form without a shop, or with one that was not shown."""
    return page("No shop", "<p>Tick at least one of the shops shown.", 400)


def form(stores: Iterable[Store], agree: str, refuse: str) -> str:
    """A tick for each shop and two buttons with these words."""
    shops = "".join(
        f'<p><label><input type=checkbox name=shop_id value="{escape(store.id)}"> '
        f"{escape(store.name)} ({escape(store.region)})</label>"
        for store in stores
    )
    buttons = f"<button name=answer value=agree>{agree}</button> <button name=answer value=refuse>{refuse}</button>"
    return f"<form method=post>{shops}<p>{buttons}</form>"


def read_form(body: bytes) -> list[str] | None:
    """The ids ticked, each once in their order; None when the seller did not agree."""
    sent = parse_qsl(body.decode("utf-8", "replace"))
    if ("answer", "agree") not in sent:
        return None
    return list(dict.fromkeys(value for name, value in sent if name == "shop_id"))


def is_on_this_machine(target: str) -> bool:
    """Whether an address is of this machine, by any of its names: for that alone the sandbox's apps are registered."""
    return urlsplit(target).hostname in _OWN_NAMES


def back(target: str, pairs: list[tuple[str, str]]) -> Response:
    """The way back to the app, with these pairs added to whatever its address asks already."""
    parts = urlsplit(target)
    query = "&".join(part for part in (parts.query, urlencode(pairs)) if part)
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 302)
