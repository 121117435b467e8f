"""What would settle a result, and what each source says of it: worked out from what was stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.database import transaction
from suitability import Library, parse_findings, screen
from suitability.side_by_side import SideBySide, side_by_side
from suitability.what_if import WhatIf, what_if
from suitability.words import CATEGORY_WORDS, in_words
from views.shown import ShownAssessment, shown
from workflows.engine.lookup import case_by_ref
from workflows.engine.world import World
from workflows.screening.assessments import latest_assessment
from workflows.screening.report_pdf import NoResult, centres


@dataclass(frozen=True, slots=True)
class Reconsideration:
    """A result before surgery beside its sources. `beside` is None where one set covers the site.

    `questions` gives, by field, how to ask for it; `changes` what a single answer would lead to.
    """

    assessment: ShownAssessment
    what_if: WhatIf
    questions: Mapping[str, str]
    beside: SideBySide
    changes: tuple["Change", ...]

    @property
    def leads_to(self) -> str:
        """The category that the missing facts would give, in words."""
        return CATEGORY_WORDS.get(self.what_if.leads_to, self.what_if.leads_to)


@dataclass(frozen=True, slots=True)
class Change:
    """One possible answer in words, and the category it would lead to with nothing else changed."""

    field: str
    label: str
    answer: str
    category: str


def screen_again(world: World, ref: str) -> Reconsideration:
    """Return what-if and side-by-side of a case's newest result before surgery.

    The stored inputs are weighed with the exact texts that the result was made with.
    Raises `NoResult`, `workflows.engine.record.CaseNotFound`.
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
    found = what_if(findings, screening, library)
    fields = library.vocabulary.fields
    return Reconsideration(
        shown(ShownAssessment, assessment),
        found,
        {request.field: request.ask for request in screening.missing},
        side_by_side(screening, library, known),
        tuple(
            Change(
                answer.field,
                fields[answer.field].label,
                in_words(fields[answer.field], answer.value),
                CATEGORY_WORDS.get(answer.category, answer.category),
            )
            for answer in found.answers
        ),
    )
