"""What sentences of letters rest on: that something happened, stands, or is asked of a person."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from models import Consent, HumanTask, Message
from workflows.letters.source import Compute, Source
from workflows.table import MORE_TREATMENT


def day_of(type: str, **holding: str) -> Compute:
    """Return the field "day of the newest event of this type that holds these values"."""

    def day(source: Source) -> date | None:
        event = source.last(type, **holding)
        return source.day(event.occurred_at) if event else None

    return day


def asked_of_a_person(kind: str) -> Compute:
    """Return the field "whether such a question waits for a person now"."""

    def waits(source: Source) -> bool:
        query = select(col(HumanTask.id)).where(
            col(HumanTask.case_id) == source.case_id,
            col(HumanTask.kind) == kind,
            col(HumanTask.state) == "open",
        )
        return source.session.scalars(query.limit(1)).first() is not None

    return waits


def permitted(source: Source) -> bool:
    """Return whether the permission to work with the papers stands."""
    query = select(col(Consent.id)).where(
        col(Consent.case_id) == source.case_id,
        col(Consent.scope) == "process",
        col(Consent.withdrawn_at).is_(None),
    )
    return source.session.scalars(query.limit(1)).first() is not None


def passed_on(source: Source) -> bool:
    """Return whether a letter about the case has left to anybody but who asked."""
    query = select(col(Message.id)).where(
        col(Message.case_id) == source.case_id,
        col(Message.direction) == "out",
        col(Message.state).in_(("sending", "sent", "uncertain")),
        col(Message.to_role) != "patient",
    )
    return source.session.scalars(query.limit(1)).first() is not None


def out_of_scope(source: Source) -> bool:
    """Return whether the newest triage says that the request is outside the service."""
    return source.last_payload("inquiry.triaged").get("in_scope") is False


def result_open(source: Source) -> bool:
    """Return whether the operation is done and no clinician has read its final pathology yet."""
    read, operated = source.last("pathology.rechecked"), source.last("surgery.completed")
    return operated is not None and (read is None or read.seq < operated.seq)


def further(source: Source) -> bool:
    """Return whether the newest reading of the final pathology asks for further treatment."""
    return source.last_payload("pathology.rechecked").get("outcome") in MORE_TREATMENT


HAPPENED: dict[str, Compute] = {
    "received_on": day_of("case.opened"),
    "to_be_read": asked_of_a_person("triage_inquiry"),
    "out_of_scope": out_of_scope,
    "passed_on": passed_on,
    "permitted": permitted,
    "called_on": day_of("human_task.completed", kind="call_family", answer="called"),
    "urgent_on": day_of("clinician.urgent_local_care_advised"),
    "operated_on": day_of("surgery.completed"),
    "result_open": result_open,
    "result_read_on": day_of("pathology.rechecked"),
    "further": further,
    "home_on": day_of("travel.returned_home"),
    "reported_on": day_of("clinical.red_flag_reported"),
    "to_be_settled": asked_of_a_person("settle_abroad"),
    "to_be_called": asked_of_a_person("call_patient_now"),
    "completed_on": day_of("case.closed", outcome="completed"),
}
