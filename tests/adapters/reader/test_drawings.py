"""Drawings, slides and moving pictures: what is no paper is told, not read as words."""

import io

import pytest
from PIL import Image

from adapters.reader import media_type_of
from tests.adapters.reader import files
from tests.adapters.reader.pages import read


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_is_read_and_it_is_said(kind: str) -> None:
    first, *others = (Image.new("L", (300, 200), 255 - 5 * n) for n in range(20))
    target = io.BytesIO()
    first.save(target, kind, save_all=True, append_images=others, duration=80)
    document = read(target.getvalue())
    assert len(document.pages) == 1 and "only its first picture" in document.message


DRAWINGS = {
    "svg": b'<?xml version="1.0"?><!-- drawn --><svg xmlns="s"><text>ER positive</text></svg>',
    "svg of its own name space": b'<s:svg xmlns:s="s"><s:text>ER positive</s:text></s:svg>',
    "svg with a type": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a.dtd">\n<svg></svg>',
    "postscript": b"%!PS-Adobe-3.0\n(ER positive) show\n",
    "dxf": b"  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n",
    "xpm": b"/* XPM */\nstatic char *a[] = {",
    "anymap": b"P2\n# drawn\n24 7\n15\n0 0 0",
    "slides": files.zipped(
        {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<R/>", "ppt/a": b"a"}
    ),
    "drawing": files.zipped({"mimetype": b"application/vnd.oasis.opendocument.graphics"}),
}


@pytest.mark.parametrize("content", DRAWINGS.values(), ids=DRAWINGS)
def test_drawings_and_slides_are_no_plain_text_and_no_archive(content: bytes) -> None:
    document = read(content)
    assert (document.status, document.pages, document.attachments) == ("unsupported", (), ())


def test_a_report_with_markup_is_still_text() -> None:
    assert media_type_of(b"<report><svg>no</svg>ER positive</report>") == "text/plain"
    assert media_type_of(b"P2 nodes of 3 are involved, 24 7 slides") == "text/plain"
