"""The invitation letter: a coordinator asks for it, and compares it with the file when it comes."""

import re
from typing import Any

from models import Message, OutreachThread
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get, patient_of
from workflows.engine.permissions import allows_names
from workflows.letters.days import day_in
from workflows.letters.offer_rows import offers_in
from workflows.outreach.invitations import CORRECTIONS, REQUEST, asked_with, differences
from workflows.outreach.writing import DRAFTING, draft

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{5,14}", re.ASCII)
NO_PERMISSION = (
    "The letter names the patient, and the family does not allow this hospital records with the "
    "name. Write the permission down on the Consent tab first."
)


def _ask(deciding: Deciding) -> None:
    """Draft the request with the passport's data; a person approves it."""
    thread = _chosen(deciding)
    _must_allow(deciding, thread)
    if patient_of(deciding.session, deciding.case_id).birth_date is None:
        raise DecisionRefused("The patient's date of birth is not in the file: add it first.")
    if deciding.case.admission_date is None:
        raise DecisionRefused("No day of the admission is agreed: agree it first.")
    valid_from, valid_to = deciding.day("valid_from"), deciding.day("valid_to")
    if not valid_from < deciding.case.admission_date < valid_to:
        raise DecisionRefused("The passport is not valid on the day of the admission: check it.")
    told: dict[str, Any] = {
        "mrz_name": deciding.value("mrz_name"),
        "passport_number": _number(deciding, "passport_number"),
        "nationality": _country(deciding),
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat(),
        "mission": deciding.value("mission"),
        "form_hint": deciding.optional("form_hint"),
        "attendants": _attendants(deciding),
    }
    draft(deciding, thread, REQUEST, told=told)


def _chosen(deciding: Deciding) -> OutreachThread:
    accepted = offers_in(deciding.session, deciding.case_id, ("accepted",))
    if not accepted:
        raise DecisionRefused("No offer is accepted in this case: there is nobody to ask.")
    return get(deciding.session, OutreachThread, accepted[-1].thread_id)


def _must_allow(deciding: Deciding, thread: OutreachThread) -> None:
    if not allows_names(deciding.session, deciding.case_id, thread.hospital_id):
        raise DecisionRefused(NO_PERMISSION)


def _number(deciding: Deciding, name: str) -> str:
    given = deciding.value(name)
    if not _NUMBER.fullmatch(given):
        raise DecisionRefused(f"{name} must be letters and digits, as in the passport.")
    return given


def _country(deciding: Deciding) -> str:
    given = deciding.value("nationality").upper()
    if not _COUNTRY.fullmatch(given):
        raise DecisionRefused("nationality must be two capital letters, such as KE.")
    return given


def _attendants(deciding: Deciding) -> list[dict[str, str]]:
    """Read "NAME, passport number, relation", one after another with semicolons."""
    found = []
    for one in (deciding.optional("attendants") or "").split(";"):
        if not one.strip():
            continue
        parts = [part.strip() for part in one.split(",")]
        if len(parts) != 3 or not all(parts) or not _NUMBER.fullmatch(parts[1]):
            raise DecisionRefused(
                "Write each companion as: name as in the passport, passport number, relation; "
                "then a semicolon before the next."
            )
        found.append({"mrz_name": parts[0], "passport_number": parts[1], "relation": parts[2]})
    return found


def _check(deciding: Deciding) -> None:
    """Compare what the letter states with the file: it matches, or the hospital mends it."""
    thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
    asked, case = asked_with(deciding.session, thread), deciding.case
    patient = patient_of(deciding.session, deciding.case_id)
    name = asked.get("mrz_name") or patient.name
    passport = asked.get("passport_number") or deciding.optional("passport_number")
    if not name or not passport:
        raise DecisionRefused(
            "The file has no name or passport number to compare with: say the number as the "
            "passport itself has it."
        )
    if case.admission_date is None:
        raise DecisionRefused("No day of the admission is agreed: there is nothing to compare.")
    stated = {
        "name": deciding.value("name_stated"),
        "passport": _number(deciding, "passport_stated"),
        "admission": deciding.day("admission_stated"),
        "born": deciding.optional_day("born_stated"),
    }
    known = {
        "name": name,
        "passport": passport,
        "admission": case.admission_date,
        "born": patient.birth_date,
    }
    found = differences(stated, known)
    if not found:
        matches = {"attested": ["invitation_fields_match"]}
        deciding.record_moving("invitation.verified", matches)
        return
    _must_allow(deciding, thread)
    defects = list(dict.fromkeys(one.defect for one in found))
    deciding.record_moving("invitation.defect_found", {"defects": defects})
    letter = get(deciding.session, Message, deciding.object_id("message_id"))
    came = letter.sent_at or deciding.recorder.now
    told = {
        "invitation_on": day_in("UTC", came).isoformat(),
        "corrections": [
            {"field": one.field, "is": one.stated, "should_be": one.should_be} for one in found
        ],
    }
    draft(deciding, thread, CORRECTIONS, told=told)


def _nothing(_: Deciding) -> None:
    pass


QUESTIONS = {
    "request_invitation": Question.of(
        "Ask the hospital for the invitation letter",
        COORDINATORS,
        {
            "write": Choice(
                "Write the request with the passport's data; it comes to be approved",
                _ask,
                needs=(
                    "mrz_name", "passport_number", "nationality", "valid_from", "valid_to",
                    "mission",
                ),
                may=("form_hint", "attendants"),
                raises=Raises(events=DRAFTING, letters=(REQUEST,)),
            ),
            "not_needed": Choice(
                "Not needed: it comes by another way", _nothing, reason=True
            ),
        },
    ),
    "check_invitation": Question.of(
        "An invitation letter came: does it match the file?",
        COORDINATORS,
        {
            "compare": Choice(
                "Compare what it states with the file",
                _check,
                needs=("name_stated", "passport_stated", "admission_stated"),
                may=("born_stated", "passport_number"),
                raises=Raises(
                    events=(
                        "invitation.verified", "invitation.defect_found", *DRAFTING
                    ),
                    letters=(CORRECTIONS,),
                ),
                will=(
                    "Where all is the same, the letter counts as checked. Where something differs, "
                    "a letter with each correction is drafted."
                ),
            ),
            "no_letter": Choice("There is no such letter in it", _nothing, reason=True),
        },
    ),
}  # fmt: skip
