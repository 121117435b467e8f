"""Whose turn it is: who used least, by source and case; a reading gives way to others."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import Document, Peer, PortalDraft, QueuePause, ReadingUse, StepRun
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tests.workflows.engine.test_runner import LEASE, SmallWorld, make_case, queue
from tests.workflows.queueing import queue_step
from workflows.engine import fair
from workflows.engine.record import Recorder
from workflows.process import Process

NAME = "extraction.of_this_test"


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock) -> Any:
    process = Process.load(PROJECT_ROOT / "playbooks")
    return SmallWorld(engine, settings, clock, process)


def turns(world: Any, most: int = 20) -> Iterator[int]:
    """Yield the cases in the order of their turns; each of them takes three seconds."""
    for _ in range(most):
        with transaction(world.engine) as session:
            rows = fair.claim_fairly(session, NAME, world.clock.now(), LEASE, 5)
        if not rows:
            return
        (row,) = rows
        assert row.case_id is not None
        with transaction(world.engine) as session:
            fair.note_use(session, row.case_id, world.clock.now(), 3.0)
            session.get_one(StepRun, row.id).state = "done"
        yield row.case_id


def from_place(world: Any, case_id: int, place: str) -> None:
    with transaction(world.engine) as session:
        session.add(
            PortalDraft(
                token_sha256=f"{case_id:064d}",
                seed="k1.x",
                place=place,
                case_id=case_id,
                expires_at=world.clock.now() + timedelta(days=30),
            )
        )


def used(world: Any, case_id: int, seconds: float, ago: timedelta = timedelta(0)) -> None:
    with transaction(world.engine) as session:
        fair.note_use(session, case_id, world.clock.now() - ago, seconds)


def test_who_sent_much_does_not_come_before_who_sent_little(world: Any) -> None:
    much, little = make_case(world, 1), make_case(world, 2)
    queue(world, much, 6, NAME)
    queue(world, little, 2, NAME)
    assert list(turns(world)) == [much, little, much, little, much, much, much, much]


def test_who_used_much_lately_waits_for_who_did_not(world: Any) -> None:
    heavy, other = make_case(world, 1), make_case(world, 2)
    used(world, heavy, 200)
    queue(world, heavy, 1, NAME)
    queue(world, other, 3, NAME)
    assert list(turns(world)) == [other, other, other, heavy]


def test_what_was_used_long_ago_no_longer_counts_and_is_forgotten(world: Any) -> None:
    heavy, other = make_case(world, 1), make_case(world, 2)
    used(world, heavy, 200, timedelta(hours=30))
    queue(world, heavy, 1, NAME)
    queue(world, other, 1, NAME)
    assert list(turns(world)) == [heavy, other]
    with Session(world.engine) as session:
        hours = session.scalars(select(col(ReadingUse.hour))).all()
    assert all(hour > world.clock.now() - timedelta(hours=2) for hour in hours)


def test_many_inquiries_from_one_address_are_one(world: Any) -> None:
    many = [make_case(world, number) for number in range(1, 6)]
    other = make_case(world, 9)
    for case_id in many:
        from_place(world, case_id, "ip:aaaa")
        queue(world, case_id, 1, NAME)
    queue(world, other, 2, NAME)
    assert list(turns(world)) == [many[0], other, many[1], other, *many[2:]]


def test_what_is_being_read_counts_before_it_is_over(world: Any) -> None:
    first, second = make_case(world, 1), make_case(world, 2)
    queue(world, first, 2, NAME)
    queue(world, second, 1, NAME)
    with transaction(world.engine) as session:
        (one,) = fair.claim_fairly(session, NAME, world.clock.now(), LEASE, 5)
    with transaction(world.engine) as session:
        (two,) = fair.claim_fairly(session, NAME, world.clock.now(), LEASE, 5)
    assert (one.case_id, two.case_id) == (first, second)


def sent(world: Any, case_id: int, size: int, begun: str | None = None) -> int:
    """A file of a case is to be read; return its document."""
    with transaction(world.engine) as session:
        document = Document(
            case_id=case_id, sha256=f"{size:064d}", object_key=f"original/{size}", size=size,
            file_name="x.pdf", channel="email", received_at=world.clock.now(),
            text_object_key=begun,
        )  # fmt: skip
        session.add(document)
        session.flush()
        number = require_id(document.id)
        recorder = Recorder(session, world.process, world.clock.now())
        queue_step(recorder, NAME, case_id, {"document_id": number})
        recorder.flush()
        return number


def test_of_one_case_the_shortest_comes_first_and_what_proved_long_last(world: Any) -> None:
    case_id = make_case(world, 1)
    large, small = sent(world, case_id, 9000), sent(world, case_id, 100)
    begun, middle = sent(world, case_id, 10, "text/x.json"), sent(world, case_id, 500)
    order = []
    for _ in range(4):
        with transaction(world.engine) as session:
            (row,) = fair.claim_fairly(session, NAME, world.clock.now(), LEASE, 5)
        order.append(row.objects["document_id"])
    assert order == [small, middle, large, begun]


def test_a_long_file_is_read_on_however_many_others_come(world: Any) -> None:
    long = make_case(world, 1)
    used(world, long, 30.0)
    queue(world, long, 1, NAME)
    for number in range(2, 200):
        queue(world, make_case(world, number), 1, NAME)
        (who,) = turns(world, 1)
        if who == long:
            break
        world.clock.move(timedelta(seconds=3))
    assert who == long and 60 < number < 150, "its thirty seconds are forgiven in three hundred"


def test_a_reading_gives_way_to_a_shorter_file_of_its_case_and_to_no_longer_one(world: Any) -> None:
    case_id, now = make_case(world, 1), world.clock.now()
    sent(world, case_id, 500)
    sent(world, case_id, 10, "text/x.json")
    with Session(world.engine) as session:
        assert fair.others_wait(session, NAME, case_id, 501, now)
        assert not fair.others_wait(session, NAME, case_id, 500, now)


@pytest.mark.parametrize("waits_for", ["a queue that is held", "a server that is away"])
def test_what_cannot_be_worked_now_is_given_no_way(world: Any, waits_for: str) -> None:
    one, other = make_case(world, 1), make_case(world, 2)
    name, now = "extraction.read_document", world.clock.now()
    queue(world, other, name=name)
    with Session(world.engine) as session:
        assert fair.others_wait(session, name, one, 1, now)
        if waits_for == "a queue that is held":
            row: Any = QueuePause(queue="extraction", reason="x", by_ref="U", paused_at=now)
        else:
            waits: Any = [name]
            row = Peer(name="store", away_since=now, steps=waits)
        session.add(row)
        session.flush()
        assert not fair.others_wait(session, name, one, 1, now)


def test_hours_to_come_do_not_count(world: Any) -> None:
    """A clock that was ahead left them: nobody waits for a year because of it."""
    ahead, other = make_case(world, 1), make_case(world, 2)
    used(world, ahead, 10.0, ago=timedelta(days=-400))
    used(world, other, 5.0)
    for case_id in (ahead, other):
        queue(world, case_id, name=NAME)
    assert list(turns(world)) == [ahead, other]


def test_a_slice_begins_with_the_first_new_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that takes long to open would be read by one page a go."""
    now = [0.0]
    monkeypatch.setattr("workflows.engine.fair.time.monotonic", lambda: now[0])
    part, calm = fair.Slice(lambda: True), fair.Slice(lambda: False)
    now[0] = 5 * fair.SLICE
    assert not part.gives_way()
    now[0] += fair.SLICE
    assert part.gives_way() and not calm.gives_way()
    assert part.seconds == 6 * fair.SLICE, "opening it is paid for"


def test_a_go_ends_after_two_minutes_though_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads for hours would lose hours when a worker dies, and count as hung."""
    now = [0.0]
    monkeypatch.setattr("workflows.engine.fair.time.monotonic", lambda: now[0])
    calm = fair.Slice(lambda: False)
    now[0] = fair.LONGEST
    assert not calm.gives_way()
    now[0] += 1
    assert calm.gives_way()
    assert Settings().hung_after.total_seconds() > 2 * fair.LONGEST
