"""Where a letter may belong, with the reasons in words, and what would move there.

Nothing is chosen for the person: a reason is what stands in the letter or in our books.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.storage import StorageError
from correspondence import InboundLetter, parse_inbound, verify_reply_token
from correspondence.addresses import is_similar
from correspondence.names import fold, name_parts
from correspondence.threads import references_in
from correspondence.tokens import tokens_in
from models import (
    Case,
    CaseEvent,
    ContactPoint,
    Hospital,
    Message,
    Offer,
    OutreachThread,
    Patient,
    StepRun,
)
from models.base import require_id
from models.database import transaction
from models.findable import all_among, among, marks_in, message_marks, near_marks_of, word_marks
from views.timeline import hospital_names
from workflows.cases.contacts import plain
from workflows.cases.red_flags import danger_in
from workflows.engine.words import EventWords
from workflows.engine.world import World
from workflows.letters.archived import ARCHIVED

MOST = 12
LOOKED_AT = 3000
"""Characters of a letter's text in which references and names are looked for."""
_NOT_WRITTEN_TO = ("draft",)
_NOT_MOVED = ("message.received", "message.moved_away", "document.moved_away")
BY_TOKEN = "It was sent to the reply address of this conversation, which only we can make."  # noqa: S105
ANSWERS = "It answers a letter of ours in it."
SUBJECT, TEXT = "Its subject names the case.", "Its text names the case."
NAME_SUBJECT, NAME_TEXT = "The subject has the patient's name.", "The text has the patient's name."
STRENGTH = (BY_TOKEN, ANSWERS, SUBJECT, NAME_SUBJECT, TEXT, NAME_TEXT)


@dataclass(frozen=True, slots=True)
class LetterPlace:
    """A case, or a conversation of it with a hospital (`thread_id`). `patient` is personal data.

    `reasons` say why it may be the place, the strongest first, `moves` what follows there.
    """

    case_ref: str
    patient: str | None
    thread_id: int | None
    hospital: str | None
    reasons: Sequence[str]
    moves: Sequence[str]
    closed: bool = False


@dataclass
class _Found:
    cases: dict[int, list[str]] = field(default_factory=dict)
    threads: dict[int, list[str]] = field(default_factory=dict)

    def case(self, case_id: int | None, reason: str) -> None:
        _add(self.cases, case_id, reason)

    def thread(self, thread_id: int | None, reason: str) -> None:
        _add(self.threads, thread_id, reason)


def _add(places: dict[int, list[str]], key: int | None, reason: str) -> None:
    if key is not None and reason not in places.setdefault(key, []):
        places[key].append(reason)


def places_of_letter(
    session: Session, world: World, message: Message, letter: InboundLetter
) -> list[LetterPlace]:
    """Return where a letter may belong, the best reasons first; none of an erased case."""
    found = _Found()
    text = letter.theirs[:LOOKED_AT] or letter.text[:LOOKED_AT]
    _by_tokens(session, world, letter, found)
    _by_references(session, letter.subject, text, found)
    _by_address(session, plain(letter.from_address), found)
    _by_name(session, letter.subject, text, found)
    threads = _threads(session, found)
    shown = [_of_thread(session, world, row, found, letter) for row in threads]
    of_threads = {case.id for _, case, _, _ in threads}
    cases = session.execute(
        select(Case, Patient)
        .join(Patient, col(Patient.case_id) == col(Case.id))
        .where(col(Case.id).in_(list(found.cases)), col(Case.erased_at).is_(None))
    ).all()
    for case, patient in cases:
        reasons = found.cases[require_id(case.id)]
        if case.id in of_threads and not _of_family(reasons):
            continue
        moves = _case_moves(world, case, letter)
        shown.append(LetterPlace(case.ref, patient.name, None, None, _sorted(reasons), moves,
                                 case.closed_at is not None))  # fmt: skip
    if message.state == ARCHIVED:
        shown = [replace(one, moves=_kept_moves(one)) for one in shown]
    shown.sort(key=lambda place: (_rank(place.reasons), place.closed, place.case_ref))
    return [one for one in shown if not _is_here(one, message, cases)][:MOST]


def _is_here(place: LetterPlace, message: Message, cases: Iterable[tuple[Case, Patient]]) -> bool:
    if place.thread_id is not None:
        return place.thread_id == message.thread_id
    here = {case.ref for case, _ in cases if case.id == message.case_id}
    return message.thread_id is None and place.case_ref in here


def _of_family(reasons: Sequence[str]) -> bool:
    """Whether something but the reference speaks for the family itself as the writer."""
    return any(one not in (SUBJECT, TEXT) for one in reasons)


def _rank(reasons: Sequence[str]) -> int:
    known = [STRENGTH.index(one) for one in reasons if one in STRENGTH]
    return min(known, default=len(STRENGTH)) * 2 - min(len(reasons), 2)


def _sorted(reasons: Sequence[str]) -> list[str]:
    order = {one: number for number, one in enumerate(STRENGTH)}
    return sorted(reasons, key=lambda one: order.get(one, len(order)))


def _by_tokens(session: Session, world: World, letter: InboundLetter, found: _Found) -> None:
    for token in tokens_in(letter.to_addresses):
        found.thread(verify_reply_token(token, world.keys.ring), BY_TOKEN)
    answered = [*letter.references, *([letter.in_reply_to] if letter.in_reply_to else [])]
    rows = session.execute(
        select(col(Message.thread_id), col(Message.case_id)).where(
            col(Message.message_id_mark).in_(message_marks(session, answered)),
            col(Message.direction) == "out",
        )
    )
    for thread_id, case_id in rows:
        if thread_id is not None:
            found.thread(thread_id, ANSWERS)
        else:
            found.case(case_id, ANSWERS)


def _by_references(session: Session, subject: str, text: str, found: _Found) -> None:
    of_subject, of_text = references_in(subject), references_in(text)
    rows = session.execute(
        select(col(Case.id), col(Case.ref)).where(col(Case.ref).in_([*of_subject, *of_text]))
    )
    for case_id, ref in rows:
        reason = SUBJECT if ref in of_subject else TEXT
        found.case(case_id, reason)
        threads = select(col(OutreachThread.id)).where(col(OutreachThread.case_id) == case_id)
        for thread_id in session.scalars(threads):
            found.thread(thread_id, reason)


def _by_address(session: Session, address: str, found: _Found) -> None:
    """Note who has this address or one that looks like it: patients, those near, hospitals."""
    near = near_marks_of(marks_in(session), address)
    if not near:
        return
    for column, case_column, marks in (
        (col(Patient.email), col(Patient.case_id), col(Patient.near_marks)),
        (col(ContactPoint.address), col(ContactPoint.case_id), col(ContactPoint.near_marks)),
    ):
        rows = session.execute(select(case_column, column).where(among(marks, near)).limit(500))
        for case_id, known in rows:
            if known is None:
                continue
            if known.lower() == address:
                found.case(case_id, f"Its sender's address, {known}, is written down in the case.")
            elif is_similar(known, address):
                found.case(
                    case_id, f"Its sender's address looks like {known}, which is in the case."
                )
    hospitals = session.execute(select(col(Hospital.id), col(Hospital.email)))
    alike = {
        require_id(number): email
        for number, email in hospitals
        if email.lower() == address or is_similar(email, address)
    }
    rows = session.execute(
        select(col(OutreachThread.id), col(OutreachThread.hospital_id)).where(
            col(OutreachThread.hospital_id).in_(list(alike)),
            col(OutreachThread.closed_at).is_(None),
        )
    )
    for thread_id, hospital_id in rows:
        known = alike[hospital_id]
        is_it = known.lower() == address
        found.thread(
            thread_id,
            f"Its sender's address, {known}, is the hospital's."
            if is_it
            else f"Its sender's address looks like the hospital's, {known}, and is NOT it.",
        )


def _by_name(session: Session, subject: str, text: str, found: _Found) -> None:
    """Note the open cases whose patient's whole name stands in the letter, in any order."""
    of_subject, of_text = _words(subject), _words(text)
    said = word_marks(marks_in(session), of_subject | of_text)
    rows = session.execute(
        select(col(Patient.case_id), col(Patient.name))
        .join(Case, col(Case.id) == col(Patient.case_id))
        .where(col(Case.closed_at).is_(None), all_among(col(Patient.name_marks), said))
        .limit(200)
    )
    for case_id, known in rows:
        if not known or len(known) <= 4:
            continue
        parts = {fold(part) for part in name_parts([known])}
        if len(parts) < 2 and len(fold(known)) < 6:
            continue  # one short word stands in many letters
        if parts and parts <= of_subject:
            found.case(case_id, NAME_SUBJECT)
        elif parts and parts <= of_text:
            found.case(case_id, NAME_TEXT)


def _words(text: str) -> set[str]:
    signs = "".join(sign if sign.isalnum() or sign in "'-’" else " " for sign in fold(text))
    return set(signs.split())


Row = tuple[OutreachThread, Case, Patient, Hospital]


def _threads(session: Session, found: _Found) -> list[Row]:
    """Return the conversations found, with those of cases that are known by the patient's name."""
    rows = session.execute(
        select(OutreachThread, Case, Patient, Hospital)
        .join(Case, col(Case.id) == col(OutreachThread.case_id))
        .join(Patient, col(Patient.case_id) == col(Case.id))
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(
            col(OutreachThread.id).in_(list(found.threads)),
            col(OutreachThread.state).not_in(_NOT_WRITTEN_TO),
            col(Case.erased_at).is_(None),
        )
        .order_by(col(OutreachThread.id).desc())
        .limit(200)
    )
    return [(thread, case, patient, hospital) for thread, case, patient, hospital in rows]


def _of_thread(
    session: Session, world: World, row: Row, found: _Found, letter: InboundLetter
) -> LetterPlace:
    thread, case, patient, hospital = row
    names = [
        one for one in found.cases.get(require_id(case.id), ()) if one in (NAME_SUBJECT, NAME_TEXT)
    ]
    reasons = _sorted(list(dict.fromkeys([*found.threads[require_id(thread.id)], *names])))
    if not any("sender's address" in one for one in reasons):
        reasons.append("Against it: the sender is no address known of this hospital.")
    name = f"{hospital.code} {hospital.name}"
    return LetterPlace(
        case.ref, patient.name, thread.id, name, reasons,
        _thread_moves(session, thread, case, letter), case.closed_at is not None,
    )  # fmt: skip


def _thread_moves(
    session: Session, thread: OutreachThread, case: Case, letter: InboundLetter
) -> list[str]:
    """Return what a letter moves that is given to a conversation."""
    if letter.report is not None:
        return ["It is noted there as a mail server's report."]
    due = session.scalars(
        select(col(StepRun.due_at))
        .where(
            col(StepRun.case_id) == case.id,
            col(StepRun.state) == "queued",
            col(StepRun.name) == "outreach.chase_hospital",
            col(StepRun.objects)["thread_id"].as_integer() == thread.id,
        )
        .order_by(col(StepRun.due_at))
    ).first()
    moves = ["It counts as the hospital's answer; a coordinator says of which kind it is."]
    if due is not None:
        moves.append(f"The reminder to the hospital, due {due:%-d %B}, does not leave.")
    return [*moves, *_files_move(letter), *_closed(case)]


def _case_moves(world: World, case: Case, letter: InboundLetter) -> list[str]:
    """Return what a letter moves that is given to a case."""
    moves = ["It stands among the case's letters; a coordinator is asked to read it."]
    signs = danger_in(world, f"{letter.subject}\n{letter.new_text or letter.theirs}").signs
    if signs:
        moves.append("Words of danger stand in it: the team is called at once.")
    return [*moves, *_files_move(letter), *_closed(case)]


def _kept_moves(place: LetterPlace) -> list[str]:
    """Return what an old letter moves: nothing."""
    moves = ["It is an old letter: it is kept there with its files, and nothing moves."]
    return [*moves, "The case is closed and stays so."] if place.closed else moves


def _files_move(letter: InboundLetter) -> list[str]:
    count = len(letter.papers())
    files = "1 file becomes a document" if count == 1 else f"{count} files become documents"
    return [f"Its {files} of the case and {'is' if count == 1 else 'are'} read."] if count else []


def _closed(case: Case) -> list[str]:
    return ["The case is closed and stays so."] if case.closed_at is not None else []


def places_for(world: World, message_id: int) -> list[LetterPlace]:
    """Return where a letter may belong; nothing where its original cannot be read now."""
    with transaction(world.engine) as session:
        message = session.get_one(Message, message_id)
        try:
            letter = parse_inbound(world.storage.get(message.raw_object_key or ""))
        except StorageError:
            return []
        return places_of_letter(session, world, message, letter)


def moved_by(world: World, case_id: int, message_id: int) -> list[tuple[int, str]]:
    """Return what of a case's timeline rests on a letter: numbers and sentences, in order."""
    words = EventWords.load(world.settings.playbooks_dir)
    with transaction(world.engine) as session:
        events = session.scalars(
            select(CaseEvent)
            .where(
                col(CaseEvent.case_id) == case_id,
                col(CaseEvent.objects)["message_id"].as_integer() == message_id,
                col(CaseEvent.type).not_in(_NOT_MOVED),
            )
            .order_by(col(CaseEvent.seq))
        ).all()
        names = hospital_names(session)
        offers = session.scalars(
            select(col(Offer.id)).where(
                col(Offer.case_id) == case_id, col(Offer.message_id) == message_id
            )
        ).all()
        said = [
            (one.seq, words.sentence(one.type, {**one.objects, **one.payload}, names))
            for one in events
        ]
    return [*said, *((0, f"Offer {number} was written down from it") for number in offers)]
