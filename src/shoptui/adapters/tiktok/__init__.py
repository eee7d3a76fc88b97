"""TikTok Shop Open API, version 202309 and later."""

from shoptui.adapters.entry import Entry
from shoptui.adapters.tiktok.adapter import TikTokShop
from shoptui.adapters.tiktok.consent import ADDRESSES

ENTRY = Entry(TikTokShop, ADDRESSES)
