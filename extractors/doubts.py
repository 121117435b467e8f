"""Doubts: what a document says and takes back, or says in doubt, and never states.

A value that was replaced by a correction may stand elsewhere in the same paper, uncorrected: it is
not stated there either. Where nothing else settles the field, a person is asked, with the words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from extractors.candidates import Candidate
from extractors.confidence import agree
from extractors.contradiction import Contradiction
from extractors.forms.corrected import SIGN
from extractors.gate import shut_stretches, withheld
from extractors.judge import DERIVED, Disagreement
from extractors.patterns import decimal_of, millimetres, rx
from extractors.reading import Reading
from extractors.types import Value
from extractors.undecided import open_grades

_LATER = frozenset({"amended", "addendum"})
# A pattern may begin behind the sign of a correction: behind a space, a bracket, a sign.
_BEHIND_SIGN = 4


def standing(
    reading: Reading, found: Iterable[Candidate]
) -> tuple[list[Candidate], list[Disagreement]]:
    """Return the candidates that stand, and the questions that what was withheld leaves.

    A correction in words replaces every other saying of its concept. A value that the document
    says was replaced does not stand anywhere in it but in an amendment; if nothing is left,
    that is a question.
    """
    by_concept: dict[str, list[Candidate]] = {}
    for candidate in found:
        by_concept.setdefault(candidate.concept, []).append(candidate)
    for concept, group in by_concept.items():
        told = [one for one in group if _is_told_anew(reading, one)]
        by_concept[concept] = told or group
    asked: list[Disagreement] = []
    for said, replaced in [*withheld(reading), *_bare_values(reading)]:
        group = by_concept.get(said.concept, [])
        if replaced:
            still = [one for one in group if not _is_old(reading, one, said)]
            if group and not still:
                asked.append(Disagreement("replaced", said, group[0]))
                for concept in (said.concept, *DERIVED.get(said.concept, ())):
                    by_concept.pop(concept, None)
                continue
            by_concept[said.concept] = still
        if not group:
            asked.append(Disagreement("replaced" if replaced else "doubtful", said, said))
    return [one for group in by_concept.values() for one in group], asked


_BARE = (
    ("grade", rx(r"\bgrad(?:e|ing)\b"), re.compile(r"(?<![\w.,/])(?P<v>[1-3])(?![\w/]|[.,]\d)")),
    (
        "size",
        rx(r"\b(?:size|diameter|dimension|measur\w+)\b"),
        re.compile(r"(?<![\w.,/])(?P<v>\d{1,3}(?:[.,]\d)?)\s?(?P<u>[cm]m)\b"),
    ),
)


def _bare_values(reading: Reading) -> Iterator[tuple[Candidate, bool]]:
    """Yield the bare numbers of what was replaced: "grade was wrongly given as 1"."""
    for shut in shut_stretches(reading):
        if shut.kind != "replaced":
            continue
        left, _ = reading.clause(shut.start, shut.start + 1)
        for concept, named, value in _BARE:
            if named.search(reading.low, max(left, shut.start - 60), shut.end):
                for match in value.finditer(reading.low, shut.start, shut.end):
                    number = decimal_of(match["v"]) or 0.0
                    said = millimetres(number, match["u"]) if concept == "size" else int(number)
                    yield Candidate(concept, said, match.start(), match.end(), 0.0), True


def _is_told_anew(reading: Reading, candidate: Candidate) -> bool:
    """Say whether a correction in words put this value in the place of another one."""
    return SIGN in reading.low[max(0, candidate.start - _BEHIND_SIGN) : candidate.end]


def _is_old(reading: Reading, candidate: Candidate, old: Candidate) -> bool:
    """Say whether a candidate says what was replaced, and no amendment or correction says it."""
    later = reading.section_at(candidate.start).name in _LATER
    return (
        not later
        and not _is_told_anew(reading, candidate)
        and agree(candidate.concept, candidate.value, old.value)
    )


_CONCEPTS: tuple[tuple[str, Value, str], ...] = (
    (
        "lvi",
        "present",
        r"\b(?:lympho?[\s/-]{0,3}vascular|angio-?lymphatic|lymphatic) (?:space )?(?:invasion)?|"
        r"\blvs?i\b",
    ),
    (
        "dcis",
        "present",
        r"\bdcis\b|ductal carcinoma in[\s-]situ|in[\s-]situ (?:component|carcinoma)",
    ),
    ("perineural", "present", r"\bperi-?neural (?:invasion)?|\bpni\b"),
    ("margin_status", "negative", r"\bmargins?\b"),
    ("nodes_positive", 1, r"\b(?:lymph )?nodes?\b|\bmicro-?metasta\w+"),
)
_NAMED = rx("|".join(f"(?P<c{i}>{words})" for i, (_, _, words) in enumerate(_CONCEPTS)))
_SUSPECTED = rx(
    r"(?<!not )(?<!no )\b(?:suspicious|suspicion|suggestive|equivocal|questionable|possibl[ey]|"
    r"cannot exclude|can not exclude|cannot rule out|can not rule out|borderline|uncertain|"
    r"probabl[ey]|likely|"
    r"indeterminate|neither (?:\w++ ){1,5}n?or (?:\w++ ){0,3}exclud\w++|not diagnostic of|queried|"
    r"present\s?/\s?absent|absent\s?/\s?present|not present\s?/\s?present|yes\s{0,3}no)\b|"
    r":\s?\?\s?(?:present|absent|yes|no|positive|negative)\b"
)
_IGNORED = frozenset({"clinical", "intraoperative"})


def unsettled(reading: Reading) -> list[Contradiction]:
    """Return what a clause speaks of in doubt: "cannot be excluded", "suspicious for"."""
    held = [
        (shut.start, shut.end)
        for shut in shut_stretches(reading)
        if shut.kind in {"doubtful", "uncertain"}
    ]
    held += [reading.clause(*match.span()) for match in _SUSPECTED.finditer(reading.low)]
    found = []
    for start, end in held:
        if reading.section_at(start).name not in _IGNORED:
            # What one clause speaks of first is what it doubts.
            named = _NAMED.search(reading.low, start, end)
            if named is not None:
                concept, example, _ = _CONCEPTS[int(str(named.lastgroup)[1:])]
                found.append(Contradiction(concept, "doubtful", (named.span(),), example))
    found += [Contradiction("grade", "doubtful", (span,), 2) for span in open_grades(reading)]
    return found


def unanswered(
    asked: Sequence[Disagreement], settled: Sequence[tuple[Candidate, bool]]
) -> list[Disagreement]:
    """Return the questions about concepts that the document does not state after all."""
    stated = {candidate.concept for candidate, _ in settled}
    return [one for one in asked if one.first.concept not in stated]
