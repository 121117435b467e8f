"""A letter to a hospital in a person's own words: an answer, a new one, or one that is passed on.

It is a letter like the others of its thread: drafted once for each form that was opened, held to
every rule, approved by a person, frozen, sent once. What it says nobody knows beforehand, so it
counts as a letter with findings and leaves under a clinician's signature.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import LetterError
from correspondence.placeholders import NotFilled, filled
from models import Case, Hospital, HumanTask, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from workflows.engine.deciding import COORDINATORS, Deciding, DecisionRefused, check_text, seen_only
from workflows.engine.dedupe_keys import of_written_letter
from workflows.engine.lookup import RowNotFound, case_by_ref, get
from workflows.engine.not_there import check_not_erased
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.days import day_in, zone_of
from workflows.letters.enclosures import NotEnclosed, check_enclosed
from workflows.letters.freezing import ANSWERS, Draft, LetterNotFit, checked_letter, write_draft
from workflows.letters.hospital_people import people_of
from workflows.letters.leaving import NO_SIGNATURE, is_stopped, may_be_shared
from workflows.letters.to_hospitals import about
from workflows.outreach.filling import placeholder_values
from workflows.outreach.open_threads import hold
from workflows.screening.signatures import lets_out

ASKS, TELLS = "M63", "M64"
"""Whether an answer is awaited decides which letter it is."""
MOST_CHARACTERS = 12_000
"""Of what a person types: a letter of four pages."""
_FORM = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote and picked.

    `to` is one of the thread's people, `asks` whether an answer is awaited. `answers` and `passes`
    are letters of the hospital: one that this is the answer to, and one whose words go on below.
    `documents` are picked by number. `form` tells one opened form from another (32 hex digits).
    """

    to: str
    words: str
    asks: bool | None
    form: str
    answers: int | None = None
    passes: int | None = None
    documents: tuple[int, ...] = ()


@dataclass
class _Door:
    """Who records facts of one case from a page."""

    session: Session
    recorder: Recorder
    case_id: int
    actor: Actor

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> str | None:
        """Record a fact, as done by the person at the page."""
        event = Event(type, payload or {}, objects or {}, self.actor)
        return self.recorder.record(self.case_id, event)


def thread_in(session: Session, case: Case, thread_id: int) -> OutreachThread:
    """Return a thread of this case; raise `RowNotFound` for another's."""
    thread = get(session, OutreachThread, thread_id)
    if thread.case_id != case.id:
        raise RowNotFound(f"the case has no thread {thread_id}")
    return thread


def write_freely(
    world: World, ref: str, thread_id: int, written: Written, actor: Actor
) -> int | None:
    """Draft the letter; return the task that approves it, None while it is held for a signature.

    Sent twice from one form it is one letter. Raises `DecisionRefused` with words for who wrote
    it, `CaseNotFound` and `RowNotFound`.
    """
    if actor.type not in COORDINATORS:
        raise DecisionRefused("Only a coordinator or lead may write to a hospital.")
    if not _FORM.fullmatch(written.form):
        raise DecisionRefused("Open the form anew: this one is not complete.")
    _check_words(written.words)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        check_not_erased(case)
        thread = thread_in(session, case, thread_id)
        door = _Door(session, recorder, require_id(case.id), actor)
        message = _known_form(session, thread, written.form) or _draft(
            door, world, case, thread, written
        )
        due = recorder.flush()
        task_id = session.scalars(
            select(col(HumanTask.id)).where(
                col(HumanTask.case_id) == case.id,
                col(HumanTask.kind) == "approve_message",
                col(HumanTask.objects)["message_id"].as_integer() == message.id,
            )
        ).first()
    world.doorbell.ring(due)
    return task_id


def _check_words(words: str) -> None:
    if not seen_only(words).strip():
        raise DecisionRefused("Write the letter: it is empty.")
    if len(words) > MOST_CHARACTERS:
        raise DecisionRefused(
            f"The letter is too long: write at most {MOST_CHARACTERS} characters."
        )
    check_text("the letter", words)


def _known_form(session: Session, thread: OutreachThread, form: str) -> Message | None:
    """Return the letter that this very form has written already."""
    key = of_written_letter(require_id(thread.id), form)
    return session.scalars(select(Message).where(col(Message.dedupe_key) == key)).first()


def _draft(
    door: _Door, world: World, case: Case, thread: OutreachThread, written: Written
) -> Message:
    session = door.session
    _may_be_written(session, case, thread)
    hospital = session.get_one(Hospital, thread.hospital_id)
    to = written.to.strip().lower()
    if to not in {one.address for one in people_of(session, thread)}:
        raise DecisionRefused(
            "Choose to whom the letter goes: one of the hospital's people in this thread. A new "
            "address is added in the directory first."
        )
    if written.asks is None:
        raise DecisionRefused("Say whether an answer is awaited.")
    try:
        documents = check_enclosed(session, door.case_id, thread.hospital_id, written.documents)
        words = filled(written.words, placeholder_values(session, world, case, hospital, thread))
    except (NotEnclosed, NotFilled) as refused:
        raise DecisionRefused(str(refused)) from None
    passed = _passed_on(session, thread, hospital, written)
    template = ASKS if written.asks else TELLS
    fields = {**_fields(world, case, thread, words.strip()), **passed}
    answered = _letter_of(session, thread, written.answers)
    return _write(door, world, thread, Draft(
        door.case_id,
        world.playbooks.letters.render(template, fields),
        "hospital",
        to,
        of_written_letter(require_id(thread.id), written.form),
        require_id(thread.id),
        automated=False,
        told={ANSWERS: answered.id} if answered else None,
        attachments=[require_id(one.id) for one in documents],
        edited_by=door.actor.ref,
    ))  # fmt: skip


def _write(door: _Door, world: World, thread: OutreachThread, draft: Draft) -> Message:
    """Write the draft down and ask for its approval; hold it while no signature stands."""
    message = write_draft(door.session, draft)
    assert message is not None, "looked for under the lock of the case"
    try:
        checked_letter(door.session, world, message, door.recorder.now)
    except (LetterNotFit, LetterError) as error:
        raise DecisionRefused(
            f"{error} Change the words and send the form again. Where it is in the letter that you "
            "pass on, write a new one and copy what may leave."
        ) from None
    if lets_out(door.session, door.case_id) is None:
        hold(door, thread, message, NO_SIGNATURE)
        return message
    ask_approval(door, thread, message)
    return message


def ask_approval(by: Any, thread: OutreachThread, message: Message) -> None:
    """Record that a letter in a person's own words waits to be approved."""
    objects = about(thread, message)
    details = {"template": message.template, "attempt": thread.attempts + 1}
    by.record("outreach.drafted", {**objects, **details}, objects)


def _may_be_written(session: Session, case: Case, thread: OutreachThread) -> None:
    """Refuse what could not leave, in words, before anything is written down."""
    if is_stopped(session, case, TELLS) or case.closed_at is not None:
        raise DecisionRefused("The case has ended: no such letter leaves any more.")
    if not may_be_shared(session, thread):
        raise DecisionRefused(
            "The family does not allow this hospital to be shown the case: nothing but the letter "
            "that asks it to delete what it has may be sent."
        )
    if not thread.subject or thread.state in ("draft", "approved"):
        raise DecisionRefused(
            "They have not been asked yet: the first letter goes before any other. It waits to be "
            "approved, or the list of hospitals does."
        )


def _letter_of(session: Session, thread: OutreachThread, number: int | None) -> Message | None:
    """Return a letter that the hospital wrote in this thread; refuse any other."""
    if number is None:
        return None
    message = session.get(Message, number)
    if message is None or message.thread_id != thread.id or message.direction != "in":
        raise DecisionRefused("That letter does not lie in this thread: open the form anew.")
    return message


def _passed_on(
    session: Session, thread: OutreachThread, hospital: Hospital, written: Written
) -> dict[str, Any]:
    """Return the letter that is passed on within the hospital, quoted, whose it is and its day."""
    letter = _letter_of(session, thread, written.passes)
    if letter is None:
        return {}
    return {
        "passed": "\n".join(f"> {line}".rstrip() for line in letter.body.strip().splitlines()),
        "passed_from": letter.address,
        "passed_on": day_in(zone_of(hospital), letter.sent_at) if letter.sent_at else None,
    }


def begin_letter(
    deciding: Deciding, thread: OutreachThread, text: str, *, answers: Message
) -> Message | None:
    """Draft a letter with one of the beginnings, once for the letter that it answers.

    None where it could not leave: without the family's permission, or when the case has ended. A
    coordinator reads and approves it like any other.
    """
    session, world, case = deciding.session, deciding.world, deciding.case
    hospital = session.get_one(Hospital, thread.hospital_id)
    begun = world.playbooks.hospital_texts.text(text)
    form = f"{text}-{answers.id}"
    if begun is None or not may_be_shared(session, thread) or is_stopped(session, case, TELLS):
        return None
    if _known_form(session, thread, form) is not None:
        return None
    values = placeholder_values(session, world, case, hospital, thread)
    try:
        words = filled(begun.body, values).strip()
    except NotFilled:
        return None
    template = ASKS if begun.asks else TELLS
    message = write_draft(session, Draft(
        require_id(case.id),
        world.playbooks.letters.render(template, _fields(world, case, thread, words)),
        "hospital",
        hospital.email,
        of_written_letter(require_id(thread.id), form),
        require_id(thread.id),
        automated=False,
        told={ANSWERS: answers.id},
    ))  # fmt: skip
    if message is None:
        return None
    if lets_out(session, require_id(case.id)) is None:
        hold(deciding, thread, message, NO_SIGNATURE)
    else:
        ask_approval(deciding, thread, message)
    return message


def _fields(world: World, case: Case, thread: OutreachThread, words: str) -> dict[str, Any]:
    return {
        "case": case.ref,
        "coordinator": world.settings.contact_name,
        "phone": world.settings.contact_phone,
        "hours": world.settings.contact_hours,
        "thread_subject": thread.subject,
        "words": words,
        "passed": None,
        "passed_from": None,
        "passed_on": None,
    }
