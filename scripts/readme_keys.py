"""Writes the key table into the README, between its marks, from the one table of commands.

Usage: python -m scripts.readme_keys [--check]. With --check nothing is written; exit code 1 when the README is behind.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
_BEGIN, _END = "<!-- keys -->\n", "<!-- /keys -->\n"


def with_keys(readme: str, table: str) -> str:
    """The README with this table between the marks."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{table.strip()}\n{_END}{after}"


def main() -> int:
    table = subprocess.run(
        [sys.executable, "-m", "shoptui.commands"], check=True, capture_output=True, text=True
    ).stdout
    readme = README.read_text(encoding="utf-8")
    fresh = with_keys(readme, table)
    if "--check" in sys.argv:
        if fresh != readme:
            sys.stderr.write("The README's key table is behind the commands: run python -m scripts.readme_keys\n")
            return 1
        return 0
    README.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
