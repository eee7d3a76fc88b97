"""What a quick reader makes of an answer is what the answer's model makes of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from shoptui.adapters import quick
from shoptui.adapters.lazada import wire as lazada_wire
from shoptui.adapters.quick import as_read, read_record, read_usual
from shoptui.adapters.records import Wire
from shoptui.adapters.shopee import parcels as shopee_parcels
from shoptui.adapters.shopee import wire as shopee_wire
from shoptui.adapters.tiktok import pages as tiktok_pages
from shoptui.adapters.tiktok import wire as tiktok_wire
from tests.adapters.lazada import support as lazada
from tests.adapters.lazada.sandboxed import house as lazada_house
from tests.adapters.pages import STRANGE, body_of, changed, places
from tests.adapters.shopee import support as shopee
from tests.adapters.shopee.sandboxed import house as shopee_house
from tests.adapters.tiktok import support as tiktok
from tests.adapters.tiktok.sandboxed import house as tiktok_house

#: What each marketplace answers with most, and the model that reads it.
_PAGES: dict[str, tuple[type[BaseModel], Any]] = {
    "tiktok orders": (tiktok_wire.OrdersAnswer, body_of(tiktok.page(tiktok.order(1), tiktok.order(2), total=2))),
    "shopee orders": (
        shopee_wire.WholeAnswer[shopee_wire.OrderDetails],
        body_of(shopee.ok({"order_list": [shopee.order("A"), shopee.order("B")]})),
    ),
    "shopee packages": (
        shopee_wire.WholeAnswer[shopee_parcels._Details],
        body_of(shopee.ok({"package_list": [shopee.package("P1"), shopee.package("P2")]})),
    ),
    "lazada orders": (
        lazada_wire.WholeAnswer[lazada_wire.WholeOrderList],
        body_of(lazada.ok({"orders": [lazada.order("1"), lazada.order("2")], "countTotal": 2})),
    ),
    "lazada items": (
        lazada_wire.WholeAnswer[list[lazada_wire.WholeItemsOfOrder]],
        body_of(lazada.ok([lazada.items_row(lazada.item("11")), lazada.items_row(lazada.item("12"))])),
    ),
}
#: Beside what is strange anywhere: what numbers, texts and answers to yes or no look like elsewhere.
_ODD = (*STRANGE, 0, 1, 7.0, 1e-5, 34000.0, -0.0, 2**63, "12", " 12", "007", "true", False, "abc\n", [None], [["x"]])


def _outcome(read: Any, model: type[BaseModel], body: bytes) -> Any:
    try:
        return as_read(read(model, body))
    except ValidationError as error:
        return [(fault["type"], fault["loc"]) for fault in error.errors()]


@pytest.mark.parametrize("name", _PAGES)
@given(data=st.data())
def test_both_readers_say_the_same_of_anything(name: str, data: st.DataObject) -> None:
    model, page = _PAGES[name]
    for _ in range(data.draw(st.integers(0, 3))):
        page = changed(page, data.draw(st.sampled_from(list(places(page)))), data.draw(st.sampled_from(_ODD)))
    body = json.dumps(page).encode()
    assert _outcome(read_record, model, body) == _outcome(lambda of, text: of.model_validate_json(text), model, body)


@pytest.mark.parametrize("name", _PAGES)
def test_a_usual_page_does_without_its_model(name: str) -> None:
    model, page = _PAGES[name]
    assert read_usual(model, json.dumps(page).encode()) is not None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code":"\xff"}', b"[" * 100_000, b'{"code":0} {}', b"NaN"])
def test_what_is_no_page_is_refused_as_its_model_refuses_it(body: bytes) -> None:
    for model, _ in _PAGES.values():
        with pytest.raises(ValidationError):
            read_record(model, body)


@pytest.mark.parametrize(
    ("module", "house"),
    [(tiktok_pages, tiktok_house), (shopee_wire, shopee_house), (lazada_wire, lazada_house)],
    ids=["tiktok", "shopee", "lazada"],
)
async def test_a_marketplace_s_own_pages_are_usual(module: Any, house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[bool] = []

    def reads(model: type[BaseModel], body: bytes) -> BaseModel:
        met.append(read_usual(model, body) is not None)
        return read_record(model, body)

    monkeypatch.setattr(module, "read_record", reads)
    async with house(orders=60) as at:
        assert await at.orders()
    assert met
    assert all(met)


class _Text(Wire):
    """With what only pydantic can do."""

    shouted: Annotated[str, AfterValidator(str.upper)]


class _Started(Wire):
    loose: Annotated[str, Field(pattern="abc")]


class _Twice(Wire):
    """With a model that it names several times."""

    first: shopee_wire.ListedOrder
    others: list[shopee_wire.ListedOrder] | None = None


def test_a_model_may_be_named_several_times() -> None:
    body = b'{"first":{"order_sn":"A"},"others":[{"order_sn":"B","order_status":"UNPAID"}]}'
    found = read_usual(_Twice, body)
    assert found is not None
    assert as_read(found) == _Twice.model_validate_json(body).model_dump()


class _Whole(Wire):
    number: Annotated[int, BeforeValidator(abs)]


@pytest.mark.parametrize("model", [_Text, _Started, _Whole])
def test_what_cannot_be_read_quickly_is_noticed_when_the_reader_is_made(model: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match="cannot be read quickly"):
        quick.read_usual(model, b"{}")
