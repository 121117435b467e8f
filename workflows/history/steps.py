"""History is signed every hour, and followed link by link every day: both by themselves."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlmodel import Session, col

from models import HistoryCheck, HumanTask
from models.database import snapshot
from workflows.declared import Raises
from workflows.engine.work import Work, slow
from workflows.history import heads
from workflows.history.checking import check_history, signers
from workflows.history.findings import Finding, Report

LOOK = "look_at_history"
HEALED = 3
"""Of so many of the newest heads it is made sure that the object store has them."""
VISITS_AT_ONCE = 2_000
"""Rows that go in one transaction: while they do, nothing is written to the audit."""
VISITS_TRANSACTIONS = 200
"""So many at most a day; the rest goes the next."""


@slow(
    "reminders.sign_history",
    words="where every chain of history stands is signed, and kept beside the database",
    stopped="It is not signed any more where history stands",
    patient="Nothing for the patient; what is rewritten now might not be found.",
    raises=Raises(),
)
def sign_history(work: Work) -> None:
    """Sign a head over all chains if one of them went on; put it into the object store."""
    storage = work.world.storage
    with snapshot(work.world.engine) as session:
        known = heads.since_full(session)
        claims, _ = heads.read_claims(known, signers(work.world))
        at = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        head = heads.make_head(session, signers(work.world)[0], at, claims)
    new = [head] if head is not None else []
    for one in new:
        with work.claiming() as unit:
            unit.session.add(one)
    for one in [*known[-HEALED:], *new]:
        if not heads.stored(storage, one):
            heads.store(storage, one)
    with work.finishing():
        pass


@slow(
    "reminders.check_history",
    words="it is looked whether history is as it was written",
    stopped="Nobody looks whether history is as it was written",
    patient="Nothing for the patient; what somebody rewrote would not be found.",
    raises=Raises(requests=(LOOK,)),
)
def check(work: Work) -> None:
    """Follow every chain; ask a lead about each thing that nobody was asked about before."""
    _drop_visits(work)
    report = check_history(work.world)
    with work.reading() as session:
        new = [one for one in _first_of_each(report) if not _is_asked(session, one)]
    for one in new:
        with work.claiming() as unit:
            exists = one.case_id is not None and one.kind != "gone"
            case_id = one.case_id if exists else None
            unit.recorder.request(LOOK, case_id=case_id, objects=_objects(one), detail=one.kind)
    with work.finishing() as unit:
        unit.session.add(_row(report))


def _drop_visits(work: Work) -> None:
    """Take away what visitors without a name left in the audit long ago."""
    keep = timedelta(days=work.world.process.policy.visits_days)
    statement = text("SELECT drop_visits(now() - CAST(:keep AS interval), :most)")
    for _ in range(VISITS_TRANSACTIONS):
        with work.claiming() as unit:
            values = {"keep": keep, "most": VISITS_AT_ONCE}
            if unit.session.execute(statement, values).scalar_one() < VISITS_AT_ONCE:
                return


def _first_of_each(report: Report) -> list[Finding]:
    """Return the first finding of each case or table: one question each."""
    first: dict[tuple[str, int | None], Finding] = {}
    for one in report.findings:
        first.setdefault((one.what, one.case_id), one)
    return list(first.values())


def _objects(one: Finding) -> dict[str, object]:
    place = one.place if one.place is not None else one.other
    return {"what": one.what, "place": place}


def _is_asked(session: Session, one: Finding) -> bool:
    """Say whether a person was asked about it, or has answered."""
    query = select(col(HumanTask.id)).where(
        col(HumanTask.kind) == LOOK,
        col(HumanTask.detail) == one.kind,
        col(HumanTask.objects) == _objects(one),
        col(HumanTask.state) != "cancelled",
    )
    query = query.where(
        col(HumanTask.case_id) == one.case_id
        if one.case_id is not None and one.kind != "gone"
        else col(HumanTask.case_id).is_(None)
    )
    return session.scalars(query.limit(1)).first() is not None


def _row(report: Report) -> HistoryCheck:
    return HistoryCheck(
        at=report.at,
        took_ms=report.took_ms,
        cases=report.cases,
        events=report.events,
        links=report.links,
        head_no=report.head_no,
        findings=[one.to_json() for one in report.findings],
    )
