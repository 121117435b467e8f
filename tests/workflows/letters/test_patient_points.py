"""What a patient reads of a signed result: only what their papers match as a whole."""

from datetime import UTC, datetime
from typing import Any

from models import Assessment
from tests.suitability.cases import base, library, run
from workflows.letters.patient_points import matched_points


def assessed(raw: dict[str, Any]) -> Assessment:
    screening = run(raw)
    return Assessment(
        case_id=1,
        phase="preop",
        category=screening.category,
        result=screening.to_json(),
        findings={},
        set_versions={},
        engine_version="2",
        input_hash="-",
        assessed_at=datetime(2026, 11, 29, tzinfo=UTC),
    )


def test_a_fit_lists_the_points_that_match() -> None:
    points = matched_points(assessed(base("low_risk_breast")), library())
    assert "There should be only one tumour." in points


def test_a_man_is_not_told_of_trials_of_women() -> None:
    points = matched_points(assessed(base("low_risk_breast", patient__sex="male")), library())
    assert not [point for point in points if "women" in point.lower()]


def test_one_point_of_a_profile_that_does_not_match_says_nothing() -> None:
    far = assessed(base("low_risk_breast", breast__size_mm=60, breast__histology="ilc"))
    assert all(
        far.result["sets"][name] == "outside" for name in ("breast_targit_a", "breast_eliot")
    )
    plain = {
        criterion.plain
        for name in ("breast_targit_a", "breast_eliot")
        for criterion in library().sets[name].criteria
    }
    kept = {
        criterion.plain
        for one in library().sets.values()
        if far.result["sets"].get(one.id) not in (None, "outside")
        for criterion in one.criteria
    }
    assert not set(matched_points(far, library())) & (plain - kept)


def test_without_a_signed_result_there_is_nothing_to_tell() -> None:
    assert matched_points(None, library()) == []
