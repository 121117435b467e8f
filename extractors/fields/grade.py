"""Grade: Nottingham with its components, G1-3, words of differentiation, FNCLCC, DCIS grade."""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.context import is_of_core, polarity
from extractors.fields.scores import named_scores, score_spans
from extractors.gate import states_nothing, withheld
from extractors.patterns import roman_of, rx, rx_once
from extractors.reading import Reading
from extractors.types import Value

_G = r"(?P<g>[1-4]|iv|i{1,3}|l{1,3}|1{2,3})(?![a-z0-9])(?!\s?[.,]\d)(?!\s?%)(?!\s?(?:cm|mm)\b)"
_GRADE = rx(
    r"(?:(?P<system>nottingham|bloom|scarff|elston|sbr|fnclcc|histologic\w*|"
    r"overall|combined|total|tumou?r|final|architectural|who|modified|"
    r"poorly differentiated|moderately differentiated|"
    r"well differentiated)\W(?:\w++[\s,/()&-]{1,3}){0,5}?)?"
    r"(?<!nuclear )(?<!nuclear)\bgr(?:ade|[.]|(?=\s(?:[1-3]|i{1,3})\b))"
    r"(?:/differentiation)?(?:d|\s?is|"
    r"\s?of)?\s?(?:\(1, ?2,? ?(?:or )?3\)|"
    r"\([^)\d]{0,30}\))?(?:[\s:;=,-]{0,4}|[^\S\n]{5,30})(?:grade |score |is |nottingham |"
    r"g)?(?:\()?" + _G
)
_GRADED_AFTER = rx(
    r"(?<![\d.])(?P<g>[1-3]|i{1,3})\s?(?:/|of|out of)\s?(?:3|iii)\b(?! ?(?:lymph|nodes?|"
    r"sentinel))"
)
_WORDS = rx(
    r"(?P<un>undifferentiated(?! (?:pleomorphic|(?:spindle|round)[\s-]cell|\w*sarcoma))|"
    r"anaplastic)|(?P<w>well|moderate\w*|mod\.?|"
    r"poor\w*)(?:[\s-]*(?:(?:up )?to|and|/|-)[\s-]*(?P<w2>moderate\w*|"
    r"poor\w*))?[\s-]{0,3}differentiated|"
    r"(?:(?P<h0>low|intermediate)[\s-]*(?:grade[\s-]*)?(?:to|and|/|-)[\s-]*)?"
    r"(?P<h>high|intermediate|low)[\s-]{0,2}grade(?! (?:dcis|dysplasia|squamous|"
    r"intraepithelial|pan|glandular|ductal carcinoma in|ductal intra|mucosal|"
    r"duc))"
)
_G_CODE = re.compile(r"(?<![a-z0-9])g\s?(?P<g>[1-4]|i{1,3})(?![a-z0-9/-])(?!\s?\.\d)")
_SYSTEM = rx(
    r"\b(?:sbr|mbr|rbs|nottingham|elston|bloom[\s-](?:and[\s-])?richardson)\b(?: \(?grade\)?)?"
    r"[\s:=-]{0,3}(?P<g>iii|ii|i|[1-3])(?![\w+/-]|[.,]\d|\s?[+/]|\s?(?:to|or|-)\s?[1-3i])"
    r"(?!\s?(?:of|out of)\s?9)"
)
_BEHIND_TYPE = rx(
    r"\b(?:idc|ilc|nst|carcinoma|ductal|lobular)(?: ?\([^()\n]{1,24}\))?"
    r"(?:[\s,]{1,2}\d{1,3}(?:\.\d)? ?[cm]m)?"
    r"[\s,:;(]{1,3}$"
)
_BEFORE_TYPE = rx(r"[\s,]{1,2}(?:idc|ilc|nst|invasive|infiltrating|ductal|lobular)\b")
_WORD_GRADE = {"well": 1, "mod": 2, "poor": 3, "high": 3, "intermediate": 2, "low": 1}
_NOT_TUMOUR = rx(
    r"(?:in[\s-]{0,2}situ|dcis|dysplasia|adenoma\b|pan[\s-]?in|intraepithelial|"
    r"nuclear|steatosis|fibrosis|inflammation|gastritis|prostat|gleason|"
    r"regression|ptosis|dermatitis|toxicit|contracture|baker|ctcae|oedema|edema|mucositis|"
    r"neuropathy|pneumonitis|fatigue|oesophagitis|esophagitis|response|miller|erythema|"
    r"\bpain\b|varices|hydronephrosis|prolapse|tear)[^.;]{0,30}$"
)
# "Grade 1 dermatitis" grades what a treatment did, "not grade 3" what the tumour is not.
_NOT_TUMOUR_AFTER = rx(
    r"[\s,(]{1,3}(?:\w++ ){0,2}?(?:ptosis|dermatitis|toxicit\w++|capsular|contracture|"
    r"lymph\w*+edema|"
    r"lymph\w*+oedema|mucositis|neuropathy|pneumonitis|fatigue|erythema|skin reaction|regression|"
    r"varices|hydronephrosis|prolapse|tear)\b"
)
_INVASIVE = rx(
    r"\b(?<!non-)(?<!micro)(?:invasive|infiltrating|idc|ilc)\b(?=[^.;\n]{0,32}$)(?!.*(?:dcis|situ))"
)
_GUTTER = re.compile(r"[^\S\n]{5}")
_DENIED = rx(r"\b(?:not|no|neither|nor|rather than|instead of) (?:a |an |of )?$")

COMPONENTS: tuple[tuple[str, str], ...] = (
    (
        "tubule_score",
        r"(?:tub(?:ul[ea]r?s?|ul\w*)|gland(?:ular|s)?|architectur\w*|"
        r"acinar)(?:[\s/-]++(?:and|gland\w*|tub\w*|acinar|formation|differentiation|"
        r"forming|score|grade|pattern|growth))*(?: \([^)]{0,40}\))?",
    ),
    (
        "nuclear_grade",
        r"(?:nucle(?:ar|i|us)|cytolog\w*)(?:[\s/-]++(?:pleomorphism|pleomorphi\w*|"
        r"grade|score|atypia|features|differentiation|"
        r"polymorphism))*(?: \([^)]{0,30}\))?",
    ),
    (
        "mitotic_score",
        r"mit[o0](?:tic|s[ei]s|ses|tis)(?:[\s/-]++(?:count|activity|index|rate|"
        r"figures?|grade|score|frequency|for nottingham|"
        r"counts?))*(?: \([^)]{0,30}\))?",
    ),
)
_SCORE_AFTER = (
    r"\s?(?:(?:score|size)\s?)?(?:for nottingham\s?)"
    r"?[:=;.\s-]{0,5}(?:\(?score\s?)?(?:is |of |grade )?(?:(?:less than|"
    r"greater than|more than|<|>|low|intermediate|high|moderate|marked|mild|"
    r"minimal|variable)[^.;:=]{0,28}?[\s,(=]{1,3})?(?:score |grade |of |"
    r"points? )?[\s(]?(?P<s>[1-3]|i{1,3})(?![0-9a-z%])(?!\s?(?:%|mitos|per |"
    r"/ ?\d{2}|to \d|-\s?\d|[.]\d|cm|mm|x ?\d))"
)
_SUM = rx(r"(?P<a>[1-3])\s?\+\s?(?P<b>[1-3])\s?\+\s?(?P<c>[1-3])\s?(?:=\s?(?P<t>[3-9]))?")
_TOTAL = rx(
    r"(?:nottingham|bloom|scarff|elston|sbr|total|combined|overall|cumulative|"
    r"histolog\w++|modified|final|composite)[^.;:]{0,50}?(?:score|points|"
    r"grade)?[^.;0-9]{0,25}?(?:\([^)]{0,60}\)\s?)?[\s:=,(-]{0,4}(?:is |"
    r"of )?(?P<t>[3-9])\s?(?:/|of|out of|points?|over)\s?(?:9|nine|-|\.|"
    r"(?m:$))?(?: ?total)?"
)
_BEFORE_EACH = rx(
    r"(?P<a>[1-3]) tubul\w*+[\s,;]{1,3}(?P<b>[1-3]) nucle\w*+[\s,;]{1,3}(?:and )?(?P<c>[1-3]) mito"
)
_TOTAL_PLAIN = rx(
    r"(?:(?:total|nottingham|cumulative|combined|composite|overall|sbr|"
    r"richardson)(?: \w++){0,3} score|\btotal(?=\s?[:=]))[\s:=-]{0,3}(?:of |"
    r"is )?\(?(?P<t>[3-9])(?![0-9+])(?!\s?[.]\d)(?!\s?\+)(?!\s?%)"
)
_NINE = rx(
    r"(?<![\d/.])(?P<t>[3-9])\s?(?:/|of|out of)\s?9(?![\d.])(?! ?(?:lymph|"
    r"nodes?|slides|sentinel|blocks))"
)
_DCIS = rx(
    r"(?:dcis|ductal carcinoma[\s,-]{0,3}in[\s-]{0,2}situ|intraductal carcinoma|"
    r"in[\s-]situ (?:ductal )?(?:component|carcinoma)|\bin[\s-]situ(?= (?:nuclear )?grade\b))"
)
_DCIS_GRADE = rx(
    r"(?:nuclear |histologic |overall )?grade[\s:=,-]{0,3}(?:is |of |"
    r"nuclear )?(?:grade )?\(?(?P<g>[1-3]|i{1,3})(?![0-9a-z])|(?P<w>high|"
    r"intermediate|low)(?:[\s-]{1,3}(?:to|and)[\s-]{1,3}(?P<w2>high|"
    r"intermediate))?(?: nuclear)?[\s-]{0,2}grade|grade[\s:]{0,3}(?P<w3>high|"
    r"intermediate|low)"
)
# Its own lines may follow ("Nuclear grade: 3"); a line with another label ends what is said of it.
_DCIS_ENDS = re.compile(
    r"margin|invasive|lymph|\.\s|lobular|"
    r"\n[^\S\n]*(?!(?:nuclear|dcis|architect|pattern|necrosis|extent|size|grade|comedo|eic|"
    r"extensive|estimated)\b)[a-z][\w /()-]{2,30}:"
)


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield grades and their components."""
    yield from _one_a_clause(reading, [*_grades(reading, organ)])
    if organ == "breast":
        yield from _components(reading)
        yield from _dcis(reading)


def _one_a_clause(reading: Reading, found: list[Candidate]) -> Iterator[Candidate]:
    """Yield the grades, but not two of one clause: "T1 (grade 1), T2 (grade 2)" is asked."""
    by_clause: dict[tuple[int, int], list[Candidate]] = {}
    for one in found:
        by_clause.setdefault(reading.clause(one.start, one.end), []).append(one)
    for group in by_clause.values():
        before = [reading.low[max(0, one.start - 60) : one.start] for one in group]
        here = [one for one, led in zip(group, before, strict=True) if not _OF_CORE.search(led)]
        group = [one for one in here or group if not is_of_core(reading, one.start)]
        told = [one for one in group if not states_nothing(reading, one.start, one.end)]
        sure = [one for one in told if isinstance(one.value, int) and one.confidence > _BY_NUMBER]
        if len({one.value for one in sure}) > 1:
            withheld(reading).extend((one, False) for one in sure)
        else:
            yield from group


_OF_CORE = re.compile(r"\([^()]{0,40}\b(?:core|biopsy|needle|previous)\b[^()]*$|\bcore\s\([^()]*$")
_BY_NUMBER = 0.92
"""Grades told as numbers are surer than words: a word beside a number is no second grade."""


def _grades(reading: Reading, organ: str) -> Iterator[Candidate]:
    low = reading.low
    scores = {span for _, span in named_scores(reading)}
    for match in _GRADE.finditer(low):
        value = roman_of(match["g"])
        if any(first <= match.start("g") < last for first, last in scores):
            continue
        if _GUTTER.search(match[0]) and "." not in reading.text[match.start() : match.start("g")]:
            continue  # The first of two columns, not dotted leaders.
        led = _own_lead(low[max(0, match.start() - 45) : match.start()])
        if value is None or _NOT_TUMOUR.search(
            led + low[match.start() : match.start("g")].replace(match[0], "")
        ):
            continue
        context = led[-30:] + low[match.start() : match.start("g")]
        if "nuclear" in context[-25:] or "dcis" in context or "situ" in context:
            continue
        if _NOT_TUMOUR_AFTER.match(low, match.end()) or _is_denied(reading, match.start()):
            continue
        section = reading.section_at(match.start())
        weight = section.weight + (1.0 if match["system"] else 0.6)
        yield Candidate("grade", value, match.start(), match.end(), weight, 0.93)
    for match in _SYSTEM.finditer(low):
        value = roman_of(match["g"])
        if value is not None:
            weight = reading.section_at(match.start()).weight + 0.8
            yield Candidate("grade", value, match.start(), match.end(), weight, 0.9)
    for match in _G_CODE.finditer(low):
        value = roman_of(match["g"])
        section = reading.section_at(match.start())
        if (
            value
            and reading.clean[match.start()].isupper()
            and section.name not in {"gross", "intraoperative"}
        ):
            near = low[match.start() - 40 if match.start() > 40 else 0 : match.end() + 40]
            behind = _BEHIND_TYPE.search(low, max(0, match.start() - 30), match.start())
            if (
                behind
                or _BEFORE_TYPE.match(low, match.end())
                or re.search(r"p?t\s?[0-4]|p\s?n\s?[0-3]|8\d{3}/3|grade|differentiat", near)
            ):
                yield Candidate("grade", value, match.start(), match.end(), section.weight + 0.7)
    yield from _word_grades(reading, organ)


def _own_lead(before: str) -> str:
    """Return the words before a grade without those that speak of the component before it.

    "DCIS grade 3, invasive grade 1": the second grade is the invasive carcinoma's.
    """
    invasive = [match.start() for match in _INVASIVE.finditer(before)]
    return before[invasive[-1] :] if invasive else before


def _is_denied(reading: Reading, start: int) -> bool:
    return _DENIED.search(reading.low, max(0, start - 24), start) is not None


def _word_grades(reading: Reading, organ: str) -> Iterator[Candidate]:
    for match in _WORDS.finditer(reading.low):
        section = reading.section_at(match.start())
        before = reading.low[max(0, match.start() - 40) : match.start()]
        if _NOT_TUMOUR.search(before) and "invasive" not in before:
            continue
        value: Value
        if match["h"]:
            value, extra = _span(match["h0"], match["h"]), 0.1
            if organ != "soft_tissue" and match["h"] != "high":
                extra = -0.6
        elif match["un"]:
            value, extra = 4, 0.1
        else:
            value, extra = _span(match["w"], match["w2"] or match["w"]), 0.3
        yield Candidate(
            "grade",
            value,
            match.start(),
            match.end(),
            section.weight + extra - (0.5 if organ == "breast" else 0),
            0.9,
        )


def _span(first: str | None, last: str) -> Value:
    """Return the grade of a word, or of two ("moderately to poorly") the range that they name."""
    low, high = (
        next(value for word, value in _WORD_GRADE.items() if (said or last).startswith(word))
        for said in (first, last)
    )
    return high if low == high else {"ge": min(low, high), "le": max(low, high)}


def _components(reading: Reading) -> Iterator[Candidate]:
    low = reading.low
    for total, (start, end) in named_scores(reading):
        weight = reading.section_at(start).weight + 0.8
        yield Candidate("nottingham_score", total, start, end, weight)
    for (tubules, nuclei, mitoses), (start, end) in score_spans(reading):
        weight = reading.section_at(start).weight + 1.5
        yield Candidate("tubule_score", tubules, start, end, weight)
        yield Candidate("nuclear_grade", nuclei, start, end, weight)
        yield Candidate("mitotic_score", mitoses, start, end, weight)
        yield Candidate("nottingham_score", tubules + nuclei + mitoses, start, end, weight)
    for concept, words in COMPONENTS:
        for match in rx_once(rf"(?:{words}){_SCORE_AFTER}").finditer(low):
            value = roman_of(match["s"])
            near = low[max(0, match.start() - 45) : match.start()]
            if value is None or re.search(r"in[\s-]situ|dcis|lcis|non-?comedo", near):
                continue
            tail = low[max(0, match.start() - 160) : match.end() + 80]
            graded = len(
                re.findall(r"tubul|nucle|mito|nottingham|score|richardson|sbr|gland", tail)
            )
            weight = reading.section_at(match.start()).weight + min(graded, 4) * 0.3
            if graded >= 2:
                yield Candidate(concept, value, match.start(), match.end(), weight)
    for match in _BEFORE_EACH.finditer(low):
        weight = reading.section_at(match.start()).weight + 1.5
        for concept, key in (("tubule_score", "a"), ("nuclear_grade", "b"), ("mitotic_score", "c")):
            yield Candidate(concept, int(match[key]), match.start(), match.end(), weight)
    for match in _SUM.finditer(low):
        weight = reading.section_at(match.start()).weight - 0.2
        if not re.search(
            r"score|grade|nottingham|richardson|sbr|elston|differentiat",
            low[max(0, match.start() - 90) : match.end() + 40],
        ):
            continue
        for concept, key in (("tubule_score", "a"), ("nuclear_grade", "b"), ("mitotic_score", "c")):
            yield Candidate(concept, int(match[key]), match.start(), match.end(), weight, 0.85)
        total = sum(int(match[k]) for k in "abc")
        yield Candidate("nottingham_score", total, match.start(), match.end(), weight + 0.5)
    for pattern, extra in ((_NINE, 1.0), (_TOTAL_PLAIN, 0.6)):
        for match in pattern.finditer(low):
            near = low[max(0, match.start() - 160) : match.end() + 30]
            if re.search(
                r"nottingham|score|richardson|[sm]br|elston|bloom", near
            ) and not re.search(r"allred|h-?score|her-?2|fish", near[-70:]):
                yield Candidate(
                    "nottingham_score",
                    int(match["t"]),
                    match.start(),
                    match.end(),
                    reading.section_at(match.start()).weight + extra,
                )


def _dcis(reading: Reading) -> Iterator[Candidate]:
    for mention in _DCIS.finditer(reading.low):
        if polarity(reading, mention.start(), mention.end(), bare="present") == "absent":
            continue
        window_end = min(len(reading.low), mention.end() + 110)
        stop = _DCIS_ENDS.search(reading.low[mention.end() : window_end])
        limit = mention.end() + stop.start() if stop else window_end
        match = _DCIS_GRADE.search(reading.low, mention.end(), limit)
        if match is None:
            left, _ = reading.clause(mention.start(), mention.end())
            left = max(left, mention.start() - 28)
            nearest = [*_DCIS_GRADE.finditer(reading.low, left, mention.start())][-1:]
            match = next((one for one in nearest if one["w"]), None)
        if match is None:
            continue
        if match["g"]:
            value = {1: "low", 2: "intermediate", 3: "high"}[roman_of(match["g"]) or 1]
        else:
            value = match["w2"] or match["w"] or match["w3"]
        start, end = min(match.start(), mention.start()), max(match.end(), mention.end())
        yield Candidate("dcis_grade", value, start, end, reading.section_at(mention.start()).weight)
