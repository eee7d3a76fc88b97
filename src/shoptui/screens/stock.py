"""The Stock place: every pool of goods over all stores, what runs out first and what is promised twice."""

from __future__ import annotations

from shoptui.screens.stock_desk import StockDesk


class StockPlace(StockDesk):
    """The list of pools with its verbs, and the pane that shows the listings of the one under the cursor."""
