"""What-if: with the sets that an old result has kept, and as exact as a whole screening."""

import random
from dataclasses import replace

from settings import PROJECT_ROOT
from suitability import load_library, parse_findings, screen
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
