"""Which part of a report a statement stands in, and how far it can be trusted there."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the document under one heading; `weight` ranks it when two disagree."""

    name: str
    start: int
    end: int
    weight: float


# name, weight, heading words. Order matters: the first that matches names the section.
_HEADINGS: tuple[tuple[str, float, str], ...] = (
    (
        "amended",
        7,
        r"(?:amend(?:ed|ment)|correct(?:ed|ion)|revised)(?: (?:final )?(?:report|"
        r"diagnosis|pathology report))?(?: comment)?",
    ),
    (
        "addendum",
        6,
        r"(?:addend(?:um|a|ed report)|supplement(?:al|ary) report|"
        r"procedures?/addenda)(?: (?:report|comment|diagnosis|discussion|final|"
        r"\#?\d))*",
    ),
    (
        "intraoperative",
        1,
        r"(?:intra-? ?operative (?:consult(?:ation)?|diagnosis|findings?|"
        r"frozen section)|frozen section)(?: (?:diagnosis|report|consultation|"
        r"results?))*(?:\(s\))?",
    ),
    (
        "clinical",
        0.5,
        r"(?:(?:pertinent |relevant )?clinical (?:history|information|data|"
        r"diagnosis|impression|notes?|details)(?: (?:and|&) (?:history|diagnosis))?|"
        r"patient history|history(?: of present illness)?|(?:pre|"
        r"post)[- ]?op(?:erative)? (?:diagnosis|dx)|operative (?:findings?|"
        r"procedures?)|indications?|reason for referral|"
        r"clinical dx|clinical(?=\s?:))(?: ?/ ?[a-z\s:,()-]{1,120})?",
    ),
    (
        "synoptic",
        5,
        r"(?:case synopsis|synoptic(?: report| summary| -[a-z\s:,()-]{1,120})?|"
        r"(?:surgical pathology )?cancer case summary|tumou?r (?:summary|synopsis|"
        r"features|template)|(?:[a-z\s:,()]{1,300})?checklist|cap (?:summary|"
        r"checklist|protocol)|pathologic(?:al)? (?:tumou?r )?staging (?:synopsis|"
        r"summary)?|summary of findings|tumou?r staging)",
    ),
    (
        "immunohistochemistry",
        4,
        r"(?:immuno-?(?:histochemi(?:stry|cal)|cytochemistry|"
        r"peroxidase)(?: (?:stud(?:y|ies)|stains?|results?|findings?|report|"
        r"examination))*|(?:results? of )?immunohistochemical (?:examination|"
        r"results?)|special stud(?:y|ies)|ancillary stud(?:y|ies)|"
        r"receptor (?:status|stud(?:y|ies)|assay)|(?:breast )?(?:prognostic|"
        r"predictive|biomarker)s?(?: (?:markers?|panel|profile|factors?|results?|"
        r"studies))*|hormone receptors?(?: (?:status|results))?|special stains?)",
    ),
    (
        "microscopic",
        3,
        r"(?:microscopic(?:al)?(?: (?:description|examination|findings|diagnosis|"
        r"diagnostic))?|histolog(?:y|ic|ical)(?: (?:description|examination|"
        r"findings))|histology(?=\s?:)|microscopic/diagnostic dictation|microscopy|micro)",
    ),
    (
        "gross",
        1.5,
        r"(?:gross(?:/micro)?(?: (?:description|examination|findings|dictation|"
        r"pathology))?|macroscopic(?:al)?(?: (?:description|examination|findings|"
        r"appearance))?|macroscopy|macro|specimens? (?:submitted|received|description)|"
        r"tissues? submitted|material(?:s)? (?:submitted|received)|(?:nature|"
        r"source) of specimens?|specimen\(s\)(?: (?:received|submitted))?|(?:block|"
        r"cassette|slide|section) (?:summary|code|key|legend)|summary of sections|"
        r"ink code|legend|sections are submitted as follows|representative sections|"
        r"specimens?)",
    ),
    (
        "comment",
        3.5,
        r"(?:(?:pathologist'?s? |diagnostic )?comments?(?:\(s\))?|notes?|remarks?|interpretation)",
    ),
    (
        "diagnosis",
        5,
        r"(?:(?:final|pathologic(?:al)?|histopathologic(?:al)?|histologic(?:al)?|"
        r"anatomic(?:al)?|microscopic|surgical pathology|permanent|revised|"
        r"principal|consultation)? ?(?:pathologic(?:al)? |histologic(?:al)? |"
        r"microscopic |surgical )?diagnos[ei]s(?:\(es\))?(?: (?:details|comment))?|"
        r"(?:final |pathologic(?:al)? |histologic(?:al)? |path )?dx|"
        r"final report|(?:pathologic )?(?:final )?interpretation|conclusions?|final|"
        r"impression|opinion|final review)",
    ),
)
_ANY = "|".join(f"(?P<s{index}>{words})" for index, (_, _, words) in enumerate(_HEADINGS))
_GAP = r"(?:\s{1,2})"
_HEADING = re.compile(
    rf"(?:^|\n|[.:;)\]>]\s|\s[-=_]{{1,12}}\s?)[ =_-]{{0,24}}(?:{_ANY.replace(' ', _GAP)})"
    r"(?:\s{0,2}|[ ]{3,24}(?=\n))(?P<tail>:|\.(?=\s)|\n|$|[-=_]{2,}|\s-\s|(?<=[A-Z])\ +(?=[A-Z(]))",
    re.IGNORECASE,
)
_LIST = re.compile(r"\s+(?:A|1)[.:)]\s")
# Words that open sentences too: only a colon, capitals or a line of their own make them headings.
_COMMON = {"comment", "gross", "diagnosis", "amended", "addendum", "clinical", "synoptic"}


def _is_heading(match: re.Match[str], words: str, name: str) -> bool:
    tail = match["tail"]
    if tail and not tail.strip(" "):
        # The text goes on in the heading's line: only two words in capitals open a section so.
        start = match.string.rfind("\n", 0, match.end()) + 1
        alone = not match.string[start : match.end()].replace(words, "").strip(" =_-")
        return alone and words.isupper() and len(words.split()) > 1
    if tail == "." and match[0][:1] == "\n":
        # "... by H&E and / immunohistochemistry." is the end of a sentence, wrapped.
        before = match.string[max(0, match.start() - 20) : match.start()].rstrip()[-1:]
        if before.isalnum() or before == ",":
            return False
    if words.isupper():
        return True
    if name == "diagnosis" and tail == "." and _LIST.match(match.string, match.end()):
        return True
    if tail == ":" or tail.strip() == "":
        return words[:1].isupper() or tail.strip() == ""
    return words[:1].isupper() and (name not in _COMMON or len(words.split()) > 1)


# "Right breast, wide local excision: ..." below the history begins what was found.
_SPECIMEN_LINE = re.compile(
    r"^[ \t]*(?:[A-H1-9][.):][ \t]*)?(?:(?:left|right)[ ,]+breast|breast[ ,]+(?:left|"
    r"right)|left|right)"
    r"\b[^:\n]{0,50}\b(?:excision|lumpectomy|mastectomy|wle|resection|quadrantectomy|biopsy)\b"
    r"[^:\n]{0,30}:",
    re.IGNORECASE | re.MULTILINE,
)


def _closed(text: str, marks: list[tuple[int, str, float]]) -> list[tuple[int, str, float]]:
    """Return the marks with those of specimens' lines that no heading parts from a history."""
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    found = []
    for (start, name, _), end in zip(marks, ends, strict=True):
        line = _SPECIMEN_LINE.search(text, start + 1, end) if name == "clinical" else None
        if line is not None and text.rfind("\n", start, line.start() + 1) > start:
            found.append((line.start(), "header", 3.0))
    return sorted([*marks, *found], key=lambda mark: mark[0])


_OF_FORM = re.compile(
    r"[ \t:]*\n+[ \t]*(?:[-•*][ \t]*)?"
    r"(?:Procedure|Specimen (?:Laterality|Integrity|Type)|Laterality)"
    r"[ \t]*(?:\([^)\n]{1,40}\)[ \t]*)?:[ \t]*\S",
    re.IGNORECASE,
)
_SYNOPTIC = ("synoptic", 5.0)


def find_sections(text: str) -> tuple[Section, ...]:
    """Split `text` at its headings; what stands before the first one is the "header"."""
    marks: list[tuple[int, str, float]] = [(0, "header", 3.0)]
    for match in _HEADING.finditer(text):
        index = next(i for i in range(len(_HEADINGS)) if match[f"s{i}"])
        name, weight, _ = _HEADINGS[index]
        words = match[f"s{index}"]
        label = words.lower() == "histology" and marks[-1][1] != "gross"
        if label or not _is_heading(match, words, name):
            continue  # "Histology: ..." ends a description by eye, and is a label elsewhere.
        if name == "gross" and _OF_FORM.match(text, match.end(f"s{index}")):
            # "SPECIMEN / Procedure: ..." is the first part of a synopsis, not of a description.
            name, weight = _SYNOPTIC
        marks.append((match.start(f"s{index}"), name, weight))
    marks = _closed(text, marks)
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    return tuple(
        Section(name, start, end, weight)
        for (start, name, weight), end in zip(marks, ends, strict=True)
        if end > start or start == 0
    )
