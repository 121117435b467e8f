"""Red flags: whatever door they come by, they are recorded here and start the same path.

What the patient wrote stays in its own table; the event says which signs, by which door, and about
which letter or question. The words that are signs: `playbooks/danger.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import Danger, read_danger
from models import HumanTask
from workflows.engine.record import Cause, Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

RED_FLAG = "clinical.red_flag_reported"
CALL_NOW = "call_patient_now"
REPORTERS = ("patient", "caregiver", "family", "hospital", "home_doctor")
HEARD_BY = ("phone", "whatsapp", "wechat", "sms", "email", "in_person")
"""Who may tell the team of a red flag, and how, as codes of the event."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A red flag as it came: codes of signs (none: not said which), from whom and by which door.

    `objects` name the letter (`message_id`) or question (`reminder_id`) that holds the words.
    """

    signs: Sequence[str]
    source: str
    channel: str | None
    actor: Actor
    reported_by: str | None = "patient"
    objects: Mapping[str, int] = field(default_factory=dict)


def danger_in(world: World, text: str) -> Danger:
    """Return the signs of danger that a text states."""
    return read_danger(world.playbooks.danger, text)


def report_red_flag(
    recorder: Recorder, case_id: int, reported: Reported, cause: Cause | None = None
) -> None:
    """Record a red flag on the case, which is locked; one that is open already is joined.

    Raises `EventRefused` for a sign, a source or a channel that is none.
    """
    recorder.case(case_id)
    payload = {
        "symptom_codes": list(reported.signs),
        "reported_by": reported.reported_by,
        "channel": reported.channel,
        "source": reported.source,
        "joined": is_open(recorder.session, case_id),
    }
    event = Event(RED_FLAG, payload, dict(reported.objects), reported.actor)
    recorder.record(case_id, event, cause)


def is_open(session: Session, case_id: int) -> bool:
    """Return whether a red flag of the case waits for a person."""
    found = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == CALL_NOW,
        col(HumanTask.state) == "open",
    )
    return session.scalars(found.limit(1)).first() is not None
