"""Every format but PDF, by its content, and bad files with a status and plain words."""

import io
import zipfile
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image

from adapters.reader import ReaderLimits, SandboxedReader, media_type_of
from adapters.reader.engine import Tesseract
from adapters.reader.messages import NO_OCR
from adapters.reader.rich_text import rtf_parts
from adapters.reader.types import MISSING
from settings import Settings
from tests.adapters.reader import files
from tests.adapters.reader.pages import EXPECTED, read, words

DATA = Path(__file__).parent / "data"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


# Bad files


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
_NOISE = bytes((n * n * 7 + n * 31) % 251 for n in range(9000))
BAD = {
    "nothing": (b"", "empty"),
    "a program": (b"MZ\x90\0\3\0\0\0" + bytes(range(256)) * 4, "unsupported"),
    "noise": (_NOISE, "unsupported"),
    "zeros": (bytes(10_000), "unsupported"),
    "noise with a PDF header": (b"%PDF-1.7\n" + _NOISE, "corrupt"),
    "a header alone": (b"%PDF-1.4\n", "corrupt"),
    "half a JPEG header": (b"\xff\xd8\xff\xe0" + bytes(300), "corrupt"),
    "half a PNG": (files.image_bytes(Image.new("L", (400, 400)), "PNG")[:60], "corrupt"),
    "a cut archive": (b"PK\x03\x04" + bytes(200), "corrupt"),
    "old Word": (_OLE + "WordDocument".encode("utf-16-le"), "unsupported"),
    "blank text": (b" \n\n ", "empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_get_a_status_and_plain_words(name: str) -> None:
    content, status = BAD[name]
    document = read(content)
    assert document.status == status
    assert document.message.endswith((".", "?"))
    assert document.pages == () or all(not page.text for page in document.pages)


# Images


def picture() -> Image.Image:
    return files.rendered(files.report()).crop((100, 150, 1400, 700))


@pytest.mark.parametrize(
    ("kind", "options", "media_type"),
    [
        ("JPEG", {"quality": 70, "dpi": (200, 200)}, "image/jpeg"),
        ("PNG", {}, "image/png"),
        ("WEBP", {"quality": 70}, "image/webp"),
    ],
)
def test_photos_are_read(kind: str, options: dict[str, object], media_type: str) -> None:
    document = read(files.image_bytes(picture(), kind, **options))
    assert (document.media_type, document.status) == (media_type, "read")
    assert document.pages[0].method == "ocr"
    assert words(document.pages[0]) >= EXPECTED


def test_a_photo_with_an_orientation_mark_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90 degrees
    lying = picture().rotate(90, expand=True)
    page = read(files.image_bytes(lying, "JPEG", exif=exif)).pages[0]
    assert words(page) >= EXPECTED
    assert page.width > page.height


def test_transparent_pictures_are_read_on_white() -> None:
    ink = picture().point(lambda value: 255 - value)
    clear = Image.new("RGBA", ink.size, (0, 0, 0, 0))
    clear.putalpha(ink)
    assert words(read(files.image_bytes(clear, "PNG")).pages[0]) >= EXPECTED


def test_heic_photos_are_read() -> None:
    document = read((DATA / "photo.heic").read_bytes())
    assert (document.media_type, document.status) == ("image/heic", "read")
    assert {"estrogen", "margins", "carcinoma"} <= words(document.pages[0])


def test_every_page_of_a_tiff_is_read() -> None:
    fax = files.drawn(files.written(["Second page of the fax, 22 mm"]))
    second, blank = files.rendered(fax).convert("1"), Image.new("1", (600, 400), 1)
    first = picture().convert("1")
    pages = {"save_all": True, "append_images": [second, blank]}
    content = files.image_bytes(first, "TIFF", compression="group4", dpi=(200, 200), **pages)
    document = read(content)
    assert document.media_type == "image/tiff"
    assert words(document.pages[0]) >= EXPECTED
    assert {"second", "fax"} <= words(document.pages[1])
    assert document.pages[2].text == ""
    assert document.status == "read"


def test_a_picture_without_text_says_so() -> None:
    document = read(files.image_bytes(Image.radial_gradient("L"), "JPEG"))
    assert document.status == "no_text"
    assert "photo" in document.message


def test_a_picture_that_unpacks_to_gigabytes_is_refused() -> None:
    content = bytearray(files.image_bytes(Image.new("1", (8, 8)), "PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    document = read(bytes(content))
    assert document.status == "too_large"
    assert document.message


# Text, office, mail


def test_plain_text_in_several_encodings() -> None:
    text = "Befund: Mammakarzinom rechts, Größe 12 mm\nÖstrogenrezeptor 90 %\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        document = read(text.encode(encoding))
        assert (document.media_type, document.status) == ("text/plain", "read")
        page = document.pages[0]
        assert page.method == "plain"
        assert page.text.strip() == text.strip(), encoding
        assert page.words == ()
        assert page.box_of(0, 5) is None


def test_form_feeds_part_pages_of_text() -> None:
    document = read(b"one\r\ntwo\x0cthree\x0c\x0c")
    assert [page.text for page in document.pages] == ["one\ntwo", "three"]
    assert [page.number for page in document.pages] == [1, 2]


def docx(body: str, *, media: bytes | None = None) -> bytes:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>'
    header = f'<w:hdr xmlns:w="{namespace}"><w:p><w:r><w:t>Clinic header</w:t></w:r></w:p></w:hdr>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
        archive.writestr("word/header1.xml", header)
        if media is not None:
            archive.writestr("word/media/image1.png", media)
    return target.getvalue()


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def test_word_documents_are_read_with_tables_and_without_deleted_text() -> None:
    def cell(text: str) -> str:
        return f"<w:tc>{paragraph(text)}</w:tc>"

    rows = [("ER", "positive"), ("HER2", "score 1+")]
    table = "".join(f"<w:tr>{cell(a)}{cell(b)}</w:tr>" for a, b in rows)
    body = (
        paragraph("Invasive ", "carcinoma, 14 mm")
        + f"<w:tbl>{table}</w:tbl>"
        + "<w:p><w:del><w:r><w:delText>grade 3</w:delText></w:r></w:del>"
        + "<w:ins><w:r><w:t>grade 2</w:t></w:r></w:ins></w:p>"
        + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        + paragraph("Second page")
    )
    document = read(docx(body))
    assert (document.media_type, document.status) == (DOCX_TYPE, "read")
    first, second = (page.text for page in document.pages)
    assert first.startswith("Clinic header\n")
    assert "Invasive carcinoma, 14 mm\n" in first
    assert "ER\tpositive\nHER2\tscore 1+\n" in first
    assert "grade 2" in first
    assert "grade 3" not in first
    assert second.strip() == "Second page"


def test_a_scan_pasted_into_word_comes_as_an_attachment() -> None:
    noise = Image.effect_noise((300, 300), 80)
    document = read(docx(paragraph("see below"), media=files.image_bytes(noise, "PNG")))
    assert [attachment.name for attachment in document.attachments] == ["image1.png"]
    assert media_type_of(document.attachments[0].content) == "image/png"


def test_a_word_document_that_expands_without_end_is_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]>'
    content = docx(paragraph("&l9;"))
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            copy.writestr(name, bomb.encode() + data if name == "word/document.xml" else data)
    document = read(target.getvalue())
    assert document.status in ("corrupt", "too_large")
    assert not document.pages


def test_opendocument_texts_are_read() -> None:
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    body = (
        "<t:h>Diagnosis</t:h><t:p>Carcinoma,<t:s t:c='2'/>14<t:tab/>mm <t:span>left</t:span></t:p>"
        "<b:table><b:table-row><b:table-cell><t:p>ER</t:p></b:table-cell>"
        "<b:table-cell><t:p>90 %</t:p></b:table-cell></b:table-row></b:table>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", f'<o xmlns:t="{text}" xmlns:b="{table}">{body}</o>')
    document = read(target.getvalue())
    assert document.media_type == "application/vnd.oasis.opendocument.text"
    assert document.pages[0].text == "Diagnosis\nCarcinoma,  14\tmm left\nER\t90 %"


def test_rtf_is_read() -> None:
    source = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}\f0 Gr\'f6\'dfe\par "
        rb"\b 14\~mm\b0\line \u945?-Wert {\pict\wmetafile8 010203}\tab \{x\}}"
    )
    assert rtf_parts(source)[0] == "Größe\n14\u00a0mm\nα-Wert \t{x}"
    document = read(source)
    assert (document.media_type, document.status) == ("application/rtf", "read")


def test_web_pages_are_read_without_their_scripts() -> None:
    source = (
        b"<!DOCTYPE html><html><head><title>no</title></head><body><p>ER <b>positive</b>"
        b"<script>var x = 1</script></p><table><tr><td>Size</td><td>14 mm</td></table>"
    )
    document = read(source)
    assert document.pages[0].text.split() == ["ER", "positive", "Size", "14", "mm"]


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Dr Example <doctor@hospital.example>"
    message["To"] = "cases@coordination.example"
    message["Subject"] = "Befund für Ihre Akte"
    message["Date"] = "Mon, 04 May 2026 10:00:00 +0200"
    message["Message-ID"] = "<1@hospital.example>"
    message.set_content("Please find the report attached.")
    message.add_alternative("<p>Please find the report attached.</p>", subtype="html")
    report = files.report()
    message.add_attachment(report, maintype="application", subtype="pdf", filename="Befund ü.pdf")
    return message


def test_mails_are_read_and_their_attachments_unpacked() -> None:
    document = read(mail().as_bytes())
    assert (document.media_type, document.status) == ("message/rfc822", "read")
    assert document.pages[0].text.count("Please find the report attached.") == 1
    assert "Subject: Befund für Ihre Akte" in document.pages[0].text
    (attachment,) = document.attachments
    assert attachment.name == "Befund ü.pdf"
    assert read(attachment.content).pages[0].text == "\n".join(files.LINES)
    assert document.details == {"attachments": 1}
    assert "Befund" not in repr(document)


def test_a_forwarded_mail_is_an_attachment() -> None:
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = "a@a.example", "b@b.example", "Fwd"
    outer["Message-ID"] = "<2@a.example>"
    outer.set_content("see below")
    outer.add_attachment(mail())
    (inner,) = read(outer.as_bytes()).attachments
    assert len(read(inner.content).attachments) == 1


def test_outlook_messages_are_read() -> None:
    report = files.report()
    content = files.outlook_message("Report of May", "Attached.", [("Befund.pdf", report)])
    document = read(content)
    assert (document.media_type, document.status) == ("application/vnd.ms-outlook", "read")
    assert "Report of May" in document.pages[0].text
    (attachment,) = document.attachments
    assert attachment.name.strip("\0") == "Befund.pdf"
    assert attachment.content.startswith(report)


def test_text_that_mentions_mail_is_no_mail() -> None:
    assert (
        media_type_of(b"From: the ward\nDate: today\nSize: 14 mm\nno mail at all") == "text/plain"
    )


# Imaging and limits


def test_limits_come_from_the_settings() -> None:
    settings = Settings(document_max_pages=7, reader_page_seconds=3.5, _env_file=None)
    limits = ReaderLimits.from_settings(settings)
    assert (limits.max_pages, limits.page_seconds) == (7, 3.5)
    assert limits.max_bytes == settings.document_max_bytes


@pytest.mark.parametrize("explicit", [True, False])
def test_imaging_files_are_kept_and_counted_without_names(explicit: bool) -> None:
    image = files.dicom("MG", "1.2.3", "1.2.3.4", patient="Canary^Jane", explicit=explicit)
    document = read(image)
    assert (document.media_type, document.status) == ("application/dicom", "no_text")
    assert "kept" in document.message
    studies = document.details["dicom"]["studies"]  # type: ignore[index]
    assert [(s["modalities"], s["series"], s["files"]) for s in studies] == [(["MG"], 1, 1)]
    assert "Canary" not in repr(document.details)
    assert "1.2.3" not in repr(document.details)


def test_imaging_archives_are_counted_by_study() -> None:
    members = {
        f"{study}/{number}": files.dicom("CT", f"1.2.{study}", f"1.2.{study}.{number % 2}")
        for study in (1, 2)
        for number in range(3)
    }
    document = read(files.zipped({**members, "report.txt": b"see images"}))
    assert document.status == "read"
    assert [attachment.name for attachment in document.attachments] == ["report.txt"]
    dicom = document.details["dicom"]
    assert dicom["files"] == 6  # type: ignore[index]
    assert [(s["series"], s["files"]) for s in dicom["studies"]] == [(2, 3), (2, 3)]  # type: ignore[index]


def test_the_name_and_the_sender_decide_nothing() -> None:
    # A PDF behind some junk, as mail gateways make them, is a PDF; text that says so is not.
    assert media_type_of(b"\r\n\r\n" + files.report()) == "application/pdf"
    assert media_type_of(b"this is a .pdf file") == "text/plain"
    assert read(b"\r\n" + files.report()).status == "read"


def test_reading_without_an_ocr_engine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.reader.sandbox.find_tesseract", lambda languages: None)
    document = SandboxedReader().read(files.scan())
    assert document.status == "no_text"
    assert "no OCR" in document.pages[0].reason
    assert document.details["ocr"] == MISSING and document.message == NO_OCR
    assert "ocr" not in SandboxedReader().read(files.report()).details, "no page asked for it"


def test_an_ocr_engine_that_lies_where_the_reader_sees_nothing_is_a_missing_one(
    tmp_path: Path,
) -> None:
    """A scan was once said to have no readable text: the sender was asked for a sharper one."""
    away = Tesseract(str(tmp_path / "tesseract"), None, "eng")
    document = SandboxedReader(tesseract=away).read(files.scan())
    assert document.details["ocr"] == MISSING and document.message == NO_OCR
