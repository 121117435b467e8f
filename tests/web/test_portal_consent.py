"""Who gives a permission on the patient's page: asked where the inquiry does not tell."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from models import Consent
from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of, rows
from tests.workflows.playing import PATIENT, Play
from workflows.cases.inquiry_decisions import CONSENT_TEXT

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
    answer = visitor.send(f"{path}/consent", {**messaging, "signer": "proxy"}, path)
    assert answer.status_code == 303
    (own,) = rows(play.world, Consent, scope="messaging")
    assert own.signed_by == "proxy"


def test_who_wrote_the_inquiry_themself_is_not_asked_again(visit: Visit, play: Play) -> None:
    play.open(patient=replace(PATIENT, intake={"relation": "self"}))
    play.answer("triage_inquiry", "in_scope", site="breast")
    visitor, path = visit(), path_of(play)
    assert "Who gives this permission?" not in visitor.get(path).text
    form = {"give": "process", "scope": ["process"], "version": CONSENT_TEXT}
    assert visitor.send(f"{path}/consent", form, path).status_code == 303
    (given,) = rows(play.world, Consent)
    assert (given.signed_by, given.method) == ("patient", "esign")
