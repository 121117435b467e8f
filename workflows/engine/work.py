"""What a step function is given, and how its results are committed.

A cheap step is a function of a `Unit`: it reads and records inside a transaction that it may share
with other rows of the same step. A slow step is a function of `Work`: it reads, then acts without
holding a transaction, then finishes in one that first checks that the row is still its own.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlmodel import Session, SQLModel

from models import Case
from models.database import transaction
from workflows.declared import NOTHING, Raises
from workflows.engine import claims
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow
from workflows.engine.record import Cause, Recorder
from workflows.events import SYSTEM, Actor, Event

if TYPE_CHECKING:
    from workflows.engine.world import World


class FenceLost(RuntimeError):
    """The row was taken over or stopped while we worked: nothing may be committed."""


class RetryLater(RuntimeError):
    """The step cannot be done now; run it again after `after` (business time)."""

    def __init__(self, code: str, after: timedelta) -> None:
        super().__init__(code)
        self.code = code
        self.after = after


class NotNow(RuntimeError):
    """The step has to wait for something else; run it again after `after`, as if not tried."""

    def __init__(self, code: str, after: timedelta) -> None:
        super().__init__(code)
        self.code = code
        self.after = after


@dataclass
class Unit:
    """One row being worked inside a transaction."""

    session: Session
    recorder: Recorder
    row: Claimed
    world: "World"
    now: datetime
    """When what it records became true: its case was locked by then."""

    def __post_init__(self) -> None:
        self.recorder.by = f"step {self.row.name}"

    @property
    def case_id(self) -> int:
        """The id of the row's case; ValueError for a step without one."""
        if self.row.case_id is None:
            raise ValueError(f"{self.row.name} runs for a case")
        return self.row.case_id

    @property
    def case(self) -> Case:
        """The locked case row."""
        return self.recorder.case(self.case_id)

    @property
    def cause(self) -> Cause:
        """What the events of this row name as their cause."""
        row = self.row
        return Cause(row.id, row.root_id, row.cause_event_id, row.again)

    def object_id(self, name: str) -> int:
        """Return the id of the object the row is about; KeyError when it has none."""
        return int(self.row.objects[name])

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
        *,
        actor: Actor = SYSTEM,
        occurred_at: datetime | None = None,
    ) -> str:
        """Record a fact on the row's case; return the event's id."""
        event = Event(type, payload or {}, objects or {}, actor, occurred_at)
        return self.recorder.record(self.case_id, event, self.cause)

    def request(
        self,
        name: str,
        objects: Mapping[str, Any] | None = None,
        *,
        detail: str | None = None,
        due_at: datetime | None = None,
    ) -> int | None:
        """Request what `ON_REQUEST` names, for the row's case if it has one; see `Recorder`."""
        return self.recorder.request(
            name,
            case_id=self.row.case_id,
            objects=objects,
            cause=self.cause,
            detail=detail,
            due_at=due_at,
        )


@dataclass
class Work:
    """One row of a slow step. `due_rows` collects what is to be rung for after the commit."""

    row: Claimed
    world: "World"
    now: datetime
    """When its work began. What it records became true later: see `Unit.now`."""
    due_rows: list[DueRow] = field(default_factory=list)
    make_way: Callable[[], bool] = lambda: False
    """Says whether what can give way should, for this process's sake; see `side_by_side.py`."""
    finish: Callable[[Recorder], bool] | None = None
    """Ends the row in another way than by itself: with what follows at once; see `at_once.py`."""
    committed: Callable[[Recorder], None] = lambda _: None
    """Told when the end of the row is committed."""

    def object_id(self, name: str) -> int:
        """Return the id of the object the row is about; KeyError when it has none."""
        return int(self.row.objects[name])

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a short session for looking things up."""
        with transaction(self.world.engine) as session:
            yield session

    def keep_what_was_read(self) -> None:
        """Have all that is committed by now on the disk, whoever committed it without waiting.

        Used between reading that something is wanted no more and removing it for good: else a crash
        of the database might bring the want back. Raises `FenceLost`.
        """
        with self.world.engine.begin() as connection:
            if not claims.renew(connection, self.row, self.world.settings.step_lease):
                raise FenceLost(self.row.name)

    @contextmanager
    def claiming(self) -> Iterator[Unit]:
        """Yield a unit whose work is committed without finishing the row.

        Used before an effect on the outside world: the claim must be durable first.
        Raises `FenceLost`.
        """
        with self._fenced() as unit:
            yield unit

    @contextmanager
    def finishing(self) -> Iterator[Unit]:
        """Yield a unit; at its end the row is done and everything commits. Raises `FenceLost`.

        What the table repeats is queued again, whatever became of this run.
        """
        with self._fenced() as unit:
            yield unit
            unit.recorder.repeat(self.row)
            finish = self.finish or (lambda recorder: recorder.finish([self.row]))
            if not finish(unit.recorder):
                raise FenceLost(self.row.name)
        self.committed(unit.recorder)

    @contextmanager
    def _fenced(self) -> Iterator[Unit]:
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, self.now)
            if self.row.case_id is not None:
                recorder.lock([self.row.case_id])
            if not claims.still_held(session, self.row):
                raise FenceLost(self.row.name)
            # Reading took minutes, or somebody held the case: the facts are of this moment.
            recorder.now = max(self.now, self.world.clock.now())
            yield Unit(session, recorder, self.row, self.world, recorder.now)
            due = recorder.flush()
        self.due_rows.extend(due)


CheapStep = Callable[[Unit], None]
SlowStep = Callable[[Work], None]


class StepRefused(ValueError):
    """A step that cannot be registered; the message says where it stands and what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step by its task name; exactly one of `cheap` and `slow` is given.

    Declared beside its function by `@cheap(...)` or `@slow(...)`; `workflows/steps.py` collects.
    """

    name: str
    cheap: CheapStep | None = None
    slow: SlowStep | None = None
    max_attempts: int | None = None
    """More tries than usual, for a step whose partner may be away for days."""
    needs: tuple[str, ...] = ()
    """The peers (smtp, imap, store) that a slow step reaches: while one is away, it waits."""
    to_team: bool = False
    """Whether it tells our own people: such a step goes on while its queue is held."""
    lanes: int = 0
    """Rows of one lane (`step_run.lane`) that a slow step works at once; 0: it has no lanes."""
    fair: bool = False
    """Whether rows of a slow step are worked in turn by case and source; see `fair.py`."""
    loads: tuple[type[SQLModel], str] | None = None
    """The table and the row's object that a cheap step reads first: a batch reads them together."""
    words: str = ""
    """What it does, for deadlines: "a silent hospital is reminded"."""
    stopped: str = ""
    """What the repair desk says when it did not run."""
    patient: str = ""
    """What that means for the patient."""
    raises: Raises = NOTHING
    ends: Mapping[str, str] = field(default_factory=dict)
    """Events that lead back to this step, each with the reason why that comes to an end."""

    @property
    def queue(self) -> str:
        """The Celery queue: the part of the name before the dot."""
        return self.name.split(".", 1)[0]

    @property
    def place(self) -> str:
        """Where its function stands: `workflows/journey/travel.py:24`."""
        function = self.cheap or self.slow
        code = getattr(function, "__code__", None)
        if code is None:
            return "an unknown place"
        module = str(getattr(function, "__module__", "")).replace(".", "/")
        return f"{module}.py:{code.co_firstlineno}"


class _Said(TypedDict, total=False):
    """What a step says of itself besides its name and words; the fields of `Step`."""

    max_attempts: int
    needs: tuple[str, ...]
    to_team: bool
    lanes: int
    fair: bool
    loads: tuple[type[SQLModel], str]
    raises: Raises
    ends: Mapping[str, str]


def cheap(
    name: str, *, words: str, stopped: str, patient: str, **said: Unpack[_Said]
) -> Callable[[CheapStep], Step]:
    """Declare a step that uses the database only; rows that are due are worked together."""
    return lambda function: Step(
        name, cheap=function, words=words, stopped=stopped, patient=patient, **said
    )


def slow(
    name: str, *, words: str, stopped: str, patient: str, **said: Unpack[_Said]
) -> Callable[[SlowStep], Step]:
    """Declare a step that reaches outside or computes for long; rows are worked one by one."""
    return lambda function: Step(
        name, slow=function, words=words, stopped=stopped, patient=patient, **said
    )
