"""The hospitals asked about a case: each conversation, its measured answer time, the offers.

Made from a case file in memory; asks the database nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from views.case_file import CaseFile, Thread
from views.lists import TaskRow
from views.shown import ShownConsent, ShownHospital, ShownMessage, ShownOffer, ShownThread

CLOSED = ("closed", "declined", "offered")


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter of a conversation with the open tasks about it."""

    message: ShownMessage
    tasks: Sequence[TaskRow]
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """One hospital: its thread, letters in order, offers, and the consents for it.

    `answered_after` is from our first letter to their first answer of substance; `waiting` is how
    long they have been silent when there is none.
    """

    thread: ShownThread
    hospital: ShownHospital
    letters: Sequence[LetterLine]
    offers: Sequence[ShownOffer]
    consents: Sequence[ShownConsent]
    other_tasks: Sequence[TaskRow]
    """Open tasks about the thread that are about none of its letters."""
    asked_at: datetime | None
    answered_after: timedelta | None
    waiting: timedelta | None
    overdue: bool

    @property
    def asks(self) -> bool:
        """Whether a person has something to do here."""
        return bool(self.other_tasks) or any(line.tasks for line in self.letters)

    @property
    def allowed(self) -> bool:
        """Whether a consent for this hospital stands."""
        return any(consent.withdrawn_at is None for consent in self.consents)

    @property
    def drafts(self) -> list[LetterLine]:
        """The letters that wait for approval."""
        return [
            line
            for line in self.letters
            if line.message.state == "draft" and line.message.held_for is None
        ]


@dataclass(frozen=True, slots=True)
class Outreach:
    """Everything of the hospitals tab."""

    conversations: Sequence[Conversation]

    @property
    def drafts(self) -> list[LetterLine]:
        """The letters of all threads that wait for approval."""
        return [line for one in self.conversations for line in one.drafts]


def outreach(file: CaseFile, now: datetime) -> Outreach:
    """Return the hospitals asked about a case, those that wait for a person first."""
    found = [_conversation(file, entry, now) for entry in file.threads]
    found.sort(key=lambda one: (not one.asks, one.thread.state in CLOSED, one.thread.id))
    return Outreach(found)


def _conversation(file: CaseFile, entry: Thread, now: datetime) -> Conversation:
    letters = [
        LetterLine(
            message,
            file.task_about("message_id", message.id),
            message.sent_at or message.approved_at or message.created_at,
        )
        for message in entry.messages
    ]
    asked_at, answered_at = entry.asked_at, entry.answered_at
    silent = asked_at is not None and answered_at is None
    known = {task.id for line in letters for task in line.tasks}
    about_thread = file.task_about("thread_id", entry.thread.id)
    other_tasks = [task for task in about_thread if task.id not in known]
    return Conversation(
        thread=entry.thread,
        hospital=entry.hospital,
        letters=letters,
        offers=entry.offers,
        consents=[
            consent
            for consent, code in file.consents
            if code == entry.hospital.code and consent.scope.startswith("share_")
        ],
        other_tasks=other_tasks,
        asked_at=asked_at,
        answered_after=answered_at - asked_at if answered_at and asked_at else None,
        waiting=now - asked_at if silent and asked_at else None,
        overdue=silent and _passed(entry.thread.reply_by, now),
    )


def _passed(day: date | None, now: datetime) -> bool:
    return day is not None and now.date() > day
