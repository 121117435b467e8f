"""Inquiries being written: kept step by step, found again by a link, sent once.

The link holds a random token; the row keeps its hash and the seed from which the secret key makes
the token again, so that the database alone opens nothing. What was never sent is removed 30 days
after it was last touched, with its files. Times here are the world's clock.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlmodel import Session, col

from accounts import throttle
from accounts.sessions import real_now
from accounts.signed_links import portal_link
from adapters.mail_out import MailRefused, MailUncertain
from correspondence import compose_mime, lint
from models import Case, PortalDraft, Upload, UploadPiece
from models.base import require_id
from models.database import transaction
from workflows.cases.intake import NewCase, open_case
from workflows.cases.red_flags import Reported, report_red_flag
from workflows.declared import Raises
from workflows.engine.budgets import forget_spent
from workflows.engine.passing import of_refusal
from workflows.engine.record import Recorder
from workflows.engine.work import Work, slow
from workflows.engine.world import World
from workflows.letters.return_path import own_message_id, return_path
from workflows.portal import uploads
from workflows.portal.access import PATIENT

KEPT = timedelta(days=30)
LETTER = "M42"
MAX_LETTERS = 5
STARTS_WITHIN = timedelta(hours=1)
LETTERS_PER_ADDRESS, LETTERS_WITHIN = 3, timedelta(hours=24)
BATCH_SIZE = 200
CALLED_HERE = {"jaundice": "yellow_skin"}
"""Signs that the inquiry's form calls otherwise than the events do."""


class DraftMissing(LookupError):
    """No inquiry has this token, or its time is over."""


class DraftSent(Exception):
    """The inquiry was sent: it opened the case `case_id`."""

    def __init__(self, case_id: int) -> None:
        super().__init__(case_id)
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An inquiry as its writer has it so far. `answers` are personal data."""

    id: int
    answers: Mapping[str, Any]
    done: Sequence[str]
    """The steps that were filled in and passed."""


def start(world: World, place: str, language: str) -> str:
    """Begin an inquiry and return its token; raise `throttle.TooMany`.

    `place` is the keyed hash of where the request came from.
    """
    most = world.settings.portal_inquiries_per_hour
    throttle.count(world.engine, f"draft.started:{place}", most, STARTS_WITHIN)
    seed = f"{world.keys.ring.signing.id}.{secrets.token_urlsafe(20)}"
    token = _token(world, seed)
    with transaction(world.engine) as session:
        session.add(
            PortalDraft(
                token_sha256=_hash(token),
                seed=seed,
                place=place[:80],
                language=language,
                expires_at=real_now() + KEPT,
            )
        )
    return token


def read(world: World, token: str) -> Inquiry:
    """Return the inquiry of a link; raise `DraftMissing`, `DraftSent`."""
    with transaction(world.engine) as session:
        draft = _find(session, token)
        return Inquiry(require_id(draft.id), draft.answers, draft.done)


def save(world: World, token: str, step: str, answers: Mapping[str, Any], *, passed: bool) -> None:
    """Keep the answers of a step, whole or half written; raise `DraftMissing`, `DraftSent`."""
    with transaction(world.engine) as session:
        draft = _find(session, token, lock=True)
        draft.answers = {**draft.answers, **answers}
        others = [name for name in draft.done if name != step]
        draft.done = [*others, step] if passed else others
        draft.expires_at = real_now() + KEPT


def submit(world: World, token: str, new: NewCase) -> int:
    """Open the case of an inquiry, with its files; return the case's id, the same every time.

    Raises `DraftMissing` and `workflows.cases.intake.IntakeRefused`.
    """
    with transaction(world.engine) as session:
        try:
            draft = _find(session, token, lock=True)
        except DraftSent as sent:
            return sent.case_id
        recorder = Recorder(session, world.process, world.clock.now())
        case_id = require_id(open_case(session, recorder, world, new, PATIENT).id)
        draft.case_id, draft.answers, draft.done = case_id, {}, []
        _report_signs(recorder, case_id, new)
        for upload in session.scalars(
            select(Upload)
            .where(col(Upload.draft_id) == require_id(draft.id))
            .order_by(col(Upload.id))
            .with_for_update()
        ).all():
            upload.case_id = case_id
            # Whenever they were chosen: they are sent now, all together.
            upload.visit_at = recorder.now
            if upload.state == "arrived":
                uploads.to_take(recorder, upload)
        due = recorder.flush()
    world.doorbell.ring(due)
    return case_id


def _report_signs(recorder: Recorder, case_id: int, new: NewCase) -> None:
    """Report what was ticked as happening now; the story of the illness tells of past signs."""
    ticked = new.patient.intake.get("symptoms") or ()
    signs = [CALLED_HERE.get(sign, sign) for sign in ticked]
    if signs:
        flag = Reported(signs, "inquiry", "portal", PATIENT, None)
        report_red_flag(recorder, case_id, flag)


def link(world: World, token: str) -> str:
    """Return the address that a person keeps to go on later."""
    return f"{world.settings.web_public_url.rstrip('/')}/portal/new/{token}"


def page_of(world: World, case_id: int) -> str:
    """Return the path of the patient's page of the case that an inquiry opened.

    It is a link of the first generation, whose days begin when the case is opened: the inquiry's
    own link must not make new ones for ever.
    """
    with transaction(world.engine) as session:
        opened_at = session.get_one(Case, case_id).created_at
    return portal_link("", world.keys.ring, case_id, at=opened_at)


def ask_letter(world: World, token: str) -> None:
    """Queue the letter that brings the link to the e-mail address given in the inquiry.

    Raises `DraftMissing`, `DraftSent`, `throttle.TooMany`; ValueError without an address.
    """
    with transaction(world.engine) as session:
        draft = _find(session, token, lock=True)
        address = str(draft.answers.get("email") or "")
        if not address:
            raise ValueError("no e-mail address was given")
        if draft.letters >= MAX_LETTERS:
            raise throttle.TooMany(int(LETTERS_WITHIN.total_seconds()), first=False)
        who = world.keys.marks.of("email", address.strip().lower())[:32]
        throttle.count(world.engine, f"draft.letter:{who}", LETTERS_PER_ADDRESS, LETTERS_WITHIN)
        draft.letters += 1
        draft.letter_state, draft.letter_at = "queued", real_now()
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.request("send_draft_link", objects={"draft_id": require_id(draft.id)})
        due = recorder.flush()
    world.doorbell.ring(due)


@slow(
    "notices.send_draft_link",
    words="the link to go on with an inquiry is sent",
    stopped="A family did not get the link to go on with its inquiry",
    patient="Somebody who began an inquiry cannot take it up again.",
    needs=("smtp",),
    raises=Raises(letters=("M42",)),
)
def send_letter(work: Work) -> None:
    """Send the letter with the link: at most once for each time it was asked for.

    Raises `PeerAway` or `PutOff` when the server refused for now: certain that it was not taken.
    """
    draft_id = work.object_id("draft_id")
    if work.row.again:  # it may have left before a backup was put back
        _move(work.world, draft_id, "queued", "uncertain")
    if not _move(work.world, draft_id, "queued", "sending"):
        _move(work.world, draft_id, "sending", "uncertain")
        with work.finishing():
            pass
        return
    with work.reading() as session:
        draft = session.get_one(PortalDraft, draft_id)
    address = str(draft.answers.get("email") or "")
    try:
        raw = _letter(work.world, draft, address)
        work.world.mail_out.deliver(raw, return_path(work.world, "draft", draft_id), [address])
    except MailRefused as refused:
        if not refused.permanent:
            _move(work.world, draft_id, "sending", "queued")
            raise of_refusal(refused) from None
        _move(work.world, draft_id, "sending", "refused")
    except MailUncertain:
        _move(work.world, draft_id, "sending", "uncertain")
    else:
        _move(work.world, draft_id, "sending", "sent")
    with work.finishing():
        pass


def tidy(world: World) -> None:
    """Remove what is over: uploads given up, pieces of taken ones, inquiries never sent."""
    now = real_now()
    with transaction(world.engine) as session:
        given_up = session.scalars(
            select(col(Upload.id))
            .where(
                or_(
                    and_(col(Upload.state) == "receiving", col(Upload.expires_at) <= now),
                    and_(
                        col(Upload.state) != "taken",
                        col(Upload.case_id).in_(select(col(Case.id)).where(_takes_nothing())),
                    ),
                )
            )
            .limit(BATCH_SIZE)
        ).all()
        left_over = session.scalars(
            select(col(Upload.id))
            .where(
                col(Upload.state) == "taken", col(Upload.id).in_(select(col(UploadPiece.upload_id)))
            )
            .limit(BATCH_SIZE)
        ).all()
        over = session.scalars(
            select(col(PortalDraft.id)).where(col(PortalDraft.expires_at) <= now).limit(BATCH_SIZE)
        ).all()
        forget_spent(session, now)
    for upload_id in given_up:
        uploads.forget(world, require_id(upload_id))
    for upload_id in left_over:
        uploads.drop_pieces(world, require_id(upload_id))
    for draft_id in over:
        _forget(world, require_id(draft_id))


def _takes_nothing() -> ColumnElement[bool]:
    """A case that has ended for good: what was on its way into its file is nobody's any more."""
    return col(Case.state).in_(("WITHDRAWAL_WRAPUP", "CLOSED_WITHDRAWN", "CLOSED_DECEASED"))


def _forget(world: World, draft_id: int) -> None:
    """Remove an inquiry whose time is over; files that belong to a case stay."""
    with transaction(world.engine) as session:
        files = session.scalars(
            select(col(Upload.id)).where(
                col(Upload.draft_id) == draft_id, col(Upload.case_id).is_(None)
            )
        ).all()
    for upload_id in files:
        uploads.forget(world, require_id(upload_id))
    with transaction(world.engine) as session:
        session.execute(
            update(Upload).where(col(Upload.draft_id) == draft_id).values(draft_id=None)
        )
        draft = session.get(PortalDraft, draft_id)
        if draft is not None:
            session.delete(draft)


def _find(session: Session, token: str, *, lock: bool = False) -> PortalDraft:
    query = select(PortalDraft).where(
        col(PortalDraft.token_sha256) == _hash(token), col(PortalDraft.expires_at) > real_now()
    )
    draft = session.scalars(query.with_for_update() if lock else query).first()
    if draft is None:
        raise DraftMissing
    if draft.case_id is not None:
        raise DraftSent(draft.case_id)
    return draft


def _letter(world: World, draft: PortalDraft, address: str) -> bytes:
    settings = world.settings
    letter = world.playbooks.letters.write(
        LETTER,
        {
            "link": link(world, _token(world, draft.seed)),
            "days": KEPT.days,
            "coordinator": settings.contact_name,
            "phone": settings.contact_phone,
            "hours": settings.contact_hours,
        },
        draft.language,
    )
    now = world.clock.now()
    problems = lint(letter, now=now, recipient_stopped=False, call_logged=False, private_words=[])
    if problems:
        raise ValueError("the letter with the link breaks a rule for letters")
    return compose_mime(
        letter,
        message_id=own_message_id(world, f"draft-{draft.id}-{draft.letters}"),
        from_address=settings.mail_from,
        from_name=settings.mail_sender_name,
        to_address=address,
        reply_to=settings.mail_from,
        in_reply_to=None,
        references=[],
        date=now,
        auto_submitted="auto-generated",
    )


def _move(world: World, draft_id: int, old: str, new: str) -> bool:
    with transaction(world.engine) as session:
        moved = session.execute(
            update(PortalDraft)
            .where(col(PortalDraft.id) == draft_id, col(PortalDraft.letter_state) == old)
            .values(letter_state=new)
            .returning(col(PortalDraft.id))
        ).first()
    return moved is not None


def _token(world: World, seed: str) -> str:
    """Return the token of a seed, which names its key but for one from before there was a ring."""
    key_id, dot, _ = seed.partition(".")
    ring = world.keys.ring
    made = ring.proof("draft", seed, key_id) if dot else ring.legacy_proof(f"draft|{seed}")
    return base64.urlsafe_b64encode(made[:24]).decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
