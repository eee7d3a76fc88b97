"""What holds for all tests: Python keeps the bytecode of what it has compiled, as it does for an installed program."""

from __future__ import annotations

import os
import sys

# Container images switch this off; then each of the hundred processes the tests start would compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
