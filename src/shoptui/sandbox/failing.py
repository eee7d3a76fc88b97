"""What a call ends with instead of data, and the codes a family of operations has for the world's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .world.refusal import Reason, Refused

Code = TypeVar("Code", int, str)


class CallError(Exception, Generic[Code]):
    """A call ends with a code of its marketplace and a text."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Dialect(Generic[Code]):
    """The codes one family of operations gives for the world's refusals; `other` is for those without their own."""

    codes: Mapping[Reason, Code]
    other: Code

    def code(self, reason: Reason) -> Code:
        return self.codes.get(reason, self.other)

    def of(self, refused: Refused) -> Code:
        return self.code(refused.reason)
