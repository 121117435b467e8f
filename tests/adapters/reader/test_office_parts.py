"""Papers in parts of office files and mails: objects, chunks, styles, logos."""

import pytest
from PIL import Image

from tests.adapters.reader import files
from tests.adapters.reader.pages import read
from tests.adapters.reader.test_formats import docx, paragraph
from tests.adapters.reader.test_inside import PAPER, WORD, body_of, inside, logos, packed, photo


def test_logos_of_an_outlook_message_stay_aside() -> None:
    logo, page = (
        photo(200, 90, "red").ljust(5000, b"\0"),
        files.image_bytes(Image.effect_noise((900, 600), 60), "PNG"),
    )
    attached = [("image001.png", logo), ("scan.png", page), ("logo.png", logo)]
    content = files.outlook_message("Report", "Attached.", attached, ["image001.png", "scan.png"])
    document = read(content)
    names = [one.name.rstrip("\0") for one in document.attachments]
    assert names == ["scan.png", "logo.png"]
    assert document.details["set_aside"] == 1


def test_an_icon_stays_aside_also_beside_the_text() -> None:
    icon, small = photo(90, 90), photo(200, 90)
    assert [one.content for one in read(logos((icon, False), (small, False))).attachments] == [
        small
    ]


@pytest.mark.parametrize("stream", ["CONTENTS", "Package", "\x01Ole10Native"])
def test_a_paper_in_an_ole_object_of_word_is_unpacked(stream: str) -> None:
    before = b"\x10\0\0\0report.pdf\0C:\\report.pdf\0" if stream.endswith("Native") else b""
    paper = PAPER.ljust(5000, b"\n")
    wrapped = files.ole([("", stream, before + paper)])
    content = packed(
        docx(paragraph("See the report.")), {"word/embeddings/oleObject1.bin": wrapped}
    )
    (found,) = inside(content)
    assert found[: len(paper)] == paper


def chunks(**parts: bytes) -> bytes:
    """A Word file with more text in whole files, as relations name them."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{kind}" Target="{"/word/" if n else ""}{name}"/>'
        for n, name in enumerate(parts)
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{relations}</Relationships>"
    )
    return packed(
        docx(paragraph("See below.")),
        {
            "word/_rels/document.xml.rels": rels.encode(),
            **{f"word/{name}": data for name, data in parts.items()},
        },
    )


def test_the_chunks_of_a_word_file_are_unpacked_whatever_they_are_called() -> None:
    page = b"<html><body>ER positive 95 %</body></html>"
    content = chunks(**{"more.dat": page, "second.txt": b"Ki-67 12 %", "other.rtf": rb"{\rtf1 G2}"})
    assert inside(content) == [page, b"Ki-67 12 %", rb"{\rtf1 G2}"]


def test_words_of_a_style_that_strikes_or_hides_are_left_out() -> None:
    def style(name: str, properties: str, based: str = "") -> str:
        base = f'<w:basedOn w:val="{based}"/>' if based else ""
        return f'<w:style w:styleId="{name}">{base}<w:rPr>{properties}</w:rPr></w:style>'

    styles = (
        f'<w:styles xmlns:w="{WORD}">' + style("gone", "<w:strike/>") + style("too", "", "gone")
        + style("hid", "<w:vanish/>") + style("back", '<w:strike w:val="0"/>', "gone")
        + "</w:styles>"
    )  # fmt: skip

    def line(words: str, paragraph_style: str = "", run_style: str = "", marks: str = "") -> str:
        head = f'<w:pPr><w:pStyle w:val="{paragraph_style}"/></w:pPr>' if paragraph_style else ""
        own = (f'<w:rStyle w:val="{run_style}"/>' if run_style else "") + marks
        return f"<w:p>{head}<w:r><w:rPr>{own}</w:rPr><w:t>{words}</w:t></w:r></w:p>"

    body = (
        line("one", "gone") + line("two", "too") + line("three", "", "hid") + line("four", "hid")
        + line("five", "back") + line("six", "gone", "", '<w:strike w:val="0"/>') + line("seven")
    )  # fmt: skip
    assert body_of(body, styles=styles.encode()).split() == ["five", "six", "seven"]
