"""Keys of an input method: full-width and Chinese signs count as the ASCII keys they are typed with."""

from __future__ import annotations

import unicodedata

from textual.keys import KEY_NAME_REPLACEMENTS

_FULL_WIDTH_FIRST = 0xFF01
_FULL_WIDTH_LAST = 0xFF5E
_FULL_WIDTH_OFFSET = 0xFEE0

_SIGNS = {
    "\u3000": " ",
    "。": ".",
    "、": "/",
    "【": "[",
    "】": "]",
    "「": "[",
    "」": "]",
    "《": "<",
    "》": ">",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "…": "^",
    "—": "_",
    "·": "`",
    "￥": "$",
    "¥": "$",
}


def ascii_character(character: str) -> str:
    """The ASCII character typed with the same key, or `character` itself."""
    if len(character) != 1:
        return character
    if _FULL_WIDTH_FIRST <= ord(character) <= _FULL_WIDTH_LAST:
        return chr(ord(character) - _FULL_WIDTH_OFFSET)
    return _SIGNS.get(character, character)


def normalise_key(key: str, character: str | None) -> tuple[str, str | None]:
    """A key as Textual names it, with full-width and Chinese signs turned into their ASCII keys."""
    if character is None:
        return key, character
    plain = ascii_character(character)
    if plain == character:
        return key, character
    return _key_name(plain), plain


def _key_name(character: str) -> str:
    """What Textual calls the key of an ASCII character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)
