"""Writes the documented settings file into docs/settings.md, between its marks, from the table of settings.

Usage: python -m scripts.settings_doc [--check]. With --check nothing is written; exit code 1 when the page is behind.
"""

from __future__ import annotations

import sys
from pathlib import Path

from shoptui.settings_text import documented_file

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
_BEGIN, _END = "<!-- settings -->\n", "<!-- /settings -->\n"


def with_settings(page: str, content: str) -> str:
    """The page with this file between the marks."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}```toml\n{content}```\n{_END}{after}"


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    fresh = with_settings(page, documented_file())
    if "--check" in sys.argv:
        if fresh != page:
            sys.stderr.write("docs/settings.md is behind the table of settings: run python -m scripts.settings_doc\n")
            return 1
        return 0
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
