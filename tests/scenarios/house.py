"""The whole house on real servers, worked from outside: a terminal, a clock, and mail.

Time stands still at START until `iort clock --forward` moves it. The machinery works whatever is
due, as relay and workers would, each time somebody has done something.
"""

import contextlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text

from cli.main import run
from tests.fixtures.reading import RememberingReader
from workflows.engine.business_clock import shift_of
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

START = datetime(2027, 1, 11, 5, 0, tzinfo=UTC)
"""A Monday: 10:30 with the coordinators in Delhi, 8:00 in Nairobi, 13:00 in Chengdu."""
_DUE = text(
    "SELECT DISTINCT name FROM step_run WHERE state = 'running'"
    " OR state = 'queued' AND due_at <= :now"
)


class StandingClock:
    """The business clock of a scenario: only its shift moves it, and only this process does."""

    def __init__(self, engine: Engine, refresh: float = 0.0) -> None:
        self._now = START + shift_of(engine)

    def now(self) -> datetime:
        return self._now

    def real_now(self) -> datetime:
        return datetime.now(UTC)


class House:
    """One running system with its own database, mailbox and bucket."""

    def __init__(self, world: World) -> None:
        world.clock = StandingClock(world.engine)
        world.reader = RememberingReader(world)
        self.world = world
        self.runner = Runner(world, STEPS)
        self.workers = True
        """False while the workers are away: what is due waits for them."""

    @property
    def now(self) -> datetime:
        """What time it is for cases."""
        return self.world.clock.now()

    def iort(self, *words: str, code: int = 0) -> str:
        """Run a command at the terminal; return what it prints, of a refused one the reason."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            got = run(list(words), words[0])
        assert got == code, f"exit {got}: iort {' '.join(words)}\n{out.getvalue()}{err.getvalue()}"
        return out.getvalue() if code == 0 else err.getvalue()

    def told(self, *words: str) -> Any:
        """Return what a command prints as JSON."""
        return json.loads(self.iort(*words, "--json"))

    def work(self) -> None:
        """Work every step that is due until nothing is."""
        while self.workers and self._round():
            pass

    def _round(self) -> int:
        return sum(self.runner.drain(name) for name in self._due())

    def forward(self, span: str) -> None:
        """Move the clock, then work what fell due."""
        self.iort("clock", "--forward", span)
        self.world.clock = StandingClock(self.world.engine)
        ensure_recurring(self.world)
        self.work()

    def days(self, count: int) -> None:
        """Let days pass one after the other, so that each does its own work."""
        for _ in range(count):
            self.forward("1d")

    def post(self) -> None:
        """Let a minute pass: the mailbox is read."""
        self.forward("1m")

    def _due(self) -> Iterator[str]:
        names = list(STEPS)
        while due := self._names_due() & set(names):
            name = next(name for name in names if name in due)
            yield name
            names = names[names.index(name) + 1 :]

    def _names_due(self) -> set[str]:
        with self.world.engine.connect() as connection:
            return set(connection.scalars(_DUE, {"now": self.now}))
