"""The 61 worked cases and those of the later rules: what each expects, it gets."""

from typing import Any

import pytest

from tests.suitability.cases import corrected, findings_of, output, run, worked

CASES = worked()["vignettes"]
EVERY = [*CASES, *corrected()]


def test_all_worked_cases_are_here() -> None:
    assert len(CASES) == 61
    assert len({case["id"] for case in CASES}) == 61
    assert len({case["id"] for case in EVERY}) == len(EVERY) >= 145


@pytest.mark.parametrize("case", EVERY, ids=[case["id"] for case in EVERY])
def test_worked_case(case: dict[str, Any]) -> None:
    result = run(findings_of(case), case.get("phase", "preop"))
    out = output(findings_of(case), case.get("phase", "preop"))
    out |= {"cautions": list(result.cautions), "evidence": dict(result.evidence)}
    expected = case["expect"]
    for key in ("sets", "criteria"):
        for name, value in expected.get(key, {}).items():
            assert out[key][name] == value, (case["id"], name)
    for key, value in expected.items():
        if key not in ("sets", "criteria"):
            assert out[key] == value, (case["id"], key)
    if case.get("phase") == "postop":
        assert out["category"] is None


def asked(case: dict[str, Any]) -> set[str]:
    return {item["field"] for item in output(findings_of(case))["missing"]}


def test_a_man_is_never_asked_about_pregnancy() -> None:
    cases = {case["id"]: case for case in EVERY}
    for identifier in ("C24", "C31"):
        assert "patient.pregnant" not in asked(cases[identifier])
    for identifier in ("C25", "C26", "C27"):
        assert "patient.pregnant" in asked(cases[identifier])
