"""A picture from a file, as the engine takes it to hand it in at a marketplace."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from shoptui.i18n import _

#: The largest picture that goes over the socket, bytes; in base64 it is a third larger.
PICTURE_MAX = 2_600_000


class BadPicture(Exception):
    """A picture cannot be handed in; the text says why and what to do."""


def picture_fields(path: Path, store_id: str, return_id: str) -> dict[str, Any]:
    """The fields of the request `return_picture`. Raises BadPicture."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadPicture(_("{path} cannot be read: {why}").format(path=path, why=error.strerror or error)) from error
    if len(content) > PICTURE_MAX:
        said = _("{file} is too large: at most {limit} MB. Make it smaller first.")
        raise BadPicture(said.format(file=path.name, limit=f"{PICTURE_MAX / 1_000_000:.1f}"))
    return {
        "return": [store_id, return_id],
        "name": path.name,
        "content": base64.b64encode(content).decode("ascii"),
    }
