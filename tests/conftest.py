"""What holds for all tests: where they leave their marks, and which examples the properties are tried with."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

# The same examples in every run, so that a red test is about the change that was made; `make soak` looks for others.
# How long an example takes is no part of what it shows: the machine may be busy.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("wide", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
# Container images switch this off; then each of the hundred processes the tests start would compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Thousands of houses are written through to the disk; in memory, where there is room for them, nothing waits for that.
_MEMORY, _ROOM = Path("/dev/shm"), 2 * 2**30
if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
# Houses of tests are no neighbours of the houses of whoever runs them.
os.environ["SHOPTUI_NEIGHBOURS"] = os.path.join(tempfile.gettempdir(), f"shoptui-neighbours-{os.getpid()}")


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
