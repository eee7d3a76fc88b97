"""What Shopee's codes mean: every one of the sheet, with and without module, blanks and statuses."""

from __future__ import annotations

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
)
from shoptui.adapters.codes import StaleToken
from shoptui.adapters.http import Answer, Call
from shoptui.adapters.shopee.codes import MEANINGS
from shoptui.adapters.shopee.errors import cause_of, error_for, last_segment, meaning_of
from shoptui.adapters.shopee.wire import Nothing, read_response
from shoptui.domain.intents import CauseId
from tests.adapters.shopee.support import no, ok

READ = Call("GET", "http://api.test/x", endpoint="x", app="main", marketplace="shopee", feed="orders")
WRITE = Call("POST", "http://api.test/x", endpoint="x", app="main", marketplace="shopee", feed="ship", write=True)
#: 2025-10-09 08:53:20 UTC, 16:53:20 where the quota's day begins.
AT = 1760000000.0


def answer(response: httpx.Response, call: Call = READ, **clock: float) -> Answer:
    return Answer(call, response.status_code, response.content, AT, None, clock.get("server_at"))


def error(code: str, message: str = "", call: Call = READ, **clock: float) -> AdapterError:
    return error_for(code, message, "r1", answer(no(code, message), call, **clock))


#: Every code of the sheet's sections 2.2, 3.2, 4.2, 5.10, 6.4 and 6.6 that is no umbrella.
SHEET = """
error_sign invalid_acceess_token invalid_access_token invalid_partner_id partner_shop_no_link shop_no_linked
merchant_no_linked user_no_linked shop_banned user_banned partner_frozen error_api_permission
error_ashop_api_permission error_kyc_auth error_api_call_restricted api_suspended error_partner_key_expired
source_ip_undeclared error_rate_limit error_server error_inner error_network error_data error_system_busy error_busi
error_not_found error_permission common.invalid_shop common.batch_api_all_failed invalid_code invalid_shop_id
invalid_main_acount_id refresh_token_expired error_shop_refresh_token error_merchant_refresh_token shop_access_expired
merchant_access_expired order.order_list_invalid_time error_archived_order_update order.cancel_order_invalid_status
order.order_status_invalid order.order_cannot_split order.order_cannot_split_pff order.order_has_been_split
order.order_split_duplicate_item order.order_split_failed order.order_split_item_not_exist
order.order_split_package_missing_item order.order_split_wrong_item_position order.order_split_wrong_item_quantity
order.order_split_get_package_info_failed order.order_cannot_undo_split order.order_unsplit_failed
logistics.ship_order_not_ready_to_ship logistics.package_already_shipped logistics.ship_order_need_pacakge_number
logistics.ship_order_not_need_pacakge_number logistics.package_number_not_exist
logistics.ship_order_only_support_one_type logistics.ship_order_need_address_pickup_time
logistics.ship_order_need_branch_id logistics.ship_order_need_sender_real_name
logistics.ship_order_need_tracking_number logistics.ship_order_pickup_time_invalid
logistics.ship_order_unsupport_pickup logistics.ship_order_unsupport_dropoff
logistics.ship_order_unsupport_non_integrated logistics.lack_of_invoice_data logistics.error_booking_order
logistics.order_prescription_unchecked error_status logistics.no_available_time_slot
logistics.no_supported_pickup_address logistics.no_supported_dropoff_branch logistics.invalid_address_version
logistics.package_can_not_print logistics.shipping_document_should_print_first logistics.order_status_error
logistics.tracking_number_invalid logistics.shipping_document_type_invalid logistics.download_later
logistics.package_print_failed logistics.order_not_exist logistics.package_number_not_found
logistics.can_not_print_combine_order logistics.can_not_print_jit_order logistics.packages_can_not_download_together
logistics.document_already_created logistics.invalid_error PARAMS_ERROR SERVER_ERROR
"""

#: Every code of the sheet's section 7.6 that is no umbrella, with the cause it stands for.
RETURNS = {
    "error_return_status": CauseId.WRONG_STATE,
    "returns.error_negotiation_status": CauseId.WRONG_STATE,
    "error_no_buyer_offer": CauseId.WRONG_STATE,
    "error_ongoing_dispute": CauseId.PLATFORM_DECIDES,
    "error_validation": CauseId.PLATFORM_DECIDES,
    "error_return_request_type": CauseId.UNSUPPORTED,
    "rraoc_refund_not_allowed": CauseId.UNSUPPORTED,
    "err_data": CauseId.WRONG_STATE,
    "dispute.request.param.error": CauseId.EVIDENCE,
    "dispute.rr.not.allow": CauseId.WRONG_STATE,
    "dispute.cancel.ineligible": CauseId.WRONG_STATE,
    "returnsn.illegal": CauseId.OTHER,
    "return.status.illegal": CauseId.WRONG_STATE,
    "proof.overdue": CauseId.TOO_LATE,
    "no.proof": CauseId.EVIDENCE,
    "format.unsupport": CauseId.EVIDENCE,
    "image.upload.fail": CauseId.UNREACHABLE,
    "number.error": CauseId.OTHER,
    "returns.return_not_found": CauseId.NOT_OURS,
}


@pytest.mark.parametrize(("code", "cause"), RETURNS.items())
def test_every_code_of_returns_has_its_cause(code: str, cause: CauseId) -> None:
    meaning = meaning_of(code, "")
    assert meaning.cause is cause and meaning.sentence != meaning_of("never_seen", "").sentence


@pytest.mark.parametrize("code", SHEET.split())
def test_every_code_of_the_sheet_is_known(code: str) -> None:
    assert last_segment(code) in MEANINGS
    sentence = meaning_of(code, "").sentence
    assert sentence.endswith(".")
    assert sentence != meaning_of("never_seen", "").sentence


@pytest.mark.parametrize(
    "code", ["package_already_shipped", " logistics.package_already_shipped", "logistics. package_already_shipped "]
)
def test_modules_and_stray_blanks_do_not_matter(code: str) -> None:
    assert meaning_of(code, "") == MEANINGS["package_already_shipped"]


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("invalid_acceess_token", "", StaleToken),
        ("error_auth", "Invalid access_token.", StaleToken),
        ("error_auth", "Invalid refresh_token.", AuthError),
        ("error_auth", "Invalid partner_id or shopid.", AuthError),
        ("error_auth", "partner_id is invalid", Rejected),
        ("error_auth", "Your app has no right to this.", ScopeError),
        ("error_auth", "something went wrong", Temporary),
        ("shop_no_linked", "", AuthError),
        ("error_api_permission", "", ScopeError),
        ("error_rate_limit", "", RateLimited),
        ("error_server", "", Temporary),
        ("order.error_limit", "cannot cancel", Rejected),
        ("error_limit", "cannot be done now", Rejected),
        ("never_seen", "Words.", Rejected),
    ],
)
def test_umbrellas_are_opened_by_their_words(code: str, message: str, kind: type[AdapterError]) -> None:
    assert type(error(code, message)) in {kind}


def test_only_a_token_problem_is_a_reason_to_refresh() -> None:
    for words in ("Invalid partner_id or shopid.", "partner_id is invalid", "no permission", "try later"):
        assert not isinstance(error("error_auth", words), StaleToken)


def test_the_daily_quota_begins_anew_at_midnight_utc_plus_eight() -> None:
    found = error("error_limit", "You have used up the daily quota.")
    assert isinstance(found, RateLimited)
    assert found.retry_after_s == 86400 - (16 * 3600 + 53 * 60 + 20)


def test_a_gateway_that_turns_a_write_away_has_not_let_it_through() -> None:
    turned_away, inside = error("error_auth", "hiccup", WRITE), error("error_server", "", WRITE)
    assert isinstance(turned_away, Temporary)
    assert isinstance(inside, Temporary)
    assert (turned_away.effect, inside.effect) == (Effect.NONE, Effect.POSSIBLE)


def test_a_wrong_clock_is_told_by_how_much() -> None:
    found = error("error_param", "Timestamp is expired.", server_at=AT - 400)
    assert "400 s ahead of Shopee's" in found.message


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("No shipping service takes 31700 g, the limit is 30000 g.", CauseId.TOO_HEAVY),
        ("The dimension of the parcel is too large.", CauseId.TOO_LARGE),
        ("Invalid postcode of recipient.", CauseId.ADDRESS),
        ("Wrong parameters, detail: x.", CauseId.OTHER),
    ],
)
def test_what_a_carrier_objects_to_is_told_by_its_words(words: str, cause: CauseId) -> None:
    assert cause_of("logistics.error_param", words).id is cause
    assert cause_of("error_param", words).id is CauseId.OTHER


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (httpx.Response(404, json={"error": "error_not_found"}), Rejected, "does not know this call"),
        (no("source_ip_undeclared", status=403), Rejected, "allow list"),
        (no("error_kyc_auth", status=403), Rejected, "finish registration"),
        (no("error_auth", "no chat", status=491), ScopeError, "permissions"),
        (no("error_rate_limit", status=429), RateLimited, "fewer calls"),
        (httpx.Response(429, content=b"slow"), RateLimited, "slow down"),
        (httpx.Response(502, content=b"<html>"), Temporary, "502"),
        (httpx.Response(200, content=b"<html>"), Malformed, "no JSON"),
        (httpx.Response(200, content=b"[]"), Malformed, "no JSON"),
        (httpx.Response(200, json={"response": {}}), Malformed, "no JSON"),
    ],
)
def test_statuses_and_bodies(response: httpx.Response, kind: type[AdapterError], words: str) -> None:
    with pytest.raises(kind, match=words):
        read_response(answer(response), Nothing)


@pytest.mark.parametrize("nothing", ["", "-", " "])
def test_what_shopee_prints_for_no_error_is_none(nothing: str) -> None:
    response = httpx.Response(200, json={"error": nothing, "message": "", "request_id": "r"})
    assert read_response(answer(response), Nothing) == Nothing()


@pytest.mark.parametrize("field", ["message", "msg", "mesage"])
def test_their_words_are_kept_under_any_name_and_made_safe(field: str) -> None:
    response = httpx.Response(200, json={"error": "error_param", field: "Wrong \x1b[31mfield"})
    with pytest.raises(Rejected, match="Shopee says: Wrong field"):
        read_response(answer(response), Nothing)


def test_a_success_needs_no_response() -> None:
    assert read_response(answer(ok()), Nothing) == Nothing()
