"""Confidence that means something: how often such a statement was right where it was measured.

What tells a right reading from a wrong one is less the pattern than its company: whether the
document says the same again, says it once, or says something else beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

from extractors.calibration import ELSEWHERE, RIGHT
from extractors.candidates import Candidate
from extractors.types import Value

NEAR = 1.0
"""Weights this close together let neither saying win."""
_EXTENT = ("present", "focal", "extensive")
# Older reports call 2+ a weakly positive stain; foci in several quadrants are several foci.
_ALSO = {"her2_ihc": ("equivocal", "positive"), "focality": ("multifocal", "multicentric")}
_WEAK = 0.85
"""What a pattern that is less sure of itself begins with, or a statement taken from another."""


def weighed(best: Candidate, group: Sequence[Candidate]) -> Candidate:
    """Return the statement that was chosen of `group` with its confidence and its rival."""
    others = [one for one in group if not agree(best.concept, best.value, one.value)]
    rival = max(others, key=lambda one: one.weight, default=None)
    company = standing(best, group)
    near = rival is not None and rival.weight > best.weight - NEAR
    return replace(
        best,
        confidence=share(best.concept, company),
        company=company,
        rival=rival if near else None,
    )


def standing(best: Candidate, group: Sequence[Candidate]) -> str:
    """Return in what company a statement stands: `near`, `far`, `weak`, `agreed` or `alone`."""
    others = [one.weight for one in group if not agree(best.concept, best.value, one.value)]
    if others:
        return "near" if max(others) > best.weight - NEAR else "far"
    if best.confidence < _WEAK:
        return "weak"
    return "agreed" if len(group) > 1 else "alone"


def agree(concept: str, one: Value, other: Value) -> bool:
    """Say whether two values may both be true: pT4 and pT4b, pNX and pN1, present and focal."""
    if one == other or any(
        one in both and other in both for both in (_EXTENT, _ALSO.get(concept, ()))
    ):
        return True
    if concept == "grade":
        return _lies_in(one, other) or _lies_in(other, one)
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    short, long = sorted((one.partition("(")[0], other.partition("(")[0]), key=len)
    if short.endswith("X") or long.endswith("X"):
        return True
    return short[-1:].isdigit() and long.startswith(short)


def _lies_in(one: Value, span: Value) -> bool:
    """Say whether a grade is within "moderately to poorly differentiated"."""
    if not isinstance(one, int) or not isinstance(span, dict):
        return False
    return span["ge"] <= one <= span["le"]


def share(concept: str, company: str) -> float:
    """Return how often such statements agreed with labels, 0..1; of all concepts where none did."""
    return RIGHT.get(concept, ELSEWHERE).get(company, ELSEWHERE[company])
