"""Two independent writings of the rules agree on any findings."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.suitability.cases import corrected, findings_of, run, worked
from tests.suitability.second_reading import screen_again
from tests.suitability.strategies import PHASES, finding_sets

KEYS = ("category", "tags", "routes_open", "sets", "criteria")


def differences(raw: dict[str, Any], phase: str) -> list[Any]:
    said = run(raw, phase)
    first, second = said.to_json(), screen_again(raw, phase)
    assert list(said.cautions) == second.get("cautions", [])
    found: list[Any] = [(k, first[k], second[k]) for k in KEYS[:3] if first[k] != second[k]]
    for key in ("sets", "criteria"):
        assert set(first[key]) == set(second[key])
        found += [
            (name, said, second[key][name])
            for name, said in first[key].items()
            if said != second[key][name]
        ]
    return found


@pytest.mark.parametrize(
    "case", [*worked()["vignettes"], *corrected()], ids=lambda case: case["id"]
)
def test_worked_case(case: dict[str, Any]) -> None:
    assert differences(findings_of(case), case.get("phase", "preop")) == []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(finding_sets(), PHASES)
def test_any_findings(findings: dict[str, Any], phase: str) -> None:
    assert differences(findings, phase) == []
