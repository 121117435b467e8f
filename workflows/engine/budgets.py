"""When somebody has sent as much as one may in a day: a person is asked once, and may give more.

What a source is: a case, the keyed hash of the address from which inquiries are begun, or that of
who writes letters. Nothing here names anybody. Strangers cannot fill the lists: of a day's
addresses of inquiries the first `STRANGERS` are asked about one by one, all others together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlmodel import Session, col

from models import HumanTask, SpentBudget
from models.base import require_id
from workflows.engine.record import Recorder

ASK = "budget_spent"
HELD_FILES = "ingestion.take_held_files"
"""The step that takes what waits in letters."""
DAY = timedelta(days=1)
KEPT = timedelta(days=30)
STRANGERS = 20
OTHERS = "others"

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('spent budget', 0))")


@dataclass(frozen=True, slots=True)
class Source:
    """Whose budget it is: `key` as `SpentBudget.source`, the door, and the case if it is one."""

    key: str
    door: str
    case_id: int | None = None


def case_source(case_id: int) -> Source:
    """Return the source of what comes by the page of a case."""
    return Source(f"page of {case_id}", "page", case_id)


def lifts(session: Session, source: Source, now: datetime) -> int:
    """Return how often a source was given as much once more within a day."""
    given = select(func.coalesce(func.sum(col(SpentBudget.lifts)), 0)).where(
        col(SpentBudget.source) == source.key, col(SpentBudget.lifted_at) > now - DAY
    )
    return int(session.scalar(given) or 0)


def standing(session: Session, source: Source, now: datetime) -> SpentBudget | None:
    """Return what was held back of a source within a day; None where nothing was."""
    return session.scalars(
        select(SpentBudget)
        .where(col(SpentBudget.source) == source.key, col(SpentBudget.began_at) > now - DAY)
        .order_by(col(SpentBudget.id).desc())
        .limit(1)
    ).first()


def note_spent(
    recorder: Recorder, source: Source, why: str, files: int, size: int, now: datetime
) -> SpentBudget:
    """Write down that `files` of `size` bytes were held back, and ask a person if it is news.

    `now` is the database's time. A source is asked about once a day, and once more after each lift.
    """
    session = recorder.session
    if source.case_id is not None:
        recorder.lock([source.case_id])  # before the other lock, as everybody does
    session.execute(_LOCK)
    spent = standing(session, source, now)
    if spent is None and source.door == "inquiry" and _strangers(session, now) >= STRANGERS:
        source = Source(OTHERS, source.door)
        spent = standing(session, source, now)
    if spent is None:
        spent = SpentBudget(
            case_id=source.case_id, source=source.key, door=source.door, began_at=now, last_at=now
        )
        session.add(spent)
    spent.refused += files
    spent.refused_bytes += size
    spent.last_at = now
    if spent.asked <= spent.lifts:
        spent.asked = spent.lifts + 1
        session.flush()
        objects = {"budget_id": require_id(spent.id)}
        recorder.request(ASK, case_id=source.case_id, objects=objects, detail=why)
    return spent


def forget_spent(session: Session, now: datetime) -> None:
    """Drop what is older than a month and asked about no more."""
    asked = select(col(HumanTask.objects)["budget_id"].as_integer()).where(
        col(HumanTask.kind) == ASK, col(HumanTask.state) == "open"
    )
    session.execute(
        delete(SpentBudget).where(
            col(SpentBudget.last_at) < now - KEPT, col(SpentBudget.id).not_in(asked)
        )
    )


def _strangers(session: Session, now: datetime) -> int:
    return int(
        session.scalar(
            select(func.count())
            .select_from(SpentBudget)
            .where(col(SpentBudget.door) == "inquiry", col(SpentBudget.began_at) > now - DAY)
        )
        or 0
    )
