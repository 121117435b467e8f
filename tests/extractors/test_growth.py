"""What reading costs grows with the length of a text, and not with its square."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_growth import MOST, growth
from extractors.spans import Cover

_LENGTH = 2_000


# Each of these once compared all of something with all of it, or read a whole page for each word.
@pytest.mark.parametrize(
    ("piece", "layout"),
    [
        ("left", "paragraphs"),
        ("tumor 2", "paragraphs"),
        ("Left breast, lumpectomy:", "columns"),
        (":", "lines with stops"),
        ("(A)", "lines with stops"),
        ("defined as", "lines with stops"),
        ("uncertain", "table"),
        ("neoadjuvant chemotherapy", "table"),
        ("ER positive", "one line"),
        ("*", "one line"),
        ("left", "blanks"),
    ],
)
def test_a_piece_many_times_over_costs_as_much_each_time(piece: str, layout: str) -> None:
    assert growth(piece, layout, _LENGTH) <= MOST


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda at: (at[0], at[0] + at[1]))
)


@settings(max_examples=100, deadline=None)
@given(spans, st.integers(0, 70), st.integers(1, 12))
def test_a_cover_touches_what_one_of_its_stretches_touches(
    stretches: list[tuple[int, int]], start: int, length: int
) -> None:
    end = start + length
    cover = Cover(stretches)
    assert cover.touches(start, end) == any(a < end and start < b for a, b in stretches)
    assert cover.holds(start) == any(a <= start < b for a, b in stretches)
