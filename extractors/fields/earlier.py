"""Earlier radiation to the region that is treated now, and its dose.

Only radiation that was given counts: a plan, an offer, a relative's treatment, the other breast
and another part of the body say nothing of this field. The dose is that of a dose that was given.
"""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.fields.claims import claim
from extractors.patterns import decimal_of, rx
from extractors.reading import Reading
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
# Radiotherapy, where it is not "rt breast" for the right one.
_RT = re.compile(r"\brt\b(?!\s(?:breast|chest|axill))")
_TECHNICAL = rx(r"radiation[\s-](?:type )?(?:change|effect|induced|related|atypia|fibrosis|seed)")


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield whether the region was irradiated before, and with how many gray."""
    region = _REGIONS.get(organ)
    if region is None:
        return
    side = _side_now(reading) if organ == "breast" else None
    for match in _RADIATION.finditer(reading.low):
        start, end = match.span()
        if _TECHNICAL.match(reading.low, start):
            continue
        claimed = claim(reading, start, end)
        if claimed is None:
            continue
        stated, left, right = claimed
        if not region.search(reading.low, left, right) or _other_side(reading, left, right, side):
            continue
        if stated == "denied":
            yield Candidate("prior_rt", False, left, right, 3.0, 0.8)
            continue
        yield Candidate("prior_rt", True, left, right, 3.0, 0.8)
        yield from _dose(reading, left, right, start, end)


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


def _side_now(reading: Reading) -> str | None:
    """Return the side of the disease of today, as the specimens or the diagnosis name it."""
    stated = {
        _first_side(reading.low, section.start, section.end)
        for section in reading.sections
        if section.name in {"diagnosis", "synoptic"}
    } - {None}
    sides = stated or {
        specimen.side
        for specimen in reading.specimens
        if specimen.side and reading.section_at(specimen.start).name != "clinical"
    }
    return sides.pop() if len(sides) == 1 else None


def _first_side(low: str, start: int, end: int) -> str | None:
    """Return the side in the first clause that names one: what stands behind may be the past."""
    for clause in re.split(r"[.;\n]", low[start:end]):
        side = side_of(clause)
        if side:
            return side
    return None


def _other_side(reading: Reading, left: int, right: int, side: str | None) -> bool:
    """Say whether the clause speaks of the other breast, or of one beside a bilateral history."""
    words = reading.low[left:right]
    if rx(r"contralateral|other breast|opposite").search(words):
        return True
    mentioned = side_of(_RT.sub(" ", words))
    return side in {"left", "right"} and mentioned in {"left", "right"} and mentioned != side
