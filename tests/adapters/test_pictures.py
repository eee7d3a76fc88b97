"""Pictures for refusing goods that came back, at each marketplace over HTTP: handed in whole, named by the refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest

from shoptui.adapters.base import AdapterError, Unsupported, Verdict
from shoptui.domain.returns import ReturnAnswer
from shoptui.sandbox.world.returns_model import ReturnCase
from tests.adapters.lazada import sandboxed as lazada
from tests.adapters.returning import answer, give, read_back
from tests.adapters.sandboxed import House
from tests.adapters.shopee import sandboxed as shopee
from tests.adapters.tiktok import sandboxed as tiktok

MB = 1024 * 1024
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"
#: What might be taken for the end of a part.
AWKWARD = b"\r\n--\r\n--x--\r\n\x00" + bytes(range(256))


@dataclass(frozen=True)
class Market:
    """How goods that came back are refused at a marketplace (`said`), and what its pictures may be."""

    house: Callable[..., AbstractAsyncContextManager[House]]
    region: str
    path: str
    most_mb: int
    said: dict[str, Any] = field(default_factory=dict)


MARKETS = {
    "tiktok": Market(tiktok.house, "VN", "/images/upload", 10, {"reason_id": "reverse_reject_return_parcel_reason_1"}),
    "shopee": Market(shopee.house, "MY", "/returns/convert_image", 10, {"reason_id": "47", "comment": "Broken."}),
    "lazada": Market(lazada.house, "MY", "/image/upload", 2, {"reason_id": "10000901", "comment": "It was washed."}),
}


@dataclass(frozen=True)
class Place:
    """A store with goods that came back, and what of it the tests ask."""

    market: Market
    at: House
    return_id: str

    async def upload(self, name: str, content: bytes) -> str | Unsupported:
        return await self.at.returns.upload(self.at.store, await self.at.returned(self.return_id), name, content)

    async def refuse(self, *links: str) -> Verdict:
        said = {**self.market.said, "pictures": links}
        return (await give(self.at, answer(self.return_id, ReturnAnswer.GOODS_REFUSED, **said)))[0]

    @property
    def kept(self) -> list[int]:
        """The sizes of the pictures the marketplace has, in the order they came."""
        return list(self.at.sandbox.world.returns.pictures.values())

    @property
    def case(self) -> ReturnCase:
        world = self.at.sandbox.world
        case = world.returns.case_of(world.stores[self.at.store.shop_id], self.return_id)
        assert case is not None
        return case


@pytest.fixture(params=sorted(MARKETS))
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    market = MARKETS[request.param]
    async with market.house(regions=(market.region,), orders=60) as at:
        at.watch(market.path)
        yield Place(market, at, at.asks("return", stage="arrived"))


async def test_pictures_arrive_whole_and_stand_in_the_refusal(place: Place) -> None:
    most = place.market.most_mb * MB
    contents = [PNG + AWKWARD, JPEG + AWKWARD * 9, JPEG + bytes(most - len(JPEG))]
    # What a picture is called says nothing of what it is.
    names = ["box", 'tom & "jerry"\r\nx: y\u00e4.jpeg', "C:\\photos\\1.PNG"]
    links = [await place.upload(name, content) for name, content in zip(names, contents, strict=True)]
    assert place.kept == [len(content) for content in contents]
    assert await place.refuse(*map(str, links)) is Verdict.DONE
    assert set(place.case.refusal_pictures) == set(place.at.sandbox.world.returns.pictures)
    request = answer(place.return_id, ReturnAnswer.GOODS_REFUSED, **place.market.said)
    assert await read_back(place.at, request) is Verdict.DONE


async def test_what_no_marketplace_takes_is_not_handed_in(place: Place) -> None:
    for name, content in (
        ("film.gif", b"GIF89a" + bytes(40)),
        ("box.png", b"RIFF\x24\x00\x00\x00WEBPVP8 "),
        ("box.jpg", b"<html>\xff\xd8\xff</html>"),
        ("box.jpeg", b"\x89PNG"),
        ("box.png", b""),
        ("", b"MZ\x90"),
    ):
        refusal = await place.upload(name, content)
        assert isinstance(refusal, Unsupported) and refusal.id == "picture_format"
        assert refusal.reason.startswith(name or "This file")
    refusal = await place.upload("box.png", PNG + bytes(place.market.most_mb * MB))
    assert isinstance(refusal, Unsupported) and refusal.id == "picture_size"
    assert f"{place.market.most_mb} MB" in refusal.reason
    assert place.at.seen() == [0]


async def test_a_lost_picture_is_handed_in_again_and_answers_nothing(place: Place) -> None:
    path = place.market.path
    for fate, kept in (("drop_after", 2), ("drop_before", 3)):
        place.at.sandbox.faults.replace([{"match": {"path": path, "times": 1}, "do": {fate: True}}])
        assert isinstance(await place.upload("box.png", PNG), str)
        assert len(place.kept) == kept
    place.at.sandbox.faults.replace([{"match": {"path": path}, "do": {"status": 500}}])
    with pytest.raises(AdapterError):
        await place.upload("box.png", PNG)
    assert len(place.kept) == 3
    assert not place.at.effects() and not place.case.refusal_pictures


async def test_a_refusal_with_a_foreign_picture_is_not_taken(place: Place) -> None:
    link = str(await place.upload("box.png", PNG))
    assert await place.refuse(link, link.replace("0", "7", 1)) is Verdict.REFUSED
    assert not place.case.refusal_pictures
    assert place.case.is_open
