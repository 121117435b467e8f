"""A letter before it leaves: to whom, with what, by whose consent, and what to compare it with.

Holds personal data: whoever asks is audited.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import LetterError
from models import Consent, Hospital, Message, OutreachThread
from views.shown import ShownConsent, ShownHospital, ShownMessage, ShownThread, shown
from workflows.engine.lookup import get
from workflows.engine.permissions import names_patient
from workflows.engine.world import World
from workflows.letters.four_eyes import authors, is_new_address
from workflows.letters.freezing import LetterNotFit, checked_letter

_LINK = re.compile(r"https?://\S+")
STANDARD = "standard"
SHARES = ("share_deid", "share_identified")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text that the letter may be held against; `code` names it in addresses."""

    code: str
    label: str
    body: str


@dataclass(frozen=True, slots=True)
class LetterOut:
    """One draft with what a person must know before it leaves."""

    message: ShownMessage
    title: str
    thread: ShownThread | None
    hospital: ShownHospital | None
    consents: Sequence[ShownConsent]
    """The consents that this letter needs, withdrawn ones too, newest first."""
    comparisons: Sequence[Comparison]
    links: int
    """How many addresses of pages or records stand in the text."""
    problem: str | None
    """Why the text may not leave as it stands."""
    names_patient: bool = False
    """Whether the hospital needs the permission for records with the name."""
    new_address: bool = False
    """Whether no letter has left to this address before."""
    authors: frozenset[str] = frozenset()
    """Who wrote words of it, or gave the address: with a new address another approves it."""

    @property
    def allowed(self) -> bool:
        """Whether a consent that covers this letter stands."""
        return any(
            consent.withdrawn_at is None
            and (consent.scope == "share_identified" or not self.names_patient)
            for consent in self.consents
        )


def letter_out(
    session: Session, world: World, message: Message, now: datetime, body: str | None = None
) -> LetterOut:
    """Return a draft as its approver sees it; `body` is the text as it was edited, if it was."""
    thread = hospital = None
    if message.thread_id is not None:
        thread = get(session, OutreachThread, message.thread_id)
        hospital = get(session, Hospital, thread.hospital_id)
    text = body if body is not None else message.body
    letters = world.playbooks.letters
    try:
        title = letters.meta(message.template or "").title
    except LetterError:
        title = message.template or "Letter"
    return LetterOut(
        message=shown(ShownMessage, message),
        title=title,
        thread=shown(ShownThread, thread) if thread else None,
        hospital=shown(ShownHospital, hospital) if hospital else None,
        consents=_consents(session, message, hospital),
        comparisons=[*_earlier(session, message), *_standard(world, message)],
        links=len(_LINK.findall(text)),
        problem=_problem(session, world, message, text, now),
        names_patient=message.to_role == "hospital" and names_patient(message),
        new_address=is_new_address(session, message),
        authors=frozenset(authors(session, message)),
    )


def _consents(session: Session, message: Message, hospital: Hospital | None) -> list[ShownConsent]:
    query = select(Consent).where(col(Consent.case_id) == message.case_id)
    if hospital is not None:
        query = query.where(col(Consent.hospital_id) == hospital.id, col(Consent.scope).in_(SHARES))
    else:
        query = query.where(col(Consent.scope) == "process")
    rows = session.scalars(query.order_by(col(Consent.id).desc()))
    return [shown(ShownConsent, row) for row in rows]


def _problem(
    session: Session, world: World, message: Message, text: str, now: datetime
) -> str | None:
    """Return which rule the text breaks, as approving it would say."""
    tried = Message(
        case_id=message.case_id,
        direction=message.direction,
        state=message.state,
        to_role=message.to_role,
        template=message.template,
        language=message.language,
        subject=message.subject,
        body=text,
    )
    try:
        checked_letter(session, world, tried, now)
    except LetterNotFit as refused:
        return str(refused)
    return None


def _earlier(session: Session, message: Message) -> list[Comparison]:
    """Return the newest earlier letter of this kind, here and to another hospital."""
    rows = session.execute(
        select(Message, col(Hospital.code))
        .join(OutreachThread, col(OutreachThread.id) == col(Message.thread_id), isouter=True)
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id), isouter=True)
        .where(
            col(Message.case_id) == message.case_id,
            col(Message.template) == message.template,
            col(Message.direction) == "out",
            col(Message.id) != message.id,
        )
        .order_by(col(Message.id).desc())
    ).all()
    found: dict[str, Comparison] = {}
    for other, code in rows:
        same = other.thread_id == message.thread_id
        if same and (other.id or 0) > (message.id or 0):
            continue
        name, whom = (
            ("previous", "the last one of this kind")
            if same
            else ("other", f"the letter to {code}")
        )
        found.setdefault(name, Comparison(name, f"{whom}, {_state(other)}", other.body))
    return [found[name] for name in ("previous", "other") if name in found]


def _state(message: Message) -> str:
    words = {"draft": "not sent yet", "cancelled": "withdrawn"}.get(message.state, message.state)
    return f"{words} {message.sent_at:%d %b %Y}" if message.sent_at else words


def _standard(world: World, message: Message) -> list[Comparison]:
    """Return the template with the names of its fields where this case's words stand.

    A field that holds codes or days keeps its sample: the template says it in words of its own.
    """
    letters = world.playbooks.letters
    code = message.template or ""
    try:
        fields = letters.samples(code)
        body = letters.render(code, fields, message.language).body
    except LetterError:
        return []
    for name in [name for name, sample in fields.items() if isinstance(sample, str)]:
        named = {**fields, name: f"[{name.replace('_', ' ')}]"}
        with suppress(LetterError):
            body, fields = letters.render(code, named, message.language).body, named
    return [Comparison(STANDARD, f"the standard text {code}", body)]
