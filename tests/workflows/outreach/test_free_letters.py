"""A letter in a person's own words to a hospital: held to every rule, approved, sent once."""

import secrets
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from accounts.users import add_user
from adapters.clock import FixedClock
from models import Case, Consent, Document, Message, OutreachThread, ThreadNote
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.acts import approve, reply, to_outreach
from tests.workflows.outreach.test_signature import change
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.decisions import DecisionRefused, decide
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.enclosures import MOST_BYTES
from workflows.letters.hospital_people import people_of
from workflows.letters.inbound import take_mail
from workflows.outreach.free_letters import Written, write_freely
from workflows.outreach.standing import Standing, standing
from workflows.outreach.thread_notes import add_note

AMINA, BEN = Actor("coordinator", "amina"), Actor("lead", "ben")
FREE = ("M63", "M64")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    play = Play(world, clock)
    to_outreach(play)
    return play


def thread(play: Play) -> OutreachThread:
    with Session(play.world.engine) as session:
        mine = col(OutreachThread.case_id) == play.case_id
        return session.scalars(select(OutreachThread).where(mine)).one()


def people(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return [one.address for one in people_of(session, thread(play))]


def stands(play: Play) -> Standing:
    with Session(play.world.engine) as session:
        return standing(session, session.get_one(Case, play.case_id), thread(play))


def write(play: Play, words: str, actor: Actor = AMINA, **given: Any) -> int | None:
    given = {"to": people(play)[0], "asks": True, "form": secrets.token_hex(16), **given}
    number = require_id(thread(play).id)
    task = write_freely(play.world, play.case.ref, number, Written(words=words, **given), actor)
    play.run()
    return task


def free(play: Play) -> Message:
    return [one for one in play.messages() if one.template in FREE][-1]


def mail(play: Play) -> Any:
    return message_from_bytes(play.mail.left[-1], policy=default)


def consent_with_name(play: Play) -> None:
    with transaction(play.world.engine) as session:
        session.add(Consent(
            case_id=play.case_id, scope="share_identified", hospital_id=thread(play).hospital_id,
            text_version="1", signed_by="patient", method="paper", granted_at=play.clock.now(),
        ))  # fmt: skip


def a_document(play: Play, **changed: Any) -> int:
    with transaction(play.world.engine) as session:
        mine = col(Document.case_id) == play.case_id
        document = session.scalars(select(Document).where(mine)).first()
        assert document is not None
        for name, value in changed.items():
            setattr(document, name, value)
        return require_id(document.id)


def test_an_answer_leaves_once_in_the_same_thread_after_a_person_approved_it(play: Play) -> None:
    reply(play, "Could you tell us whether the patient can travel?")
    (theirs,) = play.messages(direction="in")
    task = write(play, "Dear {{department}},\n\nyes, [{{case}}] can travel.", answers=theirs.id)
    assert task is not None and free(play).state == "draft"
    assert "Dear International Department" in free(play).body
    assert stands(play).whom == "us"
    approve(play, "M63")
    left = mail(play)
    enquiry = play.messages(template="M10")[0]
    assert left["In-Reply-To"] == theirs.message_id
    assert enquiry.message_id in left["References"] and "thread" not in left["Subject"]
    assert left["Subject"].startswith("Re: [") and "+" in left["Reply-To"]
    assert [e.payload["awaited"] for e in play.events("outreach.written")] == [True]


def test_without_an_answer_in_two_days_somebody_sees_to_it(play: Play) -> None:
    reply(play, "Thank you, received.")
    play.answer("confirm_reply", "ack")
    write(play, "May we call you tomorrow?")
    approve(play, "M63")
    now = stands(play)
    assert (now.whom, now.kind) == ("hospital", "answer") and now.until is not None
    play.move(5)
    assert play.messages(template="M11", state="draft") or stands(play).whom == "us"


def test_a_letter_that_asks_nothing_leaves_what_waited_as_it_was(play: Play) -> None:
    before = stands(play).until
    write(play, "Thank you for your help.", asks=False)
    approve(play, "M64")
    assert stands(play).until == before and before is not None


def test_one_form_is_one_letter_and_another_form_is_another(play: Play) -> None:
    form = secrets.token_hex(16)
    first = write(play, "Thank you.", form=form)
    assert write(play, "Thank you.", form=form) == first
    assert len([m for m in play.messages() if m.template in FREE]) == 1
    write(play, "Thank you.")
    assert len([m for m in play.messages() if m.template in FREE]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Dear {{department}}, {{pasport}} follows.", r"There is no placeholder \{\{pasport\}\}"),
        ("You admit on {{admission_date}}.", r"Nobody has stated \{\{admission_date\}\} yet"),
        ("Please {{case", "A placeholder is not closed"),
        ("Rosa Sample sends her regards.", "name_in_letter"),
        ("We guarantee that it is paid.", "forbidden_word"),
        (" \u200b ", "it is empty"),
        ("x" * 12_001, "too long"),
    ],
)
def test_what_may_not_leave_is_refused_in_words_and_nothing_is_kept(
    play: Play, words: str, said: str
) -> None:
    with pytest.raises(DecisionRefused, match=said):
        write(play, words.replace("Rosa Sample", PATIENT.name or ""))
    assert [m for m in play.messages() if m.template in FREE] == []


def test_a_blank_choice_and_a_strange_address_are_refused(play: Play) -> None:
    with pytest.raises(DecisionRefused, match="whether an answer is awaited"):
        write(play, "Thank you.", asks=None)
    with pytest.raises(DecisionRefused, match="Choose to whom"):
        write(play, "Thank you.", to="somebody@elsewhere.example")
    with pytest.raises(DecisionRefused, match="Choose to whom"):
        write(play, "Thank you.", to="")
    with pytest.raises(DecisionRefused, match="coordinator or lead"):
        write(play, "Thank you.", Actor("clinician", "c"))


def test_without_the_familys_permission_nothing_is_written(play: Play) -> None:
    with transaction(play.world.engine) as session:
        mine = col(Consent.case_id) == play.case_id, col(Consent.hospital_id).is_not(None)
        for one in session.scalars(select(Consent).where(*mine)):
            one.withdrawn_at = play.clock.now()
    with pytest.raises(DecisionRefused, match="does not allow this hospital"):
        write(play, "Thank you.")


def test_a_colleague_who_wrote_is_one_of_the_thread_and_a_first_letter_there_takes_two(
    play: Play,
) -> None:
    with transaction(play.world.engine) as session:
        for name in ("amina", "ben"):
            user = add_user(session, user_name=name, role="lead", password="a long enough password")
            user.ref = name
    enquiry = play.messages(template="M10")[0]
    sent = message_from_bytes(play.world.storage.get(enquiry.raw_object_key or ""), policy=default)
    raw = (
        f"From: colleague@another.example\r\nTo: {sent['Reply-To']}\r\nSubject: Re: x\r\n"
        f"Message-ID: <c@another.example>\r\nIn-Reply-To: {sent['Message-ID']}\r\n\r\n"
        "I take over here. When can we talk?"
    )
    take_mail(play.world, raw.encode(), uid="1:1", now=play.clock.now())
    play.run()
    assert people(play)[-1] == "colleague@another.example"
    (theirs,) = play.messages(direction="in")
    task = write(play, "On Friday.", to="colleague@another.example", answers=theirs.id)
    assert task is not None
    with pytest.raises(DecisionRefused, match="a colleague reads the letter"):
        decide(play.world, task, answer="approve", actor=AMINA)
    decide(play.world, task, answer="approve", actor=BEN)
    play.run()
    assert mail(play)["To"] == "colleague@another.example"


def test_a_letter_is_passed_on_to_another_person_of_the_hospital(play: Play) -> None:
    reply(play, "Please ask our radiologist for the MRI protocol.")
    (theirs,) = play.messages(direction="in")
    write(play, "Dear colleague, please see below.", passes=theirs.id)
    assert "> Please ask our radiologist for the MRI protocol." in free(play).body
    assert f"from {theirs.address}" in free(play).body


def test_a_letter_of_another_thread_is_not_answered_here(play: Play) -> None:
    with pytest.raises(DecisionRefused, match="does not lie in this thread"):
        write(play, "Yes.", answers=require_id(play.messages(template="M10")[0].id))


def test_an_original_goes_only_with_the_permission_for_the_name(play: Play) -> None:
    number = a_document(play)
    with pytest.raises(DecisionRefused, match="Send a records package"):
        write(play, "The report is enclosed.", documents=(number,))
    consent_with_name(play)
    write(play, "The report is enclosed.", documents=(number,))
    approve(play, "M63")
    (enclosed,) = list(mail(play).iter_attachments())
    assert enclosed.get_content_type() == "application/pdf"
    assert enclosed.get_filename() == f"document-{number}.pdf"
    assert enclosed.get_content().startswith(b"%PDF")


def test_the_permission_taken_back_keeps_the_original_here(play: Play) -> None:
    consent_with_name(play)
    write(play, "The report is enclosed.", documents=(a_document(play),))
    with transaction(play.world.engine) as session:
        named = col(Consent.scope) == "share_identified"
        session.scalars(select(Consent).where(named)).one().withdrawn_at = play.clock.now()
    with pytest.raises(DecisionRefused, match="The letter names the patient"):
        approve(play, "M63")
    assert free(play).state == "draft"


def test_files_that_are_too_large_locked_or_of_another_case_are_refused(play: Play) -> None:
    consent_with_name(play)
    number = a_document(play, size=60_000_000)
    assert MOST_BYTES < 60_000_000
    with pytest.raises(DecisionRefused, match=r"60\.0 MB together, and a letter takes 20 MB"):
        write(play, "Enclosed.", documents=(number,))
    a_document(play, size=1000)
    with pytest.raises(DecisionRefused, match="Document 999999 cannot go"):
        write(play, "Enclosed.", documents=(999999,))
    write(play, "Enclosed.", documents=(number,))
    a_document(play, state="superseded")
    with pytest.raises(DecisionRefused, match="replaced"):
        approve(play, "M63")


def test_a_file_that_is_locked_away_after_the_approval_does_not_leave(play: Play) -> None:
    consent_with_name(play)
    number = a_document(play)
    task = write(play, "Enclosed.", documents=(number,))
    assert task is not None
    decide(play.world, task, answer="approve", actor=BEN)
    a_document(play, state="quarantined")
    play.run()
    assert free(play).state == "cancelled"
    assert stands(play).whom in ("us", "hospital")


def test_without_a_signature_it_is_kept_and_asked_about_after_the_next_one(play: Play) -> None:
    write(play, "May we call you?")
    change(play)
    play.run()
    assert (free(play).state, free(play).held_for) == ("draft", "signature")
    assert stands(play).whom == "clinician"
    assert write(play, "And another thing.") is None
    play.sign("suitable_for_outreach")
    both = [one for one in play.messages() if one.template in FREE]
    assert [(one.state, one.held_for) for one in both] == [("draft", None)] * 2
    assert "May we call you?" in both[0].body, "a person's words are not written anew"
    for one in both:
        (task,) = [t for t in play.tasks() if t.objects.get("message_id") == one.id]
        decide(play.world, require_id(task.id), answer="approve", actor=BEN)
    play.run()
    assert [one.state for one in play.messages(template="M63")] == ["sent", "sent"]


def test_a_note_stands_beside_the_thread_and_in_no_letter(play: Play) -> None:
    add_note(play.world, play.case.ref, require_id(thread(play).id), "Their desk is slow.", AMINA)
    write(play, "Thank you.")
    approve(play, "M63")
    with Session(play.world.engine) as session:
        (note,) = session.scalars(select(ThreadNote)).all()
    assert (note.words, note.written_by) == ("Their desk is slow.", "amina")
    assert not any(b"Their desk is slow" in raw for raw in play.mail.left)
    with pytest.raises(DecisionRefused, match="it is empty"):
        add_note(play.world, play.case.ref, require_id(thread(play).id), " ", AMINA)


def test_a_letter_that_is_not_sent_leaves_the_thread_with_what_waits(play: Play) -> None:
    reply(play, "Thank you, received.")
    play.answer("confirm_reply", "other")
    task = write(play, "Thank you.", asks=False)
    follow = [one for one in play.tasks() if one.kind == "follow_thread"]
    for one in follow:
        decide(play.world, require_id(one.id), answer="close", actor=BEN,
               reason="they help no more", values={"why_closed": "declined"})  # fmt: skip
    assert task is not None
    play.run()
    assert free(play).state in ("draft", "cancelled")
