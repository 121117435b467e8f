"""The 61 worked cases: what each expects, it gets."""

from typing import Any

import pytest

from tests.suitability.cases import findings_of, output, worked

CASES = worked()["vignettes"]


def test_all_worked_cases_are_here() -> None:
    assert len(CASES) == 61
    assert len({case["id"] for case in CASES}) == 61


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_worked_case(case: dict[str, Any]) -> None:
    out = output(findings_of(case), case.get("phase", "preop"))
    expected = case["expect"]
    for key in ("sets", "criteria"):
        for name, value in expected.get(key, {}).items():
            assert out[key][name] == value, (case["id"], name)
    for key, value in expected.items():
        if key not in ("sets", "criteria"):
            assert out[key] == value, (case["id"], key)
    if case.get("phase") == "postop":
        assert out["category"] is None
