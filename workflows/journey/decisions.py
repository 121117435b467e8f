"""The journey: facts that people report, by the state the case is in."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models import Case, JourneyEntry
from planning.travel import GATE_ITSELF
from workflows.cases.chosen_hospital import chosen_hospital
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    DONE,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)
from workflows.engine.lookup import get
from workflows.engine.stays import Stay, stay_of
from workflows.journey import abroad_decisions as abroad
from workflows.journey import admission_decisions as admission
from workflows.journey.abroad_decisions import CARE_ENDED, must_be_known
from workflows.journey.admission_decisions import MOVED, WITHDREW
from workflows.journey.checklist import item_of, open_before, settle_item, what_blocks
from workflows.journey.flight_decisions import CLEARANCE
from workflows.journey.reporting import reports
from workflows.journey.stay_decisions import (
    MOST_DAYS,
    RECORDS,
    SAYS,
    STAY,
    must_be_settled,
    stay_said,
)
from workflows.journey.supplementary_decisions import BY_PATHOLOGY
from workflows.letters.withdrawn_offers import OPERATED


def _departed(deciding: Deciding) -> None:
    """Say go: only when nothing that blocks the departure is open (E11 is this very call)."""
    must_be_known(deciding)
    left = deciding.past_day("departure_date")
    admission = deciding.case.admission_date
    if admission is not None and left > admission:
        raise DecisionRefused(
            f"The admission is on {admission.isoformat()}, before that departure. Move it first."
        )
    blockers = open_before(deciding.session, deciding.world, deciding.case_id, "go_no_go")
    if blockers:
        raise DecisionRefused(what_blocks(blockers, "the departure"))
    must_be_settled(_stay_from(deciding, left))
    _go(deciding)
    payload = {"decision": "go", "blockers": [entry.code for entry in blockers]}
    deciding.record("travel.go_no_go_signed", payload)
    gone = {"departed_on": left.isoformat(), "attested": ["go_decided"]}
    deciding.record_moving("travel.departed", gone)


def _stay_from(deciding: Deciding, left: date) -> Stay | None:
    gone = {"travel.departed": {"departed_on": left.isoformat()}}
    template = deciding.world.playbooks.travel
    return stay_of(deciding.session, deciding.case, template, now_said=gone)


def _go(deciding: Deciding) -> None:
    """The item of the go/no-go call is done by this very answer."""
    entry = item_of(deciding.session, deciding.case_id, GATE_ITSELF)
    if entry is None or entry.state != "pending":
        return
    template = deciding.world.playbooks.travel
    settle_item(
        deciding.recorder, template, entry, "done", actor=deciding.actor, cause=deciding.cause
    )


def _visa_granted(deciding: Deciding) -> dict[str, Any]:
    """The program compares the stay; a typed answer that differs is refused with the numbers."""
    valid_until = deciding.day("valid_until")
    admission = deciding.case.admission_date
    if admission is not None and valid_until <= admission:
        raise DecisionRefused(
            f"A visa that ends on {valid_until.isoformat()} does not cover the stay: the admission "
            f"is on {admission.isoformat()}."
        )
    visa: dict[str, Any] = {
        "destination": deciding.optional("destination"),
        "valid_until": valid_until.isoformat(),
        "max_stay_days": deciding.optional_whole("allowed_days", 1, MOST_DAYS),
    }
    typed = deciding.flag("stay_covers_plan")
    stay = stay_said(deciding, visa)
    if stay is None:  # no table of stays for this operation: a person says it
        deciding.value("stay_covers_plan")
        return {**visa, "stay_covers_plan": typed}
    covers = stay.check.stay_covers_plan
    if typed is not None and typed != covers and not stay.asked:
        word = "is covered" if covers else f"is {stay.check.days_short} days short"
        raise DecisionRefused(
            f"Whether the visa covers the stay is computed, and by the dates it {word}. "
            f"{stay.numbers}. Correct the dates, or leave the field open."
        )
    must_be_settled(stay)
    accepted = ["stay_covers_plan_or_extension_accepted"] if stay.accepted else []
    return {**visa, "stay_covers_plan": covers, "attested": accepted}


def _admitted(deciding: Deciding) -> dict[str, Any]:
    must_be_known(deciding)
    return {}


def _surgery(deciding: Deciding) -> dict[str, Any]:
    must_be_known(deciding)
    case = deciding.case
    operated = deciding.past_day("surgery_date")
    if case.admission_date is not None and operated < case.admission_date:
        raise DecisionRefused(
            f"The operation cannot be before the admission on {case.admission_date.isoformat()}."
        )
    case.surgery_date = operated
    hospital = chosen_hospital(deciding.session, deciding.case_id)
    return {
        "hospital_id": hospital.id if hospital else None,
        "iort_delivered": deciding.value("iort_delivered"),
        "technique": deciding.optional("technique"),
        "reason_not_delivered": deciding.optional("reason_not_delivered"),
    }


def _discharged(deciding: Deciding) -> dict[str, Any]:
    case = deciding.case
    discharged = deciding.past_day("discharge_date")
    if case.surgery_date is not None and discharged < case.surgery_date:
        raise DecisionRefused(
            f"The discharge cannot be before the operation on {case.surgery_date.isoformat()}."
        )
    case.discharge_date = discharged
    stay = (discharged - case.admission_date).days if case.admission_date else None
    return {"los_days": stay}


def _returned(deciding: Deciding) -> dict[str, Any]:
    deciding.case.return_date = deciding.past_day("date")
    return {}


PROGRESS: Mapping[str, Mapping[str, Choice]] = {
    "INVITATION_LETTER": {
        "letter_verified": reports(
            "invitation.verified",
            "Names, passport numbers, attendants, dates and hospital number match",
            attests=("invitation_fields_match",),
        ),
        "letter_defective": reports(
            "invitation.defect_found",
            "The letter has a defect",
            lambda d: {"defects": d.listed("defects")},
            needs=("defects",),
        ),
        "date_changed": MOVED,
        "hospital_withdrew": WITHDREW,
        "stay": STAY,
    },
    "VISA": {
        "granted": reports(
            "visa.granted",
            "All travellers have their visas",
            _visa_granted,
            needs=("valid_until",),
            may=("stay_covers_plan", "destination", *SAYS),
            attests=("all_travellers_granted",),
            also=RECORDS,
        ),
        "refused": reports(
            "visa.refused", "Refused; another way is possible", attests=("another_way_possible",)
        ),
        "refused_finally": reports("visa.refused", "Refused; no other way"),
        "date_changed": MOVED,
        "hospital_withdrew": WITHDREW,
        "stay": STAY,
    },
    "TRAVEL_PREP": {
        "departed": Choice(
            "Go: the patient has left",
            _departed,
            needs=("departure_date",),
            attests=("go_decided",),
            raises=Raises(
                events=("checklist.item_done", "travel.go_no_go_signed", "travel.departed")
            ),
        ),
        "date_changed": MOVED,
        "hospital_withdrew": WITHDREW,
        "stay": STAY,
        "deteriorated": reports(
            "clinical.deterioration_reported", "The patient's state has changed"
        ),
    },
    "IN_TRANSIT": {
        "arrived": reports("travel.arrived", "The patient has arrived"),
        "aborted": reports("travel.aborted", "The journey was broken off"),
        "hospital_withdrew": WITHDREW,
    },
    "LOCAL_PREOP": {
        "admitted": reports("hospital.admitted", "The patient is admitted", _admitted),
        "hospital_withdrew": WITHDREW,
        "stay": STAY,
    },
    "ADMITTED": {
        "operated": reports(
            "surgery.completed",
            "The operation is done",
            _surgery,
            needs=("surgery_date", "iort_delivered"),
            may=("technique", "reason_not_delivered"),
        ),
        "cancelled": reports("surgery.cancelled", "The operation was cancelled"),
        "hospital_withdrew": WITHDREW,
        "stay": STAY,
    },
    "POST_OP": {
        "discharged": reports(
            "hospital.discharged",
            "Discharged; the papers are complete or their gaps are listed",
            _discharged,
            needs=("discharge_date",),
            attests=("discharge_gaps_listed",),
        ),
        "hospital_ended_care": CARE_ENDED,
    },
    "FLY_HOME_CLEARANCE": {**CLEARANCE, "hospital_ended_care": CARE_ENDED},
    "RETURNING": {
        "home": reports(
            "travel.returned_home", "The patient is at home", _returned, needs=("date",)
        ),
        "hospital_ended_care": CARE_ENDED,
    },
    "FOLLOW_UP": {
        "completed": reports("followup.programme_completed", "The programme is completed"),
        "recurrence": reports("followup.recurrence_reported", "A recurrence is reported"),
        "hospital_ended_care": CARE_ENDED,
    },
}


def _progress(case: Case | None) -> Mapping[str, Choice]:
    """Return what can be reported where the case stands, and beside it of further treatment."""
    if case is None:
        return {}
    beside = BY_PATHOLOGY.get(case.pathology_state, {}) if case.state in OPERATED else {}
    return {**PROGRESS.get(case.state, {}), **beside}


def _item(state: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        entry = get(deciding.session, JourneyEntry, deciding.object_id("item_id"))
        settle_item(
            deciding.recorder, deciding.world.playbooks.travel, entry, state,
            actor=deciding.actor, reason=deciding.reason, cause=deciding.cause,
        )  # fmt: skip

    if state == "done":
        return Choice("It is done", apply, raises=Raises(events=("checklist.item_done",)))
    raises = Raises(events=("checklist.item_waived",))
    return Choice("It is not needed here", apply, reason=True, raises=raises)


QUESTIONS = {
    **admission.QUESTIONS,
    **abroad.QUESTIONS,
    "report_progress": Question("What has happened?", frozenset(COORDINATORS), _progress),
    "chase_item": Question.of(
        "A checklist item is late", COORDINATORS, {"done": _item("done"), "waived": _item("waived")}
    ),
    "chase_pathology": Question.of(
        "The final pathology is late: ask the hospital", COORDINATORS, DONE
    ),
}
