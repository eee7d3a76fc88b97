"""The message line: nothing is cut inside a word or lost, and what is too long can be read in full."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import HouseView
from shoptui.domain.intents import IntentState
from shoptui.queries.types import BatchRow
from shoptui.screens.lines import width_of
from shoptui.screens.message_lines import MessageLines, shortened_message, whole_message
from shoptui.widgets.columns import CellText
from shoptui.widgets.line import LineText
from shoptui.widgets.roles import Role
from shoptui.words import Said
from tests.ui.app_support import NOW, Cockpit, cockpit, make_house

KEYS = (CellText("Del", Role.INFO), CellText(" "), CellText("seen"))
WORDS = st.text(alphabet="abcdefghij ,.店铺已签出ก", max_size=260)


def message(what: str, todo: str = "") -> LineText:
    left = (CellText(what),) if not todo else (CellText(what), CellText(f"  {todo}", Role.QUIET))
    return LineText(left, KEYS)


def words_of(lines: MessageLines) -> list[str]:
    return ["".join(piece.text for piece in line.left) for line in lines if line is not None]


@given(WORDS, WORDS, st.integers(60, 200))
def test_both_lines_fit_and_what_is_whole_loses_nothing(what: str, todo: str, width: int) -> None:
    said = message(what, todo)
    whole = whole_message(said, width)
    lines = whole if whole is not None else shortened_message(said, width)
    first, second = lines
    assert width_of(first.left) + width_of(first.right) + 3 <= width
    assert second is None or width_of(second.left) + 2 <= width
    squeezed = "".join(words_of(lines)).replace(" ", "")
    everything = f"{what}{todo}".replace(" ", "")
    if whole is not None:
        assert squeezed == everything
    else:
        assert squeezed.endswith("…")
        assert everything.startswith(squeezed[:-1])
        assert len(squeezed) > 60, "both lines are used"


def test_what_to_do_has_a_line_of_its_own_where_that_is_enough() -> None:
    what, todo = "sp-th-1 signed us out at 17:05: no orders come in, nothing goes out.", "Sign in again."
    assert words_of(whole_message(message(what, todo), 80) or ()) == [what, todo]
    assert words_of(whole_message(message("Short.", "Do it."), 80) or ()) == ["Short.  Do it."]


def test_a_long_sentence_goes_on_in_the_second_line_and_ends_after_a_word() -> None:
    what = " ".join(f"word{number}" for number in range(18))
    first, second = words_of(whole_message(message(what), 80) or ())
    assert f"{first} {second}" == what
    far_too_long = " ".join(f"word{number}" for number in range(60))
    *_lines, last = words_of(shortened_message(message(far_too_long), 80))
    assert last.endswith(" …")
    assert last.split()[-2] in far_too_long.split()


async def test_a_message_that_is_too_long_is_read_in_full_by_its_key(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    what = " ".join(f"reason{number}" for number in range(30)) + "."
    async with cockpit(data_dir) as under_test:
        frame = under_test.app.frame
        frame.post_notice(Notice("fault", Said(what, "Do the last thing."), Tone.BAD, sticky=True))
        assert under_test.line("message").endswith("' all Del seen")
        assert under_test.line("message-2").endswith(" …")
        await under_test.do("go.notice")
        text = " ".join(under_test.screen_text().split())
        assert what in text.replace("\n", " ")
        assert "Do the last thing." in text
        await under_test.do("strip.leave")
        # One that leads somewhere goes there from its strip.
        row = frame.orders.window.index.ids[5]
        frame.post_notice(Notice("other", Said(what), Tone.ASK, sticky=True, goes_to=f"order:{row}"))
        await under_test.do("go.notice")
        await under_test.press("enter")
        assert not frame.strip.is_open
        assert frame.orders.grid.cursor_id == row


def _hold(under_test: Cockpit, state: IntentState) -> None:
    """Eight seconds of a hold of 492 orders, or what became of them."""
    session = under_test.app.session
    row = BatchRow(
        batch_id="b1",
        verb="ship",
        operator=session.operator,
        created_at=NOW - 2,
        release_at=NOW + 8,
        state=state,
        cause=None,
        count=492,
        total=492,
        stores=("tt-th-1",),
        intent_ids=tuple(range(492)),
        acked=True,
        settled_at=None if state is IntentState.HELD else NOW,
    )
    session.take_house(HouseView(stores=session.house.stores, batches=(row,)))
    under_test.app.frame.draw_bars()


async def test_nothing_hides_what_is_held_and_its_messages_come_up_afterwards(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        frame = under_test.app.frame
        while frame.session.notices.seen() is not None:
            continue
        for key in ("one", "two"):
            frame.post_notice(Notice(key, Said(f"Message {key}."), Tone.BAD, sticky=True))
        _hold(under_test, IntentState.HELD)
        countdown = "8 s  then SHIP 492 goes out   z takes it back"
        assert under_test.line("message") == f"{countdown}+2"
        # An error of the moment is read beside it, not in its place.
        frame.say("2 were refused, the first: on hold by kit.", tone=Tone.BAD)
        assert under_test.line("message") == f"{countdown}+2"
        assert under_test.line("message-2") == "2 were refused, the first: on hold by kit."
        frame.session.notices.pass_by()
        # Nobody has read what is only counted: it is neither taken away nor gone to.
        for command in ("notice.seen", "go.notice"):
            frame.session.notices.pass_by()
            await under_test.do(command)
            assert frame.session.notices.count == 3
            assert under_test.line("message") == f"{countdown}+2"
            assert "when the hold is over" in under_test.line("message-2")
        frame.session.notices.pass_by()
        _hold(under_test, IntentState.DONE)
        assert under_test.line("message").startswith("Message two.")
        await under_test.do("notice.seen")
        assert under_test.line("message").startswith("Message one.")
