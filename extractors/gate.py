"""The gate: what a clause is. Only a result may become a value; every candidate passes here.

A report also prints how a score is defined, how a test was done and checked, what was done
elsewhere and what is planned. Those clauses use the words of results and are none.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from extractors.candidates import Candidate
from extractors.patterns import rx
from extractors.reading import Reading

ClauseKind = Literal["legend", "method", "control", "elsewhere", "planned", "uncertain"]

_RESULT = r"(?:positiv\w++|negativ\w++|amplified|equivocal|overexpress\w++|stain\w*+|express\w*+)"

# What marks a whole clause: the definition of a score, a test described in general.
_CLAUSES: tuple[tuple[ClauseKind, str], ...] = (
    (
        "legend",
        r"\bdefined as\b|\b(?:considered|regarded)(?: as| to be)? (?:an? |\w++ (?:if|when|for)\b|"
        r"(?:[a-z0-9/-]{2,9} )?(?:positive|negative)\b|equivocal\b|low\b|[<>]|score)|"
        r"\b(?:staining|scores?|cells|nuclei|expression) (?:\w++ ){0,2}(?:is|are) "
        r"(?:considered|regarded)\b|"
        r"\b(?:interpreted|classified|scored|reported) as \w++ (?:if|when)\b|"
        r"\bif (?:>|<|at least|more than|less than|greater than|fewer than|\d)|"
        r"\b(?:cut[- ]?off(?: (?:ratio|value|point|score))?|reference (?:range|interval|value)s?|"
        r"interpretation (?:guide\w*|criteria|key)|scoring (?:system|guide\w*|criteria|key|"
        r"scheme|method)|legend)s?\s?(?::|is\b|are\b|for\b|of\b)|"
        r"\bcategory for\b|\bresults? that (?:is|are)\b|"
        r"\b(?:asco|cap|asco/cap|nccn|fda)(?: \d{4})? (?:guideline|recommend|criteria|defin)\w*|"
        r"\bguidelines? (?:recommend|define|consider|state)\w*|"
        rf"{_RESULT}\s?(?:=|is|means|:)\s?(?:>|<|\d+ ?- ?\d+ ?%|at least|score of)|"
        rf"{_RESULT} [<>] ?=? ?\d+\.\d(?!\d* ?%)|"
        r"\bscores? (?:of )?\d ?(?:-|to|and|or) ?\d (?:is|are|=|means)|"
        r"\br?\d ?= ?(?:no|negative|micro|macro|weak|moderate|strong|none|absent|<|>)|"
        rf"\ban? {_RESULT} (?:er|pr|pgr|her-?2(?:/neu)?|estrogen|progesterone|hormone)\b"
        r"[^.;]{0,40}\b(?:tumou?rs?|cases?|results?|carcinomas?) "
        r"(?:shows?|has|is one|means?|are)\b|"
        r"\bresults? (?:that|which) (?:was|were) (?:interpreted|scored)",
    ),
    (
        "method",
        r"\b(?:was|were|has been) developed|performance characteristics|intended (?:use|for)|"
        r"\bused to (?:determine|identify|select|detect|assess|aid)|"
        r"\bprobes? (?:for|to|against)\b|\blabell?ed probe|\bis detected (?:by|with|using)\b|"
        r"\b(?:cases|samples|specimens|tumou?rs) were (?:also |all )?(?:blindly|randomly|tested|"
        r"read|scored|collected)\b|\brandomly selected|"
        r"\bpatients with (?:early|metastatic|advanced|operable)\b|"
        r"\beligib\w++ for|\bantibod(?:y|ies) (?:to|for|against) |food and drug|"
        r"\bmay (?:be|show|have|not) (?:false|weak|indicate)|false[- ](?:positive|negative)s?\b|"
        r"\b(?:clinical )?(?:trials?|studies|data) (?:ha(?:s|ve) |is |are )?"
        r"(?:shown?|demonstrat\w++|suggest\w*+)|"
        r"\bet al\b|\bconcordance\b|\bregardless of whether\b|\bblindly\b|"
        r"\b(?:survival|response|overall|percent|%|proportion) (?:for|of|in) patients with\b|"
        r"\bpatients with \w++ (?:positive|negative)|\breduc\w++ the risk\b|"
        r"\b(?:published|medical) literature\b|"
        r"\bresults for cases\b|\bof the \d+ cases\b|"
        r"\bis (?:often|usually|typically|commonly|generally|frequently) (?:\w++ )?"
        r"(?:positive|negative|absent|expressed|amplified|seen|lost)\b",
    ),
)
# What marks only the words around it.
_SPANS: tuple[tuple[ClauseKind, str], ...] = (
    (
        "control",
        rf"(?:\b(?:known|external|internal|built-in|on-slide|in-house) )*(?:her-?2 |her2/neu )?"
        rf"\b{_RESULT}(?: \w++){{0,2}}[\s-]{{1,2}}controls?\b|"
        rf"\bcontrols? (?:tissue|slides?|cells?|cell lines?|sections?|material)[^.;]{{0,90}}|"
        rf"\bcontrols?[^.;,]{{0,40}}?{_RESULT}|\bnormal (?:breast )?(?:ducts?|epithelium|glands?|"
        r"lobules?)[^.;,]{0,40}" + _RESULT + r"|"
        r"\b(?:cell lines?|kit-? ?slides?)\b(?:[^.;]|(?:,|\band|\bthe|\bor)\.){0,120}",
    ),
    (
        "legend",
        r"\b(?:er|pr|pgr|her-?2(?:/neu)?)?[.:]? ?negative ?[<>]=? ?\d[\d.]*+ ?%?[\s.,;]{0,4}"
        r"positive ?[<>]",
    ),
    (
        "method",
        # The title of a paper stands before its journal.
        r"\b(?:n eng\w* j med|j clin oncol|j natl|lancet|mod(?:ern)? pathol|am j \w++ pathol|"
        r"arch\w* (?:of )?path\w*|appl immuno\w*)",
    ),
    (
        "planned",
        r"\b(?:plan(?:ned)?|proposal|proposed)\s?:[^.;]{0,120}|"
        r"\b(?:is|are|was|were) (?:planned|scheduled|proposed|foreseen)\b|"
        r"\b(?:aim\w*|goal|intent\w*|intend\w*|attempt\w*|hope\w*|predict\w*|expect\w*)\b"
        r"[^.;]{0,40}\br[012]\b|\br[012](?: resection)? (?:is|was|were) (?:planned|intended|"
        r"expected|predicted|hoped|aimed)|"
        r"\b(?:will|is to|are to|should) (?:be|undergo|receive|have|get)\b[^.;]{0,80}",
    ),
    ("uncertain", r"\bwhether\b[^.;]{0,120}"),
)
# What sends the reader elsewhere: a value behind the end of that clause belongs to another line.
_ELSEWHERE = rx(
    r"\b(?:see|refer to) (?:that|the|our|prior|previous|earlier|outside|separate|original|core)"
    r"(?: \w++){0,3} (?:report|biopsy|case|specimen|results?)|\bsee that report|"
    r"\b(?:done|performed|carried out|tested|assessed|reported) (?:on|at|in|with) "
    r"(?:the |an? |another |other )*(?:earlier|previous|prior|outside|other|another|separate|"
    r"original|core|referring)\b|\bperformed elsewhere|\breported separately|"
    r"\bnot (?:performed|done|repeated) (?:on|in) this"
)
_RESULTS = rx(r"\bresults?\s?:")
_CLAUSE = rx("|".join(f"(?P<c{i}>{words})" for i, (_, words) in enumerate(_CLAUSES)))
_SPAN = rx("|".join(f"(?P<s{i}>{words})" for i, (_, words) in enumerate(_SPANS)))
_NEW_SENTENCE = re.compile(r"(?<![,(/&-])(?<! of)(?<! as)(?<! the)(?<! an)(?<! is)\n\s*(?=[A-Z])")
_LONGEST = 500
"""A clause beyond this has lost its stops to a scan: then only its part around the words counts."""


@dataclass(frozen=True, slots=True)
class Shut:
    """A stretch of the text that states no result, and why."""

    kind: ClauseKind
    start: int
    end: int


def shut_stretches(reading: Reading) -> tuple[Shut, ...]:
    """Return the stretches of the document that state no result, in order."""
    held = reading.kept.get("shut")
    if not isinstance(held, tuple):
        held = reading.kept["shut"] = _shut_stretches(reading)
    return held


def states_nothing(reading: Reading, start: int, end: int) -> bool:
    """Say whether `start:end` touches a stretch that states no result."""
    return any(shut.start < end and start < shut.end for shut in shut_stretches(reading))


def _shut_stretches(reading: Reading) -> tuple[Shut, ...]:
    found = []
    for match in _CLAUSE.finditer(reading.low):
        assert match.lastgroup is not None
        kind = _CLAUSES[int(match.lastgroup[1:])][0]
        found.append(Shut(kind, *_sentence(reading, match.start(), match.end())))
    for match in _SPAN.finditer(reading.low):
        assert match.lastgroup is not None
        if not _NEW_SENTENCE.search(reading.clean, match.start(), match.end()):
            kind = _SPANS[int(match.lastgroup[1:])][0]
            start = match.start()
            if kind == "method":
                start = reading.clause(max(0, start - 3), max(1, start - 2))[0]
            found.append(Shut(kind, start, match.end()))
    return tuple(sorted(found, key=lambda shut: shut.start))


def _sentence(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a span; a line may end one without a stop."""
    left, right = reading.clause(start, end)
    for line in _NEW_SENTENCE.finditer(reading.clean, left, start + 1):
        left = line.start()
    following = _NEW_SENTENCE.search(reading.clean, end, right)
    right = following.start() if following else right
    if right - left > _LONGEST:
        return max(left, start - 80), min(right, end + 80)
    return left, right


def passing(
    reading: Reading, candidates: Iterable[Candidate], open_to: frozenset[str] = frozenset()
) -> Iterator[Candidate]:
    """Yield the candidates whose words touch no shut stretch of a kind outside `open_to`."""
    stretches = [shut for shut in shut_stretches(reading) if shut.kind not in open_to]
    starts = [shut.start for shut in stretches]
    reach = _reach(stretches)
    for candidate in candidates:
        index = bisect_right(starts, max(candidate.start, candidate.end - 1))
        if not any(
            shut.end > candidate.start for shut in stretches[_first(reach, candidate.start) : index]
        ) and not _is_borrowed(reading, candidate):
            yield candidate


def _is_borrowed(reading: Reading, candidate: Candidate) -> bool:
    """Say whether the value stands behind a clause that only says where the test was done."""
    away = _ELSEWHERE.search(reading.low, candidate.start, candidate.end)
    if away is None:
        return False
    _, right = reading.clause(away.start(), away.end())
    return right < candidate.end and _RESULTS.search(reading.low, right, candidate.end) is None


def _reach(stretches: list[Shut]) -> list[int]:
    """Return, for each stretch, the furthest end of it and all before it."""
    furthest, reach = 0, []
    for shut in stretches:
        furthest = max(furthest, shut.end)
        reach.append(furthest)
    return reach


def _first(reach: list[int], at: int) -> int:
    """Return the first stretch that can still be open at `at`."""
    return bisect_right(reach, at)


__all__ = ["ClauseKind", "Shut", "passing", "shut_stretches", "states_nothing"]
