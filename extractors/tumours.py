"""Several tumours in one document: which words are about which of them, and where they differ.

A tumour has a number or a letter ("Tumour 1:", "Focus B -") or a side ("Right breast, lumpectomy:"
beside "Left breast, mastectomy:"). What differs between them is nobody's single value.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractors.candidates import Candidate
from extractors.confidence import agree
from extractors.fields.node_phrases import phrases
from extractors.judge import Disagreement
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.sides import both_have_cancer
from extractors.sides import marks as side_marks

_NUMBERED = re.compile(
    r"(?:^|(?<=[.;:,\n] )|(?<=[.;:\n]))[ \t]*+[-•*]?[ \t]*+(?:(?P<kind>tumou?r|focus|lesion|"
    r"mass|nodule|"
    r"carcinoma)s?\s*(?:no\.?|#|number)?\s*(?P<n>[1-5]|[a-e]|i{1,3})(?=\s?[:.(,-]| is\b| was\b| "
    r"measures\b| shows\b| grade\b| \()|(?:[a-h1-9][.):]\s*)?(?P<place>(?:tumou?r|"
    r"carcinoma|mass|lesion|focus),? "
    r"(?:at|in) (?:the )?[^:\n]{1,40})(?=:)|(?:the )?(?P<nth>first|second|third|larger|"
    r"smaller|other) "
    r"(?P<kind2>tumou?r|focus|carcinoma)\b)",
    re.MULTILINE,
)
_SIDED = re.compile(
    r"^[ \t]*+(?:[-•*]|[a-h1-9][.):])?[ \t]*+(?:specimen )?(?:\d |[a-h] )?"
    r"(?P<side>right|left)\b(?:[ ,-]+(?:breast|sided?|mastectomy|lumpectomy|wle|wide))"
    r"[^:\n]{0,60}:|"
    r"^[ \t]*+(?:[-•*]|[a-h1-9][.):])?[ \t]*+breast,? (?P<side2>right|left)\b[^:\n]{0,60}:",
    re.MULTILINE,
)
_CLOCK = re.compile(r"(\d{1,2})(?::00)? ?o'?clock")
# "Breast, right, 2 o'clock, core: ...", at the beginning of a sentence.
_AT_CLOCK = re.compile(
    r"(?:^|(?<=[.;:\n]\s))[ \t]*+(?:[-•*]|[a-h1-9][.):])?[ \t]*+(?:(?:left|right),? )?"
    r"(?:breast,? )?(?:(?:left|right)(?: breast)?,? )?(?:at )?(?P<n>\d{1,2})"
    r"(?::00)? ?o'?clock\b[^.;:\n]{0,60}:",
    re.MULTILINE,
)
_CANCER = rx(r"\b(?:carcinoma|invasive|idc|ilc|nst|cancer|ca|grade ?[1-3])\b")
_BENIGN = rx(r"\b(?:no (?:evidence of )?(?:residual )?(?:carcinoma|tumou?r|malignan)|benign)")
PER_TUMOUR = frozenset(
    {
        "grade", "histology", "size", "er_status", "pr_status", "her2_ihc", "her2_ish",
        "her2_score", "er_percent", "pr_percent", "ki67", "nottingham_score", "lvi",
        "margin_status", "pt", "pn", "dcis", "tubule_score", "nuclear_grade", "mitotic_score",
    }
)  # fmt: skip
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Tumour:
    """The words about one of several tumours: its name, and where they begin and end."""

    name: str
    start: int
    end: int


def tumours_of(reading: Reading) -> tuple[Tumour, ...]:
    """Return the tumours that the document tells apart, in order; none where it has only one."""
    held = reading.kept.get("tumours")
    if not isinstance(held, tuple):
        held = reading.kept["tumours"] = _numbered(reading) or _sided(reading)
    return held


def _numbered(reading: Reading) -> tuple[Tumour, ...]:
    marks = []
    for match in _NUMBERED.finditer(reading.low):
        section = reading.section_at(match.start()).name
        if section not in {"clinical", "gross", "intraoperative"}:
            marks.append((match["n"] or match["nth"] or match["place"], match.start()))
    return _parted(reading, marks) or _parted(reading, _by_the_clock(reading))


def _by_the_clock(reading: Reading) -> list[tuple[str, int]]:
    """Return the specimens whose headings name a place by the clock: each has its tumour."""
    found = [(_CLOCK.search(one.title.lower()), one.start) for one in reading.specimens]
    named = [(clock[1], start) for clock, start in found if clock]
    heads = [(match["n"], match.start()) for match in _AT_CLOCK.finditer(reading.low)]
    return named if len({name for name, _ in named}) > 1 else heads


def _sided(reading: Reading) -> tuple[Tumour, ...]:
    marks = [
        (match["side"] or match["side2"], match.start()) for match in _SIDED.finditer(reading.low)
    ]
    marks += side_marks(reading)
    return _parted(reading, sorted(set(marks), key=lambda mark: mark[1]))


def _parted(reading: Reading, marks: Sequence[tuple[str, int]]) -> tuple[Tumour, ...]:
    found = []
    ends = [*(at for _, at in marks), len(reading.low)][1:]
    for (name, start), following in zip(marks, ends, strict=True):
        section = reading.section_at(start)
        end = min(following, section.end, start + _LONGEST)
        blank = reading.low.find("\n\n", start, end + 1)
        end = blank if blank > 0 else end
        words = reading.low[start:end]
        if _CANCER.search(words) and not _BENIGN.search(words):
            found.append(Tumour(name, start, end))
    return tuple(found) if len({one.name for one in found}) > 1 else ()


def apart(
    reading: Reading, found: Iterable[Candidate]
) -> tuple[list[Candidate], list[Disagreement]]:
    """Return the candidates without the concepts in which the tumours differ, and what differs."""
    candidates = list(found)
    tumours = tumours_of(reading)
    # A side with nodes or benign tissue alone has no tumour of its own.
    invasive = {
        _name_at(tumours, one.start) for one in candidates if one.concept in {"histology", "grade"}
    } - {""}
    sided = len({one.name for one in tumours} & {"left", "right"}) == 2 and both_have_cancer(
        reading
    )
    if len(invasive) < 2 and not sided:
        differ = list(_in_one_breath(reading, candidates))
        away = {one.first.concept for one in differ}
        return [one for one in candidates if one.concept not in away], differ
    differ = [*_differences(tumours, candidates, sided), *_nodes(reading, tumours, sided=sided)]
    away = {one.first.concept for one in differ}
    if "grade" in away:
        # The scores behind two grades are no more one tumour's than the grades are.
        scores = [one for one in candidates if one.concept in _SCORES and one.concept not in away]
        differ += [Disagreement("several_tumours", one, one) for one in scores]
        away |= _SCORES
    return [one for one in candidates if one.concept not in away], differ


_SCORES = frozenset({"nottingham_score", "tubule_score", "nuclear_grade", "mitotic_score"})
_SEVERAL = rx(
    r"\b(?:two|three|2|3|several|multiple) (?:separate |distinct |discrete |synchronous |"
    r"invasive )*"
    r"(?:tumou?rs|carcinomas|foci of (?:invasive )?carcinoma|invasive foci)\b"
)


def _in_one_breath(reading: Reading, candidates: Sequence[Candidate]) -> Iterator[Disagreement]:
    """Yield what one sentence says differently of "two tumours"; sizes have the largest."""
    for match in _SEVERAL.finditer(reading.low):
        _, right = reading.clause(*match.span())
        held: dict[str, list[Candidate]] = {}
        for one in candidates:
            told = match.start() <= one.start < right and one.concept in PER_TUMOUR - {"size", "pt"}
            if told:
                held.setdefault(one.concept, []).append(one)
        for concept, group in held.items():
            first = group[0]
            other = next((o for o in group if not agree(concept, first.value, o.value)), None)
            if other is not None:
                yield Disagreement("several_tumours", first, other)


_OWN = frozenset(
    {
        "grade", "histology", "er_status", "pr_status", "her2_ihc", "her2_score", "her2_ish",
        "er_percent", "pr_percent", "ki67", "nottingham_score", "size",
    }
)  # fmt: skip
"""What makes a tumour one of its kind: two tumours never lend each other these."""


def _differences(
    tumours: Sequence[Tumour], candidates: Sequence[Candidate], sided: bool
) -> list[Disagreement]:
    by_concept: dict[str, dict[str, Candidate]] = {}
    for candidate in sorted(candidates, key=lambda one: -one.weight):
        name = _name_at(tumours, candidate.start)
        if candidate.concept in PER_TUMOUR and name:
            by_concept.setdefault(candidate.concept, {}).setdefault(name, candidate)
    differ, alone = [], []
    for concept, said in by_concept.items():
        first, *others = said.values()
        other = next((one for one in others if not agree(concept, first.value, one.value)), None)
        if other is not None:
            differ.append(Disagreement("several_tumours", first, other))
        elif not others and concept in _OWN:
            alone.append(Disagreement("several_tumours", first, first))
    # Once two tumours differ, what is told of one of them alone is not told of the other.
    return [*differ, *alone] if differ or sided else differ


def _name_at(tumours: Sequence[Tumour], position: int) -> str:
    index = bisect_right([one.start for one in tumours], position) - 1
    return tumours[index].name if index >= 0 and position < tumours[index].end else ""


def _nodes(reading: Reading, tumours: Sequence[Tumour], *, sided: bool) -> Iterator[Disagreement]:
    """Yield the node counts of both sides: they are not added up, nor is one lent to the other."""
    if tumours[0].name not in {"left", "right"}:
        return
    for concept in ("nodes_positive", "nodes_examined"):
        said: dict[str, Candidate] = {}
        for row in phrases(reading, reading.low):
            count = row.positive if concept == "nodes_positive" else row.examined
            name = _name_at(tumours, row.start)
            if name and count is not None:
                said.setdefault(name, Candidate(concept, count, row.start, row.end, 0.0))
        if len(said) > 1:
            first, second = list(said.values())[:2]
            yield Disagreement("several_tumours", first, second)
        elif said and sided:
            (only,) = said.values()
            yield Disagreement("several_tumours", only, only)
