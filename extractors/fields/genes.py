"""BRCA results: what a text says of each gene, in either order of the words.

"BRCA1: no pathogenic variant", "pathogenic variant detected in BRCA2", "germline testing was
negative for BRCA1 and BRCA2". The words of a classification are those of ACMG/AMP 2015.
"""

import re
from collections.abc import Iterator
from typing import Literal

from extractors.candidates import Candidate
from extractors.fields.claims import is_open, is_relative
from extractors.patterns import rx
from extractors.reading import Reading

Verdict = Literal["positive", "negative", "vus"]

_GENE = rx(r"\bbrca ?-?(?P<n>[12])?(?: ?(?:/|and|&|,|or) ?(?:brca ?-?)?(?P<m>[12])\b)?(?![a-z])")
_OTHER_GENE = re.compile(
    r"\b(?:palb2|chek2|atm|tp53|p53|cdh1|pten|stk11|rad51[cd]?|mlh1|msh[26]|pms2|nf1|bard1|"
    r"brip1)\b"
)
_VARIANT = (
    r"(?:variants?|mutations?|alterations?|changes?|deletions?|duplications?|abnormalit\w++|"
    r"rearrangements?|results?|findings?)"
)
_NEGATIVE = rx(
    rf"\b(?:no|not? any|without|absence of|absent|lacks?|free of|negative for|none of|neither|"
    rf"nor|"
    rf"did not (?:show|reveal|identify|detect|find)|failed to (?:show|identify|detect)|"
    rf"does not (?:carry|have)|do not (?:carry|have)|"
    rf"never|not (?:a )?(?:known )?)(?:[\s,/()-]++(?!but\b)[\w][\w'/.-]*+){{0,7}}[\s,/()-]++"
    rf"(?:{_VARIANT}|carriers?|mutated|pathogenic(?! (?:or )?\w))(?: (?:was|were|is|are|has been|"
    rf"have been|detected|identified|found|seen|present|reported))*|"
    rf"\b(?:pathogenic |deleterious |likely |germline |clinically |significant |known |or )*"
    rf"(?:{_VARIANT}(?:\s(?:in|of|within)\s[^,.;:\n]{{1,40}}?)?\s)?"
    rf"(?:was |were |is |are |has been |have been )?(?:not (?:been )?(?:detected|"
    rf"identified|found|seen|present|mutated|carried|demonstrated)|undetected|excluded|"
    rf"ruled out|absent\b)|\bnegative\b|\bneg\b|wild[\s-]?type|\bnormal\b|\bintact\b|"
    rf"non-?carrier|(?:likely )?\bbenign\b(?: (?:variant|polymorphism)s?)?|polymorphisms?"
)
_VUS = rx(
    r"(?:variants?|mutations?|changes?) of (?:uncertain|unknown|undetermined) (?:clinical )?"
    r"significance|\bvus\b|uncertain significance"
)
_POSITIVE = rx(
    r"\bpathogenic\b|deleterious|disease[\s-]causing|\bpositive\b|\bpos\b|\bmutated\b|\bmutant\b|"
    r"\bcarriers?\b|\bcarries\b|(?:mutation|variant)s? (?:was |were |is |has been )?(?:detected|"
    r"identified|found|present|confirmed|seen)|(?:has|with|harbou?rs|carrying|known|a|germline) "
    r"(?:\w++ ){0,2}(?:brca ?-?[12] )?mutations?"
)
_NOT_TESTED = rx(
    r"(?:not|never) (?:been )?(?:tested|performed|done|undertaken)|test\w* (?:was )?(?:declined|"
    r"refused)|declined (?:\w++ ){0,2}test\w*|untested"
)
_GENERAL = rx(
    r"\bmeans\b|\bif\b|\bdefin|(?:patients|women|people|families|those) (?:with|who)|"
    r"carriers (?:have|are)"
)
# What the tumour's own gene shows, and how it is switched off, is not inherited.
_OF_TUMOUR = rx(r"methylat\w++|promoter|\bsomatic\b|\bexpression\b")
_JOINT = re.compile(r",|\b(?:and|but|while|whereas|however|though|although)\b|\n")


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield the BRCA result: a pathogenic gene, an uncertain variant, or both genes negative."""
    if organ != "breast":
        return
    said: dict[str, set[Verdict]] = {"1": set(), "2": set()}
    place: dict[tuple[str, Verdict], tuple[int, int]] = {}
    untested: tuple[int, int] | None = None
    for start, end in _clauses(reading):
        clause = reading.low[start:end]
        if is_relative(clause) or _GENERAL.search(clause) or _OF_TUMOUR.search(clause):
            continue
        if _NOT_TESTED.search(clause):
            untested = untested or (start, end)
            continue
        if is_open(clause):
            continue
        for left, right in _pieces(reading.low, start, end):
            piece = reading.low[left:right]
            verdict = _verdict(piece)
            for gene in _genes(piece) if verdict else ():
                said[gene].add(verdict)  # type: ignore[arg-type]
                place.setdefault((gene, verdict), (left, right))  # type: ignore[arg-type]
    yield from _result(reading, said, place, untested)


def _result(
    reading: Reading,
    said: dict[str, set[Verdict]],
    place: dict[tuple[str, Verdict], tuple[int, int]],
    untested: tuple[int, int] | None,
) -> Iterator[Candidate]:
    """Yield what both genes together say; a gene with two results says nothing."""
    if any(len(verdicts) > 1 for verdicts in said.values()):
        return
    found: list[tuple[str, tuple[int, int]]] = [
        (f"pathogenic_brca{gene}", place[gene, "positive"])
        for gene in said
        if "positive" in said[gene]
    ]
    if not found:
        found = [("vus", place[gene, "vus"]) for gene in said if "vus" in said[gene]][:1]
    if not found and all("negative" in verdicts for verdicts in said.values()):
        found = [("negative", place["1", "negative"])]
    if not found and untested and not any(said.values()):
        found = [("not_tested", untested)]
    for value, (start, end) in found[:1]:
        weight = reading.section_at(start).weight
        yield Candidate("breast.brca", value, start, end, weight, 0.85)


def _clauses(reading: Reading) -> Iterator[tuple[int, int]]:
    seen = -1
    for match in _GENE.finditer(reading.low):
        start, end = reading.clause(match.start(), match.end())
        start, end = max(start, match.start() - 400), min(end, match.end() + 400)
        if start >= seen:
            yield start, end
            seen = end


def _pieces(low: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a clause where one gene's result ends and another's begins."""
    cuts = [start, *(m.start() for m in _JOINT.finditer(low, start, end)), end]
    spans: list[tuple[int, int]] = []
    left = start
    for right in cuts[1:]:
        piece, rest = low[left:right], low[right:end]
        if right == end or (_whole(piece) and _whole(rest)):
            spans.append((left, right))
            left = right
    yield from spans


def _whole(piece: str) -> bool:
    gene = _GENE.search(piece) or _OTHER_GENE.search(piece)
    return gene is not None and _verdict(piece) is not None


def _genes(piece: str) -> tuple[str, ...]:
    found: set[str] = set()
    for match in _GENE.finditer(piece):
        numbers = {n for n in (match["n"], match["m"]) if n}
        found |= numbers or {"1", "2"}
    return tuple(sorted(found))


def _verdict(piece: str) -> Verdict | None:
    """Return what a piece says; denials are taken out first, for they hold the same words."""
    rest, denied = _NEGATIVE.subn(" ", piece)
    uncertain = _VUS.search(rest) is not None
    affirmed = _POSITIVE.search(_VUS.sub(" ", rest)) is not None
    if affirmed:
        return None if denied or uncertain else "positive"
    if uncertain:
        return "vus"
    return "negative" if denied else None
