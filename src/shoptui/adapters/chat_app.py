"""With which tokens an app is let into a store's conversations: those of its orders, or a consent for chat alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from shoptui.adapters.base import AuthError, ScopeError, TokenSet, TokenVault
from shoptui.domain.marketplaces import title_of
from shoptui.domain.stores import Store, chat_app_of, chat_tokens_of

ClientT = TypeVar("ClientT")


class ChatVault:
    """The tokens that other apps hold for conversations alone, beside those of each store's own app."""

    def __init__(self, vault: TokenVault) -> None:
        self._vault = vault

    def load(self, store_id: str) -> TokenSet | None:
        return self._vault.load(chat_tokens_of(store_id))

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        await self._vault.save(chat_tokens_of(store_id), tokens)


@dataclass(frozen=True, slots=True)
class ChatClients(Generic[ClientT]):
    """One app's clients: `own` with the tokens of stores' orders, `chat` with those of a `ChatVault`."""

    app: str
    own: ClientT
    chat: ClientT

    def of(self, store: Store) -> ClientT:
        """The client whose tokens let this app into the store's conversations."""
        return self.own if self.is_own(store) else self.chat

    def is_own(self, store: Store) -> bool:
        """Whether this app reads the store's orders too, or nobody named it for conversations."""
        return self.app == store.app or self.app != chat_app_of(store)

    @contextmanager
    def permission(self, store: Store, wants: str) -> Iterator[None]:
        """Say of a missing permission what helps; `wants` says what the marketplace wants of an app.

        A consent for chat alone that ended or is not there yet is a missing permission too: the store stays signed in.
        """
        sign_in = f"shoptui stores sign-in {store.store_id} --chat"
        try:
            yield
        except ScopeError as error:
            if self.is_own(store):
                market = store.marketplace
                words = f"{wants}: shoptui apps add {market} --name {market}-chat, then {sign_in}"
            else:
                title = title_of(store.marketplace)
                words = f"{title} does not let the app {self.app} into this shop's conversations: {sign_in}"
            raise ScopeError(words, code=error.code, request_id=error.request_id) from error
        except AuthError as error:
            if self.is_own(store):
                raise
            words = f"The seller's consent to conversations has ended or was never given: {sign_in}"
            raise ScopeError(words, code=error.code, request_id=error.request_id) from error
