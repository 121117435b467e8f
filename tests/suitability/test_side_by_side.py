"""One table of all sources, their disagreements, and what is always shown beside it."""

import json
from datetime import date

import pytest

from suitability import Observation
from suitability.inputs import changed_inputs, exact_age
from suitability.side_by_side import side_by_side
from tests.suitability.cases import base, library, run

LOBULAR = base("low_risk_breast", breast__histology="ilc")


def test_trials_societies_and_the_house_profile_stand_in_one_table() -> None:
    table = side_by_side(run(LOBULAR), library())
    groups = {column.group: column.id for column in table.columns}
    assert set(groups) == {"trial", "society", "boost", "house"}
    assert groups["house"] == "breast_page_lowrisk"
    assert "common_contraindications" not in [column.id for column in table.columns]


def test_disagreement_about_lobular_cancer_is_shown_and_nothing_else_is() -> None:
    table = side_by_side(run(LOBULAR), library())
    assert [row.field for row in table.disagreements] == ["breast.histology"]
    cells = {
        name: [cell.verdict for cell in row] for name, row in table.disagreements[0].cells.items()
    }
    assert "against" in cells["breast_targit_a"]
    assert cells["breast_eliot"] == ["in_favour"]
    assert cells["breast_astro_2017"] == ["caution"]


def test_sources_that_agree_do_not_disagree() -> None:
    assert side_by_side(run(base("low_risk_breast")), library()).disagreements == ()


def test_age_46_divides_trials_and_societies() -> None:
    table = side_by_side(run(base("low_risk_breast", patient__age_years=46)), library())
    assert [row.field for row in table.disagreements] == ["patient.age_years"]


def test_banners_figures_and_alternatives_are_always_there() -> None:
    table = side_by_side(run(base("low_risk_breast")), library())
    shown = {name for name, _ in table.banners}
    assert {"breast_astro_2017", "breast_astro_2023"} <= shown
    figures = {(name, fact) for name, fact, _ in table.figures}
    assert ("breast_targit_a", "ebrt_added") in figures
    assert all(statement.basis for _, _, statement in table.figures)
    assert len(table.alternatives) == 3


def test_techniques_of_the_site_and_the_centres_that_confirm_them() -> None:
    centres = [
        {"name": "North", "techniques": ["ioert", "kv_iort"]},
        {"name": "South", "techniques": ["hdr_iort"]},
    ]
    breast = side_by_side(run(base("low_risk_breast")), library(), centres).techniques
    assert {t.technique: t.centres for t in breast}["kv_iort"] == ("North",)
    assert {t.technique: t.status_2017 for t in breast}["ioert"] == "open"
    stomach = side_by_side(run(base("gastric_la")), library(), centres)
    assert [(t.technique, t.fit) for t in stomach.techniques] == [("ioert", "experimental")]
    assert stomach.columns[0].group == "site"


@pytest.mark.parametrize("name", ["low_risk_breast", "rps", "pancreas_borderline", "gyn_rec"])
def test_the_table_is_plain_data(name: str) -> None:
    table = side_by_side(run(base(name)), library())
    assert table.rows
    json.dumps(table.to_json())


# --- inputs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        (date(1981, 11, 24), date(2026, 11, 24), 45.0),
        (date(1980, 2, 29), date(2026, 3, 1), 46.0),
        (date(1980, 2, 29), date(2028, 2, 29), 48.0),
        (date(2026, 1, 1), date(2026, 1, 1), 0.0),
    ],
)
def test_the_birthday_is_a_whole_number(born: date, on: date, expected: float) -> None:
    assert exact_age(born, on) == expected


def test_the_day_before_the_45th_birthday_is_not_45() -> None:
    age = exact_age(date(1981, 11, 24), date(2026, 11, 23))
    assert 44.99 < age < 45
    raw = base("low_risk_breast", patient__age_years=age)
    assert run(raw).criteria["TA-01"].status == "not_met"


def test_age_grows_every_day_and_never_before_birth() -> None:
    born, days = date(1979, 2, 28), [date(2026, 2, d) for d in range(20, 29)]
    ages = [exact_age(born, day) for day in days]
    assert ages == sorted(set(ages))
    with pytest.raises(ValueError, match="before the birth"):
        exact_age(date(2027, 1, 1), date(2026, 1, 1))


def test_what_changed_is_told_by_field_name_only() -> None:
    before = {
        "breast.er": [Observation("positive", "core_biopsy")],
        "breast.cn": [Observation("cN0")],
        "breast.grade": [Observation(2)],
    }
    er = [Observation("positive", "core_biopsy"), Observation("negative", "lab")]
    after = {
        "breast.er": er,
        "breast.grade": [Observation(2)],
        "breast.her2": [Observation("negative")],
    }
    told = [(change.field, change.kind) for change in changed_inputs(before, after)]
    assert told == [("breast.cn", "removed"), ("breast.er", "changed"), ("breast.her2", "added")]
    assert changed_inputs(before, dict(reversed(before.items()))) == ()
    again = {**before, "breast.grade": [Observation(2), Observation(2, document_id="d2")]}
    assert [(change.field, change.kind) for change in changed_inputs(before, again)] == [
        ("breast.grade", "restated")
    ]


def test_growing_a_day_older_is_no_change_of_inputs() -> None:
    aged = [{"patient.age_years": [Observation(age)]} for age in (61.1, 61.2, 62.0)]
    assert changed_inputs(aged[0], aged[1]) == ()
    assert changed_inputs(aged[1], aged[2])[0].kind == "changed"
