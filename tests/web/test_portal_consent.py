"""Who gives a permission on the patient's page: asked where the inquiry does not tell."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from models import Consent, Document, Patient
from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of, rows
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import PATIENT, Play
from workflows.cases.consented import CONSENT_TEXT
from workflows.decisions import DecisionRefused

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("intake", [{"relation": "family"}, {"relation": "doctor"}, {}])
def test_a_relatives_yes_is_the_relatives_and_never_the_patients(
    visit: Visit, play: Play, intake: dict[str, str]
) -> None:
    play.open(patient=replace(PATIENT, intake=intake))
    play.answer("triage_inquiry", "in_scope", site="breast")
    visitor, path = visit(), path_of(play)
    page = visitor.get(path).text
    assert "Who gives this permission?" in page
    assert not re.search(r'name="signer"[^>]*checked', page), "nobody is preset"
    form = {"give": "process", "scope": ["process", "research"], "version": CONSENT_TEXT}
    for signer in ("", "neighbour"):
        refused = visitor.send(f"{path}/consent", {**form, "signer": signer}, path)
        assert refused.status_code == 422
        assert "Please say who gives this permission." in refused.text
        assert re.search(r'value="research" +checked', refused.text), "what was ticked stays"
    assert rows(play.world, Consent) == [] and play.case.state == "AWAITING_CONSENT"
    answer = visitor.send(f"{path}/consent", {**form, "signer": "guardian"}, path)
    assert answer.status_code == 303
    assert {c.signed_by for c in rows(play.world, Consent)} == {"guardian"}
    assert {e.payload["signed_by"] for e in play.events("consent.granted")} == {"guardian"}
    messaging = {"give": "messaging", "version": CONSENT_TEXT}
    assert visitor.send(f"{path}/consent", messaging, path).status_code == 422
    assert {c.ground for c in rows(play.world, Consent)} == {"legal_guardian"}
    assert "Given by a parent or the legal guardian" in visitor.get(path).text
    written = {**messaging, "signer": "proxy"}
    unnamed = visitor.send(f"{path}/consent", written, path)
    assert unnamed.status_code == 422 and "choose the paper" in unnamed.text
    play.add(SYNOPTIC)
    (paper,) = rows(play.world, Document)
    other = visitor.send(f"{path}/consent", {**written, "authority": str(paper.id + 9)}, path)
    assert other.status_code == 422
    answer = visitor.send(f"{path}/consent", {**written, "authority": str(paper.id)}, path)
    assert answer.status_code == 303
    (own,) = rows(play.world, Consent, scope="messaging")
    assert (own.signed_by, own.ground) == ("proxy", "written_authority")
    assert own.authority_id == paper.id


def test_who_wrote_the_inquiry_themself_is_not_asked_again(visit: Visit, play: Play) -> None:
    play.open(patient=replace(PATIENT, intake={"relation": "self"}))
    play.answer("triage_inquiry", "in_scope", site="breast")
    visitor, path = visit(), path_of(play)
    assert "Who gives this permission?" not in visitor.get(path).text
    form = {"give": "process", "scope": ["process"], "version": CONSENT_TEXT}
    assert visitor.send(f"{path}/consent", form, path).status_code == 303
    (given,) = rows(play.world, Consent)
    assert (given.signed_by, given.method) == ("patient", "esign")


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def test_a_relative_without_a_right_is_refused_and_the_patient_is_asked(
    visit: Visit, play: Play
) -> None:
    play.open(patient=replace(PATIENT, intake={"relation": "family"}))
    play.answer("triage_inquiry", "in_scope", site="breast")
    visitor, path = visit(), path_of(play)
    form = {"give": "process", "scope": ["process"], "version": CONSENT_TEXT, "signer": "relative"}
    for _ in range(2):
        refused = visitor.send(f"{path}/consent", form, path)
        assert refused.status_code == 422
        assert "yes is not the patient" in refused.text and "speaks with you" in refused.text
    assert rows(play.world, Consent) == [] and play.case.state == "AWAITING_CONSENT"
    assert kinds(play).count("settle_who_decides") == 1
    (not_taken,) = play.events("consent.not_taken")
    assert not_taken.payload["signed_by"] == "relative"


SALIM = {"relation": "family", "asker_name": "Salim Exempla"}


@pytest.mark.parametrize("knows", ["no", "cannot"])
def test_a_patient_who_does_not_know_stops_the_case_for_a_person(
    visit: Visit, play: Play, knows: str
) -> None:
    play.open(patient=replace(PATIENT, intake={**SALIM, "patient_knows": knows}))
    play.run()
    assert play.events("case.opened")[0].payload["patient_knows"] == knows
    assert kinds(play).count("settle_who_decides") == 1
    play.answer("triage_inquiry", "in_scope", site="breast")
    (first,) = play.messages(direction="out")
    assert first.template == "M01" and "Dear Salim Exempla," in first.body
    assert (PATIENT.name or "?") not in first.body
    visitor, path = visit(), path_of(play)
    page = visitor.get(path).text
    assert "Before anybody gives a permission" in page and 'value="process"' not in page
    form = {"give": "process", "scope": ["process"], "version": CONSENT_TEXT}
    for signer in ("patient", "guardian", "court"):
        refused = visitor.send(f"{path}/consent", {**form, "signer": signer}, path)
        assert refused.status_code == 422
    own = {"give": "messaging", "version": CONSENT_TEXT, "signer": "patient"}
    assert visitor.send(f"{path}/consent", own, path).status_code == 422
    with pytest.raises(DecisionRefused, match="Whether the patient knows"):
        play.answer("record_consent", "granted", signed_by="patient", method="paper")
    assert rows(play.world, Consent) == []
    play.move(12)
    assert {m.template for m in play.messages(direction="out")} == {"M01"}


def test_a_patient_who_was_told_decides(visit: Visit, play: Play) -> None:
    play.open(patient=replace(PATIENT, intake={**SALIM, "patient_knows": "no"}))
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    with pytest.raises(DecisionRefused, match="Say who told the patient"):
        play.answer("settle_who_decides", "patient_knows", told_on="2026-01-02")
    today = play.clock.now().date()
    with pytest.raises(DecisionRefused, match="is still to come"):
        later = (today + timedelta(days=4)).isoformat()
        play.answer("settle_who_decides", "patient_knows", told_by="family", told_on=later)
    for odd in ("not an address", "a@b.example\nBcc: c@d.example", "a@b.example,c@d.example"):
        with pytest.raises(DecisionRefused):
            play.answer(
                "settle_who_decides", "patient_knows", told_by="family",
                told_on=today.isoformat(), patient_email=odd,
            )  # fmt: skip
    play.answer(
        "settle_who_decides", "patient_knows", told_by="family", told_on=today.isoformat(),
        patient_email="rosa.own@mail.example",
    )  # fmt: skip
    (told,) = play.events("patient.informed")
    assert told.payload == {"told_by": "family", "told_on": today.isoformat()}
    (asks,) = play.messages(template="M02")
    assert asks.address == "rosa.own@mail.example" and f"Dear {PATIENT.name}," in asks.body
    (patient,) = rows(play.world, Patient)
    assert patient.intake["asker_email"] == PATIENT.email, "the asker's address is kept as theirs"
    play.answer("record_consent", "granted", signed_by="patient", method="paper")
    assert play.case.state == "COLLECTING_RECORDS"


def test_for_a_patient_who_cannot_decide_signs_who_has_the_right(play: Play) -> None:
    play.open(patient=replace(PATIENT, intake={**SALIM, "patient_knows": "cannot"}))
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    with pytest.raises(DecisionRefused, match="Say on which ground"):
        play.answer("settle_who_decides", "cannot_decide", "she does not wake up")
    play.answer("settle_who_decides", "cannot_decide", "she does not wake up", ground="court")
    (asks,) = play.messages(template="M02")
    assert "Dear Salim Exempla," in asks.body, "the address is still that of who wrote"
    with pytest.raises(DecisionRefused, match="said to be unable to decide"):
        play.answer("record_consent", "granted", signed_by="patient", method="paper")
    play.answer("record_consent", "granted", signed_by="guardian", method="paper", ground="court")
    (given,) = rows(play.world, Consent)
    assert (given.signed_by, given.ground) == ("guardian", "court")
    events = str([e.payload for e in play.events()])
    assert "wake" not in events and "Salim" not in events
