"""The seller's e-mail address: from the settings of a store to the marketplace that wants one."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.adapters.base import Unsupported
from shoptui.adapters.returns import AnswerNeeds
from shoptui.config import Config, StoreConfig
from shoptui.domain.returns import ReturnAnswer
from shoptui.domain.stores import CONTACT_EMAIL
from shoptui.sandbox.world.model import OrderStatus
from tests.engine.support import bench


@pytest.mark.parametrize("email", ["", "desk@house.example"])
async def test_a_dispute_is_offered_once_the_settings_have_an_address(tmp_path: Path, email: str) -> None:
    stores = {"sp-my-1": StoreConfig(email=email)}
    async with bench(
        tmp_path, stores=1, orders=60, regions=("MY",), markets=("shopee",), config=Config(stores=stores)
    ) as made:
        lane = (engine := await made.engine()).lanes["sp-my-1"]
        assert lane.store.wire.get(CONTACT_EMAIL, "") == email
        world = made.live.world
        order = world.orders_of(lane.store.shop_id, OrderStatus.COMPLETED)[0]
        return_id = str(made.live.poke("buyer_returns", order_id=order.id)["return_id"])
        assert lane.market.returns is not None
        (request,) = (await lane.market.returns.by_id(lane.store, [return_id])).requests
        needs = await lane.market.returns.needs(lane.store, request, ReturnAnswer.REFUSE)
        assert isinstance(needs, AnswerNeeds if email else Unsupported)
        # The address outlives what else becomes known of the store.
        (stored,) = await engine.house.writer.stores()
        lane.replace_store(stored)
        assert lane.store.wire.get(CONTACT_EMAIL, "") == email
