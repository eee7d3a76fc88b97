"""Roles: who gets which, and that every request has a least one."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from shoptui.engine.peer import Peer, peer_of
from shoptui.engine.requests import _HANDLERS
from shoptui.engine.roles import LEAST_ROLE, Role, role_of

CONFIGURED = {"mei": "manager", "@packers": "packer", "@chat": "agent", "an": "viewer"}


def peer(user: str, *groups: str, uid: int = 1001) -> Peer:
    return Peer(pid=1, uid=uid, user=user, groups=groups, terminal="")


@pytest.mark.parametrize(
    ("who", "shared", "role"),
    [
        (peer("mei", "packers"), True, Role.MANAGER),
        (peer("bo", "packers"), True, Role.PACKER),
        (peer("bo", "packers", "chat"), True, Role.AGENT),
        # Somebody's own entry decides, also downwards.
        (peer("an", "packers", "chat"), True, Role.VIEWER),
        (peer("eve", "users"), True, None),
        (peer("owner", uid=500), False, Role.ADMIN),
        # In a shared house the engine runs as a service user: to be it means nothing.
        (peer("owner", uid=500), True, None),
        (peer("root", uid=0), True, Role.ADMIN),
    ],
)
def test_role(who: Peer, shared: bool, role: Role | None) -> None:
    assert role_of(who, CONFIGURED, owner_uid=500, shared=shared) is role


def test_every_request_has_a_least_role() -> None:
    assert set(LEAST_ROLE) == {*_HANDLERS, "hello"}


def test_the_kernel_says_who_is_there() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        found = peer_of(ours)
    assert (found.pid, found.uid) == (os.getpid(), os.getuid())
    assert found.user and found.origin


def test_the_protocols_page_lists_every_request_with_its_least_role() -> None:
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\w+) \|$", page, re.MULTILINE)
    assert dict(rows) == {do: role.word for do, role in LEAST_ROLE.items()}
