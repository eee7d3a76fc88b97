"""Shopee, spoken to through its open platform, API version 2."""

from shoptui.adapters.entry import Entry
from shoptui.adapters.shopee.adapter import Shopee
from shoptui.adapters.shopee.consent import ADDRESSES

ENTRY = Entry(Shopee, ADDRESSES)
