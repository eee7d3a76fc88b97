"""Owns sign-ins under way: the link, the code that comes back for it, and what it opened up, until stores are chosen.

They live in the engine's memory alone: a code and the tokens it gave are worth money, and a new link costs a minute.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from shoptui.adapters.base import TokenSet
from shoptui.adapters.consent import CodeWrong, Consent, OfferedShop, Pasted
from shoptui.adapters.http import StoreHttpOptions
from shoptui.engine.fields import Refusal

#: A code lives 30 minutes (sheet, section 2.1); a seller may take as long again to find the person who may agree.
KEPT_S = 3600
#: More of one operator's than this are a mistake; the oldest go.
_PER_OPERATOR = 5


@dataclass(slots=True, repr=False)
class SignIn:
    """One link that was given out.

    `store_id` is the store that is signed in again, "" when stores are added; `name` is what a single added store is to
    be called, "" for a proposal. `for_chat`: only the conversations of the store are signed in, through an app of their
    own. `options` is how the calls leave. `tokens` and `shops` are what a code brought;
    `code_digest` tells which one.
    """

    state: str
    app: str
    operator: str
    store_id: str
    name: str
    began_at: int
    options: StoreHttpOptions
    for_chat: bool = False
    tokens: TokenSet | None = None
    shops: Sequence[OfferedShop] | None = None
    code_digest: str = ""
    added: list[tuple[str, str]] = field(default_factory=list)

    def drop_tokens(self) -> None:
        """What the code brought is of no use here; another code is wanted."""
        self.tokens = self.shops = None
        self.code_digest = ""


class SignIns:
    """All sign-ins under way, and the codes that were used up."""

    def __init__(self) -> None:
        self._open: dict[str, SignIn] = {}
        self._used: dict[str, int] = {}

    def begin(
        self,
        app: str,
        operator: str,
        options: StoreHttpOptions,
        now: int,
        *,
        store_id: str = "",
        name: str = "",
        for_chat: bool = False,
    ) -> SignIn:
        """A new link. One that the operator has for the same purpose and that already brought shops goes on instead."""
        self._forget_old(now)
        mine = [one for one in self._open.values() if one.operator == operator]
        for one in mine:
            if (one.app, one.store_id, one.name) == (app, store_id, name) and one.tokens is not None and not one.added:
                return one
        for one in mine[: max(0, len(mine) - _PER_OPERATOR + 1)]:
            del self._open[one.state]
        made = SignIn(secrets.token_urlsafe(12), app, operator, store_id, name, now, options, for_chat)
        self._open[made.state] = made
        return made

    def find(self, state: str, operator: str, now: int) -> SignIn:
        """The operator's own sign-in of that state. Raises Refusal when there is none (any more)."""
        self._forget_old(now)
        found = self._open.get(state)
        if found is None or found.operator != operator:
            raise Refusal("no_sign_in", "This sign-in is over or the engine was restarted: ask for a new link.")
        return found

    def end(self, sign_in: SignIn) -> None:
        """The operator has left it."""
        self._open.pop(sign_in.state, None)

    def check(self, sign_in: SignIn, pasted: Pasted) -> None:
        """Raise Refusal for a code of another link, or one that was handed in before."""
        if pasted.state is not None and pasted.state != sign_in.state:
            raise Refusal(
                "other_state",
                "That address belongs to another link than the one shown here (its state differs). Nothing was sent; "
                "open this link and paste what it brings.",
            )
        if digest(pasted.code) in self._used and digest(pasted.code) != sign_in.code_digest:
            raise Refusal(
                "code_used", "That code was handed in before; each works once. Open the link again for a new one."
            )

    def used(self, sign_in: SignIn, code: str, now: int) -> None:
        """The code has been spent for this sign-in."""
        sign_in.code_digest = digest(code)
        self._used[sign_in.code_digest] = now

    def refused(self, code: str, now: int) -> None:
        """The marketplace does not take the code; asking again with it cannot help."""
        self._used[digest(code)] = now

    def _forget_old(self, now: int) -> None:
        for state in [state for state, one in self._open.items() if now - one.began_at > KEPT_S]:
            del self._open[state]
        for code in [code for code, at in self._used.items() if now - at > KEPT_S]:
            del self._used[code]


def digest(code: str) -> str:
    """What is remembered of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


async def hand_in(sign_ins: SignIns, sign_in: SignIn, consent: Consent, text: str, now: int) -> Sequence[OfferedShop]:
    """Exchange what was pasted and list the shops it opened up.

    The same code again lists them again, so that an answer that was lost on the way is no loss. Raises Refusal,
    CodeWrong or another AdapterError; the sign-in goes on after each.
    """
    pasted = consent.read_pasted(text)
    sign_ins.check(sign_in, pasted)
    if sign_in.tokens is None or digest(pasted.code) != sign_in.code_digest:
        try:
            tokens = await consent.exchange(pasted.code, options=sign_in.options)
        except CodeWrong as error:
            if error.reason == "code_refused":
                sign_ins.refused(pasted.code, now)
            raise
        sign_ins.used(sign_in, pasted.code, now)
        sign_in.tokens, sign_in.shops = tokens, None
    return await shops_of(sign_in, consent)


async def shops_of(sign_in: SignIn, consent: Consent) -> Sequence[OfferedShop]:
    """The shops a handed-in code opened up, read if they were not yet. Raises Refusal when there are none."""
    assert sign_in.tokens is not None
    if sign_in.shops is None:
        sign_in.shops = await consent.shops(sign_in.tokens, options=sign_in.options)
    if not sign_in.shops:
        sign_in.drop_tokens()
        raise Refusal(
            "no_shops", "The account that agreed has no shop the app may see. Agree with the seller's account."
        )
    return sign_in.shops
