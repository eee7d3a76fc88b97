"""Lazada's labels: bytes however they are wrapped, dead links, and what is no document."""

from __future__ import annotations

import base64

import httpx
import pytest

from shoptui.adapters.base import Verdict
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.verbs import DocumentChoice, DocumentKind
from tests.adapters.lazada.support import (
    FP,
    ITEMS,
    LABEL,
    PACKED,
    PENDING,
    UNIT_1,
    ScriptedShop,
    nested,
    request,
    result,
    send,
)

PDF = b"%PDF-1.4 label"
LINK = "http://files.test/awb.pdf?k=1&s=2"
FRAME = f'<iframe src="{LINK.replace("&", "&amp;")}" width="100%"></iframe>'
PAGE = "<html><body><div>Label</div></body></html>"


def in_base64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.parametrize(
    ("answer", "form", "content"),
    [
        ({"file": in_base64(FRAME), "doc_type": "PDF", "pdf_url": LINK}, "pdf", PDF),
        ({"file": in_base64(FRAME), "doc_type": "PDF"}, "pdf", PDF),
        ({"file": in_base64(PDF), "doc_type": "PDF"}, "pdf", PDF),
        ({"file": in_base64(PAGE), "doc_type": "HTML"}, "html", PAGE.encode()),
    ],
)
async def test_a_label_comes_as_bytes_however_it_is_wrapped(
    answer: dict[str, str], form: str, content: bytes, clock: DrivenClock
) -> None:
    shop = ScriptedShop(clock, {ITEMS: PACKED, LABEL: result(answer), "/awb.pdf": httpx.Response(200, content=PDF)})
    outcome = await send(shop, request(DocumentChoice(), UNIT_1), Verb.LABEL)
    assert outcome.verdict is Verdict.DONE
    assert outcome.document is not None
    assert (outcome.document.format, outcome.document.content) == (form, content)
    assert outcome.document.tracking_number == "LEXMY0081234567"
    assert nested(shop.sent(LABEL)[0], "getDocumentReq")["packages"] == [{"package_id": FP}]
    # A link is opened as it was given, without our token.
    assert all("access_token" not in str(asked.url) for asked in shop.asked if asked.url.path == "/awb.pdf")


async def test_a_dead_link_gets_one_successor(clock: DrivenClock) -> None:
    answer = result({"file": in_base64(FRAME), "pdf_url": LINK})
    gone = httpx.Response(410)
    shop = ScriptedShop(clock, {ITEMS: PACKED, LABEL: answer, "/awb.pdf": [gone, httpx.Response(200, content=PDF)]})
    assert (await send(shop, request(DocumentChoice(), UNIT_1), Verb.LABEL)).verdict is Verdict.DONE
    dead = ScriptedShop(clock, {ITEMS: PACKED, LABEL: answer, "/awb.pdf": gone})
    assert (await send(dead, request(DocumentChoice(), UNIT_1), Verb.LABEL)).verdict is Verdict.WAIT
    assert len(dead.sent("/awb.pdf")) == 2


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (result({"file": "", "pdf_url": ""}), Verdict.WAIT),
        (result(None, success=False, code="700040", message="nothing printable"), Verdict.REFUSED),
        (result(None, success=False, code="600001", message="not found"), Verdict.WAIT),
        (result({"file": in_base64(b"\x00\x01\x02")}), Verdict.WAIT),
        (result({"file": in_base64('<iframe src="file:///etc/passwd">')}), Verdict.WAIT),
    ],
)
async def test_what_is_no_document_is_kept_by_nobody(
    answer: httpx.Response, verdict: Verdict, clock: DrivenClock
) -> None:
    outcome = await send(
        ScriptedShop(clock, {ITEMS: PACKED, LABEL: answer}), request(DocumentChoice(), UNIT_1), Verb.LABEL
    )
    assert (outcome.verdict, outcome.document) == (verdict, None)


async def test_there_is_no_label_before_packing_and_no_document_lazada_has_not(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ITEMS: PENDING})
    early = await send(shop, request(DocumentChoice(), UNIT_1), Verb.LABEL)
    assert early.cause is not None
    assert early.cause.id is CauseId.LABEL_EARLY
    odd = await send(
        ScriptedShop(clock, {ITEMS: PACKED}), request(DocumentChoice(DocumentKind.HAZMAT), UNIT_1), Verb.LABEL
    )
    assert odd.cause is not None
    assert odd.cause.message == "Lazada has no hazmat; choose another document."
