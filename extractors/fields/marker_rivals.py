"""What stands beside a marker's result and is none, or is a second one: rivals and thresholds.

"HER2 3+ in 5 %, 1+ in the rest", "0 / 1+ / 2+ / 3+" and "core 40 %, excision 5 %" give more than
one answer: a person is asked. "Ki-67 > 20 % is considered high" gives none.
"""

import re

from extractors.candidates import Candidate
from extractors.contradiction import Contradiction
from extractors.fields.marker_statement import number_of, percent_of
from extractors.patterns import decimal_of, rx
from extractors.types import Value

_SCALE = re.compile(
    r"\b(?:scale|range)[\s:(of]{0,5}0\s?\+?\s?(?:-|to)\s?3\s?\+?|\b0\s?\+?\s?(?:-|to)\s?3\s?\+|"
    r"(?<=[0-3]\+)\s?(?:/|of|out of)\s?3\s?\+(?!\s?[/:])"
)
_LEGEND = re.compile(
    r"\bref(?:erence|\b)|\blegend\b|\bkey\b|\bscor(?:ing|e)\s(?:key|guide|system)|\binterpret|"
    r"\bnormal\b|\basco\b|\bguideline|\bcriteria|equivocal\s?[:=(]?\s?2\s?\+|"
    r"\b0\s?(?:,|and|or|-|to)\s?1\s?\+\)?\s?(?:[:=]|is|are)?\s?neg"
)
_CONTROL = re.compile(r"\b(?:(?:positive|negative|external|internal|on-?slide)\s)*controls?\b")
_SCORE = re.compile(
    r"(?<![\d.,/-])(?<!cep)(?P<a>[0-3])\s?\+(?!\s?\d|\s?ve\b)|(?<=[/])\s?(?P<b>[0-3])\s?\+|"
    r"^[\s:=(]{0,5}(?P<c>0)(?=\s?[/|,]?\s?1\s?\+)|"
    r"\b(?:result|score|today|now|overall|repeat(?:ed)?|final|here|core|biopsy|"
    r"excision|resection)[\s:=]{1,3}"
    r"(?:(?:today|of|is|was|now)\s)?(?P<d>[0-3])(?![\d.,]\d|\s?[%/]|\s?[cm]m\b|\w)"
)
_ANSWER = r"(?:neg(?:ative)?|pos(?:itive)?|equiv(?:ocal)?|borderline|indeterminate|low|ultra-?low)"
_OPTIONS = re.compile(
    r"^(?:\s(?:status|ihc|result|score|expression))?[\s:=(]{0,5}"
    rf"{_ANSWER}(?:(?:\s?[/|]\s?{_ANSWER}\b){{1,4}}|(?:,\s?(?:or\s)?{_ANSWER}\b){{2,4}})"
)
_THRESHOLD = rx(
    r"^[\s:(]{0,3}(?:\d\s?\+|[<>]?=?\s?\d{1,3}\s?%)(?: \w++){0,3}? (?:is|are|was|counts?|being) "
    r"(?:considered|regarded|defined|taken|classified|called|counted|as)\b|"
    r"^[\s:=]{0,4}[^.;:\n]{0,24}?[)%+]\s?=\s?(?:reference|cut-?off|threshold|normal|limit)\b|"
    r"^[\s:(]{0,3}(?:positive|negative|pos|neg)?[\s(]{0,3}(?:\d\s?\+|[<>]=?\s?\d{1,3}\s?%)\)?\s?"
    r"(?:\(?reference|requires?|needs)\b"
)
_OTHER_TISSUE = (
    r"(?:the )?(?:adjacent |surrounding |background |residual )?"
    r"(?:benign|normal|unremarkable|non-?neoplastic|non-?tumou?r\w*|healthy|entrapped) "
    r"(?:\w++ ){0,2}?"
    r"(?:ducts?|glands?|epitheli\w++|lobul\w++|acini|breast|tissue|cells|parenchyma)\b"
)
_IN_OTHER_TISSUE = rx(
    rf"^[\s:=(-]{{0,4}}(?:is |are |was |strongly |weakly )?(?:posit\w++|negat\w++|pos\b|neg\b|"
    rf"\d{{1,3}}\s?%|\+)(?: only)? (?:in|of|within) {_OTHER_TISSUE}|"
    rf"^[\s:(]{{0,3}}(?:is |are )?(?:(?:in|of|within) )?{_OTHER_TISSUE}"
)
_MEAN = rx(
    r"\b(?:average|mean|averaged|overall|global|(?:on|in) average|in the mean|in mean)"
    r"(?: (?:index|score|value|labell?ing index|proliferation|rate|is|of|about|approximately)){0,3}"
    r"[\s:=(]{0,3}(?P<n>\d{1,3}(?:\.\d)?)\s?%|"
    r"(?P<m>\d{1,3}(?:\.\d)?)\s?% (?:on average|in the mean)\b"
)
_SHARE = re.compile(r"(?<![\d.,<>/=-])(?<![<>]\s)(?<!than\s)(?P<n>\d{1,3}(?:\.\d)?)\s?%")
_SENTENCE_END = re.compile(r"[.;](?=\s|$)|\n\n")
_LOSS = rx(
    r"\b(?:no|without|not|nor|neither)\b[^.;]{0,24}\b(?:loss|lack|absence|reduction|decrease) "
    r"(?:of |in )?(?:the )?$"
)
_DEGREE = rx(r"\b(?:strong|intense|diffuse|uniform|marked|extensive|significant|high)(?:ly)? $")
_DENIED_DEGREE = rx(r"^[^.;,\n]{0,40}\b(?:absent|lacking|missing|not (?:seen|present|found))")
_NO_DEGREE = rx(r"\bno (?:strong|intense|diffuse|uniform|marked|extensive|significant|high) $")
_IN_CASE_OF = rx(
    r"(?:^|[.;:,]\s?|\b)(?:with|in|given|for|at|by|on|due to) (?:an? |the )?"
    r"(?:(?:negative|positive|absent) )?$"
)
_CONSEQUENCE = rx(
    r"^[^.;\n]{0,90}\b(?:therap\w++|treatment|treat\w*|recommend\w*|indicat\w++|need\w*|"
    r"necessary|required|benefit|advis\w++|chemotherap\w++)\b"
)


def _sentence(window: str) -> str:
    return _SENTENCE_END.split(window, maxsplit=1)[0]


def rival_scores(window: str) -> bool:
    """Say whether the words behind HER2 give two different scores, or a row of answers."""
    plain = _SCALE.sub(" ", _CONTROL.split(_LEGEND.split(window, maxsplit=1)[0], maxsplit=1)[0])
    found = {next(v for v in m.groups() if v is not None) for m in _SCORE.finditer(plain)}
    return len(found) > 1 or _OPTIONS.match(window) is not None


def is_threshold(window: str) -> bool:
    """Say whether the number behind a marker is told as the limit of an answer, not as one."""
    return _THRESHOLD.match(window) is not None


def of_other_tissue(window: str) -> bool:
    """Say whether the first thing said of a marker is said of benign tissue."""
    return _IN_OTHER_TISSUE.match(window) is not None


def index_of(window: str) -> tuple[Value, re.Match[str]] | None:
    """Return the proliferation index: the mean, where the sentence tells one."""
    mean = _MEAN.search(_sentence(window))
    if mean is None:
        return percent_of(window)
    number = decimal_of(mean["n"] or mean["m"]) or 0.0
    return (int(number) if number == int(number) else number), mean


def rival_shares(window: str) -> bool:
    """Say whether a sentence gives two percentages and no mean of them."""
    said = _sentence(window)
    found = {match["n"] for match in _SHARE.finditer(said)}
    return len(found) > 1 and _MEAN.search(said) is None


def rival_specimens(window: str) -> bool:
    """Say whether a sentence gives a percentage of the core and another of the excision."""
    said = _sentence(window)
    named = {match.lastgroup for match in _SPECIMEN.finditer(said)}
    return len(named) > 1 and len({match["n"] for match in _SHARE.finditer(said)}) > 1


def turns(before: str, after: str) -> bool:
    """Say whether the words around a marker deny a loss or a degree, or draw a consequence."""
    return (
        _LOSS.search(before) is not None
        or _NO_DEGREE.search(before) is not None
        or (_DEGREE.search(before) is not None and _DENIED_DEGREE.match(after) is not None)
        or (_IN_CASE_OF.search(before) is not None and _CONSEQUENCE.match(after) is not None)
    )


_SPECIMEN = rx(
    r"\b(?:(?P<core>cores?|biops\w++|needle|cnb|tru-?cut)|(?P<excised>excision|resection|resected|"
    r"operation|operative|surgical|mastectomy|lumpectomy|surgery|final specimen))\b"
)
_SHARES = ("er_percent", "pr_percent", "ki67")
_FAR_APART = 10
"""Per cent of cells between two specimens that are more than rounding."""


def of_two_specimens(
    text: str, stated: list[Candidate]
) -> tuple[list[Candidate], list[Contradiction]]:
    """Return the statements without percentages in which core and excision differ, and questions.

    Only words of the marker's own sentence, before it or right behind it, name its specimen.
    """
    asked = []
    for concept in _SHARES:
        shares = [one for one in stated if one.concept == concept]
        named = [(_specimen(text, one), one) for one in shares]
        core = [one for name, one in named if name == "core"]
        excised = [one for name, one in named if name == "excised"]
        numbers = [number_of(one.value) for one in (*core, *excised)]
        if core and excised and max(numbers) - min(numbers) >= _FAR_APART:
            spans = sorted({(one.start, one.end) for one in (*core, *excised)})
            asked.append(Contradiction(concept, "said_twice", tuple(spans), 1))
    fields = {one.field for one in asked}
    return [one for one in stated if one.concept not in fields], asked


def _specimen(text: str, one: Candidate) -> str | None:
    """Return whether a statement names a core or an excision: behind it, else last before it."""
    behind = re.match(r"\s?\([^()\n]{0,30}\)|\s(?:on|in|at)\s[^.;,\n]{0,20}", text[one.end :])
    before = re.split(r"[.;\n]", text[max(0, one.start - 60) : one.start])[-1]
    for said in (behind[0] if behind else "", before):
        found = list(_SPECIMEN.finditer(said))
        if found:
            return found[-1].lastgroup
    return None
