"""Records that are made quickly are the same frozen records."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from shoptui.domain.making import quickly_made
from shoptui.domain.money import Money
from shoptui.domain.orders import Flag, HistoryEvent, Line, Order, Package, Recipient, ShippingType, Status

_MONEY = Money(100, "THB")
_LINE = Line("l1", "SKU", "7", "Bag", "red", 2, _MONEY, Status.TO_SHIP, "READY")
_ORDER = Order(
    "th-1", "42", Status.TO_SHIP, "READY", 5, 6, _MONEY, (_LINE,), (Package("p", Status.TO_SHIP, ""),), flags=Flag.GIFT
)


@pytest.mark.parametrize("record", [_ORDER, _LINE, _MONEY, Recipient("a"), HistoryEvent(5, "paid")])
def test_nothing_of_a_record_can_be_changed(record: object) -> None:
    name = next(iter(type(record).__slots__))  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        setattr(record, name, None)
    with pytest.raises(FrozenInstanceError):
        delattr(record, name)
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        record.something_else = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("record", [_ORDER, _LINE, _MONEY, Recipient("a"), HistoryEvent(5, "paid")])
def test_copies_are_equal_and_of_the_same_class(record: object) -> None:
    for other in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record)), replace(record)):  # type: ignore[type-var]
        assert other == record and type(other) is type(record) and hash(other) == hash(record)
        assert repr(other) == repr(record)


def test_defaults_and_names_are_those_of_the_fields() -> None:
    bare = Order("th-1", "42", Status.TO_SHIP, "READY", 5, 6, _MONEY)
    assert (bare.lines, bare.flags, bare.paid_at, bare.shipping_type) == ((), Flag.NONE, None, ShippingType.UNKNOWN)
    assert bare == Order(
        order_no="42",
        store_id="th-1",
        raw_status="READY",
        status=Status.TO_SHIP,
        total=_MONEY,
        updated_at=6,
        created_at=5,
    )
    assert replace(_ORDER, buyer_note="hello") != _ORDER


@pytest.mark.parametrize(
    "arguments",
    [((), {}), ((1, "a", (), 4), {}), ((1,), {"number": 2}), ((1,), {"nobody": 2})],
)
def test_wrong_arguments_are_refused_as_ever(arguments: tuple[tuple[object, ...], dict[str, object]]) -> None:
    given, named = arguments
    for cls in (_fresh(), quickly_made(_fresh()), Money):
        with pytest.raises(TypeError):
            cls(*given, **named)


def test_the_signature_is_that_of_the_dataclass() -> None:
    made = inspect.signature(quickly_made(_fresh())).parameters
    usual = inspect.signature(_fresh()).parameters
    assert [(each.name, each.default) for each in made.values()] == [
        (each.name, each.default) for each in usual.values()
    ]


def _fresh() -> type[object]:
    @dataclass(frozen=True, slots=True)
    class Fresh:
        number: int
        name: str = "nobody"
        more: tuple[int, ...] = ()

    return Fresh


def test_records_with_more_to_them_are_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class WithFactory:
        rows: list[int] = field(default_factory=list)

    @dataclass(frozen=True, slots=True)
    class WithCheck:
        number: int

        def __post_init__(self) -> None:
            raise ValueError

    @dataclass(frozen=True)
    class WithoutSlots:
        number: int

    @dataclass(frozen=True, slots=True)
    class Heir(Money):
        more: int

    for cls in (WithFactory, WithCheck, WithoutSlots, Heir):
        with pytest.raises(TypeError):
            quickly_made(cls)
