"""What the platform knows of an app: its key and secret, what it is for, and its sellers' consents."""

from __future__ import annotations

from dataclasses import dataclass

from .grants import Grants


@dataclass(frozen=True, slots=True)
class App:
    """One app of the console. Orders and conversations are of two categories, so that a house has two (section 2.1)."""

    key: str
    secret: str
    grants: Grants
    is_for_chat: bool = False
