"""Errors planted in simulated settlements are found through the wire by the fee rules, and nothing else is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from shoptui.adapters.base import AppCredentials, Marketplace
from shoptui.adapters.finance import Finance
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.registry import build
from shoptui.domain.anomalies import Booked, Known, Terms, as_booked, as_sold
from shoptui.domain.stores import Store
from shoptui.domain.verify import never_settled, verify_statement
from shoptui.fee_book import load_fee_book
from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from tests.adapters.sandboxed import START_AT, SandboxClock, store_of, tokens_of
from tests.adapters.vault import MemoryVault

DAY = 86_400
SINCE = START_AT - 60 * DAY
MARKETS = ("tiktok", "shopee", "lazada")


def shops(live: LiveSandbox) -> Iterator[tuple[Marketplace, Store]]:
    clock = SandboxClock(live)
    for name, side in live.sandbox.sides.items():
        places = side.addresses(live.origin)
        app = AppCredentials("main", name, side.app_key, side.app_secret, places["base_url"], places["auth_url"])
        for number, shop in enumerate(live.sandbox.shops(name)):
            store = store_of(shop, name, number, {"cipher": shop.cipher})
            vault = MemoryVault({store.store_id: tokens_of(shop)})
            yield build(app, vault=vault, clock=clock, budget=CallBudget(clock)), store


async def found_in(market: Marketplace, finance: Finance, store: Store) -> Counter[str]:
    """How many anomalies each order of a store has."""
    terms = Terms(store, load_fee_book())
    month = market.month(store, SINCE, START_AT + 1, known=frozenset(), at_most=10**6)
    orders = {order.order_no: order async for page in month for order in page.orders}
    sold = {order_no: as_sold(order) for order_no, order in orders.items()}
    earlier: dict[str, list[Booked]] = defaultdict(list)
    found: Counter[str] = Counter()
    covered_until = SINCE
    async for page in finance.statements(store, SINCE, START_AT + 1):
        assert not page.set_aside
        for statement in page.statements:
            lines = [as_booked(line) async for part in finance.lines(store, statement) for line in part.lines]
            checked = verify_statement(
                terms, statement, lines, lambda number: Known(sold.get(number), earlier[number].copy(), ())
            )
            found.update(one.order_no for one in checked.anomalies)
            for line in lines:
                earlier[line.order_no].append(line)
            covered_until = statement.end_at
    settled = frozenset(number for number, lines in earlier.items() if lines)
    late = never_settled(
        terms, orders.values(), settled.__contains__, {}, covered_from=SINCE, covered_until=covered_until
    )
    found.update(one.order_no for one in late)
    return found


async def test_every_planted_error_is_found_and_nothing_else() -> None:
    async with running_sandbox(
        seed=4, stores=3, orders=420, start_at=START_AT, frozen=True, markets=MARKETS, money_errors=18,
        settings=Settings(calls_per_s=0),
    ) as live:  # fmt: skip
        found: Counter[str] = Counter()
        for market, store in shops(live):
            assert market.finance is not None
            found.update(await found_in(market, market.finance, store))
            await market.close()
        planted = {one.order.id: one.fault for one in live.world.finance.planted()}
        assert len(planted) == 18
        assert found.keys() == planted.keys()
