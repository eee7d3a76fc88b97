"""What holds for all tests: Python keeps the bytecode of what it has compiled, as it does for an installed program."""

from __future__ import annotations

import os
import sys
import tempfile

# Container images switch this off; then each of the hundred processes the tests start would compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Houses of tests are no neighbours of the houses of whoever runs them.
os.environ["SHOPTUI_NEIGHBOURS"] = os.path.join(tempfile.gettempdir(), f"shoptui-neighbours-{os.getpid()}")
