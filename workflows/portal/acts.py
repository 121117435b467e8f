"""What a patient does on their own page: each act is a fact, or the answer to a task.

Nothing here decides medically: whatever needs a judgement ends with a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from models import Consent, FollowUpEntry, HumanTask, Message
from models.base import require_id
from models.database import transaction
from workflows.cases.consented import consented
from workflows.cases.red_flags import RED_FLAG, Reported, danger_in, report_red_flag
from workflows.cases.reported_facts import DATA_ASKED, FactRefused, report_fact
from workflows.cases.who_decides import KIND
from workflows.decisions import DecisionRefused, decide
from workflows.engine.lookup import patient_of
from workflows.engine.record import Recorder
from workflows.engine.values import RELATIVE
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.journey.opt_out import stop_questions, take_answer
from workflows.portal import consents
from workflows.portal.access import (
    BY_CODE,
    FROM_PAGE,
    OwnCase,
    TheirCase,
    known_signer,
    patient_ref,
)
from workflows.retention.state import is_asked_for

LONGEST_MESSAGE = 5000
ON_SCREEN = "esign"
"""How what is given on the page is signed."""
NOT_STATED = "not_stated"
SIGNS = (
    "fever",
    "bleeding",
    "wound",
    "breathless",
    "chest_pain",
    "calf_pain",
    "pain",
    "vomiting",
    "yellow_skin",
    "confusion",
)
"""Signs that a person hears of at once, as codes of `clinical.red_flag_reported`."""


class ActRefused(ValueError):
    """What was sent cannot be taken any more: somebody has answered, or the case has moved on."""


class CodeNeeded(ActRefused):
    """Whoever has a link could do it: a code is asked that went to the patient's address."""


class SignerUnknown(ActRefused):
    """Nobody has said who gives the permission."""


class NotTheirs(ActRefused):
    """A relative said yes who has no right to: the patient is asked."""


class PaperMissing(ActRefused):
    """The document that gives the right to sign was not named."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who gives a permission on the page, as chosen there, and the document that gives the right.

    `code` is one of `SIGNING`; "" where the page did not ask.
    """

    code: str = ""
    authority: str = ""


SIGNING: Mapping[str, tuple[str, str]] = {
    "patient": ("patient", ""),
    "guardian": ("guardian", "legal_guardian"),
    "court": ("guardian", "court"),
    "proxy": ("proxy", "written_authority"),
}
"""Who signs and on which ground, by what is chosen on the page."""


SIGNER = Signer()
"""Where the page did not ask who signs."""


def patient(case: TheirCase) -> Actor:
    """Return who the timeline says did it, and how it came."""
    came_by = case.came_by if isinstance(case, OwnCase) else ""
    return Actor("patient", patient_ref(require_id(case.id)), came_by)


def check_code(case: TheirCase) -> None:
    """Raise `CodeNeeded` for a browser that has shown a link and no code.

    A link alone tells how it stands and takes what comes: papers, messages, signs, answers.
    """
    if isinstance(case, OwnCase) and case.came_by != BY_CODE:
        raise CodeNeeded("a code is asked first")


def write_message(world: World, case: TheirCase, text: str) -> bool:
    """Take a message to us; a coordinator gets the task to read it. Raises `ActRefused`.

    Returns whether it speaks of danger: then a person is asked to call now.
    """
    words = "".join(char for char in text if char.isprintable() or char in "\n\t").strip()
    if not words:
        raise ActRefused("an empty message")
    case_id, danger = require_id(case.id), danger_in(world, words)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.case(case_id)
        message = Message(
            case_id=case_id,
            direction="in",
            state="received",
            to_role="coordinator",
            automated=False,
            address=FROM_PAGE,
            subject="",
            body=words[:LONGEST_MESSAGE],
            language=case.language,
            sent_at=recorder.now,
        )
        session.add(message)
        session.flush()
        objects = {"message_id": require_id(message.id)}
        who = {"from_role": "patient", "channel": "portal", "danger": danger.level}
        payload = {**objects, **who}
        recorder.record(case_id, Event("message.received", payload, objects, patient(case)))
        if danger.signs:
            flag = Reported(danger.signs, "message", "portal", patient(case), objects=objects)
            report_red_flag(recorder, case_id, flag)
        due = recorder.flush()
    world.doorbell.ring(due)
    return bool(danger.signs)


def answer(world: World, case: TheirCase, reminder_id: int, code: str) -> None:
    """Take a one-tap answer to a question of the follow-up plan. Raises `ActRefused`.

    Only what this question offers is taken: a page of yesterday says "done" under a question
    about signs, and that must not count as all is well.
    """
    case_id = require_id(case.id)
    if code == "stop":
        check_code(case)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.case(case_id)
        entry = session.get(FollowUpEntry, reminder_id, populate_existing=True)
        if entry is None or entry.case_id != case_id or entry.state not in ("sent", "unanswered"):
            raise ActRefused("no such question")
        if code != "stop" and code not in world.playbooks.follow_up.answers(entry.code, entry.ask):
            raise ActRefused("no answer to this question")
        take_answer(recorder, world.playbooks.follow_up, entry, code, patient(case), "portal")
        if code == "stop":
            stop_questions(session, recorder, case_id, patient(case))
        due = recorder.flush()
    world.doorbell.ring(due)


def report_signs(world: World, case: TheirCase, signs: Sequence[str]) -> None:
    """Take signs that a person must hear of now. Raises `ActRefused` without a known one."""
    codes = [code for code in SIGNS if code in signs]
    if not codes:
        raise ActRefused("no sign")
    payload = {"symptom_codes": codes, "channel": "portal", "source": "signs_page"}
    report_fact(world, case.ref, RED_FLAG, patient(case), payload)


def give_process(
    world: World, case: TheirCase, scopes: Sequence[str], signer: Signer = SIGNER
) -> None:
    """Take the permission to work with the file, with the patient's own scopes beside it.

    `signer`: who answers, as the page was told; see `_signed`.
    """
    check_code(case)
    _answer_task(world, case, "record_consent", "granted", _signed(world, case, signer))
    for scope in consents.GENERAL:
        if scope in scopes:
            give_own(world, case, scope, signer)


def give_hospitals(
    world: World, case: TheirCase, codes: Sequence[str], signer: Signer = SIGNER
) -> None:
    """Take the permission to show these hospitals the summary without name."""
    check_code(case)
    values = {"hospitals": ",".join(codes), **_signed(world, case, signer)}
    _answer_task(world, case, "record_hospital_consent", "granted", values)


def give_own(world: World, case: TheirCase, scope: str, signer: Signer = SIGNER) -> None:
    """Take one of the patient's own scopes; one that stands already changes nothing."""
    check_code(case)
    if scope not in consents.GENERAL:
        raise ActRefused("no such permission")
    with transaction(world.engine) as session:
        stands = _standing(session, require_id(case.id), scope)
    if stands:
        return
    given = consents.Given(scope, None, **_signed(world, case, signer))
    try:
        consents.grant(world, case.ref, given, patient(case))
    except consents.ConsentRefused as refused:
        raise ActRefused(str(refused)) from None


def _signed(world: World, case: TheirCase, signer: Signer) -> dict[str, str]:
    """Return who gives a permission and on which ground: as said, else as the inquiry says.

    Raises `SignerUnknown` when neither tells, `NotTheirs` for a relative without such a right, of
    which a coordinator hears, and `PaperMissing`: a relative's yes is never the patient's.
    """
    case_id = require_id(case.id)
    with transaction(world.engine) as session:
        code = signer.code or known_signer(patient_of(session, case_id))
    if code == RELATIVE:
        _note_not_taken(world, case)
        raise NotTheirs("a relative without a right to sign")
    if code not in SIGNING:
        raise SignerUnknown("say who gives the permission")
    signed_by, ground = SIGNING[code]
    values = {"signed_by": signed_by, "method": ON_SCREEN}
    if ground:
        values["ground"] = ground
    if ground == "written_authority":
        if not signer.authority:
            raise PaperMissing("name the document")
        values["authority"] = signer.authority
    return values


def _note_not_taken(world: World, case: TheirCase) -> None:
    case_id = require_id(case.id)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.case(case_id)
        if _open_task(session, case_id, KIND) is not None:
            return  # a coordinator is asked already
        event = Event("consent.not_taken", {"signed_by": RELATIVE}, actor=patient(case))
        recorder.record(case_id, event)
        due = recorder.flush()
    world.doorbell.ring(due)


def take_back(world: World, case: TheirCase, scope: str, hospital_code: str = "") -> None:
    """Take one permission back; what was shared under it is closed by a coordinator."""
    check_code(case)
    if scope == "process" or case.closed_at is not None:
        raise ActRefused("the whole is withdrawn in its own two steps")
    if scope == "messaging":
        _note_messaging(world, case)
    try:
        consents.withdraw(world, case.ref, scope, hospital_code or None, patient(case))
    except consents.ConsentRefused as refused:
        raise ActRefused(str(refused)) from None


def ask_for_data(world: World, case: TheirCase, what: str) -> None:
    """Ask for a copy of one's data, or for their erasure; a person is asked, once at a time.

    That it is the patient is made certain by that person.
    """
    check_code(case)
    if what not in DATA_ASKED:
        raise ActRefused("no such request")
    case_id = require_id(case.id)
    with transaction(world.engine) as session:
        asked = {
            "copy": _open_task(session, case_id, "give_copy") is not None,
            "erasure": is_asked_for(session, case_id),
        }
        if asked[what]:
            raise ActRefused("a person is asked already")
    try:
        report_fact(world, case.ref, DATA_ASKED[what], patient(case), {"channel": "portal"})
    except FactRefused as refused:
        raise ActRefused(str(refused)) from None


def withdraw(world: World, case: TheirCase) -> None:
    """Leave the programme: everything queued stops in the same transaction, links end."""
    check_code(case)
    if case.closed_at is not None or case.state == "WITHDRAWAL_WRAPUP":
        raise ActRefused("the case has ended")
    payload = {"scopes": ["process"], "channel": "portal"}
    report_fact(world, case.ref, "consent.withdrawn", patient(case), payload)


def answer_items(world: World, case: TheirCase, codes: Sequence[str]) -> None:
    """Take it that what was asked for cannot be had; raise `ActRefused` for what nobody asked."""
    values = {"items": ",".join(codes)}
    _answer_task(world, case, "record_records_answer", "not_available", values)


def decide_offer(world: World, case: TheirCase, choice: str, values: Mapping[str, str]) -> None:
    """Take what the family decided about the offers; raise `ActRefused`."""
    check_code(case)
    _answer_task(world, case, "record_patient_decision", choice, values)


def _answer_task(
    world: World, case: TheirCase, kind: str, choice: str, values: Mapping[str, str]
) -> None:
    with transaction(world.engine) as session:
        task_id = _open_task(session, require_id(case.id), kind)
    if task_id is None:
        raise ActRefused("nobody asks this now")
    try:
        decide(world, task_id, answer=choice, actor=patient(case), values=values)
    except DecisionRefused as refused:
        raise ActRefused(str(refused)) from None


def _open_task(session: Session, case_id: int, kind: str) -> int | None:
    return session.scalars(
        select(col(HumanTask.id)).where(
            col(HumanTask.case_id) == case_id,
            col(HumanTask.kind) == kind,
            col(HumanTask.state) == "open",
        )
    ).first()


def _standing(session: Session, case_id: int, scope: str) -> bool:
    return (
        session.scalars(
            select(col(Consent.id)).where(
                col(Consent.case_id) == case_id,
                col(Consent.scope) == scope,
                col(Consent.withdrawn_at).is_(None),
            )
        ).first()
        is not None
    )


def _note_messaging(world: World, case: TheirCase) -> None:
    """Letters go out without a row of their own; one is written so that it can be taken back.

    It was never asked for, so nobody signed it.
    """
    case_id = require_id(case.id)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        own = recorder.case(case_id)
        nobody = {"signed_by": NOT_STATED, "method": NOT_STATED}
        if not _standing(session, case_id, "messaging"):
            session.add(consented(world, own, "messaging", nobody, recorder.now))
