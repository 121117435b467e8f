"""Biomarkers: ER, PR, HER2 by immunohistochemistry and in situ hybridisation, Ki-67.

To add a marker, add a row to `MARKERS` (its names) and, for its values, a row to `READINGS`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.candidates import Candidate
from extractors.context import is_family, is_pending
from extractors.patterns import decimal_of, rx
from extractors.reading import Reading

# marker, its names in lower case, names that count only when written in capitals
MARKERS: tuple[tuple[str, str, str], ...] = (
    (
        "er",
        r"o?estr[o0]gen[es]?(?:[-\s]{0,2}receptors?)?(?: protein)?(?: ?\(e\.?r\.?a?\))?",
        r"\be\.?r\.?a?\b(?:-?alpha)?",
    ),
    (
        "pr",
        r"progest[eo]r[o0]n\w{0,2}(?:[-\s]{0,2}receptors?)?(?: protein)?(?: ?\(p\.?g?r\.?a?\))?",
        r"\bp\.?g?r\.?a?\b",
    ),
    (
        "her2",
        r"\bher[\s-]{0,3}2[\s/-]{0,3}(?:\(?neu\)?)?(?: ?\(?c-?erb-?b-?2\)?)?(?: (?:protein|oncoprotein|oncogene))?|c-?erb[-\s]?b-?2|\berbb-?2\b|hercep[\s-]?test(?: tm)?|\bherz\b|\bher[\s-]{0,2}neu",
        r"\bneu\b",
    ),
    ("ki67", r"\bki[\s-]{0,2}67|\bmib[\s-]?[1l]\b", r""),
    (
        "ish",
        r"\bfish\b|\bcish\b|\bsish\b|in[\s-]situ hybridi[sz]ation|gene amplification|her-?2 gene|\bcep[\s-]?17",
        r"",
    ),
    (
        "other",
        r"\bp53\b|\be-?cadherin|\begfr\b|cytokeratin|\bck ?\d|\bdna\b(?: index| ploidy)?|s-phase|\bp63\b|synaptophysin|chromogranin|\bcd ?\d{2,3}|\bgcdfp|mammaglobin|androgen receptors?",
        r"\bar\b",
    ),
)
_MARKER = rx(
    "|".join(
        f"(?P<{n}_{k}>{p})"
        for n, low, caps in MARKERS
        for k, p in (("low", low), ("caps", caps))
        if p
    )
)
_JOINT = re.compile(
    r"^[\s,/&+.:-]{0,4}(?:(?:and|or|as well as|receptors?|protein|status|\(\w{1,4}\)|immuno\w++|the|for)[\s,/&.:-]{0,3}){0,3}$"
)
_SLASHED = rx(
    r"^[\s:=-]{0,4}(?:is |are )?(\+|-|pos\w*|neg\w*)\s?/\s?(\+|-|pos\w*|neg\w*)(?:\s?/\s?(\+|-|pos\w*|neg\w*))?"
)
_POSITIVE = (
    r"(?<!\bnot )(?:posit[il1]v\w*|posltive|\bpos\b|\(\+{1,3}\)|immuno-?reactive|\breactiv\w++|overexpress\w++|"
    r"over-express\w++|\bfavou?rabl[ey]|\bexpressed\b|(?:strong|moderate|weak|diffuse|intense)(?:ly)?(?: to \w++)?(?: nuclear| membran\w++)? (?:staining|immuno\w++|expression|reactivity)|"
    r"\bpresent\b|\bdetected\b|\bhigh\b)"
)
_NEGATIVE = (
    r"negat[il1]v\w*|\bneg\b|\(-\)|\bnon-?reactive|\bunfavou?rable|\babsent\b|not (?:\w++ )?(?:express\w*|detected|over-?express\w*|"
    r"reactive|immunoreactive|present|seen|identified)|\bno (?:\w++ ){0,2}(?:staining|expression|immunoreactivity|reactivity|over-?expression)|"
    r"\bnon-?over-?express\w++|without over-?expression|lack\w* (?:of )?expression|undetectable"
)
_EQUIVOCAL = r"\bequiv[o0]cal|\bborderline|\bindeterminate"
_STATUS = rx(rf"(?P<neg>{_NEGATIVE})|(?P<equ>{_EQUIVOCAL})|(?P<pos>{_POSITIVE})")
_SIGN = rx(
    r"^(?: status)?[\s:=]{0,3}(?:(?P<pos>\({0,1}\+{1,3}\){0,1}(?!\s?\d))|(?P<neg>\({0,1}[-](?:\)|(?=\s*[,;/.]|\s*(?:and|her|pr\b|pgr|er\b)))))"
)
_BEFORE = rx(
    rf"(?:(?P<neg>negat[il1]ve|\bneg|\bno\b|absence|lacks?|lacking|without|not \w*)|(?P<equ>equivocal|borderline|indeterminate)|(?P<pos>(?:strongly |weakly |focally |diffusely )?posit[il1]ve|\bpos\b|\bexpress(?:es|ing)?|reactive))"
    r" (?:\w++ )?(?:stain\w* |express\w* |immuno\w++ |reactivity |results? |nuclear |over-?express\w++ ){0,2}(?:for |of |with |in )?(?:both |the |monoclonal |nuclear )?[\s(]*$"
)
_PERCENT = rx(
    r"(?P<op>[<>~]|less than|greater than|more than|over|approximately|about|>=|<=|at least)?\s?=?\s?(?P<a>\d{1,3}(?:\.\d)?)\s?%?\s?(?:(?:-|to)\s?(?P<b>\d{1,3})\s?)?(?:%|percent\b|per cent\b)"
)
_ALLRED = rx(
    r"(?:allred|total|combined)?(?: (?:total )?score)[\s:=]{0,3}(?:of |is )?(?P<a>[0-8])\s?(?:/|of|out of)\s?8|allred[^0-9%]{0,20}(?P<b>[0-8])\b"
)
_DEFINITION = rx(
    r"considered|defined as|cut-?off|reference (?:range|interval|value)|criteri|normal range|controls? (?:slides? )?(?:are|is|were|was|stain|show|react)|"
    r"scoring (?:system|guide|method|scale)|fda|was developed|clone|interpretation guide|staining (?:of|in) (?:>|<|less|more|at least)|if (?:greater|less|more|the)|"
    r"positive\s?[:=]\s?[>0-9]|negative\s?[:=]\s?[<0-9]|asco/?cap|guideline|antibody (?:to|for)|used to (?:determine|identify)|eligib"
)
_IHC_SCORE = rx(
    r"(?P<a>[0-3])\s?\+(?!\s?(?:=|to \d|and))|\+\s?(?P<b>[1-3])\b(?!\s?[%.\d])|scored? (?:of |is |as |at |: ?|= ?|- ?|\()*(?P<c>[0-3])\b(?!\s?(?:[%.]\d|-\s?\d\+|/))|"
    r"[(]\s?(?P<d>[0-3])\s?(?:,|\)|/3|\+|out of)|^(?: \w++)?[\s:=-]{1,4}(?P<e>[0-3])\s?(?:[/.,;+]|$|\n|\()|\b(?P<f>zero)\b|(?P<g>[0-3])/3\b"
)
_AMPLIFIED = rx(
    r"(?P<neg>(?:not|non|no|without|negative for|absence of)(?:[\s-]++\w++){0,4}[\s-]{0,2}amplif\w++|amplif\w++(?: \w++){0,2}[\s:-]{0,3}(?:is |was )?(?:not|negative|absent|none|no\b)|non-?amplif\w++|unamplified|not increased)|"
    r"(?P<equ>equivocal|borderline|indeterminate)|"
    r"(?P<pos>(?:is|are|was|positive(?: for)?|with|shows?|:|-|gene|low|high|highly)[\s-]{0,2}(?:gene )?amplif(?:ied|ication)\b|amplif\w++ (?:is |was )?(?:present|identified|detected|positive|seen|observed)|^\W{0,3}amplified)|"
    r"(?P<neg2>negat[il1]ve)|(?P<pos2>posit[il1]ve)"
)
_RATIO = rx(r"ratio[^0-9<>]{0,40}(?P<op>[<>])?\s?(?P<a>\d{1,2}\.\d{1,2})")
_KEYS = {
    "pos": "positive",
    "neg": "negative",
    "equ": "equivocal",
    "pos2": "positive",
    "neg2": "negative",
}


@dataclass(frozen=True, slots=True)
class _Mention:
    marker: str
    start: int
    end: int


def _mentions(reading: Reading) -> list[_Mention]:
    found = []
    for match in _MARKER.finditer(reading.low):
        key = next(k for k, v in match.groupdict().items() if v is not None)
        marker, kind = key.rsplit("_", 1)
        if kind == "caps" and not reading.clean[match.start() : match.end()].isupper():
            continue
        found.append(_Mention(marker, match.start(), match.end()))
    return found


def _groups(reading: Reading) -> Iterator[tuple[list[_Mention], int]]:
    """Yield runs of coordinated markers ("ER, PR and HER2") and where the next run starts."""
    mentions = _mentions(reading)
    index = 0
    while index < len(mentions):
        group = [mentions[index]]
        while index + 1 < len(mentions) and _JOINT.match(
            reading.low[mentions[index].end : mentions[index + 1].start]
        ):
            index += 1
            group.append(mentions[index])
        index += 1
        following = mentions[index].start if index < len(mentions) else len(reading.low)
        yield group, following


def _status_of(match: re.Match[str]) -> str:
    return _KEYS[next(key for key, value in match.groupdict().items() if value is not None)]


def _percent(window: str) -> tuple[object, re.Match[str]] | None:
    for match in _PERCENT.finditer(window):
        first, second = decimal_of(match["a"]), match["b"]
        if first is None or first > 100:
            continue
        op = (match["op"] or "").strip()
        if second and int(second) <= 100 and int(second) > first:
            return {"ge": first, "le": float(second)}, match
        if op.startswith(("<", "less")):
            return {"lt": first}, match
        if op.startswith((">", "greater", "more", "over", "at least")):
            return {"gt": first}, match
        return (int(first) if first == int(first) else first), match
    return None


def number_of(value: object) -> float:
    """Return a representative number of a value that may be an interval."""
    if isinstance(value, dict):
        numbers = [float(n) for n in value.values()]
        if "lt" in value:
            return max(0.0, numbers[0] - 1)
        return sum(numbers) / len(numbers)
    assert isinstance(value, int | float)
    return float(value)


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield every marker result that the document states."""
    for group, following in _groups(reading):
        yield from _read_group(reading, group, following)


def _window(reading: Reading, group: list[_Mention], following: int) -> str:
    start, end = group[0].start, group[-1].end
    _, right = reading.clause(start, end)
    limit = max(right, min(end + 60, len(reading.low)))
    return reading.low[end : min(following, limit, end + 170)]


def _read_group(reading: Reading, group: list[_Mention], following: int) -> Iterator[Candidate]:
    start, end = group[0].start, group[-1].end
    section = reading.section_at(start)
    left, right = reading.clause(start, end)
    window = _window(reading, group, following)
    whole = reading.low[max(left, start - 60) : end] + window
    if is_family(reading, start, end) or _DEFINITION.search(whole[:220]):
        return
    before = _BEFORE.search(reading.low[max(left, start - 70) : start])
    weight = section.weight + (0.3 if section.name == "clinical" else 0)
    slashed = _SLASHED.match(window)
    if slashed and len(group) > 1:
        for mention, value in zip(group, (v for v in slashed.groups() if v), strict=False):
            status = "positive" if value.startswith(("+", "p")) else "negative"
            yield Candidate(
                f"{mention.marker}_status", status, start, end + slashed.end(), weight + 1
            )
        return
    pending = is_pending(reading, start, end)
    for mention in group:
        if mention.marker in {"er", "pr"}:
            yield from _hormone(reading, mention, start, end, window, before, weight, pending)
        elif mention.marker == "her2":
            yield from _her2(reading, start, end, window, before, weight, pending)
        elif mention.marker == "ish":
            yield from _ish(reading, start, end, window, weight, pending)
        elif mention.marker == "ki67":
            found = _percent(window)
            if found and not pending:
                yield Candidate("ki67", found[0], start, end + found[1].end(), weight, unit="%")  # type: ignore[arg-type]


def _hormone(
    reading: Reading,
    mention: _Mention,
    start: int,
    end: int,
    window: str,
    before: re.Match[str] | None,
    weight: float,
    pending: bool,
) -> Iterator[Candidate]:
    name = mention.marker
    sign = _SIGN.match(window)
    status = _STATUS.search(window)
    percent = _percent(window)
    stated: tuple[str, int, int] | None = None
    if before and not (sign or (status and status.start() < 12)):
        stated = (
            _status_of(before),
            start - (len(before[0].rstrip(" (")) + 1 if before[0] else 0),
            end,
        )
        stated = stated[0], max(0, stated[1]), end
    elif sign:
        stated = _status_of(sign), start, end + sign.end()
    elif status:
        stated = _status_of(status), start, end + status.end()
    elif percent:
        number = number_of(percent[0])
        stated = ("positive" if number >= 1 else "negative"), start, end + percent[1].end()
    if stated is None or (
        pending and not percent and not sign and not (status and status.start() < 25)
    ):
        return
    yield Candidate(f"{name}_status", stated[0], stated[1], stated[2], weight, 0.93)
    if percent:
        yield Candidate(
            f"{name}_percent", percent[0], start, end + percent[1].end(), weight, unit="%"
        )  # type: ignore[arg-type]
    allred = _ALLRED.search(window)
    if allred:
        yield Candidate(
            f"{name}_allred", int(allred["a"] or allred["b"]), start, end + allred.end(), weight
        )


def _her2(
    reading: Reading,
    start: int,
    end: int,
    window: str,
    before: re.Match[str] | None,
    weight: float,
    pending: bool,
) -> Iterator[Candidate]:
    score = _IHC_SCORE.search(window)
    amplified = _AMPLIFIED.search(window) if "amplif" in window else None
    if amplified and amplified.lastgroup in {"pos", "neg"}:
        yield Candidate("her2_ish", _status_of(amplified), start, end + amplified.end(), weight)
        return
    if score:
        digits = next(v for v in score.groups() if v is not None)
        value = 0 if digits == "zero" else int(digits)
        yield Candidate("her2_score", value, start, end + score.end(), weight, 0.93)
    sign = _SIGN.match(window)
    status = _STATUS.search(window)
    if before and not (status and status.start() < 12):
        yield Candidate("her2_ihc", _status_of(before), max(0, start - len(before[0])), end, weight)
    elif sign and not score:
        yield Candidate("her2_ihc", _status_of(sign), start, end + sign.end(), weight)
    elif status and not (pending and status.start() > 25):
        yield Candidate("her2_ihc", _status_of(status), start, end + status.end(), weight)
    ratio = _RATIO.search(window)
    if ratio:
        yield Candidate("her2_ratio", float(ratio["a"]), start, end + ratio.end(), weight)


def _ish(
    reading: Reading, start: int, end: int, window: str, weight: float, pending: bool
) -> Iterator[Candidate]:
    left = max(0, start - 200)
    if not rx(r"her[\s-]{0,2}2|neu\b|cep|erb").search(reading.low[left : end + 100]):
        return
    ratio = _RATIO.search(window)
    if ratio:
        yield Candidate("her2_ratio", float(ratio["a"]), start, end + ratio.end(), weight)
    amplified = _AMPLIFIED.search(window)
    if amplified and not pending:
        yield Candidate("her2_ish", _status_of(amplified), start, end + amplified.end(), weight)
