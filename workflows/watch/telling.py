"""What is late is told to whoever is on duty, by a letter with counts and links and nothing else.

A letter leaves when something new is late, again once a day while it lasts, and never when nothing
is. It is written as it leaves, with how things stand then, and handed over as all letters are:
`sending` is committed before the mail server is spoken to, so no letter leaves twice; one of which
nobody knows whether it left is followed by another after `late_gather`, and two by one each
`late_again`. Who was refused counts as not reached, so that others hear.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from models import LateLetter, LateThing, User
from models.base import require_id
from models.lateness import LATE_KINDS
from settings import Settings
from workflows.declared import Raises
from workflows.engine import claims
from workflows.engine.passing import of_refusal
from workflows.engine.work import FenceLost, Unit, Work, cheap, slow
from workflows.letters.delivery import keep_trying
from workflows.letters.to_team import team_letter
from workflows.watch.late import look, on_duty, reached_roles, things_of

LETTER = "M58"
KEPT = timedelta(days=90)
WHERE: Mapping[str, str] = {
    "alarms": "/",
    "letters": "/repair",
    "steps": "/repair",
    "questions": "/?late=true&whose=all",
    "unworked": "/repair",
    "queues": "/queues",
    "limits": "/queues",
}
"""The page of the console on which each kind is seen to."""

_STRANDED = text(
    """
    UPDATE late_letter l
       SET state = CASE WHEN l.state = 'sending' THEN 'uncertain'
                        WHEN dead THEN 'refused' ELSE 'cancelled' END,
           told_at = CASE WHEN l.state = 'queued' AND dead THEN :now
                          ELSE coalesce(l.told_at, :now) END,
           told = CASE WHEN l.state = 'queued' THEN '[]' ELSE l.told END
      FROM (SELECT one.id, EXISTS (
              SELECT FROM step_run s WHERE s.name = :step AND s.state = 'dead'
                 AND CAST(s.objects ->> 'letter_id' AS bigint) = one.id) AS dead
              FROM late_letter one WHERE one.state IN ('queued', 'sending')) AS steps
     WHERE steps.id = l.id AND l.state IN ('queued', 'sending') AND NOT EXISTS (
       SELECT FROM step_run s WHERE s.name = :step AND s.state IN ('queued', 'running')
          AND CAST(s.objects ->> 'letter_id' AS bigint) = l.id)
    """
)
"""A letter whose step was given up, or stayed behind when a backup was put back.

One that failed until it was given up is refused and told nothing: the next would fail as well.
"""
_FORGET = text("DELETE FROM late_letter WHERE planned_at < :before")
_WAITING = ("queued", "sending")


@cheap(
    "reminders.look_late",
    words="it is looked what is late, and who has to hear of it",
    stopped="Nobody is told of what is late",
    patient="What waits for a person is seen only by who opens the console.",
    to_team=True,
    raises=Raises(requests=("tell_late",)),
)
def look_late(unit: Unit) -> None:
    """Bring the list up to date and write a letter to each person who is to hear of it now."""
    session, settings, now = unit.session, unit.world.settings, unit.now
    session.execute(_FORGET, {"before": now - KEPT})
    session.execute(_STRANDED, {"step": tell_late.name, "now": now})
    look(session, settings, now)
    things = session.scalars(select(LateThing)).all()
    people = on_duty(session, settings)
    reached = reached_roles(session, people)
    for person in people:
        if not person.email:
            continue
        heard = things_of(person, things, reached, settings, now)
        if heard and _is_time(_newest(session, person), heard, settings, now):
            letter = LateLetter(user_id=require_id(person.id), planned_at=now)
            session.add(letter)
            session.flush()
            unit.request("tell_late", {"letter_id": require_id(letter.id)})


def _newest(session: Session, person: User) -> Sequence[LateLetter]:
    """Return a person's last letter and the one before it, where there are such."""
    query = select(LateLetter).where(
        col(LateLetter.user_id) == person.id, col(LateLetter.state) != "cancelled"
    )
    return session.scalars(query.order_by(col(LateLetter.id).desc()).limit(2)).all()


def _is_time(
    newest: Sequence[LateLetter], heard: Mapping[int, bool], settings: Settings, now: datetime
) -> bool:
    if not newest:
        return True
    last = newest[0]
    if last.state in _WAITING or last.told_at is None:
        return False  # it tells how things stand when it leaves
    if last.told_at > now:
        return True  # by a clock that was ahead
    new = not heard.keys() <= set(last.told)
    if last.state == "refused":
        new = new and bool(last.told)  # one that could not be made told nothing
    if last.state == "uncertain":  # one more leaves soon; after two it is as if it was told
        new = new or [one.state for one in newest] != ["uncertain"] * 2
    return now >= last.told_at + (settings.late_gather if new else settings.late_again)


@slow(
    "notices.tell_late",
    words="a person on duty is told by e-mail what is late",
    stopped="A person on duty was not told what is late",
    patient="What waits for a person is seen only by who opens the console.",
    needs=("smtp",),
    to_team=True,
    raises=Raises(letters=(LETTER,)),
)
def tell_late(work: Work) -> None:
    """Hand one letter over, once. Raises `PeerAway` or `PutOff` when surely it was not taken."""
    letter_id = work.object_id("letter_id")
    raw, address = _claim(work, letter_id)
    if raw is None:
        with work.finishing() as unit:
            letter = unit.session.get(LateLetter, letter_id)
            if letter is not None and letter.state == "sending":
                letter.state = "uncertain"
        return
    sender, state = work.world.settings.mail_from, "sent"
    try:
        work.world.mail_out.deliver(raw, sender, [address], before_text=lambda: _still_ours(work))
    except MailUncertain:
        state = "uncertain"
    except MailRefused as refused:
        if not refused.permanent:
            with work.claiming() as unit:
                unit.session.get_one(LateLetter, letter_id).state = "queued"
            raise of_refusal(refused) from None
        state = "refused"
    keep_trying(lambda: _ends(work, letter_id, state))


def _ends(work: Work, letter_id: int, state: str) -> None:
    with work.finishing() as unit:
        letter = unit.session.get_one(LateLetter, letter_id)
        letter.state = state
        if state == "sent":  # what earlier ones told is compared with no more
            earlier = (col(LateLetter.user_id) == letter.user_id, col(LateLetter.id) < letter_id)
            unit.session.execute(update(LateLetter).where(*earlier).values(told=[]))


def _still_ours(work: Work) -> None:
    with work.world.engine.begin() as connection:
        if not claims.renew(connection, work.row, work.world.settings.step_lease):
            raise FenceLost(work.row.name)


def _claim(work: Work, letter_id: int) -> tuple[bytes | None, str]:
    """Write the letter and commit that it is on its way; nothing where it is not to leave."""
    with work.claiming() as unit:
        letter = unit.session.get(LateLetter, letter_id, with_for_update=True)
        if letter is None or letter.state != "queued":
            return None, ""
        person = unit.session.get_one(User, letter.user_id)
        heard, things = _heard(unit, person)
        letter.told_at = unit.now
        if not heard or not person.email:
            letter.state = "cancelled"
            return None, ""
        fields = _fields(unit, _last_told(unit.session, letter), heard, things)
        try:
            raw = team_letter(work, LETTER, fields, person.email, f"late-{letter_id}")
        except ValueError:  # an address that no letter can be written to
            letter.state, letter.told = "refused", sorted(heard)
            return None, ""
        letter.state, letter.told = "sending", sorted(heard)
        return raw, person.email


def _heard(unit: Unit, person: User) -> tuple[Mapping[int, bool], Sequence[LateThing]]:
    """Return what a person hears of now: nothing, when they are on duty no more."""
    people = on_duty(unit.session, unit.world.settings)
    if require_id(person.id) not in {one.id for one in people}:
        return {}, []
    things = unit.session.scalars(select(LateThing).order_by(col(LateThing.since))).all()
    reached = reached_roles(unit.session, people)
    heard = things_of(person, things, reached, unit.world.settings, unit.now)
    return heard, [one for one in things if one.id in heard]


def _last_told(session: Session, letter: LateLetter) -> set[int]:
    """Return what the person was told of before."""
    told = session.scalars(
        select(col(LateLetter.told)).where(
            col(LateLetter.user_id) == letter.user_id, col(LateLetter.state) == "sent"
        )
    )
    return {number for one in told for number in one}


def _fields(
    unit: Unit, before: set[int], heard: Mapping[int, bool], things: Sequence[LateThing]
) -> dict[str, Any]:
    settings = unit.world.settings
    public = settings.web_public_url.rstrip("/")
    counts = Counter(one.kind for one in things)
    new = Counter(one.kind for one in things if one.id not in before)
    return {
        "count": len(things),
        "lines": [
            {"kind": kind, "count": counts[kind], "new": new[kind], "link": public + WHERE[kind]}
            for kind in LATE_KINDS
            if counts[kind]
        ],
        "since": things[0].since,
        "zone": settings.coordinator_time_zone,
        "alone": sum(heard.values()),
        "hours": f"{settings.late_escalate / timedelta(hours=1):g}",
    }
