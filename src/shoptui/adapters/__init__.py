"""The marketplaces, each behind one protocol, and the HTTP layer they share."""
