"""The labelled specimens of a report ("PART 2: BREAST, LEFT", "B. Sentinel node") and sides."""

import re
from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right", "bilateral"]


@dataclass(frozen=True, slots=True)
class Specimen:
    """A labelled specimen: its label, its heading, where its text starts, and its side."""

    label: str
    title: str
    start: int
    side: Side | None


_SPECIMEN = re.compile(
    r"(?:^|\n|[.:;]\s|\s)\s{0,4}(?:(?:PART|Part|SPECIMEN|"
    r"Specimen)\s?(?P<part>[A-Z0-9]{1,2})\b\s?[:.)-]?"
    r"|(?P<letter>[A-Z]|\d{1,2})\s?[.:)]\s?-?)\s{0,3}"
    r"(?P<title>\(?\"?(?:[A-Z][A-Za-z0-9#'\"(), /&;-]{2,110}?)(?:excision|"
    r"resection|biops|ectomy|dissection|"
    r"node|margin|breast|EXCISION|RESECTION|BIOPS|ECTOMY|DISSECTION|NODE|MARGIN|"
    r"BREAST)[^:.\n]{0,60})[:.\n-]"
)

# "67 F. History of left breast ..." is a sentence about a woman of 67, not specimen F.
_NO_HEADING = re.compile(
    r"\(?(?:History|Previous|Prior|Status|Plan|Known|Now|She|He|We|There|This)\b", re.IGNORECASE
)
# "... grade 2. She received ..." ends a sentence with a number, not a specimen's.
_OF_A_VALUE = re.compile(r"\b(?:grade|score|stage|type|level)[ \t]\Z", re.IGNORECASE)
_AGE = re.compile(r"\d{2}[\s-]?(?:y\w{0,4}[\s/-]?)?[FM]\s?[.:)]\s*$", re.IGNORECASE)


RADIATION = re.compile(
    r"(?<!breast,\s)(?<!breast\s)(?<!side:\s)(?<!\()\brt\b(?!\.?[\s)-]{1,3}(?:sided?\b|breast|axill|"
    r"\w*mastect|lumpect|wle|mrm|modified|simple|radical|partial|segment|core|tru-?\s?cut|upper|"
    r"lower|outer|inner|central|ovar|iliac|sentinel|sln|kidney|thigh|leg\b|arm\b|retro|total|skin|"
    r"excision|mass\b|lump|cancer|ca\b|carcinoma|idc|ilc|colon|hemi))",
    re.IGNORECASE,
)
"""The letters of "right" where they may as well be those of radiation: "WLE + RT 50 Gy"."""


def side_of(text: str) -> Side | None:
    """Return the side that `text` names; None when it names none."""
    low = text.lower()
    left = re.search(r"\b(?:left|lt)\b", low) is not None
    right = re.search(r"\b(?:right|rt)\b", RADIATION.sub("  ", low)) is not None
    if (left and right) or "bilateral" in low:
        return "bilateral"
    if left:
        return "left"
    return "right" if right else None


def find_specimens(text: str) -> tuple[Specimen, ...]:
    """Return the specimen headings of `text` in order."""
    found = []
    for match in _SPECIMEN.finditer(text):
        label = match["part"] or match["letter"]
        title = " ".join(match["title"].split())
        label_at = match.start("part") if match["part"] else match.start("letter")
        if _NO_HEADING.match(title) or _AGE.search(text[: match.start("title")][-12:]):
            continue
        if _OF_A_VALUE.search(text[max(0, label_at - 12) : label_at]):
            continue
        found.append(Specimen(label, title, match.start("title"), side_of(title)))
    return tuple(found)


_ITEM = re.compile(
    r"(?:^|\n)\s{0,4}(?:(?:part|specimen)\s?)?(?:[a-z]|\d{1,2})[.):]\s|"
    r"(?<=[.;:]\s)(?:[a-h]|\d)[.)]\s(?=\S{3})",
    re.IGNORECASE,
)


def find_items(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Return the spans of the lettered or numbered items between `start` and `end`."""
    marks = [match.start() for match in _ITEM.finditer(text, start, end)]
    return tuple(zip(marks, [*marks[1:], end][: len(marks)], strict=True))
