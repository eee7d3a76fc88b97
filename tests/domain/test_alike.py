"""Suggestions: a slip gets the word that was meant, another word gets none."""

from __future__ import annotations

import pytest

from shoptui.domain.alike import meant

ROLES = ("viewer", "packer", "agent", "manager", "admin")


@pytest.mark.parametrize(
    ("typed", "near"), [("manger", "manager"), ("Viewr", "viewer"), ("boss", ""), ("owner", ""), ("", "")]
)
def test_only_what_is_alike_is_named(typed: str, near: str) -> None:
    assert meant(typed, ROLES) == near


def test_the_known_word_comes_in_its_own_case() -> None:
    assert meant("th", ["TH", "VN"]) == "TH"


def test_how_alike_they_must_be_can_be_said() -> None:
    assert meant("viewr", ROLES, at_least=0.99) == ""
