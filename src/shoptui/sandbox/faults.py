"""Faults on order: rules that match calls and the ways in which an answer then goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .reading import is_digits
from .world.dice import chance

FaultKind: TypeAlias = Literal[
    "latency",
    "status",
    "drop_before",
    "drop_after",
    "truncate",
    "not_json",
    "slow_body",
    "expired_token",
    "code",
]

_MATCH_KEYS = frozenset({"path", "method", "shop_id", "nth", "every", "probability", "times"})
_DO_KEYS = frozenset(
    {
        "latency_s",
        "status",
        "retry_after_s",
        "drop_before",
        "drop_after",
        "truncate",
        "not_json",
        "slow_body",
        "expired_token",
        "code",
        "message",
    }
)
_FLAGS: tuple[FaultKind, ...] = (
    "drop_before",
    "drop_after",
    "truncate",
    "not_json",
    "expired_token",
)
_DEFAULT_SLOW_S = 0.2


class FaultError(ValueError):
    """A fault rule cannot be understood."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call. `seconds` is wire time (latency, or the length of a slow body).

    An error code is kept as given in `word`, and in `number` too when it is one.
    """

    kind: FaultKind
    seconds: float = 0.0
    number: int = 0
    word: str = ""
    retry_after_s: int | None = None
    message: str = ""


@dataclass(slots=True)
class Rule:
    """Which calls fail. Of those that match, the `nth` alone, each `every`-th, or a seeded share; `times` caps it."""

    fault: Fault
    path: re.Pattern[str] | None = None
    method: str = ""
    shop_id: str = ""
    nth: int = 0
    every: int = 0
    probability: float = 1.0
    times: int | None = None
    seen: int = 0
    hits: int = 0

    def fires(self, method: str, path: str, shop_id: str, seed: int, number: int) -> bool:
        """Whether this call goes wrong; counts the call either way."""
        if (
            (self.method and method != self.method)
            or (self.shop_id and shop_id != self.shop_id)
            or (self.path is not None and self.path.search(path) is None)
        ):
            return False
        self.seen += 1
        if self.times is not None and self.hits >= self.times:
            return False
        if self.nth and self.seen != self.nth:
            return False
        if self.every and self.seen % self.every:
            return False
        if self.probability < 1 and chance(seed, "fault", number, self.seen) >= self.probability:
            return False
        self.hits += 1
        return True


class FaultBox:
    """The rules in force, first match wins."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rules: list[Rule] = []

    def replace(self, rules: Iterable[Any]) -> None:
        """Put other rules in force, or none of them. Raises FaultError naming the first bad one."""
        self._rules = [_read(rule, number) for number, rule in enumerate(rules)]

    def clear(self) -> None:
        self._rules = []

    def pick(self, method: str, path: str, shop_id: str) -> Fault | None:
        """The fault for a call, None when it goes well."""
        for number, rule in enumerate(self._rules):
            if rule.fires(method, path, shop_id, self._seed, number):
                return rule.fault
        return None

    def report(self) -> list[dict[str, object]]:
        """How often each rule matched and fired."""
        return [{"kind": rule.fault.kind, "seen": rule.seen, "hits": rule.hits} for rule in self._rules]


def _read(raw: Any, number: int) -> Rule:
    where = f"Fault rule {number}"
    if not isinstance(raw, dict) or not isinstance(raw.get("do"), dict):
        raise FaultError(f"{where} needs the form {{'match': {{…}}, 'do': {{…}}}}.")
    match = raw.get("match") or {}
    if not isinstance(match, dict):
        raise FaultError(f"{where}: 'match' must be an object.")
    for given, known, part in ((match, _MATCH_KEYS, "match"), (raw["do"], _DO_KEYS, "do")):
        unknown = sorted(set(given) - known)
        if unknown:
            raise FaultError(f"{where}: {part} knows no {unknown[0]!r}, use one of {', '.join(sorted(known))}.")
    rule = Rule(fault=_read_fault(raw["do"], where))
    if match.get("path"):
        try:
            rule.path = re.compile(str(match["path"]))
        except re.error as error:
            raise FaultError(f"{where}: path is no regular expression ({error}).") from error
    rule.method = str(match.get("method") or "").upper()
    rule.shop_id = str(match.get("shop_id") or "")
    rule.nth = _whole(match, "nth", where)
    rule.every = _whole(match, "every", where)
    if match.get("times") is not None:
        rule.times = _whole(match, "times", where)
    share = match.get("probability", 1.0)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise FaultError(f"{where}: probability must be a number from 0 to 1.")
    rule.probability = float(share)
    return rule


def _read_fault(do: dict[str, Any], where: str) -> Fault:
    chosen = [key for key in do if key not in ("retry_after_s", "message")]
    if len(chosen) != 1:
        raise FaultError(f"{where}: 'do' needs exactly one of {', '.join(sorted(_DO_KEYS))}.")
    key = chosen[0]
    value = do[key]
    if key == "latency_s":
        return Fault("latency", seconds=_seconds(value, where))
    if key == "slow_body":
        return Fault("slow_body", seconds=_DEFAULT_SLOW_S if value is True else _seconds(value, where))
    if key in _FLAGS:
        if value is not True:
            raise FaultError(f"{where}: {key} takes the value true.")
        return Fault(key)
    retry_after_s = _whole(do, "retry_after_s", where) if do.get("retry_after_s") is not None else None
    message = str(do.get("message") or "")
    if isinstance(value, str) and key == "code" and value:
        number = int(value) if is_digits(value) else 0
        return Fault("code", number=number, word=value, retry_after_s=retry_after_s, message=message)
    number = _whole(do, key, where)
    if key == "status" and not 400 <= number <= 599:
        raise FaultError(f"{where}: status must be from 400 to 599.")
    if key == "status":
        return Fault("status", number=number, retry_after_s=retry_after_s, message=message)
    return Fault("code", number=number, word=str(number), retry_after_s=retry_after_s, message=message)


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 600:
        raise FaultError(f"{where}: seconds must be a number from 0 to 600.")
    return float(value)


def _whole(source: dict[str, Any], key: str, where: str) -> int:
    value = source.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FaultError(f"{where}: {key} must be a whole number of at least 0.")
    return value
