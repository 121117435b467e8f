"""Facts that letters, images and laboratory sheets state in set phrases: one row a phrase.

The simplest way to add a field: write a row here. The field's name must stand in
`playbooks/vocabularies/findings.yaml`; nothing else needs to change.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from extractors.candidates import Candidate
from extractors.context import is_family, is_pending, polarity
from extractors.patterns import decimal_of, rx_once
from extractors.reading import Reading
from extractors.types import Value


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that state a field's value.

    `value` is the value itself, a text with `{v}` for what the group `v` matched, or None for
    the number in the group `v`. `denied` is the value where the words are denied (None: then the
    phrase says nothing). A `code` says what it says wherever it stands: the "no" of "no suspicious
    nodes (cN0)" is not its own. `organs` empty means any organ.
    """

    field: str
    words: str
    value: Value | None = None
    denied: Value | None = None
    organs: tuple[str, ...] = ()
    unit: str | None = None
    code: bool = False


_BREAST = ("breast",)
_RECTUM = ("rectum",)
_BOWEL = ("rectum", "colon")
_NUMBER = r"(?P<v>\d{1,6}(?:[.,]\d{1,2})?)"
PHRASES: tuple[Phrase, ...] = (
    Phrase(
        "patient.ecog",
        r"(?:\becog\b|\bperformance status\b)[^0-9.;]{0,40}(?P<v>[0-4])(?![\d/-])",
        unit="scale",
    ),
    Phrase("breast.cn", r"\bc ?n(?P<v>[0-3])(?![0-9])", "cN{v}", organs=_BREAST, code=True),
    Phrase("breast.cn", r"clinically (?:node|axilla)[\s-]negative", "cN0", organs=_BREAST),
    Phrase(
        "rect.ct_stage",
        r"\b[cm] ?(?:r )?t(?P<v>[1-4])(?![0-9])",
        "cT{v}",
        organs=_RECTUM,
        code=True,
    ),
    Phrase(
        "rect.mrf",
        r"(?:mesorectal fascia|\bmrf)(?: (?:is|appears))?[\s:]{1,3}(?P<v>involved|"
        r"threatened|clear)",
        "{v}",
        organs=_RECTUM,
    ),
    Phrase(
        "rect.mesorectum", r"mesorectum\W{1,4}near[\s-]complete", "near_complete", organs=_RECTUM
    ),
    Phrase(
        "rect.mesorectum", r"mesorectum\W{1,4}(?P<v>complete|incomplete)\b", "{v}", organs=_RECTUM
    ),
    Phrase(
        "rect.mmr",
        r"mismatch repair[^.;]{0,60}(?:intact|preserved|proficient)|\bpmmr\b",
        "proficient",
        organs=_RECTUM,
    ),
    Phrase(
        "rect.mmr",
        r"mismatch repair[^.;]{0,60}(?:deficien|loss of)|\bdmmr\b|"
        r"loss of (?:nuclear )?expression of (?:mlh1|msh2|msh6|pms2)",
        "deficient",
        organs=_RECTUM,
    ),
    Phrase(
        "rect.cea_ng_ml", rf"\bcea\b[^0-9.;]{{0,25}}{_NUMBER} ?ng/ml", organs=_BOWEL, unit="ng/mL"
    ),
    Phrase(
        "panc.ca19_9",
        rf"\bca[\s-]?19[\s.-]?9\b[^0-9.;]{{0,25}}{_NUMBER} ?(?:i?u/ml|units?/ml)",
        organs=("pancreas",),
        unit="U/mL",
    ),
    Phrase(
        "gast.cytology",
        r"(?:peritoneal )?(?:cytolog\w++|washings?)(?: of the peritoneum)?[^.;]{0,40}\b"
        r"(?P<v>positive|negative)\b",
        "{v}",
        organs=("stomach",),
    ),
    Phrase(
        "breast.lcis_present",
        r"\blcis\b|lobular carcinoma[\s,-]{0,3}in[\s-]situ",
        True,
        False,
        _BREAST,
    ),
    Phrase(
        "breast.skin_distance_mm",
        rf"distance (?:of the (?:mass|lesion|tumou?r) )?(?:to|from) (?:the )?skin"
        rf"(?: surface)?(?: is| of)?[\s:=]{{1,3}}{_NUMBER} ?mm\b",
        organs=_BREAST,
        unit="mm",
    ),
    Phrase(
        "breast.skin_distance_mm",
        rf"{_NUMBER} ?mm (?:deep to|from|below|beneath|under) (?:the )?(?:overlying )?skin"
        r"(?! (?:incision|paddle|graft))",
        organs=_BREAST,
        unit="mm",
    ),
    Phrase(
        "breast.excisional_biopsy",
        r"(?:after|following|status post|s/p|underwent|had|previous|prior)(?: an?)?"
        r"(?: (?:previous|prior|left|right|open))* excisional biopsy",
        True,
        organs=_BREAST,
    ),
    Phrase(
        "breast.chest_wall_involved",
        r"(?:invasion|invad\w+|involvement|involv\w+|infiltrat\w+)(?: of| into)?(?: the)? "
        r"chest wall|chest wall(?: is)? (?:invasion|involv\w+|invaded|infiltrat\w+)",
        True,
        False,
        _BREAST,
    ),
    Phrase(
        "pelv.sidewall_involved",
        r"(?:invasion|invad\w+|involvement|involv\w+|infiltrat\w+|extension|extend\w+)"
        r"(?: of| into| to)?(?: the)?(?: (?:left|right))? (?:pelvic )?side[\s-]?wall|"
        r"pelvic side[\s-]?wall (?:invasion|involv\w+|recurrence)",
        True,
        False,
    ),
)


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield what the phrases state; the concept of each candidate is the field's own name."""
    for phrase in PHRASES:
        if phrase.organs and organ not in phrase.organs:
            continue
        for match in rx_once(phrase.words).finditer(reading.low):
            start, end = match.span()
            if is_family(reading, start, end) or is_pending(reading, start, end):
                continue
            stated = polarity(reading, start, end, bare="present")
            asks = phrase.value is True and reading.low[end : end + 3].lstrip()[:1] in {":", "?"}
            if stated == "unknown" or (
                asks and polarity(reading, start, end) not in {"present", "absent"}
            ):
                continue
            denied = stated == "absent" and not phrase.code
            value = phrase.denied if denied else _value(phrase, match.groupdict().get("v"))
            if value is not None:
                weight = reading.section_at(start).weight
                yield Candidate(phrase.field, value, start, end, weight, 0.85, phrase.unit)


def _value(phrase: Phrase, found: str | None) -> Value | None:
    if isinstance(phrase.value, str):
        return phrase.value.replace("{v}", found or "")
    if phrase.value is None and found is not None:
        number = decimal_of(found)
        return int(number) if number is not None and number == int(number) else number
    return phrase.value
