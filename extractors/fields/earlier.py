"""Earlier radiation to the region that is treated now, and its dose.

Only radiation that was given counts: a plan, an offer, a relative's treatment, the other breast
and another part of the body say nothing of this field. The dose is that of a dose that was given.
"""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.contradiction import Contradiction
from extractors.fields.claims import Claim, claim, is_open, is_relative
from extractors.patterns import decimal_of, rx
from extractors.reading import Reading
from extractors.recurrences import YEAR
from extractors.scope import side_now
from extractors.specimens import side_of

_RADIATION = rx(
    r"\b(?:(?:chemo-?\s?)?radiation(?: ?therapy| treatment)?|(?:chemo-?\s?)?radio-?therapy|"
    r"chemo-?radi\w++|irradiat\w++|irradiation|\bxrt\b|\bebrt\b|\brt\b|\bcrt\b|brachytherapy|"
    r"radiat\w++)\b(?! (?:oncolog\w++|safety|exposure|protection|intake|risk|badge|"
    r"physic\w++|department|unit))"
)
_DOSE = rx(r"(?P<d>(?<![\d.,/])\d{1,4}(?:[.,]\d{1,2})?)\s?(?P<u>c?gy)\b")
_BREAST = r"breast|chest|axill\w++|thora\w++|mantle|supraclav\w++|mediastin\w++"
_PELVIS = (
    r"pelvi\w*|rect\w++|prostat\w++|cervi(?:x|cal (?:cancer|carcinoma))|endometri\w++|uter\w++|"
    r"vagin\w++|\banal\b|bladder|sacr\w++|presacral|gyna?ecolog\w++|sigmoid"
)
_ABDOMEN = r"abdom\w++|pancrea\w*|gastric|stomach|retroperiton\w++|para-?aortic|liver|bile duct"
_REGIONS = {
    "breast": rx(_BREAST),
    "rectum": rx(_PELVIS),
    "colon": rx(rf"{_PELVIS}|{_ABDOMEN}|colon"),
    "gynaecological": rx(_PELVIS),
    "pancreas": rx(_ABDOMEN),
    "stomach": rx(_ABDOMEN),
    "soft_tissue": rx(rf"{_PELVIS}|{_ABDOMEN}|thigh|flank|groin|kidney"),
}
_ELSEWHERE = rx(r"brain|skull|bone|spine|vertebra\w*|\bhip\b|neck|lung|skin|prostate|thyroid|knee")
# Radiotherapy, where it is not "rt breast" for the right one.
_RT = re.compile(r"\brt\b(?!\s(?:breast|chest|axill))")
_TECHNICAL = rx(r"radiation[\s-](?:type )?(?:change|effect|induced|related|atypia|fibrosis|seed)")


_NOT_GIVEN = rx(r"\b(?:no|not|never|without|declin\w++|refus\w++|denie[sd])\b")


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield whether the region was irradiated before, and with how many gray."""
    region = _REGIONS.get(organ)
    if region is None:
        return
    for match in (*_RADIATION.finditer(reading.low), *_delivered(reading)):
        start, end = match.span()
        if _TECHNICAL.match(reading.low, start):
            continue
        claimed = claim(reading, start, end) or _dated(reading, start, end)
        if claimed is None:
            continue
        stated, left, right = claimed
        if not region.search(reading.low, left, right):
            continue
        if organ == "breast" and not whose(reading, left, right):
            continue
        if stated == "denied":
            yield Candidate("prior_rt", False, left, right, 3.0, 0.8)
            continue
        yield Candidate("prior_rt", True, left, right, 3.0, 0.8)
        yield from _dose(reading, left, right, start, end)


# What a record of radiation lists was given: "Pelvis: 50.4 Gy in 28 fractions, 2019".
_RECORD = rx(
    r"\b(?:radio-?therapy|radiation(?: therapy| oncology| treatment)?|rt) (?:\w++ ){0,2}?"
    r"(?:completion|summary|end of treatment|treatment record)\b"
)
_COURSE = rx(r"\d{1,4}(?:[.,]\d{1,2})?\s?c?gy (?:in|/|over) \d{1,2} ?(?:fractions?|fx|#)")
_HEAD = 400


def _delivered(reading: Reading) -> Iterator[re.Match[str]]:
    """Yield the courses that a record of radiation lists with their year; a plan lists none."""
    record = _RECORD.search(reading.low, 0, _HEAD)
    for match in _COURSE.finditer(reading.low) if record else ():
        left, right = reading.clause(*match.span())
        if _YEARS.search(reading.low, left, right):
            yield match


_YEARS = re.compile(r"(?<!\d)(?:19[5-9]|20[0-4])\d(?!\d)")


def _dated(reading: Reading, start: int, end: int) -> tuple[Claim, int, int] | None:
    """Return that it was given, where a clause names its dose and its year and no plan."""
    left, right = reading.clause(start, end)
    left, right = max(left, start - 160), min(right, end + 160)
    clause = reading.low[left:right]
    if is_open(clause) or is_relative(clause) or _NOT_GIVEN.search(clause):
        return None
    recorded = _COURSE.match(reading.low, start) and _YEARS.search(clause)
    if (recorded or YEAR.search(clause)) and _DOSE.search(clause):
        return "given", left, right
    return None


def _dose(reading: Reading, left: int, right: int, start: int, end: int) -> Iterator[Candidate]:
    """Yield the dose of a clause that states exactly one, besides a boost or a fraction."""
    found = []
    for dose in _DOSE.finditer(reading.low, left, right):
        before, after = (
            reading.low[max(left, dose.start() - 18) : dose.start()],
            reading.low[dose.end() : min(right, dose.end() + 16)],
        )
        if rx(r"(?:fractions? of|boost(?: of)?|\+|\bx|plus|then|at) ?$").search(before):
            continue
        if rx(r"^ ?(?:per|/|a|each) ?(?:fraction|fx|day|#)|^ ?boost").match(after):
            continue
        found.append(dose)
    if len(found) != 1:
        return
    dose = found[0]
    gray = decimal_of(dose["d"]) or 0.0
    if dose["u"] == "cgy":
        gray /= 100
    if 4 <= gray <= 120:
        first, last = min(start, dose.start()), max(end, dose.end())
        yield Candidate("prior_dose", gray, first, last, 3.0, 0.8, "Gy")


def contradictions(reading: Reading, organ: str) -> list[Contradiction]:
    """Return radiation of which nobody can say whether it was on the side of today's disease."""
    spans = list(_of_unknown_side(reading)) if organ == "breast" else []
    if spans:
        return [Contradiction("prior_rt", "another_side", (spans[0],), True)]
    return [
        Contradiction(concept, "doubtful", (span,), example)
        for span in list(_of_no_region(reading, organ))[:1]
        for concept, example in (("prior_rt", True), ("prior_dose", 50.0))
    ]


def _of_no_region(reading: Reading, organ: str) -> Iterator[tuple[int, int]]:
    """Yield radiation that was given with a dose and without a word of where."""
    anywhere = [*_REGIONS.values(), _ELSEWHERE]
    for match in _RADIATION.finditer(reading.low) if organ in _REGIONS else ():
        claimed = claim(reading, *match.span()) or _dated(reading, *match.span())
        if claimed is None or claimed[0] == "denied":
            continue
        _, left, right = claimed
        if organ == "breast" and whose(reading, left, right) is False:
            continue
        named = any(region.search(reading.low, left, right) for region in anywhere)
        if _DOSE.search(reading.low, left, right) and not named:
            yield left, right


def _of_unknown_side(reading: Reading) -> Iterator[tuple[int, int]]:
    for left, right, stated in _claimed(reading, "breast"):
        if stated != "denied" and whose(reading, left, right) is None:
            yield left, right


def _claimed(reading: Reading, organ: str) -> Iterator[tuple[int, int, str]]:
    """Yield the clauses that claim or deny radiation of the region."""
    for match in _RADIATION.finditer(reading.low):
        claimed = claim(reading, *match.span()) or _dated(reading, *match.span())
        if claimed is None or _TECHNICAL.match(reading.low, match.start()):
            continue
        stated, left, right = claimed
        if _REGIONS[organ].search(reading.low, left, right):
            yield left, right, stated


_OTHER_SIDE = rx(r"contralateral|other (?:breast|side)|opposite")
_SAME_SIDE = rx(r"ipsilateral|same (?:breast|side)|bilateral")


def whose(reading: Reading, left: int, right: int) -> bool | None:
    """Say whether a clause speaks of the side of today's disease; None when nobody can tell."""
    words = reading.low[left:right]
    if _OTHER_SIDE.search(words):
        return False
    mentioned, now = side_of(_RT.sub(" ", words)), side_now(reading)
    if mentioned is None or _SAME_SIDE.search(words):
        return True
    if mentioned == "bilateral":
        return None
    if now in {"left", "right"}:
        return mentioned == now
    other = {"left": r"\b(?:right|rt) breast", "right": r"\b(?:left|lt) breast"}[mentioned]
    return None if rx(other).search(reading.low) else True
