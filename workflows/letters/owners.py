"""Whose letter is it? A thread with a hospital, a patient's case, or a person has to say."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from correspondence import InboundLetter, ThreadCandidate, match_thread, verify_reply_token
from correspondence.threads import references_in
from correspondence.tokens import tokens_in
from models import Case, Hospital, Message, OutreachThread
from models.base import require_id
from workflows.cases.contacts import Known, open_cases_of
from workflows.engine.lookup import get
from workflows.engine.world import World

OPEN_THREADS = (
    "sent", "acked", "in_review", "more_info", "informed", "offered", "silent", "bounced"
)  # fmt: skip
MOST_THREADS = 200
"""Threads of one sender that are looked at: a letter fits one of them or goes to a person."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose letter it is: a thread with a hospital, or a patient's case."""

    case_id: int
    thread: OutreachThread | None
    matched_by: str
    unverified: bool = False
    """Given to a hospital's thread, from an address that is not known of that hospital."""
    role: str = "patient"
    """Who wrote, where it is no hospital: as whom a person confirmed the address."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody's for now: `reason` is a code that tells a person why.

    `case_id` is the case it may be about: nothing moves there, but a word of danger is heard.
    """

    reason: str | None
    case_id: int | None = None


def owner_of(session: Session, world: World, letter: InboundLetter) -> Owner | Unsure:
    """Return whose letter it is, or why that is not sure enough to move anything.

    A patient's address writes as the patient, whatever it answers: our letters to the family carry
    the case's reference, which names a hospital's thread too.
    """
    match = match_thread(letter, thread_candidates(session, world, letter), world.secret)
    own = None
    if match is None or not match.sender_known:
        own = _case_of_sender(session, world, letter)
    if own is not None:
        if letter.trust.standing == "not_authentic":
            return Unsure("not_authentic")
        return Owner(own.case_id, None, "sender", role=own.role)
    if match is None:
        return Unsure(letter.machine)
    thread = get(session, OutreachThread, match.thread_id)
    if match.doubt is not None:
        forged = match.doubt == "not_authentic"
        return Unsure(match.doubt, None if forged else thread.case_id)
    return Owner(thread.case_id, thread, match.matched_by, not match.sender_known)


def family_of(came_back: Sequence[Message]) -> Owner | Unsure:
    """Return the family whose mail the report is about; it is no letter of theirs."""
    case_id = came_back[0].case_id
    return Owner(case_id, None, "references") if case_id else Unsure("bounce")


def thread_candidates(
    session: Session, world: World, letter: InboundLetter
) -> list[ThreadCandidate]:
    """Return the threads that a letter names or may come from, with what is known of each.

    Those of its tokens, of the letters it answers, of the cases in its subject and of its sender.
    What comes about an erased case belongs to no known thread: a person looks at it.
    """
    proven = [verify_reply_token(token, world.secret) for token in tokens_in(letter.to_addresses)]
    answered = [*letter.references, *([letter.in_reply_to] if letter.in_reply_to else [])]
    of_letters = select(col(Message.thread_id)).where(
        col(Message.message_id).in_(answered), col(Message.thread_id).is_not(None)
    )
    rows = session.execute(
        select(OutreachThread, col(Case.ref), col(Hospital.email))
        .join(Case, col(Case.id) == col(OutreachThread.case_id))
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(
            col(Case.erased_at).is_(None),
            or_(
                col(OutreachThread.id).in_([one for one in proven if one is not None]),
                col(OutreachThread.id).in_(of_letters),
                col(Case.ref).in_(references_in(letter.subject)),
                func.lower(col(Hospital.email)) == letter.from_address.lower(),
            ),
        )
        .order_by(col(OutreachThread.id).desc())
        .limit(MOST_THREADS)
    ).all()
    ids = _message_ids(session, [require_id(thread.id) for thread, _, _ in rows], answered)
    return [
        ThreadCandidate(
            thread_id=require_id(thread.id),
            case_ref=ref,
            message_ids=frozenset(ids.get(require_id(thread.id), ())),
            addresses=frozenset({email.lower()}),
            open=thread.state in OPEN_THREADS,
        )
        for thread, ref, email in rows
    ]


def _message_ids(
    session: Session, threads: Sequence[int], answered: Sequence[str]
) -> dict[int, set[str]]:
    """Return by thread which of the answered letters stand in it."""
    found: dict[int, set[str]] = {}
    for thread_id, message_id in session.execute(
        select(col(Message.thread_id), col(Message.message_id)).where(
            col(Message.thread_id).in_(threads), col(Message.message_id).in_(answered)
        )
    ):
        found.setdefault(thread_id, set()).add(message_id)
    return found


def _case_of_sender(session: Session, world: World, letter: InboundLetter) -> Known | None:
    """Return the only open case of who writes from this address, or the one the subject names."""
    cases = open_cases_of(session, world.process.machine, letter.from_address)
    named = [one for one in cases if one.ref in letter.subject.upper()]
    only = cases if len(cases) == 1 else named
    return only[0] if len(only) == 1 else None
