"""What would settle a result, and what each source says of it: worked out from what was stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models import Assessment
from models.database import transaction
from suitability import Library, parse_findings, screen
from suitability.side_by_side import SideBySide, side_by_side
from suitability.what_if import WhatIf, what_if
from workflows.assessments import latest_assessment
from workflows.lookup import case_by_ref
from workflows.papers import NoResult, centres
from workflows.world import World


@dataclass(frozen=True, slots=True)
class Weighing:
    """A result before surgery beside its sources. `beside` is None where one set covers the site.

    `questions` gives, by field, how to ask for it.
    """

    assessment: Assessment
    what_if: WhatIf
    questions: Mapping[str, str]
    beside: SideBySide


def weigh_again(world: World, ref: str) -> Weighing:
    """Return what-if and side-by-side of a case's newest result before surgery.

    The stored inputs are weighed with the exact texts that the result was made with.
    Raises `NoResult`, `workflows.engine.CaseNotFound`.
    """
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        assert case.id is not None
        assessment = latest_assessment(session, case.id, "preop")
        if assessment is None:
            raise NoResult(f"{case.ref} has no result from before surgery yet.")
        known = centres(session)
    library: Library = world.criteria_archive.library_of(
        assessment.set_versions, world.playbooks.criteria
    )
    observed: Mapping[str, Any] = assessment.findings.get("observations", {})
    findings = parse_findings(observed, library, on=assessment.assessed_at.date())
    screening = screen(findings, phase="preop", library=library)
    return Weighing(
        assessment,
        what_if(findings, screening, library),
        {request.field: request.ask for request in screening.missing},
        side_by_side(screening, library, known),
    )
