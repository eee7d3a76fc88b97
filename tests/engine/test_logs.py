"""The log says how things go and nothing about anybody; it stays private and small."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from shoptui.engine import logs
from shoptui.engine.main import run_engine
from tests.engine.support import IMPATIENT, Bench, accept, bench, shippable

#: A marketplace that answers with what it should not: a buyer's name and a token, in a message.
LEAK = "Ms Invented Buyer 0800-555-0100 access_token=TTP_leaked"
FAULTS = (
    {"code": "36009003", "message": LEAK},
    {"code": "105002", "message": LEAK},
    {"code": "99999999", "message": LEAK},
    {"truncate": True},
    {"not_json": True},
    {"drop_after": True},
    {"status": 503},
)


async def test_whatever_goes_wrong_nobody_is_in_the_log(tmp_path: Path) -> None:
    async with bench(tmp_path, orders=80) as made:
        await _run(made)
        engine = await made.engine()
        store = made.stores[0]
        await accept(engine, (await shippable(engine, store.store_id))[:5], hold_s=0)
        await made.close(engine)
        for how in ("missing_id", "bad_time", "bad_money", "null_lines"):
            (bad,) = made.live.poke("new_orders", shop_id=store.shop_id, count=1)["order_ids"]
            made.live.poke("malform_order", order_id=bad, how=how)
        for fault in FAULTS:
            made.live.faults.replace([{"match": {"shop_id": store.shop_id}, "do": fault}])
            made.advance(900)
            await _run(made)
        made.live.faults.replace([])
        made.advance(3600)
        await _run(made)

        log = made.data_dir.log.read_text(encoding="utf-8")
        for expected in ("reading orders failed 1 times", f"{store.store_id}: reads again", " ship "):
            assert expected in log
        buyers = [order.buyer for order in made.live.world.orders.values()]
        assert len(buyers) >= 80
        assert LEAK[:17] not in log and "0800-555" not in log and "TTP_leaked" not in log
        for buyer in buyers:
            assert buyer.name not in log and buyer.phone not in log
        for shop in made.live.shops:
            assert shop.access_token not in log and shop.refresh_token not in log and shop.cipher not in log
        assert made.live.app_secret not in log


async def _run(made: Bench) -> None:
    await run_engine(made.data_dir, once=True, clock=made.clock, config=made.config, http=IMPATIENT, signals=False)


def test_it_stays_small_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_BYTES_MAX", 2000)
    path = tmp_path / "engine.log"
    handler = logs.set_up(path, lambda: ["geheimnis"])
    try:
        for number in range(400):
            logging.getLogger("shoptui.test").info("line %d\nwith geheimnis and sign=abcdef", number)
    finally:
        logs.tear_down(handler)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["engine.log", "engine.log.1", "engine.log.2", "engine.log.3"]
    for file in files:
        assert file.stat().st_size <= 2000
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_text()
        assert "geheimnis" not in text and "abcdef" not in text
        assert all(line.startswith("20") for line in text.splitlines())
    assert "line 399" in path.read_text()
