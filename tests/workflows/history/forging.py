"""What tests of history share: time that passes, who rewrites, and what is said of it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from models import Erasure
from models.database import snapshot, transaction
from tests.fixtures.databases import connected
from tests.workflows.playing import Play
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.history import reading
from workflows.history.chains import content_of, link
from workflows.history.checking import check_history, refs_of
from workflows.history.findings import Report
from workflows.policy import Policy
from workflows.retention.blanking import blank_rows, forget_address
from workflows.steps import STEPS

SIGN, CHECK, LOOK = "reminders.sign_history", "reminders.check_history", "look_at_history"


def by_itself(play: Play, step: str) -> None:
    """Let time pass until a step runs by itself."""
    play.clock.move(timedelta(days=1))
    ensure_recurring(play.world)
    assert Runner(play.world, STEPS).drain(step) == 1


def look(play: Play) -> Report:
    return check_history(play.world)


def said(play: Play) -> list[str]:
    report = look(play)
    with transaction(play.world.engine) as session:
        return [one.in_words(refs_of(session, report.findings)) for one in report.findings]


def forge(play: Play, *statements: str, **values: Any) -> None:
    """Change what only a superuser can: with every trigger out of the way."""
    with connected(play.world.engine.url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode(), values or None)
        connection.execute("RESET session_replication_role")


def rehash(play: Play, start: int) -> None:
    """Chain a case's events anew from one of them, as who knows how it is done."""
    with snapshot(play.world.engine) as session:
        rows = dict(reading.events(session))[play.case_id]
    before = rows[start - 2].hash if start > 1 else b""
    for row in rows[start - 1 :]:
        before = link(before, row.head, content_of(row))
        forge(
            play,
            "UPDATE case_event SET hash = %(hash)s WHERE case_id = %(case)s AND seq = %(seq)s",
            hash=before, case=play.case_id, seq=row.seq,
        )  # fmt: skip


def erase_rows(play: Play) -> None:
    """Erase what the rows of the case hold, as an erasure that was decided does."""
    with transaction(play.world.engine) as session:
        session.add(
            Erasure(
                case_id=play.case_id,
                why="asked",
                policy_version=play.world.process.policy.version,
                decided_by="U-2",
                decided_at=play.clock.now(),
                wait_until=play.clock.now().date(),
            )
        )
        session.execute(text('UPDATE "case" SET erased_at = now()'))
        session.flush()
        blank_rows(session, Policy("none"), play.case_id, last=True)
        forget_address(play.world, session, play.case_id)
        session.execute(text("SELECT forget_address(:c, repeat('0', 32))"), {"c": play.case_id})
