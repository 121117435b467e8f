"""The lists in parts: ranges of the cases' numbers, each counted by itself.

A fact changes one case and so one part; what was counted of the others still holds. After a change
a list costs a part of it, and nobody writes anything for that. What is of no case is a part too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlmodel import Session, col

from models import Case, HumanTask

MOST = 64
"""Parts, about: the more there are, the less one costs, and the more is kept and added up."""
_NARROWEST = 8
_NO_CASE = -1


@dataclass(frozen=True, slots=True)
class Within:
    """One part: cases from number `low` to before `high`; without numbers what is of no case."""

    low: Any
    high: Any

    def holds(self, case_id: Any) -> ColumnElement[bool]:
        """Return the condition that a column of cases' numbers lies in it."""
        if self.low is None:
            condition: ColumnElement[bool] = case_id.is_(None)
            return condition
        return and_(case_id >= self.low, case_id < self.high)


NOW: ColumnElement[datetime] = bindparam("now", type_=DateTime(timezone=True))
_RANGE = Within(bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger))
_LOOSE = Within(None, None)


class Shape(Enum):
    """Of what a statement is: it is made once for each, and given a part's bounds each time."""

    EVERYTHING, RANGE, LOOSE = None, _RANGE, _LOOSE


def shape_of(within: Within | None) -> Shape:
    """Return the shape of the statements that ask about a part, or about all."""
    if within is None:
        return Shape.EVERYTHING
    return Shape.LOOSE if within.low is None else Shape.RANGE


def given(now: datetime, within: Within | None) -> dict[str, Any]:
    """Return the values of such a statement."""
    if within is None or within.low is None:
        return {"now": now}
    return {"now": now, "low": within.low, "high": within.high}


@dataclass(frozen=True)
class Parts:
    """Every part that has anything, with a code that is another one as soon as it changes."""

    shift: int
    """A case's number without so many of its lowest bits is the number of its part."""
    states: Mapping[int, str]

    @property
    def codes(self) -> Sequence[str]:
        """A code for each part, in the order of `states`, that holds which part it is."""
        return [f"{self.shift} {part} {state}" for part, state in self.states.items()]

    @cached_property
    def whole(self) -> str:
        """A short code that is another one as soon as anything in the lists has changed."""
        told = f"{self.shift} {sorted(self.states.items())}"
        return blake2b(told.encode(), digest_size=9).hexdigest()

    def within(self, number: int) -> Within:
        """Return which cases a part holds."""
        if number == _NO_CASE:
            return Within(None, None)
        return Within(number << self.shift, (number + 1) << self.shift)


def part_of(case_id: Any, shift: int) -> ColumnElement[int]:
    """Return the number of the part that a column of cases' numbers leads to."""
    # Written out: as parameters they would not be the same where a statement groups by them.
    bits: ColumnElement[int] = literal_column(str(shift))
    no_case: ColumnElement[int] = literal_column(str(_NO_CASE))
    return func.coalesce(case_id.op(">>")(bits), no_case)


def parts_now(session: Session, now: datetime) -> Parts:
    """Return the parts as they stand in this snapshot.

    Every fact about a case moves its `last_seq`; a task appears, is answered, or becomes late.
    """
    highest = session.scalar(select(func.max(col(Case.id)))) or 0
    shift = max(_NARROWEST, (highest // MOST).bit_length())
    number = part_of(col(Case.id), shift)
    cases = select(number, func.count(), func.sum(col(Case.last_seq))).group_by(number)
    number = part_of(col(HumanTask.case_id), shift)
    late = func.count().filter(col(HumanTask.due_at) < now)
    tasks = (
        select(number, func.count(), func.max(col(HumanTask.id)), late)
        .where(col(HumanTask.state) == "open")
        .group_by(number)
    )
    states: dict[int, str] = {}
    for query in (cases, tasks):
        for part, *told in session.execute(query):
            states[part] = "-".join([states.get(part, ""), *map(str, told)])
    return Parts(shift, states)
