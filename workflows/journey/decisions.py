"""The journey: facts that people report, by the state the case is in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from models import Case, JourneyEntry
from workflows.cases.chosen_hospital import chosen_hospital, needs_visa
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    DONE,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)
from workflows.engine.lookup import get, patient_of
from workflows.journey.checklist import open_before, settle_item

TITLES_AT_ONCE = 5
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

    raises = Raises(events=(type,))
    return Choice(label, apply, needs=needs, may=may, attests=attests, raises=raises)


def _confirm_admission(deciding: Deciding) -> None:
    case = deciding.case
    admission = _day_to_come(deciding)
    surgery = _planned_surgery(deciding, admission)
    hospital = chosen_hospital(deciding.session, deciding.case_id)
    visa = deciding.flag("needs_visa")
    if visa is None:
        patient = patient_of(deciding.session, deciding.case_id)
        visa = needs_visa(patient, hospital.country if hospital else "")
    case.admission_date, case.surgery_date = admission, surgery
    payload = {
        "hospital_id": hospital.id if hospital else None,
        "admission_date": admission.isoformat(),
        "surgery_date": _iso(surgery),
        "needs_visa": visa,
        "attested": ["passports_checked"],
    }
    deciding.record_moving("admission.date_confirmed", payload)


def _date_changed(deciding: Deciding) -> None:
    case = deciding.case
    old, new = case.admission_date, _day_to_come(deciding)
    surgery = _planned_surgery(deciding, new)
    payload = {
        "old": _iso(old),
        "new": new.isoformat(),
        "by": deciding.optional("by"),
        "reason_code": deciding.optional("reason_code"),
    }
    case.admission_date, case.surgery_date = new, surgery
    deciding.record_moving("admission.date_changed", payload)


def _day_to_come(deciding: Deciding) -> date:
    admission = deciding.day("admission_date")
    if admission < deciding.recorder.now.date():
        raise DecisionRefused("The admission date lies in the past.")
    return admission


def _planned_surgery(deciding: Deciding, admission: date) -> date | None:
    """Return the day of the operation: as given now, else as stated before, else not known.

    The travel plan counts from its own default while nobody has stated a day.
    """
    surgery = deciding.optional_day("surgery_date")
    if surgery is not None and surgery < admission:
        raise DecisionRefused("The operation cannot be before the admission.")
    stated = deciding.case.surgery_date
    if surgery is None and stated is not None and stated < admission:
        raise DecisionRefused(
            f"The operation is agreed for {stated.isoformat()}, which is before that admission. "
            "Say its new day, too."
        )
    return surgery or stated


def _departed(deciding: Deciding) -> None:
    """Say go: only when nothing that blocks the departure is open (E11 is this very call)."""
    left = deciding.past_day("departure_date")
    blockers = open_before(deciding.session, deciding.world, deciding.case_id, "go_no_go")
    if blockers:
        raise DecisionRefused(
            f"Not yet: {_titles(blockers)}. Mark each as done, or say why it is not needed, "
            "on the page of the journey."
        )
    payload = {"decision": "go", "blockers": [entry.code for entry in blockers]}
    deciding.record("travel.go_no_go_signed", payload)
    gone = {"departed_on": left.isoformat(), "attested": ["go_decided"]}
    deciding.record_moving("travel.departed", gone)


def _titles(blockers: Sequence[JourneyEntry]) -> str:
    count = len(blockers)
    named = "; ".join(f"“{entry.title}”" for entry in blockers[:TITLES_AT_ONCE])
    more = f"; and {count - TITLES_AT_ONCE} more" if count > TITLES_AT_ONCE else ""
    return f"{count} {'item blocks' if count == 1 else 'items block'} the departure: {named}{more}"


def _visa_granted(deciding: Deciding) -> dict[str, Any]:
    valid_until = deciding.day("valid_until")
    admission = deciding.case.admission_date
    if admission is not None and valid_until <= admission:
        raise DecisionRefused(
            f"A visa that ends on {valid_until.isoformat()} does not cover the stay: the admission "
            f"is on {admission.isoformat()}."
        )
    return {
        "destination": deciding.optional("destination"),
        "valid_until": valid_until.isoformat(),
        "stay_covers_plan": deciding.flag("stay_covers_plan"),
    }


def _surgery(deciding: Deciding) -> dict[str, Any]:
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


def _clearance(deciding: Deciding) -> dict[str, Any]:
    """The waiver is a flag that somebody sets with a reason; the reason stays with the answer."""
    case = deciding.case
    flight = deciding.day("flight_date")
    if case.discharge_date is not None and flight < case.discharge_date:
        raise DecisionRefused(
            f"The flight cannot be before the discharge on {case.discharge_date.isoformat()}."
        )
    waived = deciding.flag("waiver_signed")
    if waived:
        deciding.needs_reason()
    case.return_date = flight
    settled = case.pathology_state in deciding.world.process.machine.settled_for_flight
    return {
        "days_post_op": (flight - case.surgery_date).days if case.surgery_date else None,
        "medif": deciding.flag("medif"),
        "pathology_settled": settled,
        "waiver_signed": waived,
    }


def _returned(deciding: Deciding) -> dict[str, Any]:
    deciding.case.return_date = deciding.past_day("date")
    return {}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_MOVED = Choice(
    "The admission date has moved",
    _date_changed,
    needs=("admission_date",),
    may=("surgery_date", "by", "reason_code"),
    raises=Raises(events=("admission.date_changed",)),
)

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
            needs=("valid_until", "stay_covers_plan"),
            may=("destination",),
            attests=("all_travellers_granted",),
        ),
        "refused": _reports(
            "visa.refused", "Refused; another way is possible", attests=("another_way_possible",)
        ),
        "refused_finally": _reports("visa.refused", "Refused; no other way"),
        "date_changed": _MOVED,
    },
    "TRAVEL_PREP": {
        "departed": Choice(
            "Go: the patient has left",
            _departed,
            needs=("departure_date",),
            attests=("go_decided",),
            raises=Raises(events=("travel.go_no_go_signed", "travel.departed")),
        ),
        "date_changed": _MOVED,
        "deteriorated": _reports(
            "clinical.deterioration_reported", "The patient's state has changed"
        ),
    },
    "IN_TRANSIT": {
        "arrived": _reports("travel.arrived", "The patient has arrived"),
        "aborted": _reports("travel.aborted", "The journey was broken off"),
    },
    "LOCAL_PREOP": {"admitted": _reports("hospital.admitted", "The patient is admitted")},
    "ADMITTED": {
        "operated": _reports(
            "surgery.completed",
            "The operation is done",
            _surgery,
            needs=("surgery_date", "iort_delivered"),
            may=("technique", "reason_not_delivered"),
        ),
        "cancelled": _reports("surgery.cancelled", "The operation was cancelled"),
    },
    "POST_OP": {
        "discharged": _reports(
            "hospital.discharged",
            "Discharged; the papers are complete or their gaps are listed",
            _discharged,
            needs=("discharge_date",),
            attests=("discharge_gaps_listed",),
        )
    },
    "FLY_HOME_CLEARANCE": {
        "cleared": _reports(
            "flight_clearance.granted",
            "The surgeon's certificate is valid on the day of the flight",
            _clearance,
            needs=("flight_date",),
            may=("medif", "waiver_signed"),
            attests=("certificate_valid",),
        ),
        "refused": _reports("flight_clearance.refused", "Not fit to fly yet"),
        "readmitted": _reports("hospital.readmitted", "Back in hospital"),
    },
    "RETURNING": {
        "home": _reports(
            "travel.returned_home", "The patient is at home", _returned, needs=("date",)
        )
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
        return Choice("It is done", apply, raises=Raises(events=("checklist.item_done",)))
    raises = Raises(events=("checklist.item_waived",))
    return Choice("It is not needed here", apply, reason=True, raises=raises)


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
                raises=Raises(events=("admission.date_confirmed",)),
            ),
            "hospital_withdrew": _reports("hospital.withdrew_offer", "The hospital withdrew"),
        },
    ),
    "report_progress": Question("What has happened?", frozenset(COORDINATORS), _progress),
    "chase_item": Question.of(
        "A checklist item is late", COORDINATORS, {"done": _item("done"), "waived": _item("waived")}
    ),
    "chase_pathology": Question.of(
        "The final pathology is late: ask the hospital", COORDINATORS, DONE
    ),
}
