"""Shopee, spoken to through its open platform, API version 2."""
