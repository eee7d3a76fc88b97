"""Labels: ordered, waited for, fetched; and what a file turns out to be."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from shoptui.adapters.base import Malformed, Unsupported, Verdict
from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.shopee.files import read_file
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.verbs import DocumentChoice, DocumentKind
from shoptui.sandbox.labels import pdf
from tests.adapters.shopee.support import PACKAGE, STORE, ScriptedShop, no, ok, order, package, reading

NUMBERS = "/logistics/get_mass_tracking_number"
TYPES = "/logistics/get_shipping_document_parameter"
CREATE = "/logistics/create_shipping_document"
STATES = "/logistics/get_shipping_document_result"
DOWNLOAD = "/logistics/download_shipping_document"

ORDER = "251009T4K7WQ2P"
OTHER = ("251009T4K7WQ3R", "OFG190024417703557")
THERMAL, NORMAL = "THERMAL_AIR_WAYBILL", "NORMAL_AIR_WAYBILL"
LABEL = pdf([("SPXMY01", ["one label"])], "A6")


def row(order_sn: str = ORDER, number: str = PACKAGE, **over: Any) -> dict[str, Any]:
    return {"order_sn": order_sn, "package_number": number, "fail_error": "", "fail_message": "", **over}


def rows(*found: dict[str, Any], **beside: Any) -> httpx.Response:
    return ok({"result_list": list(found)}, **beside)


def failed(code: str, message: str = "", order_sn: str = ORDER, number: str = PACKAGE) -> dict[str, Any]:
    return row(order_sn, number, fail_error=code, fail_message=message)


def all_failed(*found: dict[str, Any]) -> httpx.Response:
    return no("common.batch_api_all_failed", "All orders failed.", response={"result_list": list(found)})


def numbers(**known: str) -> httpx.Response:
    return ok({"success_list": [{"package_number": each, "tracking_number": known[each]} for each in known]})


def types(*more: dict[str, Any]) -> httpx.Response:
    return rows(row(suggest_shipping_document_type=THERMAL, selectable_shipping_document_type=[NORMAL, THERMAL]), *more)


FIRST = all_failed(failed("logistics.shipping_document_should_print_first"))


def script(**over: Any) -> dict[str, Any]:
    return {
        NUMBERS: numbers(**{PACKAGE: "SPXMY01"}),
        TYPES: types(),
        STATES: rows(row(status="READY")),
        DOWNLOAD: httpx.Response(200, content=LABEL, headers={"content-type": "application/pdf"}),
        **{key: value for key, value in over.items() if key.startswith("/")},
    }


async def fetch(shop: ScriptedShop, *requests: Request) -> list[Outcome]:
    wanted = requests or (Request(ORDER, PACKAGE, DocumentChoice()),)
    return list(await shop.shop.desks[Verb.LABEL].send(STORE, wanted))


async def test_a_label_that_is_ready_is_fetched_in_the_shops_own_type(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, script())
    (answer,) = await fetch(shop)
    assert answer.verdict is Verdict.DONE
    assert answer.document is not None
    assert (answer.document.format, answer.document.content, answer.document.tracking_number) == (
        "pdf",
        LABEL,
        "SPXMY01",
    )
    assert shop.bodies(DOWNLOAD) == [
        {"shipping_document_type": THERMAL, "order_list": [{"order_sn": ORDER, "package_number": PACKAGE}]}
    ]
    assert CREATE not in shop.paths()


async def test_without_a_tracking_number_it_waits_and_orders_nothing(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, script(**{NUMBERS: numbers(**{PACKAGE: ""})}))
    (answer,) = await fetch(shop)
    assert (answer.verdict, answer.cause.id if answer.cause else None) == (Verdict.WAIT, CauseId.NOT_READY)
    assert shop.paths() == [NUMBERS]


async def test_a_label_that_was_never_ordered_is_and_is_looked_for_at_once(clock: DrivenClock) -> None:
    states = [FIRST, rows(row(status="PROCESSING")), rows(row(status="READY"))]
    shop = ScriptedShop(clock, script(**{STATES: states, CREATE: rows(row())}))
    assert [answer.verdict for answer in await fetch(shop)] == [Verdict.WAIT]
    assert shop.bodies(CREATE) == [
        {
            "order_list": [
                {
                    "order_sn": ORDER,
                    "package_number": PACKAGE,
                    "tracking_number": "SPXMY01",
                    "shipping_document_type": THERMAL,
                }
            ]
        }
    ]
    assert [answer.verdict for answer in await fetch(shop)] == [Verdict.DONE]
    assert shop.paths().count(CREATE) == 1


@pytest.mark.parametrize(
    "states",
    [all_failed(failed("logistics.package_print_failed")), rows(row(status="FAILED"))],
)
async def test_a_label_that_failed_is_ordered_again(clock: DrivenClock, states: httpx.Response) -> None:
    script_ = script(**{STATES: [states, rows(row(status="READY"))], CREATE: rows(row())})
    assert [answer.verdict for answer in await fetch(ScriptedShop(clock, script_))] == [Verdict.DONE]


@pytest.mark.parametrize(
    ("created", "verdict"),
    [
        (rows(failed("logistics.document_already_created")), Verdict.WAIT),
        (all_failed(failed("logistics.package_can_not_print", "not yet ready, please try again later")), Verdict.WAIT),
        (all_failed(failed("logistics.package_can_not_print", "Printing is not possible.")), Verdict.REFUSED),
        (all_failed(failed("logistics.tracking_number_invalid")), Verdict.REFUSED),
        (all_failed(failed("logistics.can_not_print_jit_order")), Verdict.REFUSED),
    ],
)
async def test_what_a_refused_order_means(clock: DrivenClock, created: httpx.Response, verdict: Verdict) -> None:
    states = [FIRST, rows(row(status="PROCESSING"))]
    shop = ScriptedShop(clock, script(**{STATES: states, CREATE: created}))
    assert [answer.verdict for answer in await fetch(shop)] == [verdict]


async def test_one_bad_row_does_not_cost_the_others(clock: DrivenClock) -> None:
    bad = failed("logistics.order_status_error", "", *OTHER)
    found = script(
        **{
            NUMBERS: numbers(**{PACKAGE: "SPXMY01", OTHER[1]: "SPXMY02"}),
            TYPES: types(row(*OTHER, suggest_shipping_document_type=NORMAL)),
            STATES: rows(row(status="READY"), bad, warning=[{"order_sn": OTHER[0]}]),
        }
    )
    requests = [Request(ORDER, PACKAGE, DocumentChoice()), Request(*OTHER, DocumentChoice())]
    answers = await fetch(ScriptedShop(clock, found), *requests)
    assert [answer.verdict for answer in answers] == [Verdict.DONE, Verdict.REFUSED]


async def test_a_row_that_failed_with_its_order_number_alone_is_found(clock: DrivenClock) -> None:
    bare = {"order_sn": ORDER, "fail_error": "logistics.order_not_exist", "fail_message": "The order does not exist."}
    (answer,) = await fetch(ScriptedShop(clock, script(**{TYPES: all_failed(bare)})))
    assert (answer.verdict, answer.cause.id if answer.cause else None) == (Verdict.REFUSED, CauseId.NOT_OURS)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (no("logistics.download_later", "please download it later"), Verdict.WAIT),
        (no("logistics.packages_can_not_download_together"), Verdict.WAIT),
        (no("logistics.shipping_document_type_invalid"), Verdict.REFUSED),
        (httpx.Response(502, content=b"<html>bad gateway</html>"), Verdict.WAIT),
        (httpx.Response(200, content=b"\x00\x01 no document"), Verdict.WAIT),
        (httpx.ReadTimeout("late"), Verdict.WAIT),
    ],
)
async def test_a_download_that_fails_is_that_labels_trouble_only(
    clock: DrivenClock, answer: Any, verdict: Verdict
) -> None:
    shop = ScriptedShop(clock, script(**{DOWNLOAD: answer}))
    (found,) = await fetch(shop)
    assert found.verdict is verdict
    assert found.document is None


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (Request(ORDER, "", DocumentChoice()), CauseId.LABEL_EARLY),
        (Request(ORDER, PACKAGE, DocumentChoice(DocumentKind.PACKING_SLIP)), CauseId.UNSUPPORTED),
        (Request(ORDER, PACKAGE, DocumentChoice(size="A6")), CauseId.UNSUPPORTED),
        (Request(ORDER, PACKAGE, DocumentChoice(size="thermal-job")), CauseId.UNSUPPORTED),
    ],
)
async def test_what_shopee_does_not_have_is_refused_with_what_to_choose(
    clock: DrivenClock, request_: Request, cause: CauseId
) -> None:
    shop = ScriptedShop(clock, script())
    (answer,) = await fetch(shop, request_)
    assert (answer.verdict, answer.cause.id if answer.cause else None) == (Verdict.REFUSED, cause)
    assert DOWNLOAD not in shop.paths()


async def test_the_wished_size_is_fetched_and_the_suggested_one_offered_first(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {**reading(order()), **script()})
    assert [answer.verdict for answer in await fetch(shop, Request(ORDER, PACKAGE, DocumentChoice(size="normal")))] == [
        Verdict.DONE
    ]
    assert shop.bodies(DOWNLOAD)[0]["shipping_document_type"] == NORMAL
    found = (await shop.shop.orders_by_no(STORE, [ORDER])).orders[0]
    choices = await shop.shop.choices(STORE, Verb.LABEL, found)
    assert not isinstance(choices, Unsupported)
    assert [(offer.kind, offer.sizes) for offer in choices.documents] == [(DocumentKind.LABEL, ("thermal", "normal"))]


async def test_mass_tracking_that_is_refused_falls_back_to_the_packages_themselves(clock: DrivenClock) -> None:
    detail = package(tracking_number="SPXMY01")
    found = {**reading(order(), packages=[detail]), **script(**{NUMBERS: no("error_param", "Wrong parameters.")})}
    assert [answer.verdict for answer in await fetch(ScriptedShop(clock, found))] == [Verdict.DONE]


# -- files ------------------------------------------------------------------------------------------------------------


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (LABEL, "pdf"),
        (b"\r\n" + LABEL, "pdf"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b"\xef\xbb\xbf <HTML>", "html"),
        (b"^XA^FO50^XZ", "zpl"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(content: bytes, kind: str) -> None:
    found = read_file(content)
    assert (found.format, found.content) == (kind, content)


def test_a_zip_with_one_pdf_is_that_pdf() -> None:
    found = read_file(zipped(label=LABEL))
    assert (found.format, found.content) == ("pdf", LABEL)


def drawn(content: bytes) -> list[bytes]:
    """What is drawn on each page."""
    pages = PdfReader(io.BytesIO(content)).pages
    return [page.get_contents().get_data() for page in pages]  # type: ignore[union-attr]


def test_a_zip_with_several_pdfs_is_one_pdf_in_their_order() -> None:
    pages = [pdf([(f"SPXMY{place:02d}", [f"label {place}"])], "A6") for place in range(3)]
    found = read_file(zipped(b=pages[0], a=pages[1], c=pages[2]))
    assert found.format == "pdf"
    assert drawn(found.content) == [drawn(page)[0] for page in pages]
    assert len(set(drawn(found.content))) == 3


def test_a_zip_with_anything_else_in_it_stays_as_it_is() -> None:
    content = zipped(label=LABEL, readme=b"<html></html>")
    found = read_file(content)
    assert (found.format, found.content) == ("zip", content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        zipped(),
        zipped(label=LABEL)[:-30],
        zipped(bomb=b"%PDF-" + bytes(40_000_000)),
        zipped(**{f"f{place}": b"x" for place in range(201)}),
        zipped(one=b"%PDF-1.4 broken", two=b"%PDF-1.4 broken"),
    ],
    # Named, since an archive has its time in it: names made of its bytes differ from one process to the next.
    ids=["nothing", "JSON", "empty archive", "cut archive", "bomb", "too many files", "broken pages"],
)
def test_what_is_no_label_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_file(content)


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-"]))
def test_no_bytes_whatever_end_in_another_error(content: bytes, start: bytes) -> None:
    try:
        found = read_file(start + content)
    except Malformed:
        return
    assert found.format in {"pdf", "zip", "html", "zpl", "png"}
