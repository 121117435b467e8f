"""A file that may leave: what can still be read or taken out of it."""

import io
from datetime import date
from typing import Any

import pypdfium2
import pytest
import segno
import zxingcpp
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from adapters.redaction.asking import Redactor
from adapters.redaction.types import Cover, NotRedacted, Redacted, covers_of
from deidentify import Identity

AMARA = Identity(
    names=("Amara Okoye",), births=(date(1971, 3, 14),), numbers=("MRN-556712",)
)  # fmt: skip
REDACTOR = Redactor()
PDF: Any = pypdfium2.PdfDocument


def report(*, title: str = "Amara Okoye", side: bool = False) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setTitle(title)
    lines = [
        "Patient Name: AMARA OKOYE      MRN: 556712",
        "DOB: 14/03/1971",
        "Invasive ductal carcinoma, grade 2, size 18 mm, ER 95 %.",
        "Mrs Okoye was informed of the result.",
    ]
    canvas.setFont("Helvetica", 12)
    for row, line in enumerate(lines):
        canvas.drawString(60, 760 - 24 * row, line)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 500, "Okoye in white")
    canvas.setFillColorRGB(0, 0, 0)
    if side:
        canvas.saveState()
        canvas.translate(570, 300)
        canvas.rotate(90)
        canvas.drawString(0, 0, "OKOYE AMARA MRN 556712")
        canvas.restoreState()
    canvas.linkURL("https://example.org/okoye", (60, 700, 200, 720))
    canvas.save()
    return target.getvalue()


def scan(content: bytes, kind: str = "PNG") -> bytes:
    picture = PDF(content)[0].render(scale=200 / 72).to_pil().convert("L")
    target = io.BytesIO()
    picture.save(target, kind, dpi=(200, 200), **({"exif": b"Exif\0\0"} if kind == "JPEG" else {}))
    return target.getvalue()


def redacted(content: bytes) -> Redacted:
    found = REDACTOR.find(content, AMARA)
    assert not found.problem
    return REDACTOR.redact(content, covers_of(h for p in found.pages for h in p.hits), AMARA)


def read(made: Redacted) -> str:
    return " ".join(word.text for page in made.pages for word in page.words)


@pytest.mark.parametrize("as_scan", [False, True])
def test_a_report_loses_the_person_and_keeps_the_result(as_scan: bool) -> None:
    made = redacted(scan(report()) if as_scan else report())
    shown = read(made)
    assert made.survivors == ()
    assert not made.blocked
    assert [name for name in ("Okoye", "OKOYE", "AMARA", "556712", "1971") if name in shown] == []
    assert "ductal carcinoma, grade 2, size 18 mm, ER 95 %." in shown
    assert made.media_type == ("image/jpeg" if as_scan else "application/pdf")


def test_the_new_file_holds_pictures_and_nothing_else() -> None:
    made = redacted(report(side=True))
    document = PDF(made.content)
    assert [document[0].get_textpage().get_text_range()] == [""]
    assert {one.type for one in document[0].get_objects()} == {3}
    assert b"koye" not in made.content
    assert b"/Annots" not in made.content
    assert document.count_attachments() == 0
    assert document.get_metadata_dict(skip_empty=True).get("Title") is None


def test_the_picture_of_a_page_is_black_where_the_name_stood() -> None:
    made = redacted(report())
    after = Image.open(io.BytesIO(made.pages[0].after)).convert("L")
    across = after.width / made.pages[0].width
    assert after.getpixel((round(170 * across), round(78 * across))) < 30  # type: ignore[operator]


def test_a_name_in_the_margin_goes_from_a_scan_too() -> None:
    made = redacted(scan(report(side=True)))
    assert made.survivors == ()
    right = Image.open(io.BytesIO(made.pages[0].after)).convert("L")
    strip = right.crop((round(right.width * 0.94), 0, right.width, right.height))
    assert strip.getextrema()[0] < 30  # type: ignore[operator]


def test_what_was_not_covered_blocks() -> None:
    made = REDACTOR.redact(report(), {}, AMARA)
    assert made.blocked
    assert {one.kind for one in made.survivors} >= {"name", "number", "birth"}


def test_a_person_may_cover_a_place_of_their_own() -> None:
    everything = {1: [Cover((0.0, 0.0, 595.0, 842.0))]}
    made = REDACTOR.redact(report(), everything, AMARA)
    assert read(made) == ""
    assert not made.blocked


def aside() -> bytes:
    """A page with the name wherever a reader of its own text would not look."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(60, 700, "Invasive ductal carcinoma, grade 2.")
    canvas.setFont("Helvetica", 6)
    canvas.drawString(60, 825, "AMARA OKOYE   MRN 556712")
    canvas.drawString(60, 12, "Okoye A. | page 1")
    canvas.setFont("Helvetica", 12)
    canvas.setFillGray(0.95)
    canvas.drawString(60, 600, "Amara Okoye, nearly white")
    canvas.setFillGray(0)
    canvas.rect(50, 490, 250, 30, fill=1)
    canvas.setFillGray(1)
    canvas.drawString(60, 500, "OKOYE 556712")
    canvas.setFillGray(0)
    canvas.acroForm.textfield(name="Okoye", value="Amara Okoye", x=60, y=420, width=200, height=24)
    canvas.textAnnotation("Amara Okoye", (60, 300, 90, 330))
    canvas.save()
    return target.getvalue()


def test_a_name_at_the_edge_in_a_form_in_white_or_in_a_note_is_gone() -> None:
    made = redacted(aside())
    shown = read(made)
    assert [part for part in ("OKOYE", "Okoye", "AMARA", "Amara", "556712") if part in shown] == []
    assert "ductal carcinoma, grade 2." in shown
    assert b"koye" not in made.content
    again = REDACTOR.redact(made.content, {}, AMARA)
    assert again.survivors == ()


def test_a_pale_name_across_a_scan_is_shown_to_a_person() -> None:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(60, 700, "Invasive ductal carcinoma, grade 2.")
    canvas.saveState()
    canvas.setFillGray(0.85)
    canvas.setFont("Helvetica-Bold", 60)
    canvas.translate(150, 250)
    canvas.rotate(45)
    canvas.drawString(0, 0, "OKOYE AMARA")
    canvas.restoreState()
    canvas.save()
    (page,) = REDACTOR.find(scan(target.getvalue()), AMARA).pages
    assert len([look for look in page.looks if look.why == "handwriting"]) >= 4


def test_a_qr_code_is_black() -> None:
    target, code = io.BytesIO(), io.BytesIO()
    segno.make("MRN 556712").save(code, kind="png", scale=6)
    canvas = Canvas(target, pagesize=A4)
    canvas.drawImage(ImageReader(Image.open(code)), 400, 600, 120, 120)
    canvas.drawString(60, 500, "Invasive ductal carcinoma, grade 2.")
    canvas.save()
    made = redacted(target.getvalue())
    page = PDF(made.content)[0].render(scale=2).to_pil()
    assert zxingcpp.read_barcodes(page) == []


def test_pages_are_left_out_and_come_in_the_order_asked_for() -> None:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    for word in ("first", "second", "third"):
        canvas.setFont("Helvetica", 30)
        canvas.drawString(100, 500, f"The {word} page of it")
        canvas.showPage()
    canvas.save()
    made = REDACTOR.redact(target.getvalue(), {}, AMARA, pages=[3, 1])
    assert [page.number for page in made.pages] == [3, 1]
    assert "third" in made.pages[0].words[1].text
    assert len(PDF(made.content)) == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"%PDF-1.4 nothing", "damaged"),
        (b"words alone", "unsupported"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
    ],
)
def test_a_bad_file_says_why(content: bytes, problem: str) -> None:
    assert REDACTOR.find(content, AMARA).problem == problem
    with pytest.raises(NotRedacted) as told:
        REDACTOR.redact(content, {}, AMARA)
    assert told.value.problem == problem


def test_a_scan_of_two_frames_becomes_a_pdf_of_two_pages() -> None:
    frames = [Image.open(io.BytesIO(scan(report()))), Image.new("L", (1654, 2339), 255)]
    target = io.BytesIO()
    frames[0].save(target, "TIFF", save_all=True, append_images=frames[1:], dpi=(200, 200))
    made = redacted(target.getvalue())
    assert made.media_type == "application/pdf"
    assert len(PDF(made.content)) == 2
    assert made.survivors == ()
    assert "ductal carcinoma, grade 2" in read(made)


def test_a_locked_file_says_so_and_opens_with_its_password() -> None:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, encrypt="secret")
    canvas.drawString(60, 700, "Mrs Okoye, grade 2")
    canvas.save()
    assert REDACTOR.find(target.getvalue(), AMARA).problem == "locked"
    found = REDACTOR.find(target.getvalue(), AMARA, password="secret")
    assert {hit.kind for page in found.pages for hit in page.hits} == {"name"}
