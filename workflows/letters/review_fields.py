"""What letters are told of a signed pre-screen: who signed, what the papers state, what is open."""

from collections.abc import Mapping
from typing import Any

from workflows.letters.patient_points import points_of, signed_review
from workflows.letters.source import Compute, Source
from workflows.letters.ways import two_sides

SEARCHING = "SHORTLISTING"
"""The state in which hospitals to ask are looked for."""


def _signed(source: Source) -> dict[str, Any] | None:
    """Return who signed the newest result and when; of a signature without a name only when."""
    review = signed_review(source.session, source.case_id)
    if review is None:
        return None
    return {
        "name": review.signer_name,
        "qualification": review.signer_qualification,
        "registration": review.signer_registration,
        "day": source.day(review.signed_at),
    }


def _points(part: str) -> Compute:
    return lambda source: getattr(points_of(source.session, source.world, source.case_id), part)


REVIEW_FIELDS: Mapping[str, Compute] = {
    "signed": _signed,
    "matching": _points("matching"),
    "differing": _points("differing"),
    "open": _points("open"),
    "two_sides": two_sides,
    "searching": lambda source: source.case.state == SEARCHING,
}
