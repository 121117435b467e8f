"""The text layer: same words and boxes as pdfplumber, in an order in which people read."""

import io
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pdfplumber
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfminer.cmapdb import CMapParser, FileUnicodeMap
from pdfplumber.utils.text import LIGATURES as THEIR_LIGATURES
from reportlab.pdfgen import canvas

from extractors.pages import PdfText, PlacedWord, RawPage, arrange, decide, to_page
from extractors.pages.device import Character
from extractors.pages.fonts import ToUnicode
from extractors.pages.words import LIGATURES, without_duplicates
from extractors.types import Page
from tests.reading import files

ROOT = Path(__file__).resolve().parents[2]


def raw_pages(content: bytes) -> list[RawPage]:
    return list(PdfText(io.BytesIO(content)).pages())


def pages_of(content: bytes) -> list[Page]:
    return [to_page(raw, decide(raw)) for raw in raw_pages(content)]


def stock_words(content: bytes) -> list[tuple[str, float, float, float, float]]:
    found = []
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            left, top = page.bbox[:2]
            for word in page.extract_words():
                found.append(
                    (
                        word["text"],
                        word["x0"] - left,
                        word["top"] - top,
                        word["x1"] - left,
                        word["bottom"] - top,
                    )
                )
    return found


def assert_same_words(content: bytes) -> None:
    mine = sorted((word.text, *word.box) for raw in raw_pages(content) for word in raw.words)
    stock = sorted(stock_words(content))
    assert [word[0] for word in mine] == [word[0] for word in stock]
    for one, other in zip(mine, stock, strict=True):
        assert one[1:] == pytest.approx(other[1:], abs=0.5)


def assert_sound(page: Page) -> None:
    """What holds for every page: spans lie on words, boxes lie on the page."""
    end = 0
    for word in page.words:
        assert word.start >= end
        end = word.end
        shown = page.text[word.start : word.end]
        assert shown in (word.text, word.text[:-1])
        x0, top, x1, bottom = word.box
        assert 0 <= x0 <= x1 <= page.width + 0.01
        assert 0 <= top <= bottom <= page.height + 0.01
        assert page.box_of(word.start, word.end) == word.box
    assert end <= len(page.text)
    spaces = "".join(page.text[a:b] for a, b in _gaps(page))
    assert not spaces.strip()


def _gaps(page: Page) -> list[tuple[int, int]]:
    edges = [0]
    for word in page.words:
        edges += [word.start, word.end]
    edges.append(len(page.text))
    return list(zip(edges[::2], edges[1::2], strict=True))


def test_words_and_boxes_are_those_of_pdfplumber() -> None:
    def draw(paper: canvas.Canvas) -> None:
        files.written()(paper)
        paper.setFont("Times-Italic", 9)
        paper.drawString(80, 500, "Ki-67: 14 % (MIB-1); HER2 1+")
        writer = paper.beginText(80, 450)
        writer.setFont("Courier", 10)
        writer.setCharSpace(1.5)
        writer.setWordSpace(6)
        writer.setHorizScale(80)
        writer.setRise(4)
        writer.textLines("spaced and raised\nsecond line")
        paper.drawText(writer)

    assert_same_words(files.drawn(draw, draw))


@pytest.mark.parametrize("operators", [
    b"BT /F1 10 Tf 72 700 Td [(Tu) -120 (mour) 300 ( size) -2500 (14 mm)] TJ ET",
    b"BT /F1 10 Tf 14 TL 72 700 Td (first) Tj T* (second) Tj (third) ' ET",
    b"BT /F1 10 Tf 1 0 0 1 72 700 Tm (esc\\(aped\\) \\101\\102 \\\\ x) Tj ET",
    b"q 2 0 0 2 10 10 cm BT /F1 5 Tf 20 300 TD (scaled) Tj 0 -8 TD (lower) Tj T* (last) Tj ET Q",
    b"BT /F1 10 Tf 72 700 Td <4865782054657874> Tj ET % comment (not shown) Tj",
    b"BT /F1 10 Tf 72 700 Td (nested (parens) here) Tj ET /Nope gs 0 0 1 rg (after) pop",
    b"BI /W 1 /H 1 /BPC 8 /CS /G ID (x) Tj EI BT /F1 10 Tf 72 700 Td (behind image) Tj ET",
])  # fmt: skip
def test_text_operators_are_understood_as_pdfminer_does(operators: bytes) -> None:
    content = files.by_hand(operators)
    assert stock_words(content)
    assert_same_words(content)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotated_pages_keep_words_and_boxes(turn: int) -> None:
    content = files.by_hand(
        files.text("Tumour size 14 mm"),
        page_entries=b"/Rotate %d" % turn,
        media_box=b"[20 30 632 822]",
    )
    page = pages_of(content)[0]
    assert_sound(page)
    assert (page.width, page.height) == ((612, 792) if turn in (0, 180) else (792, 612))
    if turn == 0:
        assert page.text == "Tumour size 14 mm"
        assert_same_words(content)
        assert page.words[0].box[0] == pytest.approx(52, abs=0.5)


@pytest.mark.parametrize(
    ("matrix", "name"),
    [(b"0 1 -1 0", "upwards"), (b"0 -1 1 0", "downwards"), (b"-1 0 0 -1", "upside down")],
)
def test_turned_text_reads_forwards(matrix: bytes, name: str) -> None:
    shown = b"BT /F1 12 Tf %s 300 400 Tm (Estrogen receptor) Tj 0 -20 Td (positive 90) Tj ET"
    page = pages_of(files.by_hand(shown % matrix))[0]
    assert page.text == "Estrogen receptor\npositive 90", name
    assert_sound(page)
    x0, top, x1, bottom = page.words[0].box
    assert (bottom - top > x1 - x0) == (name != "upside down")


def test_a_slanted_stamp_does_not_mix_into_the_lines() -> None:
    def draw(paper: canvas.Canvas) -> None:
        files.written()(paper)
        paper.saveState()
        paper.translate(150, 620)
        paper.rotate(40)
        paper.setFont("Helvetica", 60)
        paper.drawString(0, 0, "COPY")
        paper.restoreState()

    page = pages_of(files.drawn(draw))[0]
    for line in files.LINES:
        assert line in page.text
    assert_sound(page)


def test_a_media_box_given_upside_down_does_not_lose_the_words() -> None:
    page = pages_of(files.by_hand(files.text("Margins free"), media_box=b"[0 792 612 0]"))[0]
    assert page.text == "Margins free"
    assert_sound(page)
    assert page.words[0].box[1] == pytest.approx(792 - 700 - 12 * 0.793, abs=3)


def test_text_outside_the_page_is_not_on_the_page() -> None:
    content = files.by_hand(files.text("here") + b" " + files.text("nowhere", y=900))
    page = pages_of(content)[0]
    assert page.text == "here"


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
    values = ["Jane Example of Nowhere Town", "1 April 1960 in a city far away",
              "S-26-0001 with two parts", "Dr Example of the first clinic",
              "3 May 2026 in the early morning", "9 May 2026 by two pathologists"]  # fmt: skip

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


def test_ligatures_are_spelled_out() -> None:
    assert LIGATURES == THEIR_LIGATURES
    to_unicode = files.stream(
        b"1 beginbfchar <01> <FB01> endbfchar 1 beginbfchar <02> <FB03> endbfchar"
    )
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 50001 0 R"
        b" /FirstChar 1 /LastChar 2 /Widths [500 800] /FontDescriptor << /Descent -200 >> >>"
    )
    content = files.by_hand(
        b"BT /F2 12 Tf 72 700 Td (\001) Tj /F1 12 Tf (broadenoma, di) Tj /F2 12 Tf (\002) Tj ET",
        resources=b"/XObject << >>",
        more=[(50000, font), (50001, to_unicode)],
    ).replace(b"/Font << /F1 3 0 R >>", b"/Font << /F1 3 0 R /F2 50000 0 R >>")
    assert pages_of(content)[0].text == "fibroadenoma, diffi"


def test_wide_gaps_part_paragraphs() -> None:
    lines = ["Diagnosis", "Carcinoma of the breast", "with two foci", "", "", "Comment", "None"]
    page = pages_of(files.drawn(files.written(lines)))[0]
    assert page.text == "Diagnosis\nCarcinoma of the breast\nwith two foci\n\nComment\nNone"


def test_filled_form_fields_are_read() -> None:
    def draw(paper: canvas.Canvas) -> None:
        paper.drawString(60, 700, "Tumour size:")
        paper.acroForm.textfield(name="size", value="23 mm", x=140, y=694, width=120, height=18)

    page = pages_of(files.drawn(draw))[0]
    assert re.search(r"Tumour size:\s+23 mm", page.text)
    assert_sound(page)


# Doubled characters


def doubled(lines: list[str], shift: float = 0.4) -> bytes:
    def draw(paper: canvas.Canvas) -> None:
        files.written(lines)(paper)
        files.written(lines, x=72 + shift)(paper)

    return files.drawn(draw)


def test_doubled_characters_are_dropped() -> None:
    page = pages_of(doubled(list(files.LINES)))[0]
    assert page.text.split("\n") == list(files.LINES)
    assert "doubled" in page.reason
    assert_sound(page)


def test_double_letters_are_not_doubled_characters() -> None:
    page = pages_of(files.drawn(files.written(["Illness of all cells, 11 mm, 00:11"])))[0]
    assert page.text == "Illness of all cells, 11 mm, 00:11"
    assert "doubled" not in page.reason


@given(st.integers(0, 10_000), st.floats(0, 0.9))
@settings(max_examples=25, deadline=None)
def test_deduplication_is_that_of_pdfplumber(seed: int, shift: float) -> None:
    words = [f"{(seed * 7919 + n * 104729) % 99991}" for n in range(40)]
    lines = [" ".join(words[n : n + 5]) for n in range(0, 40, 5)]
    content = doubled(lines, shift)
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        stock = [word["text"] for word in pdf.pages[0].dedupe_chars().extract_words()]
    mine = [word.text for word in raw_pages(content)[0].words]
    assert sorted(mine) == sorted(stock)


def test_deduplication_is_not_quadratic() -> None:
    page = [
        Character(chr(97 + n % 26), 5.0 * (n % 100) + shift, 12.0 * (n // 100), 0, 0, "F", 10.0)
        for n in range(30_000)
        for shift in (0.0, 0.3)
    ]
    start = time.process_time()
    assert len(without_duplicates(page)) == 30_000
    # Looking every one of 60,000 characters up in a list takes minutes.
    assert time.process_time() - start < 10


# Properties


@given(
    st.lists(
        st.tuples(
            st.text("abcdefghij -ABC0123.,;:%<>()", min_size=1, max_size=40),
            st.floats(-100, 700),
            st.floats(-100, 900),
            st.sampled_from([6, 9, 12, 30]),
            st.sampled_from([0, 0, 0, 90, 180, 270, 45]),
        ),
        max_size=25,
    ),
    st.sampled_from([0, 90, 180, 270]),
)
@settings(max_examples=60, deadline=None)
def test_every_word_has_a_place_in_the_text_and_on_the_page(
    lines: list[tuple[str, float, float, int, int]], turn: int
) -> None:
    def draw(paper: canvas.Canvas) -> None:
        paper.setPageRotation(turn)
        for words, x, y, size, angle in lines:
            paper.saveState()
            paper.setFont("Helvetica", size)
            paper.translate(x, y)
            paper.rotate(angle)
            paper.drawString(0, 0, words)
            paper.restoreState()

    for raw in raw_pages(files.drawn(draw)):
        text, words = arrange(raw.words)
        assert_sound(Page(1, raw.width, raw.height, "text_layer", "", text, words))
        assert sorted(word.text for word in words) == sorted(word.text for word in raw.words)


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


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_content_stream_breaks_the_reader(noise: bytes) -> None:
    content = files.by_hand(files.text("before") + b"\n" + noise)
    page = pages_of(content)[0]
    assert_sound(page)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, 255), st.integers(0x20, 0x2FF)).map(
                lambda pair: b"1 beginbfchar <%04X> <%04X> endbfchar\n" % pair
            ),
            st.tuples(st.integers(0, 255), st.integers(0, 300), st.integers(0x20, 0x2FF)).map(
                lambda t: (
                    b"1 beginbfrange <%04X> <%04X> <%04X> endbfrange\n" % (t[0], t[0] + t[1], t[2])
                )
            ),
            st.tuples(st.integers(0, 255), st.integers(0x20, 0x2FF)).map(
                lambda t: (
                    b"1 beginbfrange <%04X> <%04X> [<%04X> <0041>] endbfrange\n"
                    % (t[0], t[0] + 1, t[1])
                )
            ),
        ),
        max_size=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_unicode_maps_say_what_pdfminers_say(sections: list[bytes]) -> None:
    data = b"".join(sections)
    theirs = FileUnicodeMap()
    CMapParser(theirs, io.BytesIO(data)).run()
    mine = ToUnicode(data)
    for code in range(0, 600, 3):
        expected = theirs.cid2unichr.get(code)
        try:
            found: str | None = mine.get_unichr(code)
        except KeyError:
            found = None
        assert found == expected


def test_memory_stays_small_over_500_pages() -> None:
    lines = [f"line {n} with some words of a pathology report, {n} mm" for n in range(45)]
    content = b" ".join(files.text(line, 9, 60, 760 - 15 * n) for n, line in enumerate(lines))
    program = (
        "import io, re, sys\n"
        "from extractors.pages import PdfText, decide, to_page\n"
        "pages = PdfText(open(sys.argv[1], 'rb')).pages()\n"
        "assert sum(1 for raw in pages if to_page(raw, decide(raw)).words) == 500\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])\n"
    )
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(_five_hundred([content.replace(b"report", b"page %d" % n) for n in range(85)]))
        file.flush()
        done = subprocess.run(
            [sys.executable, "-c", program, file.name],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
    assert int(done.stdout) / 1024 <= 64


def _five_hundred(contents: list[bytes]) -> bytes:
    """Return a PDF of 500 pages, each with a stream of its own."""
    kids = b" ".join(b"%d 0 R" % (1000 + n) for n in range(500))
    objects = [
        (1, b"<< /Type /Catalog /Pages 2 0 R >>"),
        (2, b"<< /Type /Pages /Kids [%s] /Count 500 /MediaBox [0 0 612 792] >>" % kids),
        (3, files.FONT),
    ]
    for n in range(500):
        objects.append((100 + n, files.stream(contents[n % len(contents)])))
        objects.append(
            (
                1000 + n,
                b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R"
                b" /Resources << /Font << /F1 3 0 R >> >> >>" % (100 + n),
            )
        )
    return files.assembled(sorted(objects))
