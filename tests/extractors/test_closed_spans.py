"""What is closed in a text moves nothing behind it."""

import pytest

from extractors.fields.node_rows import blanked
from extractors.searched import Searched


@pytest.mark.parametrize("spans", [[(2, 6), (4, 8)], [(2, 8), (3, 5)], [(4, 6), (2, 5)], [(2, 4)]])
def test_spans_that_overlap_leave_every_place_where_it_was(spans: list[tuple[int, int]]) -> None:
    text = "0123456789 nodes"
    for low in (text, Searched(text)):
        made = blanked(low, spans)
        assert len(made) == len(text)
        assert made.index("nodes") == text.index("nodes")
