"""What a marketplace would refuse in a reply, found before it is sent: reasons as ids with arguments.

Finding links and contacts is a guess at the marketplaces' own filters. It looks at what a reader would see, so that
full-width letters and invisible characters hide nothing, and lets order and tracking numbers, prices, dates, sizes and
times pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from shoptui.domain.records import dataclass
from shoptui.domain.templates import VARIABLES, variables_of


class Limits(Protocol):
    """What a marketplace says of replies (`adapters.chat.ReplyLimits`); `text_max` is in characters."""

    @property
    def text_max(self) -> int: ...

    @property
    def links(self) -> bool: ...

    @property
    def contacts(self) -> bool: ...

    @property
    def unanswered_max(self) -> int | None: ...


class RefusalId(StrEnum):
    """Why a reply would not be taken, with its arguments."""

    EMPTY = "empty"
    TOO_LONG = "too_long"  # limit, length, over
    NO_LINKS = "no_links"  # found
    NO_CONTACTS = "no_contacts"  # found
    UNANSWERED = "unanswered_max"  # limit
    CANNOT_SEND = "cannot_send"
    UNFILLED = "unfilled"  # names


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with its arguments as text."""

    id: RefusalId
    args: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What of the thread decides: messages of ours since the buyer last wrote, and whether it takes any.

    `can_send` None means that only trying tells.
    """

    unanswered: int = 0
    can_send: bool | None = None


_FREE = Standing()
_SHOWN_MAX = 40


def refusals(text: str, limits: Limits, standing: Standing = _FREE) -> tuple[Refusal, ...]:
    """Everything the marketplace would refuse in a reply, () when it may go out."""
    found: list[Refusal] = []
    if standing.can_send is False:
        found.append(_refusal(RefusalId.CANNOT_SEND))
    if limits.unanswered_max is not None and standing.unanswered >= limits.unanswered_max:
        found.append(_refusal(RefusalId.UNANSWERED, limit=str(limits.unanswered_max)))
    if not text.strip() or not _seen(text):
        found.append(_refusal(RefusalId.EMPTY))
    if (length := len(text)) > limits.text_max:
        found.append(
            _refusal(
                RefusalId.TOO_LONG, limit=str(limits.text_max), length=str(length), over=str(length - limits.text_max)
            )
        )
    seen = _seen(text)
    if names := [name for name in variables_of(text) if name in VARIABLES]:
        found.append(_refusal(RefusalId.UNFILLED, names=" ".join(f"{{{name}}}" for name in names)))
    if not limits.links and (link := first_link(seen)):
        found.append(_refusal(RefusalId.NO_LINKS, found=link))
    if not limits.contacts and (contact := first_contact(seen)):
        found.append(_refusal(RefusalId.NO_CONTACTS, found=contact))
    return tuple(found)


def first_link(text: str) -> str:
    """The first address of a web page in a text, "" without one."""
    match = _LINK.search(_seen(text))
    return match[0][:_SHOWN_MAX] if match else ""


def first_contact(text: str) -> str:
    """The first phone number, e-mail address or other messenger in a text, "" without one."""
    seen = _seen(text)
    for pattern in (_EMAIL, _MESSENGER, _WORDS_FOR_CONTACT):
        if match := pattern.search(seen):
            return match[0].strip()[:_SHOWN_MAX]
    for match in _PHONE.finditer(seen):
        if _is_phone(match[0]):
            return match[0].strip()[:_SHOWN_MAX]
    return ""


def _refusal(reason: RefusalId, **args: str) -> Refusal:
    return Refusal(reason, args)


def _seen(text: str) -> str:
    """The text as a reader sees it: compatible forms made plain, invisible characters gone."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if unicodedata.category(char) != "Cf").strip()


# A name with one of these endings is an address even without http. Short words that could end a sentence without a
# blank after the full stop ("soon.to") are left out.
_ENDINGS = (
    "com|net|org|shop|store|online|site|info|biz|app|link|xyz|top|vip|club|asia|cc|tv|me|ly|gl|"
    "co|my|sg|th|ph|vn|tw|cn|hk|jp|kr|uk|eu|de|fr"
)
_LINK = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,9}://[^\s]+)"
    r"|(?:\bwww\.[^\s.]+\.[^\s]+)"
    rf"|(?:(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS})(?![\w-])(?!\.\w)(?:[/?#][^\s]*)?)",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+", re.ASCII)
# Names of messengers. "line" is a word of English, so that it needs its "id", a colon or an @.
_MESSENGER = re.compile(
    r"\b(?:whats\s?app|we\s?chat|weixin|telegram|zalo|viber|kakao\s?talk|signal\s+app|messenger|wa\.me|t\.me)\b"
    r"|\bline\s*(?:id\b|official\b|[:@])\s*[\w@.-]*"
    r"|\b(?:instagram|facebook)\b|\b(?:ig|fb|wa|vx|qq)\s*[:@]\s*[\w@.+-]+",
    re.IGNORECASE,
)
_WORDS_FOR_CONTACT = re.compile("微信|加微|薇信|威信号|ไลน์|แอดไลน์|라인\\s?아이디|카톡")
# Groups of digits with blanks, dots, dashes or brackets between, not part of a longer number or code.
_PHONE = re.compile(r"(?<![\w.,/#-])\+?\(?\d(?:[ .()-]{0,2}\d){6,14}(?![\w/])(?![.,]\d)", re.ASCII)


def _is_phone(found: str) -> bool:
    """International with a plus, or a country's own, which begins with 0; other runs of digits are numbers of orders.

    Dates and amounts begin otherwise.
    """
    digits = re.sub(r"\D", "", found)
    if found.lstrip("(").startswith("+"):
        return 8 <= len(digits) <= 15
    return digits.startswith("0") and not digits.startswith("000") and 9 <= len(digits) <= 11
