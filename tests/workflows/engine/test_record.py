"""Recording facts: what is written, what it starts, what it stops."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from models import Case, CaseEvent, HumanTask, Message, StepRun
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT
from workflows.engine.record import Recorder
from workflows.events import Actor, Event, EventRefused
from workflows.process import Process

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COORDINATOR = Actor("coordinator", "c1")


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(PROJECT_ROOT / "playbooks")


@pytest.fixture
def case_id(engine: Engine) -> Iterator[int]:
    with transaction(engine) as session:
        case = Case(ref="CFX-26-00001", state="INQUIRY", stage="inquiry", opened_at=NOW)
        session.add(case)
        session.flush()
        yield_id = require_id(case.id)
    yield yield_id


def put(
    engine: Engine, process: Process, case_id: int, event: Event, now: datetime = NOW
) -> list[str]:
    """Record one fact and return the names of the steps that are due now."""
    with transaction(engine) as session:
        recorder = Recorder(session, process, now)
        recorder.record(case_id, event)
        return [row.name for row in recorder.flush()]


def events(engine: Engine, case_id: int) -> list[CaseEvent]:
    with Session(engine) as session:
        return list(
            session.scalars(
                select(CaseEvent)
                .where(col(CaseEvent.case_id) == case_id)
                .order_by(col(CaseEvent.seq))
            )
        )


def steps(engine: Engine, case_id: int, name: str) -> list[StepRun]:
    with Session(engine) as session:
        return list(
            session.scalars(
                select(StepRun).where(col(StepRun.case_id) == case_id, col(StepRun.name) == name)
            )
        )


def open_tasks(engine: Engine, case_id: int) -> dict[str, HumanTask]:
    with Session(engine) as session:
        rows = session.scalars(
            select(HumanTask).where(
                col(HumanTask.case_id) == case_id, col(HumanTask.state) == "open"
            )
        )
        return {row.kind: row for row in rows}


def state(engine: Engine, case_id: int) -> Case:
    with Session(engine) as session:
        case = session.get(Case, case_id)
        assert case is not None
        return case


def triage(engine: Engine, process: Process, case_id: int) -> None:
    put(engine, process, case_id, Event("inquiry.triaged", {"in_scope": True}, actor=COORDINATOR))


def consent(engine: Engine, process: Process, case_id: int) -> None:
    payload = {"scopes": ["process"], "signed_by": "patient"}
    put(engine, process, case_id, Event("consent.granted", payload, actor=COORDINATOR))


def test_a_fact_starts_what_the_table_names(engine: Engine, process: Process, case_id: int) -> None:
    document = {"document_id": 7}
    due = put(engine, process, case_id, Event("document.received", document, document))
    assert due == ["ingestion.store_document", "reminders.wake_silent", "notices.nudge_later"]
    (step,) = steps(engine, case_id, "ingestion.store_document")
    assert step.objects == document and step.state == "queued"


def test_the_timeline_has_no_gap_and_names_causes(
    engine: Engine, process: Process, case_id: int
) -> None:
    put(engine, process, case_id, Event("case.opened", {"source": "web"}))
    triage(engine, process, case_id)
    consent(engine, process, case_id)
    timeline = events(engine, case_id)
    assert [event.seq for event in timeline] == list(range(1, len(timeline) + 1))
    opened = timeline[0]
    created = next(event for event in timeline if event.type == "human_task.created")
    assert opened.type == "case.opened" and created.causation_id == opened.event_id


def test_an_answered_question_moves_the_case_and_its_stage(
    engine: Engine, process: Process, case_id: int
) -> None:
    triage(engine, process, case_id)
    assert state(engine, case_id).state == "AWAITING_CONSENT"
    consent(engine, process, case_id)
    moved = state(engine, case_id)
    assert (moved.state, moved.stage, moved.waiting_on) == (
        "COLLECTING_RECORDS",
        "records",
        "patient",
    )
    assert "record_consent" not in open_tasks(engine, case_id)


def test_a_guard_that_does_not_hold_moves_nothing(
    engine: Engine, process: Process, case_id: int
) -> None:
    triage(engine, process, case_id)
    research = {"scopes": ["research"], "signed_by": "patient"}
    put(engine, process, case_id, Event("consent.granted", research))
    assert state(engine, case_id).state == "AWAITING_CONSENT"
    assert events(engine, case_id)[-1].type == "consent.granted"


def test_personal_data_cannot_enter_an_event(
    engine: Engine, process: Process, case_id: int
) -> None:
    with pytest.raises(EventRefused):
        put(engine, process, case_id, Event("case.opened", {"source": "Grace Wanjiru"}))
    with pytest.raises(EventRefused):
        put(engine, process, case_id, Event("case.opened", {"patient_name": "Grace"}))
    with pytest.raises(EventRefused):
        put(engine, process, case_id, Event("case.made_up", {}))
    assert events(engine, case_id) == []


def test_a_reply_stops_its_own_chase_only(engine: Engine, process: Process, case_id: int) -> None:
    for thread in (1, 2):
        objects = {"thread_id": thread}
        put(engine, process, case_id, Event("outreach.sent", objects, objects))
    reply = {"thread_id": 1}
    put(engine, process, case_id, Event("hospital.reply_received", reply, reply))
    chases = steps(engine, case_id, "outreach.chase_hospital")
    assert {row.objects["thread_id"]: row.state for row in chases} == {1: "cancelled", 2: "queued"}


MAY_STILL_RUN = ("reminders.escalate_task", "outreach.close_desks")
"""A task's own reminders, and closing what hospitals may no longer open."""


def test_death_stops_everything_and_makes_sending_uncertain(
    engine: Engine, process: Process, case_id: int
) -> None:
    put(engine, process, case_id, Event("case.opened", {"source": "web"}))
    with transaction(engine) as session:
        for number, status in enumerate(("queued", "sending", "sent")):
            session.add(
                Message(
                    case_id=case_id,
                    direction="out",
                    state=status,
                    to_role="patient",
                    dedupe_key=str(number),
                )
            )
    put(engine, process, case_id, Event("patient.deceased", {"certainty": "reported"}))
    with Session(engine) as session:
        open_rows = session.scalars(
            select(StepRun).where(
                col(StepRun.case_id) == case_id,
                col(StepRun.state).in_(("queued", "running", "paused")),
                col(StepRun.name).not_in(MAY_STILL_RUN),
            )
        ).all()
        messages = session.scalars(select(Message).order_by(col(Message.id))).all()
    assert open_rows == []
    assert [message.state for message in messages] == ["cancelled", "uncertain", "sent"]
    assert state(engine, case_id).state == "BEREAVEMENT_WRAPUP"
    assert set(open_tasks(engine, case_id)) == {"finish_bereavement", "settle_message"}


def test_hold_pauses_waits_and_resume_moves_them_on(
    engine: Engine, process: Process, case_id: int
) -> None:
    objects = {"thread_id": 1}
    put(engine, process, case_id, Event("outreach.sent", objects, objects))
    (chase,) = steps(engine, case_id, "outreach.chase_hospital")
    put(engine, process, case_id, Event("case.put_on_hold", {"reason": "family"}))
    assert steps(engine, case_id, "outreach.chase_hospital")[0].state == "paused"
    assert state(engine, case_id).on_hold
    later = NOW + timedelta(days=3)
    put(engine, process, case_id, Event("case.resumed", {}), later)
    resumed = steps(engine, case_id, "outreach.chase_hospital")[0]
    assert resumed.state == "queued" and resumed.due_at == chase.due_at + timedelta(days=3)
    assert state(engine, case_id).state == "INQUIRY"


def test_a_death_reported_in_a_hold_and_taken_back_leads_back_into_it(
    engine: Engine, process: Process, case_id: int
) -> None:
    put(engine, process, case_id, Event("case.put_on_hold", {"reason": "family"}))
    put(engine, process, case_id, Event("patient.deceased", {"certainty": "reported"}))
    died = state(engine, case_id)
    assert (died.state, died.on_hold) == ("BEREAVEMENT_WRAPUP", False)
    vouched = {"reason": "report_was_wrong", "attested": ["supervisor_confirms"]}
    put(engine, process, case_id, Event("patient.death_report_retracted", vouched))
    held = state(engine, case_id)
    assert (held.state, held.stage, held.on_hold) == ("ON_HOLD", "inquiry", True)
    assert not open_tasks(engine, case_id), "the answer that takes it back asks again"
    put(engine, process, case_id, Event("case.resumed", {}))
    back = state(engine, case_id)
    assert (back.state, back.on_hold, back.held_at) == ("INQUIRY", False, None)


def test_the_same_question_is_asked_once(engine: Engine, process: Process, case_id: int) -> None:
    document = {"document_id": 3}
    for _ in range(2):
        payload = {**document, "reason": "corrupt", "files": 1}
        put(engine, process, case_id, Event("sending.problems_found", payload, document))
    with Session(engine) as session:
        kinds = session.scalars(
            select(col(HumanTask.kind)).where(col(HumanTask.case_id) == case_id)
        ).all()
    assert kinds == ["repair_document"]


def test_rehearsal_is_marked_on_every_event(engine: Engine, process: Process, case_id: int) -> None:
    with transaction(engine) as session:
        case = session.get(Case, case_id)
        assert case is not None
        case.rehearsal = True
    triage(engine, process, case_id)
    assert all(event.rehearsal for event in events(engine, case_id))


def test_a_late_question_is_a_wait_that_its_answer_stops(
    engine: Engine, process: Process, case_id: int
) -> None:
    put(engine, process, case_id, Event("case.opened", {"source": "web"}))
    task = open_tasks(engine, case_id)["triage_inquiry"]
    (wait,) = steps(engine, case_id, "reminders.escalate_task")
    assert wait.due_at == task.due_at and wait.objects == {"task_id": task.id}
    done = {"task_id": task.id, "kind": task.kind}
    put(engine, process, case_id, Event("human_task.completed", done, {"task_id": task.id or 0}))
    assert steps(engine, case_id, "reminders.escalate_task")[0].state == "cancelled"
