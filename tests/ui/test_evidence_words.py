"""What was read back about an intent is shown in words, with times of the operator's zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from shoptui.words.evidence import evidence_words

#: 2026-11-22 17:45 in Bangkok.
NOW = 1_795_344_300
BANGKOK = ZoneInfo("Asia/Bangkok")


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (None, ""),
        ({}, ""),
        (
            {
                "read_at": NOW - 180,
                "order_status": "AWAITING_COLLECTION",
                "package_status": "PROCESSING",
                "tracking_number": "1152000011",
            },
            "read 17:42  order AWAITING_COLLECTION  parcel PROCESSING  tracking 1152000011",
        ),
        ({"arranged_at": str(NOW - 86_400)}, "arranged Sat 17:45"),
        ({"cancelled_at": str(NOW), "cancelled_why": "out of stock"}, "cancelled 17:45 (out of stock)"),
        ({"cancelled_why": "out of stock"}, "cancelled_why out of stock"),
        ({"tracking_number": "", "carrier": " "}, ""),
        ({"answer": "already"}, "it was done already"),
        ({"asked_since": NOW, "last_answer": "not_ready"}, "asked since 17:45  last answer: not ready yet"),
        ({"was": "sending", "decided_by": "an"}, "before: on its way  decided by an"),
        ({"a_new_field": "as it is", "seen_at": 5}, "a_new_field as it is  seen_at 5"),
        ({"message_id": "77", "sent_at": str(NOW)}, "message no. 77  sent 17:45"),
        ({"messages_since": "0", "store_said": "nothing"}, "messages since: 0  the store said: nothing"),
        ({"store_said": "Hi!", "store_said_at": str(NOW)}, "the store said: Hi!  said 17:45"),
        ({"read_at": "later"}, "read_at later"),
        ({"read_at": "9" * 30}, "read_at " + "9" * 30),
    ],
)
def test_facts_are_said_in_words(evidence: dict[str, object] | None, said: str) -> None:
    assert evidence_words(evidence, NOW, BANGKOK) == said


def test_times_are_of_the_operators_zone() -> None:
    assert evidence_words({"read_at": NOW}, NOW, ZoneInfo("Europe/London")) == "read 10:45"
