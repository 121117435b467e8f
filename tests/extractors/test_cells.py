"""Tables: a value belongs to its own label, above it, beside it or around a tick."""

import pytest

from benchmarks.reading_cells import tables
from benchmarks.reading_forms import ASK
from extractors import extract
from extractors.forms.labels import is_label
from extractors.forms.stated import state
from extractors.types import Page, Word


def page(*rows: tuple[tuple[float, str], ...]) -> Page:
    """Return a page of cells, each given by its left edge in points and its words."""
    lines = [
        ((40.0, "SURGICAL PATHOLOGY REPORT"),),
        ((40.0, "Left breast, lumpectomy: invasive ductal carcinoma."),),
        *rows,
    ]
    text = ""
    words = []
    for number, line in enumerate(lines):
        text += "\n" if number else ""
        for at, (left, cell) in enumerate(line):
            text += " " if at else ""
            for position, word in enumerate(cell.split()):
                text += " " if position else ""
                start = len(text)
                text += word
                box = (left, 20.0 * number, left + 5.5 * len(word), 20.0 * number + 11)
                words.append(Word(word, box, start, len(text)))
                left += 5.5 * len(word) + 3
    return Page(1, 595.0, 842.0, "text_layer", "text layer good", text, tuple(words))


def values(one: Page, field: str) -> list[object]:
    return [f.value for f in extract((one,), document_id="1").findings if f.field == field]


def test_ticks_under_their_answers() -> None:
    for er, row in (("positive", "☒ ☐"), ("negative", "☐ ☒")):
        ticks = row.split()
        one = page(
            ((200.0, "Positive"), (300.0, "Negative")),
            ((40.0, "Estrogen receptor"), (215.0, ticks[0]), (315.0, ticks[1])),
            ((40.0, "HER2"), (215.0, ticks[1]), (315.0, ticks[0])),
        )
        assert values(one, "breast.er") == [er]
        assert values(one, "breast.her2") == [{"positive": "negative"}.get(er, "positive")]
        (finding,) = [
            f for f in extract((one,), document_id="1").findings if f.field == "breast.er"
        ]
        assert "☒" in finding.quote and finding.quote in one.text


@pytest.mark.parametrize(
    ("ticks", "reason"),
    [(("☐", "☐"), "nothing_ticked"), (("☒", "☒"), "several_ticked"), (("☐", "▨"), "unclear_tick")],
)
def test_a_row_of_ticks_that_is_not_settled_is_asked(ticks: tuple[str, str], reason: str) -> None:
    one = page(
        ((200.0, "Positive"), (300.0, "Negative")),
        ((40.0, "HER2"), (215.0, ticks[0]), (315.0, ticks[1])),
    )
    (question,) = extract((one,), document_id="1").questions
    assert (question.field, question.reason) == ("breast.her2", reason)
    assert [quote.value for quote in question.quotes] == ["positive", "negative"]
    assert not values(one, "breast.her2")


def test_lists_side_by_side_stay_apart() -> None:
    one = page(
        ((40.0, "ER:"), (200.0, "PR:"), (360.0, "HER2:")),
        ((40.0, "☐ Positive"), (200.0, "☒ Positive"), (360.0, "☐ Positive")),
        ((40.0, "☒ Negative"), (200.0, "☐ Negative"), (360.0, "☐ Negative")),
    )
    assert values(one, "breast.er") == ["negative"]
    assert values(one, "breast.pr") == ["positive"]
    assert not values(one, "breast.her2")
    asked = extract((one,), document_id="1").questions
    assert [(one.field, one.reason) for one in asked] == [("breast.her2", "nothing_ticked")]


def test_two_groups_of_boxes_on_one_line() -> None:
    one = page(((40.0, "ER: ☐ Positive ☒ Negative PR: ☒ Positive ☐ Negative"),))
    assert values(one, "breast.er") == ["negative"]
    assert values(one, "breast.pr") == ["positive"]


def test_a_value_belongs_to_the_head_above_it() -> None:
    one = page(
        ((40.0, "ER"), (140.0, "PR"), (240.0, "HER2"), (340.0, "Ki-67")),
        ((40.0, "Negative"), (140.0, "Positive"), (240.0, "Negative"), (340.0, "30 %")),
    )
    assert values(one, "breast.er") == ["negative"]
    assert values(one, "breast.pr") == ["positive"]
    assert values(one, "breast.her2") == ["negative"]
    assert values(one, "breast.ki67_percent") == [30]


def test_a_number_has_the_unit_of_its_column() -> None:
    one = page(
        ((40.0, "Marker"), (200.0, "Result"), (300.0, "%")),
        ((40.0, "ER"), (200.0, "Positive"), (300.0, "95")),
        ((40.0, "PR"), (200.0, "Negative"), (300.0, "0")),
        ((40.0, "Ki-67"), (300.0, "12")),
    )
    assert values(one, "breast.er_percent") == [95]
    assert values(one, "breast.pr") == ["negative"]
    assert values(one, "breast.ki67_percent") == [12]


def test_a_value_does_not_run_into_the_next_row() -> None:
    one = page(
        ((40.0, "Tumour size"), (250.0, "14 mm")),
        ((40.0, "Lymph nodes examined"), (250.0, "5")),
        ((40.0, "Lymph nodes positive"), (250.0, "0")),
        ((40.0, "Circumscribed margin status"), (250.0, "Involved")),
    )
    assert values(one, "tumour.nodes_examined") == [5]
    assert values(one, "breast.nodes_positive") == [0]
    assert values(one, "tumour.margin_status") == ["positive"]


def test_several_rows_of_values_are_left_as_they_are_printed() -> None:
    one = page(
        ((40.0, "ER"), (140.0, "PR")),
        ((40.0, "Negative"), (140.0, "Positive")),
        ((40.0, "Positive"), (140.0, "Positive")),
    )
    assert state(one.text, one.words).text.replace(";", "") == one.text


@pytest.mark.parametrize(
    "label",
    ["Oestrogen receptor status", "PgR", "HER-2/neu", "c-erbB-2", "Nottingham grade",
     "No. of lymph nodes retrieved", "Resection margins", "Lymph-vascular invasion"],
)  # fmt: skip
def test_labels_of_other_protocols_are_known(label: str) -> None:
    assert is_label(label) and is_label(f"{label}:")
    assert not is_label(f"{label} is negative")


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [("Grading: 2", "breast.grade", 2), ("Lymph nodes isolated: 7", "tumour.nodes_examined", 7),
     ("Circumscribed margin status: Involved", "tumour.margin_status", "positive")],
)  # fmt: skip
def test_a_label_that_no_field_knows_is_read_as_one_it_knows(
    line: str, field: str, value: object
) -> None:
    one = page(((40.0, line),))
    assert values(one, field) == [value]


@pytest.mark.parametrize("seed", [301, 302])
def test_drawn_tables_are_read_or_asked(seed: int) -> None:
    for table in tables(seed, 40):
        extracted = extract(table.pages, document_id="1")
        asked = {question.field for question in extracted.questions}
        for field, right in table.truth.items():
            found = [one.value for one in extracted.findings if one.field == field]
            if right == ASK:
                assert not found and field in asked, (field, table.text)
            else:
                assert found == [right], (field, table.text)
