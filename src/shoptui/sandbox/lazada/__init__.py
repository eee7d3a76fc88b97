"""Lazada's side of the sandbox."""
