"""The `shoptui` command: straight into the cockpit on the fast path, everything else through the shell commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point. Plain `shoptui`, `shoptui attach` and `--data-dir` alone open the cockpit without loading click."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    is_cockpit, data_dir = _cockpit_arguments(arguments)
    if is_cockpit:
        sys.exit(open_cockpit(data_dir))
    from shoptui.shell.group import cli

    cli.main(args=arguments, prog_name="shoptui")


def _cockpit_arguments(arguments: list[str]) -> tuple[bool, Path | None]:
    """Whether these arguments only ask for the cockpit, and the data directory they name."""
    rest = list(arguments)
    data_dir: Path | None = None
    if len(rest) >= 2 and rest[0] == "--data-dir":
        data_dir = Path(rest[1])
        rest = rest[2:]
    elif rest and rest[0].startswith("--data-dir="):
        data_dir = Path(rest[0].partition("=")[2])
        rest = rest[1:]
    return rest in ([], ["attach"]), data_dir


def open_cockpit(data_dir: Path | None) -> int:
    from shoptui.paths import PathError, find_data_dir

    try:
        house = find_data_dir(data_dir)
    except PathError as error:
        print(error, file=sys.stderr)
        return 2
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        print("The cockpit needs a terminal. In scripts use: shoptui orders list, shoptui --help", file=sys.stderr)
        return 2
    from shoptui.app import run_cockpit

    # Set by benchmarks, and by whoever wants to look at a cache without an engine being started for it.
    return run_cockpit(house, ensure=not os.environ.get("SHOPTUI_NO_ENGINE"))


if __name__ == "__main__":
    main()
