"""Lists counted by parts: whatever happened since, they say what counting anew says."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Hospital, HumanTask, OutreachThread
from models.base import require_id
from models.case import URGENCIES
from models.database import snapshot, transaction
from tests.web.test_work_list import COLLEAGUE, COUNTRIES, ME, fill
from views import parts
from views.filters import CaseFilter, Mine, filter_of
from views.lists import list_cases, open_tasks
from views.open_lists import Lists
from workflows.engine.cache import FEW, PartsCache, RowsCache
from workflows.engine.world import World
from workflows.stages import STAGES

LIMIT = 7
MINE = Mine(ME, ("coordinator",))
FILTERS = (
    filter_of({}, mine=MINE),
    filter_of({"whose": "all"}, mine=MINE),
    filter_of({"late": "true", "urgency": "urgent"}, mine=MINE),
    filter_of({}),
    filter_of({"closed": "true"}),
    filter_of({"hospital": "H01", "waiting_on": "patient"}),
    filter_of({"mine": "true"}, ref=ME),
)


def shown(world: World, now: datetime, wanted: CaseFilter) -> tuple[object, ...]:
    """Everything that pages ask of the lists, by what the process has kept."""
    with snapshot(world.engine) as session:
        lists = Lists(session, world, now)
        return (
            lists.tasks(wanted, LIMIT),
            lists.cases(wanted, LIMIT),
            lists.task_facets(wanted),
            lists.case_facets(wanted),
            lists.counts((wanted, filter_of({"late": "true"})), tasks=True),
            lists.counts((wanted,), tasks=False),
        )


def plain(world: World, now: datetime, wanted: CaseFilter) -> tuple[object, ...]:
    """The rows by one query over all, as the command line asks."""
    with snapshot(world.engine) as session:
        return (
            open_tasks(session, now, wanted=wanted, limit=LIMIT),
            list_cases(session, now, wanted, limit=LIMIT),
        )


def act(session: Session, chance: random.Random, now: datetime) -> None:
    """Do one thing that facts do: to a case, its tasks or hospitals, or to a task of no case."""
    case = chance.choice(session.scalars(select(Case).order_by(col(Case.id))).all())
    tasks = session.scalars(select(HumanTask).where(col(HumanTask.state) == "open")).all()
    match chance.randrange(7):
        case 0:
            case.stage = chance.choice(tuple(STAGES))
            case.waiting_on = chance.choice(("patient", "hospital", "coordinator"))
        case 1:
            case.coordinator_ref = chance.choice((None, ME, COLLEAGUE))
        case 2:
            case.urgency = chance.choice(URGENCIES)
            case.residence_country = chance.choice((*COUNTRIES, None))
        case 3:
            case.closed_at = None if case.closed_at else now
        case 4 if tasks:
            task = chance.choice(tasks)
            task.state, case = "done", session.get_one(Case, task.case_id or case.id)
        case 5:
            asked = select(col(OutreachThread.hospital_id)).where(
                col(OutreachThread.case_id) == case.id
            )
            free = session.scalars(select(Hospital).where(col(Hospital.id).not_in(asked))).all()
            for hospital in free[:1]:
                case_id, hospital_id = require_id(case.id), require_id(hospital.id)
                session.add(OutreachThread(case_id=case_id, hospital_id=hospital_id, opened_at=now))
        case _:
            session.add(
                HumanTask(
                    case_id=chance.choice((case.id, None)),
                    kind="triage_inquiry",
                    role=chance.choice(("coordinator", "clinician", "team")),
                    due_at=now + timedelta(hours=chance.randint(-3, 3)),
                    opened_at=now,
                )
            )
    case.last_seq += 1  # as every fact does


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_acts_what_is_kept_says_what_counting_anew_says(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_NARROWEST", 2)
    fill(world, seed, cases=40)
    anew = World(world.settings, engine=world.engine, clock=world.clock)
    chance, now = random.Random(seed), world.clock.now()
    for _ in range(12):
        with transaction(world.engine) as session:
            for _ in range(chance.choice((1, 1, 2, 9))):
                act(session, chance, now)
        now += timedelta(hours=chance.choice((0, 0, 1)))
        wanted = chance.choice(FILTERS)
        for one in {wanted, FILTERS[0]}:
            for cache in ("parts_cache", "rows_cache", "cache"):
                anew.__dict__.pop(cache, None)
            kept = shown(world, now, one)
            assert kept == shown(anew, now, one)
            assert kept[:2] == plain(world, now, one)


def test_only_the_parts_that_changed_are_worked_out() -> None:
    asked: list[int | None] = []
    held = {part: part * 10 for part in range(9)}

    def work_out(part: int | None) -> Mapping[int, int]:
        asked.append(part)
        return held if part is None else {part: held[part]}

    cache = PartsCache(size=1)
    states = dict.fromkeys(held, "a")
    assert sum(cache.get(states, "sum", work_out, 0)) == 360 and asked == [None]
    assert sum(cache.get(states, "sum", work_out, 0)) == 360 and asked == [None]
    held[3] = 1
    states[3] = "b"
    assert sum(cache.get(states, "sum", work_out, 0)) == 331 and asked == [None, 3]
    del states[8]
    assert sum(cache.get(states, "sum", work_out, 0)) == 251, "what is gone counts no more"
    states |= dict.fromkeys(range(FEW + 1), "c")
    asked.clear()
    cache.get(states, "sum", work_out, 0)
    assert asked == [None], "many at once are one look at everything"
    cache.get(states, "other", work_out, 0)
    asked.clear()
    cache.get(states, "sum", work_out, 0)
    assert asked == [None], "no more is kept than fits"


def test_only_rows_of_changed_parts_are_read() -> None:
    read: list[str] = []

    def work_out(names: Sequence[str]) -> Sequence[str]:
        read.extend(names)
        return [name.upper() for name in names]

    cache = RowsCache(size=3)
    assert cache.get(["a1", "b1", "c1"], work_out) == ["A1", "B1", "C1"]
    read.clear()
    assert cache.get(["c1", "a1", "b2"], work_out) == ["C1", "A1", "B2"] and read == ["b2"]
    read.clear()
    assert cache.get(["b1"], work_out) == ["B1"] and read == ["b1"], "no more is kept than fits"
