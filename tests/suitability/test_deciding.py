"""What decides a result: without the findings that are ticked it would be another one."""

import json
from typing import Any

import pytest

from suitability.deciding import agrees, compared, decides
from suitability.words import CATEGORY_WORDS
from tests.suitability.cases import base, corrected, findings_of, library, output, worked

CASES = [(one.get("phase", "preop"), one) for one in [*worked()["vignettes"], *corrected()]]
AGAINST = (
    "urgent_review", "pathway_stopped", "outside_published_criteria", "guideline_unsuitable",
    "mixed_signals",
)  # fmt: skip
BEARS = ("consistent_fit", "experimental_mdt_only")


def deciding(raw: dict[str, Any], phase: str = "preop") -> tuple[Any, dict[str, Any]]:
    """Return what decides a result as it is read back from the database."""
    stored = json.loads(json.dumps(output(raw, phase)))
    stated = [name for name, value in raw.items() if value is not None]
    return decides(stored, stated, library()), stored


@pytest.mark.parametrize(("phase", "case"), CASES, ids=[str(one["id"]) for _, one in CASES])
def test_the_findings_to_tick_are_stated_and_decide(phase: str, case: dict[str, Any]) -> None:
    raw = findings_of(case)
    found, stored = deciding(raw, phase)
    assert set(found.fields) <= {name for name, value in raw.items() if value is not None}
    assert len(found.fields) == len(set(found.fields))
    without = {name: value for name, value in raw.items() if name not in found.fields}
    category = stored["category"]
    if category in AGAINST:
        assert found.fields and all(reason.against for reason in found.reasons)
        assert output(without)["category"] != category
    elif category in BEARS:
        assert found.fields and found.reasons
        assert output(without)["category"] == "needs_information"
        for name in found.fields:
            alone = {key: value for key, value in raw.items() if key == name}
            assert output({"disease.site": raw["disease.site"], **alone})["category"] not in BEARS
    if phase == "postop" and (fired := [r for r in found.reasons if r.against]):
        assert found.fields, fired
        statuses = [output(without, phase)["criteria"][reason.criterion] for reason in fired]
        assert "fired" not in statuses


def test_what_stands_beside_the_category_is_not_to_be_ticked() -> None:
    """A boost profile that does not match says nothing of a case whose routes are all outside."""
    raw = base("low_risk_breast", breast__focality="multicentric", breast__bilateral=True)
    found, stored = deciding(raw)
    assert stored["category"] == "outside_published_criteria"
    policy = library().policy
    routes = {name for names in policy.routes.values() for name in names}
    assert {reason.criteria_set for reason in found.reasons} <= routes
    assert "breast.focality" in found.fields


def test_the_urgent_fact_alone_decides() -> None:
    raw = base("low_risk_breast", patient__pregnant=True, breast__grade=3)
    found, _ = deciding(raw)
    assert found.fields == ("patient.pregnant",)
    assert [reason.criterion for reason in found.reasons] == ["CC-06"]


def test_a_value_that_comes_from_another_is_ticked_where_it_was_stated() -> None:
    raw = base("low_risk_breast", breast__eic=..., breast__eic_percent=30)
    found, _ = deciding(raw)
    assert "breast.eic_percent" in found.fields and "breast.eic" not in found.fields


def test_a_criterion_that_is_kept_no_more_is_left_out() -> None:
    stored = output(base("low_risk_breast", patient__pregnant=True))
    stored["criteria"]["GONE-01"] = "not_met"
    assert decides(stored, ["patient.pregnant"], library()).fields == ("patient.pregnant",)
    assert decides({}, ["patient.pregnant"], library()).fields == ()


@pytest.mark.parametrize("category", list(CATEGORY_WORDS))
def test_only_a_fit_agrees_with_asking_hospitals(category: str) -> None:
    fit = category == "consistent_fit"
    assert agrees(category, "suitable_for_outreach") is fit
    assert agrees(category, "not_suitable") is not fit
    assert agrees(category, "needs_data") is True


@pytest.mark.parametrize(
    ("category", "outcome", "same"),
    [
        ("consistent_fit", "suitable_for_outreach", True),
        ("consistent_fit", "not_suitable", False),
        ("outside_published_criteria", "not_suitable", True),
        ("mixed_signals", "suitable_for_outreach", False),
        ("needs_information", "not_suitable", None),
        ("needs_information", "suitable_for_outreach", None),
        ("site_not_covered", "not_suitable", None),
        ("consistent_fit", "needs_data", None),
        (None, "not_suitable", None),
    ],
)
def test_nothing_is_compared_with_a_pre_screen_that_cannot_tell(
    category: str | None, outcome: str, same: bool | None
) -> None:
    assert compared(category, outcome) is same
