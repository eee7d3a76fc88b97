"""Owns who may do what: the five roles, how an OS user gets one, and the least role of each request."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from shoptui.domain.intents import Verb
from shoptui.domain.verb_roles import least_role_word
from shoptui.engine.peer import Peer


class Role(IntEnum):
    """Each role may do all that the lower ones may."""

    VIEWER = 1
    PACKER = 2
    AGENT = 3
    MANAGER = 4
    ADMIN = 5

    @property
    def word(self) -> str:
        return self.name.lower()


ROLE_WORDS: Mapping[str, Role] = {role.word: role for role in Role}

#: The least role for every request. A request that is missing here is refused to everybody.
LEAST_ROLE: Mapping[str, Role] = {
    "hello": Role.VIEWER,
    "subscribe": Role.VIEWER,
    "status": Role.VIEWER,
    "verify_audit": Role.VIEWER,
    "sync_now": Role.PACKER,
    "order": Role.PACKER,
    "judge": Role.PACKER,
    "choices": Role.PACKER,
    "printers": Role.VIEWER,
    "documents": Role.PACKER,
    "unprint": Role.PACKER,
    "take_back": Role.PACKER,
    "ack": Role.PACKER,
    "retry": Role.PACKER,
    "drop": Role.PACKER,
    "settle": Role.PACKER,
    "hold": Role.PACKER,
    "claim": Role.PACKER,
    "tag": Role.PACKER,
    "note": Role.PACKER,
    "handover": Role.PACKER,
    "order_refresh": Role.PACKER,
    "tracking": Role.PACKER,
    "see_alert": Role.PACKER,
    "return_refresh": Role.PACKER,
    "return_needs": Role.AGENT,
    "return_picture": Role.AGENT,
    "check_in": Role.PACKER,
    "stock_count": Role.AGENT,
    "stock_rule": Role.AGENT,
    "stock_refresh": Role.PACKER,
    "push_undecided": Role.VIEWER,
    "reveal": Role.AGENT,
    "assign": Role.AGENT,
    "escalate": Role.AGENT,
    "snooze": Role.AGENT,
    "thread_done": Role.AGENT,
    "thread_note": Role.AGENT,
    "claim_thread": Role.AGENT,
    "link_order": Role.AGENT,
    "open_thread": Role.AGENT,
    "thread_refresh": Role.VIEWER,
    "put_quick_reply": Role.AGENT,
    "delete_quick_reply": Role.AGENT,
    "make_dispute": Role.AGENT,
    "set_dispute": Role.AGENT,
    "mark_verified": Role.MANAGER,
    "withdraw_marks": Role.MANAGER,
    "pause_store": Role.MANAGER,
    "backup": Role.ADMIN,
    "erase_buyer": Role.ADMIN,
    "apps": Role.ADMIN,
    "app_add": Role.ADMIN,
    "app_remove": Role.ADMIN,
    "sign_in_begin": Role.ADMIN,
    "sign_in_code": Role.ADMIN,
    "store_add": Role.ADMIN,
    "store_rename": Role.ADMIN,
    "store_remove": Role.ADMIN,
    "stop": Role.ADMIN,
}


def least_role_for(verb: Verb) -> Role:
    """The least role that may order the verb, order it again, give it up or decide what became of it."""
    return ROLE_WORDS[least_role_word(verb)]


def role_of(peer: Peer, configured: Mapping[str, str], *, owner_uid: int, shared: bool) -> Role | None:
    """The peer's role, None when it has none and is refused.

    `configured` maps an OS user or `@group` to a role's word. A user's own entry decides; otherwise the highest of the
    groups'. In the personal arrangement the engine's own user is the admin, whatever is configured; root is always.
    """
    if peer.uid == 0 or (peer.uid == owner_uid and not shared):
        return Role.ADMIN
    if own := configured.get(peer.user):
        return ROLE_WORDS[own]
    by_group = [ROLE_WORDS[configured[f"@{group}"]] for group in peer.groups if f"@{group}" in configured]
    return max(by_group, default=None)
