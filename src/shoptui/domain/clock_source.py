"""What a clock's `source` text says: which field, rule or decision its time came from."""

from __future__ import annotations

from shoptui.domain.records import dataclass

_RULE = "rule:"
_OURS = "ours:"
_EXTENDED = "+rule:"


@dataclass(frozen=True, slots=True)
class ClockSource:
    """A source taken apart.

    `field` is the marketplace's own field with its `marketplace`, both "" for a clock of a rule or of the house.
    `rule_id` is the rule that gave the time, or the extension that was laid on top of a field; "" without one.
    `field_due_at` is what the field itself said before an extension moved it, None when nothing moved it.
    `ours` is what the house decided, "" otherwise.
    """

    marketplace: str = ""
    field: str = ""
    rule_id: str = ""
    field_due_at: int | None = None
    ours: str = ""


def read_source(source: str) -> ClockSource:
    """Take a clock's source apart; a text of no known form is read as the name of a field."""
    if source.startswith(_RULE):
        return ClockSource(rule_id=source[len(_RULE) :])
    if source.startswith(_OURS):
        return ClockSource(ours=source[len(_OURS) :])
    named, _, extended = source.partition(_EXTENDED)
    marketplace, colon, field = named.partition(":")
    if not colon:
        marketplace, field = "", named
    if not extended:
        return ClockSource(marketplace=marketplace, field=field)
    rule_id, _, due_at = extended.rpartition("@")
    return ClockSource(marketplace=marketplace, field=field, rule_id=rule_id, field_due_at=int(due_at))


def rule_source(rule_id: str) -> str:
    """The source of a clock the rule book computed."""
    return _RULE + rule_id


def extended_source(field_source: str, rule_id: str, field_due_at: int) -> str:
    """The source of a field's clock that an extension moved; it keeps the field's own time so that it can go back."""
    return f"{field_source}{_EXTENDED}{rule_id}@{field_due_at}"


def is_rule(source: str) -> bool:
    """True for a clock the rule book computed by itself."""
    return source.startswith(_RULE)


def is_ours(source: str) -> bool:
    """True for a clock the house decided."""
    return source.startswith(_OURS)


def is_extended(source: str) -> bool:
    """True for a field's clock that an extension moved."""
    return _EXTENDED in source
