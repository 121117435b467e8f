"""What a document is (label of the intake list), how its statements rank, and its date."""

import re
from dataclasses import dataclass

from extractors.identity import iso_dates
from extractors.labels import LABELS
from extractors.patterns import rx
from extractors.reading import Reading


@dataclass(frozen=True, slots=True)
class Kind:
    """A document's label with confidence 0..1, its evidence rank name and its ISO date."""

    label: str
    confidence: float
    source: str
    date: str | None


_BIOPSY_ONLY = rx(
    r"mastectomy|lumpectomy|whipple|pancreatectomy|colectomy|gastrectomy|"
    r"hysterectomy|resection|axillary dissection|\bp[tn]\s?[0-4]"
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
    scores: dict[str, float] = {}
    sources = {label: source for label, source, _ in LABELS}
    for label, _, rows in LABELS:
        scores[label] = sum(
            weight * min(len(rx(words).findall(reading.low)), 4) for words, weight in rows
        )
    best = max(scores, key=lambda label: scores[label])
    if scores[best] < 2:
        return Kind("other", 0.3, "clinic_letter", _date(reading))
    if best == "pathology_biopsy" and _BIOPSY_ONLY.search(reading.low):
        best = "pathology_surgical_final"
    rest = sum(sorted(scores.values())[-3:]) or 1.0
    return Kind(best, round(min(0.99, scores[best] / rest), 2), sources[best], _date(reading))


def _date(reading: Reading) -> str | None:
    """Return the report's date when it can be read in one way only."""
    for match in _DATE.finditer(reading.low):
        dates = iso_dates(re.sub(r"\s+", " ", match["date"]))
        if len(dates) == 1:
            return dates[0]
    return None
