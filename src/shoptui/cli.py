"""The `shoptui` command: straight into the cockpit on the fast path, everything else through the shell commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoptui.cockpit.tour import Tour
    from shoptui.paths import DataDir


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point. Plain `shoptui`, `shoptui attach` and `--data-dir` alone open the cockpit without loading click."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    is_cockpit, data_dir = _cockpit_arguments(arguments)
    # A shell that asks for completions calls us without arguments.
    if is_cockpit and "_SHOPTUI_COMPLETE" not in os.environ:
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
    # Set by benchmarks, and by whoever wants to look at a cache without an engine being started for it.
    return start_cockpit(house, ensure=not os.environ.get("SHOPTUI_NO_ENGINE"))


#: The words of the setting, in Rich's own.
_COLOUR_SYSTEMS = {"16": "standard", "256": "256", "truecolor": "truecolor"}


def start_cockpit(house: DataDir, *, ensure: bool, settings_of: DataDir | None = None, tour: Tour | None = None) -> int:
    """Run the cockpit as its operator's settings say; the exit code.

    `settings_of` is the house whose settings hold, None for `house` itself; `tour` is the guided tour taken in it.
    """
    from shoptui.cockpit import collector

    collector.rest()
    from shoptui.config import cockpit_config

    config, fault = cockpit_config(settings_of or house)
    if config.colours in _COLOUR_SYSTEMS:
        # Textual reads it when it is first imported.
        os.environ["TEXTUAL_COLOR_SYSTEM"] = _COLOUR_SYSTEMS[config.colours]
    from shoptui.app import run_cockpit

    return run_cockpit(
        house, ensure=ensure, theme=config.theme, language=config.language, mouse=config.mouse, fault=fault, tour=tour
    )


if __name__ == "__main__":
    main()
