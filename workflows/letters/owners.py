"""Whose letter is it? A thread with a hospital, a patient's case, or a person has to say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlmodel import Session, col

from correspondence import InboundLetter, ThreadCandidate, ThreadMatch, match_thread, named_in
from correspondence.threads import references_in
from correspondence.tokens import TokenKind
from models import Case, Hospital, Message, OutreachThread, ThreadContact
from models.base import require_id
from models.findable import address_is, message_marks
from workflows.cases.contacts import Known, open_cases_of
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.letters.hospital_people import known_by_thread

OPEN_THREADS = (
    "sent", "acked", "in_review", "more_info", "informed", "offered", "silent", "bounced"
)  # fmt: skip
RETURN_PATHS: tuple[TokenKind, ...] = ("letter", "alarm", "draft")
"""Whose tokens stand in return paths."""
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
    the case's reference, which names a hospital's thread too. Who answers a letter to a family from
    another address is joined to it by a person.
    """
    match = match_thread(letter, thread_candidates(session, world, letter), world.keys.ring)
    families = _families_named(session, world, letter)
    if match is None or not match.sender_known:
        own = open_cases_of(session, world.process.machine, letter.from_address)
        checked = world.settings.origins_are_checked
        found = _of_the_family(letter, own, families, checked=checked)
        if found is not None:
            return found
    if families and (letter.report is None or match is not None):
        ended = _is_over(session, world, families[0]) if match is None else False
        return _of_another_address(letter, families, match, ended=ended)
    if match is None:
        return Unsure(_why_nobodys(world, letter))
    thread = get(session, OutreachThread, match.thread_id)
    if match.doubt is not None:
        forged = match.doubt == "not_authentic"
        return Unsure(match.doubt, None if forged else thread.case_id)
    if letter.report is None and _of_several(letter):
        return Unsure("several_patients", thread.case_id)
    if _reports(world, letter) and letter.machine is None:
        return Unsure("return_path", thread.case_id)
    return Owner(thread.case_id, thread, match.matched_by, not match.sender_known)


def _of_the_family(
    letter: InboundLetter, own: Sequence[Known], families: Collection[int], *, checked: bool
) -> Owner | Unsure | None:
    """Return which of the open cases of this address the letter is of; None where none is.

    The one that its token proves, else the only one, else the one that its subject names. Where
    origins are `checked`, an address that nothing proves is not enough.
    """
    if not own:
        return None
    proven = [one for one in own if one.case_id in families]
    if letter.trust.standing == "not_authentic":
        return Unsure("not_authentic")
    if families and len(proven) != 1:
        return Unsure("other_case", own[0].case_id if len(own) == 1 else None)
    if proven:
        return Owner(proven[0].case_id, None, "token", role=proven[0].role)
    named = [one for one in own if one.ref in letter.subject.upper()]
    only = own if len(own) == 1 else named
    if len(only) != 1:
        return None
    if checked and letter.trust.standing != "authentic":
        return Unsure("only_address", only[0].case_id)
    return Owner(only[0].case_id, None, "sender", role=only[0].role)


def _of_another_address(
    letter: InboundLetter, families: Sequence[int], match: ThreadMatch | None, *, ended: bool
) -> Unsure:
    """Say why a person looks at an answer to a family's letter that comes from elsewhere, or about
    a case that has `ended`.
    """
    if letter.trust.standing == "not_authentic":
        return Unsure("not_authentic")
    if len(families) > 1 or (match is not None and match.matched_by in ("token", "references")):
        return Unsure("two_threads")
    reason = letter.machine or ("ended_case" if ended else "other_address")
    return Unsure(reason, families[0])


def _is_over(session: Session, world: World, case_id: int) -> bool:
    return get(session, Case, case_id).state in world.process.machine.terminal


def _of_several(letter: InboundLetter) -> bool:
    """Return whether a letter speaks of several cases: its files are not all one patient's."""
    return len(references_in(f"{letter.subject}\n{letter.new_text}")) > 1


def _reports(world: World, letter: InboundLetter) -> bool:
    """Return whether a letter came to a return path of ours and has none of its own.

    So reports and automatic answers travel (RFC 5321, 4.5.5): a person's letter has a sender.
    """
    return letter.no_sender and any(ids_named(world, letter, kind) for kind in RETURN_PATHS)


def _why_nobodys(world: World, letter: InboundLetter) -> str | None:
    """Return why a letter of no thread and no family is asked about, as a code."""
    if letter.machine == "bounce":
        for kind in RETURN_PATHS[1:]:
            if ids_named(world, letter, kind):
                return f"{kind}_bounce"
    ours: tuple[TokenKind, ...] = ("thread", "case", "letter")
    if letter.machine is None and any(ids_named(world, letter, kind) for kind in ours):
        return "erased_case"
    return letter.machine or ("return_path" if _reports(world, letter) else None)


def ids_named(world: World, letter: InboundLetter, kind: TokenKind) -> list[int]:
    """Return the ids in the letter's tokens of one kind."""
    named = named_in(letter.to_addresses, world.keys.ring)
    return [one.number for one in named if one.kind == kind]


def _families_named(session: Session, world: World, letter: InboundLetter) -> list[int]:
    """Return the cases whose family got what the letter answers; none whose data are erased."""
    of_letters = select(col(Message.case_id)).where(
        col(Message.direction) == "out",
        col(Message.to_role) == "patient",
        or_(
            col(Message.id).in_(ids_named(world, letter, "letter")),
            col(Message.message_id_mark).in_(message_marks(session, letter.answered)),
        ),
    )
    query = select(col(Case.id)).where(
        col(Case.erased_at).is_(None),
        or_(col(Case.id).in_(ids_named(world, letter, "case")), col(Case.id).in_(of_letters)),
    )
    return [require_id(one) for one in session.scalars(query.order_by(col(Case.id)))]


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
    answered = message_marks(session, letter.answered)
    of_paths = ids_named(world, letter, "letter")
    of_letters = select(col(Message.thread_id)).where(
        or_(col(Message.message_id_mark).in_(answered), col(Message.id).in_(of_paths)),
        col(Message.thread_id).is_not(None),
    )
    rows = session.execute(
        select(OutreachThread, col(Case.ref))
        .join(Case, col(Case.id) == col(OutreachThread.case_id))
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(
            col(Case.erased_at).is_(None),
            or_(
                col(OutreachThread.id).in_(ids_named(world, letter, "thread")),
                col(OutreachThread.id).in_(of_letters),
                col(Case.ref).in_(references_in(letter.subject)),
                *_writes_from(session, letter.from_address),
            ),
        )
        .order_by(col(OutreachThread.id).desc())
        .limit(MOST_THREADS)
    ).all()
    ids = _of_threads(session, [require_id(thread.id) for thread, _ in rows], letter, of_paths)
    known = known_by_thread(session, [thread for thread, _ in rows])
    return [
        ThreadCandidate(
            thread_id=require_id(thread.id),
            case_ref=ref,
            message_ids=frozenset(one for _, one in ids.get(require_id(thread.id), ()) if one),
            addresses=known[require_id(thread.id)],
            letters=frozenset(one for one, _ in ids.get(require_id(thread.id), ())) & set(of_paths),
            open=thread.state in OPEN_THREADS,
        )
        for thread, ref in rows
    ]


def _writes_from(session: Session, address: str) -> list[ColumnElement[bool]]:
    """Return by what threads of a sender are found: the directory, or a coordinator's word."""
    plain = address.strip().lower()
    departments = func.lower(cast(col(Hospital.details)["departments"], Text))
    confirmed = select(col(ThreadContact.thread_id)).where(
        col(ThreadContact.state) == "confirmed",
        address_is(session, col(ThreadContact.value_mark), plain),
    )
    if not plain:
        return []
    return [
        func.lower(col(Hospital.email)) == plain,
        departments.contains(f'"{plain}"', autoescape=True),
        col(OutreachThread.id).in_(confirmed),
    ]


def _of_threads(
    session: Session, threads: Sequence[int], letter: InboundLetter, paths: Sequence[int]
) -> dict[int, set[tuple[int, str | None]]]:
    """Return by thread which of our letters in it are answered, or have the return path used."""
    found: dict[int, set[tuple[int, str | None]]] = {}
    answered = message_marks(session, letter.answered)
    for thread_id, number, message_id in session.execute(
        select(col(Message.thread_id), col(Message.id), col(Message.message_id)).where(
            col(Message.thread_id).in_(threads),
            or_(col(Message.message_id_mark).in_(answered), col(Message.id).in_(paths)),
        )
    ):
        named = message_id if message_id in letter.answered else None
        found.setdefault(thread_id, set()).add((number, named))
    return found
