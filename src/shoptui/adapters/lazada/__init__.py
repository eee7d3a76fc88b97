"""Lazada: its Open Platform spoken for the house."""
