"""A count against the books."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.counting import Booked, CountLine, count_differences

BOOKS = {
    "bag": Booked("BAG", "Canvas bag", 15, 6),
    "mug": Booked("MUG", "Mug", 58, 2),
    "lamp": Booked("LAMP", "Lamp", None, 1),
    "cat": Booked("CAT", "Sticker", 4, 0),
}


def test_what_differs_is_new_unknown_or_missing() -> None:
    lines = [CountLine("mug ", 60, 2), CountLine("Bag", 15, 3), CountLine("LAMP", 3, 4), CountLine("HAT", 9, 5)]
    found = count_differences(lines, BOOKS)
    assert [(one.key, one.by) for one in found.changed] == [("mug", 2), ("lamp", None)]
    assert [one.key for one in found.same] == ["bag"]
    assert (found.unknown, found.missing, found.total_by) == ((lines[3],), ("cat",), 2)


@given(st.dictionaries(st.sampled_from(["bag", "mug", "lamp", "cat", "hat"]), st.integers(0, 99)))
def test_every_line_is_said_once(counted: dict[str, int]) -> None:
    found = count_differences([CountLine(sku.upper(), units) for sku, units in counted.items()], BOOKS)
    assert len(found.changed) + len(found.same) + len(found.unknown) == len(counted)
    assert set(found.missing) == {key for key, book in BOOKS.items() if book.hand is not None} - set(counted)
    for one in (*found.changed, *found.same):
        assert one.by is None or one.counted - one.by == one.booked
