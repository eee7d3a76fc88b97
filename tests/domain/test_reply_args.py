"""The arguments of replies and read marks: written and read back, and refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.intents import TargetKind, Verb
from shoptui.domain.verbs import (
    REPLY_MAX,
    TARGETS,
    THREAD_VERBS,
    BadArguments,
    ReadMark,
    ReplyText,
    read_args,
    write_args,
)

WORDS = st.text(min_size=1, max_size=200).filter(lambda text: bool(text.strip()))
IDS = st.text("0123456789", max_size=20)


@given(WORDS, IDS, st.sampled_from(["", "7"]), st.booleans())
def test_a_reply_is_read_as_it_was_written(text: str, after: str, template: str, automatic: bool) -> None:
    args = ReplyText(text, after, template, automatic)
    assert read_args(Verb.REPLY, write_args(args)) == args


def test_what_is_left_out_means_its_default() -> None:
    assert write_args(ReplyText("Hello", "")) == {"text": "Hello"}
    assert read_args(Verb.REPLY, {"text": "Hello"}) == ReplyText("Hello", "")
    assert read_args(Verb.MARK_READ, write_args(ReadMark("7"))) == ReadMark("7")


@pytest.mark.parametrize(
    ("verb", "arguments", "says"),
    [
        (Verb.REPLY, {}, "needs text"),
        (Verb.REPLY, {"text": " \n"}, "needs text"),
        (Verb.REPLY, {"text": 7}, "must be text"),
        (Verb.REPLY, {"text": "x" * (REPLY_MAX + 1)}, "at most 8000 characters"),
        (Verb.REPLY, {"text": "x", "automatic": "yes"}, "true or false"),
        (Verb.REPLY, {"text": "x", "to": "somebody"}, "knows no argument to"),
        (Verb.MARK_READ, {}, "needs last_message_id"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(verb: Verb, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(BadArguments, match=says) as raised:
        read_args(verb, arguments)
    assert str(raised.value).endswith(".")


def test_verbs_on_threads_act_on_nothing_else() -> None:
    assert {Verb.REPLY, Verb.MARK_READ} == THREAD_VERBS
    assert all((TARGETS[verb] is TargetKind.THREAD) == (verb in THREAD_VERBS) for verb in Verb)
