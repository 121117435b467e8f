"""Alarms: a red flag that nobody takes reaches more people, rung by rung, until somebody does.

The ladder (handbook, issue of the red flags): at once whoever looks after the case; after five
minutes the leads too; after fifteen everybody who may act and the address on call; then again every
five minutes. Who calls stops it for a quarter of an hour; an alarm that is not answered by then
rises again. Letters to the team carry a reference and a link, nothing of the patient.

An alert may leave twice, when a worker dies between the mail server and our commit: a second copy
costs a glance, a lost one may cost a life. It is therefore no `Message`, which leaves at most once.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from models import Case, HumanTask, User
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import RetryLater, Unit, Work, cheap, slow
from workflows.letters.return_path import return_path
from workflows.letters.to_team import team_letter

SECOND_RUNG = timedelta(minutes=15)
"""After the alarm was raised: everybody hears of it."""
AGAIN_EVERY = timedelta(minutes=5)
TAKEN_FOR = timedelta(minutes=15)
"""How long somebody who calls has, before the alarm rises again."""
WHOLE_TEAM = 2
"""The level from which everybody hears of it."""
TRY_AGAIN = timedelta(minutes=1)


@cheap(
    "reminders.climb_alarm",
    words="an alarm that nobody took, or answered, reaches more people",
    stopped="An alarm did not reach the next person",
    patient="The patient may be in danger, and whoever was to call has not.",
    to_team=True,
    loads=(HumanTask, "task_id"),
    raises=Raises(events=("red_flag.escalated",), requests=("alert_staff", "climb_alarm")),
)
def climb_alarm(unit: Unit) -> None:
    """Raise an open alarm by one rung, unless somebody acted since this was queued."""
    task_id = unit.object_id("task_id")
    task = unit.session.get_one(HumanTask, task_id, with_for_update=True, populate_existing=True)
    if task.state != "open" or (task.climbs_at is not None and unit.now < task.climbs_at):
        return
    why = "not_closed" if task.taken_at else "next_try" if task.due_at == task.climbs_at else ""
    # Who took it and did not come back is not alone with it: the whole team hears.
    task.level = max(task.level + 1, WHOLE_TEAM if task.taken_at else 1)
    task.taken_by, task.taken_at = None, None
    later = max(unit.now + AGAIN_EVERY, task.opened_at + SECOND_RUNG)
    task.climbs_at = later if task.level < WHOLE_TEAM else unit.now + AGAIN_EVERY
    objects = {"task_id": task_id}
    if task.case_id is None:
        unit.request("alert_staff", objects)
    else:
        payload = {**objects, "level": task.level, "why": why or "not_taken"}
        unit.record("red_flag.escalated", payload, objects)
    unit.request("climb_alarm", objects, due_at=task.climbs_at)


@slow(
    "notices.alert_staff",
    words="the team is alerted by e-mail",
    stopped="The team was not alerted by e-mail",
    patient="The patient may be in danger. Only who has the console open sees it.",
    to_team=True,
    raises=Raises(events=("red_flag.alerted",), letters=("M39",)),
)
def alert_staff(work: Work) -> None:
    """Write to everybody whose turn it is; nobody, once somebody calls or has answered.

    Raises `RetryLater` when not one letter left.
    """
    with work.reading() as session:
        task = get(session, HumanTask, work.object_id("task_id"))
        waits = task.state == "open" and task.taken_at is None
        level = task.level
        people = addresses(session, work, task) if waits else ()
        fields = _fields(session, work, task)
    sent = sum(_left(work, address, fields) for address in people)
    if people and not sent:
        raise RetryLater("NobodyAlerted", TRY_AGAIN)
    with work.finishing() as unit:
        if waits and work.row.case_id is not None:
            objects = {"task_id": work.object_id("task_id")}
            told = {"level": level, "people": sent, "failed": len(people) - sent}
            unit.record("red_flag.alerted", {**objects, **told, "channel": "email"}, objects)


def addresses(session: Session, work: Work, task: HumanTask) -> Sequence[str]:
    """Return whom an alarm reaches on its rung; the next rung's people where there is nobody."""
    coordinator = None
    if task.case_id is not None:
        coordinator = get(session, Case, task.case_id).coordinator_ref
    staff = session.execute(
        select(col(User.ref), col(User.role), col(User.email))
        .where(col(User.active), col(User.email).is_not(None))
        .order_by(col(User.id))
    ).all()
    own = [email for ref, _, email in staff if ref == coordinator]
    rungs = (
        own or [email for _, role, email in staff if role == "coordinator"],
        [email for _, role, email in staff if role in ("coordinator", "lead")],
        [email for _, role, email in staff if role in ("coordinator", "lead", "clinician")]
        + [address for address in (work.world.settings.on_call_address,) if address],
    )
    reached = [rung for rung in rungs[min(task.level, WHOLE_TEAM) :] if rung]
    return tuple(dict.fromkeys(reached[0])) if reached else ()


def _fields(session: Session, work: Work, task: HumanTask) -> dict[str, Any]:
    settings = work.world.settings
    case = get(session, Case, task.case_id) if task.case_id is not None else None
    return {
        "case": case.ref if case else None,
        "link": f"{settings.web_public_url}/tasks/{require_id(task.id)}",
        "since": task.opened_at,
        "zone": settings.coordinator_time_zone,
        "level": task.level,
        "taken": task.taken_by is not None,
    }


def _left(work: Work, address: str, fields: dict[str, Any]) -> bool:
    """Hand one letter over; one that cannot be written or does not leave keeps no other back."""
    try:
        task_id = work.object_id("task_id")
        about = f"alarm-{task_id}-{fields['level']}-{work.row.id}-{address}"
        raw = team_letter(work, "M39", fields, address, about)
        sender = return_path(work.world, "alarm", task_id)
        work.world.mail_out.deliver(raw, sender, [address])
    except (MailRefused, MailUncertain, ValueError):
        return False
    return True
