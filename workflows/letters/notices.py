"""Notices: letters to the patient. Nobody is left without news; after a stop nothing leaves."""

from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document, HumanTask, Message, Review
from models.base import require_id
from workflows.cases.who_decides import OPEN, TO_WHO_WROTE, who_decides
from workflows.declared import Raises
from workflows.documents.sending import problems_of
from workflows.engine.dedupe_keys import of_notice, of_notice_on_document, of_notice_on_review
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import Unit, Work, cheap, slow
from workflows.letters import fields as letters
from workflows.letters.bundles import (
    BUNDLE,
    gathered_until,
    gathers,
    in_one_mail,
    left_to_another,
    or_left_behind,
)
from workflows.letters.delivery import HANDED_OVER, Ended, hand_over
from workflows.letters.freezing import Draft, freeze, write_draft
from workflows.letters.hospital_facts import hospitals_asked
from workflows.letters.leaving import (
    ASKED_FOR,
    NO_SIGNATURE,
    OF_REVIEW,
    is_stopped,
    wants_no_letters,
    why_not,
)
from workflows.letters.offer_rows import cancel
from workflows.letters.patient_points import points_of, signed_review
from workflows.letters.quiet import leaves_at, waits_already
from workflows.letters.reminders import are_ended, is_reminder
from workflows.letters.robots import ANSWERS_MAIL, is_flooded, was_answered_today
from workflows.letters.still_so import about, drafted, looked_at_again, still_so
from workflows.table import POINTS_DIFFER

BEFORE_CALL = OF_REVIEW[0]

Then = Callable[[Unit], None]


def _nothing_else(_: Unit) -> None:
    """Nothing follows a letter by itself."""


def notice_of(*letters: str, asking: str = "") -> Raises:
    """Return what writing a letter to the patient may raise; a row may name the letter itself.

    `asking` is one request more that such a step makes.
    """
    requests = (*TOLD_OR_LATER, *((asking,) if asking else ()))
    return Raises(
        ("message.drafted", "message.discarded", *HANDED_OVER), requests, (*letters, BUNDLE)
    )


TOLD_OR_LATER = ("tell_patient", "call_family", "letter_later", "send_approved_later")
"""What becomes of a letter that does not leave now."""


@slow(
    "notices.send_notice",
    words="a letter to the patient is written",
    stopped="A letter to a patient was not written or sent",
    patient="The patient has no news about this step of the case.",
    needs=("smtp", "store"),
    raises=notice_of(),
)
def sendnotice_of(work: Work) -> None:
    """Write and send the patient's letter that the row names."""
    template, document_id = str(work.row.objects["template"]), None
    if template == "M05":  # of a sending that could not be read, put off until the morning
        document_id = work.row.objects.get("document_id")
    send_letter(work, template, document_id=document_id)


@slow(
    "notices.send_approved",
    words="an approved letter to the patient is sent",
    stopped="An approved letter to a patient was not handed over",
    patient="The patient has not got a letter that was meant to leave.",
    needs=("smtp", "store"),
    raises=Raises(
        ("message.drafted", "message.discarded", *HANDED_OVER),
        ("tell_patient", "send_approved_later"),
        (BUNDLE,),
    ),
)
def send_approved(work: Work) -> None:
    """Hand over a letter that was approved, or that waited, in the reader's day.

    An automatic one is looked at again like each that leaves: written anew, or taken back.
    """
    with work.reading() as session:
        template = get(session, Message, work.object_id("message_id")).template
        later = leaves_at(session, work.row.case_id or 0, template, work.now)
    if later is not None:
        with work.finishing() as unit:
            unit.request("send_approved_later", dict(work.row.objects), due_at=later)
        return
    message_id = work.object_id("message_id")
    _leave(work, message_id, _told_otherwise)


def _leave(work: Work, message_id: int, on_end: Ended) -> None:
    together = in_one_mail()
    hand_over(work, message_id, _nothing_more, on_end, look=looked_at_again, together=together)


@slow(
    "notices.report_document_problem",
    words="the patient hears what could not be read of a sending",
    stopped="A patient was not told what could not be read of a sending",
    patient="The patient believes that the files are fine and sends no others.",
    needs=("smtp", "store"),
    raises=notice_of("M05"),
)
def report_document_problem(work: Work) -> None:
    """Tell the sender in one letter what of a sending could not be read, and what to do.

    Nothing is left to tell when all of it was read in the meantime.
    """
    document_id = work.object_id("document_id")
    with work.reading() as session:
        problems = problems_of(session, get(session, Document, document_id))
    if problems:
        send_letter(work, "M05", document_id=document_id)
    else:
        with work.finishing():
            pass


@slow(
    "notices.send_update",
    words="the patient hears how things stand",
    stopped="A patient was not told how things stand",
    patient="The family waits without news for longer than promised.",
    needs=("smtp", "store"),
    raises=notice_of("M12"),
)
def send_update(work: Work) -> None:
    """Tell the patient how things stand while hospitals think, also when nothing is new.

    Where no hospital was asked there is nothing that could be new: no such letter leaves.
    """
    with work.reading() as session:
        asked = hospitals_asked(session, work.row.case_id or 0)
    if asked:
        _send_if_wanted(work, "M12")
    else:
        with work.finishing():
            pass


def _send_if_wanted(work: Work, template: str) -> None:
    """Send a letter that the table repeats; none on hold, when its turn came as the hold began."""
    with work.reading() as session:
        state = letters.case_state(session, work.row.case_id)
    if state in work.world.process.repeats[work.row.name].while_in:
        send_letter(work, template)
    else:
        with work.finishing():
            pass


def send_letter(
    work: Work, template: str, *, document_id: int | None = None, then: Then = _nothing_else
) -> None:
    """Draft, freeze and hand over one letter; `then` is done once, with the row's own end.

    A letter that can wait is written in the reader's morning, with the facts of then.
    """
    if _put_off(work, template, document_id, then):
        return
    message_id = or_left_behind(work, _prepare(work, template, document_id))
    if message_id is None:  # nobody to write to, or a person reads the letter first
        with work.finishing() as unit:
            then(unit)
        return

    def ended(unit: Unit, message: Message) -> None:
        _told_otherwise(unit, message)
        then(unit)

    if not left_to_another(work, message_id, template, then):
        _leave(work, message_id, ended)


def _put_off(work: Work, template: str, document_id: int | None, then: Then) -> bool:
    """Finish the row and have the letter written later, when the reader sleeps now."""
    case_id = work.row.case_id or 0
    objects = {**work.row.objects, "template": template}
    with work.reading() as session:
        later = leaves_at(session, case_id, template, work.now)
        written = _written_before(work, session, template)
        if later is None and written is None and gathers(work, session, template):
            objects["gathered"] = True
            later = gathered_until(work, session)
    if later is None or (written is not None and written.state != "queued"):
        return False
    if document_id is not None:
        objects["document_id"] = document_id
    with work.finishing() as unit:
        if written is not None:
            waits = {**objects, "message_id": require_id(written.id)}
            unit.request("send_approved_later", waits, due_at=later)
            return True
        if not waits_already(unit.session, case_id, objects, work.now):
            unit.request("letter_later", objects, due_at=later)
        then(unit)
    return True


def _written_before(work: Work, session: Session, template: str) -> Message | None:
    """Return what an earlier try of this row wrote: another row would write the letter again."""
    key = of_notice(work.row.case_id or 0, template, work.row.id)
    return session.scalars(select(Message).where(col(Message.dedupe_key) == key)).first()


def _nothing_more(_: Unit, __: Message) -> None:
    """The sending of a notice means nothing further."""


def _told_otherwise(unit: Unit, message: Message) -> None:
    """A letter that was held back at the last moment, not one taken back, is told by telephone."""
    template = message.template or ""
    held = message.state == "cancelled" and message.held_for is not None
    if held and not is_stopped(unit.session, unit.case, template):
        _ask_to_tell(unit, template)


def _ask_to_tell(unit: Unit, template: str) -> None:
    """Who has no e-mail address, or wants no letters, is told by telephone: nobody is left out."""
    unit.request("tell_patient", detail=template)


def _may_tell_review(unit: Unit, template: str, review: Review | None) -> bool:
    """Return whether a letter about the signed result may be written now.

    Nothing is told of a result that nobody signs for any more. Where papers and published sources
    differ, the family is called first: the letter follows that call.
    """
    if review is None:
        return False
    if template == BEFORE_CALL and points_of(unit.session, unit.world, unit.case_id).differing:
        call = _last_call(unit.session, unit.case_id)
        if call is None or call.state != "open":
            unit.request("call_family", detail=POINTS_DIFFER)
        return False
    return True


def _last_call(session: Session, case_id: int) -> HumanTask | None:
    """Return the newest call about points that differ, however it stands."""
    query = select(HumanTask).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == "call_family",
        col(HumanTask.detail) == POINTS_DIFFER,
    )
    return session.scalars(query.order_by(col(HumanTask.id).desc()).limit(1)).first()


@cheap(
    "notices.tell_signed_anew",
    words="what was not told any more of a signed result is told of the new one",
    stopped="A family was not told of a result that was signed anew",
    patient="The family hears nothing of the signed result.",
    raises=Raises(("message.discarded",), (BEFORE_CALL,), (BEFORE_CALL,)),
)
def tell_signed_anew(unit: Unit) -> None:
    """Have the new result told where the call or the letter about the earlier one came to nothing.

    A value was corrected before anybody had called, or before the letter after the call had left:
    what these were about is not so any more.
    """
    call = _last_call(unit.session, unit.case_id)
    if call is None or call.done_at is None:
        return
    unsent = _never_left(unit)
    if unsent is not None and unsent.state == "draft":
        cancel(unit, [unsent])
    if call.state != "cancelled" and unsent is None:
        return
    since = select(col(Review.id)).where(
        col(Review.case_id) == unit.case_id, col(Review.signed_at) >= call.done_at
    )
    numbers = [require_id(number) for number in unit.session.scalars(since)]
    keys = [of_notice_on_review(unit.case_id, number) for number in numbers]
    told = select(col(Message.id)).where(col(Message.dedupe_key).in_(keys))
    if unsent is not None:
        told = told.where(col(Message.id) != unsent.id)
    if unit.session.scalars(told.limit(1)).first() is None:
        unit.request(BEFORE_CALL)


def _never_left(unit: Unit) -> Message | None:
    """Return the newest letter about a result, when it has not left and is signed no more."""
    query = select(Message).where(
        col(Message.case_id) == unit.case_id, col(Message.template).in_(OF_REVIEW)
    )
    letter = unit.session.scalars(query.order_by(col(Message.id).desc()).limit(1)).first()
    if letter is None or letter.state not in ("draft", "cancelled"):
        return None
    return letter if why_not(unit.session, unit.case, letter) == NO_SIGNATURE else None


def _held(unit: Unit, template: str) -> bool:
    """Return whether a letter waits: its reader is not the patient, who does not know of it."""
    return template not in TO_WHO_WROTE and who_decides(unit.session, unit.case_id) == OPEN


def _answers_a_robot(unit: Unit, template: str, address: str) -> bool:
    """Return whether this address had such a letter today, or more answers than one asks for."""
    if is_flooded(unit.session, template, address, unit.now):
        return True
    if template not in ANSWERS_MAIL or "message_id" not in unit.row.objects:
        return False
    return was_answered_today(unit.session, unit.case_id, template, address, unit.now)


def _prepare(work: Work, template: str, document_id: int | None) -> int | None:
    """Commit the frozen letter and return its message id; None when nothing is to be sent."""
    with work.claiming() as unit:
        key = of_notice(unit.case_id, template, require_id(unit.row.id))
        if document_id is not None:
            key = of_notice_on_document(unit.case_id, template, document_id)
        about_review = template in OF_REVIEW
        review = signed_review(unit.session, unit.case_id) if about_review else None
        if review is not None:
            key = of_notice_on_review(unit.case_id, require_id(review.id))
        known = unit.session.scalars(select(Message).where(col(Message.dedupe_key) == key)).first()
        if known is not None:
            return require_id(known.id) if known.automated else None
        if is_stopped(unit.session, unit.case, template) or _held(unit, template):
            return None
        if not still_so(unit.session, unit.case, template, unit.row.objects):
            return None
        if is_reminder(unit.row.objects) and are_ended(unit.session, unit.case_id):
            return None
        if about_review and not _may_tell_review(unit, template, review):
            return None
        patient = patient_of(unit.session, unit.case_id)
        if not patient.email or (
            template not in ASKED_FOR and wants_no_letters(unit.session, unit.case_id)
        ):
            _ask_to_tell(unit, template)
            return None
        if _answers_a_robot(unit, template, patient.email):
            _ask_to_tell(unit, template)
            return None
        fields = letters.patient_fields(
            unit.session, unit.world, unit.case, template, unit.row.objects
        )
        texts = unit.world.playbooks.letters
        letter = texts.write(template, fields, unit.case.language)
        draft = Draft(
            unit.case_id, letter, "patient", patient.email, key, automated=letter.automated,
            told=about(unit.row.objects, letter),
        )  # fmt: skip
        message = write_draft(unit.session, draft)
        assert message is not None
        message_id = require_id(message.id)
        if not letter.automated:
            drafted(unit, message)
            return None
        freeze(unit.session, unit.world, message, unit.now)
        return message_id
