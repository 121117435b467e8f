"""What the tests of pages share: reading ours and theirs, and what holds for every page."""

import io

import pdfplumber
import pytest

from adapters.reader import ReadDocument, ReaderLimits, SandboxedReader
from extractors.pages import PdfText, RawPage, decide, to_page
from extractors.types import Page


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


READER = SandboxedReader(ReaderLimits(total_seconds=120))
EXPECTED = {"pathology", "carcinoma", "breast", "estrogen", "positive", "margins", "metastasis"}
"""Words of `files.LINES` that OCR gets right."""


def read(content: bytes, password: str | None = None) -> ReadDocument:
    """Read in the sandbox, and check every page that has words."""
    document = READER.read(content, password=password)
    for page in document.pages:
        if page.method != "plain":
            assert_sound(page)
    return document


def words(page: Page) -> set[str]:
    return {word.strip(".,:;").lower() for word in page.text.split()}
