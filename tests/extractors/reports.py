"""Invented reports and short ways to read them."""

from extractors import Extraction, extract, pages_from_text

BREAST = """FINAL DIAGNOSIS:
PART 1: LEFT BREAST, LUMPECTOMY:
Invasive ductal carcinoma, Nottingham grade 2.
"""
HEAD = "FINAL DIAGNOSIS:\nLeft breast, lumpectomy: invasive ductal carcinoma. "
BOWEL = "FINAL DIAGNOSIS:\nRectum, low anterior resection: adenocarcinoma of the rectum. "


def read(text: str) -> Extraction:
    return extract(pages_from_text(text), document_id="doc-1")


def values(text: str) -> dict[str, object]:
    """The last value of each field: an amendment comes after what it amends."""
    return {finding.field: finding.value for finding in read(text).findings}


def breast(sentence: str) -> dict[str, object]:
    return values(HEAD + sentence)


def bowel(sentence: str) -> dict[str, object]:
    return values(BOWEL + sentence)
