"""The message line's notices: what waits, what passes, and which of them is shown."""

from __future__ import annotations

from shoptui.cockpit.notices import Notice, NoticeBoard, Tone
from shoptui.words import Said

SENT = Notice("sent", Said("1 reply sent."), Tone.GOOD, sticky=True)


def test_a_notice_that_waits_comes_up_over_news() -> None:
    notices = NoticeBoard()
    notices.post(Notice("word", Said("Copied."), Tone.NEWS))
    notices.post(SENT)
    assert notices.top == SENT


def test_what_was_not_done_is_not_covered_by_a_result_but_comes_before_it() -> None:
    notices = NoticeBoard()
    refused = Notice("word", Said("Not sent: read the strip first."), Tone.ASK)
    notices.post(refused)
    notices.post(SENT)
    assert notices.top == refused
    notices.pass_by()
    assert notices.top == SENT
