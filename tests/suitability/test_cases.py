"""What becomes of a case: triggers after surgery, and the category before it."""

from typing import Any

from tests.suitability.cases import base, output

BREAST = "low_risk_breast"
POST = "post_breast"


def seen(*pairs: tuple[Any, str | None]) -> list[dict[str, Any]]:
    return [{"value": v} if s is None else {"value": v, "source": s} for v, s in pairs]


# --- triggers ------------------------------------------------------------------------------


def test_nothing_fired_but_margins_missing_is_awaiting() -> None:
    out = output(base(POST, breast__margin_mm=...), "postop")
    assert out["sets"]["breast_postop_recheck"] == "awaiting_pathology"


def test_only_points_for_discussion_open_is_incomplete() -> None:
    out = output(base(POST, breast__microscopic_multifocal=...), "postop")
    assert out["sets"]["breast_postop_recheck"] == "no_trigger_incomplete"


def test_the_strongest_fired_counts_even_while_others_are_open() -> None:
    out = output(base(POST, breast__lvi="focal", breast__margin_mm=...), "postop")
    assert out["sets"]["breast_postop_recheck"] == "discuss"


def test_spread_found_at_operation_is_the_strongest_below_the_waist() -> None:
    raw = base("rectal_locally_advanced", disease__metastasis="M1", surgery__resection_actual="R1")
    assert output(raw, "postop")["sets"] == {"abdominopelvic_postop_recheck": "urgent"}


# --- the case ------------------------------------------------------------------------------


def test_after_surgery_gates_are_not_run_again() -> None:
    out = output(base(POST), "postop")
    assert set(out["sets"]) == {
        "breast_astro_2017", "breast_astro_2023", "breast_gec_estro_2010", "breast_postop_recheck",
    }  # fmt: skip
    assert out["category"] is None
    assert out["tags"] == []


def test_before_surgery_no_trigger_is_judged() -> None:
    assert not any(name.startswith(("PT-", "AP-")) for name in output(base(BREAST))["criteria"])


def test_pregnancy_comes_first_at_every_site_even_one_without_criteria() -> None:
    for raw in (base("rps", patient__pregnant=True),
                base("rps", patient__pregnant=True, disease__site="other")):  # fmt: skip
        assert output(raw)["category"] == "urgent_review"


def test_an_unknown_site_asks_for_it() -> None:
    raw = base(BREAST, disease__site=...)
    out = output(raw)
    assert out["category"] == "needs_information"
    assert out["missing"][0]["field"] == "disease.site"
    assert set(out["sets"]) == {"common_contraindications"}
    differ = base(BREAST, disease__site=seen(("breast", "mdt_note"), ("stomach", "mdt_note")))
    assert output(differ)["category"] == "needs_information"


def test_missing_histology_holds_back_a_case_that_would_fit() -> None:
    raw = base("rps", disease__histology_confirmed=...)
    out = output(raw)
    assert out["sets"]["retroperitoneal_sarcoma"] == "fits"
    assert out["category"] == "needs_information"


def test_unknowns_do_not_rescue_a_site_whose_sets_are_outside() -> None:
    raw = base("rps", rps__histology="gist", disease__histology_confirmed=...)
    assert output(raw)["category"] == "outside_published_criteria"


def test_with_two_sets_the_best_one_decides() -> None:
    raw = base("pancreas_borderline", panc__resectability="locally_advanced", panc__histology=...)
    out = output(raw)
    assert out["sets"]["pancreas_borderline_resected"] == "outside"
    assert out["category"] == "needs_information"


def test_a_ceiling_does_not_lift_what_is_outside() -> None:
    assert output(base("gastric_la", gast__mdt_agrees=False))["category"] == (
        "outside_published_criteria"
    )


def test_alternatives_stand_beside_every_breast_result() -> None:
    assert len(output(base(BREAST))["alternatives"]) == 3
    assert len(output(base(POST), "postop")["alternatives"]) == 3
    assert output(base("rps"))["alternatives"] == []


def test_what_cannot_exist_yet_is_not_asked_for() -> None:
    asked = {item["field"] for item in output(base(BREAST))["missing"]}
    assert not asked & {"breast.margin_mm", "breast.lvi", "breast.pn"}


def test_every_question_is_a_question() -> None:
    out = output({"disease.site": "breast"})
    assert out["missing"]
    assert all(len(item["ask"]) > 5 and item["criteria"] for item in out["missing"])
