"""The pure core: orders, clocks, money, rules and intents. No I/O, no clock reads, no third-party imports."""
