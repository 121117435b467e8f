"""The page of a family whose link ended with a death or a withdrawal."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from models import Case
from models.database import transaction
from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of
from tests.workflows.playing import PATIENT, Play
from web.languages import LANGUAGES
from workflows.cases.reported_facts import report_fact
from workflows.events import Actor
from workflows.portal.access import revoke_links

Visit = Callable[..., Visitor]
COORDINATOR = Actor("coordinator", "c1")
TECHNICAL = "This link does not open anything"


def speaking(play: Play, language: str) -> None:
    with transaction(play.world.engine) as session:
        session.get_one(Case, play.case_id).language = language


def test_after_a_death_the_family_finds_a_plain_page(visit: Visit, play: Play) -> None:
    play.open()
    path = path_of(play)
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    page = visit().get(path)
    settings = play.world.settings
    for shown in ("We are very sorry", "call us at once", settings.contact_name,
                  settings.contact_phone, "What happens to the papers"):  # fmt: skip
        assert shown in page.text, shown
    assert TECHNICAL not in page.text and "by e-mail" not in page.text
    assert (PATIENT.name or "?") not in page.text and page.status_code == 404
    fresh = visit().get(path_of(play)).text
    assert "We are very sorry" in fresh
    for act in ("signs", "withdraw"):
        assert "We are very sorry" in visit().get(f"{path}/{act}").text


def test_after_a_withdrawal_the_link_says_so_and_names_no_death(visit: Visit, play: Play) -> None:
    play.open()
    path = path_of(play)
    report_fact(play.world, play.case.ref, "consent.withdrawn", Actor("patient"))
    page = visit().get(path).text
    assert "You have left the programme" in page and "What happens to the papers" in page
    assert "has died" not in page and TECHNICAL not in page


def test_a_link_that_was_ended_before_says_nothing_of_a_death(visit: Visit, play: Play) -> None:
    play.open()
    path = path_of(play)
    revoke_links(play.world, play.case_id, "c1")
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    text = visit().get(path).text
    assert TECHNICAL in text and "has died" not in text
    forged = visit().get(path[:-4] + "AAAA").text
    assert TECHNICAL in forged and "has died" not in forged


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_it_stands_there_in_the_languages_of_the_portal(
    visit: Visit, play: Play, language: str
) -> None:
    play.open()
    speaking(play, language)
    path = path_of(play)
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    text = visit().get(path).text
    assert f'lang="{language}' in text
    assert ("We are very sorry" in text) is (language == "en")
    assert ("What happens to the papers" in text) is (language == "en")


def test_a_new_link_is_promised_to_nobody_who_gets_none(visit: Visit, play: Play) -> None:
    play.open()
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    visitor = visit()
    page = visitor.send("/portal/sign-in/link", {"email": PATIENT.email or ""}).text
    assert "is on its way" not in page
    assert "If an open file has this address" in page
    assert play.world.settings.contact_phone in page
    with Session(play.world.engine) as session:
        assert session.get_one(Case, play.case_id).state == "BEREAVEMENT_WRAPUP"
