"""The door to end the reminders: whoever has the address of a reminder may, once and for all."""

from dataclasses import dataclass, replace

from accounts.audit import note
from accounts.sessions import real_now
from correspondence import verify_reply_token
from models import Case
from models.base import require_id
from models.database import transaction
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.reminders import are_ended
from workflows.portal.access import ENDINGS


class NoSuchReminders(LookupError):
    """The address is none that we gave out, or its case is gone."""


@dataclass(frozen=True, slots=True)
class Reminders:
    """The reminders of a case: the language of its family, whether they have ended, and whether
    other letters still come.
    """

    language: str
    ended: bool
    others_come: bool


def reminders_of(world: World, token: str) -> Reminders:
    """Return what an address ends; raise `NoSuchReminders`."""
    with transaction(world.engine) as session:
        case = session.get(Case, _case_id(world, token))
        if case is None or case.erased_at is not None:
            raise NoSuchReminders
        ended = are_ended(session, require_id(case.id))
        others_come = case.closed_at is None and case.state not in ENDINGS
        return Reminders(case.language, ended or not others_come, others_come)


def end_reminders(world: World, token: str) -> Reminders:
    """End the reminders of a case; again is no error. Raises `NoSuchReminders`.

    It is no word of the family about the case: their mail program may have pressed the button.
    """
    found = reminders_of(world, token)
    if found.ended:
        return found
    case_id = _case_id(world, token)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.lock([case_id])
        if not are_ended(session, case_id):
            event = Event("reminders.ended", {"channel": "email"}, actor=Actor("sender"))
            recorder.record(case_id, event)
            note(
                session,
                actor_ref="unknown",
                action="portal.reminders_ended",
                at=real_now(),
                case_id=case_id,
            )
        due = recorder.flush()
    world.doorbell.ring(due)
    return replace(found, ended=True)


def _case_id(world: World, token: str) -> int:
    case_id = verify_reply_token(token, world.keys.ring, "reminders")
    if case_id is None:
        raise NoSuchReminders
    return case_id
