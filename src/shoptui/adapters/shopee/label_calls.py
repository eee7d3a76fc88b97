"""The calls by which Shopee makes and hands out shipping documents (sheet, section 6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from shoptui.adapters.base import Rejected
from shoptui.adapters.http import Answer, error_for_status
from shoptui.adapters.records import NoneOnError, Text, Wire
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import cause_of
from shoptui.adapters.shopee.files import File, read_file
from shoptui.adapters.shopee.wire import read_rows, refusal_in
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class Paper:
    """One parcel's document: whose, and which type of Shopee's once that is known."""

    order_no: str
    package_id: str
    tracking_number: str = ""
    type: str = ""


class DocumentRow(Wire):
    """A row of any of the document calls; a failed one may carry nothing but the failure."""

    order_sn: Text = None
    package_number: Text = None
    suggest_shipping_document_type: Text = None
    selectable_shipping_document_type: Annotated[list[str] | None, NoneOnError()] = None
    status: Text = None
    fail_error: Text = None
    fail_message: Text = None

    @property
    def refusal(self) -> Rejected | None:
        """Why this row failed, None where it did not."""
        if not (self.fail_error or "").strip():
            return None
        return Rejected(cause_of(self.fail_error or "", self.fail_message or ""))


class LabelCalls:
    """The document endpoints. Each call takes up to 50 parcels and answers row by row."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def types(self, store: Store, papers: Sequence[Paper]) -> list[DocumentRow | None]:
        """The document types of each parcel: suggested and to choose from."""
        return await self._rows(store, "get_shipping_document_parameter", papers, (), write=False)

    async def create(self, store: Store, papers: Sequence[Paper]) -> list[DocumentRow | None]:
        """Have the documents made. Doing so again changes nothing, but the call is one that orders something."""
        fields = ("tracking_number", "shipping_document_type")
        return await self._rows(store, "create_shipping_document", papers, fields, write=True)

    async def states(self, store: Store, papers: Sequence[Paper]) -> list[DocumentRow | None]:
        """How far the documents are: PROCESSING, READY or FAILED."""
        return await self._rows(store, "get_shipping_document_result", papers, ("shipping_document_type",), write=False)

    async def download(self, store: Store, paper: Paper) -> File:
        """The bytes of one parcel's document. Raises AdapterError."""
        body: dict[str, object] = {
            "shipping_document_type": paper.type,
            "order_list": [{"order_sn": paper.order_no, "package_number": paper.package_id}],
        }
        return await self._client.post(
            store, "/logistics/download_shipping_document", _read_download, feed="labels", body=body
        )

    async def _rows(
        self, store: Store, name: str, papers: Sequence[Paper], fields: Sequence[str], *, write: bool
    ) -> list[DocumentRow | None]:
        """The rows in the order of the papers, None where Shopee names no such parcel."""
        values = {"tracking_number": "tracking_number", "shipping_document_type": "type"}
        rows = []
        for paper in papers:
            row = {"order_sn": paper.order_no, "package_number": paper.package_id}
            row.update({field: getattr(paper, values[field]) for field in fields if getattr(paper, values[field])})
            rows.append(row)
        found = await self._client.post(
            store, f"/logistics/{name}", _read_rows, feed="labels", body={"order_list": rows}, write=write
        )
        by_package = {row.package_number: row for row in found if row.package_number}
        # Rows that failed early may name the order only.
        by_order = {row.order_sn: row for row in found if row.order_sn and not row.package_number}
        return [by_package.get(paper.package_id) or by_order.get(paper.order_no) for paper in papers]


def _read_rows(answer: Answer) -> Sequence[DocumentRow]:
    return read_rows(answer, DocumentRow)


def _read_download(answer: Answer) -> File:
    """A file on success, an envelope on failure, whatever the content type says (sheet, trap 23)."""
    if answer.body.lstrip()[:1] == b"{" and (error := refusal_in(answer)) is not None:
        raise error
    if answer.status != 200:
        raise error_for_status(answer)
    return read_file(answer.body)
