"""The engine: the one process per data directory that writes the databases and talks to the marketplaces."""
