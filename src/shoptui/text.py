"""Outside text made safe for a terminal, and the masking of buyers' names, phones and streets."""

from __future__ import annotations

import re
import unicodedata

#: Longest text kept of one message or note, in characters.
MAX_TEXT = 20_000
#: Longest text kept for one cell of a list, in characters.
MAX_CELL = 300

ELLIPSIS = "…"
HIDDEN_STREET = "*" * 7

# Every way to start or be a control, in the order in which they must be tried: whole sequences first, so that their
# parameters go with them, then what is left of broken ones. C1 codes stand for "ESC and a letter" on many terminals.
_CONTROLS = (
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC and payload
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"  # every other escape
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # C0 but tab and newline, DEL, C1
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # bidi controls
    r"|[\ufff9-\ufffb\U000e0000-\U000e007f]"  # annotations and tags: invisible text
)
_UNSAFE = re.compile(_CONTROLS)
# Characters whose width terminals disagree about: variation selector, zero-width characters, skin tones.
_UNSTABLE = re.compile(r"[\u200b-\u200d\u2060\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_UNSTABLE_PRINTABLE = re.compile("  |[\ufe0f\U0001f3fb-\U0001f3ff]")
_LINE_BREAKS = re.compile(r"[\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def sanitise(text: str, *, keep_newlines: bool = True, limit: int = MAX_TEXT) -> str:
    """`text` without anything a terminal would obey, at most `limit` characters (cut with `…`).

    Drops C0 controls, DEL, C1 controls, escape sequences as a whole, bidi controls and invisible tag characters.
    Newline and tab stay; with `keep_newlines=False` each becomes a space. Halves of surrogate pairs become U+FFFD.
    """
    if not text.isprintable():
        text = _LINE_BREAKS.sub("\n", _SURROGATES.sub("\ufffd", _UNSAFE.sub("", text)))
        if not keep_newlines:
            text = text.replace("\n", " ").replace("\t", " ")
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def sanitise_cell(text: str, *, limit: int = MAX_CELL) -> str:
    """`text` for one line of a list: safe as by `sanitise`, and of the same width in every terminal.

    Newlines, tabs and runs of blanks become one space; variation selectors, zero-width characters and skin tones go;
    at most `limit` characters, cut with `…`.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        # Nearly all text, and thousands a second.
        cell = text.strip(" ")
    elif text.isprintable() and not _UNSTABLE_PRINTABLE.search(text):
        cell = text.strip(" ")
    else:
        safe = _SURROGATES.sub("\ufffd", _UNSAFE.sub("", text))
        cell = " ".join(_UNSTABLE.sub("", safe).split())
    return cell if len(cell) <= limit else cell[: limit - 1].rstrip(" ") + ELLIPSIS


def mask_name(name: str) -> str:
    """A buyer's name with only initials left; a name that holds an asterisk is masked already and stays.

    Names in Chinese characters keep the first and, from three characters on, the last one: `陈*华`.
    """
    name = sanitise_cell(name)
    if not name or "*" in name:
        return name
    if " " not in name and all(_is_han(char) for char in name):
        return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")
    return " ".join(f"{_first_letter(word)}***" for word in name.split(" "))


# Country calling codes by length (ITU E.164): what is neither here nor one of two digits has three.
_ONE_DIGIT_CODES = frozenset("17")
_TWO_DIGIT_RANGES = (
    *((20, 20), (27, 27), (30, 34), (36, 36), (39, 41), (43, 49), (51, 58), (60, 66)),
    *((81, 82), (84, 84), (86, 86), (90, 95), (98, 98)),
)
_TWO_DIGIT_CODES = frozenset(str(code) for first, last in _TWO_DIGIT_RANGES for code in range(first, last + 1))
_SHORTEST_PHONE = 7


def mask_phone(phone: str) -> str:
    """A phone number with its country code and last three digits left: `+66 ******321`; a masked one stays."""
    phone = sanitise_cell(phone)
    if "**" in phone:
        return phone
    digits = "".join(char for char in phone if char.isdigit())
    if not digits:
        return ""
    if len(digits) < _SHORTEST_PHONE:
        return "*" * len(digits)
    code = ""
    if phone.lstrip("( ").startswith("+"):
        length = 1 if digits[0] in _ONE_DIGIT_CODES else 2 if digits[:2] in _TWO_DIGIT_CODES else 3
        code = f"+{digits[:length]} "
        digits = digits[length:]
    return f"{code}{'*' * (len(digits) - 3)}{digits[-3:]}"


def mask_street(street: str) -> str:
    """Nothing of a street is shown, not even its length; an empty or already masked one stays as it is."""
    street = sanitise_cell(street)
    if not street or "**" in street:
        return street
    return HIDDEN_STREET


def _first_letter(word: str) -> str:
    """The first character with the marks that sit on it (Thai and Vietnamese letters are often several)."""
    end = 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    return word[:end]


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\U00020000" <= char <= "\U0003134f"
