"""What holds for all tests: where they leave their marks, and which examples the properties are tried with."""

from __future__ import annotations

import os
import sys
import tempfile

from hypothesis import settings

# The same examples in every run, so that a red test is about the change that was made; `make soak` looks for others.
settings.register_profile("steady", derandomize=True)
settings.register_profile("wide", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
# Container images switch this off; then each of the hundred processes the tests start would compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Houses of tests are no neighbours of the houses of whoever runs them.
os.environ["SHOPTUI_NEIGHBOURS"] = os.path.join(tempfile.gettempdir(), f"shoptui-neighbours-{os.getpid()}")
