"""Sides: what a document says of the right and of the left, each in its own words.

A heading ("Right breast:", "B. Breast, left, core biopsy -") or a sentence that begins with a side
opens the words about it; they end where the next side begins. A side whose words are benign has
no tumour; where both have one, or where the paper doubts its own side, nobody's side is stated.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.gate import shut_stretches
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.spans import Cover

_BEGIN = (
    r"(?:^|(?<=[.;:)\n]\s)|(?<=[.;:)\n]))[ \t]*+(?:[-•*]|(?:specimen )?\(?[a-h1-9][.):])?[ \t]*+"
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
    r"malignan\w++|ca|grade ?[1-3])\b(?! (?:excluded|screening))"
)
_DENIED = rx(r"\b(?:no|not|without|negative for|free of|absence of|benign)\b[^.;:]{0,60}$")
_BENIGN = rx(
    r"\bbenign\b|fibroadenoma|fibrocystic|papilloma\b|hyperplasia|unremarkable|parenchyma|"
    r"mastopathy|\bnormal\b|sclerosing|\b(?:no|without|negative for|free of) (?:evidence of )?"
    r"(?:\w++ ){0,2}(?:carcinoma|malignan\w++|tumou?r|neoplas\w++|cancer|atypia)"
)
_DOUBTED = rx(
    r"\b(?:request(?:ion)?|requisition|(?:request |order )?form|consent|referral)\b[^.;\n]{0,30}"
    r"\b(?:state|say|read|indicate|mention|name|give)\w*|\bdiscrepan\w++|\bmismatch|\berratum\b|"
    r"\blabel\w* (?:as )?\W{0,2}(?:left|right)\b[^.;\n]{0,30}\b(?:but|while|whereas|although)\b|"
    r"\b(?:laterality|side) (?:is|should be|must be|to be) (?:the )?(?:left|right)\b|\b(?:wrong|"
    r"incorrect) (?:side|laterality)|"
    r"\b(?:not|instead of|rather than|and not)\b (?:the )?(?:left|right)\b|"
    r"\bconfirm (?:the )?(?:side|laterality)\b"
)
# Of the nodes: a metastasis has no side of its own.
_METASTASIS = rx(r"\bmetasta\w++[^.;:\n]{0,30}$")
_SUMMARY = rx(r"\btumou?r summary\b|\bsynoptic\b|\bchecklist\b|\bstaging\b|\bajcc\b")
_PAST = rx(r"\b(?:treated|history|previous(?:ly)?|prior|s/p|status post|known|past|earlier)\b")
_IN_SITU = rx(r"[\s,(-]{1,3}in[\s-]{0,2}situ|[\s,-]{0,3}\(?[dl]cis")
_IN_SITU_BEFORE = rx(r"in[\s-]{0,2}situ (?:\w++ ){0,2}$")
_STOP = re.compile(r"[.;](?=\s|$)|\n")
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Side:
    """What is said of one side: where its words begin and end, and whether they name a cancer."""

    name: str
    start: int
    end: int
    cancer: bool
    invasive: bool
    benign: bool


def sides_of(reading: Reading) -> tuple[Side, ...]:
    """Return the stretches of the document that speak of one side, in order."""
    held = reading.kept.get("sides")
    if not isinstance(held, tuple):
        held = reading.kept["sides"] = _sides(reading)
    return held


def _sides(reading: Reading) -> tuple[Side, ...]:
    named = _marks(reading)
    found = _between(reading, named)
    if any(one.cancer for one in found):
        return found
    # Nothing named by its side is a cancer: perhaps the diagnosis names letters alone.
    lettered = sorted([*named, *_by_letter(reading)], key=lambda mark: mark[1])
    return _between(reading, lettered)


def _between(reading: Reading, marks: list[tuple[str, int, bool]]) -> tuple[Side, ...]:
    """Return what stands from each mark to the next one."""
    found = []
    ends = [*(start for _, start, _ in marks), len(reading.low)][1:]
    parts = [*(one.start for one in reading.specimens), len(reading.low)]
    for (name, start, heads), following in zip(marks, ends, strict=True):
        section = reading.section_at(start)
        part = parts[min(bisect_right(parts, start + 3), len(parts) - 1)]
        end = min(following, section.end, start + _LONGEST, part)
        if not heads:
            stop = _STOP.search(reading.low, start, end)
            end = stop.start() if stop else end
        if section.name not in {"clinical", "gross", "intraoperative"}:
            words = reading.low[start:end]
            summary = _SUMMARY.search(words)
            words = words[: summary.start()] if summary else words
            cancers = [] if not heads and _PAST.search(words) else list(_affirmed(words))
            benign = _BENIGN.search(words) is not None
            found.append(Side(name, start, end, bool(cancers), "invasive" in cancers, benign))
    return tuple(found)


def _affirmed(words: str) -> Iterator[str]:
    """Yield "invasive" or "in situ" for each cancer that words affirm; LCIS is none."""
    for match in _CANCER.finditer(words):
        before, after = words[: match.start()], words[match.end() :]
        if _DENIED.search(before) or _METASTASIS.search(before):
            continue
        if match[0] == "dcis" or _IN_SITU.match(after) or _IN_SITU_BEFORE.search(before):
            if "lobular" not in before[-12:]:
                yield "in situ"
        else:
            yield "invasive"


def _marks(reading: Reading) -> list[tuple[str, int, bool]]:
    """Return the sides that words begin with, where, and whether they head what follows."""
    marks = [
        (match["a"] or match["b"], match.start(), match["rest"] is not None or not match["a"])
        for match in _HEADING.finditer(reading.low)
    ]
    marks += [
        (one.side, one.start, True) for one in reading.specimens if one.side in {"left", "right"}
    ]
    shut = {"another", "replaced"}
    old = Cover((one.start, one.end) for one in shut_stretches(reading) if one.kind in shut)
    marks = [mark for mark in marks if not old.holds(mark[1] + 4)]
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
        and reading.section_at(match.start()).name in {"diagnosis", "synoptic"}
    ]


def marks(reading: Reading) -> list[tuple[str, int]]:
    """Return the sides that open words of their own, and where."""
    return [(one.name, one.start) for one in sides_of(reading)]


def _sick(found: tuple[Side, ...]) -> set[str]:
    """Return the sides with an invasive cancer or, if none has one, those with DCIS."""
    invasive = {one.name for one in found if one.invasive}
    return invasive or {one.name for one in found if one.cancer}


def both_have_cancer(reading: Reading) -> bool:
    """Say whether each side has a cancer of the same rank: both invasive, or both in situ."""
    return len(_sick(sides_of(reading))) == 2


def without_cancer(reading: Reading) -> frozenset[str]:
    """Return the sides whose words are all benign, where the other side has a cancer."""
    found = sides_of(reading)
    sick = _sick(found)
    well = {one.name for one in found if one.benign or one.cancer} - sick
    return frozenset(well if len(sick) == 1 else ())


def in_doubt(reading: Reading) -> tuple[tuple[int, int], ...]:
    """Return the words that leave open which side has the cancer; empty where they do not.

    Both sides have one, or a sentence sets one side against the other ("labelled left, the form
    says right").
    """
    if both_have_cancer(reading):
        first = {one.name: one for one in reversed(sides_of(reading)) if one.cancer}
        return tuple((one.start, one.end) for one in first.values())
    for match in _DOUBTED.finditer(reading.low):
        left, right = reading.clause(*match.span())
        words = reading.low[max(left, match.start() - 120) : min(right, match.end() + 120)]
        if re.search(r"\bleft\b", words) and re.search(r"\bright\b", words):
            return ((max(left, match.start() - 120), min(right, match.end() + 120)),)
    return ()
