"""shoptui: one screen for all stores of an operator on TikTok Shop, Shopee and Lazada."""

__version__ = "0.1.0"
