"""Shopee, spoken to through its open platform, API version 2."""

from shoptui.adapters.entry import Entry
from shoptui.adapters.shopee.adapter import Shopee
from shoptui.adapters.shopee.consent import ADDRESSES

#: Shopee publishes no number. About 100 calls a second were seen to pass and 200 to fail (sheet, section 4.4), nobody
#: says whose; taken for one app's, with room for what a full bucket lets through at once.
ENTRY = Entry(Shopee, ADDRESSES, app_calls_per_s=80)
