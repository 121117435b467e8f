"""Reading order: columns, tables, labels, hyphens, paragraphs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen import canvas

from extractors.pages import PlacedWord, arrange
from tests.adapters.reader import files
from tests.adapters.reader.pages import assert_sound, pages_of


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"left column line number {n} goes on here" for n in range(12)]
    right = [f"right column line number {n} follows it" for n in range(12)]

    def draw(paper: canvas.Canvas) -> None:
        paper.drawString(60, 800, "Institute of Pathology, final report on a long first line here")
        files.written(left, x=60, top=760, leading=14)(paper)
        files.written(right, x=320, top=757, leading=14)(paper)
        paper.drawString(60, 40, "Page 1 of 2, electronically signed by the responsible doctor")

    page = pages_of(files.drawn(draw))[0]
    order = [page.text.index(line) for line in [*left, *right]]
    assert order == sorted(order)
    assert page.text.startswith("Institute of Pathology")
    assert page.text.rstrip().endswith("responsible doctor")
    assert_sound(page)


@pytest.mark.parametrize("places", [(40, 220, 400), (40, 180, 400), (40, 240, 380)])
def test_three_columns_are_read_one_after_the_other(places: tuple[int, int, int]) -> None:
    columns = [[f"{name} text {n} of this column" for n in range(14)] for name in "abc"]

    def draw(paper: canvas.Canvas) -> None:
        for x, lines in zip(places, columns, strict=True):
            files.written(lines, x=x)(paper)

    text = pages_of(files.drawn(draw))[0].text
    order = [text.index(line) for lines in columns for line in lines]
    assert order == sorted(order)


def test_rows_of_a_table_stay_together() -> None:
    rows = [
        ("Estrogen receptor", "positive", "90 %"),
        ("Progesterone receptor", "positive", "75 %"),
        ("HER2", "negative", "score 1+"),
        ("Ki-67", "low", "12 %"),
        ("Grade", "2", "3 + 2 + 2"),
        ("Lymphovascular invasion", "absent", "-"),
        ("Closest margin", "4 mm", "anterior"),
    ]

    def draw(paper: canvas.Canvas) -> None:
        for index, row in enumerate(rows):
            for x, cell in zip((60, 260, 420), row, strict=True):
                paper.drawString(x, 700 - 18 * index, cell)

    lines = pages_of(files.drawn(draw))[0].text.splitlines()
    assert [line for line in lines if line] == [" ".join(row) for row in rows]


def table(rows: list[tuple[str, list[str], str]], *, centred: bool) -> bytes:
    """Return a table whose middle cells run over lines and whose others stand beside them."""

    def draw(paper: canvas.Canvas) -> None:
        paper.setFont("Helvetica", 9)
        top = 700.0
        for name, middle, right in rows:
            beside = top - (5.5 * (len(middle) - 1) if centred else 0)
            paper.drawString(60, beside, name)
            paper.drawString(400, beside, right)
            for index, line in enumerate(middle):
                paper.drawString(220, top - 11 * index, line)
            top -= 11 * len(middle) + 9

    return files.drawn(draw)


@pytest.mark.parametrize("centred", [True, False])
def test_cells_that_run_over_lines_stay_in_their_row(centred: bool) -> None:
    rows = [
        ("Estrogen receptor", ["90 percent of the nuclei", "(Allred score 8)"], "positive"),
        ("HER2", ["incomplete membrane", "staining, score 1"], "negative"),
        ("Ki-67", ["14 percent"], "low"),
        ("Margins", ["closest 4 mm, inked", "surface free"], "negative"),
        ("Grade", ["2"], "of three"),
    ]
    page = pages_of(table(rows, centred=centred))[0]
    lines = [line for line in page.text.splitlines() if line]
    assert lines == [" ".join([name, *middle, right]) for name, middle, right in rows]
    assert_sound(page)


def test_a_table_of_four_columns_is_not_read_as_columns() -> None:
    rows = [
        ("Estrogen receptor (clone SP1)", "Positive", "90 percent of the nuclei", "strong sign"),
        ("Progesterone receptor (1E2)", "Positive", "75 percent of the nuclei", "a good sign"),
        ("HER2 protein (clone 4B5)", "Negative", "incomplete membrane stain", "no gene copies"),
        ("Ki-67 index (clone MIB-1)", "Low", "14 percent of all nuclei", "below the limit"),
        ("Infiltrating lymphocytes seen", "Few", "stromal compartment only", "moderate at most"),
        ("PD-L1 expression (22C3)", "Negative", "combined score below one", "not expressed here"),
    ]

    def draw(paper: canvas.Canvas) -> None:
        paper.setFont("Helvetica", 9)
        for index, row in enumerate(rows):
            for x, cell in zip((50, 205, 265, 400), row, strict=True):
                paper.drawString(x, 700 - 13 * index, cell)

    lines = pages_of(files.drawn(draw))[0].text.splitlines()
    assert lines == [" ".join(row) for row in rows]


def test_labels_and_values_stay_together() -> None:
    labels = ["Patient:", "Date of birth:", "Accession:", "Surgeon:", "Received:", "Reported:"]
    values = [
        "Jane Example of Nowhere Town",
        "1 April 1960 in a city far away",
        "S-26-0001 with two parts",
        "Dr Example of the first clinic",
        "3 May 2026 in the early morning",
        "9 May 2026 by two pathologists",
    ]

    def draw(paper: canvas.Canvas) -> None:
        for index, (label, value) in enumerate(zip(labels, values, strict=True)):
            paper.drawString(60, 700 - 16 * index, label)
            paper.drawString(200, 700 - 16 * index, value)

    text = pages_of(files.drawn(draw))[0].text
    for label, value in zip(labels, values, strict=True):
        assert f"{label} {value}" in text


SYNOPSIS = [
    ("Procedure", "Partial mastectomy with sentinel lymph node biopsy"),
    ("Specimen laterality", "Left"),
    ("Tumor site", "Upper outer quadrant of the breast"),
    ("Tumor size (largest invasive focus)", "Greatest dimension 21 mm"),
    ("Histologic type", "Invasive carcinoma of no special type"),
    ("Glandular (acinar) / tubular differentiation", "Score 3"),
    ("Nuclear pleomorphism", "Score 2"),
    ("Mitotic rate", "Score 1 (up to 7 mitoses in 10 fields)"),
    ("Overall grade", "Grade 2 (scores of 6 or 7)"),
    ("Ductal carcinoma in situ", "Present, negative for extensive component"),
    ("Lymphovascular invasion", "Not identified"),
    ("Margins of the invasive carcinoma", "All margins negative for carcinoma"),
    ("Distance from the closest margin", "4 mm, anterior margin"),
    ("Number of lymph nodes examined", "3 nodes in all"),
    ("Number with macrometastases", "0"),
    ("Pathologic stage classification", "pT2 (sn) pN0, AJCC 8th edition"),
]


def test_a_long_synopsis_is_not_taken_for_two_columns() -> None:
    def draw(paper: canvas.Canvas) -> None:
        for index, (label, value) in enumerate(SYNOPSIS):
            paper.drawString(60, 740 - 15 * index, label)
            paper.drawString(310, 740 - 15 * index, value)

    lines = pages_of(files.drawn(draw))[0].text.splitlines()
    assert lines == [f"{label} {value}" for label, value in SYNOPSIS]


def test_a_ragged_list_beside_a_column_of_prose_is_a_column() -> None:
    prose = [f"The specimen is received in formalin, part {n}," for n in range(20)]
    blocks = [f"A{n}: sections of tumour {'and margin' * (n % 2)}" for n in range(9)]

    def draw(paper: canvas.Canvas) -> None:
        files.written(prose, x=50)(paper)
        files.written(blocks, x=330)(paper)

    text = pages_of(files.drawn(draw))[0].text
    order = [text.index(line.strip()) for line in [*prose, *blocks]]
    assert order == sorted(order)


def test_type_of_two_sizes_on_one_line_is_one_line() -> None:
    def draw(paper: canvas.Canvas) -> None:
        paper.setFont("Helvetica-Bold", 16)
        paper.drawString(60, 700, "Diagnosis:")
        paper.setFont("Helvetica", 9)
        paper.drawString(160, 700, "invasive carcinoma")

    assert pages_of(files.drawn(draw))[0].text == "Diagnosis: invasive carcinoma"


def test_words_cut_by_a_hyphen_are_joined_and_keep_both_boxes() -> None:
    lines = ["The invasive adeno-", "carcinoma is well-", "differentiated and HER-", "2 negative"]
    page = pages_of(files.drawn(files.written(lines)))[0]
    assert page.text == "The invasive adenocarcinoma is well-differentiated and HER-\n2 negative"
    assert_sound(page)
    start = page.text.index("adenocarcinoma")
    box = page.box_of(start, start + len("adenocarcinoma"))
    parts = [word.box for word in page.words if word.text in ("adeno-", "carcinoma")]
    assert box is not None
    assert box[1] == parts[0][1]
    assert box[3] == parts[1][3]


def test_wide_gaps_part_paragraphs() -> None:
    lines = ["Diagnosis", "Carcinoma of the breast", "with two foci", "", "", "Comment", "None"]
    page = pages_of(files.drawn(files.written(lines)))[0]
    assert page.text == "Diagnosis\nCarcinoma of the breast\nwith two foci\n\nComment\nNone"


@given(
    st.lists(
        st.builds(
            lambda text, x, y, w, h, d: PlacedWord(text, (x, y, x + w, y + h), d),
            st.text(min_size=1, max_size=8).filter(lambda s: not any(c.isspace() for c in s)),
            st.floats(0, 500),
            st.floats(0, 700),
            st.floats(0, 90),
            st.floats(0, 60),
            st.sampled_from([0, 0, 90, 270, -1]),
        ),
        max_size=60,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_words_at_all_get_an_order(words: list[PlacedWord]) -> None:
    text, placed = arrange(words)
    assert sorted(word.text for word in placed) == sorted(word.text for word in words)
    assert all(text[w.start : w.end] in (w.text, w.text[:-1]) for w in placed)
