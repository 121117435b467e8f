"""Reminders and clocks: the pathology clock, the follow-up plan, what happens when time is up."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from correspondence import Letter
from models import FollowUpEntry, HumanTask, Message, Patient
from models.base import require_id
from planning.followup import plan_follow_up
from workflows.declared import Raises
from workflows.engine.dedupe_keys import of_question
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import Unit, Work, cheap, slow
from workflows.journey.opt_out import give_to_coordinator, wants_no_questions
from workflows.letters import fields as letters
from workflows.letters.delivery import HANDED_OVER, hand_over
from workflows.letters.freezing import Draft, freeze, write_draft
from workflows.letters.leaving import is_stopped, wants_no_letters
from workflows.letters.offer_rows import cancel
from workflows.letters.still_so import rewrite
from workflows.table import FINAL_PATHOLOGY_AFTER

LOCAL_HOUR = time(9, 30)
"""E-mail reminders are written for 09:00-11:00 in the recipient's own day (handbook)."""


@cheap(
    "reminders.start_pathology_clock",
    words="the clock of the final pathology starts",
    stopped="The clock of the final pathology did not start",
    patient="Nobody will ask for the final pathology. It decides about further treatment.",
    raises=Raises(events=("pathology.final_due",)),
)
def start_pathology_clock(unit: Unit) -> None:
    """After the operation: note when the final pathology is due."""
    operated = unit.case.surgery_date or unit.now.date()
    expected = operated + timedelta(hours=FINAL_PATHOLOGY_AFTER.hours)
    due = datetime.combine(expected, time(4), tzinfo=UTC)
    unit.record("pathology.final_due", {"due_at": due.isoformat()})


@cheap(
    "reminders.chase_pathology",
    words="the final pathology is asked for",
    stopped="The final pathology was not asked for",
    patient="The result that decides about further treatment may stay out.",
    raises=Raises(requests=("chase_pathology", "chase_pathology_again")),
)
def chase_pathology(unit: Unit) -> None:
    """The final pathology is late: a person asks the hospital, every day until it is there."""
    if unit.case.pathology_state != "PENDING":
        return
    unit.request("chase_pathology", detail="pathology_late")
    unit.request("chase_pathology_again")


@cheap(
    "reminders.plan_followup",
    words="the follow-up is planned",
    stopped="The follow-up was not planned",
    patient="The patient will not be asked how things are after the return.",
    raises=Raises(events=("followup.plan_created", "reminder.scheduled")),
)
def plan_followup(unit: Unit) -> None:
    """Write the follow-up plan from the template and schedule each question in local time."""
    case = unit.case
    template = unit.world.playbooks.follow_up
    operated = case.pathology_state != "NOT_STARTED"
    if not operated or case.surgery_date is None or case.site not in template.sites:
        return
    items = plan_follow_up(
        template,
        site=case.site,
        surgery_date=case.surgery_date,
        discharge_date=case.discharge_date,
        return_date=case.return_date or unit.now.date(),
    )
    zone = ZoneInfo(patient_of(unit.session, unit.case_id).time_zone)
    ahead = [item for item in items if item.due >= unit.now.date()]
    for item in ahead:
        entry = FollowUpEntry(
            case_id=unit.case_id,
            code=item.code,
            due=item.due,
            ask=item.ask,
            recipients=list(item.recipients),
            critical=item.critical,
            origin=item.origin,
        )
        unit.session.add(entry)
        unit.session.flush()
        reminder_id = require_id(entry.id)
        due_at = datetime.combine(item.due, LOCAL_HOUR, tzinfo=zone).astimezone(UTC)
        unit.record(
            "reminder.scheduled",
            {
                "reminder_id": reminder_id,
                "template": item.code,
                "due_at": due_at.isoformat(),
                "recipient_role": item.recipients[0] if item.recipients else "patient",
                "channel": "email",
            },
            {"reminder_id": reminder_id},
        )
    payload = {"template": "followup_iort", "template_version": str(template.version)}
    unit.record("followup.plan_created", {**payload, "items": len(ahead)})


@slow(
    "reminders.send_reminder",
    words="a follow-up question is sent",
    stopped="A follow-up question was not sent",
    patient="A check after the treatment may be missed.",
    needs=("smtp", "store"),
    raises=Raises(
        events=(
            *HANDED_OVER,
            "message.discarded",
            "reminder.sent",
            "reminder.escalated",
            "reminder.suppressed",
        ),
        letters=("M34",),
    ),
)
def send_reminder(work: Work) -> None:
    """Ask one question of the plan by letter; stopped, answered or closed cases ask nothing."""
    message_id = _prepare_reminder(work)
    if message_id is None:
        with work.finishing():
            return
    hand_over(work, message_id, _reminder_sent, _reminder_ended, look=_look_again)


def _look_again(unit: Unit, message: Message) -> Letter | None:
    """Ask with the words of now; a question that was answered or dropped meanwhile is not asked."""
    entry = get(unit.session, FollowUpEntry, unit.object_id("reminder_id"))
    stopped = unit.case.closed_at is not None
    may = _may_write(unit, patient_of(unit.session, unit.case_id))
    if stopped or entry.state != "scheduled" or not may:
        cancel(unit, [message])
        if stopped or entry.state != "scheduled":
            _suppress(unit, entry, stopped)
        return None  # a person asks what may not go by letter
    fields = letters.reminder_fields(unit.session, unit.world, unit.case, entry)
    letter = unit.world.playbooks.letters.write("M34", fields, unit.case.language)
    rewrite(unit, message, letter)
    return letter


def _suppress(unit: Unit, entry: FollowUpEntry, stopped: bool) -> None:
    entry.state = "suppressed" if entry.state == "scheduled" else entry.state
    reminder_id = require_id(entry.id)
    payload = {"reminder_id": reminder_id, "reason": "case_closed" if stopped else "item_done"}
    unit.record("reminder.suppressed", payload, {"reminder_id": reminder_id})


def _prepare_reminder(work: Work) -> int | None:
    with work.claiming() as unit:
        entry = get(unit.session, FollowUpEntry, work.object_id("reminder_id"))
        reminder_id = require_id(entry.id)
        key = of_question(reminder_id)
        known = unit.session.scalars(select(Message).where(col(Message.dedupe_key) == key)).first()
        if known is not None:
            return require_id(known.id)
        if "patient" not in entry.recipients and entry.state == "scheduled":
            _give_to_coordinator(unit, entry)
            return None
        patient = patient_of(unit.session, unit.case_id)
        stopped = is_stopped(unit.session, unit.case, "M34") or unit.case.closed_at is not None
        if stopped or entry.state != "scheduled":
            _suppress(unit, entry, stopped)
            return None
        if not _may_write(unit, patient):
            _give_to_coordinator(unit, entry)
            return None
        fields = letters.reminder_fields(unit.session, unit.world, unit.case, entry)
        texts = unit.world.playbooks.letters
        letter = texts.write("M34", fields, unit.case.language)
        draft = Draft(unit.case_id, letter, "patient", patient.email or "", key)
        message = write_draft(unit.session, draft)
        assert message is not None
        freeze(unit.session, unit.world, message, unit.now)
        return require_id(message.id)


def _may_write(unit: Unit, patient: Patient) -> bool:
    """Return whether a question may go by letter; one that may not is asked by telephone."""
    if not patient.email or wants_no_letters(unit.session, unit.case_id):
        return False
    return not wants_no_questions(unit.session, unit.case_id)


def _reminder_ended(unit: Unit, message: Message) -> None:
    """A question whose letter did not surely leave is asked by a coordinator."""
    entry = get(unit.session, FollowUpEntry, unit.object_id("reminder_id"))
    if entry.state == "scheduled" and not is_stopped(unit.session, unit.case, message.template):
        _give_to_coordinator(unit, entry)


def _give_to_coordinator(unit: Unit, entry: FollowUpEntry) -> None:
    give_to_coordinator(unit.recorder, unit.world.playbooks.follow_up, entry, unit.cause)


def _reminder_sent(unit: Unit, message: Message) -> None:
    entry = get(unit.session, FollowUpEntry, unit.object_id("reminder_id"))
    entry.state = "sent"
    entry.sent_at = unit.now
    zone = ZoneInfo(patient_of(unit.session, unit.case_id).time_zone)
    unit.record(
        "reminder.sent",
        {
            "reminder_id": require_id(entry.id),
            "template": entry.code,
            "channel": "email",
            "attempt": 1,
            "local_hour": unit.now.astimezone(zone).hour,
            "recipient_role": "patient",
            "language": message.language,
        },
        {"reminder_id": require_id(entry.id)},
    )


@cheap(
    "reminders.escalate_reminder",
    words="an unanswered question goes to a coordinator",
    stopped="An unanswered question did not reach a coordinator",
    patient="The patient has not answered and nobody telephones.",
    raises=Raises(events=("reminder.escalated",)),
)
def escalate_reminder(unit: Unit) -> None:
    """No answer to a reminder: a coordinator calls."""
    entry = get(unit.session, FollowUpEntry, unit.object_id("reminder_id"))
    if entry.state == "sent":
        _give_to_coordinator(unit, entry)


@cheap(
    "reminders.escalate_task",
    words="a late task is written down as late",
    stopped="A late task was not written down as late",
    patient="Nothing for the patient; the lead does not see the delay.",
    loads=(HumanTask, "task_id"),
    raises=Raises(events=("sla.breached",)),
)
def escalate_task(unit: Unit) -> None:
    """A human task is late: the breach is written down, where the lead's list shows it."""
    task = get(unit.session, HumanTask, unit.object_id("task_id"))
    if task.state != "open":
        return
    hours = max((unit.now - task.due_at).total_seconds() / 3600, 0)
    payload = {"sla": task.kind, "owner_role": task.role, "hours_over": round(hours, 1), "level": 1}
    unit.record("sla.breached", payload, {"task_id": require_id(task.id)})
