"""Deaths, permissions taken back and ended links that an older backup does not know."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent
from workflows.cases.reported_facts import FactRefused, write_fact
from workflows.engine.record import Recorder
from workflows.events import Actor


def record_again(
    session: Session,
    recorder: Recorder,
    facts: Sequence[Mapping[str, Any]],
    links: Mapping[int, int],
) -> int:
    """Record the facts that the timelines do not have, and end links that were ended; return how
    many facts these were.

    What an open case gets is what a person would report: the table starts what follows.
    """
    known = set(
        session.scalars(
            select(col(CaseEvent.event_id)).where(
                col(CaseEvent.event_id).in_([str(one["event_id"]) for one in facts])
            )
        )
    )
    written = 0
    for one in facts:
        case_id = int(one["case"])
        case = recorder.case(case_id)
        if str(one["event_id"]) in known or case.erased_at is not None:
            continue
        at = datetime.fromisoformat(str(one["at"]))
        actor = Actor(str(one["actor_type"]), one["actor_ref"])
        try:
            write_fact(session, recorder, case_id, str(one["type"]), actor, one["payload"], at)
        except FactRefused:  # what is decided already is not asked for again
            continue
        written += 1
    for case_id, generation in links.items():
        found = session.get(Case, case_id)
        if found is not None and found.link_generation < generation:
            found.link_generation = generation
    return written
