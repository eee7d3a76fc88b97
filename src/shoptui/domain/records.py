"""Dataclasses that are made quickly: what their methods do is written down when one is first called.

`dataclasses.dataclass` writes and compiles five to eight methods of every class while its module is imported, which was
a third of what importing the cockpit took, and few of them are called before the first rows are painted. All that a
cockpit is made of uses this one; engine, adapters and sandbox, which start once, need not.
"""

from __future__ import annotations

import dataclasses
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # To whoever checks types it is the usual one.
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, **options):
        """`dataclasses.dataclass` with the same options and outcome.

        Classes that inherit fields, have options besides `frozen`, `slots`, `eq` and `repr`, or forbid assignment by
        themselves are left to the original.
        """
        return _made(cls, **options) if cls is not None else lambda cls: _made(cls, **options)


def _made(
    cls: Any,
    *,
    frozen: bool = False,
    slots: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002  # as the original calls it
    **others: Any,
) -> Any:
    own = cls.__dict__
    unusual = others or (frozen and ("__setattr__" in own or "__delattr__" in own))
    if unusual or any(dataclasses.is_dataclass(base) for base in cls.__mro__[1:]):
        return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, repr=repr, **others)(cls)
    # Whoever writes __eq__ and no __hash__ has None there, put by Python.
    has_hash = "__hash__" in own and not (own["__hash__"] is None and "__eq__" in own)
    has = {name for name in ("__init__", "__repr__", "__eq__", "__getstate__") if name in own}
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
    if "__init__" not in has:
        made.__init__ = _Unwritten(made, "__init__")
    if repr and "__repr__" not in has:
        made.__repr__ = _repr
    if eq and "__eq__" not in has:
        made.__eq__ = _Unwritten(made, "__eq__")
    if eq and not has_hash:
        made.__hash__ = _Unwritten(made, "__hash__") if frozen else None
    if frozen:
        # What inherits from it asks whether it may be written to.
        made.__dataclass_params__.frozen = True
        _freeze(made)
        if slots and "__getstate__" not in has:
            made.__getstate__, made.__setstate__ = _state, _set_state
    return made


class _Unwritten:
    """Stands for a method of a class until somebody looks it up, and then puts the method in its place."""

    __slots__ = ("_home", "_name")

    def __init__(self, home: type, name: str) -> None:
        self._home, self._name = home, name

    def __get__(self, instance: object, owner: type) -> Any:
        # Two threads may both come here: they write the same.
        method = _WRITTEN[self._name](self._home)
        setattr(self._home, self._name, method)
        return method.__get__(instance, owner)


def _written(home: type, name: str, lines: list[str], known: dict[str, Any]) -> Any:
    exec("\n".join([f"def {name}({lines[0]}):", *(f"    {line}" for line in lines[1:])]), known)
    method = known[name]
    method.__qualname__, method.__module__ = f"{home.__qualname__}.{name}", home.__module__
    return method


def _init(home: Any) -> Any:
    fields = dataclasses.fields(home)
    frozen = home.__dataclass_params__.frozen
    known: dict[str, Any] = {"_set_": object.__setattr__, "_unset_": _UNSET}
    parameters = ["self"]
    by_name: list[str] = []
    lines: list[str] = []
    for field in fields:
        name = field.name
        default, value = "", name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_new_{name}"] = field.default_factory
            default = "=_unset_"
            value = f"_new_{name}() if {name} is _unset_ else {name}" if field.init else f"_new_{name}()"
        elif field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            default = f"=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif not field.init:
            # Left to `__post_init__`.
            continue
        if field.init:
            (by_name if field.kw_only else parameters).append(name + default)
        lines.append(f"_set_(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if by_name:
        parameters += ["*", *by_name]
    if hasattr(home, "__post_init__"):
        lines.append("self.__post_init__()")
    method = _written(home, "__init__", [", ".join(parameters), *(lines or ["pass"])], known)
    method.__annotations__ = {field.name: field.type for field in fields if field.init} | {"return": None}
    return method


class _Unset:
    def __repr__(self) -> str:
        return "<factory>"


_UNSET = _Unset()


def _eq(home: Any) -> Any:
    compared = [field.name for field in dataclasses.fields(home) if field.compare]
    return _written(
        home,
        "__eq__",
        [
            "self, other",
            "if other.__class__ is self.__class__:",
            f"    return {_values('self', compared)} == {_values('other', compared)}",
            "return NotImplemented",
        ],
        {},
    )


def _hash(home: Any) -> Any:
    hashed = [field.name for field in dataclasses.fields(home) if (field.compare if field.hash is None else field.hash)]
    return _written(home, "__hash__", ["self", f"return hash({_values('self', hashed)})"], {})


def _values(of: str, names: list[str]) -> str:
    return "(" + "".join(f"{of}.{name}, " for name in names) + ")"


_WRITTEN = {"__init__": _init, "__eq__": _eq, "__hash__": _hash}


@recursive_repr()
def _repr(self: Any) -> str:
    said = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({said})"


def _freeze(made: Any) -> None:
    names = frozenset(field.name for field in dataclasses.fields(made))

    def set_attribute(self: object, name: str, value: object) -> None:
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(made, self).__setattr__(name, value)

    def delete_attribute(self: object, name: str) -> None:
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(made, self).__delattr__(name)

    made.__setattr__, made.__delattr__ = set_attribute, delete_attribute


def _state(self: Any) -> list[Any]:
    """What a frozen record with slots is copied by: without it copying would assign to fields."""
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
