"""The corners of SCHEMA.md, one by one; each reading is explained in docs/suitability.md."""

from typing import Any

import pytest

from tests.suitability.cases import base, output, run, status

BREAST = "low_risk_breast"
POST = "post_breast"


def seen(*pairs: tuple[Any, str | None]) -> list[dict[str, Any]]:
    return [{"value": v} if s is None else {"value": v, "source": s} for v, s in pairs]


# --- what counts as evidence ---------------------------------------------------------------


def test_a_patients_word_does_not_decide_where_a_document_is_required() -> None:
    raw = base(BREAST, breast__er=seen(("positive", "intake_form")))
    assert status(raw, "PG-02") == ["unknown", "self_reported_only"]


def test_a_patients_word_decides_where_the_field_allows_it() -> None:
    raw = base(BREAST, patient__pregnant=seen((True, "intake_form")))
    assert output(raw)["category"] == "urgent_review"


def test_a_patients_word_does_not_contradict_a_document() -> None:
    raw = base(BREAST, breast__er=seen(("negative", "intake_form"), ("positive", "core_biopsy")))
    assert status(raw, "PG-02") == "met"


def test_a_patients_own_percentage_is_not_derived_from() -> None:
    raw = base(BREAST, breast__eic=..., breast__eic_percent=seen((30, "intake_form")))
    assert status(raw, "TA-13") == ["unknown", "self_reported_only"]


def test_nothing_is_derived_for_a_field_that_the_patient_reported() -> None:
    raw = base(BREAST, breast__eic=seen(("absent", "intake_form")), breast__eic_percent=30)
    assert status(raw, "TA-13") == ["unknown", "self_reported_only"]


def test_the_amended_report_replaces_the_final_one_and_both_stay_visible() -> None:
    margins = seen((0.5, "final_pathology"), (3, "amended_report"))
    result = run(base(POST, breast__margin_mm=margins), "postop")
    assert result.criteria["PT-02"].status == "not_fired"
    kept = result.facts.kept("breast.margin_mm")
    assert [item.value for item in kept.displaced] == [0.5]


def test_equal_ranks_are_both_kept() -> None:
    raw = base(BREAST, breast__size_mm=seen((19, "imaging_us"), (24, "imaging_mri")))
    assert status(raw, "TA-04") == "met"
    assert status(raw, "A7-SIZE") == ["unknown", "conflict"]


def test_a_statement_without_a_source_ranks_last() -> None:
    raw = base(BREAST, breast__grade=seen((3, None), (1, "core_biopsy")))
    assert status(raw, "PG-05") == "met"


def test_without_supersede_a_higher_rank_does_not_win() -> None:
    raw = base(BREAST, breast__cn=seen(("cN0", "imaging_us"), ("cN1", "mdt_note")))
    assert status(raw, "EL-04") == ["unknown", "conflict"]
    assert status(raw, "TA-06") == "met"


def test_an_indeterminate_value_yields_to_a_determined_one_of_the_same_rank() -> None:
    raw = base(BREAST, breast__her2=seen(("equivocal", "core_biopsy"), ("negative", "core_biopsy")))
    assert status(raw, "PG-03") == "met"
    raw = base(BREAST, breast__her2=seen(("equivocal", "core_biopsy"), ("positive", "core_biopsy")))
    assert status(raw, "PG-03") == "not_met"


def test_an_indeterminate_value_of_a_higher_rank_yields_to_nothing() -> None:
    raw = base(
        BREAST, breast__her2=seen(("equivocal", "final_pathology"), ("negative", "core_biopsy"))
    )
    assert status(raw, "PG-03") == ["unknown", "indeterminate_result"]


def test_two_determined_values_beside_an_indeterminate_one_still_conflict() -> None:
    raw = base(
        BREAST,
        breast__her2=seen(
            ("equivocal", "core_biopsy"), ("negative", "core_biopsy"), ("positive", "core_biopsy")
        ),
    )
    assert status(raw, "PG-03") == ["unknown", "conflict"]


@pytest.mark.parametrize(
    ("margin", "distance", "said"),
    [
        ("positive", None, "fired"),
        ("positive", 0, "fired"),
        ("positive", 4, ["unknown", "conflict"]),
        ("negative", None, "not_fired"),
        ("negative", 4, "not_fired"),
        ("close", 1, "not_fired"),
        ("close", None, ["unknown", "missing"]),
    ],
)
def test_a_positive_margin_is_a_distance_of_nothing(
    margin: str, distance: int | None, said: object
) -> None:
    raw = base(POST, tumour__margin_status=margin)
    raw.pop("breast.margin_mm")
    if distance is not None:
        raw["breast.margin_mm"] = distance
    assert status(raw, "PT-01", "postop") == said


def test_a_grade_that_is_certainly_not_true_is_not_in_the_range() -> None:
    for size, level in (({"gt": 20}, "cautionary"), ({"gt": 30}, "unsuitable")):
        out = output(base(BREAST, breast__size_mm=size))
        assert out["sets"]["breast_astro_2017"][0] == level
    out = output(base(POST, breast__margin_mm={"lt": 1}), "postop")
    assert out["sets"]["breast_astro_2017"][0] == "cautionary"


def test_an_equivocal_result_is_indeterminate_for_every_operator() -> None:
    raw = base(BREAST, breast__her2="equivocal")
    assert status(raw, "PG-03") == ["unknown", "indeterminate_result"]
    assert status(raw, "A23-HER2") == ["unknown", "indeterminate_result", "missing"]


def test_two_open_values_that_are_open_for_different_reasons_keep_both_reasons() -> None:
    margins = seen(({"lt": 1}, "final_pathology"), ({"lt": 2}, "final_pathology"))
    assert status(base(POST, breast__margin_mm=margins), "PT-01", "postop") == [
        "unknown", "range_straddles_limit",
    ]  # fmt: skip


# --- ranges --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        ({"lt": 1}, "fired"),
        ({"le": 1}, ["unknown", "range_straddles_limit"]),
        ({"lt": 2}, ["unknown", "range_straddles_limit"]),
        ({"ge": 1}, "not_fired"),
        ({"gt": 1}, "not_fired"),
        ({"gt": 0.5, "lt": 1}, "fired"),
        ({"ge": 0.5, "le": 1}, ["unknown", "range_straddles_limit"]),
        ({"ge": 0.999}, ["unknown", "range_straddles_limit"]),
    ],
)
def test_a_range_across_a_limit_cannot_tell(margin: dict[str, float], expected: Any) -> None:
    assert status(base(POST, breast__margin_mm=margin), "PT-02", "postop") == expected


def test_a_range_and_equality() -> None:
    assert status(base(POST, breast__margin_mm={"gt": 0, "lt": 1}), "PT-01", "postop") == (
        "not_fired"
    )
    assert status(base(POST, breast__margin_mm={"ge": 0, "le": 0}), "PT-01", "postop") == "fired"


def test_a_range_and_a_list() -> None:
    assert status(base(BREAST, breast__grade={"gt": 2}), "PG-05") == "not_met"
    assert status(base(BREAST, breast__grade={"ge": 2}), "PG-05") == [
        "unknown", "range_straddles_limit",
    ]  # fmt: skip


def test_node_count_derived_as_a_range_can_decide() -> None:
    raw = base(POST, breast__pn="pN1a", breast__nodes_positive=...)
    assert status(raw, "PT-06", "postop") == "fired"
    assert status(raw, "PT-05", "postop") == "not_fired"


# --- silence -------------------------------------------------------------------------------


def test_pathology_that_cannot_exist_yet_is_not_missing() -> None:
    assert status(base(BREAST), "A7-LVI") == ["unknown", "not_yet_available"]
    assert status(base(POST, breast__lvi=...), "A7-LVI", "postop") == ["unknown", "missing"]


def test_silence_about_eic_before_surgery_is_not_missing() -> None:
    raw = base(BREAST, breast__eic=...)
    assert status(raw, "A7-EIC") == ["unknown", "not_yet_available"]
    assert status(raw, "TA-13") == ["unknown", "missing"]
    assert output(raw)["category"] == "consistent_fit"


def test_a_pathology_rule_is_not_judged_before_surgery_even_when_a_margin_is_stated() -> None:
    raw = base(BREAST, breast__margin_mm=0)
    assert status(raw, "PG-07") == ["unknown", "not_yet_available"]
    assert status(raw, "PG-07", "postop") == "not_met"


def test_what_cannot_be_derived_stays_unknown() -> None:
    raw = base(POST, breast__pn="pN1bc", breast__nodes_positive=...)
    assert status(raw, "PT-05", "postop") == ["unknown", "missing"]
    raw = base(POST, breast__pn="pN1a", breast__extranodal=...)
    assert status(raw, "PT-05", "postop") == ["unknown", "missing"]


def test_two_final_node_stages_conflict_even_where_one_derives_nothing() -> None:
    nodes = seen(("pN0", "final_pathology"), ("pN1a", "final_pathology"))
    raw = base(POST, breast__pn=nodes, breast__extranodal=..., breast__nodes_positive=...)
    assert status(raw, "PT-05", "postop") == ["unknown", "conflict"]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (24.9, "met"),
        (25, "not_met"),
        ({"ge": 25}, "not_met"),
        ({"lt": 25}, "met"),
        ({"ge": 20}, ["unknown", "range_straddles_limit"]),
        (seen((20, "core_biopsy"), (30, "core_biopsy")), ["unknown", "conflict"]),
        (seen((20, "core_biopsy"), (30, "final_pathology")), "not_met"),
    ],
)
def test_eic_follows_from_its_percentage(percent: Any, expected: Any) -> None:
    assert status(base(BREAST, breast__eic=..., breast__eic_percent=percent), "TA-13") == expected


# --- single rules --------------------------------------------------------------------------


def test_what_else_is_accepted_is_kleenes_or() -> None:
    rectum = "rectal_locally_advanced"
    raw = base(rectum, disease__metastasis="M1", disease__oligomet_curative_plan=...)
    assert status(raw, "RP-01") == ["unknown", "missing"]
    assert status({**raw, "disease.oligomet_curative_plan": False}, "RP-01") == "not_met"
    raw = base(rectum, disease__metastasis=..., disease__oligomet_curative_plan=True)
    assert status(raw, "RP-01") == "met"


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (48, "met"),
        (47.99, "not_met"),
        (74.99, "met"),
        (75, ["unknown", "sources_differ"]),
        (75.99, ["unknown", "sources_differ"]),
        (76, "not_met"),
        ({"ge": 74}, ["unknown", "range_straddles_limit"]),
        ({"ge": 75, "lt": 77}, ["unknown", "range_straddles_limit"]),
        (..., ["unknown", "missing"]),
    ],
)
def test_where_the_sources_differ_nothing_is_decided(age: Any, expected: Any) -> None:
    assert status(base(BREAST, patient__age_years=age), "EL-01") == expected


def test_an_unknown_that_does_not_block_leaves_the_gate_open() -> None:
    raw = base(BREAST, breast__brca=..., breast__bilateral=...)
    out = output(raw)
    assert out["criteria"]["TA-12"] == ["unknown", "missing"]
    assert out["sets"]["breast_targit_a"] == "fits"
    assert out["category"] == "consistent_fit"
    assert "breast.brca" in [item["field"] for item in out["missing"]]


def test_a_gate_that_is_outside_still_lists_its_unknowns() -> None:
    out = output(base(BREAST, patient__age_years=30, breast__cn=...))
    assert out["sets"]["breast_targit_a"] == "outside"
    assert out["criteria"]["TA-06"] == ["unknown", "missing"]
    assert "breast.cn" in [item["field"] for item in out["missing"]]


# --- gradings ------------------------------------------------------------------------------


def test_an_unknown_grading_ranges_over_its_own_levels() -> None:
    result = run(base(POST, breast__er=..., patient__age_years=62, breast__neoadjuvant="none",
                      breast__brca="negative"), "postop")  # fmt: skip
    assert result.sets["breast_astro_2017"].to_json() == ["suitable", "cautionary", "incomplete"]


def test_a_floor_holds_the_best_level_down() -> None:
    raw = base(BREAST, breast__focality="multifocal")
    result = run(raw).criteria["GE-FOCAL"]
    assert (result.status, result.best, result.worst) == ("unknown", 1, 2)


def test_before_surgery_positive_nodes_on_imaging_keep_a_grading_from_its_best_level() -> None:
    out = output(base(BREAST, breast__cn="cN1"))
    assert out["criteria"]["A7-NODE"] == ["unknown", "not_yet_available"]
    assert out["sets"]["breast_astro_2017"] == ["cautionary", "unsuitable", "provisional"]
    assert out["category"] == "mixed_signals"
    assert status(base(BREAST, breast__cn="cN1", breast__pn="pN0"), "A7-NODE") == "cautionary"
    assert (
        status(base(BREAST, breast__cn="cN1", breast__pn="pN0"), "A7-NODE", "postop") == "suitable"
    )


def test_a_caution_by_age_alone_is_tolerated_only_alone() -> None:
    age = {"patient__age_years": 46, "breast__margin_mm": 4, "breast__lvi": "absent"}
    nodes = {"breast__pn": "pN0", "breast__microscopic_multifocal": False}
    alone = output(base(BREAST, **age, **nodes), "postop")
    assert alone["sets"]["breast_astro_2017"] == ["cautionary", "cautionary", "final"]
    beside = output(base(BREAST, **age, **nodes, breast__er="negative"), "postop")
    assert beside["criteria"]["A7-AGE"] == "unsuitable"
    open_er = output(base(BREAST, **age, **nodes, breast__er=...), "postop")
    assert open_er["criteria"]["A7-AGE"] == "cautionary"
    assert open_er["sets"]["breast_astro_2017"] == ["cautionary", "unsuitable", "incomplete"]
    early = output(base(BREAST, patient__age_years=46, breast__cn="cN1"))
    assert early["criteria"]["A7-AGE"] == "unsuitable"
    assert early["category"] == "guideline_unsuitable"


def test_microscopic_foci_are_judged_only_when_reported() -> None:
    assert status(base(POST, breast__microscopic_multifocal=...), "A7-MICRO", "postop") == (
        "not_applicable"
    )
    assert status(base(POST, breast__microscopic_multifocal=True), "A7-MICRO", "postop") == [
        "unknown", "missing",
    ]  # fmt: skip


def test_unknown_type_makes_what_depends_on_it_unknown() -> None:
    raw = base(BREAST, breast__histology=...)
    assert status(raw, "A7-SIZE") == ["unknown", "missing"]
    assert status(raw, "GE-DCIS") == ["unknown", "missing"]


def test_certainty() -> None:
    assert output(base(BREAST))["sets"]["breast_astro_2017"][2] == "provisional"
    assert output(base(BREAST, breast__er=...))["sets"]["breast_astro_2017"][2] == "incomplete"
    unsuitable = output(base(BREAST, breast__focality="multicentric", breast__er=...))
    assert unsuitable["sets"]["breast_astro_2017"] == ["unsuitable", "unsuitable", "final"]


def test_technique_rules() -> None:
    assert output(base(BREAST))["technique_2017"] == {
        "ioert": "open", "kv_iort": "open", "ebx": "open",
    }  # fmt: skip
    outside_a_trial = output(base(BREAST, centre__trial_or_registry=False))["technique_2017"]
    assert outside_a_trial == {"ioert": "open", "kv_iort": "not_supported", "ebx": "not_supported"}
    cautionary = output(base(BREAST, breast__size_mm=25))["technique_2017"]
    assert set(cautionary.values()) == {"not_supported"}


def test_techniques_are_told_after_surgery_too() -> None:
    out = output(base(POST, patient__age_years=62, centre__trial_or_registry=True), "postop")
    assert out["routes_open"] == ["ioert", "kv_iort"]
    assert set(out["technique_2017"].values()) == {"open"}
    large = output(base(POST, patient__age_years=62, breast__size_mm=36), "postop")
    assert large["routes_open"] == []
    assert large["technique_2017"]["kv_iort"] == "not_supported"


def test_a_technique_outside_all_its_gates_is_not_supported() -> None:
    bilateral = output(base(BREAST, breast__bilateral=True))
    assert bilateral["routes_open"] == []
    assert bilateral["technique_2017"] == {
        "ioert": "not_supported", "kv_iort": "not_supported", "ebx": "open",
    }  # fmt: skip
