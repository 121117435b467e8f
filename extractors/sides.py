"""Sides: what a document says of the right and of the left, each in its own words.

A heading ("Right breast:", "B. Breast, left, core biopsy -") or a sentence that begins with a side
opens the words about it; they end where the next side begins. A side whose words are benign has
no tumour; where both have one, or where the paper doubts its own side, nobody's side is stated.
"""

import re
from dataclasses import dataclass

from extractors.gate import shut_stretches
from extractors.patterns import rx
from extractors.reading import Reading

_BEGIN = (
    r"(?:^|(?<=[.;:)\n]\s)|(?<=[.;:)\n]))[ \t]*(?:[-•*]|(?:specimen )?\(?[a-h1-9][.):]| )?[ \t]*"
)
_BREAST = (
    r"(?:breasts?|sided?|mamma|mastectomy|lumpectomy|wle|wide|axill\w+|core|excision|biopsy|thigh|"
    r"tumou?r|carcinoma|idc|ilc)"
)
_HEADING = re.compile(
    rf"{_BEGIN}(?:(?:now|new|current(?:ly)?|today|the)[ :,]{{1,2}})?(?:specimen )?"
    rf"(?:(?P<a>left|right)(?:[ ,-]+{_BREAST}\b|(?=\s?:))|"
    r"(?:breast|mamma),?\s{1,2}\(?(?P<b>left|right)\)?\b)(?P<rest>[^.:;\n]{0,60}:)?",
    re.MULTILINE,
)
_LETTER = re.compile(r"(?:^|(?<=[.:;,\s]))\(?(?P<l>[A-H1-9])[.):]\s")
_LISTED = re.compile(
    r"(?:^|(?<=[.:;,\s(]))(?P<l>[A-H1-9])[.):]\s{1,2}(?:breast,? )?(?P<side>left|right)\b",
    re.IGNORECASE,
)
_CANCER = rx(
    r"\b(?:carcinomas?|invasive|infiltrating|idc|ilc|nst|cancers?|adenocarcinoma|\w*sarcomas?|dcis|"
    r"malignan\w++|ca|p?t[1-4][a-d]?|grade ?[1-3])\b(?! (?:excluded|screening))"
)
_DENIED = rx(r"\b(?:no|not|without|negative for|free of|absence of|benign)\b[^.;:\n]{0,40}$")
_BENIGN = rx(
    r"\bbenign\b|fibroadenoma|fibrocystic|papilloma\b|hyperplasia|unremarkable|parenchyma|"
    r"mastopathy|\bnormal\b|sclerosing|\b(?:no|without|negative for|free of) (?:evidence of )?"
    r"(?:\w++ ){0,2}(?:carcinoma|malignan\w++|tumou?r|neoplas\w++|cancer|atypia)"
)
_DOUBTED = rx(
    r"\b(?:request(?:ion)?|requisition|form|label\w*|discrepan\w++|mismatch|erratum|erroneous\w*|"
    r"incorrect\w*|wrong\w*|correct(?:ed|ion)|laterality is|side is|instead of|"
    r"confirm (?:the )?(?:side|laterality))\b"
)
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Side:
    """What is said of one side: where its words begin and end, and whether they name a cancer."""

    name: str
    start: int
    end: int
    cancer: bool
    benign: bool


def sides_of(reading: Reading) -> tuple[Side, ...]:
    """Return the stretches of the document that speak of one side, in order."""
    held = reading.kept.get("sides")
    if not isinstance(held, tuple):
        held = reading.kept["sides"] = _sides(reading)
    return held


def _sides(reading: Reading) -> tuple[Side, ...]:
    marks = _marks(reading)
    found = []
    ends = [*(start for _, start, _ in marks), len(reading.low)][1:]
    for (name, start, heads), following in zip(marks, ends, strict=True):
        section = reading.section_at(start)
        end = min(following, section.end, start + _LONGEST)
        if not heads:
            stop = re.compile(r"[.;](?=\s|$)|\n").search(reading.low, start, end)
            end = stop.start() if stop else end
        if section.name not in {"clinical", "gross", "intraoperative"}:
            words = reading.low[start:end]
            found.append(Side(name, start, end, _has_cancer(words), bool(_BENIGN.search(words))))
    return tuple(found)


def _has_cancer(words: str) -> bool:
    return any(not _DENIED.search(words[: match.start()]) for match in _CANCER.finditer(words))


def _marks(reading: Reading) -> list[tuple[str, int, bool]]:
    """Return the sides that words begin with, where, and whether they head what follows."""
    marks = [
        (match["a"] or match["b"], match.start(), match["rest"] is not None or not match["a"])
        for match in _HEADING.finditer(reading.low)
    ]
    marks += [
        (one.side, one.start, True) for one in reading.specimens if one.side in {"left", "right"}
    ]
    marks += _by_letter(reading)
    old = [shut for shut in shut_stretches(reading) if shut.kind in {"another", "replaced"}]
    marks = [mark for mark in marks if not any(one.start <= mark[1] + 4 < one.end for one in old)]
    return sorted(marks, key=lambda mark: mark[1])


def _by_letter(reading: Reading) -> list[tuple[str, int, bool]]:
    """Return where a diagnosis names specimens by their letters alone, with their sides."""
    listed, labels = 0, dict[str, str]()
    for match in _LISTED.finditer(reading.clean):
        side = match["side"].lower()
        if match["l"] not in labels:
            labels[match["l"]], listed = side, match.end()
    if set(labels.values()) != {"left", "right"}:
        return []
    return [
        (labels[letter], match.start(), True)
        for match in _LETTER.finditer(reading.clean, listed)
        if (letter := match["l"]) in labels
    ]


def marks(reading: Reading) -> list[tuple[str, int]]:
    """Return the sides that open words of their own, and where."""
    return [(one.name, one.start) for one in sides_of(reading)]


def without_cancer(reading: Reading) -> frozenset[str]:
    """Return the sides whose words are all benign, where the other side has a cancer."""
    found = sides_of(reading)
    sick = {one.name for one in found if one.cancer}
    well = {one.name for one in found if one.benign} - sick
    return frozenset(well if len(sick) == 1 else ())


def in_doubt(reading: Reading) -> tuple[tuple[int, int], ...]:
    """Return the words that leave open which side has the cancer; empty where they do not.

    Both sides have one, or a sentence sets one side against the other ("labelled left, the form
    says right").
    """
    sick = {one.name: one for one in reversed(sides_of(reading)) if one.cancer}
    if len(sick) == 2:
        return tuple((one.start, one.end) for one in sick.values())
    for match in _DOUBTED.finditer(reading.low):
        left, right = reading.clause(*match.span())
        words = reading.low[max(left, match.start() - 120) : min(right, match.end() + 120)]
        if re.search(r"\bleft\b", words) and re.search(r"\bright\b", words):
            return ((max(left, match.start() - 120), min(right, match.end() + 120)),)
    return ()
