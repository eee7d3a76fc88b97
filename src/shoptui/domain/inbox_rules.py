"""The house's own rules for conversations: who gets which, and which are answered automatically; read from TOML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from shoptui.domain.language import LANGUAGES
from shoptui.domain.records import dataclass
from shoptui.domain.rule_reader import TableReader
from shoptui.domain.rule_types import RuleError
from shoptui.domain.templates import TemplateError, read_texts

_MATCH_KEYS = ("stores", "languages", "keywords")
_ASSIGN_KEYS = ("name", "to", *_MATCH_KEYS)
_AUTO_KEYS = ("name", "when", "text", *_MATCH_KEYS)
_OPERATOR_MAX = 64


class When(StrEnum):
    """When an automatic reply may go out: at any time, or only while nobody of the house is there."""

    ALWAYS = "always"
    OUTSIDE_HOURS = "outside_hours"


@dataclass(frozen=True, slots=True)
class Matching:
    """Which questions a rule is for; () means any.

    `stores` are patterns of store names, `languages` codes, `keywords` words of which one must be in the text.
    """

    stores: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignRule:
    """Who gets the conversations that match; several operators take turns."""

    name: str
    to: tuple[str, ...]
    matching: Matching = Matching()


@dataclass(frozen=True, slots=True)
class AutoReply:
    """A text that answers by itself what matches; `texts` is by language code."""

    name: str
    when: When
    texts: Mapping[str, str]
    matching: Matching = Matching()


_RuleT = TypeVar("_RuleT", AssignRule, AutoReply)


def read_assign_rules(tables: object, where: str) -> tuple[AssignRule, ...]:
    """The rules under `[[inbox.assign]]`, in the order in which they are tried. Raises RuleError."""
    found = []
    for reader in _readers(tables, where, "assign", _ASSIGN_KEYS):
        to = tuple(dict.fromkeys(reader.texts("to") or reader.must("to")))
        for operator in to:
            if len(operator) > _OPERATOR_MAX or any(char.isspace() for char in operator):
                raise reader.error(f"{operator[:20]!r} is no operator; write user names, as in to = ['mei', 'an']")
        found.append(AssignRule(reader.text("name"), to, _matching(reader)))
    return _named_once(found, where)


def read_auto_replies(tables: object, where: str) -> tuple[AutoReply, ...]:
    """The rules under `[[inbox.auto_reply]]`, in the order in which they are tried. Raises RuleError."""
    found = []
    for reader, table in zip(_readers(tables, where, "auto_reply", _AUTO_KEYS), _tables(tables), strict=True):
        when = reader.choice("when", When)
        matching = _matching(reader)
        if when is When.ALWAYS and not matching.keywords:
            raise reader.error("would answer every message; give it keywords, or when = 'outside_hours'")
        try:
            texts = read_texts(table.get("text"), reader.where, "inbox.auto_reply.text")
        except TemplateError as error:
            raise RuleError(str(error)) from error
        found.append(AutoReply(reader.text("name"), when, texts, matching))
    return _named_once(found, where)


def _tables(tables: object) -> Sequence[Mapping[str, object]]:
    return tables if isinstance(tables, list) and all(isinstance(table, dict) for table in tables) else ()


def _readers(tables: object, where: str, key: str, keys: tuple[str, ...]) -> list[TableReader]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError(f"{where}: inbox.{key} must be a list of tables; head each with [[inbox.{key}]]")
    return [
        TableReader(table, f"{where}: inbox.{key} {table.get('name', f'in place {place}')}", keys)
        for place, table in enumerate(tables, start=1)
    ]


def _matching(reader: TableReader) -> Matching:
    return Matching(
        stores=reader.texts("stores") or (),
        languages=reader.texts_of("languages", tuple(LANGUAGES)) or (),
        keywords=reader.texts("keywords") or (),
    )


def _named_once(rules: list[_RuleT], where: str) -> tuple[_RuleT, ...]:
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"{where}: the name {name!r} is given twice; rename or remove one")
    return tuple(rules)
