"""Npm packages that tests drive against the sandbox: installing them once, and running our small drivers."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".state" / "npm"
PACKAGES = {
    "tiktok-shop-sdk": "1.0.3",
    "tiktokshops-api-client": "1.1.0",
    "@congminh1254/shopee-sdk": "2.7.0",
    "lazada-open-platform-sdk": "2.0.0-0",
}


def _installed() -> bool:
    for name, version in PACKAGES.items():
        manifest = CACHE / "node_modules" / name / "package.json"
        if not manifest.is_file() or json.loads(manifest.read_text(encoding="utf-8"))["version"] != version:
            return False
    return True


def install() -> Path:
    """The installed packages, kept between runs; skips the test where node, npm or the packages cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / "npm.lock").open("w") as lock:
        # Parallel test processes must not install into the same directory at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _installed():
            wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
            command = [npm, "install", "--prefix", str(CACHE), "--no-audit", "--no-fund", "--ignore-scripts"]
            try:
                subprocess.run([*command, *wanted], check=True, capture_output=True, timeout=180)
            except (subprocess.SubprocessError, OSError) as error:
                pytest.skip(f"npm cannot install {', '.join(wanted)} here: {error}")
    return CACHE / "node_modules"


async def drive(script: str, modules: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Run one of the drivers beside this file and return the JSON it prints."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "npm" / script),
        str(modules),
        json.dumps(config),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    answer: dict[str, Any] = json.loads(out)
    return answer
