"""The invitation letter: asked for with the passport's data, compared, its defects told."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Consent, OutreachThread
from models.database import transaction
from tests.workflows.acts import AGREED, accept, approve, reply, to_decision
from tests.workflows.playing import PATIENT, Play
from tests.workflows.remembered import Remembered
from workflows.decisions import DecisionRefused

ASKED = {
    "mrz_name": "SAMPLE<<ROSA", "passport_number": "AK0123456", "nationality": "KE",
    "valid_from": "2024-05-01", "valid_to": "2034-04-30", "mission": "High Commission, Nairobi",
    "attendants": "SAMPLE<<DANIEL, AK0123457, son",
}  # fmt: skip
MATCHES = {
    "name_stated": "Rosa Sample", "passport_stated": "AK 0123456", "admission_stated": "2027-02-08"
}  # fmt: skip


@Remembered
def to_invitation(play: Play) -> None:
    to_decision(play)
    accept(play)
    approve(play, "M45")
    play.answer("confirm_admission", "confirmed", **AGREED)


def allow_names(play: Play) -> None:
    with transaction(play.world.engine) as session:
        mine = col(OutreachThread.case_id) == play.case_id
        thread = session.scalars(select(OutreachThread).where(mine)).one()
        session.add(Consent(
            case_id=play.case_id, scope="share_identified", hospital_id=thread.hospital_id,
            text_version="1", signed_by="patient", method="paper", granted_at=play.clock.now(),
        ))  # fmt: skip


def ask(play: Play) -> None:
    allow_names(play)
    play.answer("request_invitation", "write", **ASKED)
    approve(play, "M19a")


def letter_came(play: Play, number: int = 5) -> None:
    reply(play, "Please find the invitation letter attached.", number=number)
    play.answer("confirm_reply", "invitation_letter")


def test_it_is_asked_for_with_the_passports_data_after_consent_and_approval(play: Play) -> None:
    to_invitation(play)
    with pytest.raises(DecisionRefused, match="does not allow this hospital records with the name"):
        play.answer("request_invitation", "write", **ASKED)
    ask(play)
    (letter,) = play.messages(template="M19a")
    assert letter.state == "sent"
    assert "SAMPLE<<ROSA" in letter.body and "passport AK0123456" in letter.body
    assert "Attendant 1: SAMPLE<<DANIEL, passport AK0123457, son of the patient" in letter.body
    (asked,) = play.events("invitation.requested")
    assert asked.payload["persons"] == 2
    assert "AK0123456" not in str([one.payload for one in play.events()])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"valid_to": "2027-01-01"}, "not valid on the day of the admission"),
        ({"nationality": "Ken"}, "too long"),
        ({"passport_number": "?"}, "as in the passport"),
        ({"attendants": "DANIEL"}, "Write each companion"),
        ({"attendants": ",,"}, "Write each companion"),
    ],
)
def test_what_cannot_be_is_refused(play: Play, wrong: dict[str, str], said: str) -> None:
    to_invitation(play)
    allow_names(play)
    with pytest.raises(DecisionRefused, match=said):
        play.answer("request_invitation", "write", **{**ASKED, **wrong})
    assert play.messages(template="M19a") == []


def test_a_letter_that_matches_is_checked_and_the_case_goes_on(play: Play) -> None:
    to_invitation(play)
    ask(play)
    letter_came(play)
    play.answer("check_invitation", "compare", **MATCHES, born_stated=str(PATIENT.birth_date))
    assert play.events("invitation.verified") and play.case.state == "VISA"
    assert play.messages(template="M19") == []


def test_each_defect_is_told_to_the_hospital_once_approved(play: Play) -> None:
    to_invitation(play)
    ask(play)
    letter_came(play)
    wrong = {"name_stated": "Rosa Simple", "passport_stated": "AK0123465",
             "admission_stated": "2027-02-18"}  # fmt: skip
    play.answer("check_invitation", "compare", **wrong)
    (found,) = play.events("invitation.defect_found")
    assert found.payload["defects"] == ["name_mismatch", "passport_no", "dates"]
    approve(play, "M19")
    (letter,) = play.messages(template="M19")
    assert letter.state == "sent" and play.case.state == "INVITATION_LETTER"
    assert 'passport number: is "AK0123465", should be "AK0123456"' in letter.body
    letter_came(play, 6)
    play.answer("check_invitation", "compare", **MATCHES)
    assert play.case.state == "VISA"


def test_without_a_request_the_number_is_said_from_the_passport(play: Play) -> None:
    to_invitation(play)
    letter_came(play)
    stated = {**MATCHES, "name_stated": PATIENT.name or ""}
    with pytest.raises(DecisionRefused, match="no name or passport number to compare with"):
        play.answer("check_invitation", "compare", **stated)
    play.answer("check_invitation", "compare", passport_number="AK0123456", **stated)
    assert play.case.state == "VISA"


def test_a_person_who_reports_it_checked_ends_what_waits(play: Play) -> None:
    to_invitation(play)
    play.answer("report_progress", "letter_verified")
    with Session(play.world.engine):
        left = [one.kind for one in play.tasks()]
    assert "request_invitation" not in left and "check_invitation" not in left
