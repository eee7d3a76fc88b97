"""One checked call: who asks, for which shop, with which parameters, and the writing down of its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..journal import Effect
from ..world.model import Line, Order, Package, Store
from ..world.refusal import ALREADY_DONE, Refused
from ..world.world import World
from .codes import ApiError, may_retry, row_code
from .params import Params
from .states import line_status

if TYPE_CHECKING:
    from .side import LazadaSide

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands beside `code` and `request_id`: `data`, `result`, or whatever the family of calls has."""

    content: Mapping[str, Any]


def data(value: Any) -> Answer:
    """The envelope of orders, sellers and cancellations."""
    return Answer({"data": value})


def result(value: Any) -> Answer:
    """The envelope of fulfilment calls."""
    return Answer({"result": {"data": value, "success": True, "errorCode": None, "errorMsg": None}})


@dataclass(slots=True)
class Call:
    side: LazadaSide
    params: Params
    shop: Store | None
    """None on token calls."""
    now: int
    request_id: str
    origin: str

    @property
    def world(self) -> World:
        return self.side.world

    @property
    def store(self) -> Store:
        """The shop of a shop call; the gate let none through without."""
        if self.shop is None:
            raise LookupError("this operation takes no shop")
        return self.shop

    def order(self, order_id: str) -> Order:
        """Raises ApiError for an order of another shop, or of none."""
        order = self.world.order_of(self.store, order_id)
        if order is None:
            raise ApiError("16", "E016: Invalid Order ID")
        return order

    def line(self, line_id: str) -> tuple[Order, Line] | None:
        """The unit with this id and its order, None when the shop has no such unit."""
        return self.side.line_of(self.store, line_id)

    def status(self, order: Order, line: Line) -> str:
        return line_status(order, line, self.now, self.side.repacked)

    def record(self, op: str, target: str, order_id: str, effect: Effect, code: str) -> None:
        """Write the effect of a state-changing call into the journal."""
        self.side.record(
            shop_id=self.shop.id if self.shop is not None else "",
            op=op,
            target=target,
            order_id=order_id,
            effect=effect,
            code=code,
            request_id=self.request_id,
        )

    def act(
        self, op: str, target: str, order_id: str, action: Callable[[], T], code_of: Callable[[Refused], str] = row_code
    ) -> T:
        """Run a change and journal what became of it. Raises ApiError with the code of a refusal."""
        try:
            done = action()
        except Refused as refused:
            code = code_of(refused)
            self.record(op, target, order_id, "already" if refused.reason in ALREADY_DONE else "refused", code)
            raise ApiError(code, refused.detail) from refused
        except ApiError as error:
            self.record(op, target, order_id, "refused", error.code)
            raise
        self.record(op, target, order_id, "applied", "0")
        return done

    def package_row(self, op: str, package_id: str, action: Callable[[Package], object]) -> dict[str, Any]:
        """The row of one parcel in a batch: its own code, whatever becomes of the others."""
        package = self.world.package_of(self.store, package_id)
        order_id = package.orders[0].id if package is not None else ""

        def run() -> None:
            if package is None:
                raise ApiError("600001", "package not found")
            action(package)

        try:
            self.act(op, package_id, order_id, run)
        except ApiError as error:
            retry = may_retry(error.code)
            return {"package_id": package_id, "msg": error.message, "item_err_code": error.code, "retry": retry}
        return {"package_id": package_id, "msg": "success", "item_err_code": "0", "retry": False}
