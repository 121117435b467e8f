"""The lists of one moment: rows, counts and saved views that belong together.

What is counted and chosen is kept for as long as nothing in the lists changes. No personal data.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

from sqlmodel import Session

from models.database import snapshot
from views.facets import NOTHING, Facets, case_facets, count_each, task_facets, together
from views.filters import CaseFilter, hospital_names
from views.first_rows import First, Key, first_cases, first_tasks, merged
from views.lists import CaseRow, TaskRow, case_rows, list_cases, open_tasks
from views.parts import Parts, Within, parts_now
from views.saved_views import default_view, saved_views
from views.shown import ShownView
from workflows.cases.assignments import staff_names
from workflows.engine.world import World

Value = TypeVar("Value")


class Lists:
    """The work list and the cases as they stand at one moment; `now` is the business clock."""

    def __init__(self, session: Session, world: World, now: datetime) -> None:
        self._session = session
        self._cache, self._kept, self._rows = world.cache, world.parts_cache, world.rows_cache
        self.now = now

    @cached_property
    def _parts(self) -> Parts:
        return parts_now(self._session, self.now)

    @property
    def state(self) -> str:
        """A code that is another one as soon as anything in the lists has changed."""
        return self._parts.whole

    def tasks(self, wanted: CaseFilter, limit: int) -> Sequence[TaskRow]:
        """Return the first `limit` open tasks that the filter leaves."""

        def work_out() -> Sequence[TaskRow]:
            first = partial(first_tasks, self._session, self.now, wanted, limit, self._parts)
            shown = merged(self._each_by_code(("first tasks", wanted, limit), first), limit)
            return self._rows.get(shown, rows)

        def rows(shown: Sequence[First]) -> Sequence[TaskRow]:
            return open_tasks(self._session, self.now, ids=[one.key[-1] for one in shown])

        return self._cache.get(self.state, ("tasks", wanted, limit), work_out)

    def cases(self, wanted: CaseFilter, limit: int, page: int = 1) -> Sequence[CaseRow]:
        """Return page `page` (from 1) of the cases that the filter leaves."""

        def work_out() -> Sequence[CaseRow]:
            if page > 1:
                skip = (page - 1) * limit
                return list_cases(self._session, self.now, wanted, limit=limit, offset=skip)
            first = partial(first_cases, self._session, self.now, wanted, limit, self._parts)
            shown = merged(self._each_by_code(("first cases", wanted, limit), first), limit)
            return self._rows.get(shown, rows)

        def rows(shown: Sequence[First]) -> Sequence[CaseRow]:
            told = [(-one.key[-3], one.key[-2], one.key[-1]) for one in shown]
            return case_rows(self._session, self.now, told)

        return self._cache.get(self.state, ("cases", wanted, page, limit), work_out)

    def task_facets(self, wanted: CaseFilter) -> Facets:
        """Return how many tasks each further choice would leave."""
        counted = partial(task_facets, self._session, self.now, wanted, self._parts)
        return together(self._each(("task facets", wanted), counted, NOTHING))

    def case_facets(self, wanted: CaseFilter) -> Facets:
        """Return how many cases each further choice would leave."""
        counted = partial(case_facets, self._session, self.now, wanted, self._parts)
        return together(self._each(("case facets", wanted), counted, NOTHING))

    def counts(self, wanted: tuple[CaseFilter, ...], *, tasks: bool) -> Sequence[int]:
        """Return how many open tasks (or cases) each filter leaves."""
        if not wanted:
            return []
        counted = partial(count_each, self._session, self.now, wanted, self._parts, tasks=tasks)
        nothing = (0,) * len(wanted)
        each = self._each(("counts", tasks, wanted), counted, nothing)
        return [sum(column) for column in zip(nothing, *each, strict=True)]

    def _each(
        self,
        name: Hashable,
        work_out: Callable[[Within | None], Mapping[int, Value]],
        nothing: Value,
    ) -> Sequence[Value]:
        """Return a value of each part: those that changed since are worked out anew."""
        parts = self._parts

        def of(part: int | None) -> Mapping[int, Value]:
            return work_out(None if part is None else parts.within(part))

        return self._kept.get(parts.states, (parts.shift, name), of, nothing)

    def _each_by_code(
        self, name: Hashable, first: Callable[[Within | None], Mapping[int, Sequence[Key]]]
    ) -> Mapping[str, Sequence[Key]]:
        """Return the first rows of each part, by a code that changes with it."""
        nothing: Sequence[Key] = ()
        return dict(zip(self._parts.codes, self._each(name, first, nothing), strict=True))

    def hospital_names(self, codes: Sequence[str]) -> dict[str, str]:
        """Return the names of hospitals by code."""
        return hospital_names(self._session, codes)

    def staff_names(self) -> Mapping[str, str]:
        """Return the user names of all accounts by pseudonym."""
        return staff_names(self._session)

    def default_view(self, user_id: int, place: str) -> ShownView | None:
        """Return the view that a list of this account opens with."""
        return default_view(self._session, user_id, place)

    def saved_views(self, user_id: int) -> list[ShownView]:
        """Return the account's views."""
        return saved_views(self._session, user_id)


@contextmanager
def lists_now(world: World) -> Iterator[Lists]:
    """Yield the lists; everything asked of them is of the same moment."""
    with snapshot(world.engine) as session:
        yield Lists(session, world, world.clock.now())
