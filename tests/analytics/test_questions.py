"""The named questions give the right answers on a log whose answers are known."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from analytics.questions import NoSuchQuestion, answer, questions
from models import Case
from tests.analytics.log import Log


@pytest.fixture
def log(session: Session) -> Iterator[Log]:
    yield Log(session)
    session.commit()


def ask(engine: Engine, session: Session, name: str) -> list[dict[str, Any]]:
    session.commit()
    with engine.connect() as connection:
        found = answer(connection, name)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@pytest.mark.parametrize("name", list(questions()))
def test_every_question_runs_on_an_empty_log(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        found = answer(connection, name)
    assert found.columns
    assert not found.alarming


def test_an_unknown_question_lists_those_there_are(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(NoSuchQuestion, match="bottleneck"):
        answer(connection, "weather")


def test_funnel_and_time_in_state(engine: Engine, session: Session, log: Log) -> None:
    for case_id, hours in ((1, 2), (2, 4)):
        log.case(case_id)
        log.moved(case_id, "AWAITING_CONSENT", "patient", hours)
    log.moved(1, "COLLECTING_RECORDS", "patient", 10)
    reached = {row["state"]: row["cases"] for row in ask(engine, session, "funnel")}
    assert reached == {"INQUIRY": 2, "AWAITING_CONSENT": 2, "COLLECTING_RECORDS": 1}
    waited = {row["state"]: row["median_hours"] for row in ask(engine, session, "time_in_state")}
    assert waited == {"INQUIRY": pytest.approx(3.0), "AWAITING_CONSENT": pytest.approx(8.0)}


def test_bottleneck_shares_sum_to_one(engine: Engine, session: Session, log: Log) -> None:
    log.case(1)
    log.moved(1, "AWAITING_CONSENT", "patient", 6)
    log.moved(1, "COLLECTING_RECORDS", "patient", 24)
    share = {row["waiting_on"]: float(row["share"]) for row in ask(engine, session, "bottleneck")}
    assert share == {"patient": pytest.approx(0.75), "coordinator": pytest.approx(0.25)}


def test_a_robot_is_no_answer(engine: Engine, session: Session, log: Log) -> None:
    log.hospital(1, "H01")
    log.hospital(2, "H02")
    log.case(1)
    for thread, hospital in ((11, 1), (12, 2)):
        log.event(
            1,
            "outreach.sent",
            {"thread_id": thread, "hospital_id": hospital, "attempt": 1},
            hours=1,
        )
        log.event(
            1,
            "hospital.reply_classified",
            {"thread_id": thread, "reply_class": "out_of_office"},
            hours=2,
        )
    log.event(1, "hospital.reply_classified", {"thread_id": 11, "reply_class": "offer"}, hours=49)
    rows = {row["hospital_code"]: row for row in ask(engine, session, "hospital_answers")}
    assert rows["H01"]["median_hours"] == pytest.approx(48.0)
    assert float(rows["H01"]["never_rate"]) == 0
    assert float(rows["H02"]["never_rate"]) == 1


def test_late_tasks_counts_answers_after_the_deadline(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    log.task(1, "triage_inquiry", due=4, done=3)
    log.task(1, "triage_inquiry", due=4, done=6)
    (row,) = ask(engine, session, "late_tasks")
    assert (row["tasks"], row["late"]) == (2, 1)
    assert float(row["mean_hours_over"]) == pytest.approx(2.0)


def test_corrections_and_rejections_by_field(engine: Engine, session: Session, log: Log) -> None:
    log.case(1)
    base = {"field": "breast.grade", "extractor_version": "1"}
    log.event(1, "extraction.field_confirmed", {**base, "corrected": False}, hours=1)
    log.event(1, "extraction.field_confirmed", {**base, "corrected": True}, hours=1)
    log.event(1, "extraction.field_rejected", base, hours=1)
    (row,) = ask(engine, session, "extraction_corrections")
    assert row["looked_at"] == 3
    assert float(row["corrected"]) == pytest.approx(1 / 3)
    assert float(row["rejected"]) == pytest.approx(1 / 3)


def test_how_often_the_proposed_class_of_a_letter_is_right(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    base = {"confirmed": True, "model_version": "7"}
    for proposed, said in (("decline", "decline"), ("decline", "ack"), ("offer", "offer")):
        corrected = proposed if proposed != said else None
        payload = {**base, "reply_class": said, "corrected_from": corrected}
        log.event(1, "hospital.reply_classified", payload, hours=1)
    robot = {"reply_class": "ack", "confirmed": False, "model_version": "7"}
    log.event(1, "hospital.reply_classified", robot, hours=2)
    rows = ask(engine, session, "reply_corrections")
    assert [(row["proposed"], row["looked_at"], float(row["accuracy"])) for row in rows] == [
        ("decline", 2, 0.5),
        ("offer", 1, 1.0),
    ]


def test_machine_names_dead_steps_and_the_cases_they_hit(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    log.step(1, "extraction.read_document", state="dead", attempt=5)
    log.step(1, "extraction.read_document", state="done", attempt=1)
    (row,) = ask(engine, session, "machine")
    assert (row["done"], row["retried"], row["dead"], row["cases_hit"]) == (1, 1, 1, 1)


def test_silent_cases_are_those_without_a_word_to_the_patient(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    log.case(2)
    log.event(2, "message.sent", {"to_role": "patient", "template": "M12"}, hours=24 * 3650)
    silent = [row["case_ref"] for row in ask(engine, session, "silent_cases")]
    assert silent == ["CFX-26-00001"]


SENT = {"to_role": "patient", "template": "M12"}


@pytest.mark.parametrize(
    ("end", "letter", "alarms"),
    [
        (("patient.deceased", {}), SENT, 1),
        (("consent.withdrawn", {"whole": True}), SENT, 1),
        (("consent.withdrawn", {"whole": False}), SENT, 0),
        (("consent.withdrawn", {"whole": True}), {**SENT, "template": "M38"}, 0),
        (("patient.deceased", {}), {**SENT, "to_role": "hospital"}, 0),
        (("patient.deceased", {}), {**SENT, "template": "M38"}, 1),
    ],
)
def test_a_message_after_the_end_is_an_alarm(
    engine: Engine, session: Session, log: Log, end: Any, letter: dict[str, Any], alarms: int
) -> None:
    log.case(1)
    log.event(1, "message.sent", SENT, hours=1)
    log.event(1, *end, hours=2)
    log.event(1, "message.sent", letter, hours=3)
    assert len(ask(engine, session, "messages_after_the_end")) == alarms


@pytest.mark.parametrize(
    ("before", "alarms"),
    [
        ([], 1),
        ([("consent.granted", {"scopes": ["share_deid:H01"]})], 0),
        ([("consent.granted", {"scopes": ["share_deid:H02"]})], 1),
        (
            [
                ("consent.granted", {"scopes": ["share_deid:H01"]}),
                ("consent.withdrawn", {"scopes": ["share_deid:H01"], "whole": False}),
            ],
            1,
        ),
    ],
)
def test_a_letter_without_that_hospitals_consent_is_an_alarm(
    engine: Engine, session: Session, log: Log, before: Any, alarms: int
) -> None:
    log.hospital(1, "H01")
    log.case(1)
    for type_, payload in before:
        log.event(1, type_, payload, hours=1)
    log.event(1, "outreach.sent", {"thread_id": 1, "hospital_id": 1, "attempt": 1}, hours=2)
    assert len(ask(engine, session, "sent_without_consent")) == alarms


LETTERS = ("M10", "M11", "M14", "M44", "M53", "M19a", "free", "M17")


@pytest.mark.parametrize("template", LETTERS)
@pytest.mark.parametrize("left", ["message.sent", "message.settled"])
def test_the_alarm_sees_every_kind_of_letter_to_a_hospital(
    engine: Engine, session: Session, log: Log, template: str, left: str
) -> None:
    """Planted four times: never allowed, allowed, taken back, and another hospital's consent."""
    log.hospital(1, "H01")
    granted = ("consent.granted", {"scopes": ["share_identified:H01"]})
    other = ("consent.granted", {"scopes": ["share_deid:H02"]})
    back = ("consent.withdrawn", {"scopes": ["share_identified:H01"], "whole": False})
    planted: list[list[tuple[str, Mapping[str, Any]]]]
    planted = [[], [granted], [granted, back], [other]]
    for case_id, before in enumerate(planted, 1):
        log.case(case_id)
        for type_, payload in before:
            log.event(case_id, type_, payload, hours=1)
        about = {"thread_id": 1, "hospital_id": 1, "message_id": case_id, "template": template}
        log.event(case_id, "outreach.drafted", about, hours=2)
        sent = {"message_id": case_id, "template": template, "to_role": "hospital"}
        if left == "message.settled":
            sent = {"message_id": case_id, "outcome": "delivered"}
        log.event(case_id, left, sent, hours=3)
    to_patient = {"message_id": 9, "template": "M12", "to_role": "patient"}
    log.event(1, "message.sent", to_patient, hours=4)
    rows = ask(engine, session, "sent_without_consent")
    found = {row["case_ref"][-1]: (row["template"], row["hospital_code"]) for row in rows}
    asks_to_delete = template == "M17"  # of what was shared under a consent that stood then
    assert found == dict.fromkeys(("1", "4") if asks_to_delete else "134", (template, "H01"))
    assert len(rows) == len(found)


def test_a_code_that_nobody_drafted_is_its_threads_hospitals(
    engine: Engine, session: Session, log: Log
) -> None:
    log.hospital(1, "H01")
    for case_id, scope in ((1, "share_deid:H01"), (2, "share_deid:H02")):
        log.case(case_id)
        log.event(case_id, "consent.granted", {"scopes": [scope]}, hours=1)
        about = {"thread_id": case_id, "hospital_id": 1, "message_id": 7, "template": "M10"}
        log.event(case_id, "outreach.drafted", about, hours=2)
        sent = {"message_id": 8, "template": "M60", "to_role": "hospital"}
        log.event(case_id, "message.sent", sent, hours=3, objects={"thread_id": case_id})
    (row,) = ask(engine, session, "sent_without_consent")
    assert (row["case_ref"][-1], row["template"], row["hospital_code"]) == ("2", "M60", "H01")


def test_a_letter_of_which_nobody_knows_the_hospital_is_an_alarm(
    engine: Engine, session: Session, log: Log
) -> None:
    log.hospital(1, "H01")
    log.case(1)
    log.event(1, "consent.granted", {"scopes": ["share_deid:H01"]}, hours=1)
    sent = {"message_id": 4, "template": None, "to_role": "hospital"}
    log.event(1, "message.sent", sent, hours=2)
    (row,) = ask(engine, session, "sent_without_consent")
    assert (row["hospital_code"], row["template"]) == ("not_stated", "not_stated")


BLANK: Mapping[str, Mapping[str, Any]] = {
    "outreach.sent": {"hospital_id": 1, "thread_id": 1, "attempt": 1, "technique": None},
    "reminder.sent": {"template": None, "channel": None, "attempt": None, "reminder_id": 1},
    "extraction.field_confirmed": {"field": "er", "extractor_version": None, "corrected": False},
    "suitability.assessed": {"assessment_id": 1, "phase": "preop", "category": None},
    "clinician.review_signed": {"assessment_id": 1, "outcome": None, "agrees_with_screen": None},
    "completeness.checked": {"attempt": 1, "missing": ["receptors"]},
    "admission.date_changed": {"old": "2027-04-01", "new": "2027-04-08", "by": None},
    "surgery.completed": {"hospital_id": None, "technique": None, "iort_delivered": "no"},
    "pathology.final_received": {"days_from_surgery": None},
    "pathology.rechecked": {"outcome": None},
    "human_task.completed": {"kind": "review_case", "role": None, "seconds_spent": None},
    "case.closed": {"state_before": None, "outcome": None, "reason_code": None},
    "followup.item_done": {"item_id": None},
    "message.sent": {"message_id": 1, "template": None, "to_role": "hospital"},
}
"""Facts of which nobody stated what they can say."""


def test_what_nobody_stated_is_a_value_and_no_blank(
    engine: Engine, session: Session, log: Log
) -> None:
    log.hospital(1, "H01")
    log.case(1)
    session.execute(update(Case).values(site=None, residence_country=""))
    for hours, (type_, payload) in enumerate(BLANK.items(), 1):
        log.event(1, type_, payload, hours=hours)
    blank = {
        f"{name}.{column}": row
        for name in questions()
        for row in ask(engine, session, name)
        for column, value in row.items()
        if value in (None, "") and column not in NUMBERS
    }
    assert blank == {}
    (agreed,) = ask(engine, session, "screen_and_clinician")
    assert agreed["agrees"] is None, "neither a yes nor a no"
    (read,) = ask(engine, session, "final_pathology")
    assert read["more_treatment"] is None


@pytest.mark.parametrize(
    ("view", "columns"),
    [
        ("v_event", "site country"),
        ("v_case", "site country"),
        ("v_state", "site country"),
        ("v_stage_stay", "site"),
        ("v_reply", "technique"),
        ("m_correction_week", "site field extractor_version"),
    ],
)
def test_the_views_say_it_too(
    engine: Engine, session: Session, log: Log, view: str, columns: str
) -> None:
    log.hospital(1, "H01")
    log.case(1)
    session.execute(update(Case).values(site=None, residence_country=""))
    sent = {"hospital_id": 1, "thread_id": 1, "attempt": 1, "technique": None}
    log.event(1, "outreach.sent", sent, hours=1)
    log.event(1, "extraction.field_confirmed", {"extractor_version": None}, hours=2)
    session.commit()
    with engine.begin() as connection:
        if view.startswith("m_"):
            connection.exec_driver_sql("SELECT count_charts_anew()")
        names = columns.replace(" ", ", ")
        rows = connection.exec_driver_sql(f"SELECT {names} FROM analytics.{view}").all()
    assert rows and {value for row in rows for value in row} == {"not_stated"}


NUMBERS = (
    "median_hours", "p90_hours", "mean_hours_over", "share", "hours", "median_seconds",
    "median_days", "more_treatment", "flew_first", "agrees", "mean_days", "last_word",
)  # fmt: skip
"""Columns of numbers and moments: there may be none."""


def test_the_views_hold_no_column_of_personal_data(engine: Engine) -> None:
    with engine.connect() as connection:
        columns = {
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'analytics'"
            )
        }
    personal = {"name", "email", "phone", "birth_date", "file_name", "subject", "body", "quote",
                "reason", "address", "password", "record_number", "value"}  # fmt: skip
    assert columns and not columns & personal
