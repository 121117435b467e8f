"""Old mail in bulk: looked at first, then taken, each letter once; nothing moves because of it.

What is surely somebody's is put into its case; the rest waits in one list. A letter of the last
days that speaks of danger reaches a person at once, whatever else becomes of it: who imports a
mailbox may be the first to see it. Batches are whole: killed amid one, the next run goes on.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from accounts import audit
from adapters.archives import Archive, ArchivedMail
from adapters.storage import StorageError
from correspondence import InboundLetter, parse_inbound
from correspondence.same_letter import letter_hash
from correspondence.threads import references_in
from correspondence.tokens import tokens_in
from models import ContactPoint, Hospital, InboundMail, Message, Patient
from models.base import require_id
from models.database import transaction
from models.findable import address_mark, marks_in, message_mark, message_marks
from workflows.cases.contacts import cases_of, plain
from workflows.cases.red_flags import Reported, report_red_flag
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.archived import ARCHIVED, MACHINE, TO_PLACE, keep_files, record_archived
from workflows.letters.came_back import letters_in
from workflows.letters.inbound import PERSONS, ask_who_it_is, danger_of, our_letters, write_letter
from workflows.letters.letter_files import StoredFile, store_files
from workflows.letters.owners import Owner, Unsure, family_of, owner_of

RECENT = timedelta(days=3)
"""How old a letter may be whose words of danger are still news. One without a date is news."""
BATCH, BATCH_BYTES = 100, 64 * 1024 * 1024
PUTTING = 8
NAMED = 100
"""Mails that cannot be read are named, so many of them; the others are counted."""
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_LOCK = 7_236_114
"""Of the database: two imports at once take turns, batch by batch."""

Told = Callable[["Tally"], None]


@dataclass
class Tally:
    """What an import found, or would do: counts, and no word of any letter.

    `attached` counts by how it is sure whose a letter is; `double` came twice in the archive,
    `before` is here already, `ours` was written by us, `unreadable` are places in the archive with
    a code.
    """

    total: int = 0
    size: int = 0
    attached: Counter[str] = field(default_factory=Counter)
    to_place: int = 0
    machine: int = 0
    double: int = 0
    before: int = 0
    ours: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    unread: int = 0
    undated: int = 0
    first: date | None = None
    last: date | None = None
    files: int = 0
    alarms: int = 0

    def dated(self, day: date | None) -> None:
        """Count the day of a letter."""
        if day is None:
            self.undated += 1
            return
        self.first = min(self.first or day, day)
        self.last = max(self.last or day, day)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A mail that is neither here nor ours, read; `owner` where it is sure whose it is."""

    mail: ArchivedMail
    sha256: str
    mark: str
    letter: InboundLetter
    owner: Owner | None
    found: Owner | Unsure
    written: datetime | None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is a letter of these days, or nobody knows."""
        return self.written is None or now - self.written <= RECENT


class Importing:
    """One run over an archive. `own` are addresses of ours beside the one that letters go to."""

    def __init__(self, world: World, archive: Archive, own: Sequence[str] = ()) -> None:
        self._world, self._archive = world, archive
        self._own = {plain(one) for one in (world.settings.mail_from, *own)} - {""}
        self._seen: set[bytes] = set()
        self._told: set[int] = set()
        self.tally = Tally()

    def preview(self, told: Told) -> Tally:
        """Say what an import would do; nothing is written. Raises what the archive raises."""
        for batch in self._batches():
            with transaction(self._world.engine) as session:
                for one in self._look(session, batch):
                    self._count(one)
            told(self.tally)
        return self.tally

    def take(self, actor: Actor, told: Told) -> Tally:
        """Import the archive; each batch is one transaction. Raises what the archive raises, and
        `adapters.storage.StorageError`: what was taken until then is here.
        """
        audit.note_alone(
            self._world.engine, actor_ref=actor.ref, action="letters.imported",
            at=self._world.clock.now(), object_ref=self._archive.kind,
        )  # fmt: skip
        for batch in self._batches():
            self._take(batch)
            told(self.tally)
        return self.tally

    def _batches(self) -> Iterator[list[ArchivedMail]]:
        batch: list[ArchivedMail] = []
        size = 0
        for mail in self._archive.mails():
            self.tally.total += 1
            if mail.raw is None:
                self.tally.unread += 1
                if len(self.tally.unreadable) < NAMED:
                    self.tally.unreadable.append((mail.place, mail.problem))
                continue
            batch.append(mail)
            size += len(mail.raw)
            self.tally.size += len(mail.raw)
            if len(batch) >= BATCH or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _look(self, session: Session, batch: Sequence[ArchivedMail]) -> Iterator[_Looked]:
        """Yield what is to be taken of a batch; what is not is counted."""
        marked = [
            (mail, hashlib.sha256(mail.raw or b"").hexdigest(), letter_hash(mail.raw or b""))
            for mail in batch
        ]
        here = _here(session, [sha for _, sha, _ in marked], [mark for _, _, mark in marked])
        unhashed = _unhashed(session)
        read: list[tuple[ArchivedMail, str, str, InboundLetter]] = []
        for mail, sha256, mark in marked:
            key = bytes.fromhex(mark)
            if sha256 in here or mark in here:
                self.tally.before += 1
            elif key in self._seen:
                self.tally.double += 1
            else:
                self._seen.add(key)
                letter = parse_inbound(mail.raw or b"", cut=mail.cut)
                if plain(letter.from_address) in self._own:
                    self.tally.ours += 1
                elif unhashed and _same_before(session, self._world, letter, mark):
                    self.tally.before += 1
                else:
                    read.append((mail, sha256, mark, letter))
        known = _Known.of(session, [one[3] for one in read])
        for mail, sha256, mark, letter in read:
            nobodys = Unsure(letter.machine)
            found = _whose(session, self._world, letter) if known.touches(letter) else nobodys
            owner = found if isinstance(found, Owner) else None
            yield _Looked(mail, sha256, mark, letter, owner, found, self._written(letter))

    def _written(self, letter: InboundLetter) -> datetime | None:
        """Return when a letter says that it was written; None where that cannot be."""
        day = letter.date
        if day is None or day.tzinfo is None:
            return None
        now = self._world.clock.now()
        return day if _OLDEST <= day <= now + timedelta(days=1) else None

    def _count(self, one: _Looked) -> None:
        tally = self.tally
        tally.dated(one.written.date() if one.written else None)
        if one.letter.machine not in PERSONS:
            tally.machine += 1
        elif one.owner is not None:
            tally.attached[one.owner.matched_by] += 1
            tally.files += len(one.letter.papers())
        else:
            tally.to_place += 1
        if one.is_fresh(self._world.clock.now()) and danger_of(self._world, one.letter).signs:
            tally.alarms += 1

    def _take(self, batch: Sequence[ArchivedMail]) -> None:
        world, now = self._world, self._world.clock.now()
        with transaction(world.engine) as session:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            recorder = Recorder(session, world.process, now)
            found = list(self._look(session, batch))
            with ThreadPoolExecutor(PUTTING) as pool:  # the store may be slow: no case is held yet
                files = list(pool.map(self._store, found))
            recorder.lock(sorted({one.owner.case_id for one in found if one.owner}))
            waits = False
            for one, stored in zip(found, files, strict=True):
                self._count(one)
                waits |= self._write(recorder, one, stored) == TO_PLACE
            if waits:
                recorder.request("place_imported", objects={})
            due = recorder.flush()
        world.doorbell.ring(due)

    def _store(self, one: _Looked) -> list[StoredFile]:
        self._world.storage.put(f"mail/{one.sha256}", one.mail.raw or b"", "message/rfc822")
        machine = one.letter.machine not in PERSONS
        if one.owner is None or one.letter.report is not None or machine:
            return []
        return store_files(self._world, one.letter)

    def _write(self, recorder: Recorder, one: _Looked, stored: list[StoredFile]) -> str:
        """Write one letter down and return the state of the inbox that it is in."""
        session, now = recorder.session, recorder.now
        owner, letter = one.owner, one.letter
        if owner is not None and recorder.case(owner.case_id).erased_at is not None:
            owner = None
        if owner is not None:
            letter = letter.without(our_letters(session, owner.case_id, owner.thread))
        machine = letter.machine not in PERSONS
        state = "matched" if owner else MACHINE if machine else TO_PLACE
        key = f"mail/{one.sha256}"
        inbox_id = session.scalar(
            insert(InboundMail)
            .values(
                sha256=one.sha256, object_key=key, mailbox_uid="", state=state,
                letter_hash=one.mark, imported_at=now, received_at=now,
            )
            .on_conflict_do_nothing()
            .returning(col(InboundMail.id))
        )  # fmt: skip
        if inbox_id is None:  # the mailbox gave the same bytes meanwhile
            return state
        message = write_letter(session, letter, owner, key, one.sha256, now)
        message.state, message.sent_at = ARCHIVED, one.written or now
        session.execute(
            update(InboundMail)
            .where(col(InboundMail.id) == inbox_id)
            .values(message_row_id=require_id(message.id))
        )
        if owner is not None:
            if letter.report is None and not machine:
                keep_files(recorder, message, stored)
            role = "hospital" if owner.thread is not None else owner.role
            record_archived(recorder, message, role)
        if one.is_fresh(now):
            self._hear(recorder, one, owner, message)
        return state

    def _hear(
        self, recorder: Recorder, one: _Looked, owner: Owner | None, message: Message
    ) -> None:
        """Tell a person of a letter of these days: of danger at once, else that it is to be read.

        One letter of a case is named; whoever reads it sees the others beside it.
        """
        about = {"message_id": require_id(message.id)}
        doubted = one.found.case_id if isinstance(one.found, Unsure) else None
        case_id = owner.case_id if owner else doubted
        signs = danger_of(self._world, one.letter).signs
        if signs and case_id is None:
            ask_who_it_is(recorder, about, message.address)
        elif signs and case_id is not None:
            flag = Reported(signs, "letter", "email", Actor("sender"), None, about)
            report_red_flag(recorder, case_id, flag)
        elif owner is not None and one.letter.machine in PERSONS and one.written is not None:
            if owner.case_id not in self._told:
                recorder.request("read_letter", case_id=owner.case_id, objects=about)
            self._told.add(owner.case_id)


def _here(session: Session, hashes: Sequence[str], marks: Sequence[str]) -> set[str]:
    """Return which of these letters are here, by their bytes or by what their writer wrote."""
    rows = session.execute(
        select(col(InboundMail.sha256), col(InboundMail.letter_hash)).where(
            or_(col(InboundMail.sha256).in_(hashes), col(InboundMail.letter_hash).in_(marks))
        )
    )
    return {one for row in rows for one in row if one}


def _unhashed(session: Session) -> bool:
    """Return whether a letter is here of which no hash of its words is kept."""
    query = select(col(InboundMail.id)).where(col(InboundMail.letter_hash).is_(None)).limit(1)
    return session.scalars(query).first() is not None


@dataclass(frozen=True, slots=True)
class _Known:
    """What of the addresses and letters that a batch names is known to us."""

    addresses: frozenset[str]
    message_ids: frozenset[str]

    @classmethod
    def of(cls, session: Session, letters: Sequence[InboundLetter]) -> "_Known":
        """Ask once for a batch: most old mail is of nobody we know."""
        senders = {plain(one.from_address) for one in letters}
        addresses: set[str] = set()
        hospital = func.lower(col(Hospital.email))
        addresses.update(session.scalars(select(hospital).where(hospital.in_(senders))))
        made = marks_in(session)
        marked = {address_mark(made, one): one for one in senders}
        for column in (col(Patient.email_mark), col(ContactPoint.address_mark)):
            found = session.scalars(select(column).where(column.in_(set(marked) - {None})))
            addresses.update(marked[one] for one in found)
        answered = {name for one in letters for name in _answered(one)}
        named = {message_mark(made, one): one for one in answered}
        ids = session.scalars(
            select(col(Message.message_id_mark)).where(col(Message.message_id_mark).in_(named))
        )
        return cls(frozenset(addresses), frozenset(named[one] for one in ids if one))

    def touches(self, letter: InboundLetter) -> bool:
        """Whether a letter may be somebody's: by address, token, reference or answered letter."""
        return bool(
            plain(letter.from_address) in self.addresses
            or self.message_ids & set(_answered(letter))
            or tokens_in(letter.to_addresses)
            or references_in(letter.subject)
        )


def _answered(letter: InboundLetter) -> list[str]:
    about = letter.report.original_message_id if letter.report else None
    return [one for one in (*letter.references, letter.in_reply_to, about) if one]


def _same_before(session: Session, world: World, letter: InboundLetter, mark: str) -> bool:
    """Return whether the letter came before hashes of letters were kept, with the same words."""
    if not letter.message_id:
        return False
    keys = session.scalars(
        select(col(InboundMail.object_key))
        .join(Message, col(Message.id) == col(InboundMail.message_row_id))
        .where(
            col(Message.message_id_mark).in_(message_marks(session, [letter.message_id])),
            col(InboundMail.letter_hash).is_(None),
        )
    )
    for key in keys:
        try:
            if letter_hash(world.storage.get(key)) == mark:
                return True
        except StorageError:
            continue
    return False


def _whose(session: Session, world: World, letter: InboundLetter) -> Owner | Unsure:
    """Return whose an old letter is: as of one that comes now; and of a sender who has one case,
    be it closed, that case's: nothing moves there.
    """
    came_back = letters_in(session, world, letter)
    found = family_of(came_back) if came_back else owner_of(session, world, letter)
    if isinstance(found, Owner) or found.reason is not None:
        return found
    if letter.trust.standing == "not_authentic":
        return Unsure("not_authentic")
    cases = cases_of(session, letter.from_address)
    if len(cases) != 1:
        return found
    return Owner(cases[0].case_id, None, "sender", role=cases[0].role)
