"""Settling a finding again: a person only, with a reason; results and signatures follow."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Assessment, FindingRecord, Review
from models.base import require_id
from models.database import transaction
from tests.workflows.acts import to_clinician, to_review
from tests.workflows.playing import Play
from tests.workflows.test_chain import play
from views.findings import DISPLACED, OWN_WORD, REJECTED, UNSETTLED, USED, differences
from workflows.decisions import DecisionRefused
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings.reopened import settle_again

__all__ = ["play"]

CLINICIAN = Actor("clinician", "U-1")


def size_of(world: World) -> FindingRecord:
    with Session(world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == "breast.size_mm")
        row = session.scalars(query.order_by(col(FindingRecord.id))).first()
        assert row is not None
        return row


def beside(world: World, finding: FindingRecord, **given: object) -> int:
    """State the same field once more, as another place would."""
    with transaction(world.engine) as session:
        row = FindingRecord(**{**finding.model_dump(exclude={"id"}), **given})
        session.add(row)
        session.flush()
        return require_id(row.id)


def test_a_rejected_value_makes_a_new_result_and_voids_the_signature(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    size = size_of(play.world)
    settle_again(
        play.world, require_id(size.id), what="reject", actor=CLINICIAN, reason="other_part"
    )
    now = size_of(play.world)
    assert (now.state, now.reason, now.decided_by) == ("rejected", "other_part", "U-1")
    with Session(play.world.engine) as session:
        (review,) = session.scalars(select(Review))
        newest = session.scalars(select(Assessment).order_by(col(Assessment.id).desc())).first()
    assert review.void_at is not None and newest is not None
    assert "breast.size_mm" not in newest.findings["observations"]
    (rejected,) = play.events("extraction.field_rejected")
    assert rejected.payload["reason"] == "other_part" and rejected.actor_type == "clinician"
    assert "review_case" in [task.kind for task in play.tasks()], "the case is signed anew"


def test_a_result_that_waits_for_its_first_signature_follows_its_inputs(play: Play) -> None:
    to_clinician(play)
    finding_id = require_id(size_of(play.world).id)
    settle_again(
        play.world, finding_id, what="correct", value="31", actor=CLINICIAN, reason="misread"
    )
    play.sign("suitable_for_outreach")
    with Session(play.world.engine) as session:
        (review,) = session.scalars(select(Review))
        signed = session.get(Assessment, review.assessment_id)
    assert signed is not None
    assert signed.findings["observations"]["breast.size_mm"][0]["value"] == 31
    assert play.case.state == "SHORTLISTING"


def test_a_result_that_waits_for_a_new_signature_follows_its_inputs(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    finding_id = require_id(size_of(play.world).id)
    for value in ("31", "24"):  # the first voids the signature, the second comes before the next
        settle_again(
            play.world, finding_id, what="correct", value=value, actor=CLINICIAN, reason="misread"
        )
    play.sign("suitable_for_outreach")
    with Session(play.world.engine) as session:
        review = session.scalars(select(Review).order_by(col(Review.id).desc())).first()
        signed = session.get(Assessment, review.assessment_id) if review else None
    assert signed is not None
    assert signed.findings["observations"]["breast.size_mm"][0]["value"] == 24


def test_a_rejected_value_may_count_again(play: Play) -> None:
    to_clinician(play)
    finding_id = require_id(size_of(play.world).id)
    settle_again(play.world, finding_id, what="reject", actor=CLINICIAN, reason="illegible")
    settle_again(play.world, finding_id, what="restore", actor=CLINICIAN, reason="read it again")
    assert size_of(play.world).state == "confirmed"


@pytest.mark.parametrize(
    ("what", "value", "reason", "actor", "says"),
    [
        ("reject", "", " ", CLINICIAN, "Say why"),
        ("reject", "", "no", Actor("analyst", "U-2"), "Only a"),
        ("correct", "", "no", CLINICIAN, "Choose what"),
        ("correct", "12", "no", CLINICIAN, "has already"),
        ("correct", "plenty", "no", CLINICIAN, "breast.size_mm"),
        ("restore", "", "no", CLINICIAN, "Choose what"),
        ("shred", "", "no", CLINICIAN, "Choose what"),
    ],
)
def test_what_may_not_be_done_is_refused_and_changes_nothing(
    play: Play, what: str, value: str, reason: str, actor: Actor, says: str
) -> None:
    to_clinician(play)
    before = size_of(play.world)
    with pytest.raises(DecisionRefused, match=says):
        settle_again(
            play.world, require_id(before.id), what=what, value=value, actor=actor, reason=reason
        )
    assert size_of(play.world) == before


def test_a_value_that_nobody_settled_yet_is_left_to_its_task(play: Play) -> None:
    to_clinician(play)
    waiting = beside(play.world, size_of(play.world), state="proposed", value=13)
    with pytest.raises(DecisionRefused, match="Nobody has settled"):
        settle_again(play.world, waiting, what="reject", actor=CLINICIAN, reason="no")


@pytest.mark.parametrize(
    ("given", "use", "is_open", "why"),
    [
        ({"value": 19}, USED, True, "same rank"),
        ({"value": 19, "source": "imaging_mri"}, DISPLACED, False, "highest-ranked"),
        ({"value": 19, "source": "intake_form"}, OWN_WORD, False, "own statement"),
        ({"value": 19, "state": "proposed"}, UNSETTLED, False, "wait to be settled"),
    ],
)
def test_which_of_differing_values_counts_and_why(
    play: Play, given: dict[str, object], use: str, is_open: bool, why: str
) -> None:
    to_clinician(play)
    other = beside(play.world, size_of(play.world), **given)
    library, today = play.world.playbooks.criteria, play.clock.now().date()
    with Session(play.world.engine) as session:
        (found,) = differences(session, play.case, library, today)
    assert (found.field, found.open) == ("breast.size_mm", is_open)
    uses = {said.finding.id: said.use for said in found.statements}
    assert uses.pop(other) == use and set(uses.values()) == {USED}
    assert why in found.why


def test_a_settled_difference_is_shown_no_more(play: Play) -> None:
    to_clinician(play)
    other = beside(play.world, size_of(play.world), value=19)
    third = beside(play.world, size_of(play.world), value=23)
    settle_again(play.world, other, what="reject", actor=CLINICIAN, reason="superseded")
    library, today = play.world.playbooks.criteria, play.clock.now().date()
    with Session(play.world.engine) as session:
        (found,) = differences(session, play.case, library, today)
        assert {s.use for s in found.statements if s.finding.id == other} == {REJECTED}
    settle_again(play.world, third, what="reject", actor=CLINICIAN, reason="superseded")
    with Session(play.world.engine) as session:
        assert differences(session, play.case, library, today) == []


def finding(world: World, field: str) -> FindingRecord:
    with Session(world.engine) as session:
        query = select(FindingRecord).where(
            col(FindingRecord.field) == field, col(FindingRecord.proposed_value).is_not(None)
        )
        return session.scalars(query.order_by(col(FindingRecord.id))).one()


def test_a_corrected_er_leaves_no_share_of_cells_confirmed(play: Play) -> None:
    """Who finds that ER is negative has not said that 95 % of the cells are right."""
    to_clinician(play)
    assert finding(play.world, "breast.er_percent").state == "confirmed"
    er = finding(play.world, "breast.er")
    settle_again(
        play.world,
        require_id(er.id),
        what="correct",
        actor=CLINICIAN,
        reason="misread",
        value="negative",
    )
    share = finding(play.world, "breast.er_percent")
    assert (share.state, share.decided_by) == ("proposed", None)
    assert finding(play.world, "breast.pr_percent").state == "confirmed"
    (task,) = [one for one in play.tasks() if one.kind == "review_findings"]
    assert task.objects["document_id"] == share.document_id


def test_what_was_settled_before_falls_back_when_its_companion_is_corrected(play: Play) -> None:
    to_review(play)
    play.answer("review_findings", "settle", confirmed="breast.er_percent")
    assert finding(play.world, "breast.er_percent").state == "confirmed"
    play.answer("review_findings", "settle", **{"breast.er": "negative"})
    assert finding(play.world, "breast.er").state == "corrected"
    assert finding(play.world, "breast.er_percent").state == "proposed"
    play.confirm()
    assert "review_findings" not in [task.kind for task in play.tasks()]


def test_who_settles_both_at_once_is_asked_nothing_more(play: Play) -> None:
    to_review(play)
    given = {"breast.er": "negative", "breast.er_percent": "0"}
    play.confirm(**given)
    assert "review_findings" not in [task.kind for task in play.tasks()]


def test_an_old_page_confirms_nothing_that_it_did_not_show(play: Play) -> None:
    """The document was read again: its values are new, and nobody has seen them."""
    to_review(play)
    with Session(play.world.engine) as session:
        open_ones = select(col(FindingRecord.id)).where(col(FindingRecord.state) == "proposed")
        ids = [str(one) for one in session.scalars(open_ones)]
    for answer in ("confirm", "reject"):
        with pytest.raises(DecisionRefused, match="read again since you opened this page"):
            play.answer("review_findings", answer, "old page", shown=",".join(ids[:-1]))
    assert not play.events("extraction.field_confirmed")
    with pytest.raises(DecisionRefused, match="Open the page anew"):
        play.answer("review_findings", "settle", **{"breast.er#0": "negative"})
    play.confirm(shown=",".join(ids))
