"""A family ends its reminders with one click: they end, letters of care go on, and it says so."""

from collections.abc import Callable
from datetime import timedelta
from email.message import Message as Mail

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import reply_token
from models import Case, StepRun
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.acts import SIGNED, to_decision
from tests.workflows.playing import Play
from web.languages import LANGUAGES
from workflows.cases.reported_facts import report_fact
from workflows.events import Actor

Visit = Callable[..., Visitor]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
PUBLIC = "https://portal.example"


@pytest.fixture
def play(play: Play) -> Play:
    """Over https, as mail programs want it for their button."""
    play.world.settings = play.world.settings.model_copy(update={"web_public_url": PUBLIC})
    return play


def to_records(play: Play) -> None:
    """The family is asked for papers, and a reminder of them has left."""
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    remind(play)


def remind(play: Play, days: int = 3) -> None:
    for _ in range(days * 2):
        play.move(0.5)


def way_out(mail: Mail) -> str:
    """The path of the address that a mail program presses."""
    return str(mail["List-Unsubscribe"]).strip("<>").removeprefix(PUBLIC)


def test_only_reminders_have_the_button(play: Play) -> None:
    to_records(play)
    first, *reminders = play.mails("M04")
    assert reminders, "it was reminded"
    for mail in reminders:
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert way_out(mail).startswith("/portal/reminders/u")
        assert mail["Auto-Submitted"] == "auto-generated"
    for mail in (first, *play.mails("M01")):
        assert mail["List-Unsubscribe"] is None and mail["List-Unsubscribe-Post"] is None
        assert mail["Precedence"] is None


def test_one_click_ends_the_reminders_and_nothing_else(visit: Visit, play: Play) -> None:
    to_records(play)
    before = len(play.mails("M04"))
    path = way_out(play.mails("M04")[-1])
    family = visit()
    assert "End the reminders" in family.get(path).text
    assert play.events("reminders.ended") == [], "to open the page ends nothing"
    answer = family.client.post(path, data=ONE_CLICK)
    assert answer.status_code == 200
    assert "You get no more reminders" in answer.text
    assert "Letters about the care itself still come" in answer.text
    family.client.post(path, data=ONE_CLICK)
    assert len(play.events("reminders.ended")) == 1
    remind(play, 12)
    assert len(play.mails("M04")) == before
    assert "call_silent" in [task.kind for task in play.tasks()], "a person still calls"


def test_a_reminder_that_waits_for_the_morning_does_not_leave_after_all(
    visit: Visit, play: Play
) -> None:
    to_records(play)
    before = len(play.mails("M04"))
    path = way_out(play.mails("M04")[-1])
    waiting = play.clock.now() + timedelta(days=3)
    while play.clock.now() < waiting:
        play.clock.move(timedelta(hours=1))
        if [row for row in _queued(play) if "nudge" in row]:
            break
    visit().client.post(path, data=ONE_CLICK)
    remind(play, 4)
    assert len(play.mails("M04")) == before


def _queued(play: Play) -> list[dict[str, object]]:
    with Session(play.world.engine) as session:
        rows = session.scalars(select(StepRun).where(col(StepRun.state) == "queued"))
        return [dict(row.objects) for row in rows]


def test_a_last_day_is_told_by_telephone_to_who_wants_no_reminders(
    visit: Visit, play: Play
) -> None:
    to_decision(play)
    play.answer("approve_message", "approve")
    token = reply_token(play.case_id, play.world.keys.ring, "reminders")
    visit().client.post(f"/portal/reminders/{token}", data=ONE_CLICK)
    for days in [5] * 12 + [1] * 7:
        play.move(days)
        if any(task.kind == "call_silent" for task in play.tasks()):
            play.answer("call_silent", "reached", "they think about it")
    assert play.mails("M51") == []
    assert "M51" in [task.detail for task in play.tasks() if task.kind == "tell_patient"]


@pytest.mark.parametrize("token", ["17", "u1.aaaaaaaaaaaaaaaaaaaaaaaaaa", "x" * 300])
def test_an_address_that_nobody_gave_out_opens_nothing(
    visit: Visit, play: Play, token: str
) -> None:
    play.open()
    assert visit().get(f"/portal/reminders/{token}").status_code == 404
    assert visit().client.post(f"/portal/reminders/{token}", data=ONE_CLICK).status_code == 404
    other = reply_token(play.case_id, play.world.keys.ring, "case")
    assert visit().client.post(f"/portal/reminders/{other}", data=ONE_CLICK).status_code == 404
    assert play.events("reminders.ended") == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_it_is_said_in_the_languages_of_the_portal(visit: Visit, play: Play, language: str) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        session.get_one(Case, play.case_id).language = language
    token = reply_token(play.case_id, play.world.keys.ring, "reminders")
    text = visit().get(f"/portal/reminders/{token}").text
    assert f'lang="{language}' in text
    assert ("End the reminders" in text) is (language == "en")


def test_after_a_death_no_letter_is_promised(visit: Visit, play: Play) -> None:
    play.open()
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c1"))
    token = reply_token(play.case_id, play.world.keys.ring, "reminders")
    text = visit().get(f"/portal/reminders/{token}").text
    assert "You get no more reminders" in text and "still come" not in text
    visit().client.post(f"/portal/reminders/{token}", data=ONE_CLICK)
    assert play.events("reminders.ended") == []
