"""`python -m shoptui.sandbox`: the sandbox without the rest of shoptui's command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .cli import StartError, run
from .settings import PLENTY, TIGHT


def main() -> int:
    """Parse the command line and serve; returns the exit code."""
    parser = argparse.ArgumentParser(prog="shoptui sandbox", description="Serve simulated marketplaces on loopback.")
    parser.add_argument("--port", type=int, default=0, help="loopback port, 0 for a free one")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds make equal worlds")
    parser.add_argument("--stores", type=int, default=12)
    parser.add_argument("--orders", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=0.0, help="new orders per minute")
    parser.add_argument("--chats", type=int, default=0, help="conversations with buyers at the start")
    parser.add_argument("--chat-rate", type=float, default=0.0, help="new questions of buyers per minute")
    parser.add_argument("--returns", type=int, default=0, help="return and refund requests at the start")
    parser.add_argument("--money-errors", type=int, default=0, help="known errors in what is settled")
    parser.add_argument("--return-rate", type=float, default=0.0, help="new return and refund requests per minute")
    parser.add_argument("--skus", type=int, default=0, help="at least so many different goods, over several stores")
    parser.add_argument("--stock", default=PLENTY, choices=(PLENTY, TIGHT), help="tight stock sells out")
    parser.add_argument("--faults", type=Path, default=None, help="JSON file with fault rules")
    parser.add_argument("--start-at", type=int, default=None, help="world time at the start, epoch seconds")
    parser.add_argument("--world-step", type=float, default=1.0, help="seconds between steps of the world's life")
    parser.add_argument("--market", action="append", default=[], help="serve only this marketplace; may be repeated")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    try:
        run(
            options.port,
            options.seed,
            options.stores,
            options.orders,
            options.rate,
            options.faults,
            options.start_at,
            options.world_step,
            markets=tuple(options.market),
            exit_with_parent=options.exit_with_parent,
            chats=options.chats,
            chat_rate=options.chat_rate,
            returns=options.returns,
            return_rate=options.return_rate,
            skus=options.skus,
            stock=options.stock,
            money_errors=options.money_errors,
        )
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
