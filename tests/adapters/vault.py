"""A vault of tokens in memory."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.adapters.base import TokenSet


class MemoryVault:
    """Tokens by store id; `saves` is what was saved, in order."""

    def __init__(self, tokens: Mapping[str, TokenSet]) -> None:
        self.tokens = dict(tokens)
        self.saves: list[tuple[str, TokenSet]] = []

    def load(self, store_id: str) -> TokenSet | None:
        return self.tokens.get(store_id)

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        self.tokens[store_id] = tokens
        self.saves.append((store_id, tokens))
