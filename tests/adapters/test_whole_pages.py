"""A page read in one go says what it says when it is read record by record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import AdapterError
from shoptui.adapters.http import Answer, Call
from shoptui.adapters.lazada import orders as lazada_orders
from shoptui.adapters.lazada import wire as lazada_wire
from shoptui.adapters.quick import as_read
from shoptui.adapters.shopee import orders as shopee_orders
from shoptui.adapters.shopee import parcels as shopee_parcels
from shoptui.adapters.shopee import wire as shopee_wire
from tests.adapters.lazada import support as lazada
from tests.adapters.pages import STRANGE, body_of, changed, places
from tests.adapters.shopee import support as shopee


def _shopee_records(answer: Answer) -> list[Any]:
    rows = []
    for row in shopee_orders._read_rows(answer):
        try:
            rows.append((row.record or shopee_wire.OrderRecord.model_validate(row.raw()), row.packages))
        except ValueError:
            rows.append(("unreadable", json.dumps(row.raw())))
    return rows


#: What reads a page, and one to begin with.
_READERS: dict[str, tuple[Callable[[Answer], Any], Any]] = {
    "shopee orders": (_shopee_records, body_of(shopee.ok({"order_list": [shopee.order("A"), shopee.order("B")]}))),
    "shopee packages": (
        shopee_parcels._read_details,
        body_of(shopee.ok({"package_list": [shopee.package("P1"), shopee.package("P2")]})),
    ),
    "lazada orders": (
        lambda answer: lazada_orders._read_list(answer, lazada.STORE),
        body_of(lazada.ok({"orders": [lazada.order("1"), lazada.order("2")], "countTotal": 2})),
    ),
    "lazada items": (
        lambda answer: lazada_orders._read_items(answer, lazada.STORE),
        body_of(
            lazada.ok([lazada.items_row(lazada.item("11")), lazada.items_row(lazada.item("12"), lazada.item("13"))])
        ),
    ),
}


def _plain(found: Any) -> Any:
    """The same in dictionaries and lists, whichever way its records were read."""
    if isinstance(found, dict):
        return {name: _plain(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(value) for value in found]
    if is_dataclass(found):
        return {each.name: _plain(getattr(found, each.name)) for each in fields(found)}
    return as_read(found)


def _read(read: Callable[[Answer], Any], page: Any, status: int) -> Any:
    call = Call("GET", "http://api.test/x", endpoint="x", app="main", marketplace="m", feed="orders")
    try:
        return _plain(read(Answer(call, status, json.dumps(page).encode(), 0.0)))
    except AdapterError as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", _READERS)
@given(data=st.data())
def test_what_is_strange_in_a_page_is_told_alike(name: str, data: st.DataObject) -> None:
    read, page = _READERS[name]
    for _ in range(data.draw(st.integers(0, 2))):
        page = changed(page, data.draw(st.sampled_from(list(places(page)))), data.draw(st.sampled_from(STRANGE)))
    status = data.draw(st.sampled_from([200, 200, 200, 503]))
    quickly = _read(read, page, status)
    with pytest.MonkeyPatch.context() as patch:
        for module in (shopee_orders, shopee_parcels, lazada_orders):
            patch.setattr(module, "read_whole", lambda answer, model: None)
        assert quickly == _read(read, page, status)


@pytest.mark.parametrize(("name", "module"), [("shopee orders", shopee_orders), ("lazada items", lazada_orders)])
def test_a_usual_page_is_read_in_one_go(name: str, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read, page = _READERS[name]
    for slow in ("read_response", "read_raw"):
        monkeypatch.setattr(module, slow, None, raising=False)
    assert len(_read(read, page, 200)) >= 1


@pytest.mark.parametrize("wire", [shopee_wire, lazada_wire])
def test_what_is_no_page_is_left_to_be_looked_at(wire: Any) -> None:
    call = Call("GET", "http://api.test/x", endpoint="x", app="main", marketplace="m", feed="orders")
    for body in (b"", b"<html>", b"{}", b"[]", b'{"error":"x","code":"5"}', b'{"error":null,"code":0.0}'):
        assert wire.read_whole(Answer(call, 200, body, 0.0), wire.WholeAnswer[Any]) is None
