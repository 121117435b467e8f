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

from extractors.pages import arrange
from extractors.pages.device import Character
from extractors.pages.fonts import ToUnicode
from extractors.pages.words import LIGATURES, without_duplicates
from extractors.types import Page
from tests.adapters.reader import files
from tests.adapters.reader.pages import (
    assert_same_words,
    assert_sound,
    pages_of,
    raw_pages,
    stock_words,
)

ROOT = Path(__file__).resolve().parents[3]


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
    lines = [f"line {n} with some words of a pathology report, {n} mm" for n in range(25)]
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
