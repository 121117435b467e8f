"""The journey: facts that people report, by the state the case is in, and follow-up answers."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from models import Case, FollowUpEntry, JourneyEntry
from models.base import require_id
from workflows.decisions.base import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)
from workflows.decisions.checklist import settle_item
from workflows.journeys import chosen_hospital, needs_visa
from workflows.lookup import get, patient_of
from workflows.questions import stop_questions

SURGERY_AFTER_ADMISSION = timedelta(days=1)
Payload = Callable[[Deciding], dict[str, Any]]


def _reports(
    type: str,
    label: str,
    payload: Payload | Mapping[str, Any] | None = None,
    *,
    needs: tuple[str, ...] = (),
    may: tuple[str, ...] = (),
    attests: tuple[str, ...] = (),
) -> Choice:
    def apply(deciding: Deciding) -> None:
        built = payload(deciding) if callable(payload) else dict(payload or {})
        if attests:
            built["attested"] = list(attests)
        deciding.record_moving(type, built)

    return Choice(label, apply, needs=needs, may=may, attests=attests)


def _confirm_admission(deciding: Deciding) -> None:
    case = deciding.case
    admission = deciding.day("admission_date")
    if admission < deciding.recorder.now.date():
        raise DecisionRefused("The admission date lies in the past.")
    surgery = deciding.optional_day("surgery_date") or admission + SURGERY_AFTER_ADMISSION
    if surgery < admission:
        raise DecisionRefused("The operation cannot be before the admission.")
    hospital = chosen_hospital(deciding.session, deciding.case_id)
    patient = patient_of(deciding.session, deciding.case_id)
    visa = deciding.flag(
        "needs_visa", default=needs_visa(patient, hospital.country if hospital else "")
    )
    case.admission_date, case.surgery_date = admission, surgery
    payload = {
        "hospital_id": hospital.id if hospital else None,
        "admission_date": admission.isoformat(),
        "surgery_date": surgery.isoformat(),
        "needs_visa": visa,
        "attested": ["passports_checked"],
    }
    deciding.record_moving("admission.date_confirmed", payload)


def _date_changed(deciding: Deciding) -> None:
    case = deciding.case
    new = deciding.day("admission_date")
    old = case.admission_date
    payload = {
        "old": old.isoformat() if old else None,
        "new": new.isoformat(),
        "by": deciding.optional("by") or "hospital",
        "reason_code": deciding.optional("reason_code") or "other",
    }
    case.admission_date = new
    case.surgery_date = new + SURGERY_AFTER_ADMISSION
    deciding.record_moving("admission.date_changed", payload)


def _departed(deciding: Deciding) -> None:
    deciding.record("travel.go_no_go_signed", {"decision": "go", "blockers": []})
    deciding.record_moving("travel.departed", {"attested": ["go_decided"]})


def _visa_granted(deciding: Deciding) -> dict[str, Any]:
    return {
        "destination": deciding.optional("destination"),
        "person": "patient",
        "valid_until": _iso(deciding.optional_day("valid_until")),
        "stay_covers_plan": deciding.flag("stay_covers_plan", default=True),
    }


def _surgery(deciding: Deciding) -> dict[str, Any]:
    case = deciding.case
    case.surgery_date = deciding.optional_day("surgery_date") or deciding.recorder.now.date()
    hospital = chosen_hospital(deciding.session, deciding.case_id)
    return {
        "hospital_id": hospital.id if hospital else None,
        "iort_planned": True,
        "iort_delivered": deciding.optional("iort_delivered") or "yes",
        "technique": deciding.optional("technique"),
        "reason_not_delivered": deciding.optional("reason_not_delivered"),
    }


def _discharged(deciding: Deciding) -> dict[str, Any]:
    case = deciding.case
    case.discharge_date = deciding.optional_day("discharge_date") or deciding.recorder.now.date()
    stay = (case.discharge_date - (case.admission_date or case.discharge_date)).days
    return {"los_days": stay, "documents": []}


def _clearance(deciding: Deciding) -> dict[str, Any]:
    case = deciding.case
    flight = deciding.optional_day("flight_date") or deciding.recorder.now.date()
    case.return_date = flight
    settled = case.pathology_state in deciding.world.process.machine.settled_for_flight
    return {
        "days_post_op": (flight - (case.surgery_date or flight)).days,
        "medif": deciding.flag("medif"),
        "pathology_settled": settled,
        "waiver_signed": deciding.flag("waiver_signed"),
    }


def _returned(deciding: Deciding) -> dict[str, Any]:
    deciding.case.return_date = deciding.optional_day("date") or deciding.recorder.now.date()
    return {}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_MOVED = Choice("The admission date has moved", _date_changed, needs=("admission_date",),
                may=("by", "reason_code"))  # fmt: skip

PROGRESS: Mapping[str, Mapping[str, Choice]] = {
    "INVITATION_LETTER": {
        "letter_verified": _reports(
            "invitation.verified",
            "Names, passport numbers, attendants, dates and hospital number match",
            attests=("invitation_fields_match",),
        ),
        "letter_defective": _reports(
            "invitation.defect_found",
            "The letter has a defect",
            lambda d: {"defects": d.listed("defects")},
            needs=("defects",),
        ),
        "date_changed": _MOVED,
    },
    "VISA": {
        "granted": _reports(
            "visa.granted",
            "All travellers have their visas",
            _visa_granted,
            may=("destination", "valid_until", "stay_covers_plan"),
            attests=("all_travellers_granted",),
        ),
        "refused": _reports(
            "visa.refused",
            "Refused; another way is possible",
            {"reason_code": "refused"},
            attests=("another_way_possible",),
        ),
        "refused_finally": _reports(
            "visa.refused", "Refused; no other way", {"reason_code": "refused"}
        ),
        "date_changed": _MOVED,
    },
    "TRAVEL_PREP": {
        "departed": Choice("Go: the patient has left", _departed, attests=("go_decided",)),
        "date_changed": _MOVED,
        "deteriorated": _reports(
            "clinical.deterioration_reported",
            "The patient's state has changed",
            {"summary_code": "reported"},
        ),
    },
    "IN_TRANSIT": {
        "arrived": _reports("travel.arrived", "The patient has arrived"),
        "aborted": _reports(
            "travel.aborted", "The journey was broken off", {"reason_code": "other"}
        ),
    },
    "LOCAL_PREOP": {"admitted": _reports("hospital.admitted", "The patient is admitted")},
    "ADMITTED": {
        "operated": _reports(
            "surgery.completed",
            "The operation is done",
            _surgery,
            may=("surgery_date", "iort_delivered", "technique", "reason_not_delivered"),
        ),
        "cancelled": _reports(
            "surgery.cancelled", "The operation was cancelled", {"reason_code": "other"}
        ),
    },
    "POST_OP": {
        "discharged": _reports(
            "hospital.discharged",
            "Discharged; the papers are complete or their gaps are listed",
            _discharged,
            may=("discharge_date",),
            attests=("discharge_gaps_listed",),
        )
    },
    "FLY_HOME_CLEARANCE": {
        "cleared": _reports(
            "flight_clearance.granted",
            "The surgeon's certificate is valid on the day of the flight",
            _clearance,
            may=("flight_date", "medif", "waiver_signed"),
            attests=("certificate_valid",),
        ),
        "refused": _reports(
            "flight_clearance.refused", "Not fit to fly yet", {"reason_code": "clinical"}
        ),
        "readmitted": _reports(
            "hospital.readmitted", "Back in hospital", {"reason_code": "clinical"}
        ),
    },
    "RETURNING": {
        "home": _reports(
            "travel.returned_home", "The patient is at home", _returned, may=("date",)
        ),
    },
    "FOLLOW_UP": {
        "completed": _reports("followup.programme_completed", "The programme is completed"),
        "recurrence": _reports("followup.recurrence_reported", "A recurrence is reported"),
    },
}


def _progress(case: Case | None) -> Mapping[str, Choice]:
    return PROGRESS.get(case.state, {}) if case else {}


def _item(state: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        entry = get(deciding.session, JourneyEntry, deciding.object_id("item_id"))
        settle_item(
            deciding.recorder, entry, state, actor=deciding.actor, reason=deciding.reason,
            cause=deciding.cause,
        )  # fmt: skip

    if state == "done":
        return Choice("It is done", apply)
    return Choice("It is not needed here", apply, reason=True)


def _answer(code: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        if "reminder_id" not in deciding.task.objects:
            return
        entry = get(deciding.session, FollowUpEntry, deciding.object_id("reminder_id"))
        now = deciding.recorder.now
        entry.state, entry.answer, entry.answered_at = "answered", code, now
        waited = (now - (entry.sent_at or now)).total_seconds() / 3600
        payload = {
            "reminder_id": require_id(entry.id),
            "answer_code": code,
            "hours_to_answer": round(waited, 1),
        }
        deciding.record("reminder.answered", payload, {"reminder_id": require_id(entry.id)})

    return Choice(label, apply)


def _no_calls(deciding: Deciding) -> None:
    """The patient wants no calls either: what the plan would still ask them is not asked."""
    stop_questions(
        deciding.session, deciding.recorder, deciding.case_id, deciding.actor, calls_too=True
    )


DONE = {"done": Choice("Done", nothing)}

QUESTIONS = {
    "confirm_admission": Question.of(
        "Agree the admission date with the hospital",
        COORDINATORS,
        {
            "confirmed": Choice(
                "The hospital confirmed it in writing; passports are checked",
                _confirm_admission,
                needs=("admission_date",),
                may=("surgery_date", "needs_visa"),
                attests=("passports_checked",),
            ),
            "hospital_withdrew": _reports(
                "hospital.withdrew_offer", "The hospital withdrew", {"reason_code": "other"}
            ),
        },
    ),
    "report_progress": Question("What has happened?", frozenset(COORDINATORS), _progress),
    "chase_item": Question.of(
        "A checklist item is late", COORDINATORS, {"done": _item("done"), "waived": _item("waived")}
    ),
    "chase_pathology": Question.of(
        "The final pathology is late: ask the hospital", COORDINATORS, DONE
    ),
    "call_patient": Question.of(
        "Call the patient",
        COORDINATORS,
        {
            "done": _answer("done", "It is done"),
            "booked": _answer("booked", "It is booked"),
            "not_yet": _answer("not_yet", "Not yet"),
            "no_calls": Choice(
                "They want no more questions, by telephone either", _no_calls, reason=True
            ),
        },
    ),
    "call_patient_now": Question.of("Red flag: call the patient now", COORDINATORS, DONE),
}
