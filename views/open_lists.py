"""The lists of one moment: rows, counts and saved views that belong together.

What is counted and chosen is kept for as long as nothing in the lists changes. No personal data.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from models.database import snapshot
from views.filters import (
    CaseFilter,
    Facets,
    case_facets,
    count_each,
    hospital_names,
    lists_state,
    task_facets,
)
from views.lists import CaseRow, TaskRow, list_cases, open_tasks
from views.saved_views import default_view, saved_views
from views.shown import ShownView
from workflows.cases.assignments import staff_names
from workflows.engine.world import World


class Lists:
    """The work list and the cases as they stand at one moment; `now` is the business clock."""

    def __init__(self, session: Session, world: World, now: datetime) -> None:
        self._session = session
        self._cache = world.cache
        self.now = now

    @cached_property
    def state(self) -> str:
        """A code that is another one as soon as anything in the lists has changed."""
        return lists_state(self._session, self.now)

    def tasks(self, wanted: CaseFilter, limit: int) -> Sequence[TaskRow]:
        """Return the first `limit` open tasks that the filter leaves."""
        return self._cache.get(
            self.state,
            ("tasks", wanted),
            lambda: open_tasks(self._session, self.now, wanted=wanted, limit=limit),
        )

    def cases(self, wanted: CaseFilter, limit: int, page: int = 1) -> Sequence[CaseRow]:
        """Return page `page` (from 1) of the cases that the filter leaves."""
        offset = (page - 1) * limit
        return self._cache.get(
            self.state,
            ("cases", wanted, page),
            lambda: list_cases(self._session, self.now, wanted, limit=limit, offset=offset),
        )

    def task_facets(self, wanted: CaseFilter) -> Facets:
        """Return how many tasks each further choice would leave."""
        return self._cache.get(
            self.state,
            ("task facets", wanted),
            lambda: task_facets(self._session, self.now, wanted),
        )

    def case_facets(self, wanted: CaseFilter) -> Facets:
        """Return how many cases each further choice would leave."""
        return self._cache.get(
            self.state,
            ("case facets", wanted),
            lambda: case_facets(self._session, self.now, wanted),
        )

    def counts(self, wanted: tuple[CaseFilter, ...], *, tasks: bool) -> Sequence[int]:
        """Return how many tasks or cases each filter leaves."""
        return self._cache.get(
            self.state,
            ("counts", tasks, wanted),
            lambda: count_each(self._session, self.now, wanted, tasks=tasks),
        )

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
