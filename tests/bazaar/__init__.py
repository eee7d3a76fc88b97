"""Bazaar: a marketplace nobody has heard of, in one small package, as a fourth one would be added."""

from shoptui.adapters.entry import Entry
from tests.bazaar.adapter import Bazaar

ENTRY = Entry(Bazaar, None)
