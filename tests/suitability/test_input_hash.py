"""What makes a result another result: its input's hash, and the versions it names."""

from suitability import Observation, screen
from tests.suitability.cases import base, library, run

BREAST = "low_risk_breast"


def test_the_input_hash_follows_every_statement() -> None:
    findings = {"disease.site": [Observation("breast", "clinic_letter")]}
    first = screen(findings, phase="preop", library=library())
    again = screen(dict(findings), phase="preop", library=library())
    other = screen(
        {"disease.site": [Observation("breast", "mdt_note")]}, phase="preop", library=library()
    )
    after = screen(findings, phase="postop", library=library())
    assert first.input_hash == again.input_hash
    assert len({first.input_hash, other.input_hash, after.input_hash}) == 3


def test_a_day_older_voids_no_signature_and_a_birthday_does() -> None:
    def hashed(age: float) -> str:
        return run(base(BREAST, patient__age_years=age)).input_hash

    assert hashed(61.2) == hashed(61.9)
    assert hashed(61.9) != hashed(62)


def test_every_limit_on_the_age_is_a_whole_year() -> None:
    points = [
        point
        for one in library().sets.values()
        for criterion in one.criteria
        for predicate in criterion.predicates()
        for leaf in predicate.leaves()
        if leaf.field == "patient.age_years" and leaf.limits is not None
        for point in leaf.limits.bounds().values()
    ]
    assert points and all(float(point).is_integer() for point in points)


def test_a_result_names_the_version_of_every_set_it_used() -> None:
    result = run(base(BREAST))
    assert set(result.set_versions) == set(result.sets)
    assert all(len(version["sha256"]) == 64 for version in result.set_versions.values())
