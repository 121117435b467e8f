"""Pauses and endings that were not the end: a hold that stays, a call that reached nobody, a death
that was reported in error.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, FindingRecord, Patient, StepRun
from tests.workflows.acts import to_clinician, to_outreach
from tests.workflows.playing import Play
from views.portal_papers import own_papers
from web.home_words import PAPER
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused, decide
from workflows.engine.case_facts import IN_PROCESSING
from workflows.events import Actor
from workflows.letters.archived import read_kept

REPORTER = Actor("lead", "l1")
LEAD = Actor("lead", "l2")


def waits(play: Play) -> Counter[tuple[str, str, str]]:
    """What is queued or paused for the case: name, state, what it is about."""
    with Session(play.world.engine) as session:
        rows = session.scalars(
            select(StepRun).where(
                col(StepRun.case_id) == play.case_id, col(StepRun.state).in_(("queued", "paused"))
            )
        )
        return Counter((row.name, row.state, str(sorted(row.objects.items()))) for row in rows)


def due(play: Play, name: str) -> Any:
    with Session(play.world.engine) as session:
        return session.scalars(
            select(col(StepRun.due_at))
            .where(
                col(StepRun.case_id) == play.case_id,
                col(StepRun.name) == name,
                col(StepRun.state).in_(("queued", "paused")),
            )
            .order_by(col(StepRun.due_at))
        ).first()


def asked(play: Play) -> Counter[str]:
    return Counter(task.kind for task in play.tasks())


def answer_as(play: Play, kind: str, answer: str, actor: Actor,
              values: Mapping[str, str] | None = None) -> None:  # fmt: skip
    task = next(task for task in play.tasks() if task.kind == kind)
    decide(play.world, task.id or 0, answer=answer, actor=actor, reason="why", values=values)
    play.run()


def died(play: Play) -> None:
    play.clock.move(timedelta(seconds=1))
    report_fact(play.world, play.case.ref, "patient.deceased", REPORTER)
    play.run()


def test_the_report_of_a_death_is_taken_back_by_another_lead_alone(play: Play) -> None:
    to_clinician(play)
    died(play)
    with pytest.raises(DecisionRefused, match="Only a lead"):
        answer_as(play, "finish_bereavement", "retracted", Actor("coordinator", "c1"))
    with pytest.raises(DecisionRefused, match="Only a lead"):
        answer_as(play, "finish_bereavement", "retracted", Actor("administrator", "a1"))
    with pytest.raises(DecisionRefused, match="another lead"):
        answer_as(play, "finish_bereavement", "retracted", REPORTER)
    assert play.case.state == "BEREAVEMENT_WRAPUP"
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert play.case.state == "CLINICIAN_REVIEW"
    with Session(play.world.engine) as session:
        assert session.scalars(select(col(Patient.deceased_at))).all() == [None]
    assert asked(play)["call_after_error"] == 1


def test_all_that_had_stopped_goes_on_once_the_report_is_taken_back(play: Play) -> None:
    to_outreach(play, "H01,H02")
    before, questions = waits(play), asked(play)
    chased = due(play, "outreach.chase_hospital")
    assert chased is not None and sum(before.values()) >= 3
    died(play)
    assert not play.messages(state="queued")
    play.clock.move(timedelta(hours=5))
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert play.case.state == "OUTREACH"
    ours = {"call_after_error"}
    assert Counter({k: n for k, n in asked(play).items() if k not in ours}) == questions
    left = Counter({k: n for k, n in waits(play).items() if k[0] != "reminders.escalate_task"})
    assert left == Counter({k: n for k, n in before.items() if k[0] != "reminders.escalate_task"})
    assert due(play, "outreach.chase_hospital") == chased + timedelta(hours=5)
    play.move(5)
    assert play.messages(template="M11"), "the hospitals are chased as before"


def test_a_letter_that_waited_for_approval_waits_again(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted",
                hospitals="H01", signed_by="patient", method="esign")  # fmt: skip
    play.answer("approve_shortlist", "approve", hospitals="H01")
    assert [m.state for m in play.messages(template="M10")] == ["draft"]
    died(play)
    assert [m.state for m in play.messages(template="M10")] == ["cancelled"]
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert [m.state for m in play.messages(template="M10")] == ["draft"]
    play.answer("approve_message", "approve")
    assert [m.state for m in play.messages(template="M10")] == ["sent"]


def test_a_case_that_was_on_hold_is_on_hold_again(play: Play) -> None:
    to_outreach(play)
    chased = due(play, "outreach.chase_hospital")
    report_fact(play.world, play.case.ref, "case.put_on_hold", LEAD, {"reason": "family"})
    before = waits(play)
    play.clock.move(timedelta(hours=2))
    died(play)
    play.clock.move(timedelta(hours=3))
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert play.case.state == "ON_HOLD" and play.case.on_hold
    assert waits(play).items() >= before.items()
    play.clock.move(timedelta(hours=1))
    answer_as(play, "resume_case", "resume", LEAD)
    assert play.case.state == "OUTREACH"
    assert due(play, "outreach.chase_hospital") == chased + timedelta(hours=6, seconds=1)


def test_who_leaves_a_case_on_hold_is_asked_again(play: Play) -> None:
    to_clinician(play)
    report_fact(play.world, play.case.ref, "case.put_on_hold", LEAD, {"reason": "family"})
    play.run()
    now = play.clock.now()
    answer_as(play, "resume_case", "stay", LEAD)
    (task,) = [task for task in play.tasks() if task.kind == "resume_case"]
    assert task.due_at == now + timedelta(days=14)
    with pytest.raises(DecisionRefused, match="lie ahead"):
        answer_as(play, "resume_case", "stay", LEAD, {"resume_by": now.date().isoformat()})
    day = (now + timedelta(days=40)).date()
    answer_as(play, "resume_case", "stay", LEAD, {"resume_by": day.isoformat()})
    (task,) = [task for task in play.tasks() if task.kind == "resume_case"]
    assert task.due_at.date() == day


def test_a_family_that_was_not_reached_is_called_again(play: Play) -> None:
    to_clinician(play)
    play.sign("not_suitable")
    (task,) = [task for task in play.tasks() if task.kind == "call_family"]
    for _ in range(3):
        answer_as(play, "call_family", "not_reached", LEAD)
        (again,) = [task for task in play.tasks() if task.kind == "call_family"]
        assert again.objects == task.objects and again.detail == task.detail
        assert again.due_at == play.clock.now() + timedelta(hours=4)
    play.answer("call_family", "called")
    assert play.messages(template="M08")


def test_a_reopened_inquiry_is_read_again(play: Play) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "out_of_scope", "why")
    assert play.case.state == "CLOSED_OUT_OF_SCOPE" and not asked(play)["triage_inquiry"]
    report_fact(play.world, play.case.ref, "case.reopened", LEAD, {"reason": "patient_asked"})
    play.run()
    assert play.case.state == "INQUIRY"
    assert asked(play)["triage_inquiry"] == 1


class Meanwhile:
    """A reader that works while a death is reported, once."""

    def __init__(self, play: Play) -> None:
        self.play, self.real, self.asked = play, play.world.reader, 0

    def read(self, content: bytes, **given: Any) -> Any:
        self.asked += 1
        if self.asked == 1:
            self.play.clock.move(timedelta(seconds=1))
            report_fact(self.play.world, self.play.case.ref, "patient.deceased", REPORTER)
        return self.real.read(content, **given)


def states(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(col(Document.state)).order_by(col(Document.id))))


def findings(play: Play) -> int:
    with Session(play.world.engine) as session:
        return len(session.scalars(select(col(FindingRecord.id))).all())


def said_of_papers(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return [PAPER[one.state] for one in own_papers(session, play.case_id)]


def test_a_paper_that_was_being_read_is_kept_and_not_said_to_be_read(play: Play) -> None:
    play.open(breast_synoptic(ROSA))
    play.world.reader = reader = Meanwhile(play)
    play.run()
    assert play.case.state == "BEREAVEMENT_WRAPUP"
    assert not findings(play)
    assert said_of_papers(play) == ["arrived; kept as it came, not read"]
    play.run()
    assert (reader.asked, states(play)) == (1, ["kept"])
    play.clock.move(timedelta(hours=5))
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert (reader.asked, states(play)) == (2, ["proposed"])
    assert findings(play)


def test_one_that_a_person_had_read_meanwhile_is_not_read_again(play: Play) -> None:
    play.open(breast_synoptic(ROSA))
    play.world.reader = reader = Meanwhile(play)
    play.run()
    read_kept(play.world, 1, LEAD.ref)
    play.run()
    assert (reader.asked, states(play)) == (2, ["proposed"])
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert states(play) == ["proposed"]


def test_what_a_person_had_read_and_confirmed_stays_so(play: Play) -> None:
    """Also where the stop came before the file was stored: its first step does not go on."""
    play.open(breast_synoptic(ROSA))
    died(play)
    read_kept(play.world, 1, LEAD.ref)
    play.run()
    play.confirm()
    before = findings(play)
    play.clock.move(timedelta(hours=5))
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert (states(play), findings(play)) == (["verified"], before)


def test_what_an_earlier_stop_left_is_not_taken_up_by_a_later_one(play: Play) -> None:
    play.open(breast_synoptic(ROSA))
    report_fact(play.world, play.case.ref, "patient.stopped", REPORTER)
    play.run()
    assert states(play) == ["kept"]
    play.clock.move(timedelta(hours=1))
    report_fact(play.world, play.case.ref, "case.reopened", LEAD, {"reason": "patient_asked"})
    play.run()
    died(play)
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert states(play) == ["kept"], "no step would read it: a person is offered to"
    read_kept(play.world, 1, LEAD.ref)
    play.run()
    assert states(play) == ["proposed"]


def after(play: Play, fact: str) -> None:
    """Everything stops by a fact that somebody reports; then a paper comes."""
    play.open()
    play.run()
    payload = {"scopes": ["process"]} if fact == "consent.withdrawn" else None
    report_fact(play.world, play.case.ref, fact, REPORTER, payload)
    play.run()
    play.add(breast_synoptic(ROSA))
    play.run()
    assert (states(play), findings(play)) == (["kept"], 0)
    assert said_of_papers(play) == ["arrived; kept as it came, not read"]


def test_a_paper_that_comes_after_a_death_is_kept_until_a_person_wants_it_read(play: Play) -> None:
    after(play, "patient.deceased")
    play.add(breast_synoptic(ROSA))
    play.run()
    assert states(play) == ["kept", "kept"]
    play.clock.move(timedelta(hours=5))
    answer_as(play, "finish_bereavement", "retracted", LEAD)
    assert states(play) == ["proposed", "duplicate"], "the report was wrong"


def test_a_person_may_have_it_read_in_the_meantime(play: Play) -> None:
    after(play, "patient.deceased")
    read_kept(play.world, 1, LEAD.ref)
    play.run()
    assert states(play) == ["proposed"]


def test_nobody_reads_a_paper_once_the_permission_was_taken_back(play: Play) -> None:
    after(play, "consent.withdrawn")
    with pytest.raises(DecisionRefused, match="took back the permission"):
        read_kept(play.world, 1, LEAD.ref)
    play.run()
    assert states(play) == ["kept"]


def test_each_state_of_a_paper_has_words_of_its_own_for_its_sender() -> None:
    assert set(IN_PROCESSING) | {"proposed", "verified", "kept", "superseded"} <= set(PAPER)
    assert len(set(PAPER.values())) == len(PAPER)
