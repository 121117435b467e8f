"""When a letter to a hospital leaves: within its department's own working hours.

What protects somebody is never held, nor is a letter of an urgent case. A rehearsal leaves at any
hour unless its settings say otherwise.
"""

from datetime import timedelta

from models import Hospital, Message, OutreachThread
from settings import Settings
from workflows.engine.calendars import next_opening
from workflows.engine.limits import HOSPITAL_HOURS, NEVER_HELD
from workflows.engine.lookup import get
from workflows.engine.work import NotNow, Unit


def keeps_hours(settings: Settings) -> bool:
    """Return whether letters wait for a hospital's working hours."""
    named = "hospital_hours" in settings.model_fields_set
    return settings.hospital_hours and (named or not settings.embedded)


def within_hours(unit: Unit, message: Message) -> None:
    """Raise `NotNow` until the hospital works; asked as a letter leaves."""
    if not keeps_hours(unit.world.settings) or message.template in NEVER_HELD:
        return
    if message.thread_id is None or unit.case.urgency == "urgent":
        return
    thread = get(unit.session, OutreachThread, message.thread_id)
    opens = next_opening(get(unit.session, Hospital, thread.hospital_id), unit.now)
    if opens > unit.now + timedelta(seconds=1):
        raise NotNow(HOSPITAL_HOURS, opens - unit.now)
