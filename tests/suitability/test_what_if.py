"""What-if: with the sets that an old result has kept, and as exact as a whole screening."""

import random
from dataclasses import replace
from typing import Any

import pytest

from settings import PROJECT_ROOT
from suitability import load_library, parse_findings, screen
from suitability.criteria import SITES
from suitability.what_if import Trial, regions, what_if
from tests.suitability.cases import findings_of, library, worked


def test_a_library_with_only_the_sets_of_the_site_is_enough() -> None:
    """An old result is weighed again with the sets it used; others were not kept with it."""
    whole = load_library(PROJECT_ROOT / "playbooks")
    used = ("common_contraindications", "rectal_primary")
    kept = replace(whole, sets={name: whole.sets[name] for name in used}, plans={})
    findings = parse_findings({"disease.site": "rectum_primary"}, kept)
    found = what_if(findings, screen(findings, phase="preop", library=kept), kept)
    assert found.fewest and "rect.mrf" in found.fewest


def test_a_trial_finds_the_category_that_a_whole_screening_finds() -> None:
    """A trial keeps what a set said: whichever answers change, it must be what is said anew."""
    chance = random.Random(7)
    fields = list(library().vocabulary.fields.values())
    seen = set()
    for case in worked()["vignettes"]:
        trial = Trial(parse_findings(findings_of(case), library()), library())
        for _ in range(40):
            some = chance.sample(fields, chance.randint(1, 6))
            answers = {field.name: chance.choice(regions(field, library())) for field in some}
            found = trial.category(answers)
            assert found == trial.screening(answers).category, (case["id"], answers)
            seen.add(found)
    assert len(seen) > 5, "trials that all end alike show nothing"


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("more", [{}, {"patient.age_years": 62, "patient.sex": "female"}])
def test_a_case_without_any_document_is_answered_within_the_search(
    site: str, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty open facts have a million groups: after the budget the group that was found counts."""
    tried: list[int] = []
    category = Trial.category

    def counted(self: Trial, answers: Any) -> str:
        tried.append(1)
        return category(self, answers)

    monkeypatch.setattr(Trial, "category", counted)
    monkeypatch.setattr("suitability.what_if._MAX_SEARCH", 50)
    findings = parse_findings({"disease.site": site, **more}, library())
    found = what_if(findings, screen(findings, phase="preop", library=library()), library())
    assert found.fewest is not None and len(tried) < 1000
