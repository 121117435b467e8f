"""What lies inside a file is unpacked; what its writer withdrew is not asserted."""

import base64
import binascii
import io
import zipfile
from email.message import EmailMessage

import pypdfium2
import pytest
from PIL import Image

from adapters.reader import media_type_of, read_tree
from adapters.reader.code_pages import decode_text
from adapters.reader.rich_text import rtf_parts
from adapters.reader.web_page import decode_html, html_parts
from tests.adapters.reader import files
from tests.adapters.reader.pages import READER, read
from tests.adapters.reader.test_formats import docx, paragraph

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
PAPER = files.report()
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def body_of(body: str, **parts: bytes) -> str:
    """The words of a Word document without the header that all of ours have."""
    content = packed(docx(body), {f"word/{name}.xml": data for name, data in parts.items()})
    return read(content).pages[0].text.removeprefix("Clinic header").strip()


def inside(content: bytes) -> list[bytes]:
    return [one.content for one in read(content).attachments]


def packed(content: bytes, more: dict[str, bytes]) -> bytes:
    """A ZIP container with more members."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as archive:
        for name, data in more.items():
            archive.writestr(name, data)
    return target.getvalue()


def photo(width: int = 900, height: int = 600, colour: str = "white") -> bytes:
    return files.image_bytes(Image.new("RGB", (width, height), colour), "PNG")


def with_files(content: bytes, *attached: bytes) -> bytes:
    document = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
    for number, data in enumerate(attached):
        document.new_attachment(f"paper {number}.pdf").set_data(data)  # type: ignore[no-untyped-call]
    target = io.BytesIO()
    document.save(target)  # type: ignore[no-untyped-call]
    return target.getvalue()


def test_files_attached_to_a_pdf_are_unpacked() -> None:
    cover, *papers = read_tree(READER, "portfolio", with_files(PAPER, files.report(2), b"14 mm"))
    assert len(cover.document.pages) == 1
    assert [(one.document.status, len(one.document.pages)) for one in papers] == [
        ("read", 2),
        ("read", 1),
    ]


def test_papers_embedded_in_word_are_unpacked_and_tables_behind_charts_are_not() -> None:
    content = packed(
        docx(paragraph("See the report.")),
        {
            "word/embeddings/report.pdf": PAPER,
            "word/embeddings/sheet.xlsx": files.zipped({"xl/workbook.xml": b"<w/>"}),
        },
    )
    assert inside(content) == [PAPER]


def test_pictures_and_objects_in_rtf_are_unpacked() -> None:
    picture, paper = photo(), PAPER
    objdata = b"\x01\x05\0\0" + b"Package\0" + paper + b"\0\0"
    content = (
        rb"{\rtf1\ansi Report:\par{\*\shppict{\pict\pngblip\picw9 " + picture.hex().encode()
        + rb"}}{\nonshppict{\pict\wmetafile8 0102}}{\object{\*\objdata " + objdata.hex().encode()
        + rb"}}{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt In a box: 14 mm\par}}}}"
    )  # fmt: skip
    text, found = rtf_parts(content)
    assert text == "Report:\nIn a box: 14 mm"
    assert [one.content for one in found] == [picture, paper[: paper.rfind(b"%%EOF") + 5]]


def test_pictures_and_papers_in_the_links_of_a_web_page_are_unpacked() -> None:
    picture = base64.b64encode(photo()).decode()
    paper = base64.b64encode(PAPER).decode()
    page = (
        f'<html><body><p>Scan</p><img src="data:image/png;base64,{picture}">'
        f'<a href="data:application/pdf;base64,{paper}">report</a>'
        f'<img src="https://elsewhere.example/a.png"></body></html>'
    )
    assert inside(page.encode()) == [photo(), PAPER]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_every_frame_of_a_picture_is_a_page(kind: str) -> None:
    first, second = (Image.new("L", (300, 200), shade) for shade in (255, 0))
    target = io.BytesIO()
    first.save(target, kind, save_all=True, append_images=[second])
    assert len(read(target.getvalue()).pages) == 2


def test_jpeg_2000_is_a_picture() -> None:
    picture = files.rendered(PAPER)
    document = read(files.image_bytes(picture, "JPEG2000"))
    assert (document.media_type, document.status) == ("image/jp2", "read")
    assert "14 mm" in document.pages[0].text


HEADERS = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: report\r\nMessage-ID: <1@x>\r\n"


def test_a_uuencoded_report_is_unpacked_and_leaves_the_words() -> None:
    paper = PAPER
    lines = b"".join(
        binascii.b2a_uu(paper[at : at + 45], backtick=True) for at in range(0, len(paper), 45)
    )
    trimmed = b"\n".join(line.rstrip() for line in lines.split(b"\n"))
    for body in (lines, trimmed):
        content = (
            HEADERS + b"\r\nHere it is:\n\nbegin 644 report.pdf\n" + body + b"`\nend\n\nAnna\n"
        )
        document = read(content)
        assert [one.content for one in document.attachments] == [paper]
        assert "Here it is:" in document.pages[0].text and "Anna" in document.pages[0].text
        assert "begin 644" not in document.pages[0].text


def test_a_sentence_that_begins_so_is_no_file() -> None:
    document = read(HEADERS + b"\r\nbegin 644 patients\nwere asked\nend\n")
    assert document.attachments == () and "were asked" in document.pages[0].text


def test_a_forwarded_mail_in_base64_is_opened() -> None:
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "lab@h.example", "a@b.example", "Report"
    inner["Message-ID"] = "<2@x>"
    inner.set_content("attached")
    inner.add_attachment(PAPER, maintype="application", subtype="pdf", filename="r.pdf")
    content = (
        HEADERS + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\n'
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(inner.as_bytes()) + b"--B--\r\n"
    )  # fmt: skip
    kinds = [one.document.media_type for one in read_tree(READER, "mail", content)]
    assert kinds == ["message/rfc822", "message/rfc822", "application/pdf"]


def alternative(plain: str, html: str) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@b.example", "c@d.example", "Report"
    letter["Message-ID"] = "<3@x>"
    letter.set_content(plain)
    letter.add_alternative(html, subtype="html")
    return letter.as_bytes()


def test_the_part_of_a_mail_that_says_something_is_read() -> None:
    report = "<p>Invasive carcinoma of the left breast, 14 mm, grade 2, margins free</p>"
    for plain in ("", "\n \n", "View in a browser"):
        assert "14 mm" in read(alternative(plain, report)).pages[0].text
    both = read(alternative("Invasive carcinoma, 14 mm", "<p>Invasive carcinoma, 14 mm</p>"))
    assert both.pages[0].text.count("14 mm") == 1


def logos(*pictures: tuple[bytes, bool]) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@b.example", "c@d.example", "Report"
    letter["Message-ID"] = "<4@x>"
    letter.set_content("<p>See the report.</p>", subtype="html")
    letter.make_mixed()
    for number, (picture, shown) in enumerate(pictures):
        cid = f"<p{number}>" if shown else None
        letter.add_attachment(picture, maintype="image", subtype="png", cid=cid)
    return letter.as_bytes()


def test_logos_of_a_mail_stay_aside_and_photos_do_not() -> None:
    page, logo, bar = photo(), photo(200, 90, "red"), photo(1200, 40, "blue")
    shown = read(logos((logo, True), (bar, True), (page, True), (page, True)))
    assert [one.content for one in shown.attachments] == [page]
    assert shown.details["set_aside"] == 3
    assert [one.content for one in read(logos((logo, False))).attachments] == [logo]


# Words that were withdrawn, and words that a program writes.


def run(text: str, properties: str) -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize("mark", ["<w:strike/>", "<w:dstrike/>", '<w:vanish w:val="true"/>'])
def test_struck_and_hidden_words_of_word_are_left_out(mark: str) -> None:
    body = f"<w:p>{run('ER negative', mark)}{run('ER positive', '<w:b/>')}</w:p>"
    assert body_of(body) == "ER positive"


def test_a_mark_that_is_switched_off_hides_nothing() -> None:
    off = '<w:strike w:val="0"/>'
    body = f"<w:p>{run('ER positive', off)}</w:p>"
    assert body_of(body) == "ER positive"


def test_moved_words_stand_once() -> None:
    moved = "<w:r><w:t>HER2 negative</w:t></w:r>"
    body = f"<w:p><w:moveFrom>{moved}</w:moveFrom></w:p><w:p><w:moveTo>{moved}</w:moveTo></w:p>"
    assert body_of(body) == "HER2 negative"


@pytest.mark.parametrize("mark", ["strike", "striked1", "deleted", "v"])
def test_struck_and_hidden_words_of_rtf_are_left_out(mark: str) -> None:
    source = rf"{{\rtf1\ansi ER {{\{mark} negative 0 %}}{{\{mark}\plain positive}} \plain 95 %}}"
    assert rtf_parts(source.encode())[0] == "ER positive 95 %"
    off = rf"{{\rtf1\ansi\{mark} ER negative \{mark.rstrip('1')}0 ER positive}}"
    assert rtf_parts(off.encode())[0] == "ER positive"


@pytest.mark.parametrize(
    "withdrawn",
    [
        "<del>negative</del>",
        "<s>negative</s>",
        '<span style="text-decoration: line-through">negative</span>',
        '<p style="display:none">negative',
        "<div hidden>negative</div>",
    ],
)
def test_struck_and_hidden_words_of_a_page_are_left_out(withdrawn: str) -> None:
    assert html_parts(f"<body><p>ER {withdrawn}<p>positive</p></body>")[0].split() == [
        "ER",
        "positive",
    ]


def test_a_page_whose_head_never_ends_is_read() -> None:
    assert html_parts("<html><head><title>x<body><p>14 mm</p>")[0] == "14 mm"


def numbered(list_id: int, text: str) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{list_id}"/></w:numPr>'
    return f"<w:p><w:pPr>{numbering}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_letters_and_numbers_that_word_writes_are_kept() -> None:
    lists = f'<w:numbering xmlns:w="{WORD}">' + "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
        for n, (style, text) in enumerate(
            [("upperLetter", "%1."), ("lowerRoman", "(%1)"), ("bullet", "o")]
        )
    ) + "".join(
        f'<w:num w:numId="{n + 1}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(3)
    ) + "</w:numbering>"  # fmt: skip
    body = "".join(
        [
            numbered(1, "Left breast"),
            numbered(1, "Right breast"),
            *(numbered(2, "node") for _ in range(4)),
            numbered(3, "a point"),
        ]
    )
    text = body_of(body, numbering=lists.encode())
    assert text.split("\n") == [
        "A. Left breast", "B. Right breast", "(i) node", "(ii) node", "(iii) node", "(iv) node",
        "a point",
    ]  # fmt: skip


def test_a_table_in_a_cell_is_read_once() -> None:
    def table(*rows: str) -> str:
        return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"

    def cell(content: str) -> str:
        return f"<w:tc>{content}</w:tc>"

    inner = table(cell(paragraph("ER")) + cell(paragraph("positive")))
    body = table(cell(paragraph("Markers")) + cell(inner + paragraph("")))
    assert body_of(body).split() == ["Markers", "ER", "positive"]


def test_the_main_part_of_a_word_file_may_have_any_name_and_the_strict_form() -> None:
    body = f'<w:document xmlns:w="{STRICT}"><w:body>{paragraph("14 mm")}</w:body></w:document>'
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r" Target="word/document2.xml"'
        ' Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"/>'
        "</Relationships>"
    )
    content = files.zipped(
        {
            "[Content_Types].xml": f'<Types><Override ContentType="{MAIN}"/></Types>'.encode(),
            "_rels/.rels": relations.encode(),
            "word/document2.xml": body.encode(),
        }
    )
    document = read(content)
    assert document.attachments == () and document.pages[0].text == "14 mm"


# Code pages.

CHINESE = "病理诊断报告：左乳浸润性导管癌，雌激素受体阳性"
TRADITIONAL = "病理診斷報告：左乳浸潤性導管癌，雌激素受體陽性"
RUSSIAN = "Инвазивный протоковый рак молочной железы, рецепторы эстрогена положительны"
GERMAN = "Größe 14 mm, Ränder frei, Prüfung der Lymphknoten: µm-große Zellen, 3 °C ± 1"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        (f"Report\r\nER: {CHINESE} (95%)", "gbk"),
        (TRADITIONAL, "big5"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN.upper(), "cp1251"),
        (RUSSIAN, "koi8-r"),
        (GERMAN, "cp1252"),
        ("Señora: carcinoma, márgenes libres, año 2024", "cp1252"),
        (CHINESE, "utf-8"),
    ],
)
def test_text_is_read_in_the_code_page_that_it_shows(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    assert decode_text(content) == text
    assert media_type_of(content) == "text/plain"


@pytest.mark.parametrize("stated", ["gb2312", "GBK", "gb18030"])
def test_a_page_is_read_in_the_code_page_that_it_states(stated: str) -> None:
    head = f'<html><head><meta charset="{stated}"></head><body><p>'
    assert CHINESE in decode_html(head.encode() + CHINESE.encode("gb18030"))
    assert RUSSIAN in decode_html(head.encode() + RUSSIAN.encode()), "it is UTF-8 all the same"


def test_rtf_is_read_in_the_code_pages_of_its_fonts() -> None:
    def bytes_of(text: str, encoding: str) -> str:
        return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))

    source = (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial CYR;}"
        rf"{{\f2\fcharset134 SimSun;}}}}\f1 {bytes_of('рак', 'cp1251')} "
        rf"{{\f2 {bytes_of('阳性', 'gbk')}}}\f0  gr{bytes_of('ö', 'cp1252')}\u223\'dfe}}"
    )
    assert rtf_parts(source.encode())[0] == "рак 阳性 größe"


def test_the_boxes_and_lists_of_a_word_form_say_what_was_chosen() -> None:
    def field(inner: str) -> str:
        begin = (
            f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{inner}</w:ffData></w:fldChar></w:r>'
        )
        return begin + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'

    def box(state: str) -> str:
        return field(f"<w:checkBox>{state}</w:checkBox>")

    def entries(chosen: str) -> str:
        listed = '<w:listEntry w:val="1.0 cm"/><w:listEntry w:val="2.6 cm"/>'
        return field(f"<w:ddList>{chosen}{listed}</w:ddList>")

    def words(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    sign = '<w:r><w:sym w:font="{}" w:char="{}"/></w:r>'
    body = "".join(
        f"<w:p>{line}</w:p>"
        for line in (
            words("ER: ") + box('<w:default w:val="0"/>') + words(" Positive ")
            + box('<w:default w:val="0"/><w:checked/>') + words(" Negative"),
            words("HER2: ") + sign.format("Wingdings", "F0A8") + words(" Positive ")
            + sign.format("Wingdings", "F0FE") + words(" Negative"),
            words("Size: ") + entries('<w:result w:val="1"/>'),
            words("Size not chosen: ") + entries(""),
            words("Margin ") + sign.format("Symbol", "F0B3") + words(" 5 mm"),
        )
    )  # fmt: skip
    assert body_of(f"{body}").splitlines() == [
        "ER: ☐ Positive ☒ Negative",
        "HER2: \uf0a8 Positive \uf0fe Negative",
        "Size: 2.6 cm",
        "Size not chosen: ",
        "Margin ≥ 5 mm",
    ]
