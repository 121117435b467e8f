"""Between sections: the diagnosis, the synopsis and the microscopy of one specimen must agree.

All three are the pathologist's last word on what the microscope shows, and none outranks another
(CAP: the synopsis is part of the diagnosis). The naked eye, the frozen section and the history do
not count here, and an amendment settles it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from extractors.candidates import Candidate
from extractors.confidence import agree
from extractors.judge import Disagreement
from extractors.reading import Reading

_LAST_WORD = frozenset({"diagnosis", "synoptic", "microscopic", "header"})
_LATER = frozenset({"amended", "addendum"})
_PLAIN: Mapping[str, float] = {
    "grade": 0.6,
    "histology": 1.0,
    "size": 0.9,
    "dcis": 0.5,
    "lvi": 0.0,
    "perineural": 0.0,
    "pt": 0.3,
    "pn": 0.3,
}
"""Concepts, and how much a pattern must add to its section's weight for a plain statement."""
_ROUNDING = 0.15


def sections_differ(
    reading: Reading, found: Iterable[Candidate]
) -> tuple[list[Candidate], list[Disagreement]]:
    """Return the candidates without the concepts on which sections differ, and both sayings."""
    candidates = list(found)
    by_concept: dict[str, list[Candidate]] = {}
    for one in candidates:
        if one.concept in _PLAIN:
            by_concept.setdefault(one.concept, []).append(one)
    differ = [
        Disagreement("sections_differ", *pair)
        for group in by_concept.values()
        if (pair := _pair(reading, group)) is not None
    ]
    away = {one.first.concept for one in differ}
    return [one for one in candidates if one.concept not in away], differ


def _pair(reading: Reading, group: Sequence[Candidate]) -> tuple[Candidate, Candidate] | None:
    if any(reading.section_at(one.start).name in _LATER for one in group):
        return None
    said = list(_one_of_each(reading, group))
    for at, first in enumerate(said):
        for second in said[at + 1 :]:
            places = {_specimen(reading, one) for one in (first, second)} - {None}
            if len(places) < 2 and not _same(first, second):
                return first, second
    return None


def _one_of_each(reading: Reading, group: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield what each section plainly says; one that says two things itself says nothing."""
    by_section: dict[str, list[Candidate]] = {}
    for one in group:
        section = reading.section_at(one.start)
        # Floats: a weight is the section's and what the pattern adds.
        plain = one.weight - section.weight >= _PLAIN[one.concept] - 0.001
        if section.name in _LAST_WORD and plain:
            by_section.setdefault(section.name, []).append(one)
    for held in by_section.values():
        best = max(held, key=lambda one: one.weight)
        if all(_same(best, one) for one in held):
            yield best


def _same(one: Candidate, other: Candidate) -> bool:
    if one.concept == "size":
        a, b = one.value, other.value
        if not (isinstance(a, float) and isinstance(b, float)):
            return True
        return abs(a - b) <= max(2.0, _ROUNDING * max(a, b))
    return agree(one.concept, one.value, other.value)


def _specimen(reading: Reading, one: Candidate) -> str | None:
    specimen = reading.specimen_at(one.start)
    return specimen.label if specimen else None
