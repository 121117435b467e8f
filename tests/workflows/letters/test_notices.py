"""Nobody is left without news: what becomes of the chain when one letter does not get through."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from models import FollowUpEntry, Patient, StepRun
from models.database import transaction
from tests.workflows.acts import OFFER, SIGNED, reply, to_home, to_outreach
from tests.workflows.playing import Play
from workflows.cases.intake import add_document, store_original
from workflows.cases.reported_facts import report_fact
from workflows.engine.record import Recorder
from workflows.events import Actor
from workflows.portal import acts as portal_acts

CALLS = frozenset({"call_patient", "ask_symptoms"})
"""Questions of the follow-up that a coordinator asks by telephone."""


class Failing:
    """A mail server that answers every letter with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def deliver(self, *_: object, **__: object) -> None:
        raise self.error


def to_records(play: Play) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)


def waiting(play: Play, name: str) -> list[StepRun]:
    with Session(play.world.engine) as session:
        query = select(StepRun).where(col(StepRun.name) == name, col(StepRun.state) == "queued")
        return list(session.scalars(query))


def questions(play: Play, **by: object) -> list[FollowUpEntry]:
    with Session(play.world.engine) as session:
        found = session.scalars(select(FollowUpEntry).order_by(col(FollowUpEntry.due)))
        return [row for row in found if all(getattr(row, k) == v for k, v in by.items())]


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


CHAINS = [(to_records, "M04", "notices.nudge_records"), (to_outreach, "M12", "notices.send_update")]
FATES = [
    (MailUncertain("dropped"), "uncertain"),
    (MailRefused(permanent=True, code=550, stage="recipient"), "refused"),
]


@pytest.mark.parametrize(("brought", "template", "step"), CHAINS)
@pytest.mark.parametrize(("error", "state"), FATES)
def test_the_news_goes_on_after_a_letter_was_lost(
    play: Play,
    brought: Callable[[Play], None],
    template: str,
    step: str,
    error: Exception,
    state: str,
) -> None:
    brought(play)
    play.move(3 / 24 / 60)  # the receipt of what was said so far has left
    working = play.world.mail_out
    play.world.mail_out = Failing(error)  # type: ignore[assignment]
    play.move(3.1)
    assert [m.state for m in play.messages(template=template)].count(state) == 1
    lost = play.messages(state=state)
    assert {m.template for m in lost} <= {template, "M56"}, "this one, and the receipt of a yes"
    assert kinds(play).count("settle_message") == len(lost), "a person hears of each"
    assert len(waiting(play, step)) == 1, "one next letter, never two"
    play.world.mail_out = working
    before = len(play.messages(template=template, state="sent"))
    play.move(3.1)
    assert len(play.messages(template=template, state="sent")) == before + 1
    assert len(waiting(play, step)) == 1


def test_no_letter_follows_a_lost_one_after_a_death(play: Play) -> None:
    to_outreach(play)
    play.world.mail_out = Failing(MailUncertain("dropped"))  # type: ignore[assignment]
    play.move(3.1)
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c1"))
    assert waiting(play, "notices.send_update") == []
    before = len(play.messages())
    play.move(10)
    assert len(play.messages()) == before


def test_a_letter_held_back_by_a_withdrawn_permission_is_told_by_telephone(play: Play) -> None:
    to_outreach(play)
    play.world.mail_out = Failing(MailRefused(permanent=False, code=451, stage="recipient"))  # type: ignore[assignment]
    play.move(3.1)
    (letter,) = play.messages(template="M12")
    assert letter.state == "queued"
    portal_acts.take_back(play.world, play.case, "messaging")
    play.move(0.01)
    (letter,) = play.messages(template="M12")
    assert letter.state == "cancelled"
    (task,) = [task for task in play.tasks() if task.kind == "tell_patient"]
    assert task.detail == "M12"
    assert len(waiting(play, "notices.send_update")) == 1, "and the news goes on"


def test_an_update_whose_turn_came_as_the_case_was_held_goes_on_afterwards(play: Play) -> None:
    to_outreach(play)
    hold = {"reason": "patient_asked"}
    report_fact(play.world, play.case.ref, "case.put_on_hold", Actor("coordinator", "c1"), hold)
    with transaction(play.world.engine) as session:
        # The hold came while the row was being worked: it was not paused.
        row = session.scalars(
            select(StepRun).where(col(StepRun.name) == "notices.send_update")
        ).one()
        row.state, row.due_at = "queued", play.clock.now()
    play.run()
    assert play.messages(template="M12") == []
    play.answer("resume_case", "resume")
    play.move(3.1)
    assert len(play.messages(template="M12", state="sent")) == 1


def test_news_keep_their_rhythm_while_a_hospital_asks_for_more(play: Play) -> None:
    """From outreach to the question and back: no letter twice, none later than 72 hours."""
    to_outreach(play)
    (first,) = waiting(play, "notices.send_update")
    play.move(1)
    reply(play, "Please send us the slides before we can decide.")
    play.answer("confirm_reply", "more_info")
    assert play.case.state == "MORE_INFO"
    assert waiting(play, "notices.send_update") == [first]
    play.move(1)
    play.answer("answer_more_info", "unavailable", "never made", items="slides")
    assert play.case.state == "MORE_INFO", "the hospital has not heard of it yet"
    play.answer("approve_message", "approve")
    assert play.case.state == "OUTREACH"
    (row,) = waiting(play, "notices.send_update")
    assert (row.id, row.due_at) == (first.id, first.due_at)
    play.move(1.1)
    assert len(play.messages(template="M12", state="sent")) == 1
    (following,) = waiting(play, "notices.send_update")
    assert following.due_at - play.clock.now() == timedelta(hours=72)
    assert following.root_id == first.root_id, "one chain, followed under one id"


def test_news_end_with_the_last_state_that_wants_them(play: Play) -> None:
    to_outreach(play)
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    assert play.case.state == "OFFER_REVIEW"
    assert waiting(play, "notices.send_update") == []


@pytest.mark.parametrize("error", [error for error, _ in FATES])
def test_a_question_whose_letter_was_lost_is_asked_by_a_person(
    play: Play, error: Exception
) -> None:
    to_home(play)
    play.world.mail_out = Failing(error)  # type: ignore[assignment]
    play.move(14)
    lost = [message.dedupe_key for message in play.messages(template="M34")]
    assert lost
    by_letter = [q for q in questions(play) if f"reminder:{q.id}" in lost]
    assert {q.state for q in by_letter} == {"unanswered"}
    called = [task.objects.get("reminder_id") for task in play.tasks() if task.kind in CALLS]
    assert {q.id for q in by_letter} <= set(called)


def test_whom_no_letter_reaches_is_asked_by_telephone(play: Play) -> None:
    to_home(play)
    with transaction(play.world.engine) as session:
        session.scalars(select(Patient)).one().email = None
    play.move(14)
    assert questions(play, state="suppressed") == []
    assert play.messages(template="M34") == []
    assert set(kinds(play)) & CALLS


def stop(play: Play) -> FollowUpEntry:
    play.move(14)
    entry = next(q for q in questions(play, state="sent") if "patient" in q.recipients)
    portal_acts.answer(play.world, play.case, entry.id or 0, "stop")
    play.run()
    return entry


def test_a_stop_to_the_questions_is_heard_and_the_critical_ones_are_asked_by_telephone(
    play: Play,
) -> None:
    to_home(play)
    entry = stop(play)
    (told,) = [
        task
        for task in play.tasks()
        if task.kind in CALLS and task.objects.get("reminder_id") == entry.id
    ]
    assert told.detail == "stop"
    ahead = questions(play, state="scheduled")
    critical = [q for q in ahead if "patient" in q.recipients]
    assert critical and all(q.critical for q in critical)
    suppressed = questions(play, state="suppressed")
    assert suppressed and not any(q.critical for q in suppressed)
    letters = len(play.messages(template="M34"))
    play.move(60)
    assert len(play.messages(template="M34")) == letters, "none by letter"
    due = [q for q in critical if q.due <= play.clock.now().date()]
    asked = {task.objects.get("reminder_id") for task in play.tasks()}
    assert due and {q.id for q in due} <= asked


def test_who_wants_no_calls_either_is_asked_nothing_more(play: Play) -> None:
    to_home(play)
    stop(play)
    while asked := [kind for kind in kinds(play) if kind in CALLS]:
        play.answer(asked[0], "no_calls", reason="said so on the telephone")
    assert [q for q in questions(play, state="scheduled") if "patient" in q.recipients] == []
    play.move(60)
    codes = {q.id: q for q in questions(play)}
    called = [codes[t.objects["reminder_id"]] for t in play.tasks() if t.kind in CALLS]
    assert not any("patient" in q.recipients for q in called)


class Meanwhile:
    """A mail server during whose work something else happens."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act

    def deliver(self, *_: object, **__: object) -> None:
        self.act()


def test_a_letter_overtaken_by_what_it_asks_for_is_settled_by_a_person(play: Play) -> None:
    to_records(play)
    play.world.mail_out = Meanwhile(lambda: receive(play))  # type: ignore[assignment]
    play.move(2.1)
    (letter,) = [m for m in play.messages(template="M04") if ":run:" in (m.dedupe_key or "")][1:]
    assert letter.state == "uncertain"
    assert "settle_message" in kinds(play)


def test_a_letter_that_waits_to_be_tried_again_does_not_outlive_its_reason(play: Play) -> None:
    to_records(play)
    play.world.mail_out = Failing(MailRefused(permanent=False, code=451, stage="recipient"))  # type: ignore[assignment]
    play.move(2.1)
    receive(play)
    assert [m.state for m in play.messages(template="M04")].count("queued") == 0
    assert "tell_patient" not in kinds(play)


def receive(play: Play) -> None:
    """Take a file in: what the reminder asks for."""
    sha256, key = store_original(play.world, b"a report")
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        add_document(
            session,
            recorder,
            play.case_id,
            sha256=sha256,
            key=key,
            size=8,
            file_name="report.txt",
            channel="portal",
        )
        recorder.flush()
