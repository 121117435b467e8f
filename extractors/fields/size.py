"""Tumour size: the largest invasive dimension, in millimetres, with intervals kept."""

import re
from collections.abc import Iterator, Sequence

from extractors.candidates import Candidate
from extractors.context import is_family
from extractors.contradiction import Contradiction
from extractors.fields.margin_words import component_of
from extractors.patterns import DECIMAL, decimal_of, millimetres, rx
from extractors.reading import Reading
from extractors.types import Value

_UNIT = (
    r"(?:mm|crn|c[mxn]s?|em|ern|om|centimet\w++|millimet\w++)(?![a-z0-9]|"
    r"\.\d)(?!-)|(?:mm|cm)(?=tumou?r|histol|margin)"
)
MEASURE = (
    rf"(?P<op><|>|less than|greater than|more than|under|below|over|up to|at least|not less than|"
    rf"no less than|a minimum of|about|approximately|"
    rf"approx\.?)?[.,]?\s{{0,2}}(?P<a>{DECIMAL}) (?P<u1>{_UNIT})?"
    rf"(?:\s?\([a-z -]{{2,30}}\))?(?:\s{{0,3}}(?:x|by|\*|×|"
    rf"and)\s{{0,3}}(?P<b>{DECIMAL})\s?(?P<u2>{_UNIT})?(?:\s?\([a-z -]{{2,30}}\))"
    rf"?)?(?:\s{{0,3}}(?:x|by|\*|×|and)\s{{0,3}}(?P<c>{DECIMAL})"
    rf"\s?(?P<u3>{_UNIT})?)?"
)
_MEASURE = rx(MEASURE)
_TUMOUR = (
    r"(?:tumou?rs?|carcinomas?|lesions?|mass(?:es)?|neoplasms?|neoplasia|sarcoma|"
    r"nodules?|adenocarcinoma|cancer|ulcer|component|focus|growth|invasive|idc|ilc|nst)"
)
_LABEL = rx(
    rf"(?:(?:maximum |greatest |largest |invasive |size of (?:the )?)*(?:tumou?r|"
    rf"lesion|mass|neoplasm|carcinoma|invasive (?:component|carcinoma|tumou?r|"
    rf"ductal carcinoma|lobular carcinoma)|dominant (?:mass|"
    rf"nodule))(?:'s)?(?: (?:size|dimensions?|diameters?|measures?|measuring|"
    rf"measurements?))(?: ?\((?:[a-z ,/]+|pt)\))?"
    rf"|size of (?:the )?(?:\w++ ){{0,2}}{_TUMOUR}|(?:maximum|greatest|"
    rf"largest) (?:tumou?r )?(?:dimension|"
    rf"diameter)(?: of)?(?: (?:the )?(?:invasive )?(?:component|tumou?r|"
    rf"carcinoma|mass|lesion))?(?: ?\(pt\))?|"
    rf"maximum dimension invasive component|size \(?(?:of )?(?:invasive|tumou?r|"
    rf"pt|greatest)\)?[^:]{{0,20}}|(?m:^)\s?(?:[a-z0-9][.)]\s?)?size|\bsize(?= ?:)|"
    rf"(?<=[.,;)] )size|(?:maximum|maximal|largest|greatest|estimated) size|"
    rf"\b(?:mass|tumou?r|lesion|nodule|focus) (?:\#|no\.?|number) ?\d)"
    r"(?: ?(?:[:;=-]|is|was|of|measures|"
    r"measuring))*[\s:;(-]{0,6}(?:(?:approximately|about|is|measures|measuring|"
    r"greatest dimension|maximum dimension|of invasive component|"
    r"invasive component)[\s:]{0,3}){0,3}\Z"
)
_VERB = rx(
    rf"{_TUMOUR}(?: \([^)]{{0,30}}\))?(?:[\s,-]++(?!margin|node|specimen|lymph|"
    rf"distance|within|from)[\w(][\w/()'+=-]*+)"
    rf"{{0,12}}?[\s,;:(-]{{0,4}}(?:measur\w++|is|forming|up to|spanning|"
    rf"diameters?:?|size:?|\()?(?:[\s,]++(?!from|margin|"
    rf"within)\w++){{0,4}}[\s:,(=-]{{0,4}}\Z"
)
_AFTER_TUMOUR = rx(
    rf"^(?:[\s,-]++(?!margin|node|specimen|lymph|from|without|no\b|omentum|spleen|pancreas\b|"
    rf"x\b)[\w(][\w/()-]*+){{0,9}}?[\s,-]++(?:{_TUMOUR}|carcinoma)\b"
)
_DIMENSION = rx(
    r"^[\s,]{0,2}(?:\([^)]{0,20}\))?[\s,]{0,2}(?:in (?:the )?)?(?:its )"
    r"?(?:greatest|maximum|maximal|largest|max\.?|gross|diameter|dimension)"
)
_NOT_SIZE = rx(
    r"(?:margin|from (?:the )?(?:\w++ ){0,5}|within|distance|thick\w*|depth|"
    r"invades? to|lymph nodes?|node|specimen|skin|ellipse|scar|nipple|areola|"
    r"metasta\w++|polyp|clip|marker|\bbed\b|no (?:residual|viable)|biopsy (?:site|cavity)|"
    r"cavity|cyst|"
    r"dcis|in[\s-]situ|fibroadenoma|grams?|weigh\w*|length|segment|colon|bowel|"
    r"appendix|spleen|gallbladder|stomach|pancreas|duodenum|uterus|"
    r"breast tissue|portion|"
    r"level|deposit|focus in lymph|located|lies|extracapsular|axillary|contents|"
    r"section|sliced|intervals|omentum|adenoma\b|hemorrhage|muscle|"
    r"fat\b)[^.;:]{0,35}\Z|margins?\s?:\s{0,3}\Z"
)
_AWAY = rx(
    r"^[\s,]{0,2}(?:\([^)]{0,20}\)\s?)?(?:in length|in depth|from|away|to the|"
    r"of the (?:closest|nearest)|wide margin|of (?:skin|colon|bowel))|"
    r"^[^\S\n]{0,2},?[^\S\n]?(?:\([^)]{0,20}\)[^\S\n]?)?(?:deep|thick|distal|proximal|above|"
    r"below|"
    r"apart|segment|long\b|margins?\b(?! ?(?:\(s\)|status|are|is|were|:|inv|pos|neg|free|"
    r"clear|un|"
    r"not)))"
)
_SMALL = rx(
    r"(?:second|smaller|satellite|additional|other|"
    r"separate(?! (?:masses|nodules|tumou?rs|foci|lesions))|another|"
    r"microscopic foc\w++|lymph|adjacent)[^.;]{0,40}\Z"
)


# Foci beside the tumour: their size is not its.
_FOCI = rx(
    r"\b(?:several|multiple|additional|scattered|satellite|other|rare|few) (?:\w++ ){0,2}foci\b"
    r"[^.;]{0,70}\Z"
)
_ARTICLE = re.compile(r"\ban?\s*\Z")
_WHOLE = rx(
    r"\b(?:whole|total|overall|entire|combined)\b|includ\w+ (?:the )?(?:dcis|lcis|in[\s-]situ)|"
    r"(?:plus|\+|and|with) (?:dcis|in[\s-]situ)|invasive (?:and|\+|&) in[\s-]situ"
)
_WHOLE_AFTER = rx(
    r"^[\s,(]{0,3}(?:(?:when |if )?includ\w+ (?:the )?(?:\w++ )?(?:dcis|lcis|in[\s-]situ)|"
    r"whole|overall|in total|with (?:the )?(?:dcis|in[\s-]situ))"
)
_SEVERAL = rx(
    r"multi-?(?:focal|centric)|(?:two|three|four|several|multiple|separate|second|satellite|"
    r"additional|both|each|other|larger|smaller|largest|dominant) (?:\w++ ){0,2}(?:foc(?:us|i)|"
    r"mass(?:es)?|tumou?rs?|nodules?|lesions?|carcinomas?)\b|\btumou?rs (?:are|measure)|"
    r"(?:mass|tumou?r|lesion|nodule) (?:\#|no\.?|number|[ab]\b|[12]\b)|"
    r"\bright breast\b.*\bleft breast\b"
)
_OTHER_SUBJECT = rx(r"(?:situ|dcis)\b.*\b(?:tumou?r|lesion|mass|nodule)\b(?! cells)")
_IN_SITU_SIZE = rx(
    r"\b(?:size|extent|span\w*|measur\w*|dimension|diameter|across|extend\w* over|"
    r"involving an area"
    r"(?: of)?)\b(?![^.;]{0,60}\b(?:margin|from|block|slide|section)s?\b)[^.;]{0,40}\Z"
)
_FINAL = frozenset({"header", "diagnosis", "synoptic", "microscopic", "comment"})
_LABELLED = 2.0
# Two measures of one tumour differ by rounding and by the slide that was taken.
_ROUNDING_MM, _ROUNDING = 2.0, 0.15


def largest_mm(match: re.Match[str]) -> float | None:
    """Return the largest dimension of a measure in millimetres; None without any unit."""
    units = [match[u] for u in ("u1", "u2", "u3") if match[u]]
    if not units:
        return None
    numbers = [decimal_of(match[n]) for n in "abc" if match[n]]
    sizes = [millimetres(n, units[-1]) for n in numbers if n is not None]
    return max(sizes) if sizes else None


def interval(match: re.Match[str], number: float) -> Value:
    """Return `number`, or the interval that the words before it make of it."""
    operator = (match["op"] or "").strip()
    operator = " ".join(operator.split())
    if operator in {"<", "less than", "under", "below"}:
        return {"lt": number}
    if operator in {">", "greater than", "more than", "over"}:
        return {"gt": number}
    if operator in {"at least", "not less than", "no less than", "a minimum of"}:
        return {"ge": number}
    return number


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield tumour sizes in millimetres; none where two sizes of one tumour disagree."""
    found = _kept(reading, organ)
    if _disagreement(reading, found) is None:
        yield from found


def contradictions(reading: Reading, organ: str) -> list[Contradiction]:
    """Return the two sizes that a document gives one tumour, if it does."""
    pair = _disagreement(reading, _kept(reading, organ))
    if pair is None:
        return []
    spans = tuple(sorted((c.start, c.end) for c in pair))
    return [Contradiction("size", "two_sizes_for_one_tumour", spans)]


def _kept(reading: Reading, organ: str) -> list[Candidate]:
    held = reading.kept.get(f"size {organ}")
    if not isinstance(held, list):
        held = reading.kept[f"size {organ}"] = list(_candidates(reading, organ))
    return held


def _candidates(reading: Reading, organ: str) -> Iterator[Candidate]:
    low = reading.low
    for match in _MEASURE.finditer(low):
        largest = largest_mm(match)
        if largest is None or not 0.2 <= largest <= 450:
            continue
        start, end = match.start(), match.end()
        before = low[max(0, start - 130) : start]
        after = low[end : end + 90]
        section = reading.section_at(start)
        if section.name in {"clinical", "intraoperative"} or is_family(reading, start, end):
            continue
        if organ == "breast":
            if is_whole_lesion(before, after):
                continue
            if _is_in_situ(reading, start):
                if _IN_SITU_SIZE.search(before) and not _AWAY.match(after):
                    value = interval(match, largest)
                    yield Candidate("dcis_size", value, start, end, section.weight, 0.85, "mm")
                continue
        extra = _evidence(before, after)
        if extra is None:
            continue
        dims = sum(1 for key in "abc" if match[key])
        weight = section.weight + extra + 0.1 * (dims > 1)
        yield Candidate("size", interval(match, largest), start, end, weight, 0.88, "mm")


def _is_in_situ(reading: Reading, start: int) -> bool:
    """Say whether the clause before a measure speaks of in-situ disease and not of invasive."""
    left, _ = reading.clause(start, start + 1)
    said = re.split(r"\d\s?[cm]m\b", reading.low[max(left, start - 200) : start])[-1]
    of_tumour = _OTHER_SUBJECT.search(said) is not None
    return component_of(said) == "in_situ" and not of_tumour


def is_whole_lesion(before: str, after: str) -> bool:
    """Say whether a measure is of invasive and in-situ disease together (RCPath: whole tumour)."""
    label = re.split(r"[.;\n]\s*", before)[-1][-60:]
    return bool(_WHOLE.search(label) or _WHOLE_AFTER.match(after))


def _disagreement(
    reading: Reading, found: Sequence[Candidate]
) -> tuple[Candidate, Candidate] | None:
    """Return the least and the largest of the labelled sizes, where they differ too much."""
    stated = [
        c
        for c in found
        if isinstance(c.value, float)
        and c.weight - reading.section_at(c.start).weight >= _LABELLED
        and reading.section_at(c.start).name in _FINAL
    ]
    if len(stated) < 2 or _SEVERAL.search(reading.low):
        return None
    least, most = (f(stated, key=lambda c: number(c.value)) for f in (min, max))
    a, b = number(least.value), number(most.value)
    return (least, most) if b - a > max(_ROUNDING_MM, _ROUNDING * b) else None


def number(value: Value) -> float:
    """Return the number of a plain size."""
    return float(value) if isinstance(value, int | float) else 0.0


def _evidence(before: str, after: str) -> float | None:
    """Return how strongly the words around a measure make it the tumour's size."""
    if _AWAY.match(after):
        return None
    labelled = _LABEL.search(before)
    if labelled:
        label = re.split(r"[.;]\s", before)[-1][-46:]
        if before[: labelled.start()].rstrip().endswith("("):
            label = labelled[0]
        return 2.2 if not re.search("specimen|node|metasta|dcis|situ", label) else None
    clause = re.split(r"[.;]\s", before)[-1]
    if _NOT_SIZE.search(clause):
        return None
    if _FOCI.search(clause):
        return None
    penalty = -0.8 if _SMALL.search(clause) else 0.0
    # "In the tumor a 2.2 cm cyst": behind an article the measure is of the noun that follows.
    own = not _ARTICLE.search(clause) or _AFTER_TUMOUR.match(after)
    if own and _VERB.search(clause):
        return 0.9 + penalty + (0.4 if "invasi" in clause or "infiltra" in clause else 0)
    if _AFTER_TUMOUR.match(after):
        return 0.7 + penalty
    if _DIMENSION.match(after) and re.search(r"tumou?r|carcinoma|mass|lesion", before):
        return 0.5 + penalty
    return None
