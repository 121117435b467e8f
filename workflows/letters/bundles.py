"""Letters to a family that leave together are one mail, in order; each is kept as itself.

The last of the rows that are due carries the mail: whoever is before it leaves its letter queued.
A row of its own looks after such a letter, should the carrier not come. What is urgent never waits.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from correspondence import compose_mime
from models import Case, Message, StepRun
from models.findable import of_sender
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work
from workflows.letters.delivery import Leaving, Together
from workflows.letters.fields import patient_fields
from workflows.letters.leaving import ASKED_FOR, why_not
from workflows.letters.quiet import AT_ONCE, SEND
from workflows.letters.return_path import answers_to
from workflows.letters.still_so import looked_at_again

BUNDLE = "M54"
ALONE = AT_ONCE | ASKED_FOR | {"M18", "M34", "M42", BUNDLE}
"""What leaves by itself: what is urgent, an admission's day, questions that are answered singly."""
LOOKED_AFTER = timedelta(minutes=10)
"""After so long a letter that was left to a carrier leaves by itself."""


class _LastOne(Exception):
    """No other letter is due: this one leaves."""


def gathers(work: Work, session: Session, template: str) -> bool:
    """Return whether a letter is kept for a moment: others of the same minutes may follow it.

    None is kept twice, and none of a rehearsal, which has no reader. One that may have left before
    a backup was put back does not leave at all.
    """
    wanted = work.row.name == SEND and template not in ALONE and not work.row.again
    if not wanted or not work.world.settings.letters_gather or "gathered" in work.row.objects:
        return False
    return not get(session, Case, work.row.case_id or 0).rehearsal


def gathered_until(work: Work, session: Session) -> datetime:
    """Return when the letter leaves: with the first that is kept already, or after a moment."""
    kept = session.scalar(
        select(func.min(col(StepRun.due_at))).where(
            col(StepRun.case_id) == work.row.case_id,
            col(StepRun.name) == SEND,
            col(StepRun.state) == "queued",
            col(StepRun.objects)["gathered"].as_boolean(),
            col(StepRun.due_at) > work.now,
        )
    )
    return kept or work.now + work.world.settings.letters_gather


def left_to_another(
    work: Work, message_id: int, template: str, then: Callable[[Unit], None]
) -> bool:
    """Finish the row, its letter queued, when another letter of the case is due as well.

    The case is locked meanwhile: of two that look at once, the second sees the first finished.
    """
    if template in ALONE or work.row.name != SEND or work.row.again:
        return False
    try:
        with work.finishing() as unit:
            if not _others_due(unit.session, unit):
                raise _LastOne
            objects = {**work.row.objects, "template": template, "message_id": message_id}
            due_at = unit.now + LOOKED_AFTER
            unit.request("send_approved_later", objects, due_at=due_at)
            then(unit)
    except _LastOne:
        return False
    return True


def or_left_behind(work: Work, message_id: int | None) -> int | None:
    """Return the row's own letter, or the first that was left to a row with none to send."""
    with work.reading() as session:
        own = session.get(Message, message_id) if message_id is not None else None
        if own is not None and own.state in ("queued", "sending"):
            return message_id
        if _others_due(session, work):
            return message_id
        first = _queued(work.row.case_id or 0).with_only_columns(col(Message.id)).limit(1)
        return session.scalars(first).first() or message_id


def _others_due(session: Session, work: Work | Unit) -> bool:
    rows = session.scalars(
        select(col(StepRun.objects)).where(
            col(StepRun.case_id) == work.row.case_id,
            col(StepRun.name) == SEND,
            col(StepRun.id) != work.row.id,
            or_(
                col(StepRun.state) == "running",
                (col(StepRun.state) == "queued") & (col(StepRun.due_at) <= work.now),
            ),
        )
    )
    return any(row.get("template") not in ALONE for row in rows)


def _queued(case_id: int) -> Select[Message]:
    """Return the query for letters to the patient that can leave in one mail, in order."""
    return (
        select(Message)
        .where(
            col(Message.case_id) == case_id,
            col(Message.state) == "queued",
            col(Message.to_role) == "patient",
            col(Message.automated),
            col(Message.template).not_in(ALONE),
        )
        .order_by(col(Message.id))
    )


def _others(unit: Unit, message: Message) -> list[Leaving]:
    """Return the queued letters that leave with this one: same reader, same language, allowed.

    Each is looked at again like one that leaves by itself.
    """
    if message.template in ALONE or not message.automated or message.to_role != "patient":
        return []
    if _may_have_left(unit):
        return []
    queued = unit.session.scalars(
        _queued(unit.case_id)
        .where(
            col(Message.id) != message.id,
            of_sender(col(Message.address_mark), message.address_mark),
        )
        .with_for_update()
    ).all()
    allowed = [one for one in queued if why_not(unit.session, unit.case, one) is None]
    seen = [(one, looked_at_again(unit, one)) for one in allowed]
    return [
        (one, letter)
        for one, letter in seen
        if letter is not None and letter.inner and one.language == message.language
    ]


def _may_have_left(unit: Unit) -> bool:
    """Return whether a letter of the case may have left before a backup was put back."""
    again = select(col(StepRun.id)).where(
        col(StepRun.case_id) == unit.case_id,
        col(StepRun.state).in_(("queued", "running")),
        col(StepRun.again),
    )
    return unit.session.scalars(again.limit(1)).first() is not None


def _mail(unit: Unit, leaving: Sequence[Leaving]) -> bytes:
    """Return one mail with the letters in order; it answers to the first one's Message-ID.

    It has one greeting and one end: those of its parts are left out.
    """
    settings, case = unit.world.settings, unit.case
    (first, _), *_ = leaving
    parts = [
        {"subject": letter.subject.removesuffix(f" – {case.ref}"), "body": letter.inner.strip()}
        for _, letter in leaving
    ]
    fields = patient_fields(unit.session, unit.world, case, BUNDLE, {}, {"parts": parts})
    return compose_mime(
        unit.world.playbooks.letters.write(BUNDLE, fields, first.language),
        message_id=first.message_id or "",
        from_address=settings.mail_from,
        from_name=settings.mail_sender_name,
        to_address=first.address,
        reply_to=answers_to(unit.world, "case", unit.case_id),
        date=unit.now,
        auto_submitted="auto-generated",
    )


def in_one_mail() -> Together:
    """Return which letters leave in the same mail as one that leaves, and how it reads."""
    return Together(_others, _mail)
