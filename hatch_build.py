"""Compiles the message catalogues when the package is built or installed for development."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
# A build runs this file by itself, without the project on the path.
sys.path.insert(0, str(ROOT))

from scripts.catalogues import compile_catalogues  # noqa: E402


class CataloguesHook(BuildHookInterface[Any]):
    """The wheel and the editable install both find their catalogues compiled."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and take along what version control ignores."""
        build_data["artifacts"].extend(str(mo.relative_to(ROOT)) for mo in compile_catalogues())
