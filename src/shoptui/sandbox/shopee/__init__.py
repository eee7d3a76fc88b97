"""Shopee's side of the sandbox: its server over the shared world."""
