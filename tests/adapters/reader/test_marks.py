"""A footnote's mark never becomes a digit of the value that it stands behind."""

import random

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen import canvas

from extractors import extract
from tests.adapters.reader import files
from tests.adapters.reader.pages import assert_sound, pages_of

Piece = tuple[str, bool]


def line(*pieces: Piece, size: float = 11, small: float = 7, rise: float = 4) -> bytes:
    """Return a page with one line; pieces that say so are small and raised."""

    def draw(paper: canvas.Canvas) -> None:
        x = 72.0
        for text, raised in pieces:
            own = small if raised else size
            paper.setFont("Helvetica", own)
            paper.drawString(x, 700 + rise * raised, text)
            x += stringWidth(text, "Helvetica", own)

    return files.drawn(draw)


def text_of(*pieces: Piece) -> str:
    page = pages_of(line(*pieces))[0]
    assert_sound(page)
    return page.text


@pytest.mark.parametrize(("pieces", "expected"), [
    ([("size 1.4", False), ("1", True), (" cm", False)], "size 1.4 cm ¹"),
    ([("Ki-67: 12", False), ("2,3", True), ("%", False)], "Ki-67: 12 % ²,³"),
    ([("margin 3", False), ("a", True), (" mm", False)], "margin 3 mm ᵃ"),
    ([("positive", False), ("1", True), (" (95%)", False)], "positive (95%) ¹"),
    ([("size 14", False), ("*", True), (" mm", False)], "size 14 * mm"),
    ([("1", True), ("measured after fixation", False)], "measured after fixation ¹"),
    ([("4 per mm", False), ("2", True)], "4 per mm2"),
    ([("size 10", False), ("2", True), (" mm", False)], "size 10 mm ²"),
    ([("3 x 10", False), ("9", True), ("/L", False)], "3 x 10⁹/L"),
    ([("the 4", False), ("th", True), (" slide", False)], "the 4th slide"),
    ([("HER2", False), ("+", True)], "HER2+"),
])  # fmt: skip
def test_marks_stand_behind_their_line(pieces: list[Piece], expected: str) -> None:
    assert text_of(*pieces) == expected


def test_a_lowered_digit_belongs_to_its_word() -> None:
    page = pages_of(line(("CO", False), ("2", True), (" 40", False), small=8.5, rise=-0.5))[0]
    assert page.text == "CO2 40"


@pytest.mark.parametrize("seed", range(30))
def test_a_mark_changes_no_value(seed: int) -> None:
    draw = random.Random(seed)
    size, small = draw.uniform(9, 13), draw.uniform(0.5, 0.72)
    rise = draw.uniform(0.3, 0.45) * size
    mark = draw.choice(["1", "2", "3", "12", "a", "b", "1,2"])
    millimetres, percent = draw.randint(5, 60), draw.choice([5, 9, 20, 35, 90])

    def page(with_marks: bool) -> bytes:
        def write(paper: canvas.Canvas) -> None:
            files.written(["Left breast: invasive ductal carcinoma, grade 2."], top=740)(paper)
            for row, (label, unit) in enumerate((
                (f"Tumor size: {millimetres}", " mm in greatest dimension"),
                (f"Estrogen receptor: positive, {percent}", " %"),
            )):  # fmt: skip
                x, y = 72.0, 700 - 18 * row
                for text, own, up in ((label, size, 0.0), (mark, small * size, rise)):
                    if up and not with_marks:
                        continue
                    paper.setFont("Helvetica", own)
                    paper.drawString(x, y + up, text)
                    x += stringWidth(text, "Helvetica", own)
                paper.setFont("Helvetica", size)
                paper.drawString(x, y, unit)

        return files.drawn(write)

    values = [
        {f.field: f.value for f in extract(pages_of(page(marks)), document_id="d").findings}
        for marks in (False, True)
    ]
    assert values[0]["breast.size_mm"] == millimetres
    assert values[0]["breast.er_percent"] == percent
    assert values[1] == values[0]
