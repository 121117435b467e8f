"""What looks like a pen's mark in a picture and is print: the bars of letters, the rings of a %."""

import pytest

from adapters.reader.engine import OcrWord
from adapters.reader.pen_rings import InkRing
from adapters.reader.pen_strokes import InkStroke
from adapters.reader.printed import is_bar, is_print


def word(text: str, left: float, right: float, confidence: float) -> OcrWord:
    return OcrWord(text, (left, 100.0, right, 140.0), confidence, (1, 1, 1))


@pytest.mark.parametrize(
    ("one", "left", "right", "printed"),
    [
        (word("Equivocal,", 388, 655, 92), 490, 620, True),
        (word("needle", 867, 1052, 94), 900, 992, True),
        (word("mm", 511, 587, 92), 512, 572, True),
        (word("free", 859, 968, 97), 860, 966, True),
        # A pen crosses a whole word, and OCR is less sure of it.
        (word("Negative", 200, 360, 94), 201, 359, False),
        (word("Grade2", 200, 300, 79), 230, 271, False),
        (word("Positive", 200, 360, 97), 190, 372, False),
    ],
)
def test_a_stroke_within_a_word_that_is_read_surely_is_of_its_letters(
    one: OcrWord, left: float, right: float, printed: bool
) -> None:
    stroke = InkStroke(tuple((float(x), 122.0, True) for x in range(int(left), int(right))))
    assert is_bar(stroke, [one]) is printed


def test_a_ring_around_a_sign_alone_is_print_and_one_around_a_word_is_not() -> None:
    ring = InkRing((190.0, 85.0, 270.0, 157.0), 0.0, ())
    line = [word("Positive", 20, 140, 96), word("Negative", 300, 420, 96)]
    assert is_print(ring, [*line, word("%", 205, 250, 76)])
    assert not is_print(ring, [*line, word("90", 205, 250, 76)])
