"""PDFs through the sandbox: text, scans, mixtures, locked, signed and broken ones."""

import pytest
from reportlab.lib import pdfencrypt
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from tests.adapters.reader import files
from tests.adapters.reader.pages import EXPECTED, read, words


def test_a_pdf_with_text() -> None:
    document = read(files.report(2))
    assert document.media_type == "application/pdf"
    assert (document.status, document.message) == ("read", "")
    assert [page.number for page in document.pages] == [1, 2]
    page = document.pages[0]
    assert (page.method, page.reason, page.confidence) == ("text_layer", "text layer good", 1.0)
    assert page.text == "\n".join(files.LINES)


def test_a_scan_is_read_by_ocr_with_boxes_in_points() -> None:
    page = read(files.scan()).pages[0]
    assert (page.method, page.reason) == ("ocr", "no text, an image covers the page")
    assert words(page) >= EXPECTED
    assert page.confidence > 0.8
    assert page.text.splitlines()[0] == files.LINES[0]
    word = next(word for word in page.words if word.text == "Estrogen")
    # Drawn at x 72 with its base line 740 - 2 * 16 points above the foot of an A4 page.
    assert word.box[0] == pytest.approx(72, abs=3)
    assert word.box[3] == pytest.approx(842 - 708, abs=3)


@pytest.mark.parametrize("turned", [90, 180])
def test_a_scan_that_lies_wrong_is_turned(turned: int) -> None:
    page = read(files.scan(turned=turned)).pages[0]
    assert page.method == "ocr"
    assert words(page) >= EXPECTED
    word = next(word for word in page.words if word.text == "Estrogen")
    x0, top, x1, bottom = word.box
    assert (x1 - x0 > bottom - top) == (turned == 180)


def test_only_the_scanned_page_of_a_mixed_pdf_goes_to_ocr() -> None:
    picture = ImageReader(files.rendered(files.report()))
    content = files.drawn(
        files.written(), lambda paper: paper.drawImage(picture, 0, 0, 595, 842), lambda paper: None
    )
    document = read(content)
    assert [page.method for page in document.pages] == ["text_layer", "ocr", "blank"]
    assert document.status == "read"


def test_a_scan_with_a_stamp_of_text_goes_to_ocr() -> None:
    picture = ImageReader(files.rendered(files.report()))

    def draw(paper: canvas.Canvas) -> None:
        paper.drawImage(picture, 0, 0, 595, 842)
        paper.drawString(200, 20, "Scanned on 1 May 2026")

    page = read(files.drawn(draw)).pages[0]
    assert (page.method, page.reason) == ("ocr", "little text, an image covers the page")
    assert words(page) >= EXPECTED


def test_the_text_layer_under_a_scan_is_used() -> None:
    picture = ImageReader(files.rendered(files.report()))

    def draw(paper: canvas.Canvas) -> None:
        paper.drawImage(picture, 0, 0, 595, 842)
        hidden = paper.beginText(72, 740)
        hidden.setTextRenderMode(3)
        hidden.textLines("\n".join(files.LINES))
        paper.drawText(hidden)

    page = read(files.drawn(draw)).pages[0]
    assert page.method == "text_layer"
    assert "earlier OCR" in page.reason


def test_a_picture_on_a_page_of_text_is_read_too() -> None:
    strip = files.rendered(files.report()).crop((150, 200, 1300, 480))
    picture = ImageReader(strip)

    def draw(paper: canvas.Canvas) -> None:
        files.written(["Please find the copied result below, as sent to us."] * 4)(paper)
        paper.drawImage(picture, 20, 300, 560, 280 * 560 / 1150)

    page = read(files.drawn(draw)).pages[0]
    assert page.method == "text_layer"
    assert "picture" in page.reason
    assert {"please", "estrogen", "carcinoma"} <= words(page)


def test_a_broken_text_layer_goes_to_ocr() -> None:
    # A font whose codes mean nothing: what is drawn can be read, what is stored cannot.
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding"
        b" /ToUnicode 50000 0 R >>"
    )
    to_unicode = files.stream(b"1 beginbfrange <00> <FF> <E000> endbfrange")
    lines = b" ".join(
        files.text(line, 14, 72, 700 - 20 * n) for n, line in enumerate(files.LINES * 2)
    )
    content = files.by_hand(lines, more=[(50_000, to_unicode)]).replace(files.FONT, font)
    page = read(content).pages[0]
    assert page.method == "ocr"
    assert page.reason.startswith("text layer broken")
    assert words(page) >= EXPECTED


def test_type_turned_into_outlines_goes_to_ocr() -> None:
    letters = b"".join(b"%d 400 8 40 re f " % (60 + 20 * n) for n in range(20))
    document = read(files.by_hand(letters))
    assert document.pages[0].reason.startswith("no text, only drawn shapes")
    assert document.status == "no_text"


@pytest.mark.parametrize("strength", [40, 128])
def test_a_locked_pdf_asks_for_its_password(strength: int) -> None:
    locked = pdfencrypt.StandardEncryption("open sesame", "owner", strength=strength)
    content = files.drawn(files.written(), encrypt=locked)
    assert (read(content).status, read(content).pages) == ("encrypted", ())
    assert "password" in read(content).message
    wrong = read(content, password="sesame")
    assert wrong.status == "encrypted"
    assert "does not open" in wrong.message
    right = read(content, password="open sesame")
    assert right.status == "read"
    assert right.pages[0].text == "\n".join(files.LINES)


def test_a_pdf_locked_only_against_changes_is_read() -> None:
    locked = pdfencrypt.StandardEncryption("", "owner", canModify=0, canCopy=0)
    assert read(files.drawn(files.written(), encrypt=locked)).status == "read"


def test_a_locked_scan_is_opened_for_ocr_too() -> None:
    picture = ImageReader(files.rendered(files.report()))
    locked = pdfencrypt.StandardEncryption("geheim", "owner", strength=128)
    content = files.drawn(lambda p: p.drawImage(picture, 0, 0, 595, 842), encrypt=locked)
    assert words(read(content, password="geheim").pages[0]) >= EXPECTED


def test_a_signed_pdf_is_read_like_any_other() -> None:
    signature = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached"
        b" /ByteRange [0 100 200 100] /Contents <%s> >>" % (b"00" * 400)
    )
    field = (
        b"<< /FT /Sig /T (Signature1) /V 50000 0 R /Subtype /Widget /Rect [0 0 0 0] /P 100 0 R >>"
    )
    content = files.by_hand(
        files.text("signed report"),
        page_entries=b"/Annots [50001 0 R]",
        more=[(50_000, signature), (50_001, field)],
    )
    content = content.replace(
        b"/Type /Catalog", b"/Type /Catalog /AcroForm << /SigFlags 3 /Fields [50001 0 R] >>"
    )
    document = read(content)
    assert (document.status, document.pages[0].text) == ("read", "signed report")


def test_boxes_of_ocr_lie_on_the_part_of_the_page_that_is_shown() -> None:
    whole = read(files.scan()).pages[0]
    cut = files.scan().replace(b"/MediaBox", b"/CropBox [ 36 100 560 842 ] /MediaBox")
    page = read(cut).pages[0]
    for text in ("Estrogen", "SURGICAL"):
        one = next(word for word in whole.words if word.text == text)
        other = next(word for word in page.words if word.text == text)
        x0, top, x1, bottom = one.box
        assert other.box == pytest.approx((x0 - 36, top, x1 - 36, bottom), abs=2)
    assert (page.width, page.height) == pytest.approx((524, 742))


# Bad PDFs


def test_a_truncated_pdf_gives_its_whole_pages() -> None:
    content = files.by_hand(*[files.text(f"page {n} of three") for n in range(3)])
    cut = content[: content.index(b"xref")]
    document = read(cut)
    assert [page.text for page in document.pages] == [f"page {n} of three" for n in range(3)]
    headless = cut.replace(b"/Type /Catalog", b"/Type /Nothing")
    document = read(headless[:-200])
    assert document.status == "corrupt"
    assert "send it again" in document.message
    assert [page.text for page in document.pages][:1] == ["page 0 of three"]


@pytest.mark.parametrize("keep", [9, 200, 700])
def test_a_pdf_cut_to_its_beginning_is_corrupt(keep: int) -> None:
    document = read(files.report()[:keep])
    assert document.status == "corrupt"
    assert "damaged" in document.message


def test_missing_pages_are_noticed() -> None:
    content = files.by_hand(files.text("the only page left")).replace(b"/Count 1", b"/Count 3")
    document = read(content)
    assert document.status == "corrupt"
    assert "1 of 3" in document.message
    assert document.pages[0].text == "the only page left"


def test_a_pdf_without_pages() -> None:
    content = files.assembled(
        [(1, b"<< /Type /Catalog /Pages 2 0 R >>"), (2, b"<< /Type /Pages /Kids [] /Count 0 >>")]
    )
    document = read(content)
    assert (document.status, document.pages) == ("empty", ())
    assert "no pages" in document.message


def test_blank_pages() -> None:
    document = read(files.drawn(lambda paper: None))
    assert document.status == "no_text"
    assert document.pages[0].method == "blank"
    assert "empty" in document.message
