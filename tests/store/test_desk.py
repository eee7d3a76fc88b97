"""Holds, claims, tags, notes and alerts."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from shoptui.domain.tags import normal_tag
from shoptui.queries.types import Alert
from shoptui.store.writer import Writer
from tests.store.factories import NOW

A, B = ("tt-th-1", "1"), ("tt-uk-1", "2")


async def test_a_hold_is_the_first_operators_until_released(writer: Writer) -> None:
    assert await writer.hold([A, B], "mei", True, NOW) == [A, B]
    assert await writer.hold([A], "an", True, NOW) == []
    assert await writer.held([A, B]) == {A: "mei", B: "mei"}
    assert await writer.hold([A], "an", False, NOW) == [A]
    assert await writer.held([A, B]) == {B: "mei"}


async def test_a_claim_is_taken_over_and_given_up_only_by_its_owner(writer: Writer) -> None:
    await writer.claim([A], "an", True, NOW)
    assert await writer.claim([A], "mei", False, NOW) == []
    assert await writer.claim([A], "mei", True, NOW) == [A]
    assert await writer.claim([A], "an", False, NOW) == []
    assert await writer.claim([A], "mei", False, NOW) == [A]


@pytest.mark.parametrize(
    ("typed", "kept"), [("Fragile", "fragile"), ("  two words ", "two-words"), ("易碎", "易碎"), ("", ""), (" \t", "")]
)
def test_a_tag_is_one_word(typed: str, kept: str) -> None:
    assert normal_tag(typed) == kept


async def test_tags_go_on_and_off(writer: Writer) -> None:
    assert await writer.tag([A, B], "Fragile", "mei", True, NOW) == [A, B]
    assert await writer.tag([A], "fragile", "an", True, NOW) == []
    assert await writer.tag([A], "FRAGILE", "an", False, NOW) == [A]
    with pytest.raises(ValueError, match="at least one letter"):
        await writer.tag([A], " ", "mei", True, NOW)


def alert(alert_id: str = "signed_out:tt-th-1", at: int = NOW, **args: str) -> Alert:
    return Alert(alert_id, "signed_out", at, MappingProxyType(args))


async def test_an_alert_stays_until_seen_or_over(writer: Writer) -> None:
    await writer.raise_alert(alert(store="tt-th-1"))
    await writer.raise_alert(alert(at=NOW + 60, store="tt-th-1", tries="2"))
    (standing,) = await writer.alerts()
    assert (standing.raised_at, dict(standing.args)) == (NOW, {"store": "tt-th-1", "tries": "2"})
    assert await writer.see_alert(standing.alert_id, "mei", NOW)
    assert not await writer.see_alert(standing.alert_id, "an", NOW)
    await writer.raise_alert(alert(at=NOW + 120))
    assert await writer.alerts() == []
    assert await writer.clear_alert(standing.alert_id)
    assert not await writer.clear_alert(standing.alert_id)
    await writer.raise_alert(alert(at=NOW + 180))
    assert [each.raised_at for each in await writer.alerts()] == [NOW + 180]
