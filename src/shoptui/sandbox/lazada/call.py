"""One checked call: who asks, for which shop, with which parameters, and the writing down of its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calling import CheckedCall
from ..world.model import Line, Order, Package
from ..world.refusal import Refused
from .apps import App
from .codes import ROWS, ApiError, may_retry
from .params import Params
from .states import line_status

if TYPE_CHECKING:
    from .side import LazadaSide


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
class Call(CheckedCall):
    """A signed call, with or without an access token."""

    done_code = "0"

    side: LazadaSide
    app: App
    params: Params
    origin: str
    """Scheme and authority the caller used, for links in answers."""

    def refusal(self, code: str, refused: Refused) -> ApiError:
        return ApiError(code, refused.detail)

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

    def package_row(self, op: str, package_id: str, action: Callable[[Package], object]) -> dict[str, Any]:
        """The row of one parcel in a batch: its own code, whatever becomes of the others."""
        package = self.world.package_of(self.store, package_id)
        order_id = package.orders[0].id if package is not None else ""

        def run() -> None:
            if package is None:
                raise ApiError("600001", "package not found")
            action(package)

        try:
            self.act(ROWS, op, package_id, order_id, run)
        except ApiError as error:
            retry = may_retry(error.code)
            return {"package_id": package_id, "msg": error.message, "item_err_code": error.code, "retry": retry}
        return {"package_id": package_id, "msg": "success", "item_err_code": "0", "retry": False}
