"""What must hold after each step and each act, for every life of a house.

Each promise is looked at by queries of its own, not by those of `workflows/watch`: what both
misunderstood alike would be found by neither.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import psycopg

from tests.simulation import queries
from tests.simulation.coverage import Coverage
from tests.simulation.letters import of_letter
from tests.simulation.stated import invented
from tests.simulation.timeline import moves_wrongly, not_started, not_stopped
from workflows.process import Process

if TYPE_CHECKING:
    from tests.simulation.house import House
    from tests.simulation.life import Life
    from tests.simulation.outside import Taken


class Wrong(AssertionError):
    """Something that must not be. `what` names the promise, `case_id` whose it is (0: nobody's)."""

    def __init__(self, what: str, case_id: int, detail: str) -> None:
        super().__init__(f"{what}: {detail}")
        self.what, self.case_id, self.detail = what, case_id, detail


class Checks:
    """Looks at a house; remembers what it has looked at, so that each event is read once."""

    def __init__(self, house: "House") -> None:
        self.house = house
        self.process: Process = house.world.process
        self.seen: dict[int, int] = {}
        """By case the number of its newest event that was looked at."""
        self.places: dict[int, tuple[str, str]] = {}
        """By case its state and the state of its pathology, as its events say."""
        self.ids: dict[str, tuple[int, int]] = {}
        """By id of an event its case and number."""
        self.newest: dict[int, dict[str, Any]] = {}
        """By case its newest event of each type."""
        self.looks = 0
        self.coverage = Coverage()
        self.ignored: set[int] = set()
        """Cases of which something was found already."""
        self._found: list[Wrong] = []
        self._connection: psycopg.Connection | None = None

    def look(self, touched: Collection[int]) -> list[Wrong]:
        """Return what does not hold of the cases that were touched, at most one thing of a case."""
        cases = sorted({case for case in touched if case} - self.ignored)
        if not cases and not self._found:
            return []
        self.looks += 1
        found, self._found = self._found, []
        for what, case_id, detail in self._rows(queries.WRONG, {**queries.VALUES, "cases": cases}):
            found.append(Wrong(what, case_id or 0, detail or ""))
        found += self._events(cases)
        first: dict[int, Wrong] = {}
        for wrong in found:
            if wrong.case_id not in self.ignored:
                first.setdefault(wrong.case_id, wrong)
        return list(first.values())

    def note(self, wrong: Wrong) -> None:
        """Keep what was found in the middle of a step, for the next look."""
        self._found.append(wrong)

    def letter(self, life: "Life", letter: "Taken") -> None:
        """Look at a letter that the mail server took; what is wrong is raised by the next look."""
        try:
            found = list(of_letter(self.house, life, letter))
        except Exception as error:  # a step would take it for its own
            found = [("the letter could not be looked at", repr(error))]
        self._found += [Wrong(what, life.case_id, detail) for what, detail in found]

    def _events(self, cases: Sequence[int]) -> Iterator[Wrong]:
        seqs = [self.seen.get(case, 0) for case in cases]
        new = self._rows(queries.NEW_EVENTS, {"cases": cases, "seqs": seqs})
        if not new:
            return
        open_rows = self._rows(queries.OPEN_ROWS, {"cases": sorted({row.case_id for row in new})})
        made = self._rows(
            queries.MADE,
            {"cases": sorted({e.case_id for e in new}), "events": [e.event_id for e in new]},
        )
        for case_id, events in _by_case(new):
            yield from self._in_order(case_id, events)
            for event in events:
                yield from self._event(case_id, event)
            theirs = [row for row in open_rows if row.case_id == case_id]
            for detail in not_stopped(self.process, events, theirs, self.ids):
                yield Wrong("what a fact makes pointless goes on", case_id, detail)
            before = self.newest.setdefault(case_id, {})
            ours = [row for row in made if row.case_id == case_id]
            for detail in not_started(self.process, events, ours, before):
                yield Wrong("what a fact starts was not begun", case_id, detail)
            before.update((event.type, event) for event in events)

    def _in_order(self, case_id: int, events: Sequence[Any]) -> Iterator[Wrong]:
        first = self.seen.get(case_id, 0) + 1
        numbers = [event.seq for event in events]
        if numbers != list(range(first, first + len(numbers))):
            yield Wrong("the timeline has a gap", case_id, f"after {first - 1} come {numbers}")
        if events[0].last_seq != numbers[-1]:
            detail = f"last_seq is {events[0].last_seq}, the newest event {numbers[-1]}"
            yield Wrong("the timeline has a gap", case_id, detail)
        self.seen[case_id] = numbers[-1]

    def _event(self, case_id: int, event: Any) -> Iterator[Wrong]:
        self.ids[event.event_id] = (case_id, event.seq)
        detail = moves_wrongly(self.process.machine, self.places, event)
        if detail:
            yield Wrong("a case moves where no line leads", case_id, detail)
        life = self.house.of_case(case_id)
        if life is not None and (detail := invented(self.process, life, event)):
            yield Wrong("an event states what nobody said", case_id, detail)

    def _rows(self, query: str, values: dict[str, Any]) -> list[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self.house.settings.database_url.replace("+psycopg", ""),
                autocommit=True,
                row_factory=psycopg.rows.namedtuple_row,
                prepare_threshold=2,
            )
        return self._connection.execute(query.encode(), values).fetchall()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()


def _by_case(events: Sequence[Any]) -> Iterator[tuple[int, list[Any]]]:
    found: dict[int, list[Any]] = {}
    for event in events:
        found.setdefault(event.case_id, []).append(event)
    yield from found.items()
