"""A permission to show papers to a hospital says where they go and by which law, and keeps that."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from models import Case, Consent, Hospital
from models.database import transaction
from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of, rows
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from web.home_words import ABROAD, BY_LAW
from workflows.cases.consented import CONSENT_TEXT

Visit = Callable[..., Visitor]


def lives_in(play: Play, country: str | None) -> None:
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(residence_country=country))


@pytest.mark.parametrize(
    ("home", "laws"),
    [
        ("KE", {"H01": "kdpa", "H02": "kdpa"}),
        ("DE", {"H01": "gdpr", "H02": "gdpr"}),
        ("IN", {"H01": None, "H02": "dpdp"}),
        ("CN", {"H01": "pipl", "H02": None}),
        ("US", {"H01": None, "H02": None}),
        (None, {"H01": None, "H02": None}),
    ],
)
def test_the_page_tells_country_and_law_and_the_row_keeps_them(
    visit: Visit, play: Play, home: str | None, laws: dict[str, str | None]
) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    lives_in(play, home)
    visitor, path = visit(), path_of(play)
    page = re.sub(r"\s+", " ", visitor.get(path).text)
    assert "Exampleton, India" in page and "Exampleton, China" in page
    assert ABROAD in page
    told = {law for law, words in BY_LAW.items() if words in page}
    assert told == {law for law in laws.values() if law}
    form = {"give": "hospitals", "hospital": ["H01", "H02"], "signer": "patient"}
    old = visitor.send(f"{path}/consent", {**form, "version": "2026-1"}, path)
    assert old.status_code == 422, "other words were shown"
    done = visitor.send(f"{path}/consent", {**form, "version": CONSENT_TEXT}, path)
    assert done.status_code == 303
    kept = {
        (row.recipient, row.recipient_country, row.law)
        for row in rows(play.world, Consent, scope="share_deid")
    }
    assert kept == {
        ("Fictitious Hospital 1, Exampleton", "IN", laws["H01"]),
        ("Fictitious Hospital 2, Exampleton", "CN", laws["H02"]),
    }
    assert {row.law for row in rows(play.world, Consent, scope="process")} == {None}
    tab = visit("coordinator").get(f"/cases/{play.case.ref}/consent").text
    assert "to Fictitious Hospital 2, Exampleton, CN" in re.sub(r"\s+", " ", tab)


def test_where_every_hospital_is_at_home_nothing_goes_abroad(visit: Visit, play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    lives_in(play, "IN")
    with transaction(play.world.engine) as session:
        session.execute(update(Hospital).values(country="IN"))
    page = re.sub(r"\s+", " ", visit().get(path_of(play)).text)
    assert "May we ask these hospitals?" in page
    assert ABROAD not in page and not any(words in page for words in BY_LAW.values())


@pytest.mark.parametrize("language", ["ar", "fr", "hi", "ru", "zh"])
def test_the_law_is_named_in_the_readers_language(visit: Visit, play: Play, language: str) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    page = visit().get(f"{path_of(play)}?lang={language}").text
    assert f'lang="{language}' in page
    assert "2019" in page and BY_LAW["kdpa"] not in page
