"""Frozen records that are made quickly.

A frozen dataclass sets each field by a call that gets round its own prohibition. Records that are made by the hundred
thousand, such as orders and their parts, are filled in as instances of a twin class that may be written to, and become
what they are when all is in, which takes a fifth to a half of the time.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quickly_made(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots a quicker `__init__` of the same signature.

    For plain fields only: raises TypeError for default factories, fields that are no parameters, keyword-only ones, a
    `__post_init__` or slots besides the fields, none of which such a record has.
    """
    own = fields(cls)  # type: ignore[arg-type]
    names = tuple(field.name for field in own)
    plain = all(field.init and not field.kw_only and field.default_factory is MISSING for field in own)
    if not plain or hasattr(cls, "__post_init__") or getattr(cls, "__slots__", None) != names:
        raise TypeError(f"{cls.__name__} has more to it than plain fields")
    known: dict[str, Any] = {
        "_set": object.__setattr__,
        "_made": cls,
        "_making": type(f"{cls.__name__}InTheMaking", (), {"__slots__": names}),
        **{f"_default_{field.name}": field.default for field in own if field.default is not MISSING},
    }
    given = [name if f"_default_{name}" not in known else f"{name}=_default_{name}" for name in names]
    lines = [
        f"def __init__(self, {', '.join(given)}):",
        "    _set(self, '__class__', _making)",
        *(f"    self.{name} = {name}" for name in names),
        "    self.__class__ = _made",
    ]
    exec("\n".join(lines), known)
    made = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    made.__annotations__ = {field.name: field.type for field in own} | {"return": None}
    cls.__init__ = made  # type: ignore[method-assign]
    return cls
