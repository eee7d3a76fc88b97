"""The sandbox: simulated marketplaces on loopback that speak the real wire formats over one simulated world."""
