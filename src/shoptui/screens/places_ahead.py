"""Places made ready before they are gone to: out of sight while nobody types, and at once when a key announces one."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from shoptui.command_state import Context
from shoptui.commands import BY_ID, keys_under

if TYPE_CHECKING:
    from shoptui.app import CockpitApp

#: So long after the first rows, and after the last key, the Inbox is made ready, seconds: while the operator reads.
CALM_S = 1.0
#: The others follow so long after each other, seconds: a key that comes meanwhile waits for one of them only.
NEXT_S = 0.2
#: What is made ready out of sight, in this order.
_LISTS = (Context.INBOX, Context.STOCK, Context.RETURNS, Context.MONEY)
#: What the places that `g` may lead to are imported from, in the order of importing.
_MODULES = {
    Context.INBOX: ("shoptui.screens.inbox",),
    Context.STOCK: ("shoptui.screens.stock", "shoptui.store.stock_reader"),
    Context.RETURNS: ("shoptui.screens.returns", "shoptui.store.return_reader"),
    Context.MONEY: ("shoptui.screens.money", "shoptui.store.money_reader"),
    Context.ACTIVITY: ("shoptui.screens.activity",),
    Context.STORES: ("shoptui.screens.stores",),
}


class PlacesAhead:
    """Imports and makes places before they are visited: their first visit then paints rows at once, as any other does.

    The keys that lead to a place announce it: `g` that one is wanted next, so that all of them are imported in a thread
    while the second key is looked for, and the second key which one, which is made while the scan gate still holds
    that key. Nothing is shown or done by it: a key that turns out to be part of a barcode costs that work and no more.
    """

    def __init__(self, cockpit: CockpitApp) -> None:
        self._cockpit = cockpit
        self._go_keys = frozenset(keys_under(BY_ID["go.screen"], cockpit.session.keymap))
        self._last_key_s = -math.inf
        self._is_importing = False
        self._wanted: Context | None = None

    def begin(self) -> None:
        """The first rows are there: make the long lists ready, one after the other, once no key has come for a bit."""
        self._next(_LISTS, CALM_S)

    def key_came(self, key: str, at_s: float) -> None:
        """A key arrived at `at_s` (monotonic seconds); whether it is one or part of a scan nobody knows yet."""
        self._last_key_s = at_s
        cockpit = self._cockpit
        if not cockpit.frame.is_mounted or not cockpit.house.is_open:
            return
        context = cockpit.frame.leads_to(key)
        if context is not None:
            self._wanted = context
            cockpit.frame.prepare_place(context)
        elif key in self._go_keys and cockpit.frame.strip.form is None:
            cockpit.work(self._import, "prepare")

    def _next(self, places: Sequence[Context], after_s: float) -> None:
        if places:
            self._cockpit.set_timer(after_s, partial(self._when_calm, places))

    def _when_calm(self, places: Sequence[Context]) -> None:
        if self._cockpit.monotonic() - self._last_key_s < CALM_S:
            self._next(places, CALM_S)
        else:
            self._cockpit.work(partial(self._make, places), "prepare")

    async def _make(self, places: Sequence[Context]) -> None:
        # All of them at once: whoever goes to a later one before its turn does not wait for its modules.
        await self._import()
        if places[0] is Context.MONEY:
            # Its rules and rates.
            await asyncio.to_thread(self._cockpit.house.money.look)
        if self._cockpit.house.is_open:
            self._cockpit.frame.prepare_place(places[0])
        self._next(places[1:], NEXT_S)

    async def _import(self) -> None:
        """Import the places in a thread, so that a key which comes meanwhile waits for a slice of it only."""
        if self._is_importing:
            return
        self._is_importing, self._wanted = True, None
        try:
            for context, modules in _MODULES.items():
                for module in modules:
                    # Whoever waits for a place does not wait for the others.
                    if module not in sys.modules and self._wanted in (None, context):
                        await asyncio.to_thread(import_module, module)
        finally:
            self._is_importing = False
