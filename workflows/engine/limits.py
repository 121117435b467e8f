"""So many letters to one hospital, so many inquiries of one partner: what is over waits its turn.

A fault, or an act on hundreds of cases at once, must not fill the inbox of one receiver. Nothing is
lost or refused: the row is due again when there is room for it, each in the order in which they
came, and the console says until when. What protects somebody is never held: letters that ask to
delete or correct what a hospital holds, letters of cases that are not routine, and inquiries that
are urgent or speak of danger. Moments that a clock which was ahead wrote do not count.
The figures are settings; their defaults are the house's own, no hospital or partner asked for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import text
from sqlmodel import Session

from models import Message, OutreachThread
from settings import Settings
from workflows.engine.lookup import get
from workflows.engine.permissions import ASKS_TO_DELETE
from workflows.engine.work import NotNow, Unit

HOSPITAL_LIMIT, PARTNER_LIMIT = "HospitalLimit", "PartnerLimit"
HOSPITAL_HOURS = "HospitalHours"
"""Why a row waits, as `step_run.error_class` keeps it; the last: its hospital is closed."""
NOT_OPEN_YET = "CaseNotOpenYet"
"""Why what belongs to a case waits whose opening waits for a limit."""
NEVER_HELD = frozenset({ASKS_TO_DELETE, "M44"})
"""A permission or a case has ended; findings that a hospital holds are wrong."""
SEND, TAKE = "outreach.send_enquiry", "ingestion.take_hook"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SLACK = timedelta(minutes=5)
"""So far ahead another machine's clock may be; what is later was written by one that was wrong."""
DEALT = 500
"""So many turns of one receiver are looked at anew at once; those behind them come after."""
_LOCK = text("SELECT pg_advisory_xact_lock(:kind, hashtext(:receiver))")

# Letters of which nobody knows whether they arrived, and those on their way, may have. They count
# by the moment at which they were handed over, which is when their row came to its end.
LETTERS_HAD = """
    SELECT receiver, at FROM (
        SELECT t.hospital_id AS receiver,
               CASE WHEN m.state = 'sent' THEN m.sent_at
                    WHEN m.state = 'sending' OR s.state = 'running' THEN :now
                    ELSE coalesce(s.finished_at, s.due_at, m.approved_at) END AS at
          FROM message m JOIN outreach_thread t ON t.id = m.thread_id
          LEFT JOIN step_run s ON m.state = 'uncertain' AND s.id = m.sending_run
         WHERE m.direction = 'out' AND m.to_role = 'hospital'
           AND (m.state = 'sent' AND m.sent_at > :since OR m.state IN ('sending', 'uncertain'))
         ) handed WHERE at > :since AND at <= :until
"""
"""What every hospital had since a moment."""
_LETTERS = text(f"SELECT at FROM ({LETTERS_HAD}) had WHERE receiver = :receiver ORDER BY 1")  # noqa: S608
_LETTERS_AHEAD = text(
    """
    SELECT count(*) FROM step_run s
      JOIN message m ON m.id = CAST(s.objects ->> 'message_id' AS bigint)
      JOIN outreach_thread t ON t.id = m.thread_id
     WHERE s.name = :step AND s.state IN ('queued', 'running') AND s.error_class = :why
       AND m.state = 'queued' AND t.hospital_id = :receiver AND s.id < :own
    """
)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within an hour and within a day; 0: as many as come."""

    hour: int
    day: int

    def wait(self, taken: Sequence[datetime], ahead: int, now: datetime) -> timedelta:
        """Return how long one waits that has `ahead` others before it; `taken` are of the day."""
        return max(
            _wait(taken, ahead, now, most, span)
            for most, span in ((self.hour, HOUR), (self.day, DAY))
        )


def _wait(
    taken: Sequence[datetime], ahead: int, now: datetime, most: int, span: timedelta
) -> timedelta:
    """Return when there is room: each that left makes room for another when its span is over."""
    inside = sorted(at for at in taken if at > now - span)[-most:] if most else []
    if not most or len(inside) + ahead < most:
        return timedelta(0)
    turn = ahead - (most - len(inside))  # so many go before, into room that comes first
    later, place = divmod(turn, most)
    base = inside[place] if place < len(inside) else now
    return base + span * (later + 1) - now


def of_hospitals(settings: Settings) -> Limit:
    """Return how many letters one hospital gets."""
    return Limit(
        _given(settings, "hospital_letters_per_hour"), _given(settings, "hospital_letters_per_day")
    )


def _given(settings: Settings, name: str) -> int:
    """Return a figure; a rehearsal has none unless it names one."""
    rehearsed = settings.embedded and name not in settings.model_fields_set
    return 0 if rehearsed else int(getattr(settings, name))


def room_at_hospital(unit: Unit, message: Message) -> None:
    """Raise `NotNow` while a hospital has had as many letters as it gets; asked as one leaves.

    The caller commits that the letter is on its way in the same transaction: two workers that ask
    at once come one after the other.
    """
    limit = of_hospitals(unit.world.settings)
    if message.template in NEVER_HELD or message.thread_id is None or not (limit.hour or limit.day):
        return
    if unit.case.urgency != "routine":
        return
    session, now = unit.session, unit.now
    hospital = get(session, OutreachThread, message.thread_id).hospital_id
    session.execute(_LOCK, {"kind": 4147, "receiver": f"hospital {hospital}"})
    taken = _taken(session, SEND, hospital, now)
    own = {"step": SEND, "why": HOSPITAL_LIMIT, "receiver": hospital, "own": unit.row.id}
    ahead = session.execute(_LETTERS_AHEAD, own).scalar_one()
    _must_fit(limit.wait(taken, ahead, now), HOSPITAL_LIMIT)


def _must_fit(wait: timedelta, why: str) -> None:
    if wait > timedelta(0):
        raise NotNow(why, wait)


INQUIRIES_HAD = """
    SELECT source AS receiver, settled_at AS at FROM inbound_webhook
     WHERE state = 'done' AND kind = 'case.opened' AND settled_at > :since AND settled_at <= :until
"""
"""What was opened of every partner since a moment."""
_INQUIRIES = text(f"SELECT at FROM ({INQUIRIES_HAD}) had WHERE receiver = :receiver ORDER BY 1")  # noqa: S608
_INQUIRIES_AHEAD = text(
    """
    SELECT count(*) FROM step_run s
      JOIN inbound_webhook h ON h.id = CAST(s.objects ->> 'hook_id' AS bigint)
     WHERE s.name = :step AND s.state = 'queued' AND s.error_class = :why
       AND h.source = :receiver AND s.id < :own
    """
)
_HURRY = text(
    """
    UPDATE step_run s SET due_at = :now, rung_at = NULL,
           objects = s.objects || CAST('{"urgent": true}' AS jsonb)
      FROM inbound_webhook h
     WHERE h.source = :receiver AND h.promised_ref = :ref AND h.state = 'received'
       AND s.name = :step AND s.state = 'queued' AND s.error_class = :why
       AND h.id = CAST(s.objects ->> 'hook_id' AS bigint)
    """
)


def of_partners(settings: Settings) -> Limit:
    """Return how many inquiries of one partner are opened."""
    return Limit(
        _given(settings, "partner_inquiries_per_hour"),
        _given(settings, "partner_inquiries_per_day"),
    )


def room_for_partner(
    session: Session, settings: Settings, source: str, run_id: int, now: datetime
) -> None:
    """Raise `NotNow` while so many inquiries of a partner were opened as are in a time.

    Asked before anything is done, and once more in the transaction that opens the case.
    """
    limit = of_partners(settings)
    if not (limit.hour or limit.day):
        return
    session.execute(_LOCK, {"kind": 4148, "receiver": source})
    taken = _taken(session, TAKE, source, now)
    own = {"receiver": source, "step": TAKE, "why": PARTNER_LIMIT, "own": run_id}
    ahead = session.execute(_INQUIRIES_AHEAD, own).scalar_one()
    _must_fit(limit.wait(taken, ahead, now), PARTNER_LIMIT)


def let_through(session: Session, source: str, ref: str, now: datetime) -> None:
    """Open a case now that waits for its partner's limit: somebody in it may be in danger."""
    values = {"receiver": source, "ref": ref.upper(), "now": now}
    session.execute(_HURRY, {**values, "step": TAKE, "why": PARTNER_LIMIT})


_OPENING = text(
    """
    SELECT due_at FROM step_run WHERE name = :step AND state = 'queued'
       AND CAST(objects ->> 'hook_id' AS bigint) = :opening LIMIT 1
    """
)
_WAITS_WITH = text(
    """
    UPDATE step_run
       SET objects = objects || jsonb_build_object('waits_for', CAST(:opening AS bigint))
     WHERE id = :id
    """
)
# Brought nearer with its opening, or at once where the opening is done, refused or gone.
_FOLLOW = text(
    """
    UPDATE step_run s SET due_at = turn.at, rung_at = NULL
      FROM (SELECT w.id, greatest(o.due_at, :now) AS at FROM step_run w
              LEFT JOIN step_run o ON o.name = :step AND o.state = 'queued'
               AND o.objects -> 'hook_id' = w.objects -> 'waits_for'
             WHERE w.name = :step AND w.state = 'queued' AND w.error_class = :why
               AND w.due_at > greatest(o.due_at, :soon)
             ORDER BY w.id LIMIT :most FOR UPDATE OF w SKIP LOCKED) turn
     WHERE s.id = turn.id
    """
)


def opening_turn(session: Session, opening: int) -> datetime | None:
    """Return when the delivery is worked that opens a case; None where nothing says it."""
    return session.scalars(_OPENING, {"step": TAKE, "opening": opening}).first()


def waits_with(session: Session, run_id: int, opening: int) -> None:
    """Write down which delivery a row waits for, so that it is brought nearer with that one."""
    session.execute(_WAITS_WITH, {"id": run_id, "opening": opening})


def window(now: datetime) -> dict[str, datetime]:
    """Return the moments between which something counts against a limit."""
    return {"now": now, "since": now - DAY, "until": now + SLACK}


def _taken(session: Session, step: str, receiver: int | str, now: datetime) -> Sequence[datetime]:
    """Return when a receiver had what, within the last day, oldest first."""
    span = {"receiver": receiver, **window(now)}
    if step == SEND:
        return session.scalars(_LETTERS, span).all()
    return session.scalars(_INQUIRIES, span).all()


_QUEUES = {
    SEND: text(
        """
        SELECT receiver, id FROM (
            SELECT t.hospital_id AS receiver, s.id,
                   row_number() OVER (PARTITION BY t.hospital_id ORDER BY s.id) AS place
              FROM step_run s JOIN message m ON m.id = CAST(s.objects ->> 'message_id' AS bigint)
              JOIN outreach_thread t ON t.id = m.thread_id
             WHERE s.name = :step AND s.state = 'queued' AND s.error_class = :why
             ) waiting WHERE place <= :most ORDER BY 1, 2
        """
    ),
    TAKE: text(
        """
        SELECT receiver, id FROM (
            SELECT h.source AS receiver, s.id,
                   row_number() OVER (PARTITION BY h.source ORDER BY s.id) AS place
              FROM step_run s JOIN inbound_webhook h
                ON h.id = CAST(s.objects ->> 'hook_id' AS bigint)
             WHERE s.name = :step AND s.state = 'queued' AND s.error_class = :why
             ) waiting WHERE place <= :most ORDER BY 1, 2
        """
    ),
}
# A row that somebody works or stops just now is passed by: nothing waits for another here.
_MOVE_UP = text(
    """
    UPDATE step_run s SET due_at = turn.at, rung_at = NULL
      FROM (SELECT id FROM step_run WHERE id = ANY(:ids) AND state = 'queued'
             AND error_class = :why FOR UPDATE SKIP LOCKED) own
      JOIN unnest(CAST(:ids AS bigint[]), CAST(:turns AS timestamptz[])) turn(id, at)
        ON turn.id = own.id
     WHERE s.id = own.id AND s.due_at > turn.at
    """
)


def move_up(session: Session, settings: Settings, now: datetime) -> None:
    """Bring nearer the turns of those that wait, where those before them are gone or limits rose.

    A turn is when a row asks again: whether there is room is seen then, under the lock.
    """
    kinds = ((SEND, HOSPITAL_LIMIT, of_hospitals), (TAKE, PARTNER_LIMIT, of_partners))
    for step, why, limit_of in kinds:
        waiting = session.execute(_QUEUES[step], {"step": step, "why": why, "most": DEALT}).all()
        for receiver, rows in groupby(waiting, key=lambda one: one.receiver):
            ids = [one.id for one in rows]
            taken, limit = _taken(session, step, receiver, now), limit_of(settings)
            turns = [now + limit.wait(taken, ahead, now) for ahead in range(len(ids))]
            session.execute(_MOVE_UP, {"ids": ids, "turns": turns, "why": why})
    named = {"step": TAKE, "why": NOT_OPEN_YET, "most": DEALT}
    session.execute(_FOLLOW, {**named, "now": now, "soon": now + timedelta(minutes=1)})
