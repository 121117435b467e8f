"""Tumour size: the largest invasive dimension, in millimetres, with intervals kept."""

import re
from collections.abc import Iterator, Sequence

from extractors.candidates import Candidate
from extractors.context import is_family
from extractors.contradiction import Contradiction
from extractors.fields.margin_distances import distance_rows
from extractors.fields.margin_words import component_of
from extractors.fields.measures import interval, largest_mm, measures
from extractors.patterns import DECIMAL, decimal_of, millimetres, rx
from extractors.reading import Reading
from extractors.types import Value

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
    r"invasive component|of (?:the )?largest (?:invasive )?(?:focus|foci|tumou?r|carcinoma)"
    r"(?: of invasion)?(?: over \d[\d.]*+ ?[cm]m)?|"
    r"\(?(?:in )?(?:milli|centi)met(?:er|re)s?\)?)[\s:]{0,3}){0,4}\Z"
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
    r"apart|segment|long\b|into\b|beyond\b|outside\b|past\b|"
    r"margins?\b(?! ?(?:\(s\)|status|are|is|were|:|inv|pos|neg|free|"
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
    r"\b(?:whole|total|overall|entire|combined)\b(?! (?:grade|score|mastectomy|number|nottingham|"
    r"histolog\w+|survival|thickness))|includ\w+ (?:the )?(?:dcis|lcis|in[\s-]situ)|"
    r"(?:plus|\+|and|with) (?:dcis|in[\s-]situ)|invasive (?:and|\+|&) in[\s-]situ"
)
_WHOLE_AFTER = rx(
    r"^[\s,(]{0,3}(?:(?:when |if )?includ\w+ (?:the )?(?:\w++ )?(?:dcis|lcis|in[\s-]situ)|"
    r"(?:whole|overall)\b(?!(?: (?:tumou?r|lesion|size|extent|diameter|measur\w+)){0,2}"
    r"[\s:]{0,3}\d)|"
    r"in total|with (?:the )?(?:dcis|in[\s-]situ))"
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
_MARGIN_BEFORE = rx(
    r"\b(?:margins?|mrf|crm|distance|(?<!axillary )clearance|closest|nearest)\b[^.;\n]{0,70}\Z"
)
_CLEAR_BY = rx(
    r"^\s(?:\w++ )?(?:clearance|tumou?r[\s-]free)\b|"
    r"^ and (?:the )?(?:dcis|in[\s-]situ \w++|invasive \w++) \d[\d.,]*+ ?[cm]m "
    r"(?:from|away|clear)\b|"
    r"^[\s,]{0,2}(?:clear|short|shy|free|off)\b(?: (?:of|from|the)\b|\s*[.,;])"
)
_MAIN = rx(
    r"\b(?:main|index|dominant|primary) (?:tumou?r|mass|lesion|carcinoma)(?: which| that)?"
    r"(?: is| measures| measured)?[\s:]{0,2}\Z"
)
# "4 cm from the cut end an ulcerative mass 4 x 3 cm": all sides, right behind the tumour's name.
_RIGHT_BEHIND = rx(
    r"(?<!nodal)(?<!node)(?<!nodes)(?<!benign)(?<!axillary)(?<!satellite)(?<!no) (?:tumou?r|mass|"
    r"growth|carcinoma)(?: (?:is|was|of|size|measuring|measures|m/s|meas\.?))?[\s:,(]{0,3}\Z"
)
# "Largest focus over 0.1 cm: 1.9 cm": a measure within a label limits what it asks for.
_LIMIT = re.compile(r"\s?:\s{0,3}[<>]?\s?\d")
# "Infiltrates the fat by 4 mm" is how deep it grows.
_BY = re.compile(r"(?<!followed)\sby\s\Z")
# What lies beside the tumour, told after its measure or before it.
_BESIDE = rx(
    r"^[\s-]{0,2}(?:satellites?|second|smaller|additional|separate|daughter)\b|"
    r"^ (?:away )?from (?:the )?(?:main|index|primary|dominant)\b"
)
_BESIDE_BEFORE = rx(r"\bsatellites?\b(?![^.;]{0,40}\b(?:main|index|tumou?r)\b)[^.;]{0,40}\Z")
_CORES = rx(r"\b(?:(?:\d+|two|three|four|five|six|biopsy|needle) core|cores)\b[^.;\n]{0,35}\Z")
# The eye of the hand, of the camera and of the knife: the microscope measures the tumour.
_PICTURE = (
    r"(?:clinical(?:ly)?|radiolog\w+|imaging|mri|mammogra\w+|ultraso\w+|sonogra\w+|palpat\w+|"
    r"palpabl\w+)"
)
_OF_ANOTHER_PLACE = rx(
    r"\b(?:mri|ct) (?:of )?(?:the )?(?:pelvis|liver|brain|spine|abdomen|chest)\b[^.\n]{0,80}\Z"
)
_BY_OTHER_EYE = rx(rf"\b{_PICTURE}\b(?: (?!hist|path|micr)[a-z]\w*+){{0,3}}[\s:,(]{{0,3}}\Z")
_BY_OTHER_EYE_AFTER = rx(
    rf"^\s{{0,2}}\(?(?:(?:on|by|in|at) (?:the )?)?{_PICTURE}\b(?![\s:]{{0,2}}\d)"
)
_GROSS = rx(r"\b(?:gross(?:ly)?|macroscopic(?:al|ally)?)\b(?: (?:tumou?r )?size)?[\s:,(]{0,3}\Z")
_GROSS_AFTER = rx(r"^\s{0,2}\(?(?:gross(?:ly)?|macroscopic(?:al|ally)?)\b(?![\s:]{0,2}\d)")
_UNDER_THE_MICROSCOPE = rx(
    r"\b(?:microscopic(?:al|ally)?|histolog\w+|microscopy|patholog\w+)\b"
    r"(?: (?:tumou?r )?(?:size|measur\w+))?"
    r"[\s:,(]{0,3}(?P<v>\d[\d.,]*+) ?[cm]m\b|"
    r"\d ?[cm]m (?:microscopic(?:al|ally)?|histological(?:ly)?|pathological(?:ly)?)\b"
)
# A limit beside the measure itself: "< 20 mm (15 mm)".
_ITSELF = rx(
    r"^\s?(?:\(|[;,] ?(?=measur|actual|exact|precise))\s?"
    r"(?:(?:measur\w+|actual(?:ly)?|(?:exact|precise)(?:ly)?)[\s:]{1,2})?"
    rf"(?P<n>{DECIMAL}) ?(?P<u>[cm]m)\b"
)
_DCIS_THEN = rx(
    r"\bdcis\b(?:[\s,:]{1,3}(?:(?:high|low|intermediate)(?: nuclear)?[\s-]grade|"
    r"(?:nuclear )?grade:? (?:[1-3]|i{1,3})|comedo\w*|cribriform|solid|component)){0,3}"
    r"[\s,:(]{0,3}\Z"
)
_DISTANCE_WORD = rx(
    r"\b(?:margins?|distances?|clearances?|clear|from|within|closest|nearest|edge)\b"
)
# "Myxofibrosarcoma, grade 2. 54 x 40 mm.": a sentence of a measure alone is the tumour's.
_ALONE = re.compile(r"\s?(?:[.;]|\Z)")
_TUMOUR_TOLD = rx(
    r"(?:^|[.;\n])(?![^.;\n]*\b(?:no|without|benign|negative|nodes?|margins?|dcis|situ|specimen)\b)"
    r"[^.;\n]*\b(?:carcinoma|\w*sarcoma|idc|ilc|nst)\b[^.;\n]{0,40}[.;]\s{1,2}\Z"
)
_FINAL = frozenset({"header", "diagnosis", "synoptic", "microscopic", "comment"})
_LABELLED = 2.0
# Two measures of one tumour differ by rounding and by the slide that was taken.
_ROUNDING_MM, _ROUNDING = 2.0, 0.15


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
        held = reading.kept[f"size {organ}"] = _own(list(_candidates(reading, organ)))
    return held


def _own(found: Sequence[tuple[Candidate, bool]]) -> list[Candidate]:
    """Leave out what hand or picture measured (True) where another size is stated."""
    own = [one for one, seen in found if not seen]
    return own if any(one.concept == "size" for one in own) else [one for one, _ in found]


def _candidates(reading: Reading, organ: str) -> Iterator[tuple[Candidate, bool]]:
    low = reading.low
    for match in measures(reading):
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
            if is_whole_lesion(before, after) or _OF_ANOTHER_PLACE.search(before):
                continue
            if _is_in_situ(reading, start):
                told = _IN_SITU_SIZE.search(before) or _is_in_situ_alone(reading, start, before)
                if told and not _AWAY.match(after) and not _CLEAR_BY.match(after):
                    value = interval(match, largest)
                    one = Candidate("dcis_size", value, start, end, section.weight, 0.85, "mm")
                    yield one, False
                continue
        extra = None if _is_distance(reading, start, before) else _evidence(before, after)
        if extra is None and match["b"] and _names_tumour(before):
            extra = 0.9
        if extra is None or _is_by_the_knife(reading, before, after):
            continue
        dims = sum(1 for key in "abc" if match[key])
        weight = section.weight + extra + 0.1 * (dims > 1)
        one = Candidate("size", _value(match, largest, after), start, end, weight, 0.88, "mm")
        yield one, bool(_BY_OTHER_EYE.search(before) or _BY_OTHER_EYE_AFTER.match(after))


def _value(match: re.Match[str], largest: float, after: str) -> Value:
    """Return the measure, or the one that stands beside its limit: "< 20 mm (15 mm)"."""
    value = interval(match, largest)
    itself = _ITSELF.match(after) if isinstance(value, dict) else None
    number = decimal_of(itself["n"]) if itself else None
    return millimetres(number, itself["u"]) if itself and number is not None else value


def _is_distance(reading: Reading, start: int, before: str) -> bool:
    """Say whether a measure is how far the tumour is from a margin: never its size."""
    far = any(row.start == start for row in distance_rows(reading))
    return far and _LABEL.search(before) is None


def _is_by_the_knife(reading: Reading, before: str, after: str) -> bool:
    """Say whether the naked eye gave a measure, and the microscope another one."""
    gross = _GROSS.search(before) or _GROSS_AFTER.match(after)
    return gross is not None and _UNDER_THE_MICROSCOPE.search(reading.low) is not None


def _is_in_situ(reading: Reading, start: int) -> bool:
    """Say whether the clause before a measure speaks of in-situ disease and not of invasive."""
    left, _ = reading.clause(start, start + 1)
    said = re.split(r"\d\s?[cm]m\b", reading.low[max(left, start - 200) : start])[-1]
    of_tumour = _OTHER_SUBJECT.search(said) is not None
    return (component_of(said) == "in_situ" and not of_tumour) or _is_beside_in_situ(reading, start)


_SIZE_ALONE = re.compile(r"\s*(?:size|extent|maximum size)\s?[:=]?\s*")


def _is_beside_in_situ(reading: Reading, start: int) -> bool:
    """Say whether a bare "Size:" is the next cell of a line on in-situ disease."""
    line = reading.low[reading.low.rfind("\n", 0, start) + 1 : start]
    before, border, label = line.rpartition(";")
    bare = bool(border) and _SIZE_ALONE.fullmatch(label) is not None
    return bare and component_of(before) == "in_situ"


def _is_in_situ_alone(reading: Reading, start: int, before: str) -> bool:
    """Say whether a measure stands right behind DCIS, and not in a list of distances."""
    sentence = re.split(r"\.\s|\n", before)[-1]
    return (
        _DCIS_THEN.search(sentence) is not None
        and not _DISTANCE_WORD.search(sentence)
        and not _is_distance(reading, start, before)
    )


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


def _names_tumour(before: str) -> bool:
    """Say whether the tumour's name stands right before a measure, in no sentence on nodes."""
    clause = re.split(r"[.;]\s", before)[-1]
    return _RIGHT_BEHIND.search(before) is not None and _NODAL.search(clause) is None


# "Adenocarcinoma of the pancreas, 4.1 cm": the organ's name is the tumour's, not its size's.
_OF_ORGAN = rx(
    r"(?:carcinoma|cancer|tumou?r|sarcoma) (?:of|in|arising in|involving) (?:the )?"
    r"(?:(?:head|tail|body|neck|distal|proximal) (?:of (?:the )?)?)?"
    r"(?:pancreas|stomach|colon|duodenum|uterus|rectum)\b"
)
_OPEN_LINE = re.compile(r"(?:specimen|nodes?|nodal|metasta\w+|dcis|situ|[,(])\s*\Z")
_NODAL = re.compile(r"node|nodal|metasta|specimen|dcis|situ")
_OF_SPECIMEN = rx(r"\bspecimen (?:size|dimensions?|measures)\b[^.;]{0,80}\Z")


def _evidence(before: str, after: str) -> float | None:
    """Return how strongly the words around a measure make it the tumour's size."""
    if (
        _LIMIT.match(after)
        or _BY.search(before)
        or _AWAY.match(after)
        or _CLEAR_BY.match(after)
        or _BESIDE.match(after)
    ):
        return None
    labelled = _LABEL.search(before)
    if labelled:
        label = re.split(r"[.;]\s", before)[-1][-46:]
        line = label.rpartition("\n")[2]
        if _LABEL.search(line) and not _OPEN_LINE.search(label[: len(label) - len(line)]):
            label = line  # The line above is another label's.
        if before[: labelled.start()].rstrip().endswith("("):
            label = labelled[0]
        of_other = re.search("specimen|node|metasta|dcis|situ", label) or _OF_SPECIMEN.search(
            before
        )
        return None if of_other else 2.2
    clause = _OF_ORGAN.sub(" carcinoma ", re.split(r"[.;]\s", before)[-1])
    if _MAIN.search(clause):
        return 1.2
    if _NOT_SIZE.search(clause):
        return None
    if any(p.search(clause) for p in (_FOCI, _BESIDE_BEFORE, _CORES, _MARGIN_BEFORE)):
        return None
    penalty = -0.8 if _SMALL.search(clause) else 0.0
    # "In the tumor a 2.2 cm cyst": behind an article the measure is of the noun that follows.
    own = not _ARTICLE.search(clause) or _AFTER_TUMOUR.match(after)
    if own and _VERB.search(clause):
        return 0.9 + penalty + (0.4 if "invasi" in clause or "infiltra" in clause else 0)
    if _AFTER_TUMOUR.match(after):
        return 0.7 + penalty
    if not clause.strip() and _ALONE.match(after) and _TUMOUR_TOLD.search(before):
        return 0.5
    if _DIMENSION.match(after) and re.search(r"tumou?r|carcinoma|mass|lesion", before):
        return 0.5 + penalty
    return None
