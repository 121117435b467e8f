"""What a document is (label of the intake list), how its statements rank, and its date.

Title and blocks weigh more than any number of single words (`extractors.shape`), and the history
has no say: what was done or photographed before is not what this document is.
"""

import re
from dataclasses import dataclass
from itertools import chain, islice

from extractors.identity import iso_dates
from extractors.labels import LABELS
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.searched import Pattern, Searched
from extractors.shape import blocks_of, is_letter, title_of


@dataclass(frozen=True, slots=True)
class Kind:
    """A document's label with confidence 0..1, its evidence rank name and its ISO date."""

    label: str
    confidence: float
    source: str
    date: str | None


_SOURCES = {label: source for label, source, _ in LABELS}
_WORDS = tuple(
    (label, tuple((rx(words), weight) for words, weight in rows)) for label, _, rows in LABELS
)
_TITLE, _BLOCK, _LETTER = 14.0, 4.0, 16.0
_PATHOLOGY = ("pathology_surgical_final", "pathology_biopsy")
_LETTERS = (
    "consultation_letter",
    "referral_letter",
    "discharge_summary",
    "mdt_report",
    "surgical_plan",
)
_IMAGING = tuple(label for label in _SOURCES if label.startswith("imaging_"))
_HISTORY = re.compile(
    r"\s*(?:pertinent|relevant|clinical|patient|history|indication|reason|pre-?\s?op|post-?\s?op)"
)
_HISTORY_LENGTH = 700
_OFTEN = 4
_RESECTION = rx(
    r"mastectomy|lumpectomy|quadrantectomy|tylectomy|whipple|"
    r"pancreatico-?duodenectomy|proctectomy|hysterectomy|"
    r"polypectomy|exenteration|(?<!margin of )resection|resected|axillary (?:node )?dissection|"
    r"excision|wide local|\bwle\b|\bbcs\b|breast[\s-]conserving (?:surgery|specimen)|"
    r"segmentectomy|amputation|\bp[tn]\s?[0-4]|"
    r"\bmargins? (?:of resection )?(?:is |are |status)?[\s:]{0,3}(?:negative|positive|free|clear|"
    r"uninvolved|involved)|closest margin|lymph nodes? (?:examined|identified|dissect\w*)"
)
_RESECTION_OF = rx(r"\b\w{0,16}(?:pancreatectomy|colectomy|gastrectomy)")
_BIOPSY = rx(
    r"core[\s-](?:needle )?biops\w++|needle biops\w++|tru-?cut|core biopsies|endoscopic biops\w++|"
    r"incisional biops\w++|punch biops\w++|mucosal biops\w++|\bcores?\b|biops(?:y|ies)\b"
)
# A resection that was done before, is planned or advised is not this specimen.
_NOT_THIS = rx(
    r"(?:history of|previous\w*|prior|earlier|status post|s/p|past|underwent|after|since|"
    r"plan(?:s|ned)?|schedul\w++|recommend\w*|advis\w++|consider\w*|await\w*|pending|proposed|"
    r"at (?:the )?(?:time of )?|on (?:the )?(?:subsequent )?|before|repeat\w* (?:on|at)|"
    r"candidate|future|for (?:a |the )?|requires?|need\w*)"
    r"(?:[\s,/-]++[\w(][\w()'/-]*+){0,3}[\s,/(-]*$"
)
_LATER = rx(
    r"^[^.;:]{0,40}\b(?:(?:is|are|was) (?:planned|scheduled|recommended|advised|proposed|"
    r"considered)|planned|advised|recommended|(?:19|20)\d\d,? (?:for|elsewhere)|years? ago|"
    r"may be|should be|will be)"
)
_DATE = rx(
    r"(?:date of (?:report|service|examination|procedure|surgery|exam)|"
    r"report(?:ed)? (?:date|on)|reported|date reported|signed(?: out)?(?: on)?|"
    r"exam(?:ination)? date|date)\s?[:\-]\s?(?P<date>\d{1,4}[./-](?:\d{1,2}|"
    r"[a-z]{3,9})[./-]\d{2,4}|\d{1,2} [a-z]{3,9},? \d{4}|"
    r"[a-z]{3,9} \d{1,2},? \d{4})"
)


def kind_of(reading: Reading) -> Kind:
    """Label the document and rank its evidence; "other" when nothing speaks for any label."""
    low = _without_history(reading)
    scores = {
        label: sum(weight * _count(words, low) for words, weight in rows) for label, rows in _WORDS
    }
    _lift(reading, scores)
    best = max(scores, key=lambda label: scores[label])
    if scores[best] < 2:
        return Kind("other", 0.3, "clinic_letter", _date(reading))
    source = _SOURCES[best]
    if best in _PATHOLOGY:
        best, source = _specimen(low)
    elif source == "final_pathology" and not _resected(low):
        source = "core_biopsy"
    rest = sum(sorted(scores.values())[-3:]) or 1.0
    confidence = max(scores[label] for label in (_PATHOLOGY if best in _PATHOLOGY else (best,)))
    return Kind(best, round(min(0.99, confidence / rest), 2), source, _date(reading))


def source_of_label(label: str | None) -> str:
    """Return the rank name of documents with this label; that of a letter when it is unknown."""
    return _SOURCES.get(label or "", "clinic_letter")


def _count(words: Pattern, low: str) -> int:
    """Return how often the words stand in the text; from the fourth time on they add nothing."""
    return sum(1 for _ in islice(words.finditer(low), _OFTEN))


def _lift(reading: Reading, scores: dict[str, float]) -> None:
    """Add the weight of the document's build to the words' sums."""
    title, blocks, letter = title_of(reading), blocks_of(reading), is_letter(reading)
    if title:
        scores[title] += _TITLE
    if blocks["genetics"] < 2 and title != "genomic_ngs":
        # A gene named in a letter or a report makes no laboratory of it.
        scores["genomic_ngs"] *= 0.2
    if blocks["pathology"] >= 2:
        scores["pathology_surgical_final"] += _BLOCK * blocks["pathology"]
    else:
        image = max(_IMAGING, key=lambda label: scores[label])
        if blocks["imaging"] >= 2 and scores[image] > 0:
            scores[image] += _BLOCK * blocks["imaging"]
        if blocks["genetics"] >= 2:
            scores["genomic_ngs"] += _BLOCK * blocks["genetics"]
        if blocks["operation"] >= 2:
            scores["operative_note"] += _BLOCK * blocks["operation"]
    if letter and blocks["pathology"] < 3:
        named = title if title in _LETTERS else max(_LETTERS, key=lambda label: scores[label])
        scores[named] += _LETTER


def _without_history(reading: Reading) -> Searched:
    """Return the text without its history sections, which speak of other documents."""
    low = reading.low
    parts, at = [], 0
    for section in reading.sections:
        if section.name == "clinical" and _HISTORY.match(low, section.start):
            end = min(section.end, section.start + _HISTORY_LENGTH)
            parts.append(low[at : section.start])
            at = end
    return Searched("\n".join([*parts, low[at:]])) if parts else low


def _resected(low: str) -> bool:
    """Say whether the text names a resection that is this document's specimen."""
    named = any(word in low for word in ("pancreatectomy", "colectomy", "gastrectomy"))
    for match in chain(_RESECTION.finditer(low), _RESECTION_OF.finditer(low) if named else ()):
        before, after = low[max(0, match.start() - 60) : match.start()], low[match.end() :][:70]
        line = re.split(r"[.;:\n]", before)[-1]
        if not _NOT_THIS.search(line) and not _LATER.match(after):
            return True
    return False


def _specimen(low: str) -> tuple[str, str]:
    """Tell a resection from a biopsy; what names no specimen ranks no higher than a biopsy."""
    if _resected(low):
        return "pathology_surgical_final", "final_pathology"
    label = "pathology_biopsy" if _BIOPSY.search(low) else "pathology_surgical_final"
    return label, "core_biopsy"


def _date(reading: Reading) -> str | None:
    """Return the report's date when it can be read in one way only."""
    for match in _DATE.finditer(reading.low):
        dates = iso_dates(re.sub(r"\s+", " ", match["date"]))
        if len(dates) == 1:
            return dates[0]
    return None
