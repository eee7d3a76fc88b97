"""Lazada: its Open Platform spoken for the house."""

from shoptui.adapters.entry import Entry
from shoptui.adapters.lazada.adapter import Lazada
from shoptui.adapters.lazada.consent import ADDRESSES

ENTRY = Entry(Lazada, ADDRESSES)
