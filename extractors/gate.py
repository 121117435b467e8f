"""The gate: what a clause is. Only a result may become a value; every candidate passes here.

A report also prints how a score is defined, how a test was done and checked, what was done
elsewhere and what is planned. Those clauses use the words of results and are none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from extractors.candidates import Candidate
from extractors.patterns import rx
from extractors.ranges import SCALE
from extractors.reading import Reading
from extractors.scope import stretches
from extractors.spans import Cover
from extractors.undecided import is_undecided

ClauseKind = Literal[
    "legend",
    "method",
    "control",
    "elsewhere",
    "planned",
    "uncertain",
    "another",
    "replaced",
    "doubtful",
    "conditional",
]

_RESULT = r"(?:positiv\w++|negativ\w++|amplified|equivocal|overexpress\w++|stain\w*+|express\w*+)"

# What marks a whole clause: the definition of a score, a test described in general.
_CLAUSES: tuple[tuple[ClauseKind, str], ...] = (
    (
        "legend",
        r"\b(?:defined as\b|"
        r"(?:considered|regarded)(?: as| to be)? (?:an? |\w++ (?:if|when|for)\b|"
        r"(?:[a-z0-9/-]{2,9} )?(?:positive|negative)\b|equivocal\b|low\b|[<>]|score)|"
        r"(?:staining|scores?|cells|nuclei|expression) (?:\w++ ){0,2}(?:is|are) "
        r"(?:considered|regarded)\b|"
        r"(?:interpreted|classified|scored|reported) as \w++ (?:if|when)\b|"
        r"if (?:>|<|at least|more than|less than|greater than|fewer than|\d)|"
        r"(?:cut[- ]?off(?: (?:ratio|value|point|score))?|reference (?:range|interval|value)s?|"
        r"interpretation (?:guide\w*|criteria|key)|scoring (?:system|guide\w*|criteria|key|"
        r"scheme|method)|legend)s?\s?(?::|is\b|are\b|for\b|of\b)|"
        r"category for\b|results? (?:that (?:is|are)\b|(?:that|which) (?:was|were) "
        r"(?:interpreted|scored))|"
        r"(?:asco|cap|asco/cap|nccn|fda)(?: \d{4})? (?:guideline|recommend|criteria|defin)\w*|"
        r"guidelines? (?:recommend|define|consider|state)\w*|"
        r"(?:literature|references?|background|disclaimer)\s?:|"
        r"scores? (?:of )?\d ?(?:-|to|and|or) ?\d (?:is|are|=|means)|"
        r"(?<!her)(?<!her-)(?<!her )(?<!b-)(?<!b)"
        r"r?\d ?= ?(?:no|negative|micro|macro|weak|moderate|strong|none|absent|<|>)|"
        rf"an? {_RESULT} (?:er|pr|pgr|her-?2(?:/neu)?|estrogen|progesterone|hormone)\b"
        r"[^.;]{0,40}\b(?:tumou?rs?|cases?|results?|carcinomas?) "
        r"(?:shows?|has|is one|means?|are)\b)|"
        rf"{_RESULT}(?:\s?(?:=|is|means|:)\s?(?:>|<|\d+ ?- ?\d+ ?%|at least|score of)|"
        r" [<>] ?=? ?\d+\.\d(?!\d* ?%))",
    ),
    (
        "method",
        r"\b(?:(?:was|were|has been) developed|intended (?:use|for)|"
        r"used to (?:determine|identify|select|detect|assess|aid)|"
        r"probes? (?:for|to|against)\b|labell?ed probe|is detected (?:by|with|using)\b|"
        r"(?:cases|samples|specimens|tumou?rs) were (?:also |all )?(?:blindly|randomly|tested|"
        r"read|scored|collected)\b|randomly selected|"
        r"(?:patients|women|men|people|cases) (?:with|who|whose|aged)\b|"
        r"(?:trial|study)\b[^.;\n]{0,40}\b(?:included?s?|enrolled|recruited|allowed|excluded?s?)\b|"
        r"tumou?rs (?:were|are) (?:also )?(?:allowed|included|excluded|eligible|permitted)\b|"
        r"eligib\w++ for|antibod(?:y|ies) (?:to|for|against) |"
        r"may (?:be|show|have|not) (?:false|weak|indicate)|"
        r"(?:trials?|studies|data) (?:ha(?:s|ve) |is |are )?"
        r"(?:shown?|demonstrat\w++|suggest\w*+)|"
        r"et al\b|concordance\b|regardless of whether\b|blindly\b|reduc\w++ the risk\b|"
        r"(?:survival|response|percent|proportion) (?:for|of|in) patients with\b|"
        r"(?:published|medical) literature\b|results for cases\b|of the \d+ cases\b|"
        r"is (?:often|usually|typically|commonly|generally|frequently) (?:\w++ )?"
        r"(?:positive|negative|absent|expressed|amplified|seen|lost)\b)|"
        r"performance characteristics|food and drug|false[- ](?:positive|negative)s?\b",
    ),
)
# What marks only the words around it.
_SPANS: tuple[tuple[ClauseKind, str], ...] = (
    (
        "control",
        rf"(?:\b(?:known|external|internal|built-in|on-slide|in-house) )*(?:her-?2 |her2/neu )?"
        rf"\b{_RESULT}(?: \w++){{0,2}}[\s-]{{1,2}}controls?\b|"
        r"\b(?:controls? (?:tissue|slides?|cells?|cell lines?|sections?|material)[^.;]{0,90}|"
        rf"controls?[^.;,]{{0,40}}?(?:{_RESULT}|[0-3]\s?\+)|"
        r"normal (?:breast )?(?:ducts?|epithelium|glands?|"
        rf"lobules?)[^.;,]{{0,40}}{_RESULT}|"
        r"(?:cell lines?|kit-? ?slides?)\b(?:[^.;]|(?:,|\band|\bthe|\bor)\.){0,120})",
    ),
    ("legend", r"negative ?[<>]=? ?\d[\d.]*+ ?%?[\s.,;]{0,4}positive ?[<>]"),
    (
        "method",
        # The title of a paper stands before its journal.
        r"\b(?:n eng\w* j med|j clin oncol|j natl|lancet|mod(?:ern)? pathol|am j \w++ pathol|"
        r"arch\w* (?:of )?path\w*|appl immuno\w*)",
    ),
    (
        "planned",
        r"\b(?:(?:plan(?:ned)?|proposal|proposed)\s?:[^.;]{0,120}|"
        r"(?:is|are|was|were) (?:planned|scheduled|proposed|foreseen)\b|"
        r"(?:aim|goal|intent|intend|attempt|hope|predict|expect)\w*"
        r"[^.;]{0,40}\br[012]\b|r[012](?: resection)? (?:is|was|were) (?:planned|intended|"
        r"expected|predicted|hoped|aimed)|"
        r"(?:sent|submitted) for\b[^.;:\n]{0,40}(?=[.;\n])|"
        r"(?:will|is to|are to|should) (?:be|undergo|receive|have|get)\b[^.;]{0,80})",
    ),
    (
        "uncertain",
        r"\bwhether\b[^.;]{0,120}|\b(?:cannot|can not|should not|must not) be (?:called|taken|"
        r"regarded)\b[^.;]{0,60}|"
        r"\b(?:er|pr|pgr|her-?2(?:[/-]?neu)?|receptors?) (?:would|might|could) be\b[^.;]{0,80}|"
        r"\bif (?:er|pr|pgr|her-?2|o?estrogen|progesterone|receptors?)\b[^.;]{0,80}|"
        r"\b(?:er|pr|pgr|her-?2(?:[/-]?neu)?|receptors?) (?:is|are|was) (?:not negative|no "
        r"longer)\b[^.;]{0,20}",
    ),
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


ASKED = frozenset({"uncertain", "replaced", "doubtful"})
"""Kinds of clauses that speak of a result and settle nothing: a person is asked."""
SCOPED = frozenset({"another", "replaced", "doubtful", "conditional"})
"""Kinds that say whose a statement is, and whether it stands (`extractors.scope`)."""
_OF_THE_PATIENT = frozenset({"prior_rt", "prior_dose", "brca"})


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
    return bool(kinds_at(reading, start, end))


def kinds_at(reading: Reading, start: int, end: int) -> frozenset[ClauseKind]:
    """Return the kinds of the stretches that state no result and that `start:end` touches."""
    covers = _covers(reading)
    return frozenset(kind for kind, cover in covers.items() if cover.touches(start, end))


def _covers(reading: Reading) -> dict[ClauseKind, Cover]:
    """Return what the stretches of each kind cover; kept with its reading."""
    held = reading.kept.get("covers")
    if not isinstance(held, dict):
        spans: dict[ClauseKind, list[tuple[int, int]]] = {}
        for shut in shut_stretches(reading):
            spans.setdefault(shut.kind, []).append((shut.start, shut.end))
        held = reading.kept["covers"] = {kind: Cover(own) for kind, own in spans.items()}
    return held


def _shut_stretches(reading: Reading) -> tuple[Shut, ...]:
    found = [Shut(kind, start, end) for kind, start, end in stretches(reading)]
    for match in _CLAUSE.finditer(reading.low):
        assert match.lastgroup is not None
        kind = _CLAUSES[int(match.lastgroup[1:])][0]
        aside = _beside(reading, match.start(), match.end()) if kind == "legend" else None
        bounds = aside or _sentence(reading, match.start(), match.end())
        found.append(Shut(kind, *bounds))
    for match in _SPAN.finditer(reading.low):
        assert match.lastgroup is not None
        if not _NEW_SENTENCE.search(reading.clean, match.start(), match.end()):
            kind = _SPANS[int(match.lastgroup[1:])][0]
            start = match.start()
            if kind == "method":
                start = reading.clause(max(0, start - 3), max(1, start - 2))[0]
            found.append(Shut(_SPANS[int(match.lastgroup[1:])][0], start, match.end()))
    return tuple(sorted(found, key=lambda shut: shut.start))


def _beside(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """Return the part of a sentence that is a legend printed behind a value, if it is only that.

    That is a scale of answers, or what stands in brackets.
    """
    left, right = _sentence(reading, start, end)
    for scale in SCALE.finditer(reading.low, left, right):
        if (
            scale.start() < end
            and start < scale.end()
            and reading.low[left : scale.start()].strip()
        ):
            return scale.span()
    opened = max(reading.low.rfind(sign, left, end) for sign in "([")
    closed = min(
        (at for sign in ")]" if (at := reading.low.find(sign, end, right)) >= 0), default=-1
    )
    if opened < 0 or closed < 0 or not reading.low[left:opened].strip():
        return None
    inner = reading.low[opened:start]
    return None if ")" in inner or "]" in inner else (opened, closed + 1)


def _sentence(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a span; a line may end one without a stop."""
    left, right = reading.clause(start, end)
    # What lies further away makes the sentence too long in any case.
    for line in _NEW_SENTENCE.finditer(reading.clean, max(left, start - _LONGEST), start + 1):
        left = line.start()
    following = _NEW_SENTENCE.search(reading.clean, end, min(right, end + _LONGEST + 2))
    right = following.start() if following else right
    if right - left > _LONGEST:
        return max(left, start - 80), min(right, end + 80)
    return left, right


def passing(
    reading: Reading, candidates: Iterable[Candidate], open_to: frozenset[str] = frozenset()
) -> Iterator[Candidate]:
    """Yield the candidates whose words touch no shut stretch of a kind outside `open_to`."""
    for candidate in candidates:
        over = kinds_at(reading, candidate.start, candidate.end) - open_to
        if _of_the_past(candidate):
            over -= {"another"}
        if not over and is_undecided(reading, candidate):
            withheld(reading).append((candidate, False))
        elif not over and not _is_borrowed(reading, candidate):
            yield candidate
        elif over and over <= ASKED:
            withheld(reading).append((candidate, "replaced" in over))


def withheld(reading: Reading) -> list[tuple[Candidate, bool]]:
    """Return what was said and stands no longer (True) or is doubtful, kept with its reading."""
    held = reading.kept.get("withheld")
    if not isinstance(held, list):
        held = reading.kept["withheld"] = []
    return held


def _of_the_past(candidate: Candidate) -> bool:
    """Say whether a fact is of the patient and not of one tumour: a dose stays a dose."""
    return candidate.concept in _OF_THE_PATIENT or "." in candidate.concept


def _is_borrowed(reading: Reading, candidate: Candidate) -> bool:
    """Say whether the value stands behind a clause that only says where the test was done."""
    away = _ELSEWHERE.search(reading.low, candidate.start, candidate.end)
    if away is None:
        return False
    _, right = reading.clause(away.start(), away.end())
    return right < candidate.end and _RESULTS.search(reading.low, right, candidate.end) is None


__all__ = [
    "ASKED",
    "SCOPED",
    "ClauseKind",
    "Shut",
    "kinds_at",
    "passing",
    "shut_stretches",
    "states_nothing",
    "withheld",
]
