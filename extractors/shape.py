"""What a document is built like: its title, the blocks of a report, the form of a letter.

A kind is recognised by these marks and not by single words: a pathologist's report that mentions
mammography in the history stays pathology, and a letter that plans a lumpectomy stays a letter.
The blocks are those of CAP's and RCPath's report layouts and of the structured radiology report.
"""

import re

from extractors.patterns import rx
from extractors.reading import Reading
from extractors.searched import Pattern

_HEAD_LINES = 14
_HEAD_LENGTH = 700
# A letterhead stands above a pathologist's title; the others open the page, in few words.
_TITLE_LINES, _LEADING = 6, 3
# label, words of a title; the first row that matches a line of the head counts.
_TITLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, re.compile(words))
    for label, words in (
        ("discharge_summary", r"discharge (?:summary|letter|report)"),
        ("operative_note", r"(?:operative|operation) (?:note|report|record)|theatre record"),
        (
            "genomic_ngs",
            r"(?:hereditary|germline|cancer|clinical|molecular|medical|human) (?:\w+ )*genetic\w*|"
            r"genetics? (?:laborator\w+|report|test\w*)|next[\s-]generation sequencing|"
            r"genomic (?:report|profil\w+|test\w*)|brca ?1?/?2? (?:test|report|analysis)",
        ),
        (
            "ihc_biomarker",
            r"(?:immunohistochemistry|ihc|biomarker|hormone receptor) (?:report|analysis)",
        ),
        (
            "ish_fish",
            r"\bfish (?:report|analysis)|fluorescence in[\s-]situ hybridi[sz]ation report",
        ),
        ("pathology_addendum", r"^\W{0,20}addend(?:um|a)\b|addendum (?:report|to )"),
        ("cytology", r"cyto(?:logy|pathology) report|fine needle aspirat\w+ (?:report|cytology)"),
        (
            "pathology_surgical_final",
            r"(?:surgical|anatomic\w*|cellular|histo)[\s-]?patholog\w*|patholog\w+ report|"
            r"histology report|department of patholog\w*|tissue report|biopsy report",
        ),
        (
            "mdt_report",
            r"(?:tumou?r board|mdt|mdm|multi-?disciplinary (?:team )?(?:meeting|board|"
            r"conference))(?: (?:report|note|summary|outcome|minutes|discussion|record))?\b",
        ),
        ("surgical_plan", r"(?:surgical|operative|treatment) plan\b"),
        ("referral_letter", r"referral (?:letter|note|form)"),
        (
            "consultation_letter",
            r"\bletter\b|(?:clinic|consultation|outpatient|progress|follow-?up|office|oncology) "
            r"(?:note|visit|summary|report|record)|intake form|questionnaire",
        ),
        (
            "radiotherapy_plan_or_summary",
            r"(?:radiotherapy|radiation(?: therapy| oncology| treatment)?) "
            r"(?:\w+ )?(?:summary|record|plan|completion)",
        ),
        ("imaging_petct", r"\bpet[\s/-]{0,2}ct\b|positron emission"),
        ("imaging_mri", r"\bmri\b|magnetic resonance|\bmr (?:of|pelvis|breast|abdomen)"),
        ("imaging_mammogram", r"mammogra\w+|tomosynthesis"),
        (
            "imaging_ct",
            r"\bct[\s-](?:scan|of|abdomen|chest|thorax|pelvis|report|angio\w+)|"
            r"computed tomography|\bcect\b",
        ),
        ("imaging_us", r"ultraso\w+|sonogra\w+|\bus (?:breast|abdomen)"),
        ("imaging_bone", r"bone scan|scintigra\w+"),
    )
)
_LABEL_LINE = re.compile(
    r"^\W{0,4}(?:patient|name|dob|date|mrn|clinical|history|indication|reason|diagnosis|specimens?|"
    r"referr\w+|procedure|re|ref|impression|findings|plan|comparison|previous|prior|"
    r"part|[a-z]|\d{1,2})\b[^:.)]{0,30}[:.)]"
)
_SALUTATION = rx(
    r"(?:^|\n)\s{0,4}(?:dear|to whom it may concern)\b|\b(?:yours (?:sincerely|faithfully|truly)|"
    r"(?:with )?(?:kind|best|warm) (?:regards|wishes)|thank you (?:very much )?for (?:referring|"
    r"asking|seeing|sending|your (?:kind )?(?:referral|letter)))\b|"
    r"\bi (?:reviewed|saw|met|had the pleasure)\b"
)
# Blocks: a heading counts where it opens a line or follows a sentence's end, with its colon.
_OPENED = re.compile(r"(?:^|\n|[.:;)] ) {0,6}(?:[a-z0-9][.)] )?\Z")
_OPENING = 12
_BLOCKS: dict[str, tuple[Pattern, ...]] = {
    "pathology": tuple(
        Pattern(words)
        for words in (
            r"(?:gross|macroscopic\w*)(?: (?:description|examination|findings))?\s?(?::|\.|\n)|"
            r"macro(?:scopy)?\b",
            r"microscop(?:ic\w*|y)(?: (?:description|examination|findings))?\s?(?::|\.|\n)|"
            r"micro\s?:|histology\s?:",
            r"(?:final|pathologic\w*|histopatholog\w*|histologic\w*|surgical pathology)?\s?"
            r"diagnosis\s?(?::|\.|\n|-)[^\n]",
            r"(?:specimens?(?:\(s\))?(?: (?:submitted|received|type|source))?|"
            r"nature of specimen|tissues? (?:submitted|received))\s?[:\n]",
            r"(?:synoptic|immunohistochemi\w+|cap checklist|block|cassette)[\w ]{0,20}[:\n]",
        )
    ),
    "imaging": tuple(
        Pattern(words)
        for words in (
            r"(?:technique|protocol|procedure and technique)\s?[:\n]",
            r"findings\s?[:\n]",
            r"(?:impression|conclusion)\s?[:\n]",
            r"comparison\s?[:\n]|compared with",
            r"(?:exam(?:ination)?|study|modality)\s?:",
        )
    ),
    "genetics": tuple(
        Pattern(words)
        for words in (
            r"(?:test(?:ed| performed| ordered| requested)?|assay|panel)\s?:",
            r"(?:results?|summary of results?)\s?:",
            r"(?:genes?(?: (?:tested|analy[sz]ed))?|variants?|zygosity|transcript)\s?:",
            r"(?:method(?:s|ology)?|coverage|limitations?|interpretation)\s?:",
        )
    ),
    "operation": tuple(
        Pattern(words)
        for words in (
            r"(?:procedures?(?: performed)?|operation(?: performed)?)\s?:",
            r"(?:surgeon|assistant|first assistant)s?\s?:",
            r"an[a]?esthe(?:sia|tic|tist|siologist)\s?:",
            r"(?:estimated blood loss|ebl|incision|closure|drains?|counts?)\s?:",
            r"(?:description of (?:the )?(?:procedure|operation)|operative details)\s?[:\n]",
        )
    ),
}
_SIGNED = Pattern(r"\bpathologist\b|electronically signed|\bpathology (?:resident|fellow)\b")
_GENES = Pattern(r"\bbrca ?[12]\b|\bgermline\b|\bvariants?\b|\bpalb2\b|sequencing")


def title_of(reading: Reading) -> str | None:
    """Return the label that the document's title names, or None.

    A title is a line of the head that is no "Label: value" of the patient or the history.
    """
    for number, line in enumerate(_head(reading)):
        if _LABEL_LINE.match(line):
            continue
        for label, words in _TITLES:
            match = words.search(line)
            if match is None:
                continue
            pathology = label.startswith("pathology")
            if pathology or (
                number < _TITLE_LINES and line[: match.start()].count(" ") <= _LEADING
            ):
                return label
    return None


def _head(reading: Reading) -> list[str]:
    lines = [line.strip() for line in reading.low[:_HEAD_LENGTH].split("\n") if line.strip()]
    return [re.split(r"\s{3,}|\. ", line)[0][:90] for line in lines[:_HEAD_LINES]]


def is_letter(reading: Reading) -> bool:
    """Say whether the text greets, thanks or takes leave as a letter does."""
    return _SALUTATION.search(reading.low) is not None


def blocks_of(reading: Reading) -> dict[str, int]:
    """Return how many of each kind's blocks the document has."""
    counts = {
        kind: sum(_has_block(reading.low, pattern) for pattern in patterns)
        for kind, patterns in _BLOCKS.items()
    }
    counts["pathology"] += _SIGNED.search(reading.low) is not None
    if not _GENES.search(reading.low):
        counts["genetics"] = 0
    return counts


def _has_block(low: str, heading: Pattern) -> bool:
    return any(
        _OPENED.search(low, max(0, match.start() - _OPENING), match.start())
        for match in heading.each(low)
    )
