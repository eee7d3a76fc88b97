"""Quick replies: texts with `{variables}` per language and store, read, chosen, filled in and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType

from shoptui.domain.alike import meant
from shoptui.domain.language import LANGUAGES
from shoptui.domain.records import dataclass

#: What a variable is filled with, in English, for help.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "buyer": "the buyer's name as chat shows it",
        "order": "the order's number",
        "tracking": "the parcel's tracking number",
        "eta": "when the parcel should arrive",
        "carrier": "who brings the parcel",
        "items": "what was bought",
        "store": "the store's name",
        "return_address": "where returns are sent",
        "van": "when parcels leave the house today",
    }
)

NUMBERS = range(1, 100)
NAME_MAX = 40
TEXT_MAX = 2000

_VARIABLE = re.compile(r"\{([A-Za-z_]+)\}")
_REPLY_KEYS = ("number", "name", "stores", "text")


class TemplateError(ValueError):
    """A quick reply that cannot be used; the sentence names the place and what to do."""


@dataclass(frozen=True, slots=True)
class QuickReply:
    """One quick reply. `texts` is by language code; `stores` are patterns of store names, () for every store."""

    number: int
    name: str
    texts: Mapping[str, str]
    stores: tuple[str, ...] = ()

    def serves(self, store_id: str) -> bool:
        return not self.stores or any(store_serves(pattern, store_id) for pattern in self.stores)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template with its values filled in, or "" and the names of the variables that have no value."""

    text: str
    missing: tuple[str, ...] = ()


def store_serves(pattern: str, store_id: str) -> bool:
    """Whether a pattern of `*` and `?` is for a store; the marketplace in front of its name may be left out."""
    _, _, behind = store_id.partition("-")
    folded = pattern.casefold()
    return fnmatchcase(store_id, folded) or (behind != "" and fnmatchcase(behind, folded))


def variables_of(text: str) -> tuple[str, ...]:
    """The variables of a template, each once, in the order in which they come."""
    return tuple(dict.fromkeys(match.casefold() for match in _VARIABLE.findall(text)))


def unknown_variables(text: str) -> tuple[str, ...]:
    """What stands in braces like a variable but is none."""
    return tuple(name for name in variables_of(text) if name not in VARIABLES)


def render(text: str, values: Mapping[str, str]) -> Rendered:
    """Fill in a template. A value that is missing or blank is named instead, and nothing is filled in then.

    Values are put in as they are: braces in a buyer's name are no variables. Other braces stay.
    """
    missing = tuple(name for name in variables_of(text) if not values.get(name, "").strip())
    if missing:
        return Rendered("", missing)
    return Rendered(_VARIABLE.sub(lambda match: values[match[1].casefold()].strip(), text))


def replies_for(replies: Iterable[QuickReply], store_id: str) -> tuple[QuickReply, ...]:
    """The quick replies of a store by number. Of several with one number, one that names stores comes first."""
    chosen: dict[int, QuickReply] = {}
    for reply in replies:
        if reply.serves(store_id) and (
            reply.number not in chosen or (reply.stores and not chosen[reply.number].stores)
        ):
            chosen[reply.number] = reply
    return tuple(chosen[number] for number in sorted(chosen))


def text_for(reply: QuickReply, languages: Sequence[str]) -> tuple[str, str]:
    """The language and the text of a quick reply: the first wanted language it has, else English, else its first."""
    return pick_text(reply.texts, languages)


def pick_text(texts: Mapping[str, str], languages: Sequence[str]) -> tuple[str, str]:
    """As `text_for`, of texts by language code, of which there is at least one."""
    for code in (*languages, "en"):
        if code in texts:
            return code, texts[code]
    return next(iter(texts.items()))


def read_quick_replies(data: Mapping[str, object], file: str) -> tuple[QuickReply, ...]:
    """Read what a file's TOML holds; `file` is the name shown in errors. Raises TemplateError."""
    _known(data, ("reply",), file)
    tables = data.get("reply", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TemplateError(f"{file}: reply must be a list of tables; head each with [[reply]]")
    replies: list[QuickReply] = []
    for place, table in enumerate(tables, start=1):
        reply = _reply(table, f"{file}: reply {table.get('number', f'in place {place}')}")
        if any(_collide(reply, other) for other in replies):
            raise TemplateError(
                f"{file}: reply {reply.number} is there twice for the same stores; give one another number, or stores"
            )
        replies.append(reply)
    return tuple(replies)


def checked(reply: QuickReply, file: str = "") -> QuickReply:
    """A quick reply made elsewhere, as reading it from a file would give it. Raises TemplateError."""
    table: dict[str, object] = {"number": reply.number, "name": reply.name, "text": dict(reply.texts)}
    if reply.stores:
        table["stores"] = list(reply.stores)
    return _reply(table, f"{file}: reply {reply.number}" if file else f"Reply {reply.number}")


def with_reply(replies: Iterable[QuickReply], reply: QuickReply) -> tuple[QuickReply, ...]:
    """The replies with one put in place of that with its number and stores, or added; without texts it is removed."""
    kept = [other for other in replies if not _collide(reply, other)]
    if reply.texts:
        kept.append(reply)
    return tuple(sorted(kept, key=lambda each: (each.number, each.stores)))


def quick_replies_toml(replies: Iterable[QuickReply]) -> str:
    """The content of a file that reads back to the same replies."""
    parts = [
        "# Quick replies. Variables: " + " ".join(f"{{{name}}}" for name in VARIABLES) + "\n"
        "# Languages: " + " ".join(LANGUAGES) + '; stores = ["sp-*"] limits a reply to some stores.\n'
    ]
    for reply in replies:
        lines = ["", "[[reply]]", f"number = {reply.number}", f"name = {_quoted(reply.name)}"]
        if reply.stores:
            lines.append(f"stores = [{', '.join(map(_quoted, reply.stores))}]")
        lines.append("[reply.text]")
        lines.extend(f"{code} = {_quoted(text)}" for code, text in reply.texts.items())
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _reply(table: Mapping[str, object], where: str) -> QuickReply:
    _known(table, _REPLY_KEYS, where)
    number = table.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number not in NUMBERS:
        raise TemplateError(f"{where}: number must be a whole number from {NUMBERS[0]} to {NUMBERS[-1]}")
    name = table.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_MAX or "\n" in name:
        raise TemplateError(f'{where}: give it a name of at most {NAME_MAX} characters, as in name = "ships today"')
    stores = table.get("stores", [])
    if not isinstance(stores, list) or not all(isinstance(each, str) and each.strip() for each in stores):
        raise TemplateError(f'{where}: stores must be a list of names, as in stores = ["sp-*"]')
    texts = read_texts(table.get("text"), where, "reply.text")
    return QuickReply(number, name.strip(), texts, tuple(sorted(set(stores))))


def read_texts(texts: object, where: str, head: str) -> Mapping[str, str]:
    """Texts by language code from a table headed `[head]`. Raises TemplateError."""
    if not isinstance(texts, dict) or not texts:
        raise TemplateError(f'{where}: give it a text, as in [{head}] and below en = "Your order {{order}} ships."')
    for code, text in texts.items():
        _check_text(code, text, where)
    return MappingProxyType(dict(texts))


def _check_text(code: str, text: object, where: str) -> None:
    if code not in LANGUAGES:
        raise TemplateError(f"{where}: {code!r} is no language; use one of {', '.join(LANGUAGES)}")
    if not isinstance(text, str) or not text.strip():
        raise TemplateError(f"{where}: the text in {code} must be a text in quotes that is not empty")
    if len(text) > TEXT_MAX:
        raise TemplateError(f"{where}: the text in {code} has {len(text)} characters; at most {TEXT_MAX} fit")
    for name in unknown_variables(text):
        near = meant(name, VARIABLES)
        hint = f"did you mean {{{near}}}?" if near else f"use one of {', '.join(VARIABLES)}"
        raise TemplateError(f"{where}: the text in {code} has {{{name}}}, which is no variable; {hint}")


def _collide(one: QuickReply, other: QuickReply) -> bool:
    return one.number == other.number and set(one.stores) == set(other.stores)


def _known(table: Mapping[str, object], keys: Sequence[str], where: str) -> None:
    for key in table:
        if key not in keys:
            near = meant(key, keys)
            hint = f"did you mean {near!r}?" if near else f"known are {', '.join(keys)}"
            raise TemplateError(f"{where}: the key {key!r} is not known; {hint}")


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def _quoted(text: str) -> str:
    """A TOML basic string; controls, which TOML does not take plainly, are written as escapes."""
    found = []
    for char in text:
        if char in _ESCAPES:
            found.append(_ESCAPES[char])
        elif ord(char) < 0x20 or ord(char) == 0x7F:
            found.append(f"\\u{ord(char):04x}")
        else:
            found.append(char)
    return '"' + "".join(found) + '"'
