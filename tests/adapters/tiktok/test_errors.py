"""Codes: each documented one has a meaning, and the catch-all is told apart by its message."""

from __future__ import annotations

import re
from email.utils import formatdate

import httpx
import pytest

from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    Malformed,
    RateLimited,
    Rejected,
    ScopeError,
    Temporary,
    Verdict,
)
from shoptui.adapters.tiktok.errors import MEANINGS, cause_of, meaning_of, verdict_of
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId
from tests.adapters.tiktok.support import DETAIL, REFRESH, ScriptedShop, no, ok, store, token_data

STORE = store()

#: Every code of the sheet's sections 4.3 (without the catch-all), 5.10, 6.11 and 9.5.
DOCUMENTED = re.findall(
    r"\d+",
    """
36009002 36009003 36009007 36009009 36009010 36009014 36009021 36009022 36009023 36009033 36009043 36009044 101000
105001 105002 105005 106001 106013 36004004 98001004 11050001 11001002 21001001
10002014 10002015 10037002 10037003 10037004 10006402 21008111
21011020 21011040 21008099 11006021 21011006 21011027 21011041 21008044 21011007 21021010 21008025 21011003 21011008
10007014 21011022 11028006 21004012 21004015 21004016 21022032 21011025 21034012 21011026 21011028 21011053 21011054
21004017 21004006 21004019 21004020 11021009 21014009 11006013 11006014 21008106 21011004 21011042 21011043 21011049
21011050 21011051 21011052 10007002 21011035 21011036 21011046 21011033 21023035 21042104 21042102 21023059 11034037
11034023 21008017 11034002 21008043 21001003 21001008 21001011 11001031 21042001 21042076 21022029
11021010 11021011 11021012 11021013 11021014 11021015 11021016 11021017 11021018 11021019 11021020 11021021 11021022
11021023 11021024 11021025
25001001 25001003 25001010 25001011 25001014 25001015 25001020 25001021 25001016 25001057 25001028 25001044 25001045
25001046 25001051 25001058 25007002 25001042 25005005 25005010 25005011 25007006 25011010 25011011 25011012 25011013
25011014 25011023 25011025 25011026 25011035 25020003 25020004 25020005 25020009 25020010 25020011 25020012
""",
)


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_code_has_a_sentence(code: str) -> None:
    sentence = MEANINGS[code].sentence
    assert sentence.endswith(".") and sentence[0].isupper()


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        ("11021012", "package weight exceeds the limit", CauseId.TOO_HEAVY),
        ("11021011", "buyer postcode is invalid", CauseId.ADDRESS),
        ("11021020", "package dimension exceeds the limit", CauseId.TOO_LARGE),
        ("11021015", "", CauseId.ADDRESS),
        ("11021009", "no shipping service for weight or address", CauseId.NO_SERVICE),
        ("21021010", "after-sale request in progress", CauseId.CANCEL_REQUESTED),
        ("21021010", "cannot deliver to the address", CauseId.ADDRESS),
        ("21011053", "", CauseId.SLOT_GONE),
        ("21011054", "", CauseId.NO_SLOT),
        ("21008044", "", CauseId.CANCEL_REQUESTED),
        ("21011041", "", CauseId.CANCELLED),
        ("10007014", "", CauseId.FROZEN),
        ("21008025", "", CauseId.FULFILLED_BY_PLATFORM),
        ("21004006", "", CauseId.INVOICE),
        ("11006013", "", CauseId.MUST_SPLIT),
        ("21011028", "", CauseId.NOT_OURS),
        ("99999999", "something odd", CauseId.OTHER),
    ],
)
def test_causes_are_the_houses_words(code: str, message: str, cause: CauseId) -> None:
    assert cause_of(code, message).id is cause
    assert cause_of(code, message).code == code
    assert message in cause_of(code, message).message


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("21011020", Verdict.ALREADY),
        ("21011040", Verdict.ALREADY),
        ("21008099", Verdict.ALREADY),
        ("11006021", Verdict.ALREADY),
        ("21011006", Verdict.ALREADY),
        ("21011027", Verdict.ALREADY),
        ("21011008", Verdict.WAIT),
        ("36009003", Verdict.WAIT),
        ("36009002", Verdict.WAIT),
        ("21011041", Verdict.REFUSED),
        ("99999999", Verdict.REFUSED),
    ],
)
def test_verdicts_of_a_ship_row(code: str, verdict: Verdict) -> None:
    got, cause = verdict_of(code, "")
    assert got is verdict
    assert (cause is None) is (verdict is Verdict.ALREADY)


def test_a_marketplace_message_cannot_bring_controls_in() -> None:
    assert "\x1b" not in cause_of("1", "a\x1b]0;owned\x07b").message
    assert len(cause_of("1", "x" * 9000).message) < 300


async def failure(clock: DrivenClock, reply: httpx.Response) -> AdapterError:
    shop = ScriptedShop(clock, {DETAIL: reply, REFRESH: ok(token_data(clock))})
    with pytest.raises(AdapterError) as caught:
        await shop.shop.orders_by_no(STORE, ["1"])
    return caught.value


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (36009002, 429, RateLimited),
        (36009002, 200, RateLimited),
        (36009003, 200, Temporary),
        (36009007, 200, Temporary),
        (10002014, 200, Temporary),
        (36009014, 200, Rejected),
        (101000, 200, AuthError),
        (106013, 200, AuthError),
        (105005, 200, ScopeError),
        (10006402, 200, ScopeError),
        (106001, 401, Rejected),
        (36009009, 404, Rejected),
        (36009010, 405, Rejected),
        (21001001, 200, Rejected),
        (12345678, 200, Rejected),
        (12345678, 500, Rejected),
    ],
)
async def test_the_code_decides_whatever_the_http_status(
    clock: DrivenClock, code: int, status: int, kind: type[AdapterError]
) -> None:
    error = await failure(clock, no(code, "own words", status=status))
    assert type(error) is kind
    assert error.code == str(code)
    assert error.request_id == "r2"
    assert "own words" in error.message


@pytest.mark.parametrize(("ahead_s", "words"), [(47, "47 s ahead of"), (-400, "400 s behind")])
async def test_a_wrong_clock_is_said_with_how_far_it_is_off(clock: DrivenClock, ahead_s: int, words: str) -> None:
    headers = {"date": formatdate(clock.wire_now() - ahead_s, usegmt=True)}
    error = await failure(clock, no(36009004, "timestamp is invalid", status=400, headers=headers))
    assert isinstance(error, Rejected)
    assert words in error.message
    assert "NTP" in error.message


async def test_a_wrong_clock_without_a_date_is_still_named(clock: DrivenClock) -> None:
    error = await failure(clock, no(36009004, "Invalid timestamp", status=400))
    assert "clock is wrong" in error.message


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("app_key is invalid", "does not know the app key"),
        ("shop_cipher is not expected", "shop's cipher"),
        ("decision is required", "a value of the request"),
        ("", "a value of the request"),
    ],
)
async def test_the_catch_all_names_what_offends(clock: DrivenClock, message: str, words: str) -> None:
    error = await failure(clock, no(36009004, message, status=400))
    assert isinstance(error, Rejected)
    assert words in error.message


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (httpx.Response(200, text='{"code":0,"data":{"orders":[{"id":"1"'), Malformed),
        (httpx.Response(200, text="not json"), Malformed),
        (httpx.Response(200, text=""), Malformed),
        (httpx.Response(200, json={"message": "no code"}), Malformed),
        (httpx.Response(200, json={"code": None}), Malformed),
        (httpx.Response(200, json=["code", 0]), Malformed),
        (httpx.Response(200, json={"code": 0, "data": {"orders": "none"}}), Malformed),
        (httpx.Response(200, text="[" * 100_000), Malformed),
        (httpx.Response(502, html="<h1>Bad Gateway</h1>"), Temporary),
        (httpx.Response(503, json={"error": "overload"}), Temporary),
        (httpx.Response(429, text="slow down"), RateLimited),
        (httpx.Response(403, html="blocked"), Rejected),
    ],
)
async def test_answers_that_are_no_envelope(
    clock: DrivenClock, reply: httpx.Response, kind: type[AdapterError]
) -> None:
    error = await failure(clock, reply)
    assert type(error) is kind
    if isinstance(error, (Temporary, Malformed)):
        assert error.effect is Effect.NONE


def test_one_meaning_per_code() -> None:
    assert meaning_of("11021012", "weight") != meaning_of("11021012", "postcode")
    assert meaning_of("21011041", "weight") == meaning_of("21011041", "")
