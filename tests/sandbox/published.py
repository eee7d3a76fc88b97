"""TikTok Shop's published client, imported by the first test that uses it: its thousands of classes take a while."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.sandbox.testing import LiveSandbox


class Published:
    """A module of a package; the test that needs it is skipped where it is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        package = self._name.partition(".")[0].replace("_", "-")
        module = pytest.importorskip(self._name, reason=f"the package {package} is not installed")
        return getattr(module, name)


api = Published("tiktok_shop_api")
auth = Published("tiktok_shop_api.auth")
models = Published("tiktok_shop_api.generated.models")


def connect(sandbox: LiveSandbox, region: str) -> Any:
    """The client of TikTok Shop's API for a shop in this region."""
    shop = next(one for one in sandbox.shops if one.region == region)
    return api.AsyncTikTokShop(
        sandbox.app_key, sandbox.app_secret, shop.access_token, shop.cipher, base_url=sandbox.base_url
    )
