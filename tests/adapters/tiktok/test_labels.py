"""The label desk: documents over real HTTP, in preparation, too early, too late, behind links that are dead."""

from __future__ import annotations

import httpx
import pytest

from shoptui.adapters.base import Temporary, Verdict
from shoptui.adapters.desks import Choices, DocumentOffer, Outcome, Request
from shoptui.adapters.tiktok.documents import offers
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Settling, Verb
from shoptui.domain.orders import ShippingType, Status
from shoptui.domain.verbs import DocumentChoice, DocumentKind
from shoptui.sandbox.world import shipping
from tests.adapters.tiktok.sandboxed import House, fault, house
from tests.adapters.tiktok.support import ScriptedShop, no, ok, store

P1 = "1153132168123859101"
DOCUMENTS = f"/fulfillment/202309/packages/{P1}/shipping_documents"
FILE = "/_files/labels"
LINK = "http://files.test/label?key=a%2Fb&expires=1"
ASKED = "/shipping_documents"


def label(request: Request, kind: DocumentKind = DocumentKind.LABEL, size: str = "") -> Request:
    return Request(request.order_no, request.target_id, DocumentChoice(kind, size))


async def shipped(at: House, count: int = 1) -> list[Request]:
    requests = (await at.shippable())[:count]
    assert len(requests) == count
    assert {outcome.verdict for outcome in await at.ship.send(at.store, requests)} == {Verdict.DONE}
    return requests


def content(outcome: Outcome) -> bytes:
    assert outcome.verdict is Verdict.DONE, outcome.cause
    assert outcome.document is not None
    return outcome.document.content


async def test_a_label_is_waited_for_then_fetched_with_its_tracking_number() -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.LABEL)
        (request,) = map(label, await shipped(at))
        (early,) = await desk.send(at.store, [request])
        assert early.verdict is Verdict.WAIT
        assert early.cause is not None and early.cause.id is CauseId.NOT_READY
        (reading,) = await desk.read_back(at.store, [request])
        assert reading.verdict is Verdict.WAIT
        at.sandbox.advance(10)
        (reading,) = await desk.read_back(at.store, [request])
        assert reading.verdict is Verdict.NOT_DONE
        (fetched,) = await desk.send(at.store, [request])
        number = at.sandbox.world.packages[request.target_id].tracking
        assert content(fetched).startswith(b"%PDF-") and number.encode() in content(fetched)
        assert fetched.document is not None
        assert (fetched.document.kind, fetched.document.format) == (DocumentKind.LABEL, "pdf")
        assert fetched.document.tracking_number == number
        assert "PDF" not in repr(fetched)


async def test_many_labels_come_each_with_its_own_and_the_unready_wait() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.LABEL)
        early = await shipped(at, 5)
        at.sandbox.advance(10)
        late = [request for request in await at.shippable() if request not in early][:2]
        await at.ship.send(at.store, late)
        outcomes = await desk.send(at.store, list(map(label, [*early, *late])))
        for request, outcome in zip(early, outcomes, strict=False):
            assert request.target_id.encode() in content(outcome)
        assert [outcome.verdict for outcome in outcomes[5:]] == [Verdict.WAIT, Verdict.WAIT]


@pytest.mark.parametrize(
    ("kind", "size", "mark"),
    [
        (DocumentKind.LABEL, "A5", b"[0 0 420 595]"),
        (DocumentKind.LABEL, "", b"[0 0 298 420]"),
        (DocumentKind.PACKING_SLIP, "A6", b"Packing slip"),
        (DocumentKind.LABEL_AND_SLIP, "", b"/Count 2"),
        (DocumentKind.HAZMAT, "", b"[0 0 595 842]"),
        (DocumentKind.LABEL_PICTURE, "", b"\x89PNG"),
    ],
)
async def test_every_offered_document_comes_in_its_size(kind: DocumentKind, size: str, mark: bytes) -> None:
    async with house() as at:
        (request,) = await shipped(at)
        at.sandbox.advance(10)
        (outcome,) = await at.desk(Verb.LABEL).send(at.store, [label(request, kind, size)])
        assert mark in content(outcome)
        assert outcome.document is not None
        assert outcome.document.format == ("png" if kind is DocumentKind.LABEL_PICTURE else "pdf")


async def test_what_the_market_does_not_offer_is_refused_without_a_call() -> None:
    async with house() as at:
        (request, *_) = await at.shippable()
        desk = at.desk(Verb.LABEL)
        for asked, words in (
            (label(request, DocumentKind.INVOICE), "no invoice in TH"),
            (label(request, DocumentKind.LABEL, "A3"), "choose A6 or A5"),
        ):
            before = {row.feed: row.today for row in at.budget.snapshot()}
            (outcome,) = await desk.send(at.store, [asked])
            assert outcome.verdict is Verdict.REFUSED
            assert outcome.cause is not None and outcome.cause.id is CauseId.UNSUPPORTED
            assert words in outcome.cause.message
            assert {row.feed: row.today for row in at.budget.snapshot()} == before
    (nothing,) = await at.desk(Verb.LABEL).send(at.store, [Request(request.order_no, "", DocumentChoice())])
    assert nothing.cause is not None and nothing.cause.id is CauseId.LABEL_EARLY


async def test_a_label_bought_in_seller_center_is_fetched_like_any_other() -> None:
    async with house(regions=("US",), orders=120) as at:
        world, now = at.sandbox.world, at.sandbox.clocks.world_now()
        desk = at.desk(Verb.LABEL)
        found = next(
            each
            for each in await at.orders()
            if each.shipping_type is ShippingType.PLATFORM
            and each.status is Status.TO_SHIP
            and desk.why_not(at.store, each) is None
        )
        theirs = world.orders[found.order_no]
        bought, _ = shipping.buy_label(world, theirs, theirs.open_lines, 500, None, now)
        at.sandbox.advance(10)
        (outcome,) = await desk.send(at.store, [Request(found.order_no, bought.id, DocumentChoice())])
        assert bought.tracking.encode() in content(outcome)


async def test_too_early_too_late_and_a_buyer_who_asks_have_their_causes() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.LABEL)
        waiting, collected, asked, gone = (await at.shippable())[:4]
        await at.ship.send(at.store, [collected])
        at.sandbox.poke("collect", package_id=collected.target_id)
        at.sandbox.poke("buyer_cancel_request", order_id=asked.order_no)
        at.sandbox.poke("cancel_order", order_id=gone.order_no)
        outcomes = await desk.send(at.store, list(map(label, [waiting, collected, asked, gone])))
        assert [(each.verdict, each.cause.id if each.cause else None) for each in outcomes] == [
            (Verdict.REFUSED, CauseId.LABEL_EARLY),
            (Verdict.REFUSED, CauseId.LABEL_LATE),
            (Verdict.REFUSED, CauseId.LABEL_EARLY),
            (Verdict.REFUSED, CauseId.CANCELLED),
        ]
        for request, refusal in ((waiting, None), (collected, "label_late"), (asked, "cancel_requested")):
            why = desk.why_not(at.store, await at.order(request.order_no))
            assert (why.id if why else None) == refusal


async def test_a_dead_link_gets_one_successor_and_then_waits() -> None:
    async with house() as at:
        desk = at.desk(Verb.LABEL)
        (request,) = map(label, await shipped(at))
        at.sandbox.advance(10)
        at.sandbox.faults.replace([fault(FILE, status=403)])
        assert content((await desk.send(at.store, [request]))[0])
        at.sandbox.faults.clear()
        at.sandbox.settings.label_link_s = 0
        (outcome,) = await desk.send(at.store, [request])
        assert outcome.verdict is Verdict.WAIT
        assert outcome.cause is not None and "links" in outcome.cause.message
        at.sandbox.settings.label_link_s = 86400
        assert content((await desk.send(at.store, [request]))[0])


@pytest.mark.parametrize("do", [{"drop_before": True}, {"status": 502}, {"not_json": True}, {"truncate": True}])
async def test_a_file_host_in_trouble_is_read_again_and_keeps_nothing_broken(do: dict[str, bool]) -> None:
    async with house() as at:
        desk = at.desk(Verb.LABEL)
        (request,) = map(label, await shipped(at))
        at.sandbox.advance(10)
        at.sandbox.faults.replace([fault(FILE, times=2, **do)])
        assert content((await desk.send(at.store, [request]))[0]).startswith(b"%PDF-")
        at.sandbox.faults.replace([fault(FILE, times=99, **do)])
        (outcome,) = await desk.send(at.store, [request])
        assert outcome.verdict is Verdict.WAIT and outcome.document is None


async def test_a_marketplace_that_answers_nobody_is_told_as_such() -> None:
    async with house(orders=200) as at:
        requests = list(map(label, await shipped(at, 2)))
        at.sandbox.advance(10)
        desk = at.desk(Verb.LABEL)
        at.sandbox.faults.replace([fault(ASKED, times=99, status=502)])
        with pytest.raises(Temporary):
            await desk.send(at.store, requests)
        with pytest.raises(Temporary):
            await desk.read_back(at.store, requests)
        at.sandbox.faults.replace([fault(f"{requests[0].target_id}{ASKED}", times=99, status=502)])
        outcomes = await desk.send(at.store, requests)
        assert [outcome.verdict for outcome in outcomes] == [Verdict.WAIT, Verdict.DONE]
        assert outcomes[0].cause is not None and outcomes[0].cause.id is CauseId.UNREACHABLE


async def test_the_link_is_opened_as_it_is_without_token_or_signature(clock: DrivenClock) -> None:
    pdf = httpx.Response(200, content=b"%PDF-1.4 x %%EOF", headers={"content-type": "application/pdf"})
    shop = ScriptedShop(clock, {DOCUMENTS: ok({"doc_url": LINK, "tracking_number": "84\x1b[31m1"}), "/label": pdf})
    request = Request("1", P1, DocumentChoice())
    (outcome,) = await shop.shop.desks[Verb.LABEL].send(store(), [request])
    assert content(outcome) == b"%PDF-1.4 x %%EOF"
    assert outcome.document is not None and outcome.document.tracking_number == "841"
    asked = shop.asked[-1]
    assert str(asked.url) == LINK
    assert "x-tts-access-token" not in asked.headers
    assert shop.asked[0].url.params["document_type"] == "SHIPPING_LABEL"
    assert shop.asked[0].url.params["document_size"] == "A6"


@pytest.mark.parametrize("link", ["ftp://files.test/label", "file:///etc/passwd", "label.pdf", "http:///x"])
async def test_a_link_that_is_no_web_address_is_not_opened(clock: DrivenClock, link: str) -> None:
    shop = ScriptedShop(clock, {DOCUMENTS: ok({"doc_url": link})})
    (outcome,) = await shop.shop.desks[Verb.LABEL].send(store(), [Request("1", P1, DocumentChoice())])
    assert outcome.verdict is Verdict.WAIT
    assert outcome.cause is not None and "https" in outcome.cause.message


@pytest.mark.parametrize("data", [None, {}, {"doc_url": None}])
async def test_an_answer_without_a_link_waits(clock: DrivenClock, data: object) -> None:
    shop = ScriptedShop(clock, {DOCUMENTS: ok(data)})
    (outcome,) = await shop.shop.desks[Verb.LABEL].send(store(), [Request("1", P1, DocumentChoice())])
    assert outcome.verdict is Verdict.WAIT


@pytest.mark.parametrize(
    ("code", "verdict", "cause"),
    [
        (11034037, Verdict.WAIT, CauseId.NOT_READY),
        (11034023, Verdict.WAIT, CauseId.NOT_READY),
        (21023035, Verdict.REFUSED, CauseId.LABEL_EARLY),
        (21042104, Verdict.REFUSED, CauseId.LABEL_EARLY),
        (21042102, Verdict.REFUSED, CauseId.LABEL_LATE),
        (21023059, Verdict.REFUSED, CauseId.CANCELLED),
        (21008017, Verdict.REFUSED, CauseId.UNSUPPORTED),
        (11034002, Verdict.REFUSED, CauseId.UNSUPPORTED),
        (21008043, Verdict.REFUSED, CauseId.FULFILLED_BY_PLATFORM),
        (21021010, Verdict.REFUSED, CauseId.CANCEL_REQUESTED),
        (21011028, Verdict.REFUSED, CauseId.NOT_OURS),
    ],
)
async def test_every_refusal_of_a_label_has_its_verdict(
    clock: DrivenClock, code: int, verdict: Verdict, cause: CauseId
) -> None:
    shop = ScriptedShop(clock, {DOCUMENTS: no(code, "no")})
    desk = shop.shop.desks[Verb.LABEL]
    (outcome,) = await desk.send(store(), [Request("1", P1, DocumentChoice())])
    assert (outcome.verdict, outcome.cause.id if outcome.cause else None) == (verdict, cause)
    (reading,) = await desk.read_back(store(), [Request("1", P1, DocumentChoice())])
    assert reading.verdict is (Verdict.WAIT if verdict is Verdict.WAIT else Verdict.NOT_DONE)


def test_documents_differ_by_market() -> None:
    assert DocumentOffer(DocumentKind.INVOICE) in offers("BR")
    assert DocumentKind.INVOICE not in {offer.kind for offer in offers("VN")}
    assert offers("VN")[0] == DocumentOffer(DocumentKind.LABEL, ("A6", "A5"))


async def test_the_choices_are_what_the_market_offers_and_labels_may_be_repeated() -> None:
    async with house() as at:
        (request, *_) = await at.shippable()
        choices = await at.shop.choices(at.store, Verb.LABEL, await at.order(request.order_no))
        assert isinstance(choices, Choices) and choices.documents == offers("TH")
        assert at.desk(Verb.LABEL).rule.settling is Settling.REPEAT
