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
from extractors.types import Value

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
        r"\bher[\s-]{0,3}2[\s/-]{0,3}(?:\(?neu\)?)?(?: ?\(?c-?erb-?b-?2\)?)?(?: "
        r"(?:protein|oncoprotein|oncogene))?|c-?erb[-\s]?b-?2|\berbb-?2\b|"
        r"hercep[\s-]?test(?: tm)?|\bherz\b|\bher[\s-]{0,2}neu",
        r"\bneu\b",
    ),
    ("ki67", r"\bki[\s-]{0,2}67|\bmib[\s-]?[1l]\b", r""),
    (
        "ish",
        r"\bfish\b|\bcish\b|\bsish\b|in[\s-]situ hybridi[sz]ation|"
        r"gene amplification|her-?2 gene|\bcep[\s-]?17",
        r"",
    ),
    (
        "other",
        r"\bp53\b|\be-?cadherin|\begfr\b|cytokeratin|\bck ?\d|\bdna\b(?: index|"
        r" ploidy)?|s-phase|\bp63\b|synaptophysin|chromogranin|\bcd ?\d{2,3}|"
        r"\bgcdfp|mammaglobin|androgen receptors?",
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
    r"^[\s,/&+-]{0,4}(?:(?:and|or|as well as|receptors?|protein|status|"
    r"\(\w{1,4}\)|immuno\w++|for)[\s,/&-]{0,3}){0,3}$"
)
_SLASHED = rx(
    r"^[\s:=-]{0,4}(?:is |are )?(\+|-|pos\w*|neg\w*)\s?/\s?(\+|-|pos\w*|"
    r"neg\w*)(?:\s?/\s?(\+|-|pos\w*|neg\w*))?"
)
_POSITIVE = (
    r"(?<!\bnot )(?:p[o0][sc]\s?[itl1]{1,4}v[eo]\w*+|\bpos\b|\(\+{1,3}\)|"
    r"immuno-?reactive|\breactiv\w++|over-?express(?:ed|es|ing)\b|"
    r"\bfavou?rabl[ey]|\bexpressed\b|(?:strong|moderate|weak|"
    r"diffuse|intense)(?:ly)?(?: to \w++)?(?: nuclear|"
    r" membran\w++)? (?:staining|immuno\w++|expression|reactivity)|"
    r"\bpresent\b|\bdetected\b|\bhigh\b)"
)
_NEGATIVE = (
    r"negat[il1]v\w*+|\bneg\b|\(-\)|\bnon-?reactive|\bunfavou?rable|\babsent\b|"
    r"not (?:\w++ )?(?:express\w*+|detected|over-?express\w*+|"
    r"reactive|immunoreactive|present|seen|identified)|"
    r"\bno (?:\w++ ){0,2}(?:staining|expression|immunoreactivity|reactivity|"
    r"over-?expression)|"
    r"\bnon-?over-?express\w++|without over-?expression|lack\w*+ (?:of )?expression|undetectable"
)
_EQUIVOCAL = r"\bequiv[o0]cal|\bborderline|\bindeterminate"
_OF_STAINING = (
    r" (?:\w++ ){0,2}(?:over-?express|express|amplif|stain|gene|nuclear|protein|immuno|invasive)"
)
_STATUS = rx(
    rf"(?:(?P<neg>{_NEGATIVE})|(?P<equ>{_EQUIVOCAL})|"
    rf"(?P<pos>{_POSITIVE}))(?![\s.]{{0,3}}for\b(?!{_OF_STAINING})|[\s-]++controls?)"
)
_SIGN = rx(
    r"^(?: status)?[\s:=]{0,3}(?:(?P<pos>\({0,1}\+{1,3}\){0,1}(?!\s?\d))|"
    r"(?P<neg>\({0,1}[-](?:\)|(?=\s*[,;/.]|\s*(?:and|her|pr\b|pgr|er\b)))))"
)
_BEFORE = rx(
    r"(?:(?P<neg>negat[il1]ve|\bneg|\bno\b|absence|lacks?|lacking|without|"
    r"not \w*)|(?P<equ>equivocal|borderline|indeterminate)|(?P<pos>(?:strongly |"
    r"weakly |focally |diffusely )?p[o0][sc]\s?[itl1]{1,4}ve|\bpos\b|"
    r"\bexpress(?:es|ing)?|reactive))"
    r" (?:\w++ )?(?:stain\w* |express\w* |immuno\w++ |reactivity |results? |"
    r"nuclear |over-?express\w++ ){0,2}(?:for |of |with |in )?(?:both |the |"
    r"monoclonal |nuclear )?[\s(]*$"
)
_PERCENT = rx(
    r"(?P<op>[<>~]|less than|greater than|more than|over|approximately|about|>=|"
    r"<=|at least)?\s?=?\s?(?P<a>\d{1,3}(?:\.\d)?)\s?%?\s?(?:(?:-|"
    r"to)\s?(?P<b>\d{1,3})\s?)?(?:%|z(?= nuclear)|percent\b|per cent\b)"
)
_DISTRIBUTION = rx(r"^[^%]{0,45}\(\s?0[\s:-]{1,3}(?P<none>\d{1,3})\s?%[;,]?\s?1\s?\+")
_ALLRED = rx(
    r"(?:allred|total|combined)?(?: (?:total )?score)[\s:=]{0,3}(?:of |"
    r"is )?(?P<a>[0-8])\s?(?:/|of|out of)\s?8|allred[^0-9%]{0,20}(?P<b>[0-8])\b"
)
_DEFINITION = rx(
    r"considered|defined as|cut-?off|reference (?:range|interval|value)|criteri|"
    r"normal range|controls? (?:slides? )?(?:are|is|were|was|stain|show|react)|"
    r"scoring (?:system|guide|method|scale)|fda|was developed|"
    r"interpretation guide|staining (?:of|in) (?:>|<|less|more|at least)|"
    r"if (?:greater|less|more|the)|"
    r"positive\s?[:=]\s?[>0-9]|negative\s?[:=]\s?[<0-9]|asco/?cap|guideline|"
    r"antibody (?:to|for)|used to (?:determine|identify)|eligib"
)
_IHC_SCORE = rx(
    r"intensity (?:of |was |is )?(?P<h>[0-3])\b|"
    r"(?<!0-)(?<!0 - )(?<!to )(?P<a>[0-3])\s?\+(?!\s?(?:=|to \d|and))|"
    r"\+\s?(?P<b>[1-3])\b(?!\s?[%.\d])|scored? (?:of |is |as |at |: ?|= ?|- ?|"
    r"\()*(?P<c>[0-3])\b(?!\s?(?:[%.]\d|-\s?\d\+|/))|"
    r"[(]\s?(?P<d>[0-3])\s?(?:,|\)|/3|\+|out of)|"
    r"^(?: \w++)?[\s:=-]{1,4}(?P<e>[0-3])\s?(?:[/,;+(]|\.(?!\d)|$|\n)|"
    r"\b(?P<f>zero)\b|(?P<g>[0-3])/3\b"
)
_AMPLIFIED = rx(
    r"(?P<neg>(?:not|non|no|without|negative for|"
    r"absence of)(?:[\s-]++\w++){0,4}[\s-]{0,2}amplif\w++|"
    r"amplif\w++(?: \w++){0,2}[\s:-]{0,3}(?:is |was )?(?:not|negative|absent|"
    r"none|no\b)|non-?amplif\w++|unamplified|not increased)|"
    r"(?P<equ>equivocal|borderline|indeterminate)|"
    r"^[\s:-]{0,4}(?:is |was )?(?P<neg3>not (?:found|present|detected|"
    r"identified|amplified|seen|performed for)|absent)|(?P<pos>(?:is|are|was|"
    r"positive(?: for)?|with|shows?|:|-|gene|low|high|"
    r"highly)[\s-]{0,2}(?:gene )?amplif(?:ied|ication)\b|amplif\w++ (?:is |"
    r"was )?(?:present|identified|detected|positive|seen|observed)|"
    r"^\W{0,3}amplified)|"
    r"(?P<neg2>negat[il1]ve)|(?P<pos2>posit[il1]ve)"
)
_HER2_NEAR = rx(r"her[\s-]{0,2}2|neu\b|cep|erb")
_CONTROL = re.compile(r"^-[ci]\b(?!a)|^[\s.-]{0,3}(?:neg|pos)?\s?control")
_UNAMPLIFIED = rx(
    r"(?:no|without|absence of)(?: evidence of)?(?: gene)? amplification (?:of|"
    r"for|in)(?: the)?\s{0,2}$"
)
_ISH_BEFORE = rx(
    r"(?:(?P<neg>negative|not amplified|non-?amplified)|(?P<equ>equivocal)|"
    r"(?P<pos>positive|(?<!not )amplified))[\s,(]{1,3}(?:by|on|with|"
    r"using)(?: (?:immuno\w++|ihc) and)?(?: dual)?\s{0,2}$"
)
_RATIO = rx(r"ratio[^0-9<>]{0,40}(?P<op>[<>])?\s?(?P<a>\d{1,2}\.\d{1,2})")
_KEYS = {
    "neg3": "negative",
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


def _percent(window: str) -> tuple[Value, re.Match[str]] | None:
    """Return the percentage of stained cells; `0 - 40%; 1+ 30%` leaves 60."""
    unstained = _DISTRIBUTION.match(window)
    if unstained:
        return 100 - int(unstained["none"]), unstained
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


def number_of(value: Value) -> float:
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


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is said of a run of markers: its span, the words after it and the words before it."""

    start: int
    end: int
    window: str
    before: re.Match[str] | None
    weight: float
    pending: bool


def _statement(reading: Reading, group: list[_Mention], following: int) -> _Statement:
    start, end = group[0].start, group[-1].end
    left, right = reading.clause(start, end)
    if reading.low[left:start].strip() == "for":
        left = max(0, start - 40)
    limit = max(right, min(end + 100, len(reading.low)))
    window = reading.low[end : min(following, limit, end + 170)]
    section = reading.section_at(start)
    return _Statement(
        start,
        end,
        window,
        _BEFORE.search(reading.low[max(left, start - 70) : start]),
        section.weight + (0.3 if section.name == "clinical" else 0),
        is_pending(reading, start, end),
    )


def _read_group(reading: Reading, group: list[_Mention], following: int) -> Iterator[Candidate]:
    said = _statement(reading, group, following)
    if is_family(reading, said.start, said.end) or _CONTROL.match(said.window):
        return
    status = _STATUS.search(said.window)
    near = said.window[: status.end() + 15] if status else said.window[:60]
    left, _ = reading.clause(said.start, said.end)
    if _DEFINITION.search(reading.low[max(left, said.start - 50) : said.end] + near):
        return
    slashed = _SLASHED.match(said.window)
    if slashed and len(group) > 1:
        for mention, value in zip(group, (v for v in slashed.groups() if v), strict=False):
            word = "positive" if value.startswith(("+", "p")) else "negative"
            end = said.end + slashed.end()
            yield Candidate(f"{mention.marker}_status", word, said.start, end, said.weight + 1)
        return
    for mention in group:
        if mention.marker in {"er", "pr"}:
            yield from _hormone(mention.marker, said)
        elif mention.marker == "her2":
            yield from _her2(reading, said)
        elif mention.marker == "ish":
            yield from _ish(reading, said)
        elif mention.marker == "ki67" and not said.pending:
            found = _percent(said.window)
            if found:
                end = said.end + found[1].end()
                yield Candidate("ki67", found[0], said.start, end, said.weight, unit="percent")


def _status_in(
    said: _Statement, percent: tuple[Value, re.Match[str]] | None
) -> tuple[str, int, int] | None:
    """Return the status that the words around a marker state, with its span."""
    sign = _SIGN.match(said.window)
    status = _STATUS.search(said.window)
    direct = sign is not None or (status is not None and status.start() < 12)
    if said.before and not direct:
        return _status_of(said.before), said.start - len(said.before[0].lstrip()), said.end
    if sign:
        return _status_of(sign), said.start, said.end + sign.end()
    none_stained = percent is not None and number_of(percent[0]) < 1
    if status and not (none_stained and percent and percent[1].start() < status.start()):
        return _status_of(status), said.start, said.end + status.end()
    if percent:
        word = "negative" if none_stained else "positive"
        return word, said.start, said.end + percent[1].end()
    return None


def _hormone(name: str, said: _Statement) -> Iterator[Candidate]:
    percent = _percent(said.window)
    stated = _status_in(said, percent)
    if stated is None:
        return
    status = _STATUS.search(said.window)
    if said.pending and not percent and not (status and status.start() < 25):
        return
    yield Candidate(f"{name}_status", *stated, said.weight, 0.93)
    if percent:
        end = said.end + percent[1].end()
        yield Candidate(f"{name}_percent", percent[0], said.start, end, said.weight, unit="percent")
    allred = _ALLRED.search(said.window)
    if allred:
        score, end = int(allred["a"] or allred["b"]), said.end + allred.end()
        yield Candidate(f"{name}_allred", score, said.start, end, said.weight)


_IHC_STATUS = {0: "negative", 1: "negative", 2: "equivocal", 3: "positive"}


def _her2(reading: Reading, said: _Statement) -> Iterator[Candidate]:
    unamplified = _UNAMPLIFIED.search(reading.low[max(0, said.start - 50) : said.start])
    if unamplified:
        start = said.start - len(unamplified[0])
        yield Candidate("her2_ish", "negative", start, said.end, said.weight)
        return
    amplified = _AMPLIFIED.search(said.window) if "amplif" in said.window else None
    score = _IHC_SCORE.search(said.window)
    if amplified and amplified.lastgroup in {"pos", "neg", "neg3"}:
        end = said.end + amplified.end()
        yield Candidate("her2_ish", _status_of(amplified), said.start, end, said.weight)
        if score is None or score.start() > amplified.start():
            return
    ratio = _RATIO.search(said.window)
    if ratio:
        end = said.end + ratio.end()
        yield Candidate("her2_ratio", float(ratio["a"]), said.start, end, said.weight)
    if score and "ratio" not in said.window[: score.end()]:
        digits = next(v for v in score.groups() if v is not None)
        value, end = 0 if digits == "zero" else int(digits), said.end + score.end()
        yield Candidate("her2_score", value, said.start, end, said.weight, 0.93)
        yield Candidate("her2_ihc", _IHC_STATUS[value], said.start, end, said.weight + 0.2)
        return
    stated = _status_in(said, None)
    status = _STATUS.search(said.window)
    if stated and not (said.pending and not (status and status.start() < 25)):
        yield Candidate("her2_ihc", *stated, said.weight)


def _ish(reading: Reading, said: _Statement) -> Iterator[Candidate]:
    around = reading.low[max(0, said.start - 200) : said.end + 100]
    if not _HER2_NEAR.search(around):
        return
    ratio = _RATIO.search(said.window)
    if ratio:
        end = said.end + ratio.end()
        yield Candidate("her2_ratio", float(ratio["a"]), said.start, end, said.weight)
    before = _ISH_BEFORE.search(reading.low[max(0, said.start - 50) : said.start])
    amplified = _AMPLIFIED.search(said.window)
    if before and not (amplified and amplified.start() < 8):
        start = said.start - len(before[0])
        yield Candidate("her2_ish", _status_of(before), start, said.end, said.weight)
    elif amplified and not said.pending:
        end = said.end + amplified.end()
        yield Candidate("her2_ish", _status_of(amplified), said.start, end, said.weight)
    elif ratio and not said.pending and not 1.8 <= float(ratio["a"]) <= 2.2:
        word = "positive" if float(ratio["a"]) > 2 else "negative"
        yield Candidate("her2_ish", word, said.start, said.end + ratio.end(), said.weight, 0.8)
