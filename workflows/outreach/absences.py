"""Hospitals that are away: the ladder of reminders waits until the day their note names."""

from datetime import date, timedelta

from correspondence.reply_facts import addresses_in, return_date
from models import Hospital, Message, OutreachThread
from workflows.engine.calendars import morning_after
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.events import Actor, Event
from workflows.letters.hospital_people import known_addresses
from workflows.letters.to_hospitals import about

AWAY = "hospital.away"
DEPUTY = "confirm_redirect"
LONGEST = timedelta(days=60)
"""A note that names a later day is not waited for: somebody else of the hospital is asked."""


def _names_somebody(recorder: Recorder, thread: OutreachThread, message: Message) -> bool:
    known = known_addresses(recorder.session, thread)
    return any(address not in known for address in addresses_in(message.body))


def note_absence(recorder: Recorder, thread: OutreachThread, message: Message) -> None:
    """Record until when a hospital is away, where its note names a day that is to come.

    Whoever comes back has that day to answer; then the hospital is asked again. An address that
    the note names and nobody knows may be a deputy's: a coordinator is asked, nothing goes there.
    """
    if thread.state != "closed" and _names_somebody(recorder, thread, message):
        recorder.request(DEPUTY, case_id=thread.case_id, objects=about(thread, message))
    came = (message.sent_at or recorder.now).date()
    stated = return_date(message.body, came)
    today = recorder.now.date()
    if stated is None or thread.state == "closed":
        return
    day = date.fromisoformat(stated)
    if not today < day <= today + LONGEST:
        return
    due = morning_after(get(recorder.session, Hospital, thread.hospital_id), day)
    payload = {**about(thread, message), "back_on": day.isoformat(), "due_at": due.isoformat()}
    actor = Actor("hospital", f"hospital:{thread.hospital_id}")
    recorder.record(thread.case_id, Event(AWAY, payload, about(thread, message), actor))
