"""Reminders to a family that has not answered: few, each true, and none while it speaks with us.

A reminder counts from the family's last word; the next is asked for with the end of this one.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Case, CaseEvent, Message, Offer, StepRun
from workflows.cases.silence import not_before, span_of
from workflows.declared import Raises
from workflows.documents.completeness import ASKS_FIRST, COLLECTING, asked_now, missing_codes
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, cheap, slow
from workflows.family_clocks import NUDGE_RECORDS, NUDGES
from workflows.letters.notices import Then, notice_of, send_letter
from workflows.letters.offer_rows import TELLS_OF_OFFERS
from workflows.letters.quiet import heard_just_now, leaves_at
from workflows.letters.reminders import NUDGE, are_ended

CONSENT, DECISION = "AWAITING_CONSENT", "PATIENT_DECISION"
FIRST_CONSENT, SECOND_CONSENT = timedelta(hours=24), timedelta(hours=48)
"""A day after the question, and three days after it (stages, state 2)."""
FIRST_RECORDS = timedelta(hours=48)
DECISION_DAYS = (3, 7, 10)
"""Days after the offers at which a family is reminded (stages, state 13)."""
OFFERS_WAIT = "M51"
BEFORE_END = 0
"""The reminder before an offer runs out; the others are counted from 1."""
APART = timedelta(hours=20)
"""Between two reminders of the offers: the one before a last day may fall on another's."""


@slow(
    "notices.ask_for_records",
    words="the patient hears which papers are needed",
    stopped="A patient was not told which papers are needed",
    patient="The family does not know which papers we wait for.",
    needs=("smtp", "store"),
    raises=notice_of("M04"),
)
def ask_for_records(work: Work) -> None:
    """Send the general list when the collecting begins; what is asked later has its own letter."""
    with work.reading() as session:
        begins = _trigger(session, work.row.case_id or 0) in ASKS_FIRST
    if begins:
        send_letter(work, "M04")
    else:
        with work.finishing():
            pass


def _trigger(session: Session, case_id: int) -> str | None:
    return session.scalars(
        select(col(CaseEvent.payload)["trigger"].as_string())
        .where(
            col(CaseEvent.case_id) == case_id,
            col(CaseEvent.type) == "case.state_changed",
            col(CaseEvent.payload)["to_state"].as_string() == COLLECTING,
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()


@slow(
    "notices.nudge_consent",
    words="the patient is reminded that the permission is awaited",
    stopped="A patient was not reminded of the permission",
    patient="The case waits for a permission that nobody asks for again.",
    needs=("smtp", "store"),
    raises=notice_of("M02", asking="nudge_consent"),
)
def nudge_consent(work: Work) -> None:
    """Remind of the permission after one day and after three; then a person calls."""
    number = _number(work)
    silent = FIRST_CONSENT if number == 1 else SECOND_CONSENT

    def following(unit: Unit) -> None:
        if number == 1:
            _next(unit, "nudge_consent", 2, SECOND_CONSENT)

    _nudge(work, CONSENT, "nudge_consent", silent, "M02", following)


@slow(
    "notices.nudge_records",
    words="the patient is reminded of the missing records",
    stopped="A patient was not reminded of the missing records",
    patient="The case waits for papers that nobody asks for again.",
    needs=("smtp", "store"),
    raises=notice_of("M04", "M05", asking="nudge_records"),
)
def nudge_records(work: Work) -> None:
    """Remind of what is missing, by name, three times at most; nothing named, nothing written."""
    number = _number(work)
    with work.reading() as session:
        template = _list_letter(work, session)

    def following(unit: Unit) -> None:
        if number < NUDGES:
            _next(unit, "nudge_records", number + 1, span_of(NUDGE_RECORDS))

    silent = FIRST_RECORDS if number == 1 else span_of(NUDGE_RECORDS)
    _nudge(work, COLLECTING, "nudge_records", silent, template, following)


@cheap(
    "notices.nudge_later",
    words="after new papers the next reminder of the rest is set",
    stopped="After new papers no reminder of the rest was set",
    patient="The case waits for the rest of the papers, and nobody asks for them again.",
    raises=Raises(requests=("nudge_records",)),
)
def nudge_later(unit: Unit) -> None:
    """A paper ends the reminder that was due; what is still missing is reminded of later, once."""
    if unit.case.state != COLLECTING:
        return
    unit.recorder.flush()
    waits = select(col(StepRun.id)).where(
        col(StepRun.case_id) == unit.case_id,
        col(StepRun.name) == "notices.nudge_records",
        col(StepRun.state) == "queued",
    )
    written = select(func.count()).where(
        col(Message.case_id) == unit.case_id,
        col(Message.template).in_(("M04", "M05")),
        col(Message.state) == "sent",
        col(Message.sent_at) >= unit.case.waiting_since,
    )
    number = max(unit.session.scalar(written) or 0, 1)
    if number <= NUDGES and unit.session.scalars(waits.limit(1)).first() is None:
        _next(unit, "nudge_records", number, span_of(NUDGE_RECORDS))


def _list_letter(work: Work, session: Session) -> str | None:
    """Return the letter that names what is awaited: what was asked for, or the general list."""
    case = get(session, Case, work.row.case_id or 0)
    asked = asked_now(session, work.row.case_id or 0)
    if asked is not None and asked.items:
        return "M05"
    playbook = work.world.playbooks.completeness
    if case.site not in playbook.profiles:
        return "M04"
    return "M04" if missing_codes(session, playbook, case, work.now.date()) else None


@slow(
    "notices.nudge_decision",
    words="the family is reminded of the offers that wait for their answer",
    stopped="A family was not reminded of the offers",
    patient="An offer may run out while the family thinks that there is time.",
    needs=("smtp", "store"),
    raises=notice_of(OFFERS_WAIT, asking="nudge_decision"),
)
def nudge_decision(work: Work) -> None:
    """Remind of the offers on days 3, 7 and 10, and before one runs out; each with its day."""
    number = _number(work)
    before_end = number == BEFORE_END
    with work.reading() as session:
        template = (
            OFFERS_WAIT if _offers_were_told(session, work.row.case_id or 0, work.now) else None
        )

    def following(unit: Unit) -> None:
        if 1 <= number < len(DECISION_DAYS):
            ahead = DECISION_DAYS[number] - DECISION_DAYS[number - 1]
            _next(unit, "nudge_decision", number + 1, timedelta(days=ahead))

    silent = timedelta() if before_end else timedelta(days=3)
    _nudge(work, DECISION, "nudge_decision", silent, template, following)


def _offers_were_told(session: Session, case_id: int, now: datetime) -> bool:
    """Return whether offers wait, the letter of all of them has left, and no reminder just now."""
    waiting = select(col(Offer.id)).where(
        col(Offer.case_id) == case_id, col(Offer.state) == "presented"
    )
    told = select(col(Message.state)).where(
        col(Message.case_id) == case_id,
        col(Message.template) == TELLS_OF_OFFERS,
        col(Message.state) != "cancelled",
    )
    newest = session.scalars(told.order_by(col(Message.id).desc()).limit(1)).first()
    just = select(col(Message.id)).where(
        col(Message.case_id) == case_id,
        col(Message.template) == OFFERS_WAIT,
        col(Message.state) == "sent",
        col(Message.sent_at) > now - APART,
    )
    found = [session.scalars(one.limit(1)).first() is not None for one in (waiting, just)]
    return newest == "sent" and found == [True, False]


def _number(work: Work) -> int:
    return int(work.row.objects.get(NUDGE, 1))


def _next(unit: Unit, request: str, number: int, ahead: timedelta) -> None:
    unit.request(request, {NUDGE: number}, due_at=unit.now + ahead)


def _nudge(
    work: Work, state: str, request: str, silent: timedelta, template: str | None, following: Then
) -> None:
    """Write the reminder when the family was silent for so long; else later, the same one."""
    number, case_id = _number(work), work.row.case_id or 0
    with work.reading() as session:
        case = get(session, Case, case_id)
        here, held_here = case.state == state, case.on_hold and case.history_state == state
        later = not_before(session, case_id, silent, work.now) or _bad_moment(session, work)
        ended = are_ended(session, case_id)
    if here and ended:
        with work.finishing() as unit:
            if number == BEFORE_END and template is not None:  # a last day is told by telephone
                unit.request("tell_patient", detail=template)
        return
    if here and later is None and template is not None:
        work.row.objects[NUDGE] = number
        send_letter(work, template, then=following)
        return
    with work.finishing() as unit:
        if here and later is not None:
            unit.request(request, {NUDGE: number}, due_at=later)
        elif held_here:  # its turn came as the hold began: it comes after it
            _next(unit, request, number, silent)
        elif here:
            following(unit)


def _bad_moment(session: Session, work: Work) -> datetime | None:
    """Return until when a reminder waits: for the morning, or because a letter has just left."""
    case_id = work.row.case_id or 0
    just = heard_just_now(session, case_id, work.now)
    return just or leaves_at(session, case_id, None, work.now)
