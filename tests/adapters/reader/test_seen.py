"""What the page shows counts: scans under text, pictures, and words that nobody can see."""

import random
from typing import Literal

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from adapters.reader import ReadDocument, ReaderLimits, SandboxedReader
from extractors import extract
from extractors.pages.agreement import compare
from extractors.types import Page
from tests.adapters.reader import files
from tests.adapters.reader.pages import read

REPORT = [
    "SURGICAL PATHOLOGY REPORT",
    "Left breast, lumpectomy: invasive ductal carcinoma, grade 2.",
    "Tumor size: 1.4 cm in greatest dimension.",
    "Estrogen receptor: positive (95%)",
    "HER2: negative (IHC 1+)",
]
DOUBTED = 0.8
"""Below this confidence a value is shown as unsure."""


def one(content: bytes) -> Page:
    return read(content).pages[0]


def over_scan(lines: list[str], *, mode: Literal[0, 3] = 0, seen: list[str] = REPORT) -> bytes:
    """Return a scan of `seen` with `lines` over (or with mode 3 invisibly under) it."""
    picture = ImageReader(files.rendered(files.drawn(files.written(seen))))

    def draw(paper: canvas.Canvas) -> None:
        paper.drawImage(picture, 0, 0, 595.28, 841.89)
        writer = paper.beginText(72, 740)
        writer.setFont("Helvetica", 11, 16)
        writer.setTextRenderMode(mode)
        writer.textLines(lines)
        paper.drawText(writer)

    return files.drawn(draw)


@pytest.mark.parametrize("stub", ["Page 1 of 1", "Scanned by the office, 3 May 2026, batch 12"])
def test_a_stub_of_hidden_text_does_not_hide_a_scan(stub: str) -> None:
    page = one(over_scan([stub], mode=3))
    assert page.method == "ocr"
    assert "Tumor size: 1.4 cm" in page.text
    assert "batch" not in page.text


def test_a_long_hidden_header_does_not_hide_a_scan() -> None:
    header = [f"Received by facsimile from the surgical office, sheet number {n}" for n in range(4)]
    page = one(over_scan(header, mode=3))
    assert "Tumor size: 1.4 cm" in page.text
    assert "facsimile" not in page.text


def test_a_typed_letterhead_does_not_hide_a_scan() -> None:
    picture = ImageReader(files.rendered(files.drawn(files.written(REPORT, top=500))))
    head = ["Example Hospital, Department of Pathology, 12 Long Street, Nowhere Town, Country"] * 3

    def draw(paper: canvas.Canvas) -> None:
        paper.drawImage(picture, 0, 0, 595.28, 841.89)
        files.written(head, top=800)(paper)

    page = one(files.drawn(draw))
    assert "Tumor size: 1.4 cm" in page.text
    assert "Example Hospital" in page.text


def test_the_layer_under_a_scan_counts_where_the_scan_says_the_same() -> None:
    page = one(over_scan(REPORT, mode=3))
    assert page.method == "text_layer"
    assert page.text.splitlines() == REPORT
    assert 0.8 < page.confidence < 1


def test_where_scan_and_layer_differ_the_scan_is_read_and_doubted() -> None:
    wrong = [line.replace("1.4", "7.4").replace("95%", "0%") for line in REPORT]
    page = one(over_scan(wrong, mode=3))
    assert "1.4 cm" in page.text
    assert "7.4" not in page.text
    assert "otherwise" in page.reason
    sure = {f.field: f.confidence for f in extract((page,), document_id="d").findings}
    assert sure["breast.size_mm"] < DOUBTED
    assert sure["breast.er_percent"] < DOUBTED
    assert sure["breast.her2_ihc"] > DOUBTED
    assert sure["breast.grade"] > DOUBTED


def test_a_layer_that_cannot_be_compared_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.reader.sandbox.find_tesseract", lambda *_: None)
    document: ReadDocument = SandboxedReader(ReaderLimits()).read(over_scan(REPORT, mode=3))
    assert document.pages[0].text.splitlines() == REPORT
    assert document.pages[0].confidence < DOUBTED


def test_a_small_pasted_picture_is_read() -> None:
    results = files.rendered(files.drawn(files.written(["PR: negative (0%)", "Ki-67: 40%"])))
    picture = ImageReader(results.crop((180, 240, 560, 340)))

    def draw(paper: canvas.Canvas) -> None:
        files.written(REPORT)(paper)
        paper.drawImage(picture, 60, 470, 137, 36)

    page = one(files.drawn(draw))
    assert "Ki-67: 40%" in page.text
    assert "PR: negative (0%)" in page.text
    word = next(word for word in page.words if word.text == "40%")
    assert 60 < word.box[0] < 197
    assert 842 - 506 < word.box[1] < 842 - 470


def test_a_picture_without_words_adds_nothing() -> None:
    noise = random.Random(5)
    photo = files.rendered(files.drawn(lambda _: None)).resize((300, 200))
    photo.putdata([noise.randint(60, 200) for _ in range(300 * 200)])
    picture = ImageReader(photo)

    def draw(paper: canvas.Canvas) -> None:
        files.written(REPORT)(paper)
        paper.drawImage(picture, 60, 300, 300, 200)

    assert one(files.drawn(draw)).text.splitlines() == REPORT


# Words that do not show


def test_hidden_text_over_no_picture_is_not_read() -> None:
    def draw(paper: canvas.Canvas) -> None:
        files.written(REPORT)(paper)
        writer = paper.beginText(72, 300)
        writer.setTextRenderMode(3)
        writer.textLine("HER2: positive (IHC 3+)")
        paper.drawText(writer)

    page = one(files.drawn(draw))
    assert page.text.splitlines() == REPORT
    assert page.method == "text_layer"


def test_a_page_of_hidden_text_only_is_empty() -> None:
    def draw(paper: canvas.Canvas) -> None:
        writer = paper.beginText(72, 700)
        writer.setTextRenderMode(3)
        writer.textLines(REPORT)
        paper.drawText(writer)

    assert one(files.drawn(draw)).method == "blank"


@pytest.mark.parametrize("colour", ["g", "rg", "k", "sc", "clear"])
def test_white_text_on_white_is_not_read(colour: str) -> None:
    setting = {
        "g": b"1 g",
        "rg": b"1 1 1 rg",
        "k": b"0 0 0 0 k",
        "sc": b"/DeviceGray cs 1 sc",
        "clear": b"/Clear gs",
    }[colour]
    content = files.by_hand(
        files.text("Estrogen receptor: positive")
        + b" q " + setting + b" " + files.text("HER2: positive", y=600) + b" Q "
        + files.text("Margins: free", y=500),
        resources=b"/ExtGState << /Clear << /ca 0 >> >>",
    )  # fmt: skip
    assert one(content).text.splitlines() == ["Estrogen receptor: positive", "Margins: free"]


def test_white_text_on_a_dark_bar_is_read() -> None:
    content = files.by_hand(
        b"0 0 0.5 rg 60 690 300 24 re f 1 1 1 rg " + files.text("Estrogen receptor: positive")
        + b" 0 g " + files.text("Margins: free", y=600)
    )  # fmt: skip
    assert one(content).text.splitlines() == ["Estrogen receptor: positive", "Margins: free"]


@pytest.mark.parametrize("bar", [b"0 g", b"1 g", b"0.5 g"])
def test_text_under_a_bar_is_not_read(bar: bytes) -> None:
    content = files.by_hand(
        files.text("Patient: Jane Example") + b" " + files.text("Margins: free", y=600)
        + b" " + bar + b" 60 690 300 24 re f"
    )  # fmt: skip
    assert one(content).text == "Margins: free"


def test_shading_under_text_leaves_it_alone() -> None:
    content = files.by_hand(
        b"0.8 g 60 690 300 24 re f 0 g " + files.text("Estrogen receptor: positive")
        + b" 0.8 g 60 590 300 24 re f 0 g " + files.text("Margins: free", y=600)
    )  # fmt: skip
    assert one(content).text.splitlines() == ["Estrogen receptor: positive", "Margins: free"]


# Two readings of one page


@pytest.mark.parametrize(("layer", "picture", "expected"), [
    ("size 1.4 cm, pN0, ER positive", "size 1,4 cm, pNO, ER positive", "same"),
    ("pT1c", "pT 1c", "same"),
    ("1O of 12", "10 of l2", "same"),
    ("size 7.4 cm", "size 1.4 cm", "other"),
    ("ER positive", "ER negative", "other"),
    ("not identified", "identified", "other"),
    ("HER2 3+", "HER2 3", "other"),
    ("Page 1", "Page 1, size 14 mm", "less"),
])  # fmt: skip
def test_readings_are_compared_by_what_decides(layer: str, picture: str, expected: str) -> None:
    assert compare(layer, picture) == expected
