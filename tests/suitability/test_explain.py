"""Explanations, what-if, the re-check and versions."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from suitability import PlaybookError, parse_findings
from suitability.explain import explain
from suitability.loader import library_from_texts, playbook_texts
from suitability.recheck import recheck
from suitability.versions import (
    INDEX_FILE,
    VERSIONS_FOLDER,
    compare,
    find_version,
    load_index,
    unversioned_changes,
)
from suitability.what_if import WhatIf, what_if
from suitability.words import CATEGORY_WORDS, REASON_WORDS, criterion_in_words
from tests.suitability.cases import PLAYBOOKS, base, findings_of, library, run, worked

FORBIDDEN = ("eligible", "approved", "safe ", "safe.", "you can have", "guarantee", "qualify")


def wonder(raw: dict[str, Any]) -> WhatIf:
    return what_if(parse_findings(raw, library()), run(raw), library())


# --- explanations --------------------------------------------------------------------------


def test_an_explanation_leads_to_the_line_of_the_report_and_the_guideline() -> None:
    stated = {
        "value": 36,
        "source": "imaging_us",
        "document_id": "doc-7",
        "page": 2,
        "quote": "lesion measuring 36 mm",
        "date": "2026-11-01",
    }
    result = run(base("low_risk_breast", breast__size_mm=[stated]))
    said = {item.criterion: item for item in explain(result, library())}["TA-04"]
    assert said.rule == "expects that tumour size is 35 mm or less"
    assert said.status_words == "does not match"
    assert said.evidence[0].to_json()["quote"] == "lesion measuring 36 mm"
    assert said.evidence[0].to_json()["page"] == 2
    assert "TARGIT-A" in said.sources[0]
    assert said.basis == "verified"


def test_displaced_and_own_statements_stay_visible() -> None:
    result = run(
        base(
            "low_risk_breast",
            breast__grade=[
                {"value": 3, "source": "core_biopsy"},
                {"value": 2, "source": "central_review"},
                {"value": 1, "source": "intake_form"},
            ],
        )
    )
    said = {item.criterion: item for item in explain(result, library())}["PG-05"]
    roles = [(item.observation.value, item.role.split()[0]) for item in said.evidence]
    assert roles == [(2, "counted"), (3, "displaced"), (1, "patient's")]


def test_a_derived_value_says_what_it_was_derived_from() -> None:
    result = run(base("low_risk_breast", breast__eic=..., breast__eic_percent=30))
    said = {item.criterion: item for item in explain(result, library())}["TA-13"]
    assert "present, derived from" in said.evidence[0].words
    assert "30 %" in said.evidence[0].words


def test_an_unknown_says_why_what_to_ask_and_what_would_change() -> None:
    raw = base("low_risk_breast", breast__her2=...)
    said = {item.criterion: item for item in explain(run(raw), library(), wonder(raw))}["PG-03"]
    assert said.why_unknown == ("not stated in any document",)
    assert "HER2" in said.ask
    assert "if HER2 is negative: consistent_fit" in said.would_change
    assert "if HER2 is positive: mixed_signals" in said.would_change


@pytest.mark.parametrize("case", worked()["vignettes"], ids=lambda case: case["id"])
def test_every_criterion_of_every_worked_case_can_be_explained(case: dict[str, Any]) -> None:
    result = run(findings_of(case), case.get("phase", "preop"))
    explained = explain(result, library())
    assert len(explained) == len(result.criteria)
    for item in explained:
        assert item.rule and item.sources and item.status_words
        assert bool(item.why_unknown) == (item.status == "unknown")
        item.to_json()


def test_the_words_promise_nothing() -> None:
    texts = [*CATEGORY_WORDS.values(), *REASON_WORDS.values()]
    for one in library().sets.values():
        for criterion in one.criteria:
            texts += [criterion_in_words(criterion, library().vocabulary)]
            texts += [criterion.ask, criterion.plain, criterion.action]
        texts += [banner.text for banner in one.banners]
    for text in texts:
        assert not any(word in text.lower() for word in FORBIDDEN), text


# --- what-if -------------------------------------------------------------------------------


def test_the_fewest_missing_facts() -> None:
    assert wonder(base("low_risk_breast", breast__her2=...)).fewest == ("breast.her2",)
    two = wonder(base("low_risk_breast", breast__her2=..., disease__histology_confirmed=...))
    assert set(two.fewest or ()) == {"breast.her2", "disease.histology_confirmed"}
    assert two.leads_to == "consistent_fit"
    assert wonder(base("low_risk_breast")).fewest == ()


def test_a_conflict_is_settled_by_settling_the_fact() -> None:
    raw = base("low_risk_breast", breast__er=["positive", "negative"])
    assert wonder(raw).fewest == ("breast.er",)


def test_what_no_fact_can_settle_is_said_to_be_so() -> None:
    assert wonder(base("low_risk_breast", breast__histology="papillary")).fewest is None


def test_the_site_comes_first() -> None:
    assert wonder({"patient.age_years": 50}).fewest == ("disease.site",)


def test_answers_of_a_number_are_joined_into_ranges() -> None:
    answers = wonder(base("low_risk_breast", patient__age_years=...)).answers
    said = [item.words for item in answers if item.field == "patient.age_years"]
    assert said[0] == "if age is 0 to under 45 years: outside_published_criteria"
    assert "if age is 45 to under 50 years: mixed_signals" in said
    assert any(words.endswith("consistent_fit") for words in said)


def test_what_if_is_for_before_surgery() -> None:
    raw = base("post_breast")
    with pytest.raises(ValueError, match="before surgery"):
        what_if(parse_findings(raw, library()), run(raw, "postop"), library())


# --- the re-check --------------------------------------------------------------------------


def test_awaiting_is_never_clear() -> None:
    decision = recheck(run(base("post_breast", breast__margin_mm=...), "postop"))
    assert decision.outcome == "awaiting_pathology"
    assert not decision.clear and not decision.gate_open
    assert decision.awaited[0].strength == "reoperate"
    assert decision.awaited[0].ask


def test_what_fired_asks_for_a_clinician_the_same_day() -> None:
    decision = recheck(run(base("post_breast", breast__lvi="focal"), "postop"))
    assert [trigger.criterion for trigger in decision.fired] == ["PT-08"]
    assert decision.same_day and not decision.gate_open
    assert decision.fired[0].action


def test_the_strongest_comes_first_and_weaker_outcomes_hide_nothing_awaited() -> None:
    raw = base("post_breast", breast__lvi="focal", breast__margin_mm=0, breast__grade=3)
    assert [t.strength for t in recheck(run(raw, "postop")).fired] == [
        "reoperate",
        "protocol",
        "discuss",
        "discuss",
    ]
    raw = base("post_breast", breast__lvi="focal", breast__margin_mm=...)
    decision = recheck(run(raw, "postop"))
    assert decision.outcome == "discuss"
    assert "PT-01" in [trigger.criterion for trigger in decision.awaited]
    assert not decision.clear


def test_only_a_complete_report_without_a_finding_is_clear() -> None:
    assert recheck(run(base("post_breast"), "postop")).gate_open
    incomplete = recheck(run(base("post_breast", breast__lvi=...), "postop"))
    assert incomplete.outcome == "awaiting_pathology" and not incomplete.gate_open
    open_point = recheck(run(base("post_breast", breast__microscopic_multifocal=...), "postop"))
    assert open_point.outcome == "no_trigger_incomplete" and not open_point.gate_open


def test_a_site_without_a_re_check_is_never_clear() -> None:
    decision = recheck(run(base("rps", disease__site="other"), "postop"))
    assert decision.outcome is None and not decision.clear and decision.same_day


def test_a_pre_operative_result_is_not_re_scored() -> None:
    with pytest.raises(ValueError, match="post-operative"):
        recheck(run(base("low_risk_breast")))


# --- versions ------------------------------------------------------------------------------


def test_the_shipped_texts_are_those_of_the_index() -> None:
    index = load_index((PLAYBOOKS / INDEX_FILE).read_text(encoding="utf-8"))
    assert unversioned_changes(library(), index) == []
    assert set(index) == set(library().sets)


def test_a_changed_rule_without_a_new_version_is_reported() -> None:
    index = load_index((PLAYBOOKS / INDEX_FILE).read_text(encoding="utf-8"))
    texts = playbook_texts(PLAYBOOKS)
    name = "criteria/breast_targit_a.yaml"
    texts[name] = texts[name].replace("value: 35", "value: 34")
    problems = unversioned_changes(library_from_texts(texts), index)
    assert len(problems) == 1 and name in problems[0]
    texts[name] = texts[name].replace("version: 0.2.0", "version: 0.3.0")
    assert unversioned_changes(library_from_texts(texts), index) == []


def test_old_versions_stay_loadable(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, folder)
    current = folder / "criteria" / "breast_targit_a.yaml"
    old_text = current.read_text(encoding="utf-8")
    old = find_version(folder, "breast_targit_a", library().sets["breast_targit_a"].sha256)
    (folder / VERSIONS_FOLDER / "breast_targit_a-0.2.0.yaml").write_text(old_text, encoding="utf-8")
    current.write_text(
        old_text.replace("version: 0.2.0", "version: 0.3.0").replace("value: 35", "value: 30"),
        encoding="utf-8",
    )
    again = find_version(folder, "breast_targit_a", old.sha256)
    assert again.version == "0.2.0" and again.sha256 == old.sha256
    with pytest.raises(PlaybookError, match="no kept version"):
        find_version(folder, "breast_targit_a", "0" * 64)


def test_a_difference_is_said_in_words() -> None:
    texts = playbook_texts(PLAYBOOKS)
    name = "criteria/breast_targit_a.yaml"
    texts[name] = texts[name].replace("value: 35", "value: 30").replace("id: TA-17", "id: TA-99")
    after = library_from_texts(texts)
    difference = compare(
        library().sets["breast_targit_a"], after.sets["breast_targit_a"], library()
    )
    assert difference.removed == ("TA-17",) and difference.added == ("TA-99",)
    key, old, new = difference.changed["TA-04"][0]
    assert (key, "35" in old, "30" in new) == ("rule", True, True)
    assert compare(library().sets["gastric"], library().sets["gastric"], library()).same
