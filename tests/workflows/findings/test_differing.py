"""Documents that differ on what decides wait for a person's pick, which has a reason."""

import random
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import FindingRecord
from models.base import require_id
from models.database import transaction
from tests.workflows.acts import SIGNED, to_outreach, to_review
from tests.workflows.playing import Play
from tests.workflows.test_chain import play
from workflows.decisions import DecisionRefused
from workflows.documents.differing import differing
from workflows.engine.deciding import NotStated
from workflows.events import Actor
from workflows.findings.decisions import REJECTION_REASONS
from workflows.findings.reopened import settle_again

__all__ = ["play"]
COORDINATOR = Actor("coordinator", "c1")


def stated(play: Play, field: str) -> list[FindingRecord]:
    with Session(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == field)
        return list(session.scalars(query.order_by(col(FindingRecord.id))))


def beside(play: Play, field: str, **other: Any) -> int:
    """Let another document, confirmed before, state the field too."""
    with transaction(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == field)
        first = session.scalars(query).first()
        kept = (
            first.model_dump(exclude={"id"})
            if first
            else {
                "case_id": play.case_id,
                "field": field,
                "source": "core_biopsy",
                "extractor_version": "1",
                "confidence": 1.0,
            }
        )
        row = FindingRecord(**{**kept, "state": "confirmed", **other})
        session.add(row)
        session.flush()
        return require_id(row.id)


def reviewed(play: Play) -> None:
    """Bring the case to the review of what was read, consent and the file complete."""
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)


def complete(play: Play) -> None:
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def waiting(play: Play, **other: Any) -> int:
    """Return the finding that another document states of the grade; the case waits for a pick."""
    reviewed(play)
    first = stated(play, "breast.grade")[0]
    given = {"value": 3 if first.value != 3 else 1, "source": "core_biopsy", **other}
    second = beside(play, "breast.grade", **given)
    play.confirm()
    complete(play)
    return second


def test_two_grades_keep_the_review_open_until_a_person_picks_one(play: Play) -> None:
    second = waiting(play)
    assert play.case.state == "EXTRACTION_REVIEW" and play.events("extraction.verified") == []
    assert kinds(play).count("settle_differences") == 1
    (found,) = play.events("extraction.differences_found")
    assert found.payload == {"fields": ["breast.grade"]}
    play.pick("superseded", **{"breast.grade": str(stated(play, "breast.grade")[0].id)})
    assert play.case.state == "CLINICIAN_REVIEW" and len(play.events("extraction.verified")) == 1
    kept, rejected = stated(play, "breast.grade")
    assert (kept.state, rejected.state, rejected.reason) == ("confirmed", "rejected", "superseded")
    (settled,) = play.events("extraction.difference_settled")
    assert settled.payload == {
        "field": "breast.grade", "finding_id": kept.id, "rejected": 1, "reason": "superseded",
    }  # fmt: skip
    assert rejected.id == second


def test_the_higher_rank_does_not_win_by_itself(play: Play) -> None:
    waiting(play, source="final_pathology", specimen="B")
    assert play.case.state == "EXTRACTION_REVIEW" and "settle_differences" in kinds(play)


def test_a_left_that_is_a_right_holds_the_review(play: Play) -> None:
    reviewed(play)
    assert stated(play, "tumour.laterality")[0].value == "right"
    beside(play, "tumour.laterality", value="left")
    play.confirm()
    complete(play)
    assert play.case.state == "EXTRACTION_REVIEW" and "settle_differences" in kinds(play)


def test_an_indeterminate_value_yields_and_one_of_a_higher_rank_does_not(play: Play) -> None:
    to_review(play)
    (first,) = stated(play, "breast.her2")
    library, today = play.world.playbooks.criteria, play.clock.now().date()
    second = beside(play, "breast.her2", value="equivocal", source=first.source)
    with transaction(play.world.engine) as session:
        session.get_one(FindingRecord, first.id).state = "confirmed"
        assert differing(session, play.case, library, today) == {}
        session.get_one(FindingRecord, second).source = "amended_report"
        session.flush()
        assert list(differing(session, play.case, library, today)) == ["breast.her2"]


def test_a_positive_margin_beside_a_distance_waits_for_a_pick(play: Play) -> None:
    reviewed(play)
    beside(play, "breast.margin_mm", value=4, source="final_pathology")
    margin = beside(play, "tumour.margin_status", value="positive", source="final_pathology")
    play.confirm()
    complete(play)
    assert "settle_differences" in kinds(play)
    distance = stated(play, "breast.margin_mm")[-1].id
    play.pick("illegible", **{"breast.margin_mm": str(distance)})
    assert next(row for row in stated(play, "tumour.margin_status") if row.id == margin).state == (
        "rejected"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Pick which statement holds"),
        ({"breast.grade": "1"}, "Choose why the other statements"),
        ({"breast.grade": "0", "why:breast.grade": "superseded"}, "is not one of them"),
        ({"breast.grade": "none", "why:breast.grade": "because"}, "Choose why the other"),
        ({"why:breast.grade": "superseded"}, "Pick which statement"),
        ({"breast.er": "1", "why:breast.er": "superseded"}, "do not differ on breast.er"),
        ({"breast.grade": " ", "why:breast.grade": " "}, "Pick which statement holds"),
    ],
)
def test_a_blank_or_a_wrong_pick_is_refused_and_writes_nothing(
    play: Play, given: Mapping[str, str], words: str
) -> None:
    waiting(play)
    before = len(play.events())
    with pytest.raises(DecisionRefused, match=words) as refused:
        play.answer("settle_differences", "pick", **given)
    assert "value" not in str(refused.value) and len(play.events()) == before
    assert {row.state for row in stated(play, "breast.grade")} == {"confirmed"}


def test_a_part_is_picked_and_the_rest_waits(play: Play) -> None:
    reviewed(play)
    beside(play, "breast.grade", value=3, source="core_biopsy")
    beside(play, "breast.er", value="negative", source="core_biopsy")
    play.confirm()
    complete(play)
    first = str(stated(play, "breast.er")[0].id)
    play.answer("settle_differences", "pick", **{"breast.er": first, "why:breast.er": "other_part"})
    assert "settle_differences" in kinds(play) and play.case.state == "EXTRACTION_REVIEW"
    with pytest.raises(DecisionRefused, match="somebody settled it"):
        play.answer(
            "settle_differences", "pick", **{"breast.er": first, "why:breast.er": "other_part"}
        )
    play.pick()
    assert play.case.state == "CLINICIAN_REVIEW" and "settle_differences" not in kinds(play)


def test_none_of_them_leaves_the_field_not_stated(play: Play) -> None:
    waiting(play)
    play.pick("illegible", **{"breast.grade": "none"})
    assert {row.state for row in stated(play, "breast.grade")} == {"rejected"}
    assert play.case.state == "CLINICIAN_REVIEW"
    (settled,) = play.events("extraction.difference_settled")
    assert settled.payload["finding_id"] is None


def test_settled_among_the_documents_the_task_ends_and_the_case_goes_on(play: Play) -> None:
    second = waiting(play)
    settle_again(play.world, second, what="reject", actor=COORDINATOR, reason="superseded")
    play.run()
    assert "settle_differences" not in kinds(play) and play.case.state == "CLINICIAN_REVIEW"
    assert len(play.events("extraction.differences_ended")) == 1


def test_a_difference_after_the_signature_keeps_the_case_from_hospitals(play: Play) -> None:
    to_outreach(play)
    first = stated(play, "breast.grade")[0]
    second = beside(play, "breast.grade", value=first.value)
    settle_again(play.world, second, what="correct", value="1" if first.value != 1 else "3",
                 actor=COORDINATOR, reason="misread")  # fmt: skip
    play.run()
    assert {"review_case", "settle_differences"} <= set(kinds(play))
    with pytest.raises(DecisionRefused, match="while documents differ on: "):
        play.sign("suitable_for_outreach")
    play.pick("stated_better", **{"breast.grade": str(first.id)})
    assert "settle_differences" not in kinds(play)
    play.sign("suitable_for_outreach")


def test_no_common_button_confirms_what_decides_or_is_unsure(play: Play) -> None:
    to_review(play)
    with transaction(play.world.engine) as session:
        row = session.scalars(
            select(FindingRecord).where(col(FindingRecord.field) == "tumour.grade_system")
        ).first()
        if row is not None:
            row.confidence = 0.5
    looked = play.looked_at()["confirmed"].split(",")
    assert any(name.startswith("breast.er#") for name in looked)
    rows = {f"{row.field}#{row.id}": row for row in all_findings(play)}
    with pytest.raises(NotStated) as refused:
        play.answer("review_findings", "confirm")
    assert all(name in str(refused.value) and name in refused.value.option for name in looked)
    rest = ",".join(looked[1:])
    with pytest.raises(NotStated) as refused:
        play.answer("review_findings", "confirm", confirmed=rest)
    assert looked[0] in str(refused.value) and looked[-1] not in str(refused.value)
    assert {row.state for row in all_findings(play)} == {"proposed"}
    play.answer("review_findings", "confirm", confirmed=",".join(looked))
    assert {row.state for row in all_findings(play)} == {"confirmed"}
    assert len(rows) > len(looked), "what decides nothing needs no tick of its own"


def test_a_bare_field_names_statements_that_agree_and_no_others(play: Play) -> None:
    to_review(play)
    (grade,) = stated(play, "breast.grade")
    twin = beside(play, "breast.grade", state="proposed")
    looked = play.looked_at()["confirmed"].split(",")
    bare = ",".join(sorted({name.split("#")[0] for name in looked}))
    with transaction(play.world.engine) as session:
        session.get_one(FindingRecord, twin).value = 1 if grade.value != 1 else 3
    with pytest.raises(DecisionRefused, match="more than once, not alike"):
        play.answer("review_findings", "confirm", confirmed=bare)
    with transaction(play.world.engine) as session:
        session.get_one(FindingRecord, twin).value = grade.value
    play.answer("review_findings", "confirm", confirmed=bare)
    assert {row.state for row in stated(play, "breast.grade")} == {"confirmed"}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_picked_one_value_is_left_and_the_case_goes_on(play: Play, seed: int) -> None:
    chance = random.Random(seed + 1229)
    reviewed(play)
    fields = chance.sample(["breast.grade", "breast.er", "breast.her2"], chance.randint(1, 3))
    values: dict[str, list[int | str]] = {
        "breast.grade": [1, 2, 3], "breast.er": ["positive", "negative"],
        "breast.her2": ["positive", "negative"],
    }  # fmt: skip
    for name in fields:
        for _ in range(chance.randint(1, 3)):
            source = chance.choice(["core_biopsy", "final_pathology", "clinic_letter"])
            beside(play, name, value=chance.choice(values[name]), source=source)
    play.confirm()
    complete(play)
    while "settle_differences" in kinds(play):
        with Session(play.world.engine) as session:
            found = differing(
                session, play.case, play.world.playbooks.criteria, play.clock.now().date()
            )
            name = chance.choice(sorted(found))
            pick = str(chance.choice(found[name])[0].id)
        why = chance.choice(sorted(REJECTION_REASONS))
        play.answer("settle_differences", "pick", **{name: pick, f"why:{name}": why})
    for name in fields:
        accepted = [row.value for row in stated(play, name) if row.state == "confirmed"]
        assert accepted and all(value == accepted[0] for value in accepted)
    assert play.case.state == "CLINICIAN_REVIEW"


def all_findings(play: Play) -> list[FindingRecord]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(FindingRecord).order_by(col(FindingRecord.id))))
