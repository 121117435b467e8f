"""The house that is simulated: the real engine on a real database, and everybody outside of it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused, MailUncertain
from adapters.storage import StorageError
from settings import Settings
from tests.simulation.acts import Act, Round, Story
from tests.simulation.checks import Checks, Wrong
from tests.simulation.life import Life, Trap
from tests.simulation.outside import Post, Reader, Store, Taken
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Unit, Work
from workflows.engine.world import World
from workflows.steps import STEPS

START = datetime(2027, 1, 11, 5, 0, tzinfo=UTC)
"""A Monday: 10:30 with the coordinators in Delhi, 8:00 in Nairobi."""
RECURRING = ("reminders.watch_cases", "reminders.watch_retention")
"""What the house looks after by itself, and the simulation starts when it means to."""
LAPS = 60
"""Kinds of steps that may become due at one moment, one after the other; beyond, it is a circle."""


class Killed(BaseException):
    """The worker is gone, as by `kill -9`: nothing after this runs."""


class StepBroken(RuntimeError):
    """A step that fails."""


_WHAT: Mapping[str, Callable[[], BaseException]] = {
    "refuses": lambda: MailRefused(permanent=True, code=550, stage="recipient"),
    "defers": lambda: MailRefused(permanent=False, code=451, stage="recipient"),
    "is away": lambda: MailRefused(permanent=False, code=None, stage="connect"),
    "hangs up": lambda: MailUncertain("SMTPServerDisconnected"),
    "fails": lambda: StorageError("timeout"),
    "breaks": StepBroken,
    "dies": Killed,
}
"""What a peer or a worker does, as the error that the engine sees."""
MOMENTS: Mapping[str, tuple[str, ...]] = {
    "post.talk": ("refuses", "defers", "is away", "dies", "meanwhile"),
    "post.text": ("hangs up", "dies"),
    "post.taken": ("hangs up", "dies"),
    "store.get": ("fails", "dies", "meanwhile"),
    "store.put": ("fails", "dies"),
    "reader": ("breaks", "dies", "meanwhile"),
    "step": ("breaks", "dies"),
}
"""Where something may happen, and what."""


@dataclass
class House:
    """One database with its lives. `act` is how an act is done (`doing.py`)."""

    settings: Settings
    engine: Engine
    do: Callable[["House", Life, Act], None]
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    lives: dict[int, Life] = field(default_factory=dict)
    at_work: int | None = None
    """The case whose row a worker works, or whose people act."""
    found: list[Wrong] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    """Cases of which something was done since the last look; 0: perhaps of any."""
    steps: int = 0
    """Rows that were worked."""

    def __post_init__(self) -> None:
        self.world = World(self.settings, engine=self.engine, clock=self.clock)
        self.post = Post(self.moment, self._took)
        self.store = Store(self.clock, self.moment)
        self.world.storage, self.world.mail_out = self.store, self.post
        self.world.reader = Reader(self.moment)
        self.runner = Runner(self.world, {name: self._watched(one) for name, one in STEPS.items()})
        self.checks = Checks(self)
        self._by_case: dict[int, Life] = {}

    def life(self, number: int) -> Life:
        """Return a life by its number."""
        return self.lives.setdefault(number, Life(number))

    def belongs(self, life: Life) -> None:
        """Remember which case a life has."""
        self._by_case[life.case_id] = life

    def of_case(self, case_id: int | None) -> Life | None:
        """Return whose case it is."""
        return self._by_case.get(case_id or 0)

    # moments

    def moment(self, name: str) -> None:
        """Let happen what waits for this moment of the life at work."""
        life = self.of_case(self.at_work)
        if life is None or not life.traps or life.traps[0].moment != name:
            return
        trap = life.traps[0]
        if trap.what == "meanwhile" and self._holds_anything():
            return
        trap.times -= 1
        if trap.times <= 0:
            life.traps.pop(0)
        self._spring(life, trap)

    def _spring(self, life: Life, trap: Trap) -> None:
        if trap.what != "meanwhile":
            raise _WHAT[trap.what]()
        before = self.at_work
        try:
            if trap.then is not None:
                self.acts(life, trap.then)
        finally:
            self.at_work = before

    def _holds_anything(self) -> bool:
        """Say whether this worker is in a transaction: nobody else could act on the case then."""
        return bool(self.engine.pool.checkedout())  # type: ignore[attr-defined]

    def _took(self, letter: Taken) -> None:
        life = self.of_case(self.at_work)
        if life is not None:
            self.checks.letter(life, letter)

    def _watched(self, step: Step) -> Step:
        """Return the step with its moments: the worker knows for whom it works."""
        cheap, slow = step.cheap, step.slow

        def cheaply(unit: Unit) -> None:
            assert cheap is not None
            self.touched.add(unit.row.case_id or 0)
            with self.working(unit.row.case_id):
                self.moment("step")
                cheap(unit)

        def slowly(work: Work) -> None:
            assert slow is not None
            self.touched.add(work.row.case_id or 0)
            with self.working(work.row.case_id):
                self.moment("step")
                slow(work)

        if cheap is not None:
            return replace(step, cheap=cheaply)
        return replace(step, slow=slowly)

    @contextmanager
    def working(self, case_id: int | None) -> Iterator[None]:
        """Say for whom somebody is at work."""
        before, self.at_work = self.at_work, case_id
        try:
            yield
        finally:
            self.at_work = before

    # what happens

    def tell(self, story: Story) -> None:
        """Let a story happen; raise `Wrong` at the first thing that must not be."""
        for one in story.rounds:
            self.round(one)
            if self.found:
                raise self.found[0]

    def round(self, one: Round) -> None:
        """Let one round happen."""
        self.passes(one.minutes)
        for number, done in one.acts:
            self.acts(self.life(number), done)
        if one.work:
            self.work(one.order)

    def passes(self, minutes: int) -> None:
        """Move the clock."""
        if minutes:
            self.clock.move(timedelta(minutes=minutes))

    def acts(self, life: Life, done: Act) -> None:
        """Let somebody act, and look at what it left."""
        if life.case_id in self.checks.ignored:
            return
        self.touched.add(life.case_id)
        with self.working(life.case_id):
            try:
                self.do(self, life, done)
            except Wrong as wrong:
                self.checks.note(wrong)
        self.look()

    def work(self, order: int = 0) -> None:
        """Work what is due until nothing is, and look after each kind of step."""
        self._leases_pass()
        for _ in range(LAPS):
            names = self.due(order)
            if not names:
                return
            worked = sum([self.drain(name) for name in names])
            if not worked and not self._park():
                return  # what is still due needs a peer that is away
        rows = self.rows(
            "SELECT name, case_id, state, attempt, fence, error_class FROM step_run"
            " WHERE state = 'running' OR state = 'queued' AND due_at <= :now",
            now=self.clock.now(),
        )
        raise Wrong("the workers go round in a circle", rows[0].case_id or 0, str(rows[:3]))

    def drain(self, name: str) -> int:
        """Work the due rows of a step; a worker that is killed leaves them to the next.

        Return how many were worked, one for the killed.
        """
        worked = 1
        try:
            worked = self.runner.drain(name)
        except Killed:
            self._leases_pass()  # nobody else is at work: whatever runs has lost its worker
        self.steps += worked
        self.at_work = None
        self.look()
        return worked

    def _park(self) -> int:
        """Do what the relay does: park what lost its worker too often; return how many."""
        lost = self.rows("SELECT case_id FROM step_run WHERE state = 'running'")
        if not lost:
            return 0
        self.touched.update(row.case_id or 0 for row in lost)
        self._leases_pass()
        parked = self.runner.park_lost()
        self.look()
        return parked

    def _leases_pass(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE step_run SET lease_until = 'epoch' WHERE state = 'running'")
            )

    def look(self) -> None:
        """Look whether all holds; what does not is found, and its case left alone from then on."""
        touched, self.touched = self.touched, set()
        for wrong in self.checks.look(touched):
            self.found.append(wrong)
            self.checks.ignored.add(wrong.case_id)
            if not wrong.case_id:
                raise wrong

    def due(self, order: int) -> list[str]:
        """Return the kinds of steps that are due, in an order drawn by a number."""
        with self.engine.connect() as connection:
            rows = connection.scalars(
                text(
                    "SELECT DISTINCT name FROM step_run WHERE state = 'running'"
                    " OR state = 'queued' AND due_at <= :now"
                ),
                {"now": self.clock.now()},
            )
            return sorted(rows, key=lambda name: _drawn(order, name))

    def close(self) -> None:
        """Close what the house holds open."""
        self.checks.close()

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), values))


def _drawn(order: int, name: str) -> bytes:
    """Return by what names are ordered: drawn anew by each number, the same for all lives."""
    return hashlib.sha256(f"{order} {name}".encode()).digest()
