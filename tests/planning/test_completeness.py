"""Is a file ready for a clinician, and what is said when it is not."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from correspondence.replies.english import ITEMS
from planning.completeness import CompletenessResult, DocumentFact, completeness, load_completeness
from playbook_reader import PlaybookError

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
FILE = PLAYBOOKS / "completeness.yaml"
PLAYBOOK = load_completeness(FILE)
TODAY = date(2026, 11, 23)
BREAST_FIELDS = frozenset(
    {"breast.er", "breast.her2", "breast.cn", "breast.size_mm", "patient.ecog", "surgery.status"}
)
BREAST_LABELS = ("pathology_biopsy", "imaging_mammogram", "imaging_us", "prescription")


def documents(*labels: str, days_old: int = 10) -> list[DocumentFact]:
    return [DocumentFact(label, TODAY - timedelta(days=days_old)) for label in labels]


def check(site: str = "breast", **given: object) -> CompletenessResult:
    whole: dict[str, object] = {
        "documents": documents(*BREAST_LABELS),
        "fields": BREAST_FIELDS,
        "on": TODAY,
    }
    return completeness(PLAYBOOK, site, **{**whole, **given})  # type: ignore[arg-type]


def missing(result: CompletenessResult) -> dict[str, str]:
    return {item.code: item.state for item in result.missing}


def test_a_whole_file_passes_and_names_what_would_still_be_welcome() -> None:
    result = check()
    assert result.passed
    assert result.missing == ()
    assert {item.code for item in result.wanted} >= {"imaging_mri", "dicom", "labs"}


def test_a_report_without_her2_names_her2_and_how_to_get_it() -> None:
    result = check(fields=BREAST_FIELDS - {"breast.her2"})
    (item,) = result.missing
    assert (item.code, item.fields) == ("receptors", ("breast.her2",))
    assert "HER2" in item.plain
    assert "laboratory" in item.how
    assert not result.passed


def test_an_empty_file_names_every_required_item() -> None:
    result = check(documents=[], fields=frozenset())
    required = {line.item for line in PLAYBOOK.profiles["breast"] if line.need == "required"}
    assert set(missing(result)) == required
    assert "passport_copy" not in required


@pytest.mark.parametrize(("days", "state"), [(56, None), (57, "out_of_date")])
def test_imaging_grows_old(days: int, state: str | None) -> None:
    old = documents("imaging_mammogram", days_old=days)
    fresh = documents("pathology_biopsy", "imaging_us", "prescription")
    assert missing(check(documents=[*old, *fresh])).get("imaging_mammogram") == state


def test_a_newer_report_beside_an_old_one_is_enough() -> None:
    both = [*documents(*BREAST_LABELS), *documents("imaging_us", days_old=400)]
    assert check(documents=both).passed
    assert check(documents=both[::-1]).passed


def test_a_report_without_a_date_is_not_called_too_old() -> None:
    undated = [DocumentFact(label) for label in BREAST_LABELS]
    assert check(documents=undated).passed


def test_an_unreadable_page_is_something_else_than_a_missing_one() -> None:
    broken = [DocumentFact("imaging_us", TODAY, readable=False)]
    fresh = documents("pathology_biopsy", "imaging_mammogram", "prescription")
    assert missing(check(documents=[*broken, *fresh])) == {"imaging_us": "unreadable"}


def test_what_was_operated_or_irradiated_before_asks_for_its_record() -> None:
    result = check(flags=frozenset({"operated", "irradiated", "treated"}))
    assert set(missing(result)) == {"operation_note", "radiotherapy_record", "systemic_history"}


def test_the_pelvis_always_asks_for_earlier_radiation() -> None:
    assert "radiotherapy_record" in missing(check("pelvic_recurrence"))


def test_not_done_is_an_answer_and_two_signatures_waive() -> None:
    short = frozenset(BREAST_FIELDS - {"breast.cn"})
    assert not check(fields=short).passed
    answered = check(fields=short, not_done=frozenset({"nodal_status"}))
    assert answered.passed
    assert answered.not_done == ("nodal_status",)
    assert check(fields=short, waived=frozenset({"nodal_status"})).passed


def test_an_unknown_flag_or_site_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown flags"):
        check(flags=frozenset({"tattooed"}))
    with pytest.raises(KeyError):
        check("prostate")


def test_every_site_has_a_profile_and_every_item_plain_words() -> None:
    assert set(PLAYBOOK.profiles) == {
        "breast",
        "pancreas",
        "rectum_primary",
        "pelvic_recurrence",
        "gyn_recurrence",
        "stomach",
        "retroperitoneum",
    }
    assert all(item.plain and item.why and item.how for item in PLAYBOOK.items.values())


def test_whatever_a_hospital_asks_for_can_be_said_to_a_family() -> None:
    assert set(ITEMS) <= set(PLAYBOOK.items)


def test_the_findings_that_satisfy_an_item_are_in_the_vocabulary() -> None:
    vocabulary = (PLAYBOOKS / "vocabularies" / "findings.yaml").read_text()
    known = set(re.findall(r"^  ([a-z]+\.[a-z0-9_]+):", vocabulary, re.MULTILINE))
    named = {name for item in PLAYBOOK.items.values() for name in item.fields}
    named |= {n for p in PLAYBOOK.profiles.values() for line in p for n in line.fields or ()}
    assert named <= known


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{item: receptors, need: required}", "{item: receptor, need: required}", "unknown item"),
        ("{item: receptors, need: required}", "{item: path_core, need: required}", "stands twice"),
        ("{item: receptors, need: required}", "{item: slides, need: required}", "can ever satisfy"),
        ("{item: receptors, need: required}", "{item: receptors, need: required_if}", "belong"),
        ("{item: receptors, need: required}",
         "{item: receptors, need: required_if, flag: tattooed}", "unknown flag"),
        ("{item: receptors, need: required}", "{item: receptors, need: maybe}", "Input should be"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_playbook_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = FILE.read_text()
    assert old in text
    (tmp_path / "completeness.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(PlaybookError, match=reason) as error:
        load_completeness(tmp_path / "completeness.yaml")
    assert error.value.line
