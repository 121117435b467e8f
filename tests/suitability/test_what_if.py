"""What-if with the sets that an old result has kept."""

from dataclasses import replace

from settings import PROJECT_ROOT
from suitability import load_library, parse_findings, screen
from suitability.what_if import what_if


def test_a_library_with_only_the_sets_of_the_site_is_enough() -> None:
    """An old result is weighed again with the sets it used; others were not kept with it."""
    whole = load_library(PROJECT_ROOT / "playbooks")
    used = ("common_contraindications", "rectal_primary")
    kept = replace(whole, sets={name: whole.sets[name] for name in used}, plans={})
    findings = parse_findings({"disease.site": "rectum_primary"}, kept)
    found = what_if(findings, screen(findings, phase="preop", library=kept), kept)
    assert found.fewest and "rect.mrf" in found.fewest
