"""Letters out: handed over at most once by the system.

`queued -> sending -> sent`. The claim `sending` is committed before the mail server is spoken to; a
crash after the server accepted the letter and before our commit leaves `uncertain`, and a person
settles it. It is never sent again by itself.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from adapters.mail_out import MailRefused, MailUncertain
from correspondence import Letter
from models import HumanTask, Message
from models.base import require_id
from workflows.engine import claims, outside
from workflows.engine.lookup import get
from workflows.engine.on_its_way import HeldBack, on_its_way
from workflows.engine.passing import of_refusal
from workflows.engine.work import FenceLost, RetryLater, Unit, Work
from workflows.letters.leaving import NO_SIGNATURE, why_not
from workflows.letters.own_page import sha256_of, to_leave
from workflows.letters.return_path import return_path

KEEP_TRYING_TO_COMMIT = 20.0
"""Seconds to wait for the database after the mail server answered, so that the answer is kept."""

HANDED_OVER = ("message.sent", "message.refused", "message.uncertain")
"""What `hand_over` may record of a letter."""

Sent = Callable[[Unit, Message], None]
Ended = Callable[[Unit, Message], None]
Look = Callable[[Unit, Message], Letter | None]
"""What a letter says as it leaves, after it was looked at again; None when it must not leave."""
Leaving = tuple[Message, Letter]


@dataclass(frozen=True, slots=True)
class Together:
    """Which queued letters leave in the same mail as one that leaves now, and how it reads."""

    others: Callable[[Unit, Message], list[Leaving]]
    mail: Callable[[Unit, Sequence[Leaving]], bytes]


def _nothing_more(_: Unit, __: Message) -> None:
    pass


def as_written(unit: Unit, message: Message) -> Letter:
    """Return a letter as it was written: for one that tells nothing which could change."""
    texts = unit.world.playbooks.letters
    return texts.of_text(message.template or "", message.subject, message.body, message.language)


def hand_over(
    work: Work,
    message_id: int,
    on_sent: Sent,
    on_end: Ended = _nothing_more,
    *,
    look: Look,
    together: Together | None = None,
) -> None:
    """Send the frozen letter once; `on_sent` records what its sending means.

    `look` sees it again in the transaction that claims it, before each attempt: it may freeze it
    anew with the facts of now. `on_end` is called whatever became of the letter (its `state` says
    what), once, in the transaction that finishes the row; not when a fact stopped the row.
    `together` names queued letters that leave in the same mail, and composes it.
    Raises `PeerAway` or `PutOff` when the server refused for now: certain that it was not taken.
    """
    with work.reading() as session:
        message = get(session, Message, message_id)
        state, key, address = message.state, message.raw_object_key, message.address
    if state == "sending" or (state == "queued" and work.row.again):
        # Who knows whether it left: before a crash, or before a backup was put back.
        _leave_uncertain(work, [message_id], on_end)
        return
    if state != "queued" or key is None:
        _end(work, message_id, on_end)
        return
    raw = work.world.storage.get(key)  # before the case is locked: the store may be slow
    leaving, raw = _claim(work, message_id, (key, raw), look, together)
    if not leaving:
        _end(work, message_id, on_end)
        return
    try:
        with on_its_way(work.world.engine, work.row, leaving) as still:
            work.world.mail_out.deliver(
                raw,
                return_path(work.world, "letter", message_id),
                [address],
                before_text=lambda: _still_ours(work, still),
            )
    except MailRefused as refused:
        _refused(work, leaving, refused, on_end)
    except MailUncertain:
        _leave_uncertain(work, leaving, on_end)
    except HeldBack:
        _let_be(work, leaving, on_end)
    else:
        keep_trying(lambda: _sent(work, leaving, on_sent, on_end))


def _end(work: Work, message_id: int, on_end: Ended) -> None:
    with work.finishing() as unit:
        on_end(unit, get(unit.session, Message, message_id))


def _claim(
    work: Work, message_id: int, frozen: tuple[str, bytes], look: Look, together: Together | None
) -> tuple[list[int], bytes]:
    """Commit `sending` before the server hears of the letter, and of those that leave with it.

    `frozen` is the mail as it was stored, with its key. Return their ids, this letter first, and
    the bytes of the mail; none when it must not leave.
    """
    with work.claiming() as unit:
        message = get(unit.session, Message, message_id)
        if message.state != "queued":
            return [], b""
        if reason := why_not(unit.session, unit.case, message):
            # A new signature makes a hospital's anew, and brings a patient another.
            anew = reason == NO_SIGNATURE and message.to_role == "hospital"
            message.state = "draft" if anew else "cancelled"
            message.held_for = reason
            return [], b""
        letter = look(unit, message)
        if letter is None:
            return [], b""
        others = together.others(unit, message) if together else []
        for one in (message, *(other for other, _ in others)):
            one.state = "sending"
            one.sending_fence = work.row.fence
            one.sending_run = work.row.id
        if together and others:
            every = sorted([(message, letter), *others], key=lambda one: one[0].id or 0)
            raw = together.mail(unit, every)
        elif message.raw_object_key == frozen[0]:
            raw = frozen[1]
        else:  # written anew just now
            key = message.raw_object_key or ""
            raw = outside.first(f"read {key}", lambda: work.world.storage.get(key))
        raw = to_leave(unit, message, raw)
        for one in (message, *(other for other, _ in others)):
            one.sent_sha256 = sha256_of(raw)
        return [message_id, *(require_id(one.id) for one, _ in others)], raw


def _still_ours(work: Work, look: Callable[[], bool]) -> None:
    """Raise `FenceLost` when a fact stopped the row meanwhile: the last moment to hold a letter."""
    with work.world.engine.begin() as connection:
        renewed = claims.renew(connection, work.row, work.world.settings.step_lease)
    if not renewed or not look():
        raise FenceLost(work.row.name)


def _let_be(work: Work, leaving: Sequence[int], on_end: Ended) -> None:
    """Put back what surely did not leave; what the family allows no more is given up.

    Raises `RetryLater` when the row's own letter may still leave: another of its mail may not.
    """
    with work.claiming() as unit:
        for message_id in leaving:
            message = get(unit.session, Message, message_id)
            unit.session.refresh(message)
            reason = why_not(unit.session, unit.case, message)
            if message.state in ("sending", "uncertain"):
                _asked_no_more(unit, message)
                message.state = "cancelled" if reason else "queued"
                message.held_for = reason
        own = get(unit.session, Message, leaving[0]).state
    if own == "queued":
        raise RetryLater("LetterHeld", timedelta(0))
    _end(work, leaving[0], on_end)


def _asked_no_more(unit: Unit, message: Message) -> None:
    """Take back the question whether a letter arrived: its fate is known now."""
    if message.state != "uncertain":
        return
    tasks = unit.session.scalars(
        select(HumanTask).where(
            col(HumanTask.case_id) == message.case_id,
            col(HumanTask.kind) == "settle_message",
            col(HumanTask.state) == "open",
            col(HumanTask.objects)["message_id"].as_integer() == message.id,
        )
    ).all()
    for task in tasks:
        unit.recorder.withdraw(task, unit.cause)


def _sent(work: Work, leaving: Sequence[int], on_sent: Sent, on_end: Ended) -> None:
    with work.finishing() as unit:
        for message_id in leaving:
            message = get(unit.session, Message, message_id)
            _asked_no_more(unit, message)
            message.state = "sent"
            message.sent_at = unit.now
            unit.record(
                "message.sent",
                {
                    "message_id": message_id,
                    "template": message.template,
                    "template_version": message.template_version,
                    "to_role": message.to_role,
                    "channel": "email",
                    "language": message.language,
                    "automated": message.automated,
                    "bundle": leaving[0] if len(leaving) > 1 else None,
                },
                _objects(message),
            )
        first = get(unit.session, Message, leaving[0])
        on_sent(unit, first)
        on_end(unit, first)


def _refused(work: Work, leaving: Sequence[int], refused: MailRefused, on_end: Ended) -> None:
    if not refused.permanent:
        with work.claiming() as unit:
            for message_id in leaving:
                get(unit.session, Message, message_id).state = "queued"
        raise of_refusal(refused)
    with work.finishing() as unit:
        for message_id in leaving:
            message = get(unit.session, Message, message_id)
            message.state = "refused"
            payload = {"message_id": message_id, "code": str(refused.code), "permanent": True}
            unit.record("message.refused", payload, _objects(message))
        on_end(unit, get(unit.session, Message, leaving[0]))


def _leave_uncertain(work: Work, leaving: Sequence[int], on_end: Ended) -> None:
    def commit() -> None:
        with work.finishing() as unit:
            for message_id in leaving:
                message = get(unit.session, Message, message_id)
                if message.state in ("sending", "queued"):
                    message.state = "uncertain"
                    unit.record("message.uncertain", {"message_id": message_id}, _objects(message))
            on_end(unit, get(unit.session, Message, leaving[0]))

    keep_trying(commit)


def _objects(message: Message) -> dict[str, int]:
    objects = {"message_id": require_id(message.id)}
    if message.thread_id is not None:
        objects["thread_id"] = message.thread_id
    return objects


def keep_trying(commit: Callable[[], None]) -> None:
    """Commit the server's answer although the database may be away for some seconds."""
    end = time.monotonic() + KEEP_TRYING_TO_COMMIT
    while True:
        try:
            commit()
            return
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
