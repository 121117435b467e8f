"""What letters to a patient tell of hospitals: who was asked when, who wrote, what they ask for."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Hospital, Message, MoreInfoItem, OutreachThread
from workflows.letters.source import Source

WITH_SUMMARY = ("M10",)
"""Letters to hospitals that bring a summary of the case."""
ASKS_FAMILY = "M13"
"""Asks the family for what a hospital wants to see."""


def asked(source: Source) -> list[dict[str, Any]]:
    """Return the hospitals that were asked, and when: by the last first letter that left.

    A letter that waits for approval has asked nobody; one that came back was written again.
    """
    session, case_id = source.session, source.case_id
    last = (
        select(col(Message.thread_id), func.max(col(Message.sent_at)).label("asked_at"))
        .where(
            col(Message.case_id) == case_id,
            col(Message.template).in_(WITH_SUMMARY),
            col(Message.state) == "sent",
        )
        .group_by(col(Message.thread_id))
        .subquery()
    )
    rows = session.execute(
        select(OutreachThread, col(Hospital.name), last.c.asked_at)
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .join(last, last.c.thread_id == col(OutreachThread.id))
        .where(col(OutreachThread.state).not_in(("draft", "approved")))
        .order_by(last.c.asked_at, col(OutreachThread.id))
    ).all()
    return [
        {"hospital": name, "asked_on": source.day(asked_at), "state": thread.state}
        for thread, name, asked_at in rows
    ]


def hospitals_asked(session: Session, case_id: int) -> bool:
    """Return whether a hospital was asked and is still thought of: else nothing is to be told."""
    asked = (
        select(col(Message.id))
        .join(OutreachThread, col(OutreachThread.id) == col(Message.thread_id))
        .where(
            col(Message.case_id) == case_id,
            col(Message.template).in_(WITH_SUMMARY),
            col(Message.state) == "sent",
            col(OutreachThread.state) != "closed",
        )
    )
    return session.scalars(asked.limit(1)).first() is not None


def _last_update(source: Source) -> datetime | None:
    """Return when the last letter of this kind has left to the patient; None for the first."""
    return source.session.scalar(
        select(func.max(col(Message.sent_at))).where(
            col(Message.case_id) == source.case_id,
            col(Message.template) == source.template,
            col(Message.state) == "sent",
        )
    )


def last_such(source: Source) -> date | None:
    """Return the day of the last letter of this kind to the patient; None in the first."""
    last = _last_update(source)
    return source.day(last) if last else None


def have_written(source: Source) -> bool:
    """Return whether a hospital has written since the last letter of this kind to the patient."""
    session, case_id, last = source.session, source.case_id, _last_update(source)
    written = select(col(Message.id)).where(
        col(Message.case_id) == case_id,
        col(Message.direction) == "in",
        col(Message.state) == "received",
        col(Message.thread_id).is_not(None),
        col(Message.reply_class).is_distinct_from("out_of_office"),
    )
    if last is not None:
        written = written.where(col(Message.sent_at) > last)
    return session.scalars(written.limit(1)).first() is not None


def asked_items(source: Source) -> list[dict[str, Any]]:
    """Return what a hospital asks for and the family is to send, oldest first.

    `asked_on` is the day on which the first letter about it left; None while none has left.
    """
    thread_id = source.objects.get("thread_id")
    rows = source.session.scalars(
        select(MoreInfoItem)
        .where(col(MoreInfoItem.thread_id) == thread_id, col(MoreInfoItem.state) == "asked_family")
        .order_by(col(MoreInfoItem.id))
    ).all()
    return [
        {"item": row.code, "words": row.words, "asked_on": _written_on(source, row.asked_at)}
        for row in rows
        if row.asked_at is not None
    ]


def _written_on(source: Source, since: datetime) -> date | None:
    """Return the day on which the family was first written to for a hospital, since a moment.

    The letter of an evening leaves in the morning: until then nobody was asked for anything.
    """
    left = source.session.scalar(
        select(func.min(col(Message.sent_at))).where(
            col(Message.case_id) == source.case_id,
            col(Message.template) == ASKS_FAMILY,
            col(Message.state) == "sent",
            col(Message.sent_at) >= since,
        )
    )
    return source.day(left) if left is not None else None


def reminded(source: Source) -> bool:
    """Return whether letters asked for all of it on an earlier day."""
    days = [one["asked_on"] for one in asked_items(source)]
    return bool(days) and all(day is not None and day < source.today for day in days)


def written_to(
    session: Session, case_id: int, templates: tuple[str, ...] | None, since: datetime | None = None
) -> list[str]:
    """Return the names of the hospitals to which such a letter has left, in order of name."""
    query = (
        select(col(Hospital.name))
        .join(OutreachThread, col(OutreachThread.hospital_id) == col(Hospital.id))
        .join(Message, col(Message.thread_id) == col(OutreachThread.id))
        .where(
            col(Message.case_id) == case_id,
            col(Message.direction) == "out",
            col(Message.state) == "sent",
        )
        .order_by(col(Hospital.name))
        .distinct()
    )
    if templates is not None:
        query = query.where(col(Message.template).in_(templates))
    if since is not None:
        query = query.where(col(Message.sent_at) > since)
    return list(session.scalars(query))
