"""Further treatment that the final pathology asks for: scheduled here or at home, declined, done.

While it is open the patient does not fly without a signed waiver, and the programme is not
completed. The days of a course here are days of the stay.
"""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent
from workflows.declared import Raises
from workflows.engine.deciding import CLINICIANS, Choice, Deciding, DecisionRefused, Question
from workflows.journey.checklist import FINAL_PATHOLOGY, PLACED, item_of, settle_item
from workflows.journey.evidence import shown_by
from workflows.journey.stay_decisions import MOST_FRACTIONS

OPEN, SCHEDULED = "SUPPL_RECOMMENDED", "SUPPL_SCHEDULED"


def _scheduled(deciding: Deciding) -> None:
    start = deciding.day("start_date")
    operated = deciding.case.surgery_date
    if operated is not None and start <= operated:
        raise DecisionRefused(
            f"The treatment cannot begin before the operation on {operated.isoformat()} is over."
        )
    payload: dict[str, Any] = {
        "modality": deciding.value("modality"),
        "place": deciding.value("treated_at"),
        "start": start.isoformat(),
        "fractions": deciding.optional_whole("fractions", 1, MOST_FRACTIONS),
    }
    if payload["modality"] == "EBRT" and payload["fractions"] is None:
        raise DecisionRefused("Say how many fractions of radiotherapy are planned.")
    deciding.record("supplementary.scheduled", payload)
    _must_be(deciding, SCHEDULED)
    _placed(deciding)
    deciding.stays_open = True


def _declines(deciding: Deciding) -> None:
    """The family says no: a clinician calls them before that counts."""
    deciding.request("confirm_refusal", detail=deciding.value("reason_code"))
    deciding.stays_open = True


def _declined(deciding: Deciding) -> None:
    _placed_before(deciding)
    payload = {
        "reason_code": deciding.value("reason_code"),
        "attested": ["informed_refusal_recorded"],
    }
    deciding.record("supplementary.declined", payload)
    _must_be(deciding, "SUPPL_DECLINED")
    _placed(deciding)


def _completed(deciding: Deciding) -> None:
    document_id = shown_by(deciding, "supplementary_done")
    begun = _start(deciding)
    if begun is not None and begun > deciding.recorder.now.date().isoformat():
        raise DecisionRefused(f"The treatment begins on {begun}: report it when it is done.")
    deciding.record("supplementary.completed", {"document_id": document_id})
    _must_be(deciding, "SUPPL_DONE")
    deciding.stays_open = True


def _start(deciding: Deciding) -> str | None:
    payload = deciding.session.scalars(
        select(col(CaseEvent.payload))
        .where(
            col(CaseEvent.case_id) == deciding.case_id,
            col(CaseEvent.type) == "supplementary.scheduled",
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return payload.get("start") if payload else None


def _placed_before(deciding: Deciding) -> None:
    if deciding.case.pathology_state not in (OPEN, SCHEDULED):
        raise DecisionRefused("No further treatment is recommended any more: look at the case.")


def _must_be(deciding: Deciding, state: str) -> None:
    if deciding.case.pathology_state != state:
        raise DecisionRefused("The recommendation has changed meanwhile: look at the case again.")


def _placed(deciding: Deciding) -> None:
    """The items about the pathology and the treatment are done by these facts."""
    for code in (FINAL_PATHOLOGY, PLACED):
        entry = item_of(deciding.session, deciding.case_id, code)
        if entry is not None and entry.state == "pending":
            settle_item(
                deciding.recorder, deciding.world.playbooks.travel, entry, "done",
                actor=deciding.actor, cause=deciding.cause,
            )  # fmt: skip


SCHEDULE = Choice(
    "Further treatment is scheduled",
    _scheduled,
    needs=("modality", "treated_at", "start_date"),
    may=("fractions",),
    raises=Raises(events=("supplementary.scheduled", "checklist.item_done")),
)
DECLINE = Choice(
    "The family declines further treatment: a clinician calls them",
    _declines,
    needs=("reason_code",),
    reason=True,
    raises=Raises(requests=("confirm_refusal",)),
)
COMPLETE = Choice(
    "Further treatment is completed",
    _completed,
    needs=("treatment_document",),
    raises=Raises(events=("evidence.stated", "supplementary.completed")),
)
BY_PATHOLOGY = {
    OPEN: {"treatment_scheduled": SCHEDULE, "treatment_declined": DECLINE},
    SCHEDULED: {
        "treatment_scheduled": SCHEDULE,
        "treatment_completed": COMPLETE,
        "treatment_declined": DECLINE,
    },
}
"""What may be reported beside the journey, by the state of the pathology."""

QUESTIONS = {
    "confirm_refusal": Question.of(
        "Call the family: they decline the further treatment",
        CLINICIANS,
        {
            "declined": Choice(
                "I have called: they know what it means and decline",
                _declined,
                needs=("reason_code",),
                reason=True,
                attests=("informed_refusal_recorded",),
                raises=Raises(events=("supplementary.declined", "checklist.item_done")),
            ),
            "not_declined": Choice("They do not decline", lambda _: None, reason=True),
        },
    )
}
