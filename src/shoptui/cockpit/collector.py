"""When Python looks for garbage in the cockpit: not while it starts, and not among what was there from the start."""

from __future__ import annotations

import gc

#: Objects made before the young ones are looked at. A page of rows is a few thousand, nearly all without cycles.
_YOUNG = 10_000


def rest() -> None:
    """Look for nothing until `begin`: importing makes a quarter of a million objects, of which none is garbage."""
    gc.disable()


def begin() -> None:
    """The first rows are there: leave all there is alone for good, and look at what comes. No-op unless resting."""
    if gc.isenabled():
        return
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
    gc.enable()
